//! A step drawn for a page: texts, and a button for each option in reading order.
//! HTML is left to `web`.

use crate::greeting::written_greeting;
use crate::operator::Operator;
use crate::output::{Expected, Question};
use crate::program::Program;
use crate::telling::{Arg, Phrase, Telling};
use crate::words::{MissingWords, Words};
use caseline_model::Language;

/// One text on a page, with the language it is in (for `lang` and `dir`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The language.
    pub language: Language,
    /// The text.
    pub text: String,
    /// It holds digits that the caller may want to write down: a receipt, a code, a telephone number.
    pub holds_digits: bool,
}

/// One button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// The option's id.
    pub id: String,
    /// Its label.
    pub label: Written,
}

/// The texts of a telling. Phrases that the language lacks are left out and returned beside.
pub fn written_telling(words: &Words, language: Language, telling: &Telling) -> (Vec<Written>, Vec<MissingWords>) {
    written_phrases(words, language, &telling.phrases)
}

/// The texts of a question and its buttons.
pub fn written_question(words: &Words, language: Language, question: &Question) -> (Vec<Written>, Vec<Button>) {
    let (texts, _) = written_phrases(words, language, &question.phrases);
    let buttons = question
        .choices()
        .iter()
        .filter_map(|choice| {
            let spoken_in = choice.label.language.unwrap_or(language);
            // A language stands in its own name, whoever reads the page.
            let text = match choice.label.key.strip_prefix("language-") {
                Some(tag) => tag.parse::<Language>().ok()?.own_name().to_owned(),
                None => words.written(language, &choice.label).ok()?,
            };
            let of = choice.id.parse::<Language>().unwrap_or(spoken_in);
            let language = if choice.label.key.starts_with("language-") { of } else { spoken_in };
            Some(Button { id: choice.id.clone(), label: Written { language, text, holds_digits: false } })
        })
        .collect();
    (texts, buttons)
}

/// The texts of phrases. Those that the language lacks are left out and returned beside.
pub fn written_phrases(words: &Words, language: Language, phrases: &[Phrase]) -> (Vec<Written>, Vec<MissingWords>) {
    let mut texts = Vec::new();
    let mut missing = Vec::new();
    for phrase in phrases {
        match words.written(language, phrase) {
            Ok(text) => {
                let holds_digits = phrase.args.iter().any(|(_, arg)| matches!(arg, Arg::Digits(_)));
                texts.push(Written { language: phrase.language.unwrap_or(language), text, holds_digits });
            }
            Err(error) => missing.push(error),
        }
    }
    (texts, missing)
}

/// The sentences that say who answers, for a page that is read before any contact begins: those of the greeting.
pub fn who_we_are(operator: &Operator) -> Vec<Phrase> {
    written_greeting(operator)
}

/// The open question with each phrase in the language in which the line says it: the caller's or, where a lifeline
/// language lacks the words, the one that the policy names for it. So a page is drawn again without asking again.
pub fn localized_question(program: &Program, language: Language, mut question: Question) -> Question {
    let localize = |phrase: &mut Phrase| {
        if phrase.language.is_none() && program.words.key(language, &phrase.key).is_none() {
            phrase.language = program.policy.announced_in.get(&language).copied();
        }
    };
    question.phrases.iter_mut().for_each(localize);
    if let Expected::Choice(choices) = &mut question.expected {
        choices.iter_mut().for_each(|choice| localize(&mut choice.label));
    }
    question
}
