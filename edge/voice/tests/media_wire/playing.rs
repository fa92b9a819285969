//! What a caller hears from the line, and what the line hears from a caller.

use std::time::{Duration, Instant};

use caseline_voice::media::{
    Admission, Codec, Direction, KeepAlive, LegEvent, LegSettings, MediaEngine, MediaFault, MediaSettings, PlayEnd,
    PlayMode, Ports, tones_of,
};

use crate::far_end::{
    FarEnd, assert_one_stream, connected, engine, keys_of, leg_of, long_words, next_event, until, words, words_in,
};

fn ended(play: caseline_voice::media::PlayId, how: PlayEnd) -> impl Fn(&LegEvent) -> bool {
    move |event| *event == LegEvent::PlayEnded { play, how }
}

#[tokio::test]
async fn prompts_are_heard_whole_in_order_and_at_the_pace_of_speech() {
    let engine = engine(1);
    let mut caller = FarEnd::at("127.0.1.1").await;
    let (leg, mut events) = connected(&engine, leg_of("127.0.1.1"), &mut caller).await;
    let mut prompts = words("your hearing ");
    prompts.extend(long_words("abcdefghijklmnopqrstuvwxyz"));
    prompts.extend(words(" is over"));
    let before = Instant::now();
    let play = leg.play(prompts, PlayMode::NOW).unwrap();
    let heard = caller.hear_words(" is over").await;
    let took = before.elapsed();
    let text: String = heard.iter().map(crate::far_end::Heard::text).collect();
    let letters: String = ('a'..='z').flat_map(|letter| [letter; 160]).collect();
    assert_eq!(text, format!("your hearing {letters} is over"));
    assert_one_stream(&heard);
    assert!(heard.iter().any(|packet| packet.header.marker), "the first after a pause is marked");
    // 28 packets: never a burst. (How late they may be is measured by the trial, not on a machine under test.)
    assert!(took >= Duration::from_millis(27 * 20 - 25), "{took:?}");
    until(&mut events, ended(play, PlayEnd::Finished)).await;
}

#[tokio::test]
async fn a_key_stops_the_prompt_and_what_waits_behind_it() {
    let engine = engine(1);
    let mut caller = FarEnd::at("127.0.1.2").await;
    let (leg, mut events) = connected(&engine, leg_of("127.0.1.2"), &mut caller).await;
    let menu = leg.play(long_words(&"m".repeat(500)), PlayMode::UNTIL_KEY).unwrap();
    let more = leg.play(words("more"), PlayMode { after_others: true, ..PlayMode::UNTIL_KEY }).unwrap();
    caller.hear_words("mmm").await;
    caller.press(leg.local(), 2).await;
    assert_eq!(next_event(&mut events).await, LegEvent::Digit('2'));
    until(&mut events, ended(menu, PlayEnd::Key)).await;
    until(&mut events, ended(more, PlayEnd::Key)).await;
    let answer = leg.play(words("two it is"), PlayMode::NOW).unwrap();
    caller.hear_words("two it is").await;
    until(&mut events, ended(answer, PlayEnd::Finished)).await;
}

#[tokio::test]
async fn rows_of_prompts_follow_replace_and_repeat_each_other() {
    let engine = engine(1);
    let mut caller = FarEnd::at("127.0.1.3").await;
    let (leg, mut events) = connected(&engine, leg_of("127.0.1.3"), &mut caller).await;
    let music = leg.play(words("la "), PlayMode::REPEAT).unwrap();
    caller.hear_words("la la la la ").await;
    let first = leg.play(words("one "), PlayMode::NOW).unwrap();
    let second = leg.play(words("two "), PlayMode { after_others: true, ..PlayMode::NOW }).unwrap();
    let empty = leg.play(Vec::new(), PlayMode { after_others: true, ..PlayMode::NOW }).unwrap();
    caller.hear_words("one two ").await;
    let seen = until(&mut events, ended(second, PlayEnd::Finished)).await;
    for (play, how) in [(music, PlayEnd::Stopped), (empty, PlayEnd::Finished), (first, PlayEnd::Finished)] {
        assert!(seen.iter().any(ended(play, how)), "{seen:?}");
    }
    assert!(matches!(leg.play(words_in(Codec::Pcma, "x"), PlayMode::NOW), Err(MediaFault::WrongCodec)));
    let stopped = leg.play(words("never ends "), PlayMode::REPEAT).unwrap();
    caller.hear_words("never ends ").await;
    leg.stop_playing().unwrap();
    until(&mut events, ended(stopped, PlayEnd::Stopped)).await;
}

#[tokio::test]
async fn a_call_on_hold_pauses_the_prompt_and_goes_on_where_it_was() {
    let engine = engine(1);
    let mut caller = FarEnd::at("127.0.1.4").await;
    let (leg, mut events) = connected(&engine, leg_of("127.0.1.4"), &mut caller).await;
    let play = leg.play(long_words("abcdefghijklmnopqrstuvwxyz"), PlayMode::NOW).unwrap();
    caller.hear_words("c").await;
    leg.set_direction(Direction::ReceiveOnly).unwrap();
    // Whoever holds may play music and press keys; we listen.
    caller.press(leg.local(), 6).await;
    assert_eq!(next_event(&mut events).await, LegEvent::Digit('6'));
    let mut said: String = caller.hear_rest().iter().map(crate::far_end::Heard::text).collect();
    leg.set_direction(Direction::Inactive).unwrap();
    leg.set_direction(Direction::SendReceive).unwrap();
    for packet in caller.hear_words("z").await {
        said.push_str(&packet.text());
    }
    said.dedup_letters();
    assert!("abcdefghijklmnopqrstuvwxyz".ends_with(&said), "nothing is left out or said twice: {said}");
    until(&mut events, ended(play, PlayEnd::Finished)).await;
}

/// Each letter fills a packet of 160.
trait DedupLetters {
    fn dedup_letters(&mut self);
}

impl DedupLetters for String {
    fn dedup_letters(&mut self) {
        let mut letters: Vec<char> = self.chars().collect();
        assert_eq!(letters.len() % 160, 0);
        letters.dedup();
        *self = letters.into_iter().collect();
    }
}

#[tokio::test]
async fn a_waiting_caller_gets_a_sparse_sign_of_life_in_one_unbroken_stream() {
    let engine = engine(1);
    let mut caller = FarEnd::at("127.0.1.5").await;
    let settings = LegSettings { keep_alive: KeepAlive::Sparse(Duration::from_millis(200)), ..leg_of("127.0.1.5") };
    let (leg, _events) = connected(&engine, settings, &mut caller).await;
    leg.play(words("wait"), PlayMode::NOW).unwrap();
    let mut heard = caller.hear_words("wait").await;
    let before = Instant::now();
    for _ in 0..9 {
        heard.push(caller.hear().await);
    }
    assert!(heard[heard.len() - 9..].iter().all(|packet| packet.text().is_empty()));
    // Five behind the sound (100 ms), then four with 200 ms between.
    assert!(before.elapsed() >= Duration::from_millis(700), "{:?}", before.elapsed());
    leg.play(words("back"), PlayMode::NOW).unwrap();
    let back = caller.hear_words("back").await;
    assert!(back.iter().any(|packet| packet.header.marker && packet.text() == "back"));
    heard.extend(back);
    assert_one_stream(&heard);
}

#[tokio::test]
async fn a_far_end_that_needs_it_gets_silence_all_the_time() {
    let engine = engine(1);
    let mut caller = FarEnd::at("127.0.1.6").await;
    caller.codec = Codec::Pcma;
    let settings = LegSettings { keep_alive: KeepAlive::Continuous, codec: Codec::Pcma, ..leg_of("127.0.1.6") };
    let (_leg, _events) = connected(&engine, settings, &mut caller).await;
    for _ in 0..10 {
        let packet = caller.hear().await;
        assert_eq!((packet.header.payload_type, packet.payload), (8, vec![0xd5; 160]));
    }
}

#[tokio::test]
async fn keys_as_tones_are_heard_only_where_no_other_way_was_agreed() {
    let engine = engine(2);
    for (telephone_event, expected) in [(None, "159#"), (Some(101), "4")] {
        let mut caller = FarEnd::at("127.0.1.7").await;
        let settings = LegSettings { telephone_event, ..leg_of("127.0.1.7") };
        let (leg, mut events) = connected(&engine, settings, &mut caller).await;
        let payload = Codec::Pcmu.encode(&tones_of("159#").unwrap());
        for frame in payload.chunks(160) {
            let header = caller.step();
            caller.send(leg.local(), header, frame).await;
        }
        caller.press(leg.local(), 4).await;
        let seen = until(&mut events, |event| matches!(event, LegEvent::Digit('#' | '4'))).await;
        assert_eq!(keys_of(&seen), expected);
    }
}

#[tokio::test]
async fn keys_that_the_line_sends_are_understood_by_another_line() {
    let engine = engine(2);
    for telephone_event in [Some(96), None] {
        let ours = LegSettings { telephone_event, ..leg_of("127.0.0.1") };
        let (caller, mut caller_events) = engine.open_leg(ours.clone()).unwrap();
        let theirs = LegSettings { remote: Some(caller.local()), ..ours };
        let (callee, mut events) = engine.open_leg(theirs).unwrap();
        caller.set_remote(callee.local()).unwrap();
        let playing = caller.play(words("before "), PlayMode::NOW).unwrap();
        let tones = caller.send_digits("12#").unwrap();
        let seen = until(&mut events, |event| *event == LegEvent::Digit('#')).await;
        assert_eq!(keys_of(&seen), "12#");
        match tones {
            None => until(&mut caller_events, |event| *event == LegEvent::DigitsSent).await,
            Some(play) => until(&mut caller_events, ended(play, PlayEnd::Finished)).await,
        };
        if telephone_event.is_some() {
            // Keys go before prompts.
            until(&mut caller_events, ended(playing, PlayEnd::Finished)).await;
        }
        assert!(matches!(caller.send_digits("12x"), Err(MediaFault::BadKeys)));
    }
}

#[tokio::test]
async fn somebody_who_speaks_is_told_from_somebody_who_never_does() {
    let engine = engine(1);
    let mut caller = FarEnd::at("127.0.1.8").await;
    let settings = LegSettings { nothing_heard_after: Duration::from_millis(300), ..leg_of("127.0.1.8") };
    let (leg, mut events) = connected(&engine, settings, &mut caller).await;
    assert_eq!(next_event(&mut events).await, LegEvent::NothingHeard, "told once, and the call goes on");
    // A quiet room: a hiss of a few steps.
    for round in 0..50u8 {
        let header = caller.step();
        let hiss: Vec<u8> = (0..160u8).map(|at| Codec::Pcmu.encode_sample(i16::from(at ^ round) % 60 - 30)).collect();
        caller.send(leg.local(), header, &hiss).await;
    }
    caller.press(leg.local(), 0).await;
    assert_eq!(next_event(&mut events).await, LegEvent::Digit('0'));
    for _ in 0..20 {
        let header = caller.step();
        let voice: Vec<i16> = (0..160).map(|at| if at % 40 < 20 { 2_000 } else { -2_000 }).collect();
        caller.send(leg.local(), header, &Codec::Pcmu.encode(&voice)).await;
    }
    assert_eq!(next_event(&mut events).await, LegEvent::VoiceHeard);
    assert_eq!(
        next_event(&mut events).await,
        LegEvent::NothingHeard,
        "after another silence, and VoiceHeard only once"
    );
}

#[tokio::test]
async fn a_message_ends_when_its_room_is_full_and_is_handed_over() {
    let engine = engine(1);
    let mut caller = FarEnd::at("127.0.1.9").await;
    let (leg, mut events) = connected(&engine, leg_of("127.0.1.9"), &mut caller).await;
    assert!(matches!(leg.stop_recording().await, Err(MediaFault::NotRecording)));
    leg.start_recording(1).unwrap();
    leg.play(words("speak"), PlayMode::NOW).unwrap();
    caller.hear_words("speak").await;
    for _ in 0..60 {
        caller.say(leg.local(), "message ").await;
    }
    until(&mut events, |event| *event == LegEvent::RecordingFull).await;
    let recording = leg.stop_recording().await.unwrap();
    assert_eq!((recording.codec, recording.length_ms()), (Codec::Pcmu, 1_000));
    assert_eq!(&recording.payload[..8], b"message ");
    assert!(matches!(leg.stop_recording().await, Err(MediaFault::NotRecording)));
}

#[tokio::test]
async fn the_answer_may_choose_another_codec_than_the_offer() {
    let engine = engine(1);
    let mut callee = FarEnd::at("127.0.1.10").await;
    let (leg, mut events) = engine.open_leg(leg_of("127.0.1.10")).unwrap();
    let ringing = leg.play(words("in the first codec"), PlayMode::REPEAT).unwrap();
    leg.set_format(Codec::Pcma, Some(97)).unwrap();
    leg.set_remote(callee.address()).unwrap();
    until(&mut events, ended(ringing, PlayEnd::Stopped)).await;
    leg.play(words_in(Codec::Pcma, "in the second"), PlayMode::NOW).unwrap();
    let heard = callee.hear_words("in the second").await;
    assert!(heard.iter().all(|packet| packet.header.payload_type == 8));
    callee.codec = Codec::Pcma;
    callee.greet(leg.local()).await;
    until(&mut events, |event| matches!(event, LegEvent::Latched { .. })).await;
}

#[tokio::test]
async fn a_closed_leg_is_silent_and_says_so() {
    let engine = engine(1);
    let mut caller = FarEnd::at("127.0.1.11").await;
    let (leg, mut events) = connected(&engine, leg_of("127.0.1.11"), &mut caller).await;
    assert_eq!(engine.admission(), Admission::Open);
    let play = leg.play(words("la "), PlayMode::REPEAT).unwrap();
    caller.hear_words("la la").await;
    leg.close();
    until(&mut events, ended(play, PlayEnd::Stopped)).await;
    assert_eq!(events.next().await, None);
    caller.hear_rest();
    assert!(matches!(leg.play(words("x"), PlayMode::NOW), Err(MediaFault::Closed)));
    assert!(matches!(leg.stop_recording().await, Err(MediaFault::Closed)));
    leg.close();
    // Its place is free again: more legs in turn than there are places.
    for _ in 0..200 {
        let mut caller = FarEnd::at("127.0.1.12").await;
        let (_leg, _events) = connected(&engine, leg_of("127.0.1.12"), &mut caller).await;
    }
}

#[tokio::test]
async fn every_place_taken_is_a_refusal_and_a_sign_to_others() {
    let engine = MediaEngine::start(MediaSettings {
        bind: "127.0.0.1".parse().unwrap(),
        ports: Ports::Ephemeral { count: 4 },
        legs_per_thread_max: 2,
        ..MediaSettings::default()
    })
    .unwrap();
    let one = engine.open_leg(leg_of("127.0.1.13")).unwrap();
    let _two = engine.open_leg(leg_of("127.0.1.14")).unwrap();
    assert!(matches!(engine.open_leg(leg_of("127.0.1.15")), Err(MediaFault::TooManyLegs)));
    assert!(matches!(engine.admission(), Admission::Busy { .. }));
    drop(one);
    assert_eq!(engine.admission(), Admission::Open);
    engine.open_leg(leg_of("127.0.1.15")).unwrap();
}

#[tokio::test]
async fn packets_that_leave_too_late_close_the_door_to_new_calls_only() {
    let engine = MediaEngine::start(MediaSettings {
        bind: "127.0.0.1".parse().unwrap(),
        ports: Ports::Ephemeral { count: 2 },
        // Every packet is later than this, so that the test need not load the machine.
        lateness_p99_max: Duration::ZERO,
        ..MediaSettings::default()
    })
    .unwrap();
    assert_eq!(engine.admission(), Admission::Open);
    // Told when the first whole second is over.
    let settings = LegSettings { nothing_heard_after: Duration::from_millis(2_200), ..leg_of("127.0.1.17") };
    let (leg, mut events) = engine.open_leg(settings).unwrap();
    // Of fewer than five legs one hiccup of the machine would be the whole figure.
    let others: Vec<_> = (20..24).map(|last| engine.open_leg(leg_of(&format!("127.0.1.{last}"))).unwrap()).collect();
    assert_eq!(next_event(&mut events).await, LegEvent::NothingHeard);
    assert!(matches!(engine.admission(), Admission::Busy { retry_after } if retry_after >= Duration::from_secs(1)));
    assert!(engine.figures().lateness_last_second.p99_us > 0);
    let (second, _events) = engine.open_leg(leg_of("127.0.1.18")).expect("a leg of a call in progress is not refused");
    second.close();
    drop(others);
    leg.close();
    assert_eq!(events.next().await, None);
    assert_eq!(engine.admission(), Admission::Open);
}

#[tokio::test]
async fn the_engine_stops_at_once_and_wakes_whoever_waits() {
    let engine = engine(1);
    let (leg, mut events) = engine.open_leg(leg_of("127.0.1.16")).unwrap();
    engine.stop();
    assert_eq!(events.next().await, None);
    assert!(matches!(leg.play(words("x"), PlayMode::NOW), Err(MediaFault::Stopped)));
    assert!(matches!(engine.open_leg(leg_of("127.0.1.16")), Err(MediaFault::Stopped)));
}

#[test]
fn settings_that_cannot_work_are_refused_with_a_reason() {
    assert!(matches!(MediaEngine::start(MediaSettings::default()), Err(MediaFault::NoRuntime)));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    let loopback = || MediaSettings { bind: "127.0.0.1".parse().unwrap(), ..MediaSettings::default() };
    for settings in [
        MediaSettings { threads: 0, ..loopback() },
        MediaSettings { legs_per_thread_max: 0, ..loopback() },
        MediaSettings { ports: Ports::Ephemeral { count: 1 }, threads: 2, ..loopback() },
        MediaSettings { ports: Ports::Ephemeral { count: 65 }, ..loopback() },
    ] {
        assert!(matches!(MediaEngine::start(settings), Err(MediaFault::Settings(_))));
    }
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port() & !1;
    let _other = std::net::UdpSocket::bind(("127.0.0.1", port));
    let settings = MediaSettings { ports: Ports::Range { first: port, last: port }, ..loopback() };
    let Err(MediaFault::Bind { address, .. }) = MediaEngine::start(settings) else { panic!("the port is in use") };
    assert_eq!(address.port(), port);
}
