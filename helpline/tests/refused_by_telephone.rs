//! Every question that staff are asked by telephone has a test in which somebody is refused: no link of the line, a wrong
//! key, a wrong code. A row of the policy without one fails.

use caseline_helpline::policy::{Surface, TABLE};
use std::collections::BTreeSet;
use std::path::Path;

/// A question, and the tests that refuse somebody; each must stand in `replay/tests/people/`.
const REFUSED: &[(&str, &[&str])] = &[
    (
        "agent-accept-ask",
        &[
            "a_telephone_that_is_no_link_is_never_offered_a_contact",
            "a_person_who_does_not_take_the_contact_is_passed_over_and_the_caller_is_told",
            "a_machine_that_answers_is_no_interpreter_and_the_next_one_is_rung",
        ],
    ),
    (
        "agent-message-code-ask",
        &[
            "three_wrong_codes_end_the_call_and_no_message_is_asked_about",
            "a_message_that_ends_with_hanging_up_is_heard_by_staff_with_their_own_code_and_then_gone",
        ],
    ),
    ("agent-message-after-ask", &["three_wrong_codes_end_the_call_and_no_message_is_asked_about"]),
];

/// Questions of the policy that nobody is refused at, and rows whose test or question is not there.
fn left_over(asked: &BTreeSet<&str>, refused: &[(&str, &[&str])], tests: &str) -> Vec<String> {
    let with_row: BTreeSet<&str> = refused.iter().map(|row| row.0).collect();
    let mut found: Vec<String> =
        asked.difference(&with_row).map(|key| format!("{key}: no test refuses anybody")).collect();
    found.extend(with_row.difference(asked).map(|key| format!("{key}: the policy asks no such question")));
    for (key, names) in refused {
        if names.is_empty() {
            found.push(format!("{key}: no test refuses anybody"));
        }
        let gone = names.iter().filter(|name| !tests.contains(&format!("fn {name}(")));
        found.extend(gone.map(|name| format!("{key}: there is no test {name}")));
    }
    found
}

fn asked() -> BTreeSet<&'static str> {
    let surfaces = TABLE.iter().flat_map(|rule| rule.surfaces);
    surfaces.filter_map(|surface| if let Surface::Telephone(key) = surface { Some(*key) } else { None }).collect()
}

#[test]
fn every_staff_question_by_telephone_has_a_test_that_refuses_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../replay/tests/people");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let tests: String = files.collect();
    let asked = asked();
    assert!(asked.len() >= 3, "the questions were not found: {asked:?}");
    let found = left_over(&asked, REFUSED, &tests);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_question_without_a_test_that_refuses_it_is_found() {
    let asked = BTreeSet::from(["agent-new-ask"]);
    assert_eq!(left_over(&asked, &[], ""), ["agent-new-ask: no test refuses anybody"]);
    assert_eq!(left_over(&asked, &[("agent-new-ask", &[])], "").len(), 1);
    assert_eq!(
        left_over(&asked, &[("agent-new-ask", &["gone"])], "fn other("),
        ["agent-new-ask: there is no test gone"]
    );
    assert!(left_over(&asked, &[("agent-new-ask", &["there"])], "async fn there() {").is_empty());
}
