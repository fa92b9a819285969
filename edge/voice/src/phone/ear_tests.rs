//! What the test telephone hears of a line that is held up in the middle of its words, that loses packets, and that says
//! something twice: each prompt is named as often as it was said.

use std::sync::Arc;
use std::time::Duration;

use super::ear::{Attention, Ear};
use super::transcript::PhoneEvent;
use crate::media::held_up::{HeldUp, Packet};
use crate::media::{Codec, EncodedPrompt};
use crate::prompts::{Prompt, PromptRequest, PromptStore, PromptStoreSettings};
use crate::speech::{Espeak, SpeechAdapter, Tape};

const CODECS: [Codec; 2] = [Codec::Pcmu, Codec::Pcma];

/// Rounds of 20 ms after which a thread goes on: one missed; just under and over the 200 ms after which the ear takes
/// the line to be quiet; and long enough for anything.
const HELD_UP: [u32; 4] = [2, 10, 14, 400];

/// Two texts, one of which begins like the other.
const TEXTS: [(&str, &str); 2] =
    [("es/ask", "Marque uno para su caso"), ("es/ask-more", "Marque uno para su caso. Otra vez: marque uno")];

struct Said {
    prompts: Vec<Arc<Prompt>>,
    attention: Attention,
}

async fn said_by(voice: Arc<dyn SpeechAdapter>, texts: &[(&str, &str)]) -> Said {
    let tape = voice.name() == "tape";
    let store = PromptStore::new(voice, PromptStoreSettings::default()).unwrap();
    let mut prompts = Vec::new();
    for (id, text) in texts {
        prompts.push(store.get(&PromptRequest::fixed(id, "es", text)).await.unwrap());
    }
    let index = Arc::new(store.index());
    Said { prompts, attention: Attention { prompts: (!tape).then_some(index), tape } }
}

impl Said {
    fn encoded(&self, codec: Codec) -> Vec<Arc<EncodedPrompt>> {
        self.prompts
            .iter()
            .map(|prompt| Arc::new(EncodedPrompt::new(codec, prompt.bytes(codec).to_vec()).unwrap()))
            .collect()
    }

    fn packets(&self, codec: Codec) -> usize {
        self.prompts.iter().map(|prompt| prompt.bytes(codec).len() / 160).sum()
    }
}

/// Everything the ear tells of these packets; time passes between them as on a telephone.
fn hears(codec: Codec, attention: &Attention, packets: &[(Duration, Packet)]) -> Vec<PhoneEvent> {
    let mut ear = Ear::new(codec, attention);
    let (mut events, mut now) = (Vec::new(), Duration::ZERO);
    for (at, (header, payload)) in packets {
        while now + Duration::from_millis(20) < *at {
            now += Duration::from_millis(20);
            events.extend(ear.tick(now));
        }
        now = *at;
        events.extend(ear.packet(*header, payload, now));
        events.extend(ear.tick(now));
    }
    for _ in 0..20 {
        now += Duration::from_millis(20);
        events.extend(ear.tick(now));
    }
    events.extend(ear.finish(now));
    events.into_iter().map(|(_, event)| event).collect()
}

/// Names of prompts and texts, in order, and whatever else was taken for words.
fn words(events: &[PhoneEvent]) -> Vec<String> {
    let said = |event: &PhoneEvent| match event {
        PhoneEvent::HeardPrompt { ids } => Some(ids.join("|")),
        PhoneEvent::HeardText(text) => Some(format!("{}{}", if text.whole { "" } else { "in part " }, text.text)),
        PhoneEvent::HeardOther { length } => Some(format!("something else, {length:?}")),
        PhoneEvent::PromptEnded { ids, heard, of } if heard < of => Some(format!("{} cut short", ids.join("|"))),
        _ => None,
    };
    events.iter().filter_map(said).collect()
}

#[tokio::test]
async fn a_prompt_is_named_once_wherever_the_line_is_held_up_in_it() {
    let said = said_by(Arc::new(Espeak::default()), &TEXTS).await;
    for (codec, all_rounds) in [(Codec::Pcmu, &HELD_UP[..]), (Codec::Pcma, &HELD_UP[2..3])] {
        let count = said.packets(codec);
        for &rounds in all_rounds {
            for held_up_at in 0..count + 6 {
                let packets = HeldUp::playing(codec, said.encoded(codec)).turns(count + 6, held_up_at, rounds);
                let heard = words(&hears(codec, &said.attention, &packets));
                assert_eq!(heard, ["es/ask", "es/ask-more"], "{codec:?}, {rounds} rounds at {held_up_at}");
            }
        }
    }
}

#[tokio::test]
async fn a_text_is_read_once_wherever_the_line_is_held_up_in_it() {
    // The last one fills more than one packet.
    let long = "Otra vez: ".repeat(40);
    let texts = [("es/a", "Marque uno. "), ("es/b", ". Otra vez:"), ("es/c", long.as_str())];
    for copies in [1, 2, 7] {
        let said = said_by(Arc::new(Tape { copies, characters_a_second: None }), &texts).await;
        for codec in CODECS {
            let count = said.packets(codec);
            for rounds in HELD_UP {
                for held_up_at in 0..count + 6 {
                    let packets = HeldUp::playing(codec, said.encoded(codec)).turns(count + 6, held_up_at, rounds);
                    let heard = words(&hears(codec, &said.attention, &packets));
                    assert_eq!(heard, texts.map(|(_, text)| text), "{copies} copies, {rounds} rounds at {held_up_at}");
                }
            }
        }
    }
}

#[tokio::test]
async fn packets_that_are_lost_while_the_line_is_held_up_name_nothing_twice() {
    let said = said_by(Arc::new(Espeak::default()), &TEXTS[1..]).await;
    let tape = said_by(Arc::new(Tape { copies: 3, characters_a_second: None }), &[("es/a", ". Otra vez:")]).await;
    for (said, name) in [(&said, "es/ask-more"), (&tape, ". Otra vez:")] {
        let count = said.packets(Codec::Pcmu);
        for run in [1, 3, 11] {
            // The first packets tell where it begins, and of the tape one copy must come through.
            for lost_at in 1..count {
                let mut packets = HeldUp::playing(Codec::Pcmu, said.encoded(Codec::Pcmu)).turns(count + 6, lost_at, 14);
                packets.drain(lost_at..(lost_at + run).min(count));
                let heard = words(&hears(Codec::Pcmu, &said.attention, &packets));
                assert_eq!(heard.iter().filter(|heard| *heard == name).count(), 1, "{run} at {lost_at}: {heard:?}");
                assert!(heard.iter().all(|heard| heard.starts_with(name)), "{heard:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_line_that_says_something_twice_is_heard_to_say_it_twice() {
    let espeak = said_by(Arc::new(Espeak::default()), &TEXTS[..1]).await;
    let tape = said_by(Arc::new(Tape { copies: 2, characters_a_second: None }), &[("es/a", ". Otra vez:")]).await;
    for (said, name) in [(&espeak, "es/ask"), (&tape, ". Otra vez:")] {
        for codec in CODECS {
            let count = said.packets(codec);
            let twice = [said.encoded(codec), said.encoded(codec)].concat();
            // Held up where the first ends, and nowhere.
            for rounds in [1, 14] {
                let packets = HeldUp::playing(codec, twice.clone()).turns(2 * count + 6, count, rounds);
                assert_eq!(words(&hears(codec, &said.attention, &packets)), [name, name], "{codec:?}, {rounds}");
            }
        }
    }
}

#[tokio::test]
async fn a_prompt_that_begins_again_in_its_middle_is_heard_twice() {
    let said = said_by(Arc::new(Espeak::default()), &TEXTS[..1]).await;
    let whole = said.prompts[0].bytes(Codec::Pcmu);
    let begun = whole[..whole.len() / 320 * 160].to_vec();
    let cut = Arc::new(EncodedPrompt::new(Codec::Pcmu, begun).unwrap());
    let prompts = vec![cut, said.encoded(Codec::Pcmu).remove(0)];
    let packets = HeldUp::playing(Codec::Pcmu, prompts).turns(whole.len() / 160 * 2, 0, 1);
    let heard = words(&hears(Codec::Pcmu, &said.attention, &packets));
    assert_eq!(heard.iter().filter(|heard| *heard == "es/ask").count(), 2, "{heard:?}");
}
