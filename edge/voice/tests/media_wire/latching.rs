//! Whose voice is heard: the legs of people behind NATs, of trunks and of nobody.

use caseline_voice::media::rtp::RtpHeader;
use caseline_voice::media::{LegEvent, LegSettings, MediaFault, PlayMode};

use crate::far_end::{FarEnd, connected, engine, keys_of, leg_of, next_event, until, words};

#[tokio::test]
async fn a_caller_with_a_private_address_in_the_sdp_is_heard_and_hears_from_the_first_word() {
    let engine = engine(2);
    let settings = LegSettings { remote: Some("192.168.1.5:4000".parse().unwrap()), ..leg_of("127.0.0.2") };
    let (leg, mut events) = engine.open_leg(settings).unwrap();
    leg.play(words("welcome"), PlayMode::NOW).unwrap();
    let mut caller = FarEnd::at("127.0.0.2").await;
    caller.greet(leg.local()).await;
    assert_eq!(next_event(&mut events).await, LegEvent::Latched { source: caller.address() });
    let heard = caller.hear_words("welcome").await;
    assert!(heard[0].text().starts_with("welcome"), "the prompt waited for the caller");
    caller.press(leg.local(), 7).await;
    assert_eq!(keys_of(&until(&mut events, |event| matches!(event, LegEvent::Digit(_))).await), "7");
}

#[tokio::test]
async fn a_far_end_that_sends_from_another_port_is_heard_and_answered_where_it_listens() {
    let engine = engine(2);
    let listening = FarEnd::at("127.0.0.3").await;
    let mut sending = FarEnd::at("127.0.0.3").await;
    let settings = LegSettings { remote: Some(listening.address()), ..leg_of("127.0.0.3") };
    let (leg, mut events) = engine.open_leg(settings).unwrap();
    sending.greet(leg.local()).await;
    assert_eq!(next_event(&mut events).await, LegEvent::Latched { source: sending.address() });
    sending.press(leg.local(), 3).await;
    assert_eq!(keys_of(&until(&mut events, |event| matches!(event, LegEvent::Digit(_))).await), "3");
    leg.play(words("asymmetric"), PlayMode::NOW).unwrap();
    listening.hear_words("asymmetric").await;
    assert!(sending.hear_rest().is_empty());
}

#[tokio::test]
async fn a_telephone_behind_nat_is_answered_where_its_voice_comes_from() {
    let engine = engine(2);
    let signalled = FarEnd::at("127.0.0.3").await;
    let mut mapped = FarEnd::at("127.0.0.3").await;
    let settings = LegSettings { remote: Some(signalled.address()), behind_nat: true, ..leg_of("127.0.0.3") };
    let (leg, mut events) = engine.open_leg(settings).unwrap();
    mapped.greet(leg.local()).await;
    until(&mut events, |event| matches!(event, LegEvent::Latched { .. })).await;
    leg.play(words("mapped"), PlayMode::NOW).unwrap();
    mapped.hear_words("mapped").await;
}

#[tokio::test]
async fn a_trunk_may_send_from_its_media_networks() {
    let engine = engine(2);
    let gateway = FarEnd::at("127.0.30.1").await;
    let mut other_gateway = FarEnd::at("127.0.30.2").await;
    let settings = LegSettings {
        remote: Some(gateway.address()),
        trunk_networks: vec!["127.0.30.0/24".parse().unwrap()].into(),
        ..leg_of("127.0.0.9")
    };
    let (leg, mut events) = engine.open_leg(settings).unwrap();
    other_gateway.greet(leg.local()).await;
    assert_eq!(next_event(&mut events).await, LegEvent::Latched { source: other_gateway.address() });
    leg.play(words("carrier"), PlayMode::NOW).unwrap();
    gateway.hear_words("carrier").await;
}

#[tokio::test]
async fn two_callers_behind_one_address_never_hear_each_other() {
    let engine = engine(4);
    let open = |private: &str| {
        let settings = LegSettings { remote: Some(private.parse().unwrap()), ..leg_of("127.0.0.4") };
        engine.open_leg(settings).unwrap()
    };
    let (leg_one, mut events_one) = open("192.168.1.5:4000");
    let (leg_two, mut events_two) = open("192.168.1.5:4000");
    assert_ne!(leg_one.local(), leg_two.local());
    let mut one = FarEnd::at("127.0.0.4").await;
    let mut two = FarEnd::at("127.0.0.4").await;
    // The second's packets come first, and turn about.
    for _ in 0..3 {
        two.say(leg_two.local(), "").await;
        one.say(leg_one.local(), "").await;
    }
    assert_eq!(next_event(&mut events_one).await, LegEvent::Latched { source: one.address() });
    assert_eq!(next_event(&mut events_two).await, LegEvent::Latched { source: two.address() });
    leg_one.play(words("for one"), PlayMode::NOW).unwrap();
    leg_two.play(words("for two"), PlayMode::NOW).unwrap();
    one.press(leg_one.local(), 1).await;
    two.press(leg_two.local(), 2).await;
    for (far, events, text, key) in [(&one, &mut events_one, "for one", "1"), (&two, &mut events_two, "for two", "2")] {
        let heard: String = far.hear_words(text).await.iter().map(crate::far_end::Heard::text).collect();
        assert_eq!(heard, text);
        assert_eq!(keys_of(&until(events, |event| matches!(event, LegEvent::Digit(_))).await), key);
    }
}

#[tokio::test]
async fn a_second_caller_of_one_address_on_the_only_port_waits_until_the_first_is_known() {
    let engine = engine(1);
    let settings = || LegSettings { remote: Some("192.168.1.5:4000".parse().unwrap()), ..leg_of("127.0.0.4") };
    let (leg_one, mut events_one) = engine.open_leg(settings()).unwrap();
    assert!(matches!(engine.open_leg(settings()), Err(MediaFault::PortsBusy)));
    let mut one = FarEnd::at("127.0.0.4").await;
    one.greet(leg_one.local()).await;
    until(&mut events_one, |event| matches!(event, LegEvent::Latched { .. })).await;
    let (leg_two, mut events_two) = engine.open_leg(settings()).unwrap();
    assert_eq!(leg_one.local(), leg_two.local(), "one port, told apart by source");
    let mut two = FarEnd::at("127.0.0.4").await;
    two.greet(leg_two.local()).await;
    assert_eq!(next_event(&mut events_two).await, LegEvent::Latched { source: two.address() });
    // The first moves to another port with the stream it had: that is not the second's, nor at once its own.
    let mut moved = FarEnd::at("127.0.0.4").await;
    (moved.ssrc, moved.sequence, moved.timestamp) = (one.ssrc, one.sequence, one.timestamp);
    for _ in 0..4 {
        moved.press(leg_one.local(), 9).await;
    }
    one.press(leg_one.local(), 1).await;
    two.press(leg_two.local(), 2).await;
    assert_eq!(keys_of(&until(&mut events_one, |event| matches!(event, LegEvent::Digit(_))).await), "1");
    assert_eq!(keys_of(&until(&mut events_two, |event| matches!(event, LegEvent::Digit(_))).await), "2");
}

#[tokio::test]
async fn after_a_re_invite_the_new_port_is_heard_and_the_old_no_more() {
    let engine = engine(2);
    let mut before = FarEnd::at("127.0.0.5").await;
    let (leg, mut events) = connected(&engine, leg_of("127.0.0.5"), &mut before).await;
    let mut after = FarEnd::at("127.0.0.5").await;
    // Nothing moves without a re-INVITE.
    after.greet(leg.local()).await;
    after.press(leg.local(), 8).await;
    before.press(leg.local(), 1).await;
    assert_eq!(keys_of(&until(&mut events, |event| matches!(event, LegEvent::Digit(_))).await), "1");

    leg.set_remote(after.address()).unwrap();
    leg.relatch().unwrap();
    leg.play(words("moved"), PlayMode::NOW).unwrap();
    after.hear_words("moved").await;
    before.press(leg.local(), 2).await;
    assert_eq!(
        keys_of(&until(&mut events, |event| matches!(event, LegEvent::Digit(_))).await),
        "2",
        "still on its way"
    );
    after.greet(leg.local()).await;
    until(&mut events, |event| *event == LegEvent::Latched { source: after.address() }).await;
    before.press(leg.local(), 4).await;
    after.press(leg.local(), 5).await;
    assert_eq!(keys_of(&until(&mut events, |event| matches!(event, LegEvent::Digit(_))).await), "5");
}

#[tokio::test]
async fn after_a_re_invite_from_behind_nat_the_new_source_is_found() {
    let engine = engine(2);
    let private = |port: u16| Some(std::net::SocketAddr::from(([192, 168, 1, 5], port)));
    let settings = LegSettings { remote: private(4000), behind_nat: true, ..leg_of("127.0.0.6") };
    let (leg, mut events) = engine.open_leg(settings).unwrap();
    let mut before = FarEnd::at("127.0.0.6").await;
    before.greet(leg.local()).await;
    until(&mut events, |event| matches!(event, LegEvent::Latched { .. })).await;
    leg.set_remote(private(4002).unwrap()).unwrap();
    leg.relatch().unwrap();
    // The telephone keeps its stream (SSRC) over the change, as most do.
    let mut after = FarEnd::at("127.0.0.6").await;
    (after.ssrc, after.sequence, after.timestamp) = (before.ssrc, before.sequence, before.timestamp);
    leg.set_direction(caseline_voice::media::Direction::SendReceive).unwrap();
    // The order above is obeyed before later packets are read only if they are later: wait for a sign of it.
    leg.play(words("moving"), PlayMode::NOW).unwrap();
    before.hear_words("moving").await;
    after.greet(leg.local()).await;
    until(&mut events, |event| *event == LegEvent::Latched { source: after.address() }).await;
    leg.play(words("here"), PlayMode::NOW).unwrap();
    after.hear_words("here").await;
}

#[tokio::test]
async fn a_stranger_s_packet_is_dropped_never_heard_and_never_latched() {
    let engine = engine(1);
    let mut caller = FarEnd::at("127.0.0.7").await;
    let settings = LegSettings { remote: Some(caller.address()), ..leg_of("127.0.0.7") };
    let (leg, mut events) = engine.open_leg(settings).unwrap();
    let mut stranger = FarEnd::at("127.0.0.66").await;
    // Even with the caller's own numbers, before and after the caller is known.
    stranger.ssrc = caller.ssrc;
    stranger.greet(leg.local()).await;
    stranger.press(leg.local(), 9).await;
    caller.greet(leg.local()).await;
    assert_eq!(next_event(&mut events).await, LegEvent::Latched { source: caller.address() });
    leg.start_recording(5).unwrap();
    leg.play(words("for the caller"), PlayMode::NOW).unwrap();
    caller.hear_words("for the caller").await;
    for _ in 0..10 {
        stranger.say(leg.local(), "stranger").await;
        caller.say(leg.local(), "caller").await;
    }
    stranger.press(leg.local(), 9).await;
    caller.press(leg.local(), 1).await;
    let seen = until(&mut events, |event| matches!(event, LegEvent::Digit(_))).await;
    assert_eq!(keys_of(&seen), "1");
    let recording = leg.stop_recording().await.unwrap();
    let said: Vec<u8> = recording.payload.into_iter().filter(|&byte| byte != 0xff).collect();
    assert_eq!(String::from_utf8(said).unwrap(), "caller".repeat(10));
    assert!(stranger.hear_rest().is_empty());
    assert!(engine.figures().strangers >= 3);
}

#[tokio::test]
async fn what_still_flies_towards_an_ended_call_is_not_heard_by_the_next() {
    let engine = engine(1);
    let mut gone = FarEnd::at("127.0.0.8").await;
    let (first, mut first_events) = connected(&engine, leg_of("127.0.0.8"), &mut gone).await;
    let port = first.local();
    first.close();
    while first_events.next().await.is_some() {}
    let settings = LegSettings { remote: Some("192.168.1.5:4000".parse().unwrap()), ..leg_of("127.0.0.8") };
    let (next, mut events) = engine.open_leg(settings).unwrap();
    assert_eq!(next.local(), port);
    gone.greet(port).await;
    gone.press(port, 9).await;
    let mut caller = FarEnd::at("127.0.0.8").await;
    caller.greet(port).await;
    assert_eq!(next_event(&mut events).await, LegEvent::Latched { source: caller.address() });
    caller.press(port, 1).await;
    assert_eq!(next_event(&mut events).await, LegEvent::Digit('1'));
}

#[tokio::test]
async fn late_doubled_and_reordered_packets_are_put_right() {
    let engine = engine(1);
    let mut caller = FarEnd::at("127.0.0.10").await;
    let (leg, mut events) = connected(&engine, leg_of("127.0.0.10"), &mut caller).await;
    leg.start_recording(5).unwrap();
    leg.play(words("go on"), PlayMode::NOW).unwrap();
    caller.hear_words("go on").await;
    let packets: Vec<(RtpHeader, Vec<u8>)> = ["one ", "two ", "three ", "four ", "five "]
        .into_iter()
        .map(|text| (caller.step(), caller.frame(text)))
        .collect();
    for at in [0, 2, 1, 1, 4, 0, 3, 4] {
        caller.send(leg.local(), packets[at].0, &packets[at].1).await;
    }
    // A key whose packets are shuffled and doubled, whose first (with the marker) is lost, then the same key again
    // of which no end packet arrives.
    let start = RtpHeader { payload_type: 101, ..caller.step() };
    for packet in [3u16, 1, 3, 6, 2, 6, 5] {
        let header = RtpHeader { sequence: start.sequence.wrapping_add(packet), ..start };
        caller.send(leg.local(), header, &[5, if packet > 4 { 0x8a } else { 10 }, 0, 160]).await;
    }
    caller.sequence = caller.sequence.wrapping_add(8);
    caller.timestamp = caller.timestamp.wrapping_add(2_000);
    let again = RtpHeader { payload_type: 101, ..caller.step() };
    caller.send(leg.local(), again, &[5, 10, 0, 160]).await;
    caller.press(leg.local(), 11).await;
    let seen = until(&mut events, |event| *event == LegEvent::Digit('#')).await;
    assert_eq!(keys_of(&seen), "55#");
    let recording = leg.stop_recording().await.unwrap();
    let said: Vec<u8> = recording.payload.into_iter().filter(|&byte| byte != 0xff).collect();
    assert_eq!(String::from_utf8(said).unwrap(), "one two three four five ");
    assert_eq!(engine.figures().strangers, 0);
}

#[tokio::test]
async fn control_packets_and_noise_disturb_nobody() {
    let engine = engine(1);
    let mut caller = FarEnd::at("127.0.0.11").await;
    let (leg, mut events) = connected(&engine, leg_of("127.0.0.11"), &mut caller).await;
    let report = [0x80, 200, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    caller.send_raw(leg.local(), &report).await;
    for noise in [&b""[..], b"\r\n\r\n", &[0x80; 5], &[0; 40], &[0x80; 1_600], &[0xff; 300]] {
        caller.send_raw(leg.local(), noise).await;
    }
    let header = caller.step();
    caller.send(leg.local(), header, &[0; 1_400]).await;
    caller.press(leg.local(), 4).await;
    assert_eq!(next_event(&mut events).await, LegEvent::Digit('4'));
}
