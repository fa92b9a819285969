//! One call of the test telephone, from the first ring to the last word, and what its holder wants of it.
//! What we ask of the other side is left to `asking`, what it asks of us to `answering`, the sound to `sound`.

mod answering;
mod asking;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::dialog::Dialog;
use super::message::{Message, Start, uri_of};
use super::offer::{Direction, FarSound, OwnSound};
use super::sound::{SoundOrder, open_port};
use super::transcript::{HungUpBy, Log, PhoneEvent};
use super::transport::{Arrived, Outbox, Reader};
use super::{AnswerRule, KeyMethod};
use crate::media::Codec;

/// RFC 3261 table 4: T1, T2 and 64 times T1.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
const GIVE_UP: Duration = Duration::from_secs(32);
/// How long the telephone still answers repetitions after the call is over.
const LINGER: Duration = Duration::from_secs(2);
/// Responses that are kept for repeated requests.
const ANSWERED_MAX: usize = 32;
/// How long a key lasts that is sent as INFO, in ms.
const INFO_KEY_MS: u32 = 200;

/// What the holder of the telephone wants.
pub(super) enum Order {
    Press(String, KeyMethod),
    Say(Vec<i16>),
    Hold,
    Resume,
    MovePort,
    HangUp,
}

/// What stays the same during a call.
pub(super) struct CallSettings {
    pub(super) media_address: IpAddr,
    pub(super) answer_within: Duration,
    pub(super) acks_lost: u32,
}

/// The far side's INVITE that we have not finished with.
struct ServerInvite {
    request: Message,
    from: SocketAddr,
    /// The final response and when it is sent again, until there is an ACK.
    last: Option<Vec<u8>>,
    repeat: Repeat,
    /// We made the offer, because theirs was missing: the answer comes in the ACK.
    offered: bool,
}

/// A request of ours without a final response.
struct ClientTransaction {
    method: &'static str,
    cseq: u32,
    branch: String,
    message: Message,
    to: SocketAddr,
    repeat: Repeat,
    deadline: Instant,
    provisional: bool,
    why: &'static str,
}

struct Repeat {
    next: Option<Instant>,
    interval: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Calling,
    Called,
    Talking,
    Ending,
    Over { until: Instant },
}

pub(super) struct Driver {
    pub(super) log: Arc<Log>,
    pub(super) outbox: Outbox,
    pub(super) incoming: mpsc::Receiver<Arrived>,
    /// Reads the socket for as long as the call lives.
    pub(super) _reader: Option<Reader>,
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) sound: Option<(mpsc::Sender<SoundOrder>, JoinHandle<()>)>,
    pub(super) settings: CallSettings,
    pub(super) own: OwnSound,
    pub(super) dialog: Dialog,
}

impl Driver {
    /// Calls somebody, and runs until the call is over.
    pub(super) async fn place(self) {
        let mut call = Call::new(self, State::Calling);
        call.log.add(PhoneEvent::Dialled { to: call.dialog.target.clone() });
        call.invite("call").await;
        call.run(None).await;
    }

    /// Is called by somebody, and runs until the call is over.
    pub(super) async fn take(self, request: Message, from: SocketAddr, rule: AnswerRule) {
        let mut call = Call::new(self, State::Called);
        call.log.add(PhoneEvent::Arrived { from: request.header("From").map(uri_of).unwrap_or_default().to_owned() });
        call.invited(request, from);
        let answer_at = call.ring(rule).await;
        call.run(answer_at).await;
    }
}

struct Call {
    driver: Driver,
    state: State,
    far: Option<FarSound>,
    codec: Option<Codec>,
    client: Vec<ClientTransaction>,
    server: Option<ServerInvite>,
    /// Our last ACK, for a 2xx that comes again.
    ack: Option<(u32, Vec<u8>, SocketAddr)>,
    answered: VecDeque<(String, Vec<u8>)>,
    info_keys: VecDeque<char>,
    cancelled: bool,
    acks_to_lose: u32,
    orders_open: bool,
}

impl std::ops::Deref for Call {
    type Target = Driver;
    fn deref(&self) -> &Driver {
        &self.driver
    }
}

impl std::ops::DerefMut for Call {
    fn deref_mut(&mut self) -> &mut Driver {
        &mut self.driver
    }
}

enum Next {
    Order(Option<Order>),
    Arrived(Option<Arrived>),
    Time,
}

impl Call {
    fn new(driver: Driver, state: State) -> Self {
        let acks_to_lose = driver.settings.acks_lost;
        Self {
            driver,
            state,
            far: None,
            codec: None,
            client: Vec::new(),
            server: None,
            ack: None,
            answered: VecDeque::new(),
            info_keys: VecDeque::new(),
            cancelled: false,
            acks_to_lose,
            orders_open: true,
        }
    }

    async fn run(&mut self, mut answer_at: Option<Instant>) {
        loop {
            if let State::Over { until } = self.state
                && Instant::now() >= until
            {
                return;
            }
            let wake = self.next_time(answer_at);
            let listening = self.orders_open;
            let driver = &mut self.driver;
            let next = tokio::select! {
                order = driver.orders.recv(), if listening => Next::Order(order),
                arrived = driver.incoming.recv() => Next::Arrived(arrived),
                () = sleep_until(wake) => Next::Time,
            };
            match next {
                Next::Order(Some(order)) => self.obey(order).await,
                Next::Order(None) => {
                    // Nobody holds the telephone any more.
                    self.orders_open = false;
                    self.hang_up().await;
                }
                Next::Arrived(Some((message, from))) => match message.start {
                    Start::Request { .. } => self.on_request(message, from).await,
                    Start::Response { status, .. } => self.on_response(&message, status).await,
                },
                Next::Arrived(None) => {
                    // The other side closed the connection.
                    self.over(PhoneEvent::HungUp { by: HungUpBy::Them }).await;
                    return;
                }
                Next::Time => {
                    if answer_at.is_some_and(|at| Instant::now() >= at) {
                        answer_at = None;
                        if self.state == State::Called {
                            self.answer().await;
                        }
                    }
                    self.on_time().await;
                }
            }
        }
    }

    fn next_time(&self, answer_at: Option<Instant>) -> Instant {
        let linger = match self.state {
            State::Over { until } => Some(until),
            _ => None,
        };
        let client = self.client.iter().flat_map(|one| [one.repeat.next, Some(one.deadline)]);
        let server = self.server.as_ref().and_then(|invite| invite.repeat.next);
        let times = client.chain([linger, server, answer_at]);
        times.flatten().min().unwrap_or_else(|| Instant::now() + GIVE_UP)
    }

    // --- What the holder wants ---

    async fn obey(&mut self, order: Order) {
        match order {
            Order::HangUp => self.hang_up().await,
            Order::Press(keys, KeyMethod::TelephoneEvent) => self.tell_sound(SoundOrder::Events(keys)).await,
            Order::Press(keys, KeyMethod::InBand) => self.tell_sound(SoundOrder::Tones(keys)).await,
            Order::Press(keys, KeyMethod::Info) => {
                self.info_keys.extend(keys.chars());
                self.send_info_key().await;
            }
            Order::Say(samples) => self.tell_sound(SoundOrder::Say(samples)).await,
            Order::Hold => self.change(Direction::SendOnly, "hold").await,
            Order::Resume => self.change(Direction::Both, "resume").await,
            Order::MovePort => match open_port(self.settings.media_address).await {
                Ok(socket) => {
                    self.own.port = socket.local_addr().map_or(self.own.port, |address| address.port());
                    self.tell_sound(SoundOrder::Move(Arc::new(socket))).await;
                    self.change(Direction::Both, "another port").await;
                }
                Err(error) => self.log.add(PhoneEvent::Trouble(format!("no other port: {error}"))),
            },
        }
    }

    async fn hang_up(&mut self) {
        match self.state {
            State::Talking => {
                self.state = State::Ending;
                self.request("BYE", "hang up", None).await;
                self.end_sound().await;
                self.log.add(PhoneEvent::HungUp { by: HungUpBy::Us });
            }
            State::Calling => {
                self.cancelled = true;
                self.cancel().await;
            }
            State::Called => {
                self.final_response(480, "Temporarily Unavailable").await;
                self.over(PhoneEvent::HungUp { by: HungUpBy::Us }).await;
            }
            State::Ending | State::Over { .. } => {}
        }
    }

    /// Changes what we say about our sound.
    async fn change(&mut self, direction: Direction, why: &'static str) {
        if self.state == State::Talking {
            self.own.direction = direction;
            self.own.version += 1;
            self.invite(why).await;
        }
    }

    async fn tell_sound(&mut self, order: SoundOrder) {
        if let Some((sound, _)) = &self.sound {
            // A sound task that has ended has nobody to speak to.
            let _ = sound.send(order).await;
        }
    }

    // --- Time and ends ---

    async fn on_time(&mut self) {
        let now = Instant::now();
        let mut again = Vec::new();
        for one in &mut self.client {
            if one.repeat.is_due(now, one.method == "INVITE") {
                again.push((one.message.to_bytes(), one.to));
            }
        }
        if let Some(invite) = &mut self.server
            && invite.repeat.is_due(now, false)
            && let Some(last) = &invite.last
        {
            again.push((last.clone(), invite.from));
        }
        for (bytes, to) in again {
            self.outbox.send(&bytes, to).await;
        }
        let given_up: Vec<&'static str> =
            self.client.extract_if(.., |one| now >= one.deadline).map(|one| one.method).collect();
        for method in given_up {
            match method {
                "INVITE" if self.state == State::Calling => {
                    let reason = "nobody answered".to_owned();
                    self.over(PhoneEvent::Refused { status: 0, reason }).await;
                }
                "BYE" => self.state = State::Over { until: now },
                _ => self.log.add(PhoneEvent::Trouble(format!("{method} was never answered"))),
            }
        }
    }

    /// Starts, or changes, the sound to and from the other side.
    async fn hear(&mut self, far: FarSound) {
        let codec = *self.codec.get_or_insert_with(|| {
            let own = &self.driver.own.codecs;
            far.codecs.iter().copied().find(|codec| own.contains(codec)).unwrap_or(Codec::Pcmu)
        });
        let held = far.is_hold();
        let order = SoundOrder::Far {
            address: far.address,
            codec,
            telephone_event: far.telephone_event.filter(|_| self.own.telephone_event.is_some()),
            silent: held || self.own.direction == Direction::ReceiveOnly,
        };
        self.far = Some(far);
        self.tell_sound(order).await;
    }

    /// Lets the sound task end, so that everything it heard is written down.
    async fn end_sound(&mut self) {
        if let Some((orders, task)) = self.sound.take() {
            drop(orders);
            let _ = task.await;
        }
    }

    async fn over(&mut self, event: PhoneEvent) {
        if !matches!(self.state, State::Over { .. }) {
            let told = self.state == State::Ending;
            self.state = State::Over { until: Instant::now() + LINGER };
            self.end_sound().await;
            if !told {
                self.log.add(event);
            }
        }
    }
}

impl Repeat {
    fn starting(now: Instant, repeats: bool) -> Self {
        Self { next: repeats.then(|| now + T1), interval: T1 }
    }

    /// Whether it is time to send again; the interval doubles, for all but an INVITE up to T2 (RFC 3261 §17.1).
    fn is_due(&mut self, now: Instant, is_invite: bool) -> bool {
        let due = self.next.is_some_and(|next| now >= next);
        if due {
            self.interval *= 2;
            if !is_invite {
                self.interval = self.interval.min(T2);
            }
            self.next = Some(now + self.interval);
        }
        due
    }
}
