//! What the peer asks inside a call that is up: hold and resume, keys by INFO, refreshes, goodbye.
//! Requests outside of calls are `sip::incoming`; what we ask ourselves is `sip::dialog`.

use super::call::{CallEvent, EndReason, EndedBy, Reoffer};
use super::dialog::{Dialog, contact_of_ours, sdp_mark};
use super::incoming::{Came, capabilities, described, reply, tell_answer};
use super::key_info::key_in;
use super::message::Answer;
use super::refresh::Asked;
use super::sdp::Sdp;
use super::settings::REFRESH_S_MIN;
use super::wire::Message;
use rsipstack::sip::SipMessage;
use rsipstack::transaction::Transaction;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long the owner of a call may think about a change before it is refused.
const REOFFER_ANSWER: Duration = Duration::from_secs(5);

/// One request inside a call.
pub(crate) async fn serve(dialog: Arc<Dialog>, transaction: Transaction, came: Came, message: &Message<'_>) {
    let stack = dialog.stack.clone();
    let Some((number, method)) = message.cseq() else { return };
    // RFC 3261 12.2.2: a number that does not grow is an old request: 500.
    let in_order = dialog.with(|state| {
        let in_order = state.remote_cseq.is_none_or(|last| number > last);
        if in_order {
            state.remote_cseq = Some(number);
        }
        in_order
    });
    if !in_order {
        return reply(&stack, transaction, &came, Answer::new(500)).await;
    }
    let answer = match method {
        "BYE" => {
            reply(&stack, transaction, &came, Answer::new(200)).await;
            dialog.end(EndedBy::Peer, EndReason::HungUp);
            return;
        }
        "INVITE" => return change(dialog, transaction, came, message).await,
        "UPDATE" => return update(dialog, transaction, came, message).await,
        "OPTIONS" => capabilities(),
        "INFO" => info(&dialog, message),
        "REFER" => Answer::new(603),
        _ => Answer::new(405),
    };
    reply(&stack, transaction, &came, answer).await;
}

fn info(dialog: &Dialog, message: &Message<'_>) -> Answer {
    // RFC 6086: packages are agreed on with Recv-Info, and we agree on none; the older keys use has no package.
    if message.header("info-package").is_some() {
        return Answer::new(469).row("Recv-Info:");
    }
    if message.body.is_empty() {
        return Answer::new(200);
    }
    match key_in(message.header("content-type").unwrap_or_default(), message.body) {
        Ok(key) => {
            if let Some(key) = key {
                dialog.tell(CallEvent::Digit(key));
            }
            Answer::new(200)
        }
        Err(_) => Answer::new(415).row("Accept: application/dtmf-relay, application/dtmf"),
    }
}

/// What a change came to.
enum Outcome {
    Answered(Option<String>),
    Refused(Box<Answer>),
}

/// re-INVITE: in a task of its own, since the owner may think and the ACK must be awaited.
async fn change(dialog: Arc<Dialog>, transaction: Transaction, came: Came, message: &Message<'_>) {
    let stack = dialog.stack.clone();
    let refused = dialog.with(|state| {
        if state.inviting {
            return Some(Answer::new(491));
        }
        if state.invited {
            // RFC 3261 14.2: a second one before the first is answered.
            return Some(Answer::new(500).row("Retry-After: 2"));
        }
        state.invited = true;
        None
    });
    if let Some(refused) = refused {
        return reply(&stack, transaction, &came, refused).await;
    }
    let asked = Asked::of(message);
    let content = match described(message) {
        Ok(content) => content.map(<[u8]>::to_vec),
        Err(answer) => {
            dialog.with(|state| state.invited = false);
            return reply(&stack, transaction, &came, *answer).await;
        }
    };
    if asked.is_too_short() {
        dialog.with(|state| state.invited = false);
        return reply(&stack, transaction, &came, Answer::new(422).row(format!("Min-SE: {REFRESH_S_MIN}"))).await;
    }
    dialog.retarget(message);
    stack.runtime.spawn(change_task(dialog, transaction, came, asked, content));
}

async fn change_task(
    dialog: Arc<Dialog>,
    mut transaction: Transaction,
    came: Came,
    asked: Asked,
    content: Option<Vec<u8>>,
) {
    let stack = dialog.stack.clone();
    let trying = came.wrapped(&stack, &transaction.original, &Answer::new(100));
    let _ = transaction.respond(trying).await;
    let no_offer = content.is_none();
    let outcome = propose(&dialog, content.as_deref()).await;
    dialog.with(|state| state.invited = false);
    let answer = match outcome {
        Outcome::Refused(answer) => *answer,
        Outcome::Answered(sdp) => accepted(&dialog, &came, asked, sdp),
    };
    let ok = answer.status == 200;
    let response = came.wrapped(&stack, &transaction.original, &answer);
    if transaction.respond(response).await.is_err() {
        return;
    }
    if let Some(SipMessage::Request(request)) = transaction.receive().await
        && ok
        && no_offer
    {
        tell_answer(&dialog, &request.body);
    }
}

async fn update(dialog: Arc<Dialog>, transaction: Transaction, came: Came, message: &Message<'_>) {
    let stack = dialog.stack.clone();
    let asked = Asked::of(message);
    let content = match described(message) {
        Ok(content) => content.map(<[u8]>::to_vec),
        Err(answer) => return reply(&stack, transaction, &came, *answer).await,
    };
    if asked.is_too_short() {
        return reply(&stack, transaction, &came, Answer::new(422).row(format!("Min-SE: {REFRESH_S_MIN}"))).await;
    }
    // RFC 3311 5.2: an offer while another offer is open.
    if content.is_some() && dialog.with(|state| state.inviting || state.invited) {
        return reply(&stack, transaction, &came, Answer::new(491)).await;
    }
    dialog.retarget(message);
    if content.is_none() {
        let answer = accepted(&dialog, &came, asked, None);
        return reply(&stack, transaction, &came, answer).await;
    }
    stack.runtime.clone().spawn(async move {
        let answer = match propose(&dialog, content.as_deref()).await {
            Outcome::Refused(answer) => *answer,
            Outcome::Answered(sdp) => accepted(&dialog, &came, asked, sdp),
        };
        reply(&stack, transaction, &came, answer).await;
    });
}

/// Asks the owner about a proposed description. The same description as before is a refresh: answered as before.
async fn propose(dialog: &Arc<Dialog>, content: Option<&[u8]>) -> Outcome {
    let (mark, current) = dialog.with(|state| (state.remote_sdp_mark, state.local_sdp.to_string()));
    let Some(content) = content else { return Outcome::Answered(Some(current)) };
    if sdp_mark(content) == mark {
        return Outcome::Answered(Some(current));
    }
    let Ok(offer) = Sdp::parse(content) else { return Outcome::Refused(Box::new(Answer::new(400))) };
    let (sender, receiver) = oneshot::channel();
    dialog.tell(CallEvent::Reoffer(Box::new(Reoffer { offer, reply: sender })));
    match tokio::time::timeout(REOFFER_ANSWER, receiver).await {
        Ok(Ok(Some(sdp))) => {
            dialog.with(|state| {
                state.remote_sdp_mark = sdp_mark(content);
                state.local_sdp = sdp.clone().into();
            });
            Outcome::Answered(Some(sdp))
        }
        _ => Outcome::Refused(Box::new(Answer::new(488))),
    }
}

fn accepted(dialog: &Dialog, came: &Came, asked: Asked, sdp: Option<String>) -> Answer {
    let (refresh, rows) = asked.agreed(dialog.stack.settings.refresh_every, Instant::now());
    dialog.with(|state| state.refresh = refresh.or(state.refresh));
    let mut answer = Answer::new(200).row(format!("Contact: {}", contact_of_ours(&came.flow)));
    answer.rows.extend(rows);
    answer.body = sdp;
    answer
}
