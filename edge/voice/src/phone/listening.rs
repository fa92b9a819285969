//! A test telephone that is rung: the telephone of a staff member, a lawyer on call, an interpreter.
//! Each call that comes in is left to `call`; this only takes them in and tells them apart.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::call::Driver;
use super::dialog::{Dialog, response_to};
use super::message::{Message, Start, uri_of};
use super::transport::{Arrived, Outbox, WAITING_MAX, read_udp};
use super::{AnswerRule, PhoneCall, PhoneEvent, PhoneFault, PhoneSettings, assemble, new_dialog};

/// Calls that one telephone is in at once.
const CALLS_MAX: usize = 200;

/// What the person at the telephone waits to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// A tape text with these words.
    Text(String),
    /// The prompt of this name.
    Prompt(String),
}

/// Keys that are pressed when something was heard, once in each call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhenHeard {
    /// What is waited for.
    pub heard: Pattern,
    /// The keys.
    pub press: String,
}

/// A telephone that can be rung.
#[derive(Clone, Debug)]
pub struct ListenSettings {
    /// Where it listens; port 0 takes a free one.
    pub address: SocketAddr,
    /// The telephone itself.
    pub phone: PhoneSettings,
    /// What it does when it rings.
    pub answer: AnswerRule,
    /// What its owner does by habit.
    pub when_heard: Vec<WhenHeard>,
}

/// A telephone that is open to calls until it is dropped; calls in progress go on.
#[derive(Debug)]
pub struct ListeningPhone {
    address: SocketAddr,
    calls: mpsc::Receiver<PhoneCall>,
    task: JoinHandle<()>,
}

impl Drop for ListeningPhone {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ListeningPhone {
    pub(super) async fn open(settings: ListenSettings) -> Result<Self, PhoneFault> {
        let socket = Arc::new(UdpSocket::bind(settings.address).await?);
        let address = socket.local_addr()?;
        let (sender, calls) = mpsc::channel(CALLS_MAX);
        let task = tokio::spawn(take_calls(settings, socket, address, sender));
        Ok(Self { address, calls, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address to be dialled.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("sip:desk@{}", self.address)
    }

    /// The next call that comes in; it rings, is answered and behaves without this being asked for.
    ///
    /// # Errors
    /// Nobody called in time.
    pub async fn next_call(&mut self, within: Duration) -> Result<PhoneCall, PhoneFault> {
        let what = || "a call".to_owned();
        match timeout(within, self.calls.recv()).await {
            Ok(Some(call)) => Ok(call),
            Ok(None) => Err(PhoneFault::Over { what: what() }),
            Err(_) => Err(PhoneFault::NotHeard { what: what(), within }),
        }
    }
}

async fn take_calls(
    settings: ListenSettings,
    socket: Arc<UdpSocket>,
    address: SocketAddr,
    sender: mpsc::Sender<PhoneCall>,
) {
    let (mut incoming, _reader) = read_udp(socket.clone());
    let mut calls: HashMap<String, mpsc::Sender<Arrived>> = HashMap::new();
    while let Some((message, from)) = incoming.recv().await {
        calls.retain(|_, call| !call.is_closed());
        let Some(call_id) = message.header("Call-ID").map(str::to_owned) else { continue };
        if let Some(call) = calls.get(&call_id) {
            // A call that doesn't read fast enough loses messages, as it would on the network.
            let _ = call.try_send((message, from));
            continue;
        }
        let Start::Request { method, .. } = &message.start else { continue };
        let opens = method == "INVITE" && message.tag("To").is_none();
        if opens && calls.len() < CALLS_MAX {
            let (to_call, for_call) = mpsc::channel(WAITING_MAX);
            let outbox = Outbox::Udp(socket.clone());
            let dialog = dialog_of(&settings.phone, &outbox, address, &message, from, &call_id);
            let made = assemble(&settings.phone, dialog, outbox, for_call, None, address.ip()).await;
            // Without a free port the call is not taken; the caller hears nothing and gives up.
            let Ok((call, driver)) = made else { continue };
            calls.insert(call_id, to_call);
            start(&settings, driver, &call, message, from);
            // Nobody needs to ask for the calls.
            let _ = sender.try_send(call);
        } else if method != "ACK" {
            let (status, reason) = match method.as_str() {
                "OPTIONS" => (200, "OK"),
                "INVITE" if opens => (486, "Busy Here"),
                _ => (481, "No Such Call"),
            };
            let response = response_to(&message, status, reason, "desk").to_bytes();
            let _ = socket.send_to(&response, from).await;
        }
    }
}

fn dialog_of(
    settings: &PhoneSettings,
    outbox: &Outbox,
    address: SocketAddr,
    invite: &Message,
    from: SocketAddr,
    call_id: &str,
) -> Dialog {
    let plain = |name: &str| invite.header(name).map(|value| format!("<{}>", uri_of(value))).unwrap_or_default();
    let target = invite.contact().unwrap_or_default();
    let mut dialog = new_dialog(settings, outbox, address, from, call_id.to_owned(), plain("From"), target);
    dialog.local = plain("To");
    dialog.remote_tag = invite.tag("From").map(str::to_owned);
    dialog.route = invite.list("Record-Route").into_iter().map(str::to_owned).collect();
    dialog
}

fn start(settings: &ListenSettings, driver: Driver, call: &PhoneCall, invite: Message, from: SocketAddr) {
    tokio::spawn(driver.take(invite, from, settings.answer));
    if !settings.when_heard.is_empty() {
        tokio::spawn(follow_habits(call.clone(), settings.when_heard.clone()));
    }
}

async fn follow_habits(mut call: PhoneCall, mut habits: Vec<WhenHeard>) {
    while let Some(row) = call.next_event().await {
        let found = habits.iter().position(|habit| habit.heard.fits(&row.event));
        if let Some(found) = found {
            let habit = habits.remove(found);
            // Trouble with the keys stands in the transcript.
            let _ = call.press(&habit.press).await;
        }
    }
}

impl Pattern {
    fn fits(&self, event: &PhoneEvent) -> bool {
        match (self, event) {
            (Self::Text(part), PhoneEvent::HeardText(text)) => text.text.contains(part),
            (Self::Prompt(id), PhoneEvent::HeardPrompt { ids }) => ids.contains(id),
            _ => false,
        }
    }
}
