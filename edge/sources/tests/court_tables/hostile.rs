//! Any bytes at all: a corpus, pieces of true tables cut and mixed, and whatever proptest thinks of.

use crate::delivery::Delivery;
use caseline_sources::court_tables::never_panic::court_tables_never_panic;
use proptest::prelude::*;
use std::path::Path;

#[test]
fn the_corpus_ends_with_facts_or_a_sentence() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut count = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        court_tables_never_panic(&std::fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count >= 8, "{count}");
}

#[test]
fn a_true_table_cut_at_any_byte_ends_with_facts_or_a_sentence() {
    let mut delivery = Delivery::of_one_person();
    delivery.hearing(1, "2027-03-02", "0830", "9A");
    for table in [&delivery.case, &delivery.proceeding, &delivery.schedule] {
        for end in 0..table.len() {
            court_tables_never_panic(&table[..end]);
        }
    }
}

fn cell() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => proptest::sample::select(vec![
            "", " ", "71", "501", "SP", "SP ", "NYC", "0830", "0000", "2460", "2027-03-02", "2026-09-31", "2925-01-01",
            "1900-01-01", "9A", "54", "6Z", "X", "RMV", "D", "N/A", "b6", "??", "000", "A000-000-137", "-1", "99999999999999",
            "9999-12-31", "-9999-01-01", "1/1/0001", "2027-3-2T",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..12),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn rows_of_likely_cells_never_panic(rows in proptest::collection::vec(proptest::collection::vec(cell(), 0..42), 0..12)) {
        let bytes = rows.iter().map(|cells| cells.join(&b'\t')).collect::<Vec<_>>().join(&b'\n');
        court_tables_never_panic(&bytes);
    }

    #[test]
    fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..4_000)) {
        court_tables_never_panic(&bytes);
    }

    #[test]
    fn a_true_table_with_changed_bytes_never_panics(changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..30)) {
        let mut delivery = Delivery::of_one_person();
        delivery.hearing(1, "2027-03-02", "0830", "9A");
        for table in [&mut delivery.case, &mut delivery.proceeding, &mut delivery.schedule] {
            for (at, byte) in &changes {
                let at = usize::from(*at) % table.len();
                table[at] = *byte;
            }
            court_tables_never_panic(table);
        }
    }
}
