//! An independent telephone (Debian's sip-tester) calls us and is called by us.

use crate::peer::{PATIENCE, local, server};
use caseline_voice::sip::agreement::{answer, offer};
use caseline_voice::sip::{CallControl, CallingIdentity, OutgoingEvent, OutgoingTarget};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// Calls that sipp makes in the test.
const CALLS: usize = 60;

/// sipp with scratch output, killed when the test ends.
fn sipp(args: &[&str]) -> Command {
    let mut command = Command::new("sipp");
    command.args(args).args(["-i", "127.0.0.1", "-nostdin", "-timeout", "30s", "-timeout_error"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sipp_completes_every_call_over_udp_and_tcp() {
    let (server, mut calls) = server(|_| ()).await;
    let owner = tokio::spawn(async move {
        let mut held: Vec<CallControl> = Vec::new();
        while let Some(call) = calls.recv().await {
            let (sdp, _) = answer(call.offer.as_ref().unwrap(), &local()).unwrap();
            held.push(call.answer(sdp).unwrap());
        }
    });
    for transport in ["u1", "t1"] {
        let target = server.udp_addr().unwrap().to_string();
        let count = CALLS.to_string();
        let mut command = sipp(&["-sn", "uac", &target, "-t", transport, "-m", &count, "-r", "60", "-d", "100"]);
        let status = command.status().await.expect("sipp is installed (Debian package sip-tester)");
        assert!(status.success(), "sipp over {transport}: {status}");
    }
    // sipp ends its calls with BYE, so none is left.
    let left = async {
        while server.calls_now() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, left).await.expect("every call has ended");
    owner.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn we_call_sipp() {
    let (server, _calls) = server(|_| ()).await;
    // A port that was free a moment ago.
    let port = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let mut command = sipp(&["-sn", "uas", "-p", &port, "-m", "1"]);
    let mut child = command.spawn().expect("sipp is installed (Debian package sip-tester)");
    let target = OutgoingTarget::Uri(format!("sip:desk@127.0.0.1:{port}").into());
    let mut call = server.call(target, CallingIdentity::default(), offer(&local())).await.unwrap();
    // INVITE is repeated until sipp has started.
    let control = loop {
        match tokio::time::timeout(PATIENCE * 3, call.next_event()).await.expect("sipp answers").unwrap() {
            OutgoingEvent::Ringing(_) => {}
            OutgoingEvent::Answered(answered) => break answered.call,
            OutgoingEvent::Failed { status } => panic!("failed with {status}"),
        }
    };
    drop(control);
    let status = tokio::time::timeout(Duration::from_secs(20), child.wait()).await.expect("sipp ends").unwrap();
    assert!(status.success(), "{status}");
}
