//! What the other side asks of the test telephone, and what it answers.
//! Sending a final answer again until it is acknowledged is left to `call`, which keeps the time.

use std::net::SocketAddr;

use tokio::time::Instant;

use super::{ANSWERED_MAX, Call, Repeat, ServerInvite, State, T1};
use crate::phone::AnswerRule;
use crate::phone::message::Message;
use crate::phone::offer::{Direction, FarSound};
use crate::phone::transcript::{HungUpBy, PhoneEvent};

impl Call {
    pub(super) async fn on_request(&mut self, message: Message, from: SocketAddr) {
        let method = message.method().unwrap_or_default().to_owned();
        let transaction = format!("{} {method}", message.branch().unwrap_or_default());
        if let Some((_, response)) = self.answered.iter().find(|(known, _)| *known == transaction) {
            self.outbox.send(response, from).await;
            return;
        }
        if message.header("Call-ID") != Some(self.dialog.call_id.as_str()) && method != "ACK" {
            let (status, reason) = if method == "OPTIONS" { (200, "OK") } else { (481, "No Such Call") };
            self.reply(&message, from, status, reason).await;
            return;
        }
        match method.as_str() {
            "INVITE" => self.on_invite(message, from).await,
            "ACK" => self.on_ack(&message).await,
            "BYE" => {
                self.reply(&message, from, 200, "OK").await;
                self.over(PhoneEvent::HungUp { by: HungUpBy::Them }).await;
            }
            "CANCEL" => {
                self.reply(&message, from, 200, "OK").await;
                if self.state == State::Called {
                    self.final_response(487, "Request Terminated").await;
                    self.over(PhoneEvent::HungUp { by: HungUpBy::Them }).await;
                }
            }
            "INFO" => {
                let body = String::from_utf8_lossy(&message.body).into_owned();
                let signal =
                    body.lines().find_map(|row| row.split_once('=').filter(|(name, _)| name.trim() == "Signal"));
                if let Some(key) = signal.and_then(|(_, value)| value.trim().chars().next()) {
                    self.log.add(PhoneEvent::HeardKey(key));
                }
                self.reply(&message, from, 200, "OK").await;
            }
            "OPTIONS" => self.reply(&message, from, 200, "OK").await,
            _ => self.reply(&message, from, 405, "Method Not Allowed").await,
        }
    }

    async fn on_invite(&mut self, message: Message, from: SocketAddr) {
        let repeated = self.server.as_ref().is_some_and(|invite| invite.request.branch() == message.branch());
        if repeated {
            if let Some(last) = self.server.as_ref().and_then(|invite| invite.last.clone()) {
                self.outbox.send(&last, from).await;
            }
            return;
        }
        if self.client.iter().any(|one| one.method == "INVITE") {
            // RFC 3261 §14.2: both change the call at the same moment.
            self.invited(message, from);
            self.final_response(491, "Request Pending").await;
            return;
        }
        if self.state != State::Talking {
            self.reply(&message, from, 481, "No Such Call").await;
            return;
        }
        self.dialog.take_target(&message);
        let far = FarSound::read(&message.body);
        let was_held = self.far.as_ref().is_some_and(FarSound::is_hold);
        if let Some(far) = &far {
            let event = if far.is_hold() && !was_held { PhoneEvent::HeldByThem } else { PhoneEvent::ChangedByThem };
            self.log.add(event);
            self.hear(far.clone()).await;
        }
        self.invited(message, from);
        self.accept(far.as_ref()).await;
    }

    async fn on_ack(&mut self, message: &Message) {
        let Some(invite) = &mut self.server else { return };
        let same = invite.request.cseq().map(|(cseq, _)| cseq) == message.cseq().map(|(cseq, _)| cseq);
        if !same || invite.last.is_none() {
            return;
        }
        invite.repeat.next = None;
        let answer = std::mem::take(&mut invite.offered).then(|| FarSound::read(&message.body)).flatten();
        if let Some(far) = answer {
            let opening = self.far.is_none();
            self.hear(far).await;
            if opening {
                self.log_answered();
            }
        }
    }

    pub(super) fn invited(&mut self, request: Message, from: SocketAddr) {
        let repeat = Repeat { next: None, interval: T1 };
        self.server = Some(ServerInvite { request, from, last: None, repeat, offered: false });
    }

    /// Rings, or refuses; returns when to answer.
    pub(super) async fn ring(&mut self, rule: AnswerRule) -> Option<Instant> {
        let (request, from) = self.server.as_ref().map(|invite| (invite.request.clone(), invite.from))?;
        match rule {
            AnswerRule::Reject(status) => {
                self.final_response(status, "Not Now").await;
                self.over(PhoneEvent::HungUp { by: HungUpBy::Us }).await;
                None
            }
            AnswerRule::After(_) | AnswerRule::Never => {
                let ringing = self.dialog.response(&request, 180, "Ringing").to_bytes();
                self.outbox.send(&ringing, from).await;
                if let Some(invite) = &mut self.server {
                    // For an INVITE that comes again meanwhile.
                    invite.last = Some(ringing);
                }
                match rule {
                    AnswerRule::After(delay) => Some(Instant::now() + delay),
                    _ => None,
                }
            }
        }
    }

    /// Takes the call up.
    pub(super) async fn answer(&mut self) {
        let Some(invite) = &self.server else { return };
        let far = FarSound::read(&invite.request.body);
        let no_offer = invite.request.body.is_empty();
        if far.is_none() && !no_offer {
            self.final_response(488, "Not Acceptable Here").await;
            self.over(PhoneEvent::Trouble("called without usable sound".to_owned())).await;
            return;
        }
        self.state = State::Talking;
        if let Some(far) = &far {
            self.hear(far.clone()).await;
        }
        self.accept(far.as_ref()).await;
        self.log_answered();
    }

    /// 200 with our sound: the answer to theirs, or an offer if there was none.
    async fn accept(&mut self, far: Option<&FarSound>) {
        let mut own = self.own.clone();
        if let (Some(far), Some(codec)) = (far, self.codec) {
            own.codecs = vec![codec];
            own.telephone_event = far.telephone_event.filter(|_| own.telephone_event.is_some());
            own.direction =
                if far.address.ip().is_unspecified() { Direction::ReceiveOnly } else { far.direction.answer() };
        }
        let Some(invite) = &self.server else { return };
        let response = self.dialog.response(&invite.request, 200, "OK").with_body("application/sdp", own.to_bytes());
        let offered = far.is_none();
        self.send_final(response, offered).await;
    }

    pub(super) async fn final_response(&mut self, status: u16, reason: &str) {
        let Some(invite) = &self.server else { return };
        let response = self.dialog.response(&invite.request, status, reason);
        self.send_final(response, false).await;
    }

    async fn send_final(&mut self, response: Message, offered: bool) {
        let bytes = response.to_bytes();
        let Some(invite) = &mut self.server else { return };
        invite.last = Some(bytes.clone());
        invite.offered = offered;
        // RFC 3261 §13.3.1.4: sent again until there is an ACK, whatever the transport.
        invite.repeat = Repeat::starting(Instant::now(), true);
        let from = invite.from;
        self.outbox.send(&bytes, from).await;
    }

    async fn reply(&mut self, request: &Message, from: SocketAddr, status: u16, reason: &str) {
        let bytes = self.dialog.response(request, status, reason).to_bytes();
        let transaction = format!("{} {}", request.branch().unwrap_or_default(), request.method().unwrap_or_default());
        if self.answered.len() == ANSWERED_MAX {
            self.answered.pop_front();
        }
        self.answered.push_back((transaction, bytes.clone()));
        self.outbox.send(&bytes, from).await;
    }
}
