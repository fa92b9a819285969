//! The built-in synthetic voice: espeak-ng, run as a program of its own for each text.
//! Keeping what it said, so that it needs to say it only once, is left to `prompts`.
//!
//! It is a separate program because its licence is the GPL and because its library is not safe to call from two
//! threads. The text goes in on standard input: a command line can be listed by everybody on the machine.

use async_trait::async_trait;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;

use super::wav::Wav;
use super::{Pcm8k, SpeechAdapter, SpeechFault, Spoken, TEXT_BYTES_MAX, espeak_voice, to_telephone_band};

/// The most that is read from the program: 20 minutes at 22,050 samples a second.
const OUTPUT_BYTES_MAX: u64 = 22_050 * 2 * 60 * 20;

/// How espeak-ng is run.
#[derive(Clone, Debug)]
pub struct EspeakSettings {
    /// The program, by name or path.
    pub program: PathBuf,
    /// Speed. 175 is espeak's own; by telephone it has to be slower to be understood.
    pub words_per_minute: u16,
    /// After this long the program is ended and a fault reported.
    pub time_limit: Duration,
    /// How many run at once.
    pub processes_max: usize,
}

impl Default for EspeakSettings {
    fn default() -> Self {
        Self {
            program: PathBuf::from("espeak-ng"),
            words_per_minute: 150,
            time_limit: Duration::from_secs(15),
            processes_max: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// Speaks with espeak-ng.
#[derive(Debug)]
pub struct Espeak {
    settings: EspeakSettings,
    places: Semaphore,
}

impl Espeak {
    /// A speaker with these settings; nothing is started yet.
    #[must_use]
    pub fn new(settings: EspeakSettings) -> Self {
        let places = Semaphore::new(settings.processes_max.max(1));
        Self { settings, places }
    }

    fn program(&self) -> String {
        self.settings.program.display().to_string()
    }

    /// Runs the program once over `text` and returns what it printed.
    async fn run(&self, voice: &str, extra: &[&str], text: &str) -> Result<Vec<u8>, SpeechFault> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(SpeechFault::TextTooLong { bytes: text.len() });
        }
        // The semaphore is never closed.
        let _place = self.places.acquire().await.ok();
        let done = tokio::time::timeout(self.settings.time_limit, self.run_child(voice, extra, text)).await;
        let (status, printed) = done.map_err(|_| SpeechFault::TimedOut {
            program: self.program(),
            seconds: self.settings.time_limit.as_secs(),
        })??;
        if status.success() {
            Ok(printed)
        } else {
            Err(SpeechFault::ProgramFailed { program: self.program(), status: status.to_string() })
        }
    }

    async fn run_child(&self, voice: &str, extra: &[&str], text: &str) -> Result<(ExitStatus, Vec<u8>), SpeechFault> {
        let fault = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::NotFound => SpeechFault::ProgramMissing { program: self.program() },
            _ => SpeechFault::Pipe { program: self.program(), source },
        };
        let mut command = Command::new(&self.settings.program);
        command
            .args(["-v", voice, "-s", &self.settings.words_per_minute.to_string()])
            .args(["-b", "1", "--stdin"])
            .args(extra)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What it complains about may quote the text.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            // The settings of the line are no business of the program.
            .env_clear();
        for kept in ["PATH", "ESPEAK_DATA_PATH"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        let mut child = command.spawn().map_err(fault)?;
        let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(fault(std::io::Error::other("the program has no standard input")));
        };
        let mut printed = Vec::new();
        let write = async {
            // A program that has ended already says so by its exit status.
            let _ = stdin.write_all(text.as_bytes()).await;
            drop(stdin);
        };
        let mut stdout = stdout.take(OUTPUT_BYTES_MAX);
        let ((), read) = tokio::join!(write, stdout.read_to_end(&mut printed));
        read.map_err(fault)?;
        let status = child.wait().await.map_err(fault)?;
        Ok((status, printed))
    }
}

impl Default for Espeak {
    fn default() -> Self {
        Self::new(EspeakSettings::default())
    }
}

#[async_trait]
impl SpeechAdapter for Espeak {
    fn name(&self) -> &str {
        "espeak-ng"
    }

    fn voice(&self, language: &str) -> Result<String, SpeechFault> {
        let voice = espeak_voice(language).ok_or_else(|| SpeechFault::NoVoice { language: language.to_owned() })?;
        Ok(format!("espeak-ng:{voice}:{}", self.settings.words_per_minute))
    }

    async fn speak(&self, language: &str, text: &str) -> Result<Spoken, SpeechFault> {
        let voice = espeak_voice(language).ok_or_else(|| SpeechFault::NoVoice { language: language.to_owned() })?;
        let printed = self.run(voice, &["--stdout"], &plain(text)).await?;
        let program = self.program();
        let shaped = tokio::task::spawn_blocking(move || {
            let wav = Wav::read(&printed)?;
            let samples = wav.pcm16().unwrap_or_default();
            Ok(to_telephone_band(&samples, wav.rate_hz))
        });
        match shaped.await {
            Ok(Ok(sound)) => Ok(Spoken::Sound(Pcm8k(sound))),
            Ok(Err(super::wav::WavFault::NoData)) => Ok(Spoken::Sound(Pcm8k::default())),
            Ok(Err(source)) => Err(SpeechFault::NoSound { program, source }),
            Err(source) => Err(SpeechFault::Pipe { program, source: source.into() }),
        }
    }

    async fn strays_into(&self, language: &str, text: &str) -> Result<Option<String>, SpeechFault> {
        let voice = espeak_voice(language).ok_or_else(|| SpeechFault::NoVoice { language: language.to_owned() })?;
        // With -x it writes phonemes, and marks a change of language as "(en)…(ne)".
        let printed = self.run(voice, &["-q", "-x"], &plain(text)).await?;
        let phonemes = String::from_utf8_lossy(&printed);
        let own = voice.split('-').next().unwrap_or(voice);
        Ok(phonemes
            .split('(')
            .skip(1)
            .filter_map(|piece| piece.split_once(')').map(|(code, _)| code))
            .find(|code| code.split('-').next() != Some(own))
            .map(str::to_owned))
    }
}

/// The text without what espeak-ng would take for commands: `[[…]]` is phonemes, control characters are its own.
fn plain(text: &str) -> String {
    let mut plain: String =
        text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    while plain.contains("[[") {
        plain = plain.replace("[[", "[ [");
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::voices::languages;

    #[test]
    fn a_text_can_t_give_espeak_commands() {
        assert_eq!(plain("a[[[[b\u{1}c"), "a[ [ [ [b c");
    }

    #[tokio::test]
    async fn every_voice_of_the_table_speaks() {
        let espeak = Espeak::default();
        for language in languages() {
            let said = espeak.speak(language, "a e i o u").await.unwrap();
            assert!(said.sound().0.len() > 1_000, "{language}: {} samples", said.sound().0.len());
        }
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_ended_and_reported() {
        let folder = std::env::temp_dir().join(format!("caseline-hanging-voice-{}", std::process::id()));
        std::fs::write(&folder, "#!/bin/sh\nexec sleep 60\n").unwrap();
        let mut rights = std::fs::metadata(&folder).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o700);
        std::fs::set_permissions(&folder, rights).unwrap();
        let espeak = Espeak::new(EspeakSettings {
            program: folder.clone(),
            time_limit: Duration::from_millis(100),
            ..EspeakSettings::default()
        });
        let fault = espeak.speak("en", "hello").await.unwrap_err();
        std::fs::remove_file(&folder).unwrap();
        assert!(matches!(fault, SpeechFault::TimedOut { .. }), "{fault}");
    }

    #[tokio::test]
    async fn a_missing_program_is_named_with_what_to_install() {
        let espeak =
            Espeak::new(EspeakSettings { program: PathBuf::from("no-such-espeak"), ..EspeakSettings::default() });
        let fault = espeak.speak("en", "hello").await.unwrap_err();
        assert!(fault.to_string().contains("apt-get install espeak-ng"), "{fault}");
    }
}
