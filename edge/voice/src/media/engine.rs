//! Behind the engine's handles: opens the ports, starts the threads, passes orders to them and their news to the calls.
//! All locks are here, on the asking side; the media threads hold none.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rtrb::{Consumer, Producer, RingBuffer};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::sync::{mpsc, oneshot};

use super::figures::ShownFigures;
use super::latch::Claim;
use super::orders::{News, Order};
use super::ports::PortBook;
use super::settings::{PORTS_PER_THREAD_MAX, Ports, THREADS_MAX};
use super::thread::{MediaThread, Parts};
use super::wire::{Readiness, Wake, WakeListener};
use super::{LegEvent, LegId, MediaFault, MediaFigures, MediaSettings, Recording, lock};

/// Orders on their way to one thread.
const ORDERS_RING: usize = 4_096;

/// Orders that wait while that ring is full; then asking fails.
const ORDERS_WAITING_MAX: usize = 65_536;

/// News on their way from one thread.
const NEWS_RING: usize = 16_384;

/// How soon waiting orders are tried again.
const RETRY_ORDERS: Duration = Duration::from_millis(5);

/// Room for what arrives on a port while the thread is elsewhere: several seconds of its calls.
const RECEIVE_BUFFER_BYTES: usize = 1 << 20;

/// "Expedited forwarding", the class of voice (RFC 3246, RFC 4594 §4.1).
const VOICE_CLASS: u32 = 0xb8;

/// The most legs of one thread that may be configured.
const LEGS_MAX: usize = 1 << 16;

/// What the handles of one engine share.
pub(super) struct Shared {
    threads: Vec<Thread>,
    legs: Mutex<HashMap<LegId, Entry>>,
    news_wake: Arc<Wake>,
    numbers: AtomicU64,
    lateness_p99_max_us: u64,
    stopped: AtomicBool,
    lost: AtomicU64,
}

struct Thread {
    wake: Arc<Wake>,
    stop: Arc<AtomicBool>,
    shown: Arc<ShownFigures>,
    locals: Vec<SocketAddr>,
    orders: Mutex<OrderSide>,
    book: Mutex<Book>,
    handle: Mutex<Option<JoinHandle<()>>>,
}

struct OrderSide {
    ring: Producer<Order>,
    waiting: VecDeque<Order>,
}

/// Places and ports of one thread.
struct Book {
    ports: PortBook,
    free: Vec<u32>,
    generation: u32,
}

/// One leg, as the news are delivered to it.
struct Entry {
    port: u16,
    events: mpsc::Sender<LegEvent>,
    recording: Option<oneshot::Sender<Option<Recording>>>,
}

/// Two numbers that nobody can guess, for the start of a stream's numbers. The standard library seeds its hash keys
/// from the operating system, and hands out other ones each time.
pub(super) fn chance() -> [u64; 2] {
    let state = RandomState::new();
    [state.hash_one(1u8), state.hash_one(2u8)]
}

/// Opens ports and starts threads.
pub(super) fn start(settings: MediaSettings) -> Result<Arc<Shared>, MediaFault> {
    if settings.threads == 0 || settings.threads > THREADS_MAX {
        return Err(MediaFault::Settings("threads must be 1 to 64"));
    }
    if settings.legs_per_thread_max == 0 || settings.legs_per_thread_max > LEGS_MAX {
        return Err(MediaFault::Settings("legs of a thread must be 1 to 65536"));
    }
    let runtime = tokio::runtime::Handle::try_current().map_err(|_| MediaFault::NoRuntime)?;
    let mut shares = share_out(&settings)?.into_iter();
    let clock = Instant::now();
    let mut threads = Vec::new();
    let mut readers = Vec::new();
    let mut made = Vec::new();
    let news_wake = Arc::new(Wake::new().map_err(MediaFault::Start)?);
    for number in 0..settings.threads {
        let sockets = shares.next().unwrap_or_default();
        let locals =
            sockets.iter().map(UdpSocket::local_addr).collect::<Result<Vec<_>, _>>().map_err(MediaFault::Start)?;
        let wake = Arc::new(Wake::new().map_err(MediaFault::Start)?);
        let stop = Arc::new(AtomicBool::new(false));
        let shown = Arc::new(ShownFigures::new(clock));
        let (orders, orders_out) = RingBuffer::new(ORDERS_RING);
        let (news_in, news) = RingBuffer::new(NEWS_RING);
        let parts = Parts {
            thread: number as u8,
            readiness: Readiness::new(&sockets).map_err(MediaFault::Start)?,
            sockets,
            wake: Arc::clone(&wake),
            stop: Arc::clone(&stop),
            orders: orders_out,
            news: news_in,
            news_wake: Arc::clone(&news_wake),
            legs_max: settings.legs_per_thread_max,
            shown: Arc::clone(&shown),
            start: clock,
        };
        made.push(MediaThread::new(parts));
        readers.push(news);
        let ports = PortBook::new(locals.len());
        let free = (0..settings.legs_per_thread_max as u32).rev().collect();
        threads.push(Thread {
            wake,
            stop,
            shown,
            locals,
            orders: Mutex::new(OrderSide { ring: orders, waiting: VecDeque::new() }),
            book: Mutex::new(Book { ports, free, generation: 0 }),
            handle: Mutex::new(None),
        });
    }
    let shared = Arc::new(Shared {
        threads,
        legs: Mutex::new(HashMap::new()),
        news_wake: Arc::clone(&news_wake),
        numbers: AtomicU64::new(0),
        lateness_p99_max_us: u64::try_from(settings.lateness_p99_max.as_micros()).unwrap_or(u64::MAX),
        stopped: AtomicBool::new(false),
        lost: AtomicU64::new(0),
    });
    let news_ready = {
        let _entered = runtime.enter();
        WakeListener::new(news_wake).map_err(MediaFault::Start)?
    };
    for (number, thread) in made.into_iter().enumerate() {
        let pin_to = settings.pin_from.map(|first| first + number);
        let handle = std::thread::Builder::new()
            .name(format!("media-{number}"))
            .spawn(move || thread.run(pin_to))
            .map_err(MediaFault::Start)?;
        *lock(&shared.threads[number].handle) = Some(handle);
    }
    runtime.spawn(read_news(Arc::downgrade(&shared), readers, news_ready));
    Ok(shared)
}

/// Delivers what the media threads tell, until the engine is gone.
async fn read_news(shared: Weak<Shared>, mut readers: Vec<Consumer<News>>, ready: WakeListener) {
    loop {
        // Borrowed only while there is something to do, so that the last handle's drop ends the engine.
        let Some(engine) = shared.upgrade() else { return };
        for reader in &mut readers {
            while let Ok(news) = reader.pop() {
                engine.handle(news);
            }
        }
        let waits = engine.flush_all();
        if engine.has_lost_a_thread() {
            // Calls without a voice are worse than calls that end: each is told, and can be offered a callback.
            tracing::error!("a media thread has ended by itself; the media engine stops");
            engine.stop();
        }
        if engine.stopped.load(Ordering::Acquire) {
            // Nobody shall wait for what will not come.
            lock(&engine.legs).clear();
            return;
        }
        drop(engine);
        if waits {
            tokio::time::sleep(RETRY_ORDERS).await;
            continue;
        }
        if ready.woken().await.is_err() {
            return;
        }
    }
}

/// Below so many legs the 99th percentile of a second is one or two packets: one hiccup of the machine, no overload.
const LEGS_JUDGED_MIN: u64 = 5;

impl Shared {
    pub(super) fn threads(&self) -> u8 {
        self.threads.len() as u8
    }

    pub(super) fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Finds a thread, a place and a port for a leg.
    pub(super) fn place(&self, claim: &Claim, beside: Option<LegId>) -> Result<(LegId, u16, SocketAddr), MediaFault> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(MediaFault::Stopped);
        }
        let thread = match beside {
            Some(leg) => leg.thread,
            None => {
                let most_room = |number: &u8| lock(&self.threads[usize::from(*number)].book).free.len();
                (0..self.threads()).max_by_key(most_room).ok_or(MediaFault::TooManyLegs)?
            }
        };
        let place = self.threads.get(usize::from(thread)).ok_or(MediaFault::OtherThread)?;
        let mut book = lock(&place.book);
        let index = book.free.pop().ok_or(MediaFault::TooManyLegs)?;
        book.generation = book.generation.wrapping_add(1);
        let id = LegId { thread, index, generation: book.generation };
        let Some(found) = book.ports.place(id, claim, Instant::now()) else {
            book.free.push(index);
            return Err(MediaFault::PortsBusy);
        };
        let local = place.locals.get(usize::from(found.port)).copied().ok_or(MediaFault::PortsBusy)?;
        drop(book);
        for withdrawn in found.withdrawn {
            self.order(thread, Order::WithdrawClaim(withdrawn))?;
        }
        Ok((id, found.port, local))
    }

    pub(super) fn register(&self, id: LegId, port: u16, events: mpsc::Sender<LegEvent>) {
        lock(&self.legs).insert(id, Entry { port, events, recording: None });
    }

    pub(super) fn forget(&self, id: LegId) {
        lock(&self.legs).remove(&id);
    }

    pub(super) fn waits_again(&self, id: LegId, port: u16, claim: Claim) {
        if let Some(thread) = self.threads.get(usize::from(id.thread)) {
            lock(&thread.book).ports.waits_again(id, port, claim, Instant::now());
        }
    }

    pub(super) fn expect_recording(
        &self,
        id: LegId,
        sender: oneshot::Sender<Option<Recording>>,
    ) -> Result<(), MediaFault> {
        lock(&self.legs).get_mut(&id).ok_or(MediaFault::Closed)?.recording = Some(sender);
        Ok(())
    }

    /// Passes an order on, behind all earlier ones.
    pub(super) fn order(&self, thread: u8, order: Order) -> Result<(), MediaFault> {
        self.pass(thread, order, ORDERS_WAITING_MAX)
    }

    /// Ends a leg. This order is never refused, since nobody would give it again.
    pub(super) fn close(&self, id: LegId, port: u16) {
        let Some(thread) = self.threads.get(usize::from(id.thread)) else { return };
        // An engine that has stopped has forgotten its legs; there is nothing to end.
        let _ = self.pass(id.thread, Order::Close(id), usize::MAX);
        // The place is free only now: an order to fill it again comes behind the one to clear it.
        let mut book = lock(&thread.book);
        book.ports.closed(id, port);
        book.free.push(id.index);
    }

    pub(super) fn deliver(&self, id: LegId, event: LegEvent) {
        let legs = lock(&self.legs);
        if let Some(entry) = legs.get(&id)
            && let Err(mpsc::error::TrySendError::Full(_)) = entry.events.try_send(event)
        {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        let stopped = self.stopped.load(Ordering::Acquire);
        self.threads.iter().all(|thread| {
            stopped
                || thread.shown.is_stuck()
                || thread.shown.legs() >= LEGS_JUDGED_MIN
                    && thread.shown.lateness_last_second().p99_us > self.lateness_p99_max_us
                || lock(&thread.book).free.is_empty()
        })
    }

    fn has_lost_a_thread(&self) -> bool {
        !self.stopped.load(Ordering::Acquire)
            && self.threads.iter().any(|thread| lock(&thread.handle).as_ref().is_some_and(JoinHandle::is_finished))
    }

    pub(super) fn figures(&self) -> MediaFigures {
        let mut figures = MediaFigures { events_lost: self.lost.load(Ordering::Relaxed), ..MediaFigures::default() };
        self.threads.iter().for_each(|thread| thread.shown.add_to(&mut figures));
        figures
    }

    pub(super) fn locals(&self) -> Vec<SocketAddr> {
        self.threads.iter().flat_map(|thread| thread.locals.iter().copied()).collect()
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        for thread in &self.threads {
            thread.stop.store(true, Ordering::Release);
            thread.wake.wake();
        }
        for thread in &self.threads {
            let handle = lock(&thread.handle).take();
            if let Some(handle) = handle
                && handle.join().is_err()
            {
                tracing::error!("a media thread ended in a panic");
            }
        }
        lock(&self.legs).clear();
    }

    fn pass(&self, thread: u8, order: Order, waiting_max: usize) -> Result<(), MediaFault> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(MediaFault::Stopped);
        }
        let place = self.threads.get(usize::from(thread)).ok_or(MediaFault::OtherThread)?;
        let mut side = lock(&place.orders);
        if side.waiting.len() >= waiting_max {
            return Err(MediaFault::Overloaded);
        }
        side.waiting.push_back(order);
        side.flush();
        let waits = !side.waiting.is_empty();
        drop(side);
        if waits {
            // The task that reads the news tries again.
            self.news_wake.wake();
        }
        place.wake.wake();
        Ok(())
    }

    /// Tries waiting orders again; whether some still wait.
    fn flush_all(&self) -> bool {
        self.threads.iter().fold(false, |waits, thread| {
            let mut side = lock(&thread.orders);
            if side.waiting.is_empty() {
                return waits;
            }
            side.flush();
            let still = !side.waiting.is_empty();
            drop(side);
            thread.wake.wake();
            waits || still
        })
    }

    fn handle(&self, news: News) {
        match news {
            News::Event(id, event) => {
                if let LegEvent::Latched { source } = event
                    && let Some(thread) = self.threads.get(usize::from(id.thread))
                {
                    let port = lock(&self.legs).get(&id).map(|entry| entry.port);
                    if let Some(port) = port {
                        lock(&thread.book).ports.latched(id, port, source);
                    }
                }
                self.deliver(id, event);
            }
            News::PlayEnded { leg, list, how } => self.deliver(leg, LegEvent::PlayEnded { play: list.id, how }),
            News::Recording(id, buffer) => {
                let waiting = lock(&self.legs).get_mut(&id).and_then(|entry| entry.recording.take());
                if let Some(waiting) = waiting {
                    // Whoever asked may have gone; then nobody wants it.
                    let _ = waiting.send(buffer.map(|buffer| buffer.finish()));
                }
            }
            News::Closed(id, cold) => {
                let entry = lock(&self.legs).remove(&id);
                drop(cold);
                // A latch told just before the end must not stay in the book.
                if let (Some(entry), Some(thread)) = (entry, self.threads.get(usize::from(id.thread))) {
                    lock(&thread.book).ports.closed(id, entry.port);
                }
            }
            News::Opened(spent) => drop(spent),
            News::Spent(spent) => drop(spent),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.stop();
    }
}

impl OrderSide {
    fn flush(&mut self) {
        while let Some(order) = self.waiting.pop_front() {
            if let Err(rtrb::PushError::Full(order)) = self.ring.push(order) {
                self.waiting.push_front(order);
                return;
            }
        }
    }
}

/// Opens the ports, an equal share for each thread.
fn share_out(settings: &MediaSettings) -> Result<Vec<Vec<UdpSocket>>, MediaFault> {
    let ports: Vec<u16> = match settings.ports {
        Ports::Ephemeral { count } => vec![0; count],
        Ports::Range { first, last } => (first..=last).filter(|port| port % 2 == 0).collect(),
    };
    if ports.len() < settings.threads {
        return Err(MediaFault::Settings("fewer ports for voice than media threads"));
    }
    if ports.len() > settings.threads * PORTS_PER_THREAD_MAX {
        return Err(MediaFault::Settings("more than 64 ports for voice a media thread"));
    }
    let share = ports.len().div_ceil(settings.threads);
    let mut shares: Vec<Vec<UdpSocket>> = ports
        .chunks(share)
        .map(|ports| ports.iter().map(|&port| open_port(settings.bind, port)).collect())
        .collect::<Result<_, _>>()?;
    // Rounding up may leave the last threads with none: take one from the fullest.
    while shares.len() < settings.threads {
        let fullest = shares.iter_mut().max_by_key(|sockets| sockets.len());
        let socket =
            fullest.and_then(Vec::pop).ok_or(MediaFault::Settings("fewer ports for voice than media threads"))?;
        shares.push(vec![socket]);
    }
    Ok(shares)
}

fn open_port(bind: IpAddr, port: u16) -> Result<UdpSocket, MediaFault> {
    let address = SocketAddr::new(bind, port);
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if bind.is_ipv6() && bind.is_unspecified() {
            socket.set_only_v6(false)?;
        }
        socket.set_nonblocking(true)?;
        // Both only make things better where the system allows them.
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES);
        if bind.is_ipv4() {
            let _ = socket.set_tos_v4(VOICE_CLASS);
        }
        socket.bind(&address.into())?;
        Ok(socket.into())
    };
    open().map_err(|source| MediaFault::Bind { address, source })
}
