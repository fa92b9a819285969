//! A prompt pack: a folder in which people have spoken the prompts, with their consent.
//! Which prompts a language still lacks is left to the flow checker; making sound for them to the speech adapter.
//!
//! The folder holds sound files and a `pack.toml`:
//!
//! ```toml
//! pack = "Recordings for Mam, spring"
//!
//! [[recording]]
//! message = "reason-ask"            # the word's key, or a part: "part/digit-3"
//! language = "mam"
//! file = "mam/reason-ask.wav"       # 16-bit, µ-law or A-law WAV, or .ulaw / .alaw without a head
//! sha256 = "…"                      # of the file, as `sha256sum` prints it
//! speaker = "a volunteer of the helpline"
//! consent = "agreed on paper that callers hear this recording; the sheet is in the office"
//! consent_on = "2026-03-02"         # the day on which the speaker said yes
//! ```

use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};
use thiserror::Error;
use toml::Spanned;

use super::cache::hex;
use super::{Prompt, PromptSource};
use crate::media::Codec;
use crate::speech::wav::{Wav, WavFault, WavFormat};
use crate::speech::{TELEPHONE_RATE_HZ, to_telephone_rate};

/// The most recordings in a pack.
const RECORDINGS_MAX: usize = 10_000;
/// The largest sound file: ten minutes at 48 kHz and 16 bits.
const FILE_BYTES_MAX: u64 = 60_000_000;
/// The largest `pack.toml`.
const LIST_BYTES_MAX: u64 = 10_000_000;
const LIST: &str = "pack.toml";

/// A pack that was read and checked as a whole: every file is there, unchanged and consented to.
#[derive(Debug)]
pub struct PromptPack {
    name: String,
    recordings: Vec<Recording>,
}

/// One recording of a pack.
#[derive(Debug)]
pub struct Recording {
    /// Who spoke, as the operator wants it noted.
    pub speaker: String,
    /// What the speaker agreed to.
    pub consent: String,
    /// The day on which the speaker said yes, as year, month and day.
    pub consent_on: String,
    prompt: Prompt,
}

impl Recording {
    /// The prompt's name with its language, `mam/reason-ask`.
    #[must_use]
    pub fn id(&self) -> &str {
        self.prompt.id()
    }

    /// How long it sounds.
    #[must_use]
    pub fn length(&self) -> std::time::Duration {
        self.prompt.length()
    }
}

impl PromptPack {
    /// Reads a pack; the first thing that is wrong refuses all of it.
    ///
    /// # Errors
    /// A [`PackFault`] that names the file and what to do.
    pub fn read(folder: &Path) -> Result<Self, PackFault> {
        let path = folder.join(LIST);
        let text = read_bounded(&path, LIST_BYTES_MAX).map_err(|problem| match problem {
            ReadProblem::TooLarge => PackFault::List { path: path.clone(), row: 1, what: "is too large".to_owned() },
            ReadProblem::Io(source) => PackFault::Unreadable { path: path.clone(), source },
        })?;
        let text = String::from_utf8_lossy(&text);
        let list: List = toml::from_str(&text).map_err(|error| PackFault::List {
            path: path.clone(),
            row: error.span().map_or(1, |span| row_of(&text, span.start)),
            what: error.message().to_owned(),
        })?;
        if list.recording.len() > RECORDINGS_MAX {
            let what = format!("lists more than {RECORDINGS_MAX} recordings: make two packs of it");
            return Err(PackFault::List { path, row: 1, what });
        }
        let mut seen = HashSet::new();
        let mut recordings = Vec::new();
        for row in list.recording {
            let number = row_of(&text, row.span().start);
            let recording = read_recording(folder, number, row.into_inner())?;
            if !seen.insert(recording.id().to_owned()) {
                let what = format!("lists {} a second time: remove one of the two", recording.id());
                return Err(PackFault::List { path, row: number, what });
            }
            recordings.push(recording);
        }
        Ok(Self { name: list.pack, recordings })
    }

    /// What the pack calls itself.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its recordings, in the order of the list.
    #[must_use]
    pub fn recordings(&self) -> &[Recording] {
        &self.recordings
    }

    pub(super) fn into_prompts(self) -> impl Iterator<Item = Prompt> {
        self.recordings.into_iter().map(|recording| recording.prompt)
    }
}

/// Why a pack is refused.
#[derive(Debug, Error)]
pub enum PackFault {
    /// A file is missing or can't be read.
    #[error("{} can't be read: put the file there, or take its entry out of {LIST}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// The list itself is wrong.
    #[error("{} row {row}: {what}", .path.display())]
    List {
        /// The list.
        path: PathBuf,
        /// The row, from 1.
        row: usize,
        /// What is wrong.
        what: String,
    },
    /// Nobody noted that the speaker agreed.
    #[error("{} ({LIST} row {row}): the recording has no {missing}: ask the speaker, then note what was agreed and on which day", .path.display())]
    NoConsent {
        /// The sound file.
        path: PathBuf,
        /// The row of its entry, from 1.
        row: usize,
        /// What is missing.
        missing: &'static str,
    },
    /// The file is another one than the one that was listed.
    #[error("{} ({LIST} row {row}): the file is not the one that was listed (its sha256 is {found}): listen to it, and if it is right write this hash into the list", .path.display())]
    WrongHash {
        /// The sound file.
        path: PathBuf,
        /// The row of its entry, from 1.
        row: usize,
        /// The hash of the file that is there.
        found: String,
    },
    /// The file leads out of the pack's folder.
    #[error("{LIST} row {row}: the file {file} is outside the pack: copy it into the pack's folder")]
    Outside {
        /// As it stands in the list.
        file: String,
        /// The row of its entry, from 1.
        row: usize,
    },
    /// The file is no usable sound.
    #[error("{} ({LIST} row {row}): {what}", .path.display())]
    Sound {
        /// The sound file.
        path: PathBuf,
        /// The row of its entry, from 1.
        row: usize,
        /// What is wrong and what to do.
        what: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    pack: String,
    #[serde(default)]
    recording: Vec<Spanned<ListedRecording>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedRecording {
    message: String,
    language: String,
    file: String,
    sha256: String,
    #[serde(default)]
    speaker: String,
    #[serde(default)]
    consent: String,
    #[serde(default)]
    consent_on: String,
}

fn read_recording(folder: &Path, row: usize, listed: ListedRecording) -> Result<Recording, PackFault> {
    let inside = Path::new(&listed.file).components().all(|part| matches!(part, Component::Normal(_)));
    let path = folder.join(&listed.file);
    let outside = || PackFault::Outside { file: listed.file.clone(), row };
    if !inside || listed.file.is_empty() {
        return Err(outside());
    }
    for (what, missing) in [(&listed.speaker, "speaker"), (&listed.consent, "consent note")] {
        if what.trim().is_empty() {
            return Err(PackFault::NoConsent { path, row, missing });
        }
    }
    if !is_date(&listed.consent_on) {
        return Err(PackFault::NoConsent { path, row, missing: "day of consent (year-month-day)" });
    }
    let unreadable = |source| PackFault::Unreadable { path: path.clone(), source };
    // A link must not lead out of the folder either.
    let (real, root) = (path.canonicalize().map_err(unreadable)?, folder.canonicalize().map_err(unreadable)?);
    if !real.starts_with(root) {
        return Err(outside());
    }
    let bytes = read_bounded(&real, FILE_BYTES_MAX).map_err(|problem| match problem {
        ReadProblem::TooLarge => sound_fault(&path, row, "it is longer than a prompt may be: cut it".to_owned()),
        ReadProblem::Io(source) => unreadable(source),
    })?;
    let found = hex(&Sha256::digest(&bytes));
    if !found.eq_ignore_ascii_case(listed.sha256.trim()) {
        return Err(PackFault::WrongHash { path, row, found });
    }
    let (ulaw, alaw) = encode(&real, bytes).map_err(|fault| sound_fault(&path, row, fault.to_string()))?;
    let id = format!("{}/{}", listed.language, listed.message);
    let prompt = Prompt::new(&id, PromptSource::Recording, ulaw, alaw)
        .map_err(|fault| sound_fault(&path, row, fault.to_string()))?;
    let ListedRecording { speaker, consent, consent_on, .. } = listed;
    Ok(Recording { speaker, consent, consent_on, prompt })
}

/// Both codecs of a sound file; bytes that are in a codec already go out as they are.
fn encode(path: &Path, bytes: Vec<u8>) -> Result<(Vec<u8>, Vec<u8>), WavFault> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let (format, rate_hz, data) = match extension.to_ascii_lowercase().as_str() {
        "ulaw" | "alaw" if bytes.is_empty() => return Err(WavFault::NoData),
        "ulaw" => (WavFormat::Ulaw, TELEPHONE_RATE_HZ, bytes),
        "alaw" => (WavFormat::Alaw, TELEPHONE_RATE_HZ, bytes),
        _ => {
            let wav = Wav::read(&bytes)?;
            (wav.format, wav.rate_hz, wav.data)
        }
    };
    let of_codec = match format {
        WavFormat::Ulaw => Some(Codec::Pcmu),
        WavFormat::Alaw => Some(Codec::Pcma),
        WavFormat::Pcm16 => None,
    };
    let samples = match of_codec {
        Some(codec) => codec.decode(&data),
        None => data.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect(),
    };
    let samples = to_telephone_rate(&samples, rate_hz);
    let encoded = |codec: Codec| match of_codec {
        Some(own) if own == codec && rate_hz == TELEPHONE_RATE_HZ => data.clone(),
        _ => codec.encode(&samples),
    };
    Ok((encoded(Codec::Pcmu), encoded(Codec::Pcma)))
}

fn sound_fault(path: &Path, row: usize, what: String) -> PackFault {
    PackFault::Sound { path: path.to_owned(), row, what }
}

enum ReadProblem {
    TooLarge,
    Io(std::io::Error),
}

fn read_bounded(path: &Path, bytes_max: u64) -> Result<Vec<u8>, ReadProblem> {
    if std::fs::metadata(path).map_err(ReadProblem::Io)?.len() > bytes_max {
        return Err(ReadProblem::TooLarge);
    }
    std::fs::read(path).map_err(ReadProblem::Io)
}

fn row_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn is_date(text: &str) -> bool {
    let numbers: Vec<Option<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
    text.len() == 10 && matches!(numbers[..], [Some(2000..=2999), Some(1..=12), Some(1..=31)])
}

/// Reads text as the list of a pack. A fuzz target.
pub fn packs_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = is_date(&text);
    match toml::from_str::<List>(&text) {
        Ok(list) => {
            let nowhere = Path::new("/nonexistent/pack");
            for row in list.recording.into_iter().take(RECORDINGS_MAX) {
                let _ = read_recording(nowhere, row_of(&text, row.span().start), row.into_inner());
            }
        }
        Err(error) => drop(row_of(&text, error.span().map_or(0, |span| span.start))),
    }
}

/// Reads bytes as a recording of each form and makes them sound for the telephone. A fuzz target.
pub fn pack_sounds_never_panic(bytes: &[u8]) {
    for name in ["one.wav", "one.ulaw", "one.alaw"] {
        if let Ok((ulaw, alaw)) = encode(Path::new(name), bytes.to_vec()) {
            let _ = Prompt::new("en/one", PromptSource::Recording, ulaw, alaw);
        }
    }
}
