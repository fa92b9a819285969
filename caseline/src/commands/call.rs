//! `caseline call`: a real test telephone that dials, presses keys and prints what happened, with times.
//! The telephone itself is `voice::phone`, which knows nothing of the line's own stack.

use super::Place;
use crate::exits::{Exit, with_causes};
use caseline_voice::media::Codec;
use caseline_voice::phone::{Attention, Phone, PhoneSettings, Script};
use caseline_voice::prompts::PromptIndex;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Places a test call.
#[derive(Debug, clap::Args)]
pub struct Call {
    /// Whom: `sip:HOST:PORT`, `sip:NAME@HOST:PORT`.
    target: String,
    /// Keys to press; a space waits until the line is quiet, a comma waits a second.
    #[arg(long, conflicts_with = "script")]
    keys: Option<String>,
    /// A file with rows such as `press 2`, `wait 3s`, `expect es/reason-ask`, `hang up`.
    #[arg(long)]
    script: Option<PathBuf>,
    /// `pcmu` or `pcma`.
    #[arg(long, default_value = "pcmu")]
    codec: String,
    /// Where the sound is written.
    #[arg(long)]
    wav: Option<PathBuf>,
    /// The folder of kept prompts, by which what is heard is named.
    #[arg(long)]
    prompts: Option<PathBuf>,
    /// The longest call, in seconds.
    #[arg(long, default_value_t = 120)]
    seconds: u64,
}

impl Call {
    /// Dials and prints.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let codecs = match self.codec.as_str() {
            "pcmu" => vec![Codec::Pcmu, Codec::Pcma],
            "pcma" => vec![Codec::Pcma, Codec::Pcmu],
            other => return Err(Exit::Usage(format!("`{other}` is no codec; write pcmu or pcma"))),
        };
        let script = match (&self.keys, &self.script) {
            (Some(keys), _) => Script::from_keys(keys).map_err(|fault| Exit::Usage(with_causes(&fault)))?,
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| Exit::Usage(format!("{} cannot be read: {error}", file.display())))?;
                Script::parse(&file.display().to_string(), &text).map_err(|fault| Exit::Usage(with_causes(&fault)))?
            }
            (None, None) => Script::from_keys("").map_err(|fault| Exit::Usage(with_causes(&fault)))?,
        };
        let folder = self.prompts.clone().unwrap_or_else(|| place.data().join("prompts"));
        let prompts = folder.exists().then(|| PromptIndex::load(&folder).ok()).flatten().map(Arc::new);
        let attention = Attention { prompts, tape: true };
        let settings = PhoneSettings { codecs, attention, ..PhoneSettings::default() };
        let mut call =
            Phone::call(&self.target, settings).await.map_err(|fault| Exit::Environment(with_causes(&fault)))?;
        let within = Duration::from_secs(self.seconds);
        let outcome = tokio::time::timeout(within, async {
            let outcome = script.run(&mut call).await;
            if self.keys.is_none() && self.script.is_none() {
                let _ = call.wait_hung_up(within).await;
            }
            outcome
        })
        .await;
        call.hang_up().await;
        let transcript = call.transcript();
        if let Some(wav) = &self.wav {
            call.write_wav(wav)
                .map_err(|error| Exit::Environment(format!("{} cannot be written: {error}", wav.display())))?;
        }
        place.print(&serde_json::json!({ "prompts": transcript.prompts() }), &transcript.to_string());
        match outcome {
            Ok(outcome) if outcome.failed.is_none() => Ok(()),
            Ok(outcome) => Err(Exit::Failures(outcome.to_string())),
            Err(_) => Err(Exit::Failures(format!("the call took longer than {} seconds", self.seconds))),
        }
    }
}
