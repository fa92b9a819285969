//! What a source says of a case, as a page writes it: `hearing 2026-12-15 08:30, from notice, read out by caller 2026-11-10`.
//! What several of them add up to is left to `records`.

use caseline_model::{Date, Time, TimeOfDay, Zone};
use caseline_records::{
    Assertion, CustodyStatus, HearingKind, HearingTime, Medium, Obtained, Outcome, SourceKind, Value,
};

/// Reads one row.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(text: &str, zone: &Zone, now: Time) -> Result<Assertion, String> {
    let wrong = || {
        "write `hearing 2026-12-15 08:30, from notice, read out by caller 2026-11-10`: the value, the source, how and when"
            .to_owned()
    };
    let [what, source, how] = text.split(", ").collect::<Vec<_>>()[..] else { return Err(wrong()) };
    let source: SourceKind =
        source.strip_prefix("from ").ok_or_else(wrong)?.parse().map_err(|fault| format!("{fault}"))?;
    let (how, on) = how.rsplit_once(' ').ok_or_else(wrong)?;
    let on: Date = on.parse().map_err(|_| wrong())?;
    let obtained = match how {
        "read out by caller" => Obtained::ReadOutByCaller,
        "attested by caller" => Obtained::AttestedByCaller,
        "imported" => Obtained::Imported,
        "asked live" => Obtained::AskedLive,
        _ => return Err("how is `read out by caller`, `attested by caller`, `imported` or `asked live`".into()),
    };
    let noon = TimeOfDay::new(12, 0).map_or(now, |noon| zone.instant(on, noon));
    let effective_on = (obtained == Obtained::Imported).then_some(on);
    Ok(Assertion { value: value(what)?, source, obtained, observed_at: noon.min(now), effective_on })
}

fn value(text: &str) -> Result<Value, String> {
    let (field, rest) = text.split_once(' ').unwrap_or((text, ""));
    let date = |word: &str| word.parse::<Date>().map_err(|_| format!("`{word}` is no date; write 2026-12-15"));
    match field {
        "hearing" => hearing(rest),
        "no" if rest == "hearing" => Ok(Value::NoHearing),
        "vanished" => Ok(Value::Vanished),
        "lawyer-first" => Ok(Value::AdjournedLawyerFirst),
        "two-people" => Ok(Value::MaybeTwoPeople),
        "custody" => Ok(Value::Custody {
            status: match rest {
                "detained" => CustodyStatus::Detained,
                "released" => CustodyStatus::Released,
                "never-detained" => CustodyStatus::NeverDetained,
                _ => return Err("custody is detained, released or never-detained".into()),
            },
        }),
        "court-language" => Ok(Value::CourtLanguage { language: Some(rest.to_owned()) }),
        "filing-status" => Ok(Value::FilingStatus { text: rest.to_owned() }),
        "adjourned" => Ok(Value::Adjourned { was: HearingTime { date: date(rest)?, time: None }, reason: None, now_on: None }),
        "decision" => {
            let (on, outcome) = rest.split_once(' ').ok_or("write `decision 2026-05-01 relief`")?;
            let (outcome, in_absentia) = match outcome.strip_suffix(" in absentia") {
                Some(outcome) => (outcome, true),
                None => (outcome, false),
            };
            let all =
                [Outcome::RemovalOrder, Outcome::Relief, Outcome::Closed, Outcome::VoluntaryDeparture, Outcome::Other];
            let found = all.into_iter().find(|known| known.as_str() == outcome);
            Ok(Value::Decision { on: date(on)?, outcome: found.ok_or("no such outcome")?, in_absentia })
        }
        _ => Err("a source says hearing, no hearing, vanished, decision, custody, court-language, filing-status, adjourned, lawyer-first or two-people".into()),
    }
}

fn hearing(text: &str) -> Result<Value, String> {
    let (text, court) = match text.split_once(" at ") {
        Some((before, court)) => (before, Some(court.to_owned())),
        None => (text, None),
    };
    let mut words = text.split(' ');
    let date = words.next().unwrap_or("").parse().map_err(|_| "write `hearing 2026-12-15 08:30`".to_owned())?;
    let (mut time, mut kind, mut medium, mut detained_docket) = (None, None, None, false);
    for word in words {
        match word {
            "master" => kind = Some(HearingKind::Master),
            "individual" => kind = Some(HearingKind::Individual),
            "in-person" => medium = Some(Medium::InPerson),
            "video" => medium = Some(Medium::Video),
            "telephone" => medium = Some(Medium::Telephone),
            "detained" => detained_docket = true,
            word => time = Some(word.parse::<TimeOfDay>().map_err(|fault| format!("`{word}`: {fault}"))?),
        }
    }
    Ok(Value::Hearing { at: HearingTime { date, time }, kind, medium, court, detained_docket })
}
