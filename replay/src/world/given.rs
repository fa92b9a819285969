//! The small `given` rows: now, hours, operator, caller, languages.
//! People are `cast`, files and feeds `own`.

use super::{GivenFault, every_day, own, refuse};
use crate::script::Script;
use caseline_conversation::Policy;
use caseline_conversation::operator::{Operator, OperatorKind};
use caseline_helpline::hours::Hours;
use caseline_model::{Date, Language, Phone, Time, TimeOfDay, Zone};

/// `now 2026-11-24 10:00 Chicago`.
pub(super) fn now(script: &Script) -> Result<(Time, Zone), GivenFault> {
    let missing = || GivenFault { row: 0, what: "a page has `given now 2026-11-24 10:00 Chicago`".into() };
    let entry = script.given("now").ok_or_else(missing)?;
    let text = entry.text();
    let wrong = || refuse(entry, "write `now 2026-11-24 10:00 Chicago`: date, time, zone");
    let [date, time, zone] = text.split(' ').collect::<Vec<_>>()[..] else { return Err(wrong()) };
    let date: Date = date.parse().map_err(|_| wrong())?;
    let time: TimeOfDay = time.parse().map_err(|_| wrong())?;
    let named = if zone.contains('/') { zone.to_owned() } else { format!("America/{zone}") };
    let zone = Zone::named(&named).map_err(|fault| refuse(entry, fault.to_string()))?;
    Ok((zone.instant(date, time), zone))
}

/// `hours 09:00-17:00` on every weekday (the usual), `hours always`, `hours never`.
pub(super) fn hours(script: &Script) -> Result<Hours, GivenFault> {
    let Some(entry) = script.given("hours") else {
        let usual = TimeOfDay::new(9, 0).zip(TimeOfDay::new(17, 0));
        return Ok(Hours { week: [usual, usual, usual, usual, usual, None, None], closed_on: Vec::new() });
    };
    let text = entry.text();
    let last_minute = TimeOfDay::new(0, 0).zip(TimeOfDay::new(23, 59));
    match text.as_str() {
        "always" => Ok(every_day(last_minute)),
        "never" => Ok(every_day(None)),
        _ => {
            let wrong = || refuse(entry, "write `hours 09:00-17:00`, `hours always` or `hours never`");
            let (from, until) = text.split_once('-').ok_or_else(wrong)?;
            let hours = Some((from.parse().map_err(|_| wrong())?, until.parse().map_err(|_| wrong())?));
            Ok(Hours { week: [hours, hours, hours, hours, hours, None, None], closed_on: Vec::new() })
        }
    }
}

/// `operator agency, Made Up Agency`; further rows: `shares with …`, `… hears calls`.
pub(super) fn operator(script: &Script) -> Result<Option<Operator>, GivenFault> {
    let Some(entry) = script.given("operator") else { return Ok(None) };
    let wrong = || refuse(entry, "write `operator legal-aid, NAME`; kinds are legal-aid, city, court, agency");
    let first = entry.values.first().map_or("", String::as_str);
    let (kind, name) = first.split_once(", ").ok_or_else(wrong)?;
    let kind = match kind {
        "legal-aid" => OperatorKind::LegalAid,
        "city" => OperatorKind::City,
        "court" => OperatorKind::Court,
        "agency" => OperatorKind::Agency,
        _ => return Err(wrong()),
    };
    let mut operator = Operator { kind, name: name.to_owned(), shares_with: String::new(), hears_calls: String::new() };
    for row in entry.values.iter().skip(1) {
        match (row.strip_prefix("shares with "), row.strip_suffix(" hears calls")) {
            (Some(with), _) => with.clone_into(&mut operator.shares_with),
            (_, Some(who)) => who.clone_into(&mut operator.hears_calls),
            _ => return Err(refuse(entry, "further rows are `shares with NAME` or `NAME hears calls`")),
        }
    }
    Ok(Some(operator))
}

/// `caller +1 202 555 0123` or `caller withheld`.
pub(super) fn caller(script: &Script) -> Result<Option<Phone>, GivenFault> {
    let text = script.given("caller").map_or_else(|| super::USUAL_CALLER.to_owned(), super::Entry::text);
    let entry = script.given("caller");
    let fault = |what: String| GivenFault { row: entry.map_or(0, |entry| entry.row), what };
    if text == "withheld" {
        return Ok(None);
    }
    own::phone(&text).map(Some).map_err(fault)
}

/// `line main, speaks es en ht`: the languages of the first menu, in order.
pub(super) fn line_speaks(script: &Script, policy: &mut Policy) -> Result<(), GivenFault> {
    let Some(entry) = script.given("line") else { return Ok(()) };
    let text = entry.text();
    for part in text.split(',').map(str::trim) {
        if let Some(languages) = part.strip_prefix("speaks ") {
            let menu = languages.split(' ').map(str::parse::<Language>).collect::<Result<Vec<_>, _>>();
            policy.first_menu = menu.map_err(|fault| refuse(entry, fault.to_string()))?;
        } else if part != "main" && !part.starts_with("number in ") {
            return Err(refuse(entry, "write `line main, speaks es en ht mam`, or `line number in es`"));
        }
    }
    Ok(())
}

/// `line number in es`: the number that is called has a language.
pub(super) fn line_language(script: &Script) -> Result<Option<Language>, GivenFault> {
    let Some(entry) = script.given("line") else { return Ok(None) };
    let text = entry.text();
    let named = text.split(',').find_map(|part| part.trim().strip_prefix("number in "));
    named.map(|tag| tag.parse().map_err(|_| refuse(entry, "no such language"))).transpose()
}
