//! The voices of the line, heard for what they are: espeak-ng really runs here.
//! Without the program these tests fail and say what to install: a line that can't speak is not skipped.

use std::time::Duration;

use caseline_voice::media::Codec;
use caseline_voice::speech::{
    DigitTrouble, Espeak, EspeakSettings, Silent, SpeechAdapter, SpeechFault, Spoken, Tape, TapeReader,
    active_level_dbfs, digit_words_are_distinct, digits_are_distinct,
};

async fn spoken(language: &str, text: &str) -> Vec<i16> {
    match Espeak::default().speak(language, text).await {
        Ok(spoken) => spoken.sound().0,
        Err(fault) => panic!("{fault}"),
    }
}

#[tokio::test]
async fn a_caller_hears_a_spanish_sentence_at_telephone_loudness() {
    let sound = spoken("es", "Su próxima audiencia es el catorce de abril a las ocho y media.").await;
    let seconds = sound.len() as f64 / 8_000.0;
    assert!((2.5..9.0).contains(&seconds), "{seconds} s");
    let level = active_level_dbfs(&sound).unwrap();
    assert!((-23.0..=-17.0).contains(&level), "{level} dBFS");
    assert!(sound.iter().all(|sample| sample.unsigned_abs() < 32_000), "clipped");
}

#[tokio::test]
async fn each_digit_of_the_full_languages_is_heard_and_like_no_other() {
    for language in ["en", "es", "ht"] {
        digits_are_distinct(&Espeak::default(), language)
            .await
            .unwrap_or_else(|digits| panic!("{language}: {digits:?}"));
    }
}

#[tokio::test]
async fn the_zero_that_the_k_iche_voice_swallows_is_caught() {
    let digits = digits_are_distinct(&Espeak::default(), "quc").await.unwrap_err();
    let zero: Vec<_> = digits.iter().filter(|digit| digit.value == 0).map(|digit| &digit.trouble).collect();
    assert_eq!(zero, [&DigitTrouble::NoSound], "{digits:?}");
}

#[tokio::test]
async fn digits_that_the_nepali_voice_reads_in_english_are_caught() {
    let digits = digits_are_distinct(&Espeak::default(), "ne").await.unwrap_err();
    let english = DigitTrouble::OtherLanguage("en".to_owned());
    assert_eq!(digits.iter().filter(|digit| digit.trouble == english).count(), 10, "{digits:?}");
}

#[tokio::test]
async fn two_digits_with_one_word_are_caught() {
    let mut words =
        ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"].map(str::to_owned);
    digit_words_are_distinct(&Espeak::default(), "es", &words).await.unwrap();
    words[7] = "seis".to_owned();
    let digits = digit_words_are_distinct(&Espeak::default(), "es", &words).await.unwrap_err();
    assert_eq!(digits.len(), 1);
    assert_eq!((digits[0].value, &digits[0].trouble), (7, &DigitTrouble::SameAs(6)));
}

#[tokio::test]
async fn a_silent_line_is_noticed_digit_by_digit() {
    let digits = digits_are_distinct(&Silent, "es").await.unwrap_err();
    assert_eq!(digits.len(), 10);
    assert!(digits.iter().all(|digit| digit.trouble == DigitTrouble::NoSound));
}

#[tokio::test]
async fn a_language_without_a_voice_is_told_to_record_prompts() {
    let fault = Espeak::default().speak("mam", "Qo tzaj").await.unwrap_err();
    assert!(matches!(fault, SpeechFault::NoVoice { .. }));
    assert_eq!(fault.to_string(), "no voice for mam: record prompts");
}

#[tokio::test]
async fn a_slower_voice_takes_longer() {
    let at = |words_per_minute| Espeak::new(EspeakSettings { words_per_minute, ..EspeakSettings::default() });
    let text = "Please have your file receipt ready.";
    let slow = at(110).speak("en", text).await.unwrap().sound().duration();
    let fast = at(190).speak("en", text).await.unwrap().sound().duration();
    assert!(slow > fast + Duration::from_millis(300), "{slow:?} {fast:?}");
    assert_ne!(at(110).voice("en").unwrap(), at(190).voice("en").unwrap());
}

#[tokio::test]
async fn many_texts_at_once_are_each_spoken_as_if_alone() {
    let espeak = std::sync::Arc::new(Espeak::default());
    let alone = espeak.speak("ht", "twa").await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..12 {
        let espeak = espeak.clone();
        let text = if number % 2 == 0 { "twa" } else { "Byenveni sou liy nan" };
        tasks.spawn(async move { (number % 2, espeak.speak("ht", text).await.unwrap()) });
    }
    for (odd, spoken) in tasks.join_all().await {
        assert_eq!(odd == 0, spoken == alone);
    }
}

/// Every packet is lost with a chance of one in twenty, by a seed; three copies of a text bring it through.
#[tokio::test]
async fn a_tape_text_comes_through_both_codecs_with_five_percent_of_packets_lost() {
    let texts: Vec<String> = (0..60)
        .map(|number| {
            format!(
                "Audiencia {number}: 14 de abril de 2026, 8:30, según el aviso del 10 de febrero. {}",
                "Lleve el aviso. ".repeat(number % 5)
            )
        })
        .collect();
    for (codec, seed) in [(Codec::Pcmu, 1u64), (Codec::Pcmu, 2), (Codec::Pcma, 3), (Codec::Pcma, 4)] {
        let mut sound = Vec::new();
        for text in &texts {
            sound.extend(Tape::default().speak("es", text).await.unwrap().encode(codec));
            sound.extend(std::iter::repeat_n(codec.silence(), 1_600));
        }
        let mut reader = TapeReader::new(codec);
        let (mut read, mut chance, mut lost) = (Vec::new(), seed, 0);
        for packet in sound.chunks(160) {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if (chance >> 33) % 100 < 5 {
                lost += 1;
                read.extend(reader.gap(packet.len()));
            } else {
                read.extend(reader.feed(packet));
            }
        }
        read.extend(reader.finish());
        let whole: Vec<String> = read.iter().filter(|text| text.whole).map(|text| text.text.clone()).collect();
        assert!(lost > 20, "{lost} packets lost");
        assert_eq!(whole, texts, "{codec:?}, seed {seed}, {lost} packets lost");
    }
}

#[tokio::test]
async fn the_tape_says_the_same_in_both_codecs_and_the_bytes_differ() {
    let Spoken::Encoded { ulaw, alaw } = Tape::default().speak("es", "prensa uno").await.unwrap() else {
        panic!("the tape encodes by itself");
    };
    assert_ne!(ulaw, alaw);
    for (codec, bytes) in [(Codec::Pcmu, ulaw), (Codec::Pcma, alaw)] {
        assert_eq!(TapeReader::new(codec).feed(&bytes)[0].text, "prensa uno");
    }
}
