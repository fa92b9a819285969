//! One telephone calls another over the loopback network, so that the telephone itself can be trusted in other tests.
//! The line's own SIP and media are left to their tests: nothing of them runs here.
#![expect(clippy::unwrap_used, reason = "a failed step should fail the test")]

use std::sync::Arc;
use std::time::Duration;

use caseline_voice::media::Codec;
use caseline_voice::phone::{
    AnswerRule, Attention, HungUpBy, KeyMethod, ListenSettings, ListeningPhone, Loss, Pattern, Phone, PhoneCall,
    PhoneEvent, PhoneFault, PhoneSettings, Script, WhenHeard,
};
use caseline_voice::prompts::{PromptRequest, PromptStore, PromptStoreSettings};
use caseline_voice::speech::{Espeak, SpeechAdapter, Tape, wav::Wav};

const SOON: Duration = Duration::from_secs(10);

fn phone() -> PhoneSettings {
    PhoneSettings { attention: Attention { prompts: None, tape: true }, ..PhoneSettings::default() }
}

fn listening() -> ListenSettings {
    ListenSettings {
        address: "127.0.0.1:0".parse().unwrap(),
        phone: phone(),
        answer: AnswerRule::After(Duration::ZERO),
        when_heard: Vec::new(),
    }
}

async fn connected(caller: PhoneSettings, called: ListenSettings) -> (PhoneCall, PhoneCall, ListeningPhone) {
    let mut desk = Phone::listen(called).await.unwrap();
    let mut call = Phone::call(&desk.uri(), caller).await.unwrap();
    let mut other = desk.next_call(SOON).await.unwrap();
    call.wait_answered(SOON).await.unwrap_or_else(|fault| panic!("{fault}\n{}", call.transcript()));
    other.wait_answered(SOON).await.unwrap();
    (call, other, desk)
}

/// A text as the tape voice would say it, as sound that a telephone can speak.
async fn tape(codec: Codec, text: &str) -> Vec<i16> {
    let spoken = Tape::default().speak("es", text).await.unwrap();
    codec.decode(&spoken.encode(codec))
}

async fn keys_heard(call: &mut PhoneCall, count: usize) -> String {
    let mut keys = String::new();
    while keys.len() < count {
        let row = call.wait_for("a key", SOON, |event| matches!(event, PhoneEvent::HeardKey(_))).await;
        let row = row.unwrap_or_else(|fault| panic!("{fault}\n{}", call.transcript()));
        if let PhoneEvent::HeardKey(key) = row.event {
            keys.push(key);
        }
    }
    keys
}

#[tokio::test]
async fn two_people_hear_each_other_and_one_hangs_up() {
    for codec in [Codec::Pcmu, Codec::Pcma] {
        let caller = PhoneSettings { codecs: vec![codec], ..phone() };
        let (mut call, mut other, _desk) = connected(caller, listening()).await;
        call.say(tape(codec, "¿Hablan español?").await).await.unwrap();
        assert!(other.heard_text("español", SOON).await.unwrap().whole);
        other.say(tape(codec, "Sí, claro").await).await.unwrap();
        call.heard_text("Sí", SOON).await.unwrap();
        call.hang_up().await;
        assert_eq!(other.wait_hung_up(SOON).await.unwrap().event, PhoneEvent::HungUp { by: HungUpBy::Them });
        assert_eq!(call.wait_hung_up(SOON).await.unwrap().event, PhoneEvent::HungUp { by: HungUpBy::Us });
        let said = call.transcript().to_string();
        assert!(said.contains("dialled sip:desk@127.0.0.1:") && said.contains("heard \"Sí, claro\""), "{said}");
        assert!(said.contains(codec.sdp_name()), "{said}");
    }
}

#[tokio::test]
async fn the_one_who_was_called_may_hang_up_too() {
    let (mut call, other, _desk) = connected(phone(), listening()).await;
    other.hang_up().await;
    assert_eq!(call.wait_hung_up(SOON).await.unwrap().event, PhoneEvent::HungUp { by: HungUpBy::Them });
    assert!(matches!(call.press("1").await, Err(PhoneFault::Over { .. })));
}

#[tokio::test]
async fn keys_arrive_as_events_once_each() {
    let (mut call, mut other, _desk) = connected(phone(), listening()).await;
    call.press("1").await.unwrap();
    call.press("20#*").await.unwrap();
    assert_eq!(keys_heard(&mut other, 5).await, "120#*");
    call.hang_up().await;
    other.wait_hung_up(SOON).await.unwrap();
    let heard = other.transcript().0.iter().filter(|row| matches!(row.event, PhoneEvent::HeardKey(_))).count();
    assert_eq!(heard, 5);
}

#[tokio::test]
async fn keys_arrive_as_events_although_packets_are_lost() {
    let caller = PhoneSettings { loss: Some(Loss { percent: 20, seed: 11 }), ..phone() };
    let (mut call, mut other, _desk) = connected(caller, listening()).await;
    call.press("13579").await.unwrap();
    assert_eq!(keys_heard(&mut other, 5).await, "13579");
}

#[tokio::test]
async fn keys_arrive_as_info() {
    let caller = PhoneSettings { keys: KeyMethod::Info, telephone_event: None, ..phone() };
    let (mut call, mut other, _desk) = connected(caller, listening()).await;
    call.press("42#").await.unwrap();
    assert_eq!(keys_heard(&mut other, 3).await, "42#");
}

#[tokio::test]
async fn keys_arrive_as_tones_of_the_two_right_frequencies() {
    for codec in [Codec::Pcmu, Codec::Pcma] {
        let caller = PhoneSettings { keys: KeyMethod::InBand, codecs: vec![codec], telephone_event: None, ..phone() };
        let (mut call, mut other, _desk) = connected(caller, listening()).await;
        call.press("159D*0").await.unwrap();
        other.quiet_for(Duration::from_millis(500), SOON).await.unwrap();
        call.hang_up().await;
        other.wait_hung_up(SOON).await.unwrap();
        assert_eq!(keys_in_tones(&other.heard_samples()), "159D*0", "{codec:?}");
    }
}

/// The power of one frequency in a piece of sound (Goertzel), against all of its power.
fn share_of(samples: &[i16], hz: f64) -> f64 {
    let factor = 2.0 * (2.0 * std::f64::consts::PI * hz / 8_000.0).cos();
    let (mut before, mut last, mut total) = (0.0, 0.0, 1.0);
    for sample in samples {
        let sample = f64::from(*sample);
        let new = sample + factor * last - before;
        (before, last) = (last, new);
        total += sample * sample;
    }
    let power = before * before + last * last - factor * before * last;
    2.0 * power / (samples.len() as f64 * total)
}

fn keys_in_tones(samples: &[i16]) -> String {
    let (rows, columns) = ([697.0, 770.0, 852.0, 941.0], [1_209.0, 1_336.0, 1_477.0, 1_633.0]);
    let keypad = ["123A", "456B", "789C", "*0#D"];
    let (mut keys, mut last) = (String::new(), None);
    for frame in samples.chunks_exact(320) {
        let strong = |tones: [f64; 4]| tones.iter().position(|hz| share_of(frame, *hz) > 0.3);
        let key = strong(rows).zip(strong(columns)).and_then(|(row, column)| keypad[row].chars().nth(column));
        if key.is_some() && key != last {
            keys.extend(key);
        }
        last = key;
    }
    keys
}

#[tokio::test]
async fn a_telephone_that_knows_no_events_says_so_instead_of_pressing() {
    let called = ListenSettings { phone: PhoneSettings { telephone_event: None, ..phone() }, ..listening() };
    let (mut call, _other, _desk) = connected(phone(), called).await;
    assert!(matches!(call.press("1").await, Err(PhoneFault::Over { .. })));
    assert!(call.transcript().to_string().contains("takes no telephone-event"));
    assert!(matches!(call.press("x").await, Err(PhoneFault::Key('x'))));
}

#[tokio::test]
async fn a_staff_member_presses_a_key_when_the_question_is_heard() {
    let habit = WhenHeard { heard: Pattern::Text("Press 1 to accept".to_owned()), press: "1".to_owned() };
    let called = ListenSettings { when_heard: vec![habit], ..listening() };
    let (mut call, _other, _desk) = connected(phone(), called).await;
    call.say(tape(Codec::Pcmu, "A caller speaks Spanish.").await).await.unwrap();
    call.say(tape(Codec::Pcmu, "Press 1 to accept.").await).await.unwrap();
    assert_eq!(keys_heard(&mut call, 1).await, "1");
}

#[tokio::test]
async fn a_busy_telephone_refuses() {
    let mut desk = Phone::listen(ListenSettings { answer: AnswerRule::Reject(486), ..listening() }).await.unwrap();
    let mut call = Phone::call(&desk.uri(), phone()).await.unwrap();
    let last = call.wait_hung_up(SOON).await.unwrap();
    assert!(matches!(last.event, PhoneEvent::Refused { status: 486, .. }), "{last}");
    let mut other = desk.next_call(SOON).await.unwrap();
    other.wait_hung_up(SOON).await.unwrap();
}

#[tokio::test]
async fn a_telephone_that_nobody_takes_up_rings_until_the_caller_gives_up() {
    let mut desk = Phone::listen(ListenSettings { answer: AnswerRule::Never, ..listening() }).await.unwrap();
    let mut call = Phone::call(&desk.uri(), phone()).await.unwrap();
    call.wait_for("ringing", SOON, |event| *event == PhoneEvent::Ringing { status: 180 }).await.unwrap();
    call.hang_up().await;
    assert_eq!(call.wait_hung_up(SOON).await.unwrap().event, PhoneEvent::HungUp { by: HungUpBy::Us });
    let mut other = desk.next_call(SOON).await.unwrap();
    assert_eq!(other.wait_hung_up(SOON).await.unwrap().event, PhoneEvent::HungUp { by: HungUpBy::Them });
}

#[tokio::test]
async fn a_caller_gives_up_after_the_time_it_may_ring() {
    let desk = Phone::listen(ListenSettings { answer: AnswerRule::Never, ..listening() }).await.unwrap();
    let caller = PhoneSettings { answer_within: Duration::from_millis(300), ..phone() };
    let mut call = Phone::call(&desk.uri(), caller).await.unwrap();
    let last = call.wait_hung_up(SOON).await.unwrap();
    assert_eq!(last.event.to_string(), "nobody answered");
}

#[tokio::test]
async fn hold_and_back_are_agreed_and_the_call_goes_on() {
    let (mut call, mut other, _desk) = connected(phone(), listening()).await;
    call.hold(SOON).await.unwrap();
    other.wait_for("hold", SOON, |event| *event == PhoneEvent::HeldByThem).await.unwrap();
    call.resume(SOON).await.unwrap();
    other.wait_for("the end of hold", SOON, |event| *event == PhoneEvent::ChangedByThem).await.unwrap();
    other.say(tape(Codec::Pcmu, "still here").await).await.unwrap();
    call.heard_text("still here", SOON).await.unwrap();
}

#[tokio::test]
async fn a_caller_whose_port_changes_is_still_heard() {
    let (mut call, mut other, _desk) = connected(phone(), listening()).await;
    call.move_port(SOON).await.unwrap();
    other.say(tape(Codec::Pcmu, "over there").await).await.unwrap();
    call.heard_text("over there", SOON).await.unwrap();
    call.press("7").await.unwrap();
    assert_eq!(keys_heard(&mut other, 1).await, "7");
}

#[tokio::test]
async fn a_lost_ack_is_made_good() {
    let caller = PhoneSettings { acks_lost: 2, ..phone() };
    let (mut call, mut other, _desk) = connected(caller, listening()).await;
    other.say(tape(Codec::Pcmu, "hello").await).await.unwrap();
    call.heard_text("hello", SOON).await.unwrap();
    call.hang_up().await;
    other.wait_hung_up(SOON).await.unwrap();
}

#[tokio::test]
async fn words_come_through_although_packets_are_lost_and_the_loss_is_seen() {
    let caller = PhoneSettings { loss: Some(Loss { percent: 5, seed: 3 }), ..phone() };
    let (mut call, other, _desk) = connected(caller, listening()).await;
    for number in 0..30 {
        other
            .say(
                tape(
                    Codec::Pcmu,
                    &format!("number {number}, and a row that fills more than one packet {}", "x".repeat(150)),
                )
                .await,
            )
            .await
            .unwrap();
    }
    let last = call.heard_text("number 29,", SOON).await.unwrap();
    assert!(last.whole);
    let transcript = call.transcript();
    assert_eq!(transcript.texts().iter().filter(|text| text.whole).count(), 30, "{transcript}");
    assert!(transcript.0.iter().any(|row| matches!(row.event, PhoneEvent::Lost { .. })));
}

#[tokio::test]
async fn prompts_are_named_by_their_sound_and_the_wav_holds_them() {
    let store = PromptStore::new(Arc::new(Espeak::default()), PromptStoreSettings::default()).unwrap();
    let texts = [
        ("es/greeting", "Bienvenido a la línea."),
        ("es/reason-ask", "¿Por qué llama?"),
        ("es/wait", "Espere, por favor."),
    ];
    let mut prompts = Vec::new();
    for (id, text) in texts {
        prompts.push(store.get(&PromptRequest::fixed(id, "es", text)).await.unwrap());
    }
    let attention = Attention { prompts: Some(Arc::new(store.index())), tape: false };
    let caller = PhoneSettings { attention, codecs: vec![Codec::Pcma], ..PhoneSettings::default() };
    let (mut call, other, _desk) = connected(caller, listening()).await;
    for prompt in &prompts {
        other.say(Codec::Pcma.decode(prompt.bytes(Codec::Pcma))).await.unwrap();
    }
    call.heard_prompt("es/wait", SOON).await.unwrap();
    call.quiet_for(Duration::from_millis(600), SOON).await.unwrap();
    call.hang_up().await;
    call.wait_hung_up(SOON).await.unwrap();
    let transcript = call.transcript();
    assert_eq!(transcript.prompts(), ["es/greeting", "es/reason-ask", "es/wait"], "{transcript}");
    let path = std::env::temp_dir().join(format!("caseline-phone-{}.wav", std::process::id()));
    call.write_wav(&path).unwrap();
    let wav = Wav::read(&std::fs::read(&path).unwrap()).unwrap();
    std::fs::remove_file(&path).unwrap();
    let sound = wav.pcm16().unwrap();
    let wanted = Codec::Pcma.decode(prompts[0].bytes(Codec::Pcma));
    assert_eq!(wav.rate_hz, 8_000);
    assert!(sound.windows(wanted.len()).any(|piece| piece == wanted), "the greeting is in the file, sample by sample");
}

#[tokio::test]
async fn a_script_is_carried_out_and_its_failing_row_named() {
    let habit = WhenHeard { heard: Pattern::Text("number".to_owned()), press: "4".to_owned() };
    let called = ListenSettings { when_heard: vec![habit], ..listening() };
    let (mut call, other, _desk) = connected(phone(), called).await;
    let speak = tape(Codec::Pcmu, "Your number, please").await;
    other.say(speak).await.unwrap();
    let script =
        "quiet 300ms\nexpect text \"number\" within 5s\npress 12#\nsay 100ms\nhold\nresume\nwait 20ms\nhang up\n";
    let outcome = Script::parse("a.script", script).unwrap().run(&mut call).await;
    assert!(outcome.failed.is_none(), "{outcome}\n{}", call.transcript());
    let (mut call, _other, _desk) = connected(phone(), listening()).await;
    let script = "press 1\nexpect es/never-said within 200ms\n";
    let outcome = Script::parse("a.script", script).unwrap().run(&mut call).await;
    assert_eq!(outcome.to_string(), "row 2: waited 200ms in vain: the prompt es/never-said");
}

#[tokio::test]
async fn a_telephone_that_sends_from_another_port_is_heard_and_hears() {
    let caller = PhoneSettings { from_other_port: true, ..phone() };
    let (mut call, mut other, _desk) = connected(caller, listening()).await;
    call.say(tape(Codec::Pcmu, "from elsewhere").await).await.unwrap();
    other.heard_text("from elsewhere", SOON).await.unwrap();
    other.say(tape(Codec::Pcmu, "as signalled").await).await.unwrap();
    call.heard_text("as signalled", SOON).await.unwrap();
}

#[tokio::test]
async fn a_telephone_that_is_put_down_hangs_up() {
    let (call, mut other, _desk) = connected(phone(), listening()).await;
    drop(call);
    assert_eq!(other.wait_hung_up(SOON).await.unwrap().event, PhoneEvent::HungUp { by: HungUpBy::Them });
}

#[tokio::test]
async fn an_address_that_can_t_be_dialled_is_refused_with_an_example() {
    let fault = Phone::call("+12025550100", phone()).await.unwrap_err();
    assert!(fault.to_string().contains("sip:HOST:PORT"), "{fault}");
}

/// Sends a request by hand and returns the first answer.
async fn asked(socket: &tokio::net::UdpSocket, to: std::net::SocketAddr, method: &str, call: &str) -> String {
    let from = socket.local_addr().unwrap();
    let request = format!(
        "{method} sip:desk@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{call}{method};rport\r\n\
         From: <sip:someone@{from}>;tag=1\r\nTo: <sip:desk@{to}>\r\nCall-ID: {call}\r\nCSeq: 1 {method}\r\n\
         Contact: <sip:someone@{from}>\r\nContent-Length: 0\r\n\r\n"
    );
    socket.send_to(request.as_bytes(), to).await.unwrap();
    let mut bytes = vec![0; 4_096];
    let length = tokio::time::timeout(SOON, socket.recv(&mut bytes)).await.unwrap().unwrap();
    String::from_utf8(bytes[..length].to_vec()).unwrap()
}

#[tokio::test]
async fn questions_outside_a_call_are_answered_and_an_unfinished_invite_is_answered_alike_each_time() {
    let desk = Phone::listen(ListenSettings { answer: AnswerRule::Never, ..listening() }).await.unwrap();
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to = desk.address();
    assert!(asked(&socket, to, "OPTIONS", "a").await.starts_with("SIP/2.0 200 OK\r\n"));
    assert!(asked(&socket, to, "BYE", "b").await.starts_with("SIP/2.0 481 "));
    let ringing = asked(&socket, to, "INVITE", "c").await;
    assert!(ringing.starts_with("SIP/2.0 180 Ringing\r\n"), "{ringing}");
    assert_eq!(asked(&socket, to, "INVITE", "c").await, ringing);
    let options = asked(&socket, to, "OPTIONS", "c").await;
    assert!(options.starts_with("SIP/2.0 200 OK\r\n") && options.contains("Allow: INVITE, ACK, BYE"), "{options}");
    assert!(asked(&socket, to, "SUBSCRIBE", "c").await.starts_with("SIP/2.0 405 "));
}

#[tokio::test]
async fn a_call_over_tcp_is_placed_and_ended() {
    // The other side of this one is written out by hand: the listening telephone speaks UDP.
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let line = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut seen, mut bytes) = (Vec::new(), vec![0; 8_192]);
        loop {
            let length = stream.read(&mut bytes).await.unwrap();
            let text = String::from_utf8(bytes[..length].to_vec()).unwrap();
            let method = text.split(' ').next().unwrap().to_owned();
            seen.push(method.clone());
            let copied: String = text
                .lines()
                .filter(|row| ["Via:", "From:", "Call-ID:", "CSeq:"].iter().any(|name| row.starts_with(name)))
                .map(|row| format!("{row}\r\n"))
                .collect();
            let to = text.lines().find(|row| row.starts_with("To:")).unwrap().split(";tag").next().unwrap().to_owned();
            let body = if method == "INVITE" {
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
            } else {
                ""
            };
            if method != "ACK" {
                let answer = format!(
                    "SIP/2.0 200 OK\r\n{copied}{to};tag=line\r\nContact: <sip:line@127.0.0.1:{port};transport=tcp>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                // In two pieces, as a stream may arrive.
                let (first, second) = answer.as_bytes().split_at(40);
                stream.write_all(first).await.unwrap();
                stream.flush().await.unwrap();
                stream.write_all(second).await.unwrap();
            }
            if method == "BYE" {
                return seen;
            }
        }
    });
    let mut call = Phone::call(&format!("sip:line@127.0.0.1:{port};transport=tcp"), phone()).await.unwrap();
    call.wait_answered(SOON).await.unwrap();
    // BYE only after the ACK has been read as a message of its own.
    call.quiet_for(Duration::from_millis(100), SOON).await.unwrap();
    call.hang_up().await;
    call.wait_hung_up(SOON).await.unwrap();
    assert_eq!(line.await.unwrap(), ["INVITE", "ACK", "BYE"]);
}
