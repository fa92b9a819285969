//! Made-up people and moments for the checks.
//! Nothing here is anybody's.

use caseline_conversation::slot::CaseNumber;
use caseline_helpline::ports::{NewFile, NewReport, NewTask, TaskContent, TaskKind, Trying};
use caseline_model::{
    ANumber, CardCode, CaseId, ContactId, Date, FileReceipt, Language, Phone, Private, ReceiptKind, TaskId, Time,
};
use caseline_records::{Assertion, HearingTime, Obtained, SourceKind, Value};
use std::time::Duration;

/// One hour.
pub const HOUR: Duration = Duration::from_secs(3_600);
/// One day.
pub const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A Wednesday at noon, UTC.
pub const NOON: Time = Time::from_micros((20_502 * 86_400 + 43_200) * 1_000_000);

/// So many seconds after noon.
pub fn at(seconds: u64) -> Time {
    NOON.plus(Duration::from_secs(seconds))
}

/// A contact.
pub const fn contact(n: u128) -> ContactId {
    ContactId::from_random(n)
}

/// A case.
pub const fn case(n: u128) -> CaseId {
    CaseId::from_random(n + 1)
}

/// A made-up case number: 000-000-001 and up.
pub fn number(n: u32) -> Private<CaseNumber> {
    let number = ANumber::from_value(n % 999_999 + 1).expect("the made-up range has no zero");
    Private::new(CaseNumber::A(number))
}

/// The code of a row, 1 to 12, on the card of a case.
pub fn code(row: u8, of_case: u64) -> Private<CardCode> {
    let row = (row.max(1) - 1) % 12 + 1;
    Private::new(CardCode::from_random(row, 31_000_000 + of_case * 100 + u64::from(row)).expect("rows are 1 to 12"))
}

/// A code that is on no card.
pub fn wrong_code(row: u8) -> Private<CardCode> {
    let row = (row.max(1) - 1) % 12 + 1;
    Private::new(CardCode::from_random(row, 99_999_999).expect("rows are 1 to 12"))
}

/// The card of a case.
pub fn card(of_case: u64) -> Vec<Private<CardCode>> {
    (1..=12).map(|row| code(row, of_case)).collect()
}

/// The receipt of an own file.
pub fn receipt(n: u64) -> Private<FileReceipt> {
    Private::new(FileReceipt::from_random(ReceiptKind::File, n))
}

/// A report code.
pub fn report_code(n: u64) -> Private<FileReceipt> {
    Private::new(FileReceipt::from_random(ReceiptKind::Report, n))
}

/// A made-up telephone number.
pub fn phone(n: u32) -> Private<Phone> {
    Private::new(format!("+1202555{:04}", 100 + n % 100).parse().expect("555-01xx is a telephone number"))
}

/// Somebody who tries in a contact, from a made-up number or a withheld one.
pub fn trying(n: u128, caller: Option<u32>) -> Trying {
    Trying { contact: contact(n), caller: caller.map(phone), shared: false }
}

/// A hearing on a day, as a source says it.
pub fn hearing(on: Date, source: SourceKind) -> Assertion {
    Assertion {
        value: Value::Hearing {
            at: HearingTime { date: on, time: None },
            kind: None,
            medium: None,
            court: Some("Chicago".into()),
            detained_docket: false,
        },
        source,
        obtained: if source == SourceKind::Notice { Obtained::ReadOutByCaller } else { Obtained::Imported },
        observed_at: NOON,
        effective_on: None,
    }
}

/// A day so many days after noon's.
pub fn days_later(days: u64) -> Date {
    NOON.plus(DAY * u32::try_from(days).unwrap_or(u32::MAX)).date_in(&caseline_model::Zone::utc())
}

/// An own file with one hearing.
pub fn own_file(n: u64, word: Option<&str>) -> NewFile {
    NewFile {
        case: case(u128::from(n)),
        receipt: receipt(n),
        word_key: word.map(|word| Private::new(word.to_owned())),
        assertions: vec![hearing(days_later(20), SourceKind::Notice)],
    }
}

/// A report.
pub fn report(n: u64, of_case: Option<CaseId>) -> NewReport {
    let task = TaskId::from_random(0x7000 + u128::from(n));
    NewReport { code: report_code(n), what: "wrong-date".into(), case: of_case, task }
}

/// An obligation.
pub fn task(n: u128, kind: TaskKind, due_at: Time, expires_at: Time, of_case: Option<CaseId>) -> NewTask {
    NewTask {
        id: TaskId::from_random(n),
        kind,
        obligation: format!("{}:{n}", kind.as_str()),
        due_at,
        expires_at,
        case: of_case,
        content: TaskContent {
            language: Language::SPANISH,
            need: "hearing".into(),
            phone: Some(phone(43)),
            words: Some(Private::new("made-up words".into())),
            voice_note: (kind == TaskKind::Message).then(|| Private::new(vec![0x7f; 9_000])),
            asked_at: due_at,
        },
    }
}
