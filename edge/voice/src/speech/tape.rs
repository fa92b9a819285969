//! The tape voice of the tests: it "speaks" by writing the text itself into the sound, and whoever hears it reads it.
//! So a test asserts on words that crossed the real media path; when it is used is left to the stages of the tests.
//!
//! **The rule of the bytes.** Over µ-law a byte of UTF-8 is a sample. Silence is 0xFF, which no UTF-8 text holds, and
//! 0x7F, the only code that decoding and encoding again changes (to 0xFF), is the control character DEL, which is
//! left out. Over A-law a byte is XORed with 0x2A: then silence, 0xD5, stands for 0xFF again, and 0x55, the A-law code
//! of minus zero, for 0x7F. So both codecs keep one rule, although 0xD5 may occur in UTF-8 (in Armenian).
//!
//! **The frame of a text**: BEGIN (0xF8), the number of the copy (`1` to `9`), the length and a check sum (four
//! hexadecimal digits each), the text, END (0xF9); then silence up to the next packet of 160 samples, and the next copy.
//! A lost packet leaves a hole that another copy fills, or that is shown as `…`.

use async_trait::async_trait;

use super::{SpeechAdapter, SpeechFault, Spoken, TELEPHONE_RATE_HZ, TEXT_BYTES_MAX};
use crate::media::Codec;

const BEGIN: u8 = 0xF8;
const END: u8 = 0xF9;
const SILENCE: u8 = 0xFF;
const DELETE: u8 = 0x7F;
/// What A-law bytes are XORed with.
const ALAW_MASK: u8 = 0x2A;
/// Number of the copy, length, check sum.
const HEADER_BYTES: usize = 1 + 4 + 4;
/// Copies begin at packets of this many samples.
const PACKET_SAMPLES: usize = 160;
/// After so many samples of silence the next text is a new one, even if it reads the same.
const SAME_TEXT_SILENCE_MAX: usize = 2 * PACKET_SAMPLES + PACKET_SAMPLES / 2;
/// A text that has been silent for so long was stopped (the caller pressed a key).
const HOLE_SAMPLES_MAX: usize = 6 * PACKET_SAMPLES;

/// The speech adapter that writes text as samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tape {
    /// How often each text is written, 1 to 9. With three copies a text outlives the loss of a packet.
    pub copies: u8,
    /// If given, silence follows until the prompt has lasted as long as speech would have at this speed, so that
    /// there is something to interrupt.
    pub characters_a_second: Option<u16>,
}

impl Default for Tape {
    fn default() -> Self {
        Self { copies: 3, characters_a_second: None }
    }
}

#[async_trait]
impl SpeechAdapter for Tape {
    fn name(&self) -> &str {
        "tape"
    }

    fn voice(&self, _language: &str) -> Result<String, SpeechFault> {
        Ok(format!("tape:{}:{}", self.copies, self.characters_a_second.unwrap_or(0)))
    }

    fn must_prove_digits(&self) -> bool {
        false
    }

    async fn speak(&self, _language: &str, text: &str) -> Result<Spoken, SpeechFault> {
        let text: Vec<u8> = text.bytes().filter(|byte| *byte != DELETE).collect();
        if text.len() > TEXT_BYTES_MAX {
            return Err(SpeechFault::TextTooLong { bytes: text.len() });
        }
        let mut ulaw = Vec::new();
        for copy in 1..=self.copies.clamp(1, 9) {
            ulaw.push(BEGIN);
            ulaw.extend(format!("{copy}{:04x}{:04x}", text.len(), check_sum(&text)).bytes());
            ulaw.extend(&text);
            ulaw.push(END);
            ulaw.resize(ulaw.len().next_multiple_of(PACKET_SAMPLES), SILENCE);
        }
        if let Some(speed) = self.characters_a_second {
            let samples = text.len() * TELEPHONE_RATE_HZ as usize / usize::from(speed.max(1));
            ulaw.resize(ulaw.len().max(samples.next_multiple_of(PACKET_SAMPLES)), SILENCE);
        }
        let alaw = ulaw.iter().map(|byte| byte ^ ALAW_MASK).collect();
        Ok(Spoken::Encoded { ulaw, alaw })
    }
}

/// A text that was read from the sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TapeText {
    /// What was read; `…` stands where something is missing.
    pub text: String,
    /// Whether all of it arrived and its check sum is right.
    pub whole: bool,
}

/// Reads tape texts from a stream of payload bytes.
#[derive(Clone, Debug)]
pub struct TapeReader {
    mask: u8,
    state: State,
    /// The text that is being put together from its copies.
    open: Option<Assembly>,
    /// The last text that was told and closed, with the last copy of it: further copies are no news.
    told_before: Option<Header>,
    /// A piece whose beginning was lost, as far as it goes.
    stray: Vec<Option<u8>>,
    silence_samples: usize,
}

#[derive(Clone, Debug)]
enum State {
    Between,
    Header(Vec<u8>),
    Body { header: Header, bytes: Vec<Option<u8>>, silent_samples: usize },
}

#[derive(Clone, Copy, Debug)]
struct Header {
    copy: u8,
    length: usize,
    check_sum: u16,
}

#[derive(Clone, Debug)]
struct Assembly {
    header: Header,
    bytes: Vec<Option<u8>>,
    told: bool,
}

impl TapeReader {
    /// A reader for one stream.
    #[must_use]
    pub fn new(codec: Codec) -> Self {
        let mask = match codec {
            Codec::Pcmu => 0,
            Codec::Pcma => ALAW_MASK,
        };
        Self { mask, state: State::Between, open: None, told_before: None, stray: Vec::new(), silence_samples: 0 }
    }

    /// Takes payload bytes that follow on the ones before; returns the texts that ended in them.
    pub fn feed(&mut self, payload: &[u8]) -> Vec<TapeText> {
        let mut told = Vec::new();
        for byte in payload {
            self.take(Some(byte ^ self.mask), &mut told);
        }
        told
    }

    /// Takes note that so many samples were lost.
    pub fn gap(&mut self, samples: usize) -> Vec<TapeText> {
        let mut told = Vec::new();
        for _ in 0..samples {
            self.take(None, &mut told);
        }
        told
    }

    /// Nothing has come for a while. If silence came last, no more of the text will come, and what was begun is told as far
    /// as it came; else the sender is held up in the middle of it, and goes on where it was.
    pub fn pause(&mut self) -> Vec<TapeText> {
        let silent_samples = match &self.state {
            State::Between => self.silence_samples,
            State::Header(_) => 0,
            State::Body { silent_samples, .. } => *silent_samples,
        };
        // Up to a packet of silence follows each copy.
        if silent_samples > PACKET_SAMPLES { self.finish() } else { Vec::new() }
    }

    /// Ends the stream: what was begun is told as far as it came.
    pub fn finish(&mut self) -> Vec<TapeText> {
        let mut told = Vec::new();
        self.cut(&mut told);
        self.close(&mut told);
        told
    }

    fn take(&mut self, byte: Option<u8>, told: &mut Vec<TapeText>) {
        if byte == Some(BEGIN) {
            self.cut(told);
            self.silence_samples = 0;
            self.state = State::Header(Vec::with_capacity(HEADER_BYTES));
            return;
        }
        match &mut self.state {
            State::Between => self.between(byte, told),
            State::Header(header) => match byte {
                Some(byte) if byte.is_ascii_hexdigit() => {
                    header.push(byte);
                    if header.len() == HEADER_BYTES {
                        self.state = match Header::read(header) {
                            Some(header) => State::Body { header, bytes: Vec::new(), silent_samples: 0 },
                            None => State::Between,
                        };
                        self.end_if_complete(told);
                    }
                }
                _ => {
                    self.state = State::Between;
                    self.between(byte, told);
                }
            },
            State::Body { bytes, silent_samples, .. } => {
                match byte {
                    Some(END) => return self.cut(told),
                    // A middlebox may fill a lost packet with silence: a hole like any other.
                    Some(SILENCE) | None => {
                        bytes.push(None);
                        *silent_samples += 1;
                        if *silent_samples > HOLE_SAMPLES_MAX {
                            self.cut(told);
                            self.close(told);
                            return;
                        }
                    }
                    Some(byte) => {
                        bytes.push(Some(byte));
                        *silent_samples = 0;
                    }
                }
                self.end_if_complete(told);
            }
        }
    }

    fn between(&mut self, byte: Option<u8>, told: &mut Vec<TapeText>) {
        match byte {
            Some(SILENCE | END) => {
                self.silence_samples += 1;
                if self.silence_samples == SAME_TEXT_SILENCE_MAX {
                    self.close(told);
                    self.told_before = None;
                }
            }
            None => {
                if self.stray.last().is_some_and(Option::is_some) {
                    self.stray.push(None);
                }
            }
            Some(byte) => {
                self.silence_samples = 0;
                if self.stray.len() < TEXT_BYTES_MAX {
                    self.stray.push(Some(byte));
                }
            }
        }
    }

    fn end_if_complete(&mut self, told: &mut Vec<TapeText>) {
        if let State::Body { header, bytes, .. } = &self.state
            && bytes.len() == header.length
        {
            self.cut(told);
        }
    }

    /// Ends the copy that is being read, complete or not, and lays it over the other copies.
    fn cut(&mut self, told: &mut Vec<TapeText>) {
        let State::Body { header, mut bytes, .. } = std::mem::replace(&mut self.state, State::Between) else {
            return;
        };
        bytes.resize(header.length, None);
        let same = self.open.as_ref().is_some_and(|open| open.header.is_followed_by(header));
        if !same {
            self.close_text(told);
        }
        let is_told = self.told_before.is_some_and(|before| before.is_followed_by(header));
        let open =
            self.open.get_or_insert_with(|| Assembly { header, bytes: vec![None; header.length], told: is_told });
        open.header.copy = header.copy;
        for (known, new) in open.bytes.iter_mut().zip(bytes) {
            *known = known.or(new);
        }
        let whole: Option<Vec<u8>> = open.bytes.iter().copied().collect();
        if let Some(whole) = whole
            && !open.told
            && check_sum(&whole) == header.check_sum
            && let Ok(text) = String::from_utf8(whole)
        {
            open.told = true;
            told.push(TapeText { text, whole: true });
        }
    }

    /// No further copy will come: what is not whole is told with its holes.
    fn close(&mut self, told: &mut Vec<TapeText>) {
        self.close_text(told);
        let stray = std::mem::take(&mut self.stray);
        if reads_like_text(&stray) {
            let stray = with_holes(&stray);
            told.push(TapeText { text: format!("…{stray}"), whole: false });
        }
    }

    /// As [`Self::close`], but a piece without a beginning may still turn out to belong to the text that follows.
    fn close_text(&mut self, told: &mut Vec<TapeText>) {
        let Some(open) = self.open.take() else { return };
        let text = with_holes(&open.bytes);
        // A tail of a copy of this very text is no news.
        let stray = with_holes(&self.stray);
        if stray.split('…').all(|piece| text.contains(piece)) {
            self.stray.clear();
        }
        self.told_before = open.told.then_some(open.header);
        if !open.told && text.chars().any(|character| character != '…') {
            told.push(TapeText { text, whole: false });
        }
    }
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let copy = text.get(..1)?.parse().ok()?;
        let length = usize::from_str_radix(text.get(1..5)?, 16).ok()?;
        let check_sum = u16::from_str_radix(text.get(5..9)?, 16).ok()?;
        (length <= TEXT_BYTES_MAX).then_some(Self { copy, length, check_sum })
    }

    fn is_followed_by(self, next: Self) -> bool {
        self.check_sum == next.check_sum && self.length == next.length && self.copy < next.copy
    }
}

/// The text with one `…` for each run of missing bytes, and for characters that lost a part of themselves.
fn with_holes(bytes: &[Option<u8>]) -> String {
    let mut text = String::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let known = rest.iter().take_while(|byte| byte.is_some()).count();
        let piece: Vec<u8> = rest[..known].iter().flatten().copied().collect();
        text.push_str(&String::from_utf8_lossy(&piece).replace('\u{FFFD}', "…"));
        let missing = rest[known..].iter().take_while(|byte| byte.is_none()).count();
        if missing > 0 {
            text.push('…');
        }
        rest = &rest[known + missing..];
    }
    while text.contains("……") {
        text = text.replace("……", "…");
    }
    text
}

/// Other sound (a person's voice, a tone) has no beginning of a text either: it is full of control characters and of
/// bytes that are no UTF-8. The character at each end of a piece may have been cut by the loss.
fn reads_like_text(bytes: &[Option<u8>]) -> bool {
    let pieces = bytes.split(Option::is_none).filter(|piece| !piece.is_empty());
    let mut any = false;
    for piece in pieces {
        any = true;
        let piece: Vec<u8> = piece.iter().flatten().copied().skip_while(|byte| byte & 0xC0 == 0x80).collect();
        let valid = match std::str::from_utf8(&piece) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() => {
                std::str::from_utf8(&piece[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(_) => return false,
        };
        if valid.chars().any(|character| character.is_control() && character != '\n') {
            return false;
        }
    }
    any
}

/// FNV-1a, folded to 16 bits.
fn check_sum(bytes: &[u8]) -> u16 {
    let hash = bytes.iter().fold(0x811C_9DC5u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    ((hash >> 16) ^ (hash & 0xFFFF)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CODECS: [Codec; 2] = [Codec::Pcmu, Codec::Pcma];

    async fn bytes(tape: Tape, codec: Codec, text: &str) -> Vec<u8> {
        tape.speak("es", text).await.unwrap().encode(codec)
    }

    fn whole(text: &str) -> TapeText {
        TapeText { text: text.to_owned(), whole: true }
    }

    #[tokio::test]
    async fn texts_are_read_back_over_both_codecs_through_silence_decoding_and_encoding() {
        for codec in CODECS {
            let mut sound = vec![codec.silence(); 333];
            let texts =
                ["Audiencia: 14 de abril, 8:30", "Բարեւ ձեզ", "Byenveni – peze 3", "Audiencia: 14 de abril, 8:30"];
            for text in texts {
                sound.extend(bytes(Tape::default(), codec, text).await);
            }
            let again = codec.encode(&codec.decode(&sound));
            let mut reader = TapeReader::new(codec);
            let mut read = reader.feed(&again);
            read.extend(reader.finish());
            assert_eq!(read, texts.map(whole), "{codec:?}");
        }
    }

    #[tokio::test]
    async fn a_lost_packet_is_filled_from_another_copy() {
        for codec in CODECS {
            let sound = bytes(Tape::default(), codec, &"keep both dates ".repeat(20)).await;
            for lost in 0..sound.len() / 160 {
                let mut reader = TapeReader::new(codec);
                let mut read = Vec::new();
                for (number, packet) in sound.chunks(160).enumerate() {
                    read.extend(if number == lost { reader.gap(160) } else { reader.feed(packet) });
                }
                read.extend(reader.finish());
                assert_eq!(read, [whole(&"keep both dates ".repeat(20))], "packet {lost} lost");
            }
        }
    }

    #[tokio::test]
    async fn what_no_copy_brought_is_shown_as_a_hole() {
        let once = Tape { copies: 1, ..Tape::default() };
        let text = format!("{}{}", "a".repeat(200), "b".repeat(200));
        let sound = bytes(once, Codec::Pcmu, &text).await;
        let mut reader = TapeReader::new(Codec::Pcmu);
        let mut read = reader.feed(&sound[..160]);
        read.extend(reader.gap(160));
        read.extend(reader.feed(&sound[320..]));
        read.extend(reader.finish());
        assert_eq!(read.len(), 1);
        assert!(!read[0].whole);
        assert_eq!(read[0].text, format!("{}…{}", "a".repeat(150), "b".repeat(90)));
    }

    #[tokio::test]
    async fn a_piece_without_its_beginning_is_told_and_a_hum_is_not_taken_for_text() {
        let once = Tape { copies: 1, ..Tape::default() };
        let sound = bytes(once, Codec::Pcmu, &"año ".repeat(60)).await;
        let mut reader = TapeReader::new(Codec::Pcmu);
        reader.gap(160);
        reader.feed(&sound[160..]);
        let read = reader.finish();
        assert!(read.len() == 1 && !read[0].whole && read[0].text.ends_with("año año "), "{read:?}");
        for codec in CODECS {
            let hum: Vec<i16> = (0..16_000).map(|at| ((f64::from(at) * 0.17).sin() * 6_000.0) as i16).collect();
            let mut reader = TapeReader::new(codec);
            assert!(reader.feed(&codec.encode(&hum)).is_empty());
            assert!(reader.finish().is_empty());
        }
    }

    #[tokio::test]
    async fn a_text_that_was_interrupted_is_told_as_far_as_it_came() {
        let sound = bytes(Tape::default(), Codec::Pcma, &"x".repeat(400)).await;
        let mut reader = TapeReader::new(Codec::Pcma);
        assert!(reader.feed(&sound[..160]).is_empty());
        let read = reader.feed(&vec![Codec::Pcma.silence(); 1_000]);
        assert_eq!(read, [TapeText { text: format!("{}…", "x".repeat(150)), whole: false }]);
    }

    #[tokio::test]
    async fn a_question_asked_again_after_a_pause_is_told_again() {
        let mut sound = bytes(Tape::default(), Codec::Pcmu, "press one").await;
        sound.extend([0xFF; 800]);
        sound.extend(bytes(Tape::default(), Codec::Pcmu, "press one").await);
        let read = TapeReader::new(Codec::Pcmu).feed(&sound);
        assert_eq!(read, [whole("press one"), whole("press one")]);
    }

    #[tokio::test]
    async fn a_slow_tape_lasts_as_long_as_speech() {
        let slow = Tape { characters_a_second: Some(10), ..Tape::default() };
        let sound = bytes(slow, Codec::Pcmu, &"y".repeat(30)).await;
        assert_eq!(sound.len(), 24_000);
    }

    proptest! {
        #[test]
        fn any_text_survives_any_offset(text in "\\PC{0,300}", offset in 0usize..400, a_law: bool) {
            let codec = if a_law { Codec::Pcma } else { Codec::Pcmu };
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut sound = vec![codec.silence(); offset];
            sound.extend(runtime.block_on(bytes(Tape::default(), codec, &text)));
            let mut reader = TapeReader::new(codec);
            let mut read = Vec::new();
            for packet in sound.chunks(160) {
                read.extend(reader.feed(packet));
            }
            read.extend(reader.finish());
            prop_assert_eq!(read, vec![whole(&text)]);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(payload: Vec<u8>, gap in 0usize..3_000) {
            let mut reader = TapeReader::new(Codec::Pcmu);
            reader.feed(&payload);
            reader.gap(gap);
            reader.feed(&payload);
            reader.finish();
        }
    }
}
