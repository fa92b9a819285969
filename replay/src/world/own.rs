//! What the caller has in hand: the receipt of their own file, their number and card; and what the line keeps of it.
//! Every value must come from the made-up ranges.

use super::desks::{self, Desk};
use super::{GivenFault, facts, refuse};
use crate::script::{Entry, Script};
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::Line;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::NewFile;
use caseline_helpline::staff::StaffStore;
use caseline_model::card_code::ROW_COUNT;
use caseline_model::made_up::{is_made_up_a_number, is_made_up_phone, is_made_up_receipt};
use caseline_model::{
    ANumber, CardCode, CaseId, Channel, ContactId, Disposition, FileReceipt, Phone, Private, ReceiptNumber, Time, Zone,
};
use caseline_records::Assertion;

/// File receipts and report codes of pages begin so, after their first digit.
const MADE_UP_SIXTEEN: &str = "4170092";

/// Before a number in a row.
const NUMBER: &str = "number ";

/// What the caller has in hand.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// The receipt of their own file.
    pub receipt: Option<Private<FileReceipt>>,
    /// The word key of that file.
    pub word_key: Option<Private<String>>,
    /// Their number, as the page writes it.
    pub number: Option<Private<String>>,
    /// Their card, row by row.
    pub codes: Vec<Private<CardCode>>,
    /// The number of another person of the family, whose card they have in hand too.
    pub second_number: Option<Private<String>>,
    /// That card, row by row.
    pub second_codes: Vec<Private<CardCode>>,
    /// The desks whose people told them a number.
    pub desks: Vec<Desk>,
}

/// A telephone number out of the made-up range.
///
/// # Errors
/// When it is no number, or may be somebody's.
pub fn phone(text: &str) -> Result<Phone, String> {
    let phone: Phone = text.parse().map_err(|fault| format!("{fault}"))?;
    if is_made_up_phone(&phone) { Ok(phone) } else { Err("telephone numbers of pages are +1 202 555 01xx".into()) }
}

/// Whether a value that a page lets the caller give may stand in the repository.
///
/// # Errors
/// What to write instead.
pub fn made_up(value: &str) -> Result<(), String> {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let is_plain =
        value.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | ':' | '/' | '+' | '(' | ')' | 'A'));
    if let Ok(number) = value.parse::<ReceiptNumber>() {
        return if is_made_up_receipt(&number) {
            Ok(())
        } else {
            Err("receipt numbers of pages begin with IOE000".into())
        };
    }
    if !is_plain {
        return Ok(());
    }
    match digits.len() {
        0..=6 => Ok(()),
        // A date: month, day, year.
        8 if value.parse::<caseline_model::Date>().is_ok()
            || caseline_conversation::SlotType::Date.read(value).is_some() =>
        {
            Ok(())
        }
        7..=9 => match value.parse::<ANumber>() {
            Ok(number) if is_made_up_a_number(&number) => Ok(()),
            _ => Err("A-numbers of pages are A000-000-001 to A000-999-999".into()),
        },
        16 if digits[1..].starts_with(MADE_UP_SIXTEEN) => Ok(()),
        16 => Err("receipts and report codes of pages begin with 4417-0092 or 7417-0092".into()),
        _ => phone(value).map(|_| ()),
    }
}

/// Keeps in the store what the page says is kept.
pub(super) async fn prepare(
    script: &Script,
    line: &Line,
    desk: Option<&dyn StaffStore>,
    now: Time,
    zone: &Zone,
) -> Result<Own, GivenFault> {
    let mut own = Own::default();
    if let Some(entry) = script.given("file") {
        prepare_file(entry, line, now, zone, &mut own).await?;
    }
    if let Some(entry) = script.given("enrolled") {
        let feed: Vec<&Entry> = script.given.iter().filter(|entry| entry.key == "feed").collect();
        (own.number, own.codes) = enrol(entry, &feed, line, now, zone).await?;
    }
    if let Some(entry) = script.given("second-number") {
        (own.second_number, own.second_codes) = enrol(entry, &[entry], line, now, zone).await?;
    }
    if let Some(entry) = script.given("desks") {
        let store = desk.ok_or_else(|| refuse(entry, "this play's store has no desks"))?;
        own.desks = desks::prepare(entry, store, now).await?;
    }
    Ok(own)
}

async fn prepare_file(entry: &Entry, line: &Line, now: Time, zone: &Zone, own: &mut Own) -> Result<(), GivenFault> {
    let mut assertions = Vec::new();
    for row in &entry.values {
        if let Some(receipt) = row.strip_prefix("receipt ") {
            made_up(receipt).map_err(|what| refuse(entry, what))?;
            let receipt: FileReceipt = receipt.parse().map_err(|fault| refuse(entry, format!("{fault}")))?;
            own.receipt = Some(Private::new(receipt));
        } else if let Some(key) = row.strip_prefix("word key ") {
            own.word_key = Some(Private::new(key.to_owned()));
        } else {
            assertions.push(facts::read(row, zone, now).map_err(|what| refuse(entry, what))?);
        }
    }
    let receipt = own.receipt.clone().ok_or_else(|| refuse(entry, "a file begins with `receipt 4417-0092-…`"))?;
    assertions.sort_by_key(|assertion| assertion.observed_at);
    let opened_at = assertions.last().map_or(now, |assertion| assertion.observed_at);
    let file = NewFile {
        case: CaseId::from_random(line.chance.bits_128()),
        receipt,
        word_key: own.word_key.clone(),
        assertions,
    };
    let contact = ContactId::from_random(line.chance.bits_128());
    let broke = |fault: StoreFault| refuse(entry, fault.to_string());
    line.store.begin_contact(opened_at, contact, Channel::Phone).await.map_err(broke)?;
    line.store.open_file(opened_at, contact, file).await.map_err(broke)?;
    line.store.end_contact(opened_at, contact, Disposition::Answered).await.map_err(broke)
}

/// `number A000-000-137` in the first row; what a feed says of it in the rows of `feed` that are no number.
async fn enrol(
    entry: &Entry,
    feed: &[&Entry],
    line: &Line,
    now: Time,
    zone: &Zone,
) -> Result<(Option<Private<String>>, Vec<Private<CardCode>>), GivenFault> {
    let first = entry.values.first().map_or("", String::as_str);
    let written = first.strip_prefix(NUMBER).ok_or_else(|| refuse(entry, "write `enrolled number A000-000-137`"))?;
    made_up(written).map_err(|what| refuse(entry, what))?;
    let number = Private::new(case_number(written).map_err(|what| refuse(entry, what))?);
    let codes: Vec<Private<CardCode>> =
        (1..=ROW_COUNT).filter_map(|row| CardCode::from_random(row, line.chance.bits_64())).map(Private::new).collect();
    let case = CaseId::from_random(line.chance.bits_128());
    let mut versions: Vec<Assertion> = Vec::new();
    let rows = feed.iter().flat_map(|entry| entry.values.iter().map(move |row| (*entry, row)));
    for (entry, row) in rows.filter(|(_, row)| !row.starts_with(NUMBER)) {
        versions.push(facts::read(row, zone, now).map_err(|what| refuse(entry, what))?);
    }
    versions.sort_by_key(|assertion| assertion.observed_at);
    let enrolled_at = versions.first().map_or(now, |first| first.observed_at);
    let broke = |fault: StoreFault| refuse(entry, fault.to_string());
    line.store.enrol(enrolled_at, case, &number, &codes).await.map_err(broke)?;
    // Rows that were seen at one moment are one version of the feed.
    for version in versions.chunk_by(|one, next| one.observed_at == next.observed_at) {
        let at = version.first().map_or(now, |first| first.observed_at);
        line.store.add_from_feed(at, &number, &at.micros().to_be_bytes(), version).await.map_err(broke)?;
    }
    Ok((Some(Private::new(written.to_owned())), codes))
}

fn case_number(text: &str) -> Result<CaseNumber, String> {
    match (text.parse::<ANumber>(), text.parse::<ReceiptNumber>()) {
        (Ok(number), _) => Ok(CaseNumber::A(number)),
        (_, Ok(number)) => Ok(CaseNumber::Receipt(number)),
        (Err(fault), _) => Err(fault.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_may_be_somebody_s_is_refused() {
        for fine in [
            "A000-000-137",
            "IOE0001234567",
            "+1 202 555 0143",
            "4417-0092-5533-1845",
            "2026-12-15",
            "12152026",
            "08:30",
            "4711",
            "hello",
        ] {
            assert_eq!(made_up(fine), Ok(()), "{fine}");
        }
        for refused in ["A123-456-789", "IOE9123456789", "+1 312 555 0143", "4111-1111-1111-1111", "3125550143"] {
            assert!(made_up(refused).is_err(), "{refused}");
        }
    }
}
