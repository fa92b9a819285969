//! What a call costs: processor time for one set-up and goodbye, memory for one call that is up.
//! Used by `caseline bench sip` and by the figures of docs/decisions/0001-sip-stack.md; not part of answering calls.

use super::agreement::{LocalMedia, answer};
use super::call::{CallControl, IncomingCall};
use super::server::SipServer;
use super::settings::{SipFault, SipSettings};
use std::collections::HashSet;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Calls set up but not yet acknowledged at one time, as a busy trunk does it.
const WINDOW: u32 = 16;
/// Calls set up in one go while measuring memory.
const BATCH: u32 = 100;
/// How long the generator waits for one answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The round trip set while measuring memory, so that what is remembered for repeats (64 of it) is soon forgotten.
const SHORT_ROUND_TRIP: Duration = Duration::from_millis(20);

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct BenchPlan {
    /// Calls set up and ended for the processor figure.
    pub calls: u32,
    /// Calls held at once for the memory figure.
    pub held: u32,
}

/// What was measured. Both figures are this process' own; the generator's share is taken off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BenchReport {
    /// Calls that went the whole way: INVITE, 200, ACK, BYE, 200.
    pub calls: u32,
    /// Processor microseconds of the SIP side for one of them.
    pub cpu_us_a_call: f64,
    /// Calls a second while measuring.
    pub calls_a_second: f64,
    /// Calls held at once.
    pub held: u32,
    /// Resident octets that one held call added; too little when the process had freed memory before.
    pub bytes_a_held_call: f64,
}

/// Measures set-ups and held calls over UDP on 127.0.0.1, with a generator on a thread of its own.
///
/// # Errors
/// Those of `SipServer::start`; `Unreadable` when a call did not go the whole way or the system does not tell processor
/// times (`/proc/*/schedstat`).
pub async fn bench_setup(plan: BenchPlan) -> Result<BenchReport, SipFault> {
    // Memory first: memory that other work has given back would be used again and not seen.
    let bytes_a_held_call = measure_held(plan.held).await?;
    let (cpu_us_a_call, calls_a_second) = measure_set_ups(plan.calls).await?;
    Ok(BenchReport { calls: plan.calls, cpu_us_a_call, calls_a_second, held: plan.held, bytes_a_held_call })
}

async fn measure_set_ups(calls: u32) -> Result<(f64, f64), SipFault> {
    let (server, answering, addr) = answering_server(Duration::from_millis(500)).await?;
    drop(generate(addr, 0, calls / 10 + 1, true).await?);
    let before_ns = cpu_of_process_ns();
    let begun = Instant::now();
    let generator = generate(addr, calls, calls, true).await?;
    let passed = begun.elapsed();
    // The generator's thread is still there, so that its share is in the sum and can be taken off.
    let spent_ns = cpu_of_process_ns().saturating_sub(before_ns).saturating_sub(generator.spent_ns);
    drop(generator);
    server.shutdown(Duration::from_secs(1)).await;
    answering.abort();
    if before_ns == 0 {
        return Err(SipFault::Unreadable);
    }
    Ok((spent_ns as f64 / 1_000.0 / f64::from(calls), f64::from(calls) / passed.as_secs_f64()))
}

async fn measure_held(held: u32) -> Result<f64, SipFault> {
    let (server, answering, addr) = answering_server(SHORT_ROUND_TRIP).await?;
    drop(generate(addr, 0, BATCH, true).await?);
    forgotten(&server).await;
    let before = resident_bytes().ok_or(SipFault::Unreadable)?;
    // In batches, so that what is kept for repeats for a moment is not taken for what calls hold.
    let mut first = BATCH;
    while first < BATCH + held {
        let calls = BATCH.min(BATCH + held - first);
        drop(generate(addr, first, calls, false).await?);
        forgotten(&server).await;
        first += calls;
    }
    let after = resident_bytes().ok_or(SipFault::Unreadable)?;
    let calls = server.calls_now();
    server.shutdown(Duration::from_secs(5)).await;
    answering.abort();
    if u32::try_from(calls).ok() != Some(held) {
        return Err(SipFault::Unreadable);
    }
    Ok(after.saturating_sub(before) as f64 / f64::from(held))
}

/// Waits until the library has forgotten what it kept for repeats.
async fn forgotten(server: &SipServer) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let stats = server.stack.endpoint.get_stats();
        if (stats.running_transactions == 0 && stats.finished_transactions == 0) || Instant::now() > deadline {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn answering_server(
    round_trip: Duration,
) -> Result<(SipServer, tokio::task::JoinHandle<()>, SocketAddr), SipFault> {
    let mut settings = SipSettings::on(SocketAddr::from(([127, 0, 0, 1], 0)));
    settings.tcp.clear();
    settings.calls_max = 100_000;
    settings.round_trip = round_trip;
    let (server, calls) = SipServer::start(settings).await?;
    let addr = server.udp_addr().ok_or(SipFault::NoAddress)?;
    Ok((server, tokio::spawn(answer_all(calls)), addr))
}

async fn answer_all(mut calls: mpsc::Receiver<IncomingCall>) {
    let local = LocalMedia::at(SocketAddr::from(([127, 0, 0, 1], 40_000)), 1);
    let mut held: Vec<CallControl> = Vec::new();
    while let Some(call) = calls.recv().await {
        let answered = call.offer.as_ref().and_then(|offer| answer(offer, &local).ok());
        if let Some((sdp, _)) = answered
            && let Ok(control) = call.answer(sdp)
        {
            held.push(control);
        }
        // Owners of ended calls let go of them; here that is done now and then.
        if held.len() % 512 == 511 {
            held.retain(|control| !control.is_over());
        }
    }
}

/// A generator that has done its work; its thread ends when this is dropped.
struct Generator {
    spent_ns: u64,
    thread: Option<std::thread::JoinHandle<()>>,
    release: Option<std::sync::mpsc::Sender<()>>,
}

impl Drop for Generator {
    fn drop(&mut self) {
        drop(self.release.take());
        if let Some(thread) = self.thread.take() {
            // It only waits for the release; a panic in it shows as a failed measurement already.
            let _ = thread.join();
        }
    }
}

/// Sets calls up from a thread of its own and ends them or not.
async fn generate(server: SocketAddr, first: u32, calls: u32, end: bool) -> Result<Generator, SipFault> {
    let (done, result) = oneshot::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        let before = cpu_of_thread_ns().unwrap_or(0);
        let went = run_generator(server, first, calls, end);
        let spent = cpu_of_thread_ns().unwrap_or(0).saturating_sub(before);
        let _ = done.send(went.then_some(spent));
        let _ = released.recv();
    });
    let mut generator = Generator { spent_ns: 0, thread: Some(thread), release: Some(release) };
    generator.spent_ns = result.await.ok().flatten().ok_or(SipFault::Unreadable)?;
    Ok(generator)
}

fn run_generator(server: SocketAddr, first: u32, calls: u32, end: bool) -> bool {
    let Ok(socket) = UdpSocket::bind("127.0.0.1:0") else { return false };
    let Ok(addr) = socket.local_addr() else { return false };
    if socket.set_read_timeout(Some(PATIENCE)).is_err() {
        return false;
    }
    let mut buffer = vec![0; 65_536];
    let (mut begun, mut ended) = (0, 0);
    let mut heard = HashSet::new();
    while ended < calls {
        while begun < calls && begun - ended < WINDOW {
            let _ = socket.send_to(request("INVITE", addr, server, first + begun, "").as_bytes(), server);
            begun += 1;
        }
        let Ok(length) = socket.recv(&mut buffer) else { return false };
        let text = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).into_owned();
        if text.starts_with("SIP/2.0 1") {
            continue;
        }
        let value = |name: &str| text.lines().find_map(|row| row.strip_prefix(name));
        let number = value("Call-ID: bench-").and_then(|rest| rest.split('@').next()?.parse::<u32>().ok());
        let (Some(number), Some(cseq), true) = (number, value("CSeq: "), text.starts_with("SIP/2.0 200")) else {
            return false;
        };
        // A repeated answer is acknowledged again by the same ACK and counts once.
        let repeated = !heard.insert((number, cseq.ends_with("BYE")));
        if cseq.ends_with("BYE") {
            ended += u32::from(!repeated);
            continue;
        }
        let tag =
            value("To: ").and_then(|to| to.split_once(";tag=")).map(|(_, tag)| tag.to_owned()).unwrap_or_default();
        let _ = socket.send_to(request("ACK", addr, server, number, &tag).as_bytes(), server);
        if repeated {
            continue;
        }
        if end {
            let _ = socket.send_to(request("BYE", addr, server, number, &tag).as_bytes(), server);
        } else {
            ended += 1;
        }
    }
    true
}

fn request(method: &str, addr: SocketAddr, server: SocketAddr, number: u32, tag: &str) -> String {
    let cseq = if method == "BYE" { 2 } else { 1 };
    let tag = if tag.is_empty() { String::new() } else { format!(";tag={tag}") };
    let body = if method == "INVITE" {
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0 8 101\r\n\
         a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=sendrecv\r\n"
    } else {
        ""
    };
    format!(
        "{method} sip:line@{server} SIP/2.0\r\nVia: SIP/2.0/UDP {addr};branch=z9hG4bK-{method}-{number};rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:+12025550143@{addr}>;tag=f{number}\r\nTo: <sip:line@{server}>{tag}\r\n\
         Call-ID: bench-{number}@127.0.0.1\r\nCSeq: {cseq} {method}\r\nContact: <sip:phone@{addr}>\r\n\
         Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE\r\nSupported: timer, replaces\r\nUser-Agent: bench\r\n\
         Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn cpu_of_thread_ns() -> Option<u64> {
    first_number("/proc/thread-self/schedstat")
}

fn cpu_of_process_ns() -> u64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0 };
    // A thread that ends between the list and the look counts nothing.
    tasks.flatten().filter_map(|task| first_number(task.path().join("schedstat"))).sum()
}

fn first_number(path: impl AsRef<std::path::Path>) -> Option<u64> {
    std::fs::read_to_string(path).ok()?.split_whitespace().next()?.parse().ok()
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let row = status.lines().find_map(|row| row.strip_prefix("VmRSS:"))?;
    row.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_measurement_runs_through_and_gives_figures() {
        let report = bench_setup(BenchPlan { calls: 200, held: 100 }).await.unwrap();
        assert_eq!((report.calls, report.held), (200, 100));
        assert!(report.cpu_us_a_call > 1.0 && report.cpu_us_a_call < 100_000.0, "{report:?}");
        assert!(report.bytes_a_held_call < 1_000_000.0, "{report:?}");
    }
}
