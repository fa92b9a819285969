//! A call written down as rows, for `caseline call --script FILE` and `--keys "…"`.
//! Carrying out a row is left to the telephone itself.
//!
//! ```text
//! # a row that begins with # is a remark
//! expect es/reason-ask               wait until this prompt is heard, 30 s at most
//! expect es/reason-ask within 10s    the same with another limit
//! expect text "14 de abril"          wait for these words of the tape voice
//! quiet 700ms                        wait until the line has said nothing for so long
//! press 2                            press keys
//! say 2s                             make a humming sound for so long
//! wait 3s                            let time pass; ms and s are known
//! hold, resume                       put the line on hold, take it back
//! hang up                            end the call
//! expect hang up                     wait until the line ends the call
//! ```
//!
//! `--keys "1 2,#"`: a space waits until the line is quiet, a comma lets one second pass.

use std::fmt;
use std::time::Duration;
use thiserror::Error;
use tokio::time::sleep;

use super::sound::KEYS;
use super::{PhoneCall, PhoneFault};

/// How long is waited for something unless the row says otherwise.
const WITHIN: Duration = Duration::from_secs(30);
/// What counts as quiet between keys.
const QUIET: Duration = Duration::from_millis(900);
/// The most rows of a script.
const ROWS_MAX: usize = 1_000;
/// The longest wait.
const WAIT_MAX: Duration = Duration::from_secs(600);
/// The humming: 220 Hz, where nobody takes it for a key.
const HUM_HZ: f64 = 220.0;

/// A script that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    rows: Vec<(usize, Step)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Press(String),
    Wait(Duration),
    Quiet(Duration),
    /// Until the line is quiet, or says goodbye and hangs up.
    HearOut(Duration),
    ExpectPrompt(String, Duration),
    ExpectText(String, Duration),
    ExpectHangUp(Duration),
    Say(Duration),
    Hold,
    Resume,
    HangUp,
}

/// A row that can't be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{file} row {row}: {what}")]
pub struct ScriptFault {
    /// The file as it was named.
    pub file: String,
    /// The row, from 1.
    pub row: usize,
    /// What is wrong and what would be right.
    pub what: String,
}

/// What came of a script.
#[derive(Debug)]
pub struct ScriptOutcome {
    /// The row that failed, from 1, and why; nothing if all rows were carried out.
    pub failed: Option<(usize, PhoneFault)>,
}

impl fmt::Display for ScriptOutcome {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.failed {
            None => write!(to, "every row was carried out"),
            Some((row, fault)) => write!(to, "row {row}: {fault}"),
        }
    }
}

impl Script {
    /// Reads the rows of a script; `file` is its name in messages.
    ///
    /// # Errors
    /// The first row that can't be read.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScriptFault> {
        let mut rows = Vec::new();
        for (number, row) in (1..).zip(text.lines()) {
            let row = row.trim();
            let fault = |what: String| ScriptFault { file: file.to_owned(), row: number, what };
            if rows.len() >= ROWS_MAX {
                return Err(fault(format!("more than {ROWS_MAX} rows: make two scripts of it")));
            }
            if !row.is_empty() && !row.starts_with('#') {
                rows.push((number, Step::parse(row).map_err(fault)?));
            }
        }
        Ok(Self { rows })
    }

    /// The script of `--keys`.
    ///
    /// # Errors
    /// A character that is neither key nor space nor comma.
    pub fn from_keys(keys: &str) -> Result<Self, ScriptFault> {
        let mut rows = vec![(1, Step::Quiet(QUIET))];
        for key in keys.chars() {
            match key {
                ' ' => rows.push((1, Step::Quiet(QUIET))),
                ',' => rows.push((1, Step::Wait(Duration::from_secs(1)))),
                _ => {
                    let keys = read_keys(&key.to_string());
                    let fault = |what| ScriptFault { file: "--keys".to_owned(), row: 1, what };
                    rows.push((1, Step::Press(keys.map_err(fault)?)));
                }
            }
        }
        rows.push((1, Step::HearOut(QUIET * 2)));
        Ok(Self { rows })
    }

    /// Carries the rows out one after the other; stops at the first that fails.
    pub async fn run(&self, call: &mut PhoneCall) -> ScriptOutcome {
        for (row, step) in &self.rows {
            if let Err(fault) = step.run(call).await {
                return ScriptOutcome { failed: Some((*row, fault)) };
            }
        }
        ScriptOutcome { failed: None }
    }
}

impl Step {
    fn parse(row: &str) -> Result<Self, String> {
        let (verb, rest) = row.split_once(char::is_whitespace).map_or((row, ""), |(verb, rest)| (verb, rest.trim()));
        match (verb, rest) {
            ("press", keys) => Ok(Self::Press(read_keys(keys)?)),
            ("wait", time) => Ok(Self::Wait(read_time(time)?)),
            ("quiet", time) => Ok(Self::Quiet(read_time(time)?)),
            ("say", time) => Ok(Self::Say(read_time(time)?)),
            ("hold", "") => Ok(Self::Hold),
            ("resume", "") => Ok(Self::Resume),
            ("hang", "up") => Ok(Self::HangUp),
            ("expect", what) => Self::parse_expectation(what),
            _ => Err(format!("\"{row}\" is no step: write press, wait, quiet, expect, say, hold, resume or hang up")),
        }
    }

    fn parse_expectation(what: &str) -> Result<Self, String> {
        let (what, within) = match what.rsplit_once(" within ") {
            Some((what, time)) if !time.contains('"') => (what.trim(), read_time(time.trim())?),
            _ => (what, WITHIN),
        };
        if what == "hang up" {
            return Ok(Self::ExpectHangUp(within));
        }
        if let Some(text) = what.strip_prefix("text ") {
            let quoted = text.trim().strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            return match quoted {
                Some(text) if !text.is_empty() => Ok(Self::ExpectText(text.to_owned(), within)),
                _ => Err("the expected text stands in quotation marks: expect text \"14 de abril\"".to_owned()),
            };
        }
        if what.is_empty() || what.contains(char::is_whitespace) || what.contains('"') {
            return Err(format!(
                "\"{what}\" is no prompt: write its name, for example es/reason-ask, or text \"…\", or hang up"
            ));
        }
        Ok(Self::ExpectPrompt(what.to_owned(), within))
    }

    async fn run(&self, call: &mut PhoneCall) -> Result<(), PhoneFault> {
        match self {
            Self::Press(keys) => call.press(keys).await,
            Self::Wait(time) => {
                sleep(*time).await;
                Ok(())
            }
            Self::Quiet(time) => call.quiet_for(*time, *time + WAIT_MAX).await,
            Self::HearOut(time) => match call.quiet_for(*time, *time + WAIT_MAX).await {
                Err(PhoneFault::Over { .. }) => Ok(()),
                heard => heard,
            },
            Self::ExpectPrompt(id, within) => call.heard_prompt(id, *within).await.map(|_| ()),
            Self::ExpectText(text, within) => call.heard_text(text, *within).await.map(|_| ()),
            Self::ExpectHangUp(within) => call.wait_hung_up(*within).await.map(|_| ()),
            Self::Say(time) => call.say(hum(*time)).await,
            Self::Hold => call.hold(WITHIN).await,
            Self::Resume => call.resume(WITHIN).await,
            Self::HangUp => {
                call.hang_up().await;
                call.wait_hung_up(WITHIN).await.map(|_| ())
            }
        }
    }
}

fn read_keys(keys: &str) -> Result<String, String> {
    match keys.chars().find(|key| !KEYS.contains(*key)) {
        Some(key) => Err(format!("{key:?} is no key: keys are 0 to 9, *, #, A to D")),
        None if keys.is_empty() => Err("no keys: write for example press 2".to_owned()),
        None => Ok(keys.to_owned()),
    }
}

fn read_time(time: &str) -> Result<Duration, String> {
    let wrong = || format!("\"{time}\" is no time: write for example 3s or 500ms, at most {} s", WAIT_MAX.as_secs());
    let millis = match time.strip_suffix("ms") {
        Some(number) => number.parse::<u64>().ok(),
        None => time.strip_suffix('s').and_then(|number| number.parse::<u64>().ok()).and_then(|s| s.checked_mul(1_000)),
    };
    millis.map(Duration::from_millis).filter(|time| *time <= WAIT_MAX).ok_or_else(wrong)
}

fn hum(length: Duration) -> Vec<i16> {
    let samples = usize::try_from(length.as_millis() * 8).unwrap_or(0);
    (0..samples)
        .map(|at| ((2.0 * std::f64::consts::PI * HUM_HZ * at as f64 / 8_000.0).sin() * 6_000.0) as i16)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_row_by_row() {
        let script = Script::parse(
            "greeting.script",
            "# Spanish\nexpect es/greeting\npress 2\n\nexpect text \"within 3s\"\nexpect es/reason-ask within 5s\nwait 500ms\nhang up\n",
        );
        assert_eq!(
            script.unwrap().rows,
            [
                (2, Step::ExpectPrompt("es/greeting".to_owned(), WITHIN)),
                (3, Step::Press("2".to_owned())),
                (5, Step::ExpectText("within 3s".to_owned(), WITHIN)),
                (6, Step::ExpectPrompt("es/reason-ask".to_owned(), Duration::from_secs(5))),
                (7, Step::Wait(Duration::from_millis(500))),
                (8, Step::HangUp),
            ]
        );
    }

    #[test]
    fn a_wrong_row_is_named_with_what_would_be_right() {
        let said = |text| Script::parse("a.script", text).unwrap_err().to_string();
        assert_eq!(said("press 1\npress x"), "a.script row 2: 'x' is no key: keys are 0 to 9, *, #, A to D");
        assert!(said("wait forever").contains("3s or 500ms"));
        assert!(said("wait 999999999999999999s").contains("no time"));
        assert!(said("shout").contains("no step"));
        assert!(said("expect text 14").contains("quotation marks"));
        assert!(said("expect").contains("no prompt"));
    }

    #[test]
    fn keys_on_the_command_row_wait_for_quiet_at_spaces() {
        let script = Script::from_keys("1 2,").unwrap();
        let steps: Vec<Step> = script.rows.into_iter().map(|(_, step)| step).collect();
        let press = |key: &str| Step::Press(key.to_owned());
        assert_eq!(
            steps,
            [
                Step::Quiet(QUIET),
                press("1"),
                Step::Quiet(QUIET),
                press("2"),
                Step::Wait(Duration::from_secs(1)),
                Step::HearOut(QUIET * 2)
            ]
        );
        assert!(Script::from_keys("1x").is_err());
    }
}
