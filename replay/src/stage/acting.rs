//! What a caller's words in a page mean at the question that is open: an option, a key that always works, a value.
//! How that reaches the line is left to the stages.

use crate::script::CallerDoes;
use crate::world::{World, own};
use caseline_conversation::effect::ReportState;
use caseline_conversation::output::Expected;
use caseline_conversation::{Key, Question, SlotType};
use caseline_model::{CardCode, Phone, Private};

/// What a caller does, as a stage plays it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The contact begins.
    Arrive(From),
    /// An option by id; `true` while the line still speaks.
    Choose(String, bool),
    /// A key that always works; `true` while the line still speaks.
    Key(Key, bool),
    /// A value.
    Give(Private<String>),
    /// Something that is no answer.
    Unclear,
    /// Nothing.
    Silence,
    /// A voice on the line.
    Voice(Private<String>),
    /// A message for the staff.
    Message(Private<String>),
    /// Nothing is said while a message is recorded.
    NoMessage,
    /// The caller hangs up.
    Leave,
    /// The caller takes the line's call.
    Answer,
}

/// From where a contact comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct From {
    /// The number that the network shows.
    pub number: Option<Phone>,
    /// It comes from a detention telephone.
    pub custody: bool,
}

/// What waits for the caller.
#[derive(Clone, Copy, Debug)]
pub enum Waits<'a> {
    /// A question.
    Question(&'a Question),
    /// A message is being recorded.
    Recording,
    /// A person is on the contact.
    Talking,
    /// Nothing.
    Nothing,
}

/// What a caller's words mean here.
///
/// # Errors
/// What cannot be done now, and what can.
pub fn act(
    does: &CallerDoes,
    waits: Waits<'_>,
    world: &World,
    code_heard: Option<&Private<String>>,
) -> Result<Act, String> {
    match (does, waits) {
        (CallerDoes::Arrives(place), _) => arrive(place.as_deref(), world),
        (CallerDoes::Leaves, _) => Ok(Act::Leave),
        (CallerDoes::Answers, _) => Ok(Act::Answer),
        (CallerDoes::Chooses(option), Waits::Question(question)) => choose(option, question, false),
        (CallerDoes::Interrupts(option), Waits::Question(question)) => choose(option, question, true),
        (CallerDoes::Gives(value), Waits::Question(_)) if value == "something unclear" => Ok(Act::Unclear),
        (CallerDoes::Gives(value), Waits::Question(question)) => {
            if !matches!(question.expected, Expected::Value(_)) {
                return Err(format!(
                    "`{}` is a choice: the caller chooses one of {}",
                    question.subject,
                    options(question)
                ));
            }
            own_value(value, world, code_heard).map(Act::Give)
        }
        (CallerDoes::Says(words), Waits::Recording) => Ok(Act::Message(Private::new(words.clone()))),
        (CallerDoes::Says(words), Waits::Question(question)) => Ok(match question.expected {
            Expected::Value(SlotType::Words | SlotType::VoiceNote) => Act::Give(Private::new(words.clone())),
            _ => Act::Voice(Private::new(words.clone())),
        }),
        (CallerDoes::IsSilent(_), Waits::Recording) => Ok(Act::NoMessage),
        (CallerDoes::IsSilent(_), Waits::Question(_)) => Ok(Act::Silence),
        (_, Waits::Talking) => Err("the caller talks with a person; let the agent close or the caller leave".into()),
        (_, Waits::Recording) => {
            Err("a message is being recorded: the caller says something, is silent or leaves".into())
        }
        (_, Waits::Nothing) => Err("the line waits for nothing now; the contact has not begun or is over".into()),
    }
}

/// A state of a report by its word.
///
/// # Errors
/// When there is no such state.
pub fn report_state(word: &str) -> Result<ReportState, String> {
    let all =
        [ReportState::Taken, ReportState::InHand, ReportState::Answered, ReportState::Corrected, ReportState::Closed];
    all.into_iter().find(|state| state.as_str() == word).ok_or_else(|| "no such state of a report".into())
}

fn arrive(place: Option<&str>, world: &World) -> Result<Act, String> {
    let number = match place {
        None => world.caller.clone(),
        Some("custody" | "withheld") => None,
        Some(number) => Some(own::phone(number.strip_prefix("custody ").unwrap_or(number))?),
    };
    Ok(Act::Arrive(From { number, custody: place.is_some_and(|place| place.starts_with("custody")) }))
}

fn choose(option: &str, question: &Question, interrupts: bool) -> Result<Act, String> {
    if question.choices().iter().any(|choice| choice.id == option) {
        return Ok(Act::Choose(option.to_owned(), interrupts));
    }
    match option {
        "agent" => Ok(Act::Key(Key::Person, interrupts)),
        "help" => Ok(Act::Key(Key::Urgent, interrupts)),
        "repeat" => Ok(Act::Key(Key::Repeat, interrupts)),
        _ => Err(format!(
            "`{}` does not offer {option}; it offers {}, and always agent, help, repeat",
            question.subject,
            options(question)
        )),
    }
}

fn options(question: &Question) -> String {
    match &question.expected {
        Expected::Choice(choices) => choices.iter().map(|choice| choice.id.as_str()).collect::<Vec<_>>().join(", "),
        Expected::Value(slot) => format!("a value ({})", slot.as_str()),
    }
}

fn own_value(value: &str, world: &World, code_heard: Option<&Private<String>>) -> Result<Private<String>, String> {
    let own = &world.own;
    let code = |row: &str| -> Result<&Private<CardCode>, String> {
        let row: usize = row.parse().map_err(|_| "a card has rows 1 to 12".to_owned())?;
        let found = row.checked_sub(1).and_then(|place| own.codes.get(place));
        found.ok_or_else(|| "the page gives no card with that row; write `given enrolled number A000-000-137`".into())
    };
    let receipt = || own.receipt.as_ref().ok_or("the page gives no file; write `given file receipt 4417-0092-…`");
    match value {
        "its receipt" => Ok(Private::new(receipt()?.reveal().grouped())),
        "its word key" => own.word_key.clone().ok_or_else(|| "the page's file has no word key".into()),
        "its second number" => own.second_number.clone().ok_or_else(|| "the page gives no second number".into()),
        "its number" => own.number.clone().ok_or_else(|| "the page enrols no number".into()),
        "the code it heard" => code_heard.cloned().ok_or_else(|| "no receipt or report code was heard yet".into()),
        _ => {
            if let Some(row) = value.strip_prefix("its second code row ") {
                let place = row.parse::<usize>().ok().and_then(|row| row.checked_sub(1));
                let code = place.and_then(|place| own.second_codes.get(place));
                let code = code.ok_or(
                    "the page gives no second card with that row; write `given second-number number A000-000-138`",
                )?;
                return Ok(Private::new(code.reveal().keyed()));
            }
            if let Some(row) = value.strip_prefix("its code row ") {
                return Ok(Private::new(code(row)?.reveal().keyed()));
            }
            if let Some(row) = value.strip_prefix("a wrong code row ") {
                // The right row; every digit but the last one right.
                let keyed = code(row)?.reveal().keyed();
                let (head, last) = keyed.split_at(keyed.len() - 1);
                let last = last.parse::<u8>().map_or(0, |digit| (digit + 1) % 10);
                return Ok(Private::new(format!("{head}{last}")));
            }
            own::made_up(value)?;
            Ok(Private::new(value.to_owned()))
        }
    }
}
