//! What the test telephone asks of the other side: to talk, to change the sound, to hear a key, to end.
//! When it asks is left to `call`.

use std::net::SocketAddr;

use tokio::time::Instant;

use super::{Call, ClientTransaction, GIVE_UP, INFO_KEY_MS, Repeat, State};
use crate::phone::dialog::fresh_name;
use crate::phone::message::{Message, Start};
use crate::phone::offer::FarSound;
use crate::phone::transcript::{HungUpBy, PhoneEvent};

impl Call {
    pub(super) async fn invite(&mut self, why: &'static str) {
        let body = self.own.to_bytes();
        self.request("INVITE", why, Some(("application/sdp", body))).await;
    }

    pub(super) async fn request(&mut self, method: &'static str, why: &'static str, body: Option<(&str, Vec<u8>)>) {
        self.dialog.cseq += 1;
        let cseq = self.dialog.cseq;
        let branch = format!("z9hG4bK{}", fresh_name());
        let mut message = self.dialog.request(method, cseq, &branch);
        if let Some((kind, body)) = body {
            message = message.with_body(kind, body);
        }
        // The request that opens a dialog goes to whom was dialled.
        let to = if self.state == State::Calling { self.dialog.peer } else { self.dialog.destination() };
        self.outbox.send(&message.to_bytes(), to).await;
        let now = Instant::now();
        let repeat = Repeat::starting(now, self.outbox.repeats());
        let deadline = now + GIVE_UP;
        self.client.push(ClientTransaction {
            method,
            cseq,
            branch,
            message,
            to,
            repeat,
            deadline,
            provisional: false,
            why,
        });
    }

    /// RFC 3261 §9.1: not before a provisional response, with the INVITE's own branch and number.
    pub(super) async fn cancel(&mut self) {
        let Some(invite) = self.client.iter().find(|one| one.method == "INVITE" && one.provisional) else { return };
        let (cseq, branch, to) = (invite.cseq, invite.branch.clone(), invite.to);
        let message = self.dialog.request("CANCEL", cseq, &branch);
        self.outbox.send(&message.to_bytes(), to).await;
        let now = Instant::now();
        let repeat = Repeat::starting(now, self.outbox.repeats());
        let deadline = now + GIVE_UP;
        self.client.push(ClientTransaction {
            method: "CANCEL",
            cseq,
            branch,
            message,
            to,
            repeat,
            deadline,
            provisional: false,
            why: "cancel",
        });
    }

    pub(super) async fn send_info_key(&mut self) {
        let busy = self.client.iter().any(|one| one.method == "INFO");
        if self.state != State::Talking || busy {
            return;
        }
        if let Some(key) = self.info_keys.pop_front() {
            self.log.add(PhoneEvent::Pressed(key));
            let body = format!("Signal={key}\r\nDuration={INFO_KEY_MS}\r\n").into_bytes();
            self.request("INFO", "key", Some(("application/dtmf-relay", body))).await;
        }
    }

    pub(super) async fn on_response(&mut self, message: &Message, status: u16) {
        let Some((cseq, method)) = message.cseq() else { return };
        let found =
            self.client.iter().position(|one| Some(one.branch.as_str()) == message.branch() && one.method == method);
        let Some(found) = found else {
            if let Some((known, bytes, to)) = self.ack.clone()
                && method == "INVITE"
                && known == cseq
                && (200..300).contains(&status)
            {
                self.send_ack(&bytes, to).await;
            }
            return;
        };
        if status < 200 {
            self.on_provisional(found, message, status).await;
            return;
        }
        let transaction = self.client.remove(found);
        match transaction.method {
            "INVITE" if status < 300 => self.on_accepted(&transaction, message).await,
            "INVITE" => self.on_refused(&transaction, message, status).await,
            "BYE" => self.state = State::Over { until: Instant::now() },
            "INFO" => {
                if status >= 300 {
                    self.log.add(PhoneEvent::Trouble(format!("a key sent as INFO was answered {status}")));
                }
                self.send_info_key().await;
            }
            _ => {}
        }
    }

    async fn on_provisional(&mut self, found: usize, message: &Message, status: u16) {
        let deadline = Instant::now() + self.settings.answer_within;
        let transaction = &mut self.client[found];
        let first = !std::mem::replace(&mut transaction.provisional, true);
        if transaction.method != "INVITE" {
            return;
        }
        transaction.repeat.next = None;
        if first {
            transaction.deadline = deadline;
        }
        if self.cancelled && first {
            self.cancel().await;
        }
        if status > 100 && self.state == State::Calling {
            self.log.add(PhoneEvent::Ringing { status });
            // Early sound (183, or 180 with a body).
            if let Some(far) = FarSound::read(&message.body) {
                self.hear(far).await;
            }
        }
    }

    async fn on_accepted(&mut self, transaction: &ClientTransaction, message: &Message) {
        let opening = self.state == State::Calling;
        if opening {
            self.dialog.complete(message);
        } else {
            self.dialog.take_target(message);
        }
        let branch = format!("z9hG4bK{}", fresh_name());
        let ack = self.dialog.request("ACK", transaction.cseq, &branch).to_bytes();
        let to = self.dialog.destination();
        self.ack = Some((transaction.cseq, ack.clone(), to));
        self.send_ack(&ack, to).await;
        let far = FarSound::read(&message.body);
        if !opening {
            self.log.add(PhoneEvent::ChangedByUs(transaction.why));
            if let Some(far) = far {
                self.hear(far).await;
            }
            return;
        }
        self.state = State::Talking;
        if self.cancelled {
            // Answered and cancelled at the same moment.
            self.hang_up().await;
            return;
        }
        match far {
            Some(far) => {
                self.hear(far).await;
                self.log_answered();
            }
            None => {
                self.log.add(PhoneEvent::Trouble("answered without usable sound".to_owned()));
                self.hang_up().await;
            }
        }
    }

    pub(super) fn log_answered(&self) {
        if let (Some(codec), Some(far)) = (self.codec, &self.far) {
            let telephone_event = self.own.telephone_event.is_some() && far.telephone_event.is_some();
            self.log.add(PhoneEvent::Answered { codec, telephone_event });
        }
    }

    async fn on_refused(&mut self, transaction: &ClientTransaction, message: &Message, status: u16) {
        // RFC 3261 §17.1.1.3: this ACK belongs to the INVITE's transaction, and takes the response's To.
        let mut dialog = self.dialog.clone();
        dialog.remote_tag = message.tag("To").map(str::to_owned);
        let ack = dialog.request("ACK", transaction.cseq, &transaction.branch).to_bytes();
        self.outbox.send(&ack, transaction.to).await;
        self.ack = None;
        if self.state != State::Calling {
            self.log.add(PhoneEvent::Trouble(format!("{} was refused: {status}", transaction.why)));
            return;
        }
        let reason = match &message.start {
            Start::Response { reason, .. } => reason.clone(),
            Start::Request { .. } => String::new(),
        };
        let event = if self.cancelled && status == 487 {
            PhoneEvent::HungUp { by: HungUpBy::Us }
        } else {
            PhoneEvent::Refused { status, reason }
        };
        self.over(event).await;
    }

    async fn send_ack(&mut self, bytes: &[u8], to: SocketAddr) {
        if self.acks_to_lose > 0 {
            self.acks_to_lose -= 1;
        } else {
            self.outbox.send(bytes, to).await;
        }
    }
}
