//! A step drawn for the telephone: what is said, which key means what, and how keyed digits become an input.
//! Playing prompts and detecting keys are left to `voice`.

use crate::input::{Input, Key};
use crate::output::{Choice, Expected, Question};
use crate::slot::{DigitsEnd, SlotType};
use crate::telling::{Arg, Phrase, Telling};
use crate::words::{MissingWords, Said, Words};
use caseline_model::{Language, Private};

/// Keys of options, in order: `9` is urgent help, `0` a person, `*` repeats, `#` is done.
pub const OPTION_KEYS: [char; 8] = ['1', '2', '3', '4', '5', '6', '7', '8'];

/// What is said for a telling. Phrases that the language lacks are left out and returned beside, so that they are logged
/// and never replaced by another language's.
pub fn spoken_telling(words: &Words, language: Language, telling: &Telling) -> (Vec<Said>, Vec<MissingWords>) {
    spoken_phrases(words, language, &telling.phrases)
}

/// What is said for a question: its words, then each option with its key, the pound key where a number has no fixed
/// length, and the key for a person where no option is one.
pub fn spoken_question(words: &Words, language: Language, question: &Question) -> (Vec<Said>, Vec<MissingWords>) {
    let (mut said, mut missing) = spoken_phrases(words, language, &question.phrases);
    // A lone "yes" is any sign of life: its words already ask for a key.
    let choices = if question.subject == "anyone-there" { &[] } else { question.choices() };
    for (choice, key) in choices.iter().zip(OPTION_KEYS) {
        let spoken_in = choice.language.or(choice.label.language);
        let key = Arg::Word(format!("number-{key}"));
        let mut phrase = match named_in_itself(choice) {
            Some(own) => {
                said.push(Words::own_name(own, spoken_in.unwrap_or(language)));
                Phrase::new("press-key").with("key", key)
            }
            None => Phrase::new("press-for").with("label", Arg::Word(choice.label.key.clone())).with("key", key),
        };
        phrase.language = spoken_in;
        match words.spoken(language, &phrase) {
            Ok(pieces) => said.extend(pieces),
            Err(error) => missing.push(error),
        }
    }
    if ends_at_pound(question) {
        match words.spoken(language, &Phrase::new("press-pound")) {
            Ok(pieces) => said.extend(pieces),
            Err(error) => missing.push(error),
        }
    }
    if question.hides_a_person() {
        let mut hint = Phrase::new("person-hint");
        hint.language = choices.first().and_then(|choice| choice.label.language);
        match words.spoken(language, &hint) {
            Ok(pieces) => said.extend(pieces),
            Err(error) => missing.push(error),
        }
    }
    (said, missing)
}

/// Whether a number of no fixed length is asked for: without `#` the line waits for a pause.
const fn ends_at_pound(question: &Question) -> bool {
    match &question.expected {
        Expected::Value(slot_type) => matches!(slot_type.digit_count(), Some((_, DigitsEnd::AtPoundOrPause))),
        Expected::Choice(_) => false,
    }
}

/// The language that an option names, where the rest of its row is said in another one.
fn named_in_itself(choice: &Choice) -> Option<Language> {
    let own: Language = choice.label.key.strip_prefix("language-")?.parse().ok()?;
    (choice.language.or(choice.label.language) != Some(own)).then_some(own)
}

fn spoken_phrases(words: &Words, language: Language, phrases: &[Phrase]) -> (Vec<Said>, Vec<MissingWords>) {
    let mut said = Vec::new();
    let mut missing = Vec::new();
    for phrase in phrases {
        match words.spoken(language, phrase) {
            Ok(pieces) => said.extend(pieces),
            Err(error) => missing.push(error),
        }
    }
    (said, missing)
}

/// Collects keys for one question.
#[derive(Clone, Debug)]
pub struct KeyCollector {
    options: Vec<String>,
    value: Option<SlotType>,
    keyed: Private<String>,
}

impl KeyCollector {
    /// For a question that was just asked.
    pub fn new(question: &Question) -> Self {
        let value = match &question.expected {
            Expected::Choice(_) => None,
            Expected::Value(slot_type) => Some(*slot_type),
        };
        let options = question.choices().iter().map(|choice| choice.id.clone()).collect();
        Self { options, value, keyed: Private::new(String::new()) }
    }

    /// Whether a value is being keyed: the pause between keys counts, not the pause before the first.
    pub fn is_midway(&self) -> bool {
        !self.keyed.reveal().is_empty()
    }

    /// One key. An input when the answer is complete.
    pub fn press(&mut self, key: char) -> Option<Input> {
        let Some(slot_type) = self.value else { return self.press_option(key) };
        let (count_max, end) = slot_type.digit_count().unwrap_or((1, DigitsEnd::AtPoundOrPause));
        match key {
            '0'..='9' => {
                let keyed = format!("{}{key}", self.keyed.reveal());
                let complete = end == DigitsEnd::AtCount && keyed.len() >= count_max || keyed.len() > count_max;
                self.keyed = Private::new(keyed);
                complete.then(|| self.finish())
            }
            '#' => Some(self.finish()),
            // In the middle of a number: start it again.
            '*' => {
                self.keyed = Private::new(String::new());
                Some(Input::Key(Key::Repeat))
            }
            _ => None,
        }
    }

    /// The time for a key has run out.
    pub fn pause(&mut self) -> Input {
        if self.is_midway() { self.finish() } else { Input::Silent }
    }

    fn press_option(&self, key: char) -> Option<Input> {
        match key {
            '0' => Some(Input::Key(Key::Person)),
            '9' => Some(Input::Key(Key::Urgent)),
            '*' => Some(Input::Key(Key::Repeat)),
            '1'..='8' => {
                let place = OPTION_KEYS.iter().position(|option| *option == key)?;
                Some(self.options.get(place).map_or(Input::Unclear, |id| Input::Chose(id.clone())))
            }
            _ => None,
        }
    }

    fn finish(&mut self) -> Input {
        let keyed = std::mem::take(&mut self.keyed).into_revealed();
        match keyed.as_str() {
            "" => Input::Unclear,
            "0" => Input::Key(Key::Person),
            "9" => Input::Key(Key::Urgent),
            _ => Input::Gave(Private::new(keyed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(expected: Expected) -> KeyCollector {
        KeyCollector::new(&Question { subject: "x".into(), phrases: Vec::new(), expected })
    }

    fn keys(collector: &mut KeyCollector, keys: &str) -> Vec<Input> {
        keys.chars().filter_map(|key| collector.press(key)).collect()
    }

    fn gave(text: &str) -> Input {
        Input::Gave(Private::new(text.into()))
    }

    #[test]
    fn the_keys_of_a_menu_are_its_options_and_those_that_always_work() {
        let choice = |id: &str| Choice { id: id.into(), label: Phrase::new(id), language: None };
        let mut menu = asks(Expected::Choice(vec![choice("paper"), choice("my-case")]));
        assert_eq!(
            keys(&mut menu, "20*938#"),
            [
                Input::Chose("my-case".into()),
                Input::Key(Key::Person),
                Input::Key(Key::Repeat),
                Input::Key(Key::Urgent),
                Input::Unclear,
                Input::Unclear,
            ]
        );
        assert_eq!(menu.pause(), Input::Silent);
    }

    #[test]
    fn an_a_number_ends_at_the_pound_key_or_after_a_pause() {
        let mut number = asks(Expected::Value(SlotType::CaseNumber));
        assert_eq!(keys(&mut number, "000000137"), []);
        assert!(number.is_midway());
        assert_eq!(number.pause(), gave("000000137"));
        assert_eq!(keys(&mut number, "0000137#"), [gave("0000137")]);
    }

    #[test]
    fn a_code_ends_by_itself() {
        let mut code = asks(Expected::Value(SlotType::CardCode));
        assert_eq!(keys(&mut code, "0112345678"), [gave("0112345678")]);
    }

    #[test]
    fn a_lone_zero_and_a_lone_nine_reach_a_person_while_a_number_is_asked() {
        let mut number = asks(Expected::Value(SlotType::CaseNumber));
        assert_eq!(keys(&mut number, "0#9#"), [Input::Key(Key::Person), Input::Key(Key::Urgent)]);
        number.press('0');
        assert_eq!(number.pause(), Input::Key(Key::Person));
        assert_eq!(keys(&mut number, "12*"), [Input::Key(Key::Repeat)]);
        assert_eq!(number.pause(), Input::Silent);
    }

    fn words() -> Words {
        let text = "press-for = { $label }: press { $key }.\npress-key = press { $key }.\nperson-hint = For a person, press zero.\n\
                    press-pound = Then press the pound key.\n\
                    number-1 = one\nnumber-2 = two\nnumber-3 = three\nchoose-agent = A person\nchoose-yes = Yes\nchoose-no = No\n\
                    choose-repeat = Again\nlanguage-en = English\nlanguage-pt = Portuguese\n";
        let language = Language::ENGLISH;
        Words::read(&[crate::words::read::WordsFile { language, file: "words/en/line.ftl", text }]).unwrap()
    }

    fn choice(id: &str) -> Choice {
        Choice { id: id.into(), label: Phrase::new(format!("choose-{id}")), language: None }
    }

    fn said(subject: &str, choices: Vec<Choice>) -> Vec<(String, String)> {
        let question = Question { subject: subject.into(), phrases: Vec::new(), expected: Expected::Choice(choices) };
        let (said, missing) = spoken_question(&words(), Language::ENGLISH, &question);
        assert_eq!(missing, []);
        said.into_iter().map(|said| (said.id, said.text)).collect()
    }

    #[test]
    fn a_menu_without_a_person_says_which_key_is_one() {
        let last = |choices: &[&str]| {
            said("reason", choices.iter().map(|id| choice(id)).collect()).last().map(|row| row.1.clone()).unwrap()
        };
        assert_eq!(last(&["yes", "no", "repeat"]), "For a person, press zero.");
        assert_eq!(last(&["yes", "no", "agent"]), "A person: press three.");
        assert_eq!(last(&["yes", "no"]), "No: press two.");
    }

    #[test]
    fn a_number_without_a_fixed_length_is_ended_with_the_pound_key() {
        let said = |slot_type| {
            let question =
                Question { subject: "number".into(), phrases: Vec::new(), expected: Expected::Value(slot_type) };
            let (said, missing) = spoken_question(&words(), Language::ENGLISH, &question);
            assert_eq!(missing, []);
            said.into_iter().map(|said| said.text).collect::<Vec<_>>()
        };
        assert_eq!(said(SlotType::ReceiptOrNumber), ["Then press the pound key."]);
        assert_eq!(said(SlotType::CardCode), [""; 0]);
    }

    #[test]
    fn a_language_is_named_in_itself_and_never_in_another_one() {
        let portuguese: Language = "pt".parse().unwrap();
        let named = |language: Language, spoken_in: Language| Choice {
            id: language.tag().into(),
            label: Phrase::new(format!("language-{}", language.tag())).in_language(spoken_in),
            language: Some(spoken_in),
        };
        let rows =
            said("language", vec![named(Language::ENGLISH, Language::ENGLISH), named(portuguese, Language::ENGLISH)]);
        let texts: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        assert_eq!(texts, ["English: press one.", "Português", "press two."]);
        assert_eq!(rows[1].0, "pt/language-pt", "where a speaker's recording stands");
    }
}
