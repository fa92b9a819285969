//! Reads the forms of the chat: which button was pressed, what was typed, and what that means to the conversation.
//! Whether a value is good is left to the conversation.

use super::sent::ChatForm;
use crate::state::WebState;
use caseline_conversation::output::{Expected, Question};
use caseline_conversation::{Input, Key, SlotType};
use caseline_helpline::ContactRunner;
use caseline_model::{Language, Private};
use serde::Deserialize;

/// The form that begins a chat.
#[derive(Debug, Deserialize)]
pub(super) struct BeginFields {
    /// The seal that shows that the form is ours.
    #[serde(default)]
    pub form: String,
    /// The language of the page.
    #[serde(default)]
    page: String,
    /// The language of the chat, or that it be asked.
    #[serde(default)]
    pub begin: String,
}

/// A form that answers.
#[derive(Debug, Deserialize)]
pub(super) struct AnswerFields {
    /// The seal that shows that the form is ours.
    #[serde(default)]
    pub form: String,
    /// The language of the page.
    #[serde(default)]
    page: String,
    /// The question that is answered.
    #[serde(default)]
    pub step: String,
    /// The option whose button was pressed.
    choice: Option<String>,
    /// The key that always works whose button was pressed.
    key: Option<String>,
    /// The button that says that there is no answer.
    silent: Option<String>,
    /// What was typed.
    value: Option<Private<String>>,
    /// A date in three parts: no order of day and month to mix up.
    month: Option<Private<String>>,
    day: Option<Private<String>>,
    year: Option<Private<String>>,
}

impl BeginFields {
    pub(super) fn page_language(&self, state: &WebState) -> Option<Language> {
        page_language(&self.page, state)
    }
}

impl ChatForm for AnswerFields {
    fn seal(&self) -> &str {
        &self.form
    }

    fn page_language(&self, state: &WebState) -> Option<Language> {
        page_language(&self.page, state)
    }
}

/// The language of a page by its tag.
pub(super) fn page_language(tag: &str, state: &WebState) -> Option<Language> {
    state.languages().iter().copied().find(|language| language.tag() == tag)
}

/// What an answer means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// One input.
    Input(Input),
    /// No answer: silence, as often as it takes until it counts as one.
    Silence {
        /// How often at the most.
        times: u8,
        /// The question that stays open meanwhile.
        subject: Option<Question>,
    },
}

impl Answered {
    /// The inputs that say so.
    pub(super) fn inputs(&self) -> Vec<Input> {
        match self {
            Self::Input(input) => vec![input.clone()],
            Self::Silence { times, .. } => vec![Input::Silent; usize::from(*times)],
        }
    }

    /// Whether the conversation went on.
    pub(super) fn is_enough(&self, runner: &ContactRunner) -> bool {
        match self {
            Self::Input(_) => true,
            Self::Silence { subject, .. } => runner.question() != *subject || runner.ended().is_some(),
        }
    }
}

/// What the fields mean while a question is open, on a line that takes so many silences as an answer.
pub(super) fn read(fields: &AnswerFields, question: Option<Question>, silences: u8) -> Answered {
    if fields.silent.is_some() {
        // On the telephone silence is asked again before it counts; a pressed button is no silence to ask about again.
        return Answered::Silence { times: silences.max(1), subject: question };
    }
    let slot_type = question.as_ref().and_then(|question| match &question.expected {
        Expected::Value(slot_type) => Some(*slot_type),
        Expected::Choice(_) => None,
    });
    Answered::Input(read_one(fields, slot_type))
}

fn read_one(fields: &AnswerFields, slot_type: Option<SlotType>) -> Input {
    match fields.key.as_deref() {
        Some("person") => return Input::Key(Key::Person),
        Some("urgent") => return Input::Key(Key::Urgent),
        Some("repeat") => return Input::Key(Key::Repeat),
        _ => {}
    }
    if let Some(id) = &fields.choice {
        return Input::Chose(id.clone());
    }
    let typed = match (&fields.value, &fields.month, &fields.day, &fields.year) {
        (Some(value), ..) => value.reveal().clone(),
        (None, Some(month), Some(day), Some(year)) => date_text(month.reveal(), day.reveal(), year.reveal()),
        _ => return Input::Unclear,
    };
    let typed = if slot_type == Some(SlotType::Time) { time_text(&typed) } else { typed };
    if typed.trim().is_empty() { Input::Unclear } else { Input::Gave(Private::new(typed)) }
}

/// Year, month, day; two digits of a year are of this century.
fn date_text(month: &str, day: &str, year: &str) -> String {
    let year = year.trim();
    let century = if year.len() == 2 { "20" } else { "" };
    format!("{century}{year}-{:0>2}-{:0>2}", month.trim(), day.trim())
}

/// A time of day as people write it: `8:30`, `8.30 am`, `1:00 p.m.`, `0830`. What is none stays as it is, and is asked
/// again.
fn time_text(typed: &str) -> String {
    let small: String = typed.to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != '.' || *c == ':').collect();
    let (clock, half) = match (small.strip_suffix("am"), small.strip_suffix("pm")) {
        (Some(clock), _) => (clock.to_owned(), Some(0)),
        (_, Some(clock)) => (clock.to_owned(), Some(12)),
        _ => (small, None),
    };
    let (hour, minute) = match clock.split_once([':', 'h']) {
        Some((hour, minute)) => (hour.to_owned(), minute.get(..2).unwrap_or(minute).to_owned()),
        None if matches!(clock.len(), 3 | 4) && clock.is_ascii() => {
            let (hour, minute) = clock.split_at(clock.len() - 2);
            (hour.to_owned(), minute.to_owned())
        }
        None => (clock, "00".to_owned()),
    };
    match (hour.parse::<u8>(), minute.parse::<u8>()) {
        (Ok(hour), Ok(minute)) if minute < 60 => {
            let hour = match half {
                Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
                _ => hour,
            };
            format!("{hour:02}:{minute:02}")
        }
        _ => typed.to_owned(),
    }
}

/// Reads bytes as the forms of the chat and as the answer to each kind of question. A fuzz target.
pub(crate) fn forms_never_panic(bytes: &[u8]) {
    // As the forms arrive in a body and as they would in an address; both are read by the same decoder.
    let text = String::from_utf8_lossy(bytes);
    let address = format!("/chat/answer?{}", text.replace(|c: char| c.is_control() || c == ' ' || !c.is_ascii(), "+"));
    let Ok(address) = address.parse::<axum::http::Uri>() else { return };
    let _ = axum::extract::Query::<BeginFields>::try_from_uri(&address);
    if let Ok(fields) = axum::extract::Query::<AnswerFields>::try_from_uri(&address) {
        let _ = read(&fields, None, 2);
        for slot_type in [SlotType::Time, SlotType::Date, SlotType::Words] {
            let _ = read_one(&fields, Some(slot_type));
        }
    }
    let _ = time_text(&text);
    let third = text.len() / 3;
    let (day, rest) = text.split_at_checked(third).unwrap_or((&text, ""));
    let _ = date_text(day, rest, &text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields() -> AnswerFields {
        AnswerFields {
            form: String::new(),
            page: String::new(),
            step: String::new(),
            choice: None,
            key: None,
            silent: None,
            value: None,
            month: None,
            day: None,
            year: None,
        }
    }

    fn gave(text: &str) -> Input {
        Input::Gave(Private::new(text.into()))
    }

    fn private(text: &str) -> Option<Private<String>> {
        Some(Private::new(text.to_owned()))
    }

    #[test]
    fn a_date_in_three_parts_is_one_date() {
        let date = |month, day, year| AnswerFields {
            month: private(month),
            day: private(day),
            year: private(year),
            ..fields()
        };
        assert_eq!(read_one(&date("4", "14", "2026"), Some(SlotType::Date)), gave("2026-04-14"));
        assert_eq!(read_one(&date("4", " 3", "26"), Some(SlotType::Date)), gave("2026-04-03"));
        assert!(SlotType::Date.read("2026-02-30").is_none(), "no such day is asked again");
    }

    #[test]
    fn a_time_is_read_as_people_write_it() {
        for (typed, wanted) in [
            ("08:30", "08:30"),
            ("8:30", "08:30"),
            ("8.30 am", "08:30"),
            ("830", "08:30"),
            ("0830", "08:30"),
            ("1:00 p.m.", "13:00"),
            ("12:15 AM", "00:15"),
            ("9", "09:00"),
            ("9 am", "09:00"),
            ("soon", "soon"),
        ] {
            assert_eq!(time_text(typed), wanted, "{typed}");
        }
    }

    #[test]
    fn an_empty_answer_is_asked_again_and_is_no_value() {
        assert_eq!(read_one(&AnswerFields { value: private("  "), ..fields() }, Some(SlotType::Words)), Input::Unclear);
        assert_eq!(read_one(&fields(), None), Input::Unclear);
    }

    #[test]
    fn a_key_goes_before_whatever_else_stands_in_the_form() {
        let both = AnswerFields { key: Some("urgent".into()), value: private("12"), ..fields() };
        assert_eq!(read_one(&both, Some(SlotType::Digits)), Input::Key(Key::Urgent));
    }

    #[test]
    fn what_a_caller_typed_never_prints() {
        let typed = AnswerFields { value: private("000-000-137"), ..fields() };
        assert!(!format!("{typed:?}").contains("137"));
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_makes_it_panic(typed in ".{0,20}", month in ".{0,4}", day in ".{0,4}", year in ".{0,6}") {
            let _ = time_text(&typed);
            let _ = date_text(&month, &day, &year);
        }
    }
}
