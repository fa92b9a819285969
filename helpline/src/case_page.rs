//! What of a case the page of the desk shows to a role: the facts and findings that the policy names for it.
//! The facts are `records`', the words the catalogues'; opening the case is left to the store.

use crate::policy::{Action, DataField, StaffRole, sees};
use caseline_model::{Language, Time, Zone};
use caseline_records::{Answer, Assertion, Field, Rule, Value};

/// All fields of a case, in the order of the page.
pub const FIELDS: [Field; 6] =
    [Field::Hearing, Field::PastHearing, Field::Decision, Field::Custody, Field::CourtLanguage, Field::FilingStatus];

/// The fields of a case that a role sees on the page: no other is asked of the store.
pub fn fields_for(role: StaffRole) -> Vec<Field> {
    FIELDS.into_iter().filter(|field| sees(role, Action::ReadTicketCase, of_field(*field))).collect()
}

/// What is shown of a case to a role. It is worked out from all that is known, so that no role is told something else;
/// then what the role does not see is taken away.
pub fn shown_to(role: StaffRole, assertions: &[Assertion], now: Time, zone: &Zone, language: Language) -> Answer {
    let sees = |field| sees(role, Action::ReadTicketCase, field);
    let mut answer = Answer::of(assertions, &fields_for(role), now, zone, language);
    for fact in &mut answer.facts {
        fact.told.retain(|told| sees(of_value(&told.value)));
    }
    answer.facts.retain(|fact| !fact.told.is_empty());
    answer.findings.retain(|finding| sees(of_rule(finding.rule)));
    // Where it rests tells how many assertions there are.
    answer.findings.iter_mut().for_each(|finding| finding.rests_on.clear());
    answer
}

/// Whether the page keeps something from a role that it shows to another, whatever stands in the case.
pub fn keeps_back_from(role: StaffRole) -> bool {
    !sees(role, Action::ReadTicketCase, DataField::CaseLegalFindings)
}

/// The policy's word for a field.
const fn of_field(field: Field) -> DataField {
    match field {
        Field::Hearing => DataField::CaseHearing,
        Field::PastHearing => DataField::CasePastHearing,
        Field::Decision => DataField::CaseDecision,
        Field::Custody => DataField::CaseCustody,
        Field::CourtLanguage => DataField::CaseCourtLanguage,
        Field::FilingStatus => DataField::CaseFiling,
    }
}

/// The policy's word for a value: the court's code 54 is a lawyer's, though it stands in a row of a past hearing.
const fn of_value(value: &Value) -> DataField {
    match value {
        Value::AdjournedLawyerFirst => DataField::CaseLegalFindings,
        other => of_field(other.field()),
    }
}

/// The policy's word for a finding: R06 to R09 and R19 to R21 need an accredited representative or a lawyer.
const fn of_rule(rule: Rule) -> DataField {
    match rule {
        Rule::NoticeTooLate | Rule::InAbsentia | Rule::LawyerFirstCode => DataField::CaseLegalFindings,
        Rule::HearingDatesDisagree
        | Rule::MediumDisagrees
        | Rule::ImpossibleHearingDate
        | Rule::NotOnCalendar
        | Rule::HearingMovedEarlier
        | Rule::HearingVanished
        | Rule::Stale
        | Rule::RecordVanished
        | Rule::TwoPeopleUnderOneNumber
        | Rule::DutiesClash
        | Rule::WrongLanguage
        | Rule::UnknownCode => DataField::CaseFindings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use caseline_model::Date;
    use caseline_records::{HearingTime, Obtained, Outcome, SourceKind, Standing};

    const NOON: Time = Time::from_micros((20_502 * 86_400 + 43_200) * 1_000_000);

    fn seen(value: Value, source: SourceKind) -> Assertion {
        Assertion { value, source, obtained: Obtained::Imported, observed_at: NOON, effective_on: None }
    }

    fn in_days(days: u32) -> Date {
        NOON.plus(std::time::Duration::from_secs(u64::from(days) * 86_400)).date_in(&Zone::utc())
    }

    fn hearing(days: u32, source: SourceKind) -> Assertion {
        let at = HearingTime { date: in_days(days), time: None };
        seen(Value::Hearing { at, kind: None, medium: None, court: None, detained_docket: false }, source)
    }

    fn whole() -> Vec<Assertion> {
        vec![
            hearing(20, SourceKind::CourtFeed),
            seen(Value::AdjournedLawyerFirst, SourceKind::CourtFeed),
            seen(
                Value::Decision { on: in_days(0), outcome: Outcome::RemovalOrder, in_absentia: true },
                SourceKind::CourtFeed,
            ),
        ]
    }

    fn answer(role: StaffRole, assertions: &[Assertion]) -> Answer {
        shown_to(role, assertions, NOON, &Zone::utc(), Language::SPANISH)
    }

    #[test]
    fn what_needs_advice_is_shown_to_accredited_representatives_and_lawyers_alone() {
        for role in StaffRole::ALL {
            let shown = answer(role, &whole());
            let with_advice = matches!(role, StaffRole::Accredited | StaffRole::Attorney);
            for rule in [Rule::InAbsentia, Rule::LawyerFirstCode] {
                assert_eq!(shown.has(rule), with_advice, "{rule} to {role:?}");
            }
            assert_eq!(shown.fact(Field::Decision).is_some(), with_advice, "{role:?}");
            let values = shown.facts.iter().flat_map(|fact| &fact.told);
            let code_54 = values.filter(|told| told.value == Value::AdjournedLawyerFirst).count();
            assert_eq!(code_54 > 0, with_advice, "{role:?}");
            assert_eq!(keeps_back_from(role), !with_advice);
        }
    }

    #[test]
    fn a_navigator_is_shown_the_same_whether_or_not_something_is_a_lawyer_s() {
        let plain = [hearing(20, SourceKind::CourtFeed)];
        assert_eq!(answer(StaffRole::Navigator, &whole()), answer(StaffRole::Navigator, &plain));
        assert_eq!(answer(StaffRole::Navigator, &plain).facts.len(), 1);
    }

    #[test]
    fn who_sees_nothing_of_callers_is_shown_nothing_of_a_case() {
        for role in [StaffRole::Supervisor, StaffRole::Administrator] {
            assert!(fields_for(role).is_empty());
            assert_eq!(answer(role, &whole()), Answer::default(), "{role:?}");
        }
    }

    #[test]
    fn sources_that_differ_are_both_shown_and_neither_is_the_fact() {
        let both = [hearing(20, SourceKind::CourtFeed), hearing(27, SourceKind::Notice)];
        let shown = answer(StaffRole::Navigator, &both);
        let fact = shown.fact(Field::Hearing).unwrap();
        assert_eq!((fact.standing, fact.told.len()), (Standing::Disputed, 2));
        assert!(shown.has(Rule::HearingDatesDisagree));
    }
}
