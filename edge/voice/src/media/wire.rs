//! The few requests to Linux that Rust's library does not offer: many datagrams in one read, a wait that is exact to
//! the microsecond, a thread's own processor and clock. All of this crate's `unsafe` is here, and nothing else is.
#![expect(
    unsafe_code,
    reason = "recvmmsg, epoll, ppoll, eventfd, affinity and the thread clock have no safe form in std"
)]

use std::fs::File;
use std::io::{self, Read, Write};
use std::mem::{self, MaybeUninit};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::rtp::DATAGRAM_BYTES_MAX;

/// Datagrams of one read.
pub(super) const BATCH: usize = 32;

/// Wakes a thread, or a task, that waits for the descriptor (eventfd).
#[derive(Debug)]
pub(super) struct Wake(File);

impl Wake {
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: eventfd takes no pointer; its result is checked before use.
        let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        owned(fd).map(|fd| Self(fd.into()))
    }

    /// Never waits. A counter that is full has woken its reader already, so that error means nothing.
    pub(super) fn wake(&self) {
        let _ = (&self.0).write(&1u64.to_ne_bytes());
    }

    /// Makes the descriptor quiet again.
    pub(super) fn clear(&self) {
        let _ = (&self.0).read(&mut [0; 8]);
    }
}

impl AsRawFd for Wake {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// Waits for a [`Wake`] in async code.
#[derive(Debug)]
pub(super) struct WakeListener(AsyncFd<Arc<Wake>>);

impl WakeListener {
    /// Must be made within a tokio runtime.
    pub(super) fn new(wake: Arc<Wake>) -> io::Result<Self> {
        // SAFETY: the shared Wake owns its descriptor, keeps it open for as long as it lives, and always names the
        // same one; the AsyncFd keeps it alive.
        unsafe { AsyncFd::register_with_interest(wake, Interest::READABLE) }.map(Self).map_err(io::Error::from)
    }

    /// Ends when woken, and makes the descriptor quiet again.
    pub(super) async fn woken(&self) -> io::Result<()> {
        let mut guard = self.0.readable().await?;
        self.0.get_ref().clear();
        guard.clear_ready();
        Ok(())
    }
}

/// Tells which sockets have something to read (epoll).
#[derive(Debug)]
pub(super) struct Readiness {
    epoll: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Readiness {
    pub(super) fn new(sockets: &[UdpSocket]) -> io::Result<Self> {
        // SAFETY: epoll_create1 takes no pointer; its result is checked before use.
        let epoll = owned(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        for (index, socket) in sockets.iter().enumerate() {
            let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: index as u64 };
            // SAFETY: both descriptors are open for the whole call, and `event` outlives it.
            let result =
                unsafe { libc::epoll_ctl(epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, socket.as_raw_fd(), &raw mut event) };
            if result < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(Self { epoll, events: vec![libc::epoll_event { events: 0, u64: 0 }; sockets.len().max(1)] })
    }

    /// Looks without waiting; the number of ready sockets, each given by [`Self::socket`].
    pub(super) fn look(&mut self) -> usize {
        let room = i32::try_from(self.events.len()).unwrap_or(i32::MAX);
        // SAFETY: `events` has room for `room` entries, and the kernel writes no more than that.
        let found = unsafe { libc::epoll_wait(self.epoll.as_raw_fd(), self.events.as_mut_ptr(), room, 0) };
        usize::try_from(found).unwrap_or(0)
    }

    /// The index of the `nth` ready socket of the last look.
    pub(super) fn socket(&self, nth: usize) -> usize {
        self.events.get(nth).map_or(usize::MAX, |event| event.u64 as usize)
    }
}

impl AsRawFd for Readiness {
    fn as_raw_fd(&self) -> RawFd {
        self.epoll.as_raw_fd()
    }
}

/// Waits until one of the descriptors can be read, or the time is over (`None`: no end).
pub(super) fn wait<const N: usize>(descriptors: [RawFd; N], timeout: Option<Duration>) {
    let mut polled = descriptors.map(|fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 });
    let timeout = timeout.map(|timeout| libc::timespec {
        tv_sec: libc::time_t::try_from(timeout.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(timeout.subsec_nanos().cast_signed()),
    });
    let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: `polled` has N entries; `timeout` is null or points at a local that outlives the call; no signal mask.
    // An interrupted or failed wait only means that the caller looks around once more.
    unsafe { libc::ppoll(polled.as_mut_ptr(), N as libc::nfds_t, timeout, ptr::null()) };
}

/// Memory for one read of many datagrams (recvmmsg).
pub(super) struct Inbox {
    datagrams: Box<[[u8; DATAGRAM_BYTES_MAX]; BATCH]>,
    sources: Box<[MaybeUninit<libc::sockaddr_storage>; BATCH]>,
    received: [(usize, bool); BATCH],
    count: usize,
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self {
            datagrams: Box::new([[0; DATAGRAM_BYTES_MAX]; BATCH]),
            sources: Box::new([MaybeUninit::zeroed(); BATCH]),
            received: [(0, false); BATCH],
            count: 0,
        }
    }

    /// Reads what is there, up to [`BATCH`], without waiting; the number of datagrams read.
    pub(super) fn receive(&mut self, socket: &UdpSocket) -> usize {
        let mut parts: [libc::iovec; BATCH] = std::array::from_fn(|at| libc::iovec {
            iov_base: self.datagrams[at].as_mut_ptr().cast(),
            iov_len: DATAGRAM_BYTES_MAX,
        });
        let mut headers: [libc::mmsghdr; BATCH] = std::array::from_fn(|at| {
            // SAFETY: an all-zero msghdr is valid: null pointers with zero lengths.
            let mut header: libc::mmsghdr = unsafe { mem::zeroed() };
            header.msg_hdr.msg_name = self.sources[at].as_mut_ptr().cast();
            header.msg_hdr.msg_namelen = mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            header.msg_hdr.msg_iov = &raw mut parts[at];
            header.msg_hdr.msg_iovlen = 1;
            header
        });
        // SAFETY: every header points at a name and one part of its own, all alive and otherwise unused until the
        // call returns, with the lengths given; the kernel fills at most BATCH of them.
        let count = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                headers.as_mut_ptr(),
                BATCH as libc::c_uint,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        self.count = usize::try_from(count).unwrap_or(0);
        for (received, header) in self.received.iter_mut().zip(&headers).take(self.count) {
            let cut_off = header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0;
            *received = ((header.msg_len as usize).min(DATAGRAM_BYTES_MAX), cut_off);
        }
        self.count
    }

    /// A datagram of the last read, with its source in canonical form; `None` if it was too long or has no source.
    pub(super) fn datagram(&self, at: usize) -> Option<(SocketAddr, &[u8])> {
        let (bytes, cut_off) = *self.received.get(at).filter(|_| at < self.count)?;
        if cut_off {
            return None;
        }
        // SAFETY: the storage was zeroed when made and is only ever written by the kernel, so each byte is set; any
        // bytes are a valid sockaddr_storage.
        let source = unsafe { self.sources[at].assume_init_ref() };
        Some((address_of(source)?, &self.datagrams[at][..bytes]))
    }
}

/// Ties this thread to one processor.
pub(super) fn pin(processor: usize) -> io::Result<()> {
    if processor >= libc::CPU_SETSIZE as usize {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: an all-zero cpu_set_t is the empty set; `processor` is within it; the set outlives the call.
    let result = unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        libc::CPU_SET(processor, &mut set);
        libc::sched_setaffinity(0, mem::size_of::<libc::cpu_set_t>(), &raw const set)
    };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Asks that this thread's waits end on time instead of up to 50 µs later.
pub(super) fn wake_on_time() {
    // SAFETY: PR_SET_TIMERSLACK takes a number and no pointer; failure leaves the usual slack.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1 as libc::c_ulong, 0, 0, 0) };
}

/// The processor time that this thread has used.
pub(super) fn thread_processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` outlives the call, which writes one timespec.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    if result < 0 {
        return Duration::ZERO;
    }
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

fn owned(fd: RawFd) -> io::Result<OwnedFd> {
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just made by the kernel for us, and nobody else holds it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn address_of(storage: &libc::sockaddr_storage) -> Option<SocketAddr> {
    let storage = ptr::from_ref(storage);
    // SAFETY: sockaddr_storage is large and aligned enough for every address kind, and the family says which it is.
    let address = match libc::c_int::from(unsafe { (*storage).ss_family }) {
        libc::AF_INET => {
            // SAFETY: as above.
            let v4 = unsafe { &*storage.cast::<libc::sockaddr_in>() };
            let ip = Ipv4Addr::from_bits(u32::from_be(v4.sin_addr.s_addr));
            SocketAddr::V4(SocketAddrV4::new(ip, u16::from_be(v4.sin_port)))
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let v6 = unsafe { &*storage.cast::<libc::sockaddr_in6>() };
            let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
            SocketAddr::V6(SocketAddrV6::new(ip, u16::from_be(v6.sin6_port), 0, 0))
        }
        _ => return None,
    };
    Some(super::latch::canonical(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_datagrams_are_read_at_once_with_their_sources() {
        let ours = UdpSocket::bind("127.0.0.1:0").unwrap();
        let theirs = UdpSocket::bind("127.0.0.2:0").unwrap();
        let mut readiness = Readiness::new(std::slice::from_ref(&ours)).unwrap();
        assert_eq!(readiness.look(), 0);
        theirs.send_to(b"first", ours.local_addr().unwrap()).unwrap();
        theirs.send_to(&[7; DATAGRAM_BYTES_MAX + 1], ours.local_addr().unwrap()).unwrap();
        theirs.send_to(b"", ours.local_addr().unwrap()).unwrap();
        wait([readiness.as_raw_fd()], Some(Duration::from_secs(5)));
        assert_eq!((readiness.look(), readiness.socket(0)), (1, 0));
        let mut inbox = Inbox::new();
        assert_eq!(inbox.receive(&ours), 3);
        let source = theirs.local_addr().unwrap();
        assert_eq!(inbox.datagram(0), Some((source, &b"first"[..])));
        assert_eq!(inbox.datagram(1), None, "longer than any voice packet");
        assert_eq!(inbox.datagram(2), Some((source, &b""[..])));
        assert_eq!(inbox.datagram(3), None);
        assert_eq!(inbox.receive(&ours), 0);
    }

    #[test]
    fn a_source_in_ipv6_form_is_read() {
        let Ok(ours) = UdpSocket::bind("[::1]:0") else { return };
        let theirs = UdpSocket::bind("[::1]:0").unwrap();
        theirs.send_to(b"six", ours.local_addr().unwrap()).unwrap();
        let mut inbox = Inbox::new();
        assert_eq!(inbox.receive(&ours), 1);
        assert_eq!(inbox.datagram(0), Some((theirs.local_addr().unwrap(), &b"six"[..])));
    }

    #[test]
    fn a_wake_is_felt_once_and_then_quiet() {
        let wake = Wake::new().unwrap();
        wake.wake();
        wake.wake();
        wait([wake.as_raw_fd()], None);
        wake.clear();
        let before = std::time::Instant::now();
        wait([wake.as_raw_fd()], Some(Duration::from_millis(2)));
        assert!(before.elapsed() >= Duration::from_millis(2));
    }

    #[test]
    fn a_thread_knows_its_processor_time_and_can_be_tied() {
        wake_on_time();
        assert!(pin(0).is_ok());
        assert!(pin(usize::MAX).is_err());
        let before = thread_processor_time();
        let mut sum = 0u64;
        while thread_processor_time() == before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(thread_processor_time() > before);
    }
}
