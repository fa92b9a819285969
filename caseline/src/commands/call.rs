//! `caseline call`: a real test telephone that dials, presses keys and prints what happened, with times.
//! The telephone itself is `voice::phone`, which knows nothing of the line's own stack.

use super::Place;
use crate::exits::{Exit, with_causes};
use crate::stopping::asked_to_stop;
use caseline_voice::media::Codec;
use caseline_voice::phone::{
    Attention, Phone, PhoneCall, PhoneEvent, PhoneFault, PhoneSettings, Script, ScriptOutcome, Transcript,
};
use caseline_voice::prompts::PromptIndex;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long is waited for the end of a call that was hung up, and for its last rows.
const GOODBYE_WITHIN: Duration = Duration::from_secs(3);

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
    /// Dials, prints what happens when it happens, and in the end a summary.
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
        let mut call = Phone::call(&self.target, settings).await.map_err(|fault| match fault {
            PhoneFault::Address(_) => Exit::Usage(with_causes(&fault)),
            fault => Exit::Environment(with_causes(&fault)),
        })?;
        let mut printing = tokio::spawn(print_as_it_happens(call.clone(), place.json));
        let ended = tokio::select! {
            ended = self.hold(&script, &mut call) => ended,
            () = asked_to_stop() => Ended::Stopped,
        };
        // What hanging up brings (487 to a CANCEL) is no answer of the line.
        let before = call.transcript();
        call.hang_up().await;
        let _ = call.clone().wait_hung_up(GOODBYE_WITHIN).await;
        if tokio::time::timeout(GOODBYE_WITHIN, &mut printing).await.is_err() {
            printing.abort();
        }
        let transcript = call.transcript();
        if let Some(wav) = &self.wav {
            call.write_wav(wav)
                .map_err(|error| Exit::Environment(format!("{} cannot be written: {error}", wav.display())))?;
        }
        let rows: Vec<String> = transcript.to_string().lines().map(str::to_owned).collect();
        let json = serde_json::json!({ "prompts": transcript.prompts(), "happened": rows });
        place.print(&json, &summary(&transcript));
        self.judge(&before, ended)
    }

    /// Carries the script out; without one, listens until the line hangs up.
    async fn hold(&self, script: &Script, call: &mut PhoneCall) -> Ended {
        let within = Duration::from_secs(self.seconds);
        let outcome = tokio::time::timeout(within, async {
            let outcome = script.run(call).await;
            if !self.has_script() {
                let _ = call.wait_hung_up(within).await;
            }
            outcome
        })
        .await;
        outcome.map_or(Ended::TooLong, Ended::Itself)
    }

    const fn has_script(&self) -> bool {
        self.keys.is_some() || self.script.is_some()
    }

    fn judge(&self, transcript: &Transcript, ended: Ended) -> Result<(), Exit> {
        let answered = is_answered(transcript);
        let refused = transcript.0.iter().find_map(|row| match &row.event {
            PhoneEvent::Refused { status, reason } if *status != 0 => Some(format!("{status} {reason}")),
            _ => None,
        });
        if let Some(refused) = refused.filter(|_| !answered) {
            return Err(Exit::Failures(format!("{} refused the call: {refused}", self.target)));
        }
        match ended {
            Ended::Stopped if !answered => Err(Exit::Failures("stopped before anybody answered".to_owned())),
            Ended::Stopped if self.has_script() => {
                Err(Exit::Failures("stopped before every key was pressed and every row carried out".to_owned()))
            }
            Ended::Stopped => Ok(()),
            _ if !answered => {
                Err(Exit::Environment(format!("nothing answers at {}: is the line up, and on that port?", self.target)))
            }
            Ended::Itself(outcome) if outcome.failed.is_none() => Ok(()),
            Ended::Itself(outcome) => Err(Exit::Failures(outcome.to_string())),
            Ended::TooLong => Err(Exit::Failures(format!("the call took longer than {} seconds", self.seconds))),
        }
    }
}

/// Why the call is over.
enum Ended {
    /// The script was carried out or failed, or the line hung up.
    Itself(ScriptOutcome),
    /// It took too long.
    TooLong,
    /// Ctrl-C, or SIGTERM.
    Stopped,
}

/// Prints each event when it happens, so that a call that is stopped early was seen: on standard output, or beside the
/// JSON object on standard error.
async fn print_as_it_happens(mut call: PhoneCall, json: bool) {
    let mut is_named = false;
    while let Some(row) = call.next_event().await {
        is_named |= matches!(row.event, PhoneEvent::HeardPrompt { .. } | PhoneEvent::HeardText(_));
        let is_bare = matches!(row.event, PhoneEvent::SoundBegan | PhoneEvent::SoundEnded);
        let is_whole = matches!(&row.event, PhoneEvent::PromptEnded { heard, of, .. } if heard >= of);
        if is_bare && is_named || is_whole {
            continue;
        }
        // Whoever closed the pipe does not want to know more.
        let _ = if json { writeln!(std::io::stderr(), "{row}") } else { writeln!(std::io::stdout(), "{row}") };
    }
}

fn summary(transcript: &Transcript) -> String {
    let heard = transcript.prompts().len().max(transcript.texts().len());
    let last = transcript.0.last();
    let seconds = last.map_or(0.0, |row| row.at.as_secs_f64());
    if !is_answered(transcript) {
        return format!("not answered in {seconds:.1} s");
    }
    let missing = last.filter(|row| !matches!(row.event, PhoneEvent::HungUp { .. } | PhoneEvent::Refused { .. }));
    let end = if missing.is_some() { "; the other side did not confirm the end" } else { "" };
    format!("{heard} prompts heard in {seconds:.1} s{end}")
}

fn is_answered(transcript: &Transcript) -> bool {
    transcript.0.iter().any(|row| matches!(row.event, PhoneEvent::Answered { .. }))
}
