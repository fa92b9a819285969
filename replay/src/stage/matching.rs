//! Whether the line did what a page says: strictly in order, nothing accepted that did not happen.
//! What happened was gathered by the engine; other stages hold the wire against it.

use super::engine::EngineStage;
use super::{Happening, Heard};
use crate::script::LineDoes;
use caseline_conversation::{Arg, Question, Telling};

impl EngineStage {
    /// Whether the line did this since the caller last did something, after what was matched before.
    ///
    /// # Errors
    /// What was expected and what came.
    pub(super) fn matches(&mut self, does: &LineDoes) -> Result<(), String> {
        match does {
            LineDoes::Asks(subject) => match self.question() {
                Some(question) if &question.subject == subject => Ok(()),
                Some(question) => Err(format!("expected the question {subject}; the line asks {}", question.subject)),
                None => Err(format!("expected the question {subject}; the line asks nothing. {}", self.so_far())),
            },
            LineDoes::Offers(options) => {
                let question = self.question().ok_or_else(|| format!("the line asks nothing. {}", self.so_far()))?;
                let offered: Vec<&str> = question.choices().iter().map(|choice| choice.id.as_str()).collect();
                if offered == options.iter().map(String::as_str).collect::<Vec<_>>() {
                    Ok(())
                } else {
                    Err(format!("the line offers {}", offered.join(", ")))
                }
            }
            LineDoes::Confirms(value) => {
                let question = self.question().ok_or_else(|| format!("the line asks nothing. {}", self.so_far()))?;
                match read_back(question) {
                    Some(read) if same_value(&read, value) => Ok(()),
                    Some(_) => Err("the line reads another value back".into()),
                    None => Err(format!("the line reads nothing back; it asks {}", question.subject)),
                }
            }
            LineDoes::Tells(subject, details) => self.find(
                &format!("{subject}: {}", details.join("; ")),
                |what| matches!(what, Happening::Told(telling) if tells(telling, subject, details)),
            ),
            LineDoes::Apologises => {
                self.find("an apology", |what| matches!(what, Happening::Told(telling) if telling.subject == "apology"))
            }
            LineDoes::Connects(name) => self.find(
                &format!("a connection with {name}"),
                |what| matches!(what, Happening::Joined { name: who, .. } if who == name),
            ),
            LineDoes::Ends => self.find("the end", |what| matches!(what, Happening::Ended(_))),
            LineDoes::Calls(_) => Err("the line calls outside of a contact".into()),
        }
    }

    fn find(&mut self, expected: &str, fits: impl Fn(&Happening) -> bool) -> Result<(), String> {
        let found = self.heard().iter().skip(self.matched).position(|heard| fits(&heard.what));
        match found {
            Some(place) => {
                self.matched += place + 1;
                Ok(())
            }
            None => Err(format!("expected {expected}; {}", self.so_far())),
        }
    }

    fn so_far(&self) -> String {
        let heard: Vec<String> = self.heard().iter().map(meaning).collect();
        if heard.is_empty() { "nothing came".into() } else { format!("there came: {}", heard.join(" | ")) }
    }
}

/// What happened, as a page would say it. Values that are read back or said once are not in it.
pub fn meaning(heard: &Heard) -> String {
    match &heard.what {
        Happening::Told(telling) => format!("tells {}", telling.meaning()),
        Happening::Asked(question) if read_back(question).is_some() => "asks read-back".into(),
        Happening::Asked(question) => {
            let options: Vec<&str> = question.choices().iter().map(|choice| choice.id.as_str()).collect();
            if options.is_empty() {
                format!("asks {}", question.subject)
            } else {
                format!("asks {}: {}", question.subject, options.join(", "))
            }
        }
        Happening::Rings(name) => format!("rings {name}"),
        Happening::Missed(name) => format!("{name} does not take the call"),
        Happening::Joined { name, need } => format!("connects {name} (need: {need})"),
        Happening::Recording => "records".into(),
        Happening::Calls(_) => "calls the number that was given".into(),
        Happening::Ended(disposition) => format!("ends: {disposition}"),
    }
}

/// Subject and details as a page says them: each detail is contained in one of the telling's, as whole words in a row;
/// a time of day right after a date may be left out.
fn tells(telling: &Telling, subject: &str, details: &[String]) -> bool {
    telling.subject == subject
        && details.iter().all(|wanted| {
            telling.details.iter().any(|told| contains(told, wanted) || contains(&without_times(told), wanted))
        })
}

fn contains(told: &str, wanted: &str) -> bool {
    let words = |text: &str| text.split(' ').map(|word| word.trim_end_matches(',').to_owned()).collect::<Vec<_>>();
    let (told, wanted) = (words(told), words(wanted));
    told.windows(wanted.len()).any(|words| words == wanted)
}

fn without_times(told: &str) -> String {
    let is_time = |word: &str| word.len() == 5 && word.as_bytes()[2] == b':';
    told.split(' ').filter(|word| !is_time(word)).collect::<Vec<_>>().join(" ")
}

fn read_back(question: &Question) -> Option<String> {
    if question.subject != "read-back" {
        return None;
    }
    question.phrases.iter().flat_map(|phrase| &phrase.args).find_map(|(_, arg)| match arg {
        Arg::Date(date) => Some(date.to_string()),
        Arg::Time(time) => Some(time.to_string()),
        Arg::Digits(digits) => Some(digits.reveal().clone()),
        _ => None,
    })
}

fn same_value(read: &str, wanted: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let wanted = digits(wanted);
    // A telephone number is read back without the country's 1.
    digits(read) == wanted || wanted.strip_prefix('1') == Some(&digits(read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_whole_words_in_a_row() {
        let telling =
            Telling::of("hearing", vec!["disputed".into(), "2026-04-14 08:30 notice, 20 days old".into()], vec![]);
        let fits = |details: &[&str]| {
            tells(&telling, "hearing", &details.iter().map(|detail| (*detail).to_owned()).collect::<Vec<_>>())
        };
        assert!(fits(&["disputed", "2026-04-14 notice, 20 days old"]));
        assert!(fits(&["2026-04-14 08:30 notice,"]));
        assert!(!fits(&["2026-04-14 20 days"]));
        assert!(!fits(&["agreed"]) && !fits(&["2026-04-1"]));
    }
}
