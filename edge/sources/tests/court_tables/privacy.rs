//! What has no place in the types: the list of fields, held by hand.

use crate::delivery::Delivery;
use std::collections::BTreeSet;

/// Every field of what the reader hands over. A new one is written here by hand, after asking whether it may be kept.
const FIELDS: &[&str] = &[
    "adjournment",
    "appeal_due_on",
    "calendar",
    "case_type",
    "charged_on",
    "completed_on",
    "completion",
    "court",
    "custody",
    "decision",
    "garbled_row_count",
    "hearings",
    "id",
    "input_at",
    "input_on",
    "is_contested",
    "is_in_absentia",
    "language",
    "medium",
    "notice",
    "on",
    "place",
    "proceedings",
    "schedule_type",
    "starts_at",
    "track",
    "transferred_in_on",
    "transferred_to",
    "unplaced_hearings",
    "updated_at",
    "updated_on",
    "venue_change_on",
];
/// The fields of code tables, which are part of the program and of no person.
const OF_CODE_TABLES: &[&str] =
    &["case_types", "code", "column", "detained", "effect", "kind", "name", "state", "zone"];

#[test]
fn the_facts_have_these_fields_and_no_others() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2027-03-02", "0830", "9A");
    delivery.proceeding_row("502\t71\t2024-01-10\t2026-10-01\tMIA\tMIA\tX\t\t2026-10-02\tN\tN\tRMV\tSP\tAAA\t");
    let (history, _) = delivery.import_one("fields");
    let shown = format!("{:#?}", history.cases);
    let fields: BTreeSet<&str> = shown
        .lines()
        .filter_map(|row| row.trim().split_once(": "))
        .map(|(name, _)| name)
        .filter(|name| !OF_CODE_TABLES.contains(name))
        .collect();
    assert_eq!(fields, FIELDS.iter().copied().collect::<BTreeSet<_>>());
    for word in ["address", "city", "zip", "sex", "gender", "nation", "entry", "relative", "birth", "facility", "judge"]
    {
        assert!(fields.iter().all(|field| !field.contains(word)), "{word}");
    }
}

#[test]
fn what_belongs_to_a_person_does_not_print() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2027-03-02", "0830", "");
    let (history, _) = delivery.import_one("debug");
    assert_eq!(format!("{history:?} {:?}", history.a_number), "CourtHistory Private<ANumber>");
}

#[test]
fn dropped_columns_are_nowhere_in_what_is_handed_over() {
    let mut delivery = Delivery::empty();
    delivery.case_row("71\tZZ\tSP\tN\tRMV\t1999-07-07\t7/1977\tF\t000000137");
    delivery.proceeding_row("501\t71\t2024-01-10\t2024-02-01\tOTM\tCCA\t\t\t\t\tD\tRMV\tSP\tQJX\t");
    let (history, _) = delivery.import_one("dropped");
    let shown = format!("{:?}", history.cases);
    let digested: Vec<u8> = history.cases[0].digest_inputs().into_iter().flat_map(|d| d.bytes).collect();
    for cell in ["ZZ", "1999-07-07", "1977", "CCA", "QJX"] {
        assert!(!shown.contains(cell), "{cell}");
        assert!(!digested.windows(cell.len()).any(|w| w == cell.as_bytes()), "{cell}");
    }
}
