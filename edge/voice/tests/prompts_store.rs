//! What a caller hears is made once, comes from people where people have recorded it, and is never anybody's data.
//! Which words are said is left to the conversation's tests.
#![expect(clippy::unwrap_used, reason = "a failed step should fail the test")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use caseline_voice::media::Codec;
use caseline_voice::prompts::{
    Heard, PackFault, PromptFault, PromptIndex, PromptPack, PromptRequest, PromptSource, PromptStore,
    PromptStoreSettings,
};
use caseline_voice::speech::{DigitTrouble, Espeak, Pcm8k, Silent, SpeechAdapter, SpeechFault, Spoken, Tape, wav};
use sha2::{Digest, Sha256};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("caseline-prompts-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A voice whose sounds depend on the text, and that counts how often it speaks.
#[derive(Default)]
struct Counting(AtomicUsize);

#[async_trait]
impl SpeechAdapter for Counting {
    fn name(&self) -> &str {
        "counting"
    }

    fn voice(&self, _: &str) -> Result<String, SpeechFault> {
        Ok("counting".to_owned())
    }

    fn must_prove_digits(&self) -> bool {
        false
    }

    async fn speak(&self, _: &str, text: &str) -> Result<Spoken, SpeechFault> {
        self.0.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        Ok(Spoken::Sound(Pcm8k(babble(text))))
    }
}

/// Noise that depends on the text word by word: texts that begin alike sound alike for as long.
fn babble(text: &str) -> Vec<i16> {
    let (mut sound, mut state) = (Vec::new(), 7u64);
    for word in text.split_whitespace() {
        state = word.bytes().fold(state, |state, byte| state.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let mut chance = state;
        sound.extend((0..800).map(|_| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (chance >> 50) as i16 - 8_192
        }));
    }
    sound
}

fn store(settings: PromptStoreSettings) -> (Arc<Counting>, Arc<PromptStore>) {
    let adapter = Arc::new(Counting::default());
    let store = PromptStore::new(adapter.clone(), settings).unwrap();
    (adapter, Arc::new(store))
}

fn fixed(id: &str, text: &str) -> PromptRequest {
    PromptRequest::fixed(id, "es", text)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn entry(message: &str, file: &str, bytes: &[u8]) -> String {
    format!(
        "[[recording]]\nmessage = \"{message}\"\nlanguage = \"mam\"\nfile = \"{file}\"\nsha256 = \"{}\"\nspeaker = \"a volunteer\"\nconsent = \"agreed on paper\"\nconsent_on = \"2026-03-02\"\n",
        sha256(bytes)
    )
}

fn pack(folder: &Path, rows: &str) -> Result<PromptPack, PackFault> {
    std::fs::write(folder.join("pack.toml"), format!("pack = \"Mam\"\n\n{rows}")).unwrap();
    PromptPack::read(folder)
}

fn names(heard: &[Heard]) -> Vec<String> {
    heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Began { ids, .. } => Some(ids.join("|")),
            Heard::Ended { .. } => None,
        })
        .collect()
}

// --- One prompt for all callers ---

#[tokio::test]
async fn twenty_callers_who_ask_at_once_are_served_by_speaking_once() {
    let (adapter, store) = store(PromptStoreSettings::default());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let store = store.clone();
        tasks.spawn(async move { store.get(&fixed("es/greeting", "Bienvenido a la línea")).await.unwrap() });
    }
    let prompts = tasks.join_all().await;
    assert_eq!(adapter.0.load(Ordering::SeqCst), 1);
    assert!(prompts.iter().all(|prompt| Arc::ptr_eq(prompt, &prompts[0])));
    assert_eq!(prompts[0].bytes(Codec::Pcmu).len(), prompts[0].bytes(Codec::Pcma).len());
}

#[tokio::test]
async fn a_line_that_starts_again_speaks_from_its_cache_folder() {
    let folder = Folder::new("again");
    let settings = || PromptStoreSettings { cache_folder: Some(folder.0.clone()), packs: Vec::new() };
    let (_, first) = store(settings());
    let before = first.get(&fixed("es/greeting", "Bienvenido")).await.unwrap();
    let (adapter, second) = store(settings());
    assert_eq!(second.get(&fixed("es/greeting", "Bienvenido")).await.unwrap(), before);
    assert_eq!(adapter.0.load(Ordering::SeqCst), 0);
    second.get(&fixed("es/greeting", "Bienvenida")).await.unwrap();
    assert_eq!(adapter.0.load(Ordering::SeqCst), 1, "a changed text is spoken anew");
}

#[tokio::test]
async fn a_damaged_cache_file_is_spoken_again_and_mended() {
    let folder = Folder::new("damaged");
    let settings = || PromptStoreSettings { cache_folder: Some(folder.0.clone()), packs: Vec::new() };
    let (_, first) = store(settings());
    let before = first.get(&fixed("es/greeting", "Bienvenido")).await.unwrap();
    let file = std::fs::read_dir(&folder.0).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(&file).unwrap();
    for damaged in [&whole[..whole.len() - 1], &whole[..20], b"", &[&whole[..whole.len() - 1], b"!"].concat()] {
        std::fs::write(&file, damaged).unwrap();
        let (adapter, again) = store(settings());
        assert_eq!(again.get(&fixed("es/greeting", "Bienvenido")).await.unwrap(), before);
        assert_eq!(adapter.0.load(Ordering::SeqCst), 1);
        assert_eq!(std::fs::read(&file).unwrap(), whole);
    }
}

#[tokio::test]
async fn what_is_personal_is_kept_neither_on_disk_nor_in_memory_nor_in_the_index() {
    let folder = Folder::new("personal");
    let (adapter, store) = store(PromptStoreSettings { cache_folder: Some(folder.0.clone()), packs: Vec::new() });
    let request = PromptRequest::personal("es/hearing", "es", "Su audiencia es el catorce de abril");
    let first = store.get(&request).await.unwrap();
    let second = store.get(&request).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(adapter.0.load(Ordering::SeqCst), 2);
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0);
    assert_eq!(store.index().sounds(), 0);
    assert!(!format!("{request:?} {store:?} {first:?}").contains("abril"));
}

#[tokio::test]
async fn a_list_is_rendered_ahead_and_the_progress_is_told() {
    let (_, store) = store(PromptStoreSettings::default());
    let list = (0..30).map(|number| fixed(&format!("es/word-{number}"), &format!("palabra {number}"))).collect();
    let mut seen = Vec::new();
    let report = store.render_ahead(list, |progress| seen.push((progress.done, progress.total))).await;
    assert_eq!((report.spoken, report.recorded, report.faults.len()), (30, 0, 0));
    assert_eq!(seen, (0..=30).map(|done| (done, 30)).collect::<Vec<_>>());
    assert_eq!(store.index().sounds(), 30);
    assert_eq!(report.length.as_millis(), 30 * 200);
}

#[tokio::test]
async fn prompts_that_can_t_be_had_are_reported_and_the_others_made() {
    let store = Arc::new(PromptStore::new(Arc::new(Espeak::default()), PromptStoreSettings::default()).unwrap());
    let list = vec![
        PromptRequest::fixed("mam/greeting", "mam", "Qo tzaj"),
        PromptRequest::fixed("es/greeting", "es", "Bienvenido"),
    ];
    let report = store.render_ahead(list, |_| {}).await;
    assert_eq!((report.spoken, report.faults.len()), (1, 1));
    let source = std::error::Error::source(&report.faults[0]).unwrap().to_string();
    assert_eq!(source, "no voice for mam: record prompts");
}

// --- Numbers ---

#[tokio::test]
async fn a_text_with_figures_is_refused_where_the_voice_swallows_the_zero() {
    let store = PromptStore::new(Arc::new(Espeak::default()), PromptStoreSettings::default()).unwrap();
    let fault = store.get(&PromptRequest::fixed("quc/part/digit-5", "quc", "5")).await.unwrap_err();
    let said = fault.to_string();
    assert!(matches!(fault, PromptFault::DigitsNotSafe { .. }));
    assert!(said.contains("0 is not heard") && said.contains("record the digits"), "{said}");
    store.get(&PromptRequest::fixed("quc/greeting", "quc", "saqarik")).await.unwrap();
    store.get(&PromptRequest::fixed("es/part/digit-5", "es", "5")).await.unwrap();
}

#[tokio::test]
async fn digits_that_people_have_recorded_are_used_and_checked() {
    let folder = Folder::new("digits");
    let mut rows = String::new();
    for digit in 0..10 {
        // The recording of nine was mixed up with that of eight.
        let sound = babble(&format!("recorded {}", digit.min(8)));
        let mut file = Vec::new();
        wav::write_pcm16(&mut file, 8_000, &sound).unwrap();
        folder.write(&format!("{digit}.wav"), &file);
        rows += &entry(&format!("part/digit-{digit}"), &format!("{digit}.wav"), &file);
    }
    let packs = vec![pack(&folder.0, &rows).unwrap()];
    let settings = PromptStoreSettings { cache_folder: None, packs };
    let store = PromptStore::new(Arc::new(Espeak::default()), settings).unwrap();
    let requests: [PromptRequest; 10] = std::array::from_fn(|digit| {
        PromptRequest::fixed(&format!("mam/part/digit-{digit}"), "mam", &digit.to_string())
    });
    let digits = store.digit_prompts_are_distinct(&requests).await.unwrap_err();
    assert_eq!(digits.len(), 1);
    assert_eq!((digits[0].value, &digits[0].trouble), (9, &DigitTrouble::SameAs(8)));
}

// --- Prompt packs ---

#[tokio::test]
async fn a_recording_wins_over_the_voice_and_its_bytes_go_out_unchanged() {
    let folder = Folder::new("wins");
    let ulaw: Vec<u8> = (0..320).map(|at| (at % 251) as u8).collect();
    let alaw: Vec<u8> = (0..320).map(|at| (at % 241) as u8).collect();
    let mut wav_of_alaw = Vec::new();
    wav::write_pcm16(&mut wav_of_alaw, 8_000, &[0; 160]).unwrap();
    wav_of_alaw[20] = 6;
    wav_of_alaw[34] = 8;
    wav_of_alaw.truncate(44);
    wav_of_alaw.extend_from_slice(&alaw);
    folder.write("a.ulaw", &ulaw);
    folder.write("mam/b.wav", &wav_of_alaw);
    let rows = entry("greeting", "a.ulaw", &ulaw) + &entry("wait", "mam/b.wav", &wav_of_alaw);
    let packs = vec![pack(&folder.0, &rows).unwrap()];
    assert_eq!(packs[0].recordings()[1].id(), "mam/wait");
    let (adapter, store) = store(PromptStoreSettings { cache_folder: None, packs });
    let greeting = store.get(&PromptRequest::fixed("mam/greeting", "mam", "Qo tzaj")).await.unwrap();
    let wait = store.get(&PromptRequest::fixed("mam/wait", "mam", "Ayon")).await.unwrap();
    assert_eq!((greeting.source(), adapter.0.load(Ordering::SeqCst)), (PromptSource::Recording, 0));
    assert_eq!(greeting.bytes(Codec::Pcmu)[..], ulaw[..]);
    assert_eq!(greeting.bytes(Codec::Pcma)[..], Codec::Pcma.encode(&Codec::Pcmu.decode(&ulaw))[..]);
    assert_eq!(wait.bytes(Codec::Pcma)[..], alaw[..]);
}

#[test]
fn a_recording_without_consent_is_refused_with_what_to_do() {
    let folder = Folder::new("consent");
    folder.write("a.ulaw", b"sound");
    let good = entry("greeting", "a.ulaw", b"sound");
    pack(&folder.0, &good).unwrap();
    for (what, without) in [
        ("consent note", good.replace("agreed on paper", " ")),
        ("speaker", good.replace("speaker = \"a volunteer\"\n", "")),
        ("day of consent", good.replace("2026-03-02", "last spring")),
        ("day of consent", good.replace("2026-03-02", "2026-13-02")),
    ] {
        let fault = pack(&folder.0, &without).unwrap_err();
        let said = fault.to_string();
        assert!(matches!(fault, PackFault::NoConsent { row: 3, .. }), "{said}");
        assert!(said.contains("a.ulaw") && said.contains(what) && said.contains("ask the speaker"), "{said}");
    }
}

#[test]
fn a_recording_that_is_not_the_listed_one_is_refused_with_what_to_do() {
    let folder = Folder::new("hash");
    folder.write("a.ulaw", b"another sound");
    let fault = pack(&folder.0, &entry("greeting", "a.ulaw", b"sound")).unwrap_err();
    let said = fault.to_string();
    assert!(matches!(fault, PackFault::WrongHash { .. }));
    assert!(
        said.contains("a.ulaw") && said.contains(&sha256(b"another sound")) && said.contains("listen to it"),
        "{said}"
    );
}

#[test]
fn a_pack_that_is_wrong_in_any_other_way_is_refused_with_file_and_row() {
    let folder = Folder::new("wrong");
    folder.write("a.ulaw", b"sound");
    folder.write("b.wav", b"RIFF of nothing");
    std::os::unix::fs::symlink("/etc/hostname", folder.0.join("link.ulaw")).unwrap();
    let good = entry("greeting", "a.ulaw", b"sound");
    let said = |rows: &str| pack(&folder.0, rows).unwrap_err().to_string();
    assert!(said(&good.replace("a.ulaw", "../a.ulaw")).contains("outside the pack"));
    assert!(said(&entry("greeting", "link.ulaw", b"")).contains("outside the pack"));
    assert!(said(&good.replace("a.ulaw", "none.ulaw")).contains("put the file there"));
    assert!(said(&entry("greeting", "b.wav", b"RIFF of nothing")).contains("not a WAV file"));
    assert!(said(&format!("{good}{good}")).contains("row 11: lists mam/greeting a second time"));
    assert!(
        said(&good.replace("speaker", "speeker")).contains("row 8"),
        "{}",
        said(&good.replace("speaker", "speeker"))
    );
    assert!(said("[[recording").contains("row 3"));
}

// --- Naming prompts by their sound ---

async fn indexed(texts: &[(&str, &str)]) -> (Arc<PromptStore>, Arc<PromptIndex>) {
    let (_, store) = store(PromptStoreSettings::default());
    for (id, text) in texts {
        store.get(&fixed(id, text)).await.unwrap();
    }
    let index = Arc::new(store.index());
    (store, index)
}

#[tokio::test]
async fn a_prompt_is_named_at_any_offset_in_both_codecs_with_where_it_began() {
    let (store, index) = indexed(&[("es/greeting", "bienvenido a la línea"), ("es/wait", "espere por favor")]).await;
    let wait = store.get(&fixed("es/wait", "espere por favor")).await.unwrap();
    for codec in [Codec::Pcmu, Codec::Pcma] {
        for offset in [0, 1, 79, 160, 1_237] {
            let mut sound = vec![codec.silence(); offset];
            sound.extend_from_slice(wait.bytes(codec));
            sound.extend(vec![codec.silence(); 400]);
            let mut listener = index.listener(codec);
            let heard: Vec<Heard> = sound.chunks(160).flat_map(|packet| listener.feed(packet)).collect();
            let ids: Arc<[String]> = vec!["es/wait".to_owned()].into();
            let (samples, at_sample) = (wait.bytes(codec).len(), offset);
            assert_eq!(
                heard,
                [
                    Heard::Began { ids: ids.clone(), at_sample },
                    Heard::Ended { ids, until_sample: offset + samples, heard_samples: samples, of_samples: samples }
                ],
                "{codec:?} {offset}"
            );
        }
    }
}

#[tokio::test]
async fn prompts_that_begin_alike_are_told_apart_and_the_shorter_is_not_taken_for_the_longer() {
    let texts = [
        ("es/one", "para español oprima uno"),
        ("es/two", "para español oprima dos"),
        ("es/start", "para español"),
        ("es/other", "para español"),
    ];
    let (store, index) = indexed(&texts).await;
    for (id, text) in texts {
        let prompt = store.get(&fixed(id, text)).await.unwrap();
        let mut listener = index.listener(Codec::Pcmu);
        let mut heard = listener.feed(prompt.bytes(Codec::Pcmu));
        heard.extend(listener.feed(&[0xFF; 800]));
        heard.extend(listener.pause());
        let named = if text == "para español" { "es/other|es/start" } else { id };
        assert_eq!(names(&heard), [named]);
    }
}

#[tokio::test]
async fn a_prompt_is_named_although_every_fifth_packet_is_lost() {
    let (store, index) = indexed(&[("es/greeting", "bienvenido a la línea de ayuda gratis")]).await;
    let prompt = store.get(&fixed("es/greeting", "bienvenido a la línea de ayuda gratis")).await.unwrap();
    for lost in 0..5 {
        let mut listener = index.listener(Codec::Pcmu);
        let mut heard = listener.feed(&[0xFF; 50]);
        for (number, packet) in prompt.bytes(Codec::Pcmu).chunks(160).enumerate() {
            heard.extend(if number % 5 == lost { listener.gap(packet.len()) } else { listener.feed(packet) });
        }
        heard.extend(listener.feed(&[0xFF; 200]));
        assert_eq!(names(&heard), ["es/greeting"], "{lost}");
        assert!(
            matches!(heard.last(), Some(Heard::Ended { heard_samples, of_samples, .. }) if heard_samples == of_samples)
        );
    }
}

#[tokio::test]
async fn an_interrupted_prompt_is_told_as_far_as_it_was_played_and_again_when_it_is_repeated() {
    let (store, index) = indexed(&[("es/greeting", "bienvenido a la línea de ayuda")]).await;
    let prompt = store.get(&fixed("es/greeting", "bienvenido a la línea de ayuda")).await.unwrap();
    let mut listener = index.listener(Codec::Pcma);
    let mut heard = listener.feed(&prompt.bytes(Codec::Pcma)[..1_600]);
    heard.extend(listener.feed(&[0xD5; 320]));
    heard.extend(listener.feed(prompt.bytes(Codec::Pcma)));
    assert_eq!(names(&heard), ["es/greeting", "es/greeting"]);
    let ended: Vec<usize> = heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Ended { heard_samples, .. } => Some(*heard_samples),
            Heard::Began { .. } => None,
        })
        .collect();
    assert_eq!(ended, [1_600, prompt.bytes(Codec::Pcma).len()]);
}

/// A voice that says a word alike wherever it stands.
struct WordByWord;

#[async_trait]
impl SpeechAdapter for WordByWord {
    fn name(&self) -> &str {
        "word by word"
    }

    fn voice(&self, _: &str) -> Result<String, SpeechFault> {
        Ok("word by word".to_owned())
    }

    fn must_prove_digits(&self) -> bool {
        false
    }

    async fn speak(&self, _: &str, text: &str) -> Result<Spoken, SpeechFault> {
        Ok(Spoken::Sound(Pcm8k(text.split_whitespace().flat_map(babble).collect())))
    }
}

#[tokio::test]
async fn a_prompt_is_not_heard_in_the_middle_of_another_one_that_has_words_of_it() {
    let store = PromptStore::new(Arc::new(WordByWord), PromptStoreSettings::default()).unwrap();
    let long = store.get(&fixed("es/long", "no somos parte del gobierno y no cobramos")).await.unwrap();
    let short = store.get(&fixed("es/short", "parte del formulario")).await.unwrap();
    let index = Arc::new(store.index());
    let (long, short) = (long.bytes(Codec::Pcmu), short.bytes(Codec::Pcmu));
    let heard = index.listener(Codec::Pcmu).feed(&[&long[..], &short[..], &long[..]].concat());
    assert_eq!(names(&heard), ["es/long", "es/short", "es/long"]);
    // Interrupted between two words, and the other follows at once.
    let heard = index.listener(Codec::Pcmu).feed(&[&long[..2 * 800], &short[..]].concat());
    assert_eq!(names(&heard), ["es/long", "es/short"]);
}

#[tokio::test]
async fn a_telephone_in_another_process_knows_the_prompts_from_the_cache_folder() {
    let folder = Folder::new("other-process");
    let (_, store) = store(PromptStoreSettings { cache_folder: Some(folder.0.clone()), packs: Vec::new() });
    let prompt = store.get(&fixed("es/greeting", "bienvenido")).await.unwrap();
    store.get(&fixed("es/hello", "bienvenido")).await.unwrap();
    let index = Arc::new(PromptIndex::load(&folder.0).unwrap());
    let heard = index.listener(Codec::Pcmu).feed(prompt.bytes(Codec::Pcmu));
    assert_eq!(names(&heard), ["es/greeting|es/hello"]);
}

#[tokio::test]
async fn a_silent_voice_leaves_nothing_to_be_named() {
    let store = PromptStore::new(Arc::new(Silent), PromptStoreSettings::default()).unwrap();
    let prompt = store.get(&fixed("es/greeting", "bienvenido 24 horas")).await.unwrap();
    let mut listener = Arc::new(store.index()).listener(Codec::Pcmu);
    assert!(listener.feed(prompt.bytes(Codec::Pcmu)).is_empty());
    assert!(listener.finish().is_empty());
}

#[tokio::test]
async fn real_speech_and_tape_are_named_too() {
    let adapters: [Arc<dyn SpeechAdapter>; 2] = [Arc::new(Espeak::default()), Arc::new(Tape::default())];
    for adapter in adapters {
        let store = PromptStore::new(adapter, PromptStoreSettings::default()).unwrap();
        let ask = store.get(&fixed("es/ask", "Marque 1 para su caso, 2 para una pregunta.")).await.unwrap();
        let wait = store.get(&fixed("es/wait", "Espere, por favor.")).await.unwrap();
        let mut listener = Arc::new(store.index()).listener(Codec::Pcmu);
        let mut heard = listener.feed(wait.bytes(Codec::Pcmu));
        heard.extend(listener.feed(ask.bytes(Codec::Pcmu)));
        heard.extend(listener.pause());
        assert_eq!(names(&heard), ["es/wait", "es/ask"], "{}", store.adapter_name());
    }
}
