//! People who hear each other: caller and agent, and the interpreter between them.

use caseline_voice::media::{Codec, Leg, LegEvent, LegEvents, LegSettings, MediaEngine, MediaFault, PlayMode};

use crate::far_end::{
    FarEnd, Heard, assert_one_stream, connected, engine, keys_of, leg_of, next_event, until, words, words_in,
};

async fn person(engine: &MediaEngine, address: &str, codec: Codec) -> (FarEnd, Leg, LegEvents) {
    let mut far = FarEnd::at(address).await;
    far.codec = codec;
    let (leg, events) = connected(engine, LegSettings { codec, ..leg_of(address) }, &mut far).await;
    (far, leg, events)
}

/// Speaks until the other has heard it, so that the test need not know when the bridge stands.
async fn talk(from: &mut FarEnd, leg: &Leg, to: &FarEnd, text: &str) -> Vec<Heard> {
    let mut heard = Vec::new();
    for _ in 0..500 {
        from.say(leg.local(), text).await;
        let packet = tokio::time::timeout(std::time::Duration::from_millis(20), to.hear()).await;
        if let Ok(packet) = packet {
            let found = packet.text() == text;
            heard.push(packet);
            if found {
                return heard;
            }
        }
    }
    panic!("{text} was never heard");
}

#[tokio::test]
async fn a_caller_goes_from_prompts_to_an_agent_and_back_in_one_stream() {
    let engine = engine(4);
    let (mut caller, caller_leg, _caller_events) = person(&engine, "127.0.2.1", Codec::Pcmu).await;
    let (mut agent, agent_leg, _agent_events) = person(&engine, "127.0.2.2", Codec::Pcmu).await;
    caller_leg.play(words("please wait"), PlayMode::NOW).unwrap();
    let mut caller_heard = caller.hear_words("please wait").await;
    let bridge = engine.bridge(&[caller_leg.id(), agent_leg.id()]).unwrap();
    caller_heard.extend(talk(&mut agent, &agent_leg, &caller, "how can I help").await);
    let agent_heard = talk(&mut caller, &caller_leg, &agent, "my hearing").await;
    for text in ["one", "two", "three"] {
        caller_heard.extend(talk(&mut agent, &agent_leg, &caller, text).await);
    }
    // A word to the agent alone goes before the caller's voice, and the caller does not hear it.
    agent_leg.play(words("caller speaks es"), PlayMode::NOW).unwrap();
    let whisper = agent.hear_words("caller speaks es").await;
    caller_heard.extend(talk(&mut agent, &agent_leg, &caller, "four").await);
    let agent_after = talk(&mut caller, &caller_leg, &agent, "still here").await;
    engine.unbridge(bridge).unwrap();
    caller_leg.play(words("goodbye"), PlayMode::NOW).unwrap();
    caller_heard.extend(caller.hear_words("goodbye").await);
    assert_one_stream(&caller_heard);
    let said: String = caller_heard.iter().map(Heard::text).collect();
    assert!(!said.contains("caller speaks"));
    let agent_heard: Vec<Heard> = agent_heard.into_iter().chain(whisper).chain(agent_after).collect();
    assert_one_stream(&agent_heard);
    assert_ne!(agent_heard[0].header.ssrc, caller.ssrc, "our own stream, not the caller's");
}

#[tokio::test]
async fn keys_stay_between_their_presser_and_the_line() {
    let engine = engine(4);
    let (mut caller, caller_leg, mut caller_events) = person(&engine, "127.0.2.3", Codec::Pcmu).await;
    let (agent, agent_leg, _agent_events) = person(&engine, "127.0.2.4", Codec::Pcmu).await;
    engine.bridge(&[caller_leg.id(), agent_leg.id()]).unwrap();
    let mut heard = talk(&mut caller, &caller_leg, &agent, "before").await;
    for key in [4, 4, 1, 7] {
        caller.press(caller_leg.local(), key).await;
    }
    heard.extend(talk(&mut caller, &caller_leg, &agent, "after").await);
    assert!(heard.iter().all(|packet| packet.header.payload_type == 0), "no telephone-event packet went on");
    let mut keys = String::new();
    while keys.len() < 4 {
        keys.push_str(&keys_of(&[next_event(&mut caller_events).await]));
    }
    assert_eq!(keys, "4417");
}

#[tokio::test]
async fn legs_of_different_laws_understand_each_other() {
    let engine = engine(4);
    let (mut one, one_leg, _one_events) = person(&engine, "127.0.2.5", Codec::Pcmu).await;
    let (two, two_leg, _two_events) = person(&engine, "127.0.2.6", Codec::Pcma).await;
    engine.bridge(&[one_leg.id(), two_leg.id()]).unwrap();
    let samples: Vec<i16> = (0..160).map(|at| ((at as f32 / 5.0).sin() * 9_000.0) as i16).collect();
    let payload = Codec::Pcmu.encode(&samples);
    loop {
        let header = one.step();
        one.send(one_leg.local(), header, &payload).await;
        let heard = two.hear().await;
        assert_eq!(heard.header.payload_type, 8);
        if heard.payload.iter().all(|&byte| byte == 0xd5) {
            continue;
        }
        for (before, after) in samples.iter().zip(Codec::Pcma.decode(&heard.payload)) {
            assert!((i32::from(*before) - i32::from(after)).abs() <= 600, "{before} {after}");
        }
        break;
    }
}

#[tokio::test]
async fn a_packet_lost_on_the_way_is_lost_in_the_other_s_numbers_too() {
    let engine = engine(4);
    let (mut one, one_leg, _one_events) = person(&engine, "127.0.2.7", Codec::Pcmu).await;
    let (two, two_leg, _two_events) = person(&engine, "127.0.2.8", Codec::Pcmu).await;
    engine.bridge(&[one_leg.id(), two_leg.id()]).unwrap();
    talk(&mut one, &one_leg, &two, "start").await;
    two.hear_rest();
    let headers: Vec<_> = (0..4).map(|_| one.step()).collect();
    for at in [0, 3, 2, 2] {
        let frame = one.frame(&format!("p{at}"));
        one.send(one_leg.local(), headers[at], &frame).await;
    }
    let mut got = Vec::new();
    while got.len() < 3 {
        let packet = two.hear().await;
        if packet.text().starts_with('p') {
            got.push(packet);
        }
    }
    let texts: Vec<String> = got.iter().map(Heard::text).collect();
    assert_eq!(texts, ["p0", "p3", "p2"], "handed on as they come, each once");
    let steps: Vec<u16> =
        got.iter().map(|packet| packet.header.sequence.wrapping_sub(got[0].header.sequence)).collect();
    assert_eq!(steps, [0, 3, 2]);
    let times: Vec<u32> =
        got.iter().map(|packet| packet.header.timestamp.wrapping_sub(got[0].header.timestamp)).collect();
    assert_eq!(times, [0, 480, 320]);
}

#[tokio::test]
async fn an_interpreter_joins_and_each_of_three_hears_the_two_others() {
    let engine = engine(4);
    let (mut caller, caller_leg, _caller_events) = person(&engine, "127.0.2.9", Codec::Pcmu).await;
    let (mut agent, agent_leg, _agent_events) = person(&engine, "127.0.2.10", Codec::Pcma).await;
    let (mut interpreter, interpreter_leg, mut interpreter_events) = person(&engine, "127.0.2.11", Codec::Pcmu).await;
    engine.bridge(&[caller_leg.id(), agent_leg.id()]).unwrap();
    talk(&mut caller, &caller_leg, &agent, "").await;
    engine.bridge(&[caller_leg.id(), agent_leg.id(), interpreter_leg.id()]).unwrap();
    // The caller and the interpreter speak the same law, so words can be read; the agent's are a loud tone.
    let tone: Vec<u8> =
        Codec::Pcma.encode(&(0..160).map(|at| if at % 20 < 10 { 8_000 } else { -8_000 }).collect::<Vec<i16>>());
    let (mut caller_stream, mut interpreter_stream) = (caller.hear_rest(), interpreter.hear_rest());
    agent.hear_rest();
    let (mut by_caller, mut by_interpreter, mut by_agent) = (false, false, false);
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(20));
    for round in 0..800 {
        ticks.tick().await;
        // In turns, so that sums are plain words.
        match round / 20 % 3 {
            0 => {
                caller.say(caller_leg.local(), "caller").await;
                interpreter.say(interpreter_leg.local(), "").await;
                let header = agent.step();
                let frame = agent.frame("");
                agent.send(agent_leg.local(), header, &frame).await;
            }
            1 => {
                caller.say(caller_leg.local(), "").await;
                interpreter.say(interpreter_leg.local(), "interpreter").await;
                let header = agent.step();
                let frame = agent.frame("");
                agent.send(agent_leg.local(), header, &frame).await;
            }
            _ => {
                caller.say(caller_leg.local(), "").await;
                interpreter.say(interpreter_leg.local(), "").await;
                let header = agent.step();
                agent.send(agent_leg.local(), header, &tone).await;
            }
        }
        let (to_caller, to_interpreter) = (caller.hear_rest(), interpreter.hear_rest());
        let contains = |packets: &[Heard], text: &str| {
            packets.iter().any(|packet| packet.payload.windows(text.len()).any(|part| part == text.as_bytes()))
        };
        assert!(
            !contains(&to_caller, "caller") && !contains(&to_interpreter, "interpreter"),
            "nobody hears themselves"
        );
        by_caller |= contains(&to_caller, "interpreter");
        by_interpreter |= contains(&to_interpreter, "caller");
        let loud = |packets: &[Heard]| {
            packets.iter().any(|packet| Codec::Pcmu.decode(&packet.payload).iter().any(|&sample| sample > 7_000))
        };
        by_agent |= loud(&to_caller) && loud(&to_interpreter);
        caller_stream.extend(to_caller);
        interpreter_stream.extend(to_interpreter);
        if by_caller && by_interpreter && by_agent {
            break;
        }
    }
    assert!(by_caller && by_interpreter && by_agent, "{by_caller} {by_interpreter} {by_agent}");
    assert_one_stream(&caller_stream);
    assert_one_stream(&interpreter_stream);
    // The agent leaves; caller and interpreter go on.
    agent_leg.close();
    talk(&mut caller, &caller_leg, &interpreter, "are you there").await;
    interpreter.press(interpreter_leg.local(), 5).await;
    until(&mut interpreter_events, |event| *event == LegEvent::Digit('5')).await;
}

#[tokio::test]
async fn a_bridge_that_cannot_be_is_refused() {
    let engine = engine(4);
    let (_one, one_leg, _events_one) = person(&engine, "127.0.2.12", Codec::Pcmu).await;
    assert!(matches!(engine.bridge(&[one_leg.id()]), Err(MediaFault::BridgeSize)));
    assert!(matches!(engine.bridge(&[one_leg.id(), one_leg.id()]), Err(MediaFault::BridgeSize)));
    assert!(matches!(engine.bridge(&[one_leg.id(); 4]), Err(MediaFault::BridgeSize)));
}

#[tokio::test]
async fn legs_that_shall_be_bridged_are_opened_on_one_thread() {
    let engine = MediaEngine::start(caseline_voice::media::MediaSettings {
        bind: "127.0.0.1".parse().unwrap(),
        ports: caseline_voice::media::Ports::Ephemeral { count: 5 },
        threads: 3,
        pin_from: Some(0),
        legs_per_thread_max: 8,
        ..caseline_voice::media::MediaSettings::default()
    })
    .unwrap();
    assert_eq!(engine.ports().len(), 5);
    let (mut caller, caller_leg, _caller_events) = person(&engine, "127.0.2.13", Codec::Pcmu).await;
    let (_other, other_leg, _other_events) = person(&engine, "127.0.2.14", Codec::Pcmu).await;
    assert!(matches!(engine.bridge(&[caller_leg.id(), other_leg.id()]), Err(MediaFault::OtherThread)));
    let mut agent = FarEnd::at("127.0.2.15").await;
    let beside = LegSettings { beside: Some(caller_leg.id()), ..leg_of("127.0.2.15") };
    let (agent_leg, _agent_events) = connected(&engine, beside, &mut agent).await;
    engine.bridge(&[caller_leg.id(), agent_leg.id()]).unwrap();
    talk(&mut caller, &caller_leg, &agent, "over one thread").await;
    agent_leg.play(words_in(Codec::Pcmu, "and back"), PlayMode::NOW).unwrap();
    agent.hear_words("and back").await;
}
