//! What a caller can be asked for, by type, and what became of it. A slot lives as long as the contact.
//! How digits arrive is left to the channels; what is done with a value, to the step that reads it.

use caseline_model::{
    ANumber, CardCode, Date, FileReceipt, Language, Phone, Private, ReceiptKind, ReceiptNumber, TimeOfDay,
};
use serde::{Deserialize, Serialize};

/// The types that `ask`, `[inputs]` and `[outputs]` know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlotType {
    /// Some digits, two or more.
    Digits,
    /// A date: month, day and year, eight digits.
    Date,
    /// A time of day: four digits and morning or afternoon is asked apart.
    Time,
    /// An A-number, or a USCIS receipt number where letters can be typed.
    CaseNumber,
    /// The sixteen digits of one's own file.
    FileReceipt,
    /// Either of the two above.
    ReceiptOrNumber,
    /// The sixteen digits of a report.
    ReportCode,
    /// A row of the card and its eight digits.
    CardCode,
    /// A telephone number.
    Phone,
    /// Four digits that the caller chose for their own file.
    WordKey,
    /// The number of a desk: three digits, 100 to 999, which the person who works there tells.
    DeskNumber,
    /// A language, from the first menu.
    Language,
    /// A language, from the finder: all of them, four at a time.
    AnyLanguage,
    /// Free words: a typed message, or a voice note on the telephone.
    VoiceNote,
    /// A question in the caller's words, on channels that type.
    Words,
    /// What is told to the person who takes over. A calling flow hands it in; no caller is asked for it.
    Need,
}

impl SlotType {
    /// All of them with the words that flows use.
    pub const ALL: &[(&str, Self)] = &[
        ("digits", Self::Digits),
        ("date", Self::Date),
        ("time", Self::Time),
        ("case-number", Self::CaseNumber),
        ("file-receipt", Self::FileReceipt),
        ("receipt-or-number", Self::ReceiptOrNumber),
        ("report-code", Self::ReportCode),
        ("card-code", Self::CardCode),
        ("phone", Self::Phone),
        ("word-key", Self::WordKey),
        ("desk-number", Self::DeskNumber),
        ("language", Self::Language),
        ("any-language", Self::AnyLanguage),
        ("voice-note", Self::VoiceNote),
        ("words", Self::Words),
        ("need", Self::Need),
    ];

    /// The word that flows use.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|row| row.1 == self).map_or("", |row| row.0)
    }

    /// Reads the word that flows use.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.0 == word).map(|row| row.1)
    }

    /// How many digits it has at the most when keyed, and whether it ends by itself at that count. A lone `0` or `9`
    /// is never a value, so the person key and the urgent key work while digits are keyed too.
    pub const fn digit_count(self) -> Option<(usize, DigitsEnd)> {
        match self {
            Self::Date => Some((8, DigitsEnd::AtCount)),
            Self::Time | Self::WordKey => Some((4, DigitsEnd::AtCount)),
            Self::DeskNumber => Some((3, DigitsEnd::AtCount)),
            Self::CaseNumber => Some((9, DigitsEnd::AtPoundOrPause)),
            Self::FileReceipt | Self::ReportCode => Some((16, DigitsEnd::AtCount)),
            Self::ReceiptOrNumber => Some((16, DigitsEnd::AtPoundOrPause)),
            Self::CardCode | Self::Phone => Some((10, DigitsEnd::AtCount)),
            Self::Digits => Some((20, DigitsEnd::AtPoundOrPause)),
            Self::Language | Self::AnyLanguage | Self::VoiceNote | Self::Words | Self::Need => None,
        }
    }

    /// Reads what was keyed or typed. `None` when it is no such value: the caller is asked again.
    pub fn read(self, heard: &str) -> Option<Value> {
        let digits: String = heard.chars().filter(char::is_ascii_digit).collect();
        match self {
            Self::Digits => (digits.len() >= 2).then(|| Value::Digits(Private::new(digits))),
            Self::Date => read_date(heard, &digits).map(Value::Date),
            Self::Time => heard.parse().or_else(|_| digits.parse()).ok().map(Value::Time),
            Self::CaseNumber => read_case_number(heard).map(|number| Value::CaseNumber(Private::new(number))),
            Self::FileReceipt => read_sixteen(heard, ReceiptKind::File),
            Self::ReportCode => read_sixteen(heard, ReceiptKind::Report),
            Self::ReceiptOrNumber => read_sixteen(heard, ReceiptKind::File)
                .or_else(|| read_case_number(heard).map(|number| Value::CaseNumber(Private::new(number)))),
            Self::CardCode => heard.parse::<CardCode>().ok().map(|code| Value::CardCode(Private::new(code))),
            Self::Phone => heard.parse::<Phone>().ok().map(|phone| Value::Phone(Private::new(phone))),
            Self::WordKey => (digits.len() == 4).then(|| Value::Digits(Private::new(digits))),
            Self::DeskNumber => digits.parse().ok().filter(|number| (100..=999).contains(number)).map(Value::Desk),
            Self::Language | Self::AnyLanguage => heard.trim().parse().ok().map(Value::Language),
            Self::VoiceNote | Self::Words => {
                let text = heard.trim();
                (!text.is_empty() && text.chars().count() <= WORDS_LENGTH_MAX)
                    .then(|| Value::Words(Private::new(text.to_owned())))
            }
            Self::Need => None,
        }
    }
}

/// The longest typed text that is taken, in characters.
pub const WORDS_LENGTH_MAX: usize = 1_000;

/// When keyed digits are complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitsEnd {
    /// At so many digits.
    AtCount,
    /// At `#`, at so many digits, or after a pause between keys.
    AtPoundOrPause,
}

/// The number that names a case; it identifies and proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseNumber {
    /// An A-number.
    A(ANumber),
    /// A USCIS receipt number.
    Receipt(ReceiptNumber),
}

impl CaseNumber {
    /// The characters that are indexed: nine digits, or thirteen characters.
    pub fn canonical(&self) -> String {
        match self {
            Self::A(number) => number.digits(),
            Self::Receipt(number) => number.as_str().to_owned(),
        }
    }
}

/// What a slot holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "value", rename_all = "kebab-case")]
pub enum Value {
    /// Digits.
    Digits(Private<String>),
    /// A date.
    Date(Date),
    /// A time of day.
    Time(TimeOfDay),
    /// A number that names a case.
    CaseNumber(Private<CaseNumber>),
    /// The receipt of one's own file, or a report code.
    FileReceipt(Private<FileReceipt>),
    /// A passkey was shown; nothing of it is kept here.
    Passkey,
    /// A code from the card.
    CardCode(Private<CardCode>),
    /// A telephone number.
    Phone(Private<Phone>),
    /// A language.
    Language(Language),
    /// The number of a desk.
    Desk(u16),
    /// The id of an option that was chosen.
    Choice(String),
    /// Typed words.
    Words(Private<String>),
}

impl Value {
    /// Whether a slot of that type may hold it.
    pub const fn fits(&self, slot: SlotType) -> bool {
        matches!(
            (self, slot),
            (Self::Digits(_), SlotType::Digits | SlotType::WordKey)
                | (Self::Date(_), SlotType::Date)
                | (Self::Time(_), SlotType::Time)
                | (Self::CaseNumber(_), SlotType::CaseNumber | SlotType::ReceiptOrNumber)
                | (Self::FileReceipt(_), SlotType::FileReceipt | SlotType::ReceiptOrNumber | SlotType::ReportCode)
                | (Self::Passkey, SlotType::ReceiptOrNumber)
                | (Self::Desk(_), SlotType::DeskNumber)
                | (Self::CardCode(_), SlotType::CardCode)
                | (Self::Phone(_), SlotType::Phone)
                | (Self::Language(_), SlotType::Language | SlotType::AnyLanguage)
                | (Self::Words(_), SlotType::VoiceNote | SlotType::Words)
        )
    }
}

fn read_sixteen(heard: &str, kind: ReceiptKind) -> Option<Value> {
    let receipt: FileReceipt = heard.parse().ok()?;
    (receipt.kind() == kind).then(|| Value::FileReceipt(Private::new(receipt)))
}

fn read_case_number(heard: &str) -> Option<CaseNumber> {
    if let Ok(number) = heard.parse::<ANumber>() {
        return Some(CaseNumber::A(number));
    }
    heard.parse::<ReceiptNumber>().ok().map(CaseNumber::Receipt)
}

/// Month, day, year, as notices print it: `04142026`, `04/14/2026`; or `2026-04-14`.
fn read_date(heard: &str, digits: &str) -> Option<Date> {
    if let Ok(date) = heard.trim().parse::<Date>() {
        return Some(date);
    }
    if digits.len() != 8 {
        return None;
    }
    Date::new(digits[4..].parse().ok()?, digits[..2].parse().ok()?, digits[2..4].parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_date_is_keyed_as_the_notice_prints_it() {
        let wanted = Some(Value::Date(jiff::civil::date(2026, 4, 14)));
        for heard in ["04142026", "04/14/2026", "2026-04-14", "04 14 2026"] {
            assert_eq!(SlotType::Date.read(heard), wanted, "{heard}");
        }
        assert_eq!(SlotType::Date.read("09312026"), None, "there is no 31 September");
    }

    #[test]
    fn a_desk_has_three_digits_and_no_leading_zero() {
        for heard in ["214", "2 1 4", " 214#"] {
            assert_eq!(SlotType::DeskNumber.read(heard), Some(Value::Desk(214)), "{heard}");
        }
        for heard in ["", "21", "014", "2145", "desk", "99999999999"] {
            assert_eq!(SlotType::DeskNumber.read(heard), None, "{heard}");
        }
    }

    #[test]
    fn a_receipt_is_told_from_a_number() {
        assert!(matches!(SlotType::ReceiptOrNumber.read("A000-000-137"), Some(Value::CaseNumber(_))));
        let receipt = FileReceipt::from_random(ReceiptKind::File, 7).grouped();
        assert!(matches!(SlotType::ReceiptOrNumber.read(&receipt), Some(Value::FileReceipt(_))));
        assert_eq!(SlotType::ReportCode.read(&receipt), None);
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_makes_it_panic(heard in ".*") {
            for (_, slot) in SlotType::ALL {
                if let Some(value) = slot.read(&heard) {
                    prop_assert!(value.fits(*slot));
                }
            }
        }

        #[test]
        fn the_person_key_and_the_urgent_key_are_never_a_value(key in "[09]#?") {
            for (_, slot) in SlotType::ALL {
                if slot.digit_count().is_some() {
                    prop_assert_eq!(slot.read(&key), None);
                }
            }
        }
    }
}
