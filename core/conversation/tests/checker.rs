//! One small flow that is safe, and for each rule of the checker changes to it that break that rule and no other.
//! The rules on words stand in `checker/words.rs`; the shipped flows are left to `shipped.rs`.

#[path = "checker/parts.rs"]
mod parts;
#[path = "checker/words.rs"]
mod words;

use caseline_conversation::Kind;
use caseline_conversation::checker::{self, FlowVersion};
use parts::{POLICY, Parts, row_in_step, row_of, today, with_sub};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[test]
fn a_small_safe_flow_has_no_problems_and_a_proof_for_each_step() {
    let report = Parts::good().report();
    assert!(report.is_safe(), "{report}");
    let proof = |flow: &str, step: &str| {
        report.proofs.iter().find(|proof| proof.flow == flow && proof.step == step).unwrap().clone()
    };
    assert_eq!(proof("main", "reason").inputs_to_person, Some(1));
    assert_eq!(proof("main", "person").inputs_to_person, Some(0));
    assert_eq!(proof("my-case", "tell").inputs_to_person, Some(1));
    assert_eq!(proof("main", "bye").inputs_to_person, None);
    // "reason ask" is ten characters; the greeting comes before it.
    let seconds = proof("main", "reason").seconds_to_first_choice.unwrap();
    assert!((seconds - 10.0 / 13.0).abs() < 1e-9, "{seconds}");
    assert!(proof("main", "greeting").seconds_to_first_choice.unwrap() > seconds);
    assert_eq!(proof("main", "person").seconds_to_first_choice, None);
    for language in &report.languages {
        assert_eq!(language.keys_complete, language.keys_needed);
        assert_eq!(language.drafts, language.keys_needed);
    }
}

#[test]
fn the_report_reads_as_a_page_and_as_json() {
    let report = Parts::good().report();
    let page = report.to_string();
    for row in ["No problems: all 16 rules hold.", "main.reason ", "es (Spanish)", "NOT FOR THE PUBLIC: "] {
        assert!(page.contains(row), "{row:?} is not on the page:\n{page}");
    }
    let json: serde_json::Value = serde_json::to_value(&report).unwrap();
    assert_eq!(json["not_for_the_public"], true);
    assert_eq!(json["languages"][0]["language"], "en");
    assert_eq!(json["problems"], serde_json::json!([]));
}

#[test]
fn rule_1_a_step_that_no_path_reaches() {
    let lost = "\n[step.lost]\nkind = \"say\"\nsay = \"goodbye\"\nthen = \"over\"\n";
    Parts::good().add("main", lost).breaks_at(1, "main", "[step.lost]");
}

#[test]
fn rule_1_a_flow_that_nothing_calls() {
    let flow = "flow = \"spare\"\nversion = 1\nnote = \"new\"\nstart = \"over\"\n[step.over]\nkind = \"end\"\n";
    Parts::good().add("spare", flow).breaks_at(1, "spare", "flow = ");
}

#[test]
fn rule_2_an_outcome_that_leads_nowhere() {
    let parts = Parts::good().change("main", "full = \"message\"\n", "");
    let report = parts.breaks_at(2, "main", "[step.person]");
    assert!(report.problems[0].what.contains("wires no `full`"), "{report}");
}

#[test]
fn rule_2_an_outcome_that_leads_to_a_step_that_is_not_there() {
    Parts::good().change("main", "full = \"message\"", "full = \"mesage\"").breaks_at(2, "main", "full = ");
}

#[test]
fn rule_2_a_call_that_wires_too_little_or_too_much() {
    let parts = Parts::good().change("main", "done = \"reason\"\nperson = \"person\"\n", "done = \"reason\"\n");
    parts.breaks_at(2, "main", "[step.my-case]");
    let parts = Parts::good().change("main", "done = \"reason\"\n", "done = \"reason\"\nlater = \"reason\"\n");
    parts.breaks_at(2, "main", "later = ");
}

#[test]
fn rule_2_a_called_flow_whose_end_has_no_name() {
    let parts = Parts::good().change(
        "my-case",
        "[step.end-done]\nkind = \"end\"\nas = \"done\"\n",
        "[step.end-done]\nkind = \"end\"\n",
    );
    let parts = parts.change("main", "done = \"reason\"\n", "");
    parts.breaks_at(2, "my-case", "[step.end-done]");
}

#[test]
fn rule_2_a_call_of_a_flow_that_is_not_there() {
    let mut parts = Parts::good().change("main", "flow = \"my-case\"", "flow = \"my-cases\"");
    parts.flows.remove("my-case");
    parts.breaks_at(2, "main", "[step.my-case]");
}

#[test]
fn rule_2_an_option_that_is_named_like_an_outcome() {
    let parts =
        Parts::good().change("main", "{ my-case = \"my-case\", ", "{ my-case = \"my-case\", silent = \"bye\", ");
    parts.breaks_at(2, "main", "[step.reason]");
}

#[test]
fn rule_3_a_person_behind_too_many_questions() {
    let question = |name: &str, next: &str| {
        format!(
            "\n[step.{name}]\nkind = \"choose\"\nsay = \"{name}-ask\"\noptions = {{ go-on = \"{next}\" }}\nsilent = \"staff\"\ngave-up = \"staff\"\n"
        )
    };
    let parts = Parts::good()
        .change("main", "[step.person]", "[step.staff]")
        .add("main", &question("person", "second"))
        .add("main", &question("second", "third"))
        .add("main", &question("third", "staff"));
    // Language and reason are the first: four inputs, the person key among them.
    let report = parts.breaks_at(3, "main", "[step.language]");
    assert!(report.problems[0].what.contains("4 inputs away"), "{report}");
}

#[test]
fn rule_3_an_answer_after_which_the_line_hangs_up() {
    let parts = Parts::good().change("my-case", "told = \"next\"", "told = \"end-done\"").change(
        "main",
        "done = \"reason\"",
        "done = \"bye\"",
    );
    parts.breaks_at(3, "my-case", "told = ");
}

#[test]
fn rule_4_a_key_that_leads_nowhere() {
    let row = |text: &str| row_of(POLICY, text);
    Parts::good().policy("person = \"main.person\"", "person = \"main.nobody\"").breaks(
        4,
        "flows/policy.toml",
        row("person"),
    );
    // The key leads to the outermost flow, from wherever it is pressed. (The steps behind it are then reached by nobody.)
    let report = Parts::good().policy("urgent = \"main.urgent\"", "urgent = \"my-case.tell\"").report();
    assert!(
        report.problems.iter().any(|p| p.rule == 4 && p.file == "flows/policy.toml" && p.row == row("urgent")),
        "{report}"
    );
}

#[test]
fn rule_4_silence_that_is_cut_off() {
    let text = "options = { my-case = \"my-case\", goodbye = \"bye\" }\nsilent = \"person\"";
    let parts = Parts::good().change("main", text, &text.replace("silent = \"person\"", "silent = \"bye\""));
    let row = row_in_step(&parts.flows["main"], "reason", "silent");
    parts.breaks(4, "flows/main.toml", row);
}

#[test]
fn rule_4_the_third_failure_that_goes_round() {
    let text = "options = { something-else = \"end-done\", agent = \"end-person\" }\nsilent = \"end-person\"\ngave-up = \"end-person\"";
    let parts =
        Parts::good().change("my-case", text, &text.replace("gave-up = \"end-person\"", "gave-up = \"next\"")).change(
            "my-case",
            "agent = \"end-person\" }\nsilent = \"end-person\"",
            "agent = \"end-person\" }\nsilent = \"next\"",
        );
    let row = row_in_step(&parts.flows["my-case"], "next", "silent");
    parts.breaks(4, "flows/my-case.toml", row);
}

#[test]
fn rule_4_a_label_that_is_a_key_that_always_works() {
    Parts::good().word("es", "choose-my-case", "9").breaks_at(4, "main", "[step.reason]");
}

#[test]
fn rule_8_steps_that_go_round_without_a_question() {
    let round = "\n[step.round]\nkind = \"when\"\nfact = \"staffed\"\nyes = \"again\"\nno = \"reason\"\n\n[step.again]\nkind = \"say\"\nsay = \"goodbye\"\nthen = \"round\"\n";
    let parts = Parts::good().change("main", "goodbye = \"bye\" }", "goodbye = \"round\" }").add("main", round);
    parts.breaks_at(8, "main", "[step.round]");
}

#[test]
fn rule_8_a_flow_that_calls_itself() {
    let again = "\n[step.again]\nkind = \"call\"\nflow = \"my-case\"\ndone = \"end-done\"\nperson = \"end-person\"\n";
    let parts = Parts::good().add("my-case", again).change(
        "my-case",
        "something-else = \"end-done\"",
        "something-else = \"again\", done = \"end-done\"",
    );
    parts.breaks_at(8, "my-case", "[step.again]");
}

#[test]
fn rule_8_two_hundred_steps_between_two_questions() {
    // Two flows of 150 rows each, one after the other.
    let long = |name: &str| {
        let mut text = format!("flow = \"{name}\"\nversion = 1\nnote = \"new\"\nstart = \"s0\"\n");
        for n in 0..150 {
            text += &format!("[step.s{n}]\nkind = \"say\"\nsay = \"goodbye\"\nthen = \"s{}\"\n", n + 1);
        }
        text + "[step.s150]\nkind = \"end\"\nas = \"done\"\n"
    };
    let calls = "\n[step.one]\nkind = \"call\"\nflow = \"one\"\ndone = \"two\"\n\n[step.two]\nkind = \"call\"\nflow = \"two\"\ndone = \"reason\"\n";
    let mut parts = Parts::good().change("main", "goodbye = \"bye\" }", "goodbye = \"one\" }").add("main", calls);
    parts.flows.insert("one", long("one"));
    parts.flows.insert("two", long("two"));
    let report = parts.report();
    assert!(!report.is_safe() && report.problems.iter().all(|problem| problem.rule == 8), "{report}");
}

#[test]
fn rule_9_a_call_that_fits_is_no_problem() {
    let report = with_sub().report();
    assert!(report.is_safe(), "{report}");
}

#[test]
fn rule_9_a_call_that_gives_another_type() {
    let parts = with_sub().change("main", "type = \"date\"", "type = \"time\"");
    let report = parts.breaks_at(9, "main", "[step.sub]");
    assert!(report.problems[0].what.contains("holds time"), "{report}");
}

#[test]
fn rule_9_a_call_that_gives_or_takes_what_is_not_there() {
    with_sub().change("main", "give = { day = \"day\" }", "give = {}").breaks_at(9, "main", "[step.sub]");
    with_sub().change("main", "take = { phone = \"phone\" }", "take = { phone = \"number\" }").breaks_at(
        9,
        "main",
        "[step.sub]",
    );
}

#[test]
fn rule_9_an_output_that_is_set_on_some_paths_only() {
    with_sub().change("sub", "past = \"phone\"", "past = \"end-done\"").breaks_at(9, "sub", "[outputs]");
}

#[test]
fn rule_9_a_slot_that_is_read_before_it_is_set() {
    let parts = Parts::good().change("my-case", "start = \"number\"", "start = \"code\"").change(
        "my-case",
        "refused = \"next\"",
        "refused = \"number\"",
    );
    parts.breaks_at(9, "my-case", "[step.check]");
}

/// A flow that takes a message and is told what the staff hear of it.
const NOTE: &str = "flow = \"note\"\nversion = 1\nnote = \"new\"\nstart = \"record\"\n[inputs]\nneed = \"need\"\n[step.record]\nkind = \"message\"\nsay = \"message-ask\"\nneed-in = \"need\"\nleft = \"done\"\nempty = \"done\"\nunavailable = \"done\"\n[step.done]\nkind = \"end\"\nas = \"done\"\n";

fn with_note() -> Parts {
    let call = "\n[step.note]\nkind = \"call\"\nflow = \"note\"\nwith = { need = \"officers-here\" }\ndone = \"bye\"\n";
    let mut parts = Parts::good()
        .change("main", "nobody = \"message\"", "nobody = \"note\"")
        .policy("what = \"none\"", "what = \"none\"\nneed = \"none\"")
        .add("main", call);
    parts.flows.insert("note", NOTE.to_owned());
    parts
}

#[test]
fn rule_9_a_need_is_handed_in_and_is_said_to_the_staff() {
    let report = with_note().report();
    assert!(report.is_safe(), "{report}");
    let unsaid = with_note().without_word("en", "need-officers-here").without_word("es", "need-officers-here");
    unsaid.breaks_at(5, "main", "[step.note]");
}

#[test]
fn rule_9_a_need_that_nobody_hands_in() {
    with_note().change("main", "with = { need = \"officers-here\" }\n", "").breaks_at(9, "main", "[step.note]");
    with_note().change("main", "with = { need =", "give = { need = \"language\" }\nwith = { need =").breaks_at(
        9,
        "main",
        "[step.note]",
    );
    let undeclared = with_note().change("note", "[inputs]\nneed = \"need\"\n", "").change(
        "main",
        "with = { need = \"officers-here\" }\n",
        "",
    );
    undeclared.breaks_at(9, "note", "[step.record]");
}

#[test]
fn rule_9_a_need_where_a_date_is_wanted() {
    let parts = with_sub().change("main", "give = { day = \"day\" }", "with = { day = \"person\" }");
    let report = parts.breaks_at(9, "main", "[step.sub]");
    assert!(report.problems[0].what.contains("which is date"), "{report}");
}

#[test]
fn rule_9_an_option_that_answers_without_an_article() {
    let answer = "\n[step.answer]\nkind = \"answer\"\nquestion = \"question\"\ntold = \"reason\"\nnone = \"person\"\n";
    let parts = Parts::good()
        .change("main", "goodbye = \"bye\" }", "goodbye = \"bye\", moved = \"answer\" }\ninto = \"question\"")
        .policy("what = \"none\"", "what = \"none\"\nquestion = \"none\"")
        .add("main", answer);
    let report = parts.breaks_at(9, "main", "[step.reason]");
    assert!(report.problems[0].what.contains("no such article"), "{report}");
}

#[test]
fn rule_10_a_case_that_is_told_before_it_was_opened() {
    let parts = Parts::good().change("my-case", "refused = \"next\"", "refused = \"tell\"");
    parts.breaks_at(10, "my-case", "[step.tell]");
}

#[test]
fn rule_10_a_case_that_is_told_after_it_was_forgotten() {
    let forget = "\n[step.forget]\nkind = \"forget_me\"\ndone = \"again\"\nunavailable = \"end-person\"\n";
    let again = "\n[step.again]\nkind = \"tell_case\"\nfields = [\"hearing\"]\ntold = \"end-done\"\nspeak-first = \"end-person\"\nnothing = \"end-done\"\n";
    let parts = Parts::good()
        .change("my-case", "refused = \"next\"", "refused = \"end-person\"")
        .change("my-case", "something-else = \"end-done\"", "something-else = \"forget\"")
        .add("my-case", forget)
        .add("my-case", again);
    parts.breaks_at(10, "my-case", "[step.again]");
    // Asking whether one is open makes it good.
    let asks = "\n[step.open]\nkind = \"when\"\nfact = \"case-open\"\nyes = \"again\"\nno = \"end-done\"\n";
    let good = parts.change("my-case", "done = \"again\"", "done = \"open\"").add("my-case", asks).report();
    assert!(good.is_safe(), "{good}");
}

#[test]
fn rule_10_a_second_number_closes_the_case_before_it() {
    let close = "\n[step.close]\nkind = \"close_case\"\ndone = \"again\"\nunavailable = \"end-person\"\n";
    let again = "\n[step.again]\nkind = \"tell_openings\"\ntold = \"end-done\"\nunavailable = \"end-person\"\n";
    let parts = Parts::good()
        .change("my-case", "refused = \"next\"", "refused = \"end-person\"")
        .change("my-case", "something-else = \"end-done\"", "something-else = \"close\"")
        .add("my-case", close)
        .add("my-case", again);
    parts.breaks_at(10, "my-case", "[step.again]");
    let good = parts.change("my-case", "done = \"again\"", "done = \"number\"");
    let good = good.change("my-case", "told = \"next\"", "told = \"again\"").report();
    assert!(good.is_safe(), "{good}");
}

#[test]
fn rule_10_who_opened_a_case_and_who_may_are_of_that_case() {
    for (kind, outcomes) in [
        ("kind = \"tell_openings\"", "told = \"end-done\"\nunavailable = \"end-person\""),
        ("kind = \"withdraw_tickets\"", "done = \"end-done\"\nunavailable = \"end-person\""),
        ("kind = \"close_case\"", "done = \"end-done\"\nunavailable = \"end-person\""),
    ] {
        let step = format!("\n[step.early]\n{kind}\n{outcomes}\n");
        let parts = Parts::good().change("my-case", "refused = \"next\"", "refused = \"early\"").add("my-case", &step);
        parts.breaks_at(10, "my-case", "[step.early]");
    }
    let ticket = "\n[step.desk]\nkind = \"ask\"\nsay = \"desk-ask\"\ntype = \"desk-number\"\ninto = \"phone\"\nthen = \"leave\"\nsilent = \"end-person\"\ngave-up = \"end-person\"\n\n[step.leave]\nkind = \"leave_ticket\"\ndesk = \"phone\"\nleft = \"end-done\"\nno-such-desk = \"end-person\"\nunavailable = \"end-person\"\n";
    let parts = Parts::good().change("my-case", "refused = \"next\"", "refused = \"desk\"").add("my-case", ticket);
    parts.breaks_at(10, "my-case", "[step.leave]");
}

#[test]
fn rule_9_a_ticket_is_left_to_a_desk_and_to_nothing_else() {
    let leave = "\n[step.leave]\nkind = \"leave_ticket\"\ndesk = \"number\"\nleft = \"end-done\"\nno-such-desk = \"end-person\"\nunavailable = \"end-person\"\n";
    let parts = Parts::good().change("my-case", "told = \"next\"", "told = \"leave\"").add("my-case", leave);
    parts.breaks_at(9, "my-case", "[step.leave]");
}

#[test]
fn rule_10_a_field_of_a_case_that_is_used_before_it_was_opened() {
    let remind = "\n[step.call-me]\nkind = \"callback\"\nphone = \"number\"\nneed = \"person\"\npromised = \"end-done\"\nunavailable = \"end-person\"\n";
    let parts = Parts::good()
        .policy("number = \"caller\"", "number = \"case\"")
        .change("my-case", "type = \"case-number\"", "type = \"phone\"")
        .change("my-case", "then = \"code\"", "then = \"call-me\"")
        .add("my-case", remind);
    let report = parts.report();
    let at = parts.row("my-case", "[step.call-me]");
    assert!(report.problems.iter().any(|p| p.rule == 10 && p.row == at && p.file == "flows/my-case.toml"), "{report}");
}

#[test]
fn rule_11_a_slot_without_a_class() {
    Parts::good().policy("code = \"caller\"\n", "").breaks_at(11, "my-case", "[step.code]");
}

#[test]
fn rule_11_a_slot_about_another_person() {
    let parts = Parts::good()
        .policy("code = \"caller\"\n", "code = \"caller\"\nhusband-number = \"caller\"\n")
        .change("my-case", "into = \"number\"", "into = \"husband-number\"")
        .change("my-case", "number = \"number\"", "number = \"husband-number\"");
    parts.breaks_at(11, "my-case", "[step.number]");
}

#[test]
fn rule_11_a_message_that_would_keep_a_field_of_a_case() {
    let keep = "\n[step.keep]\nkind = \"message\"\nneed = \"person\"\nwords = \"words\"\nleft = \"next\"\nempty = \"next\"\nunavailable = \"next\"\n";
    let ask = "\n[step.words]\nkind = \"ask\"\nsay = \"words-ask\"\ntype = \"words\"\ninto = \"words\"\nthen = \"keep\"\nsilent = \"next\"\ngave-up = \"next\"\n";
    let parts = Parts::good()
        .policy("code = \"caller\"\n", "code = \"caller\"\nwords = \"case\"\n")
        .change("my-case", "told = \"next\"", "told = \"words\"")
        .add("my-case", keep)
        .add("my-case", ask);
    parts.breaks_at(11, "my-case", "[step.keep]");
}

#[test]
fn rule_12_a_closed_queue_that_hangs_up() {
    Parts::good().change("main", "closed = \"message\"", "closed = \"bye\"").breaks_at(12, "main", "closed = ");
}

#[test]
fn rule_14_a_version_without_a_note() {
    Parts::good().change("main", "note = \"adds the case\"", "note = \" \"").breaks_at(14, "main", "note = ");
    Parts::good().change("main", "version = 3", "version = 0").breaks_at(14, "main", "version = ");
}

#[test]
fn rule_14_a_flow_that_changed_under_one_version() {
    let released: BTreeMap<String, FlowVersion> =
        Parts::good().flows().into_iter().map(|(name, flow)| (name, FlowVersion::of(&flow))).collect();
    let with = |parts: Parts| Parts { earlier: Some(released.clone()), ..parts };
    let same = with(Parts::good().change("main", "\n[step.over]", "\n# The end.\n[step.over]")).report();
    assert!(same.is_safe(), "a remark changes nothing: {same}");
    let rewired = || Parts::good().change("main", "nobody = \"message\"", "nobody = \"person\"");
    with(rewired()).breaks_at(14, "main", "version = ");
    let bumped = with(rewired().change("main", "version = 3", "version = 4")).report();
    assert!(bumped.is_safe(), "{bumped}");
    with(rewired().change("main", "version = 3", "version = 2")).breaks_at(14, "main", "version = ");
}

#[test]
fn rule_15_the_urgent_key_in_hours_only() {
    let hours = "\n[step.hours]\nkind = \"when\"\nfact = \"staffed\"\nyes = \"chain\"\nno = \"message\"\n";
    let parts = Parts::good()
        .change("main", "options = { officers-here = \"chain\",", "options = { officers-here = \"hours\",")
        .add("main", hours);
    let report = parts.report();
    let at = parts.row("main", "[step.hours]");
    assert!(report.problems.iter().all(|problem| problem.rule == 15), "{report}");
    assert!(report.problems.iter().any(|problem| problem.row == at), "{report}");
}

#[test]
fn rule_15_three_questions_before_the_chain() {
    let question = |name: &str, next: &str| {
        format!(
            "\n[step.{name}]\nkind = \"choose\"\nsay = \"{name}-ask\"\noptions = {{ go-on = \"{next}\" }}\nsilent = \"{next}\"\ngave-up = \"{next}\"\n"
        )
    };
    let parts = Parts::good()
        .change("main", "options = { officers-here = \"chain\",", "options = { officers-here = \"where\",")
        .add("main", &question("where", "who"))
        .add("main", &question("who", "chain"));
    let report = parts.breaks_at(15, "main", "[step.where]");
    assert!(report.problems[0].what.contains("3 inputs"), "{report}");
}

#[test]
fn rule_15_a_branch_that_never_comes_to_the_chain() {
    let parts = Parts::good().change("main", "someone-detained = \"chain\"", "someone-detained = \"bye\"");
    let at = row_in_step(&parts.flows["main"], "urgent", "options");
    parts.breaks(15, "flows/main.toml", at);
}

#[test]
fn rule_15_a_callback_as_the_only_end() {
    let callback =
        "\n[step.callback]\nkind = \"callback\"\nneed = \"urgent\"\npromised = \"bye\"\nunavailable = \"bye\"\n";
    let parts = Parts::good().change("main", "nobody = \"message\"", "nobody = \"callback\"").add("main", callback);
    parts.breaks_at(15, "main", "nobody = ");
}

#[test]
fn rule_15_a_number_counts_when_it_was_verified_within_a_week() {
    let refer = "\n[step.refer]\nkind = \"refer\"\ntopic = \"detained\"\ntold = \"bye\"\nnone = \"bye\"\n";
    let with = |assured_on: &str| {
        let mut parts = Parts::good().change("main", "nobody = \"message\"", "nobody = \"refer\"").add("main", refer);
        parts.directory = format!(
            "[[provider]]\nname = \"Night Line\"\nphone = \"+12025550143\"\ntopics = [\"detained\"]\nlanguages = [\"en\"]\ncost = \"free\"\nintake = \"open\"\nassured-on = \"{assured_on}\"\n"
        );
        parts
    };
    let fresh = with("2026-02-24").report();
    assert!(fresh.is_safe(), "{fresh}");
    with("2026-02-20").breaks_at(15, "main", "nobody = ");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is wired to whatever, the checker ends, and says something where an outcome leads nowhere.
    #[test]
    fn no_wiring_makes_it_panic_or_hang(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8), 1..8)) {
        let mut program = with_sub().program();
        let mut is_cut = false;
        for (at, to, how) in changes {
            let places: Vec<(String, String, String)> = program
                .flows
                .values()
                .flat_map(|flow| {
                    flow.steps.values().flat_map(move |step| {
                        step.outcomes.keys().map(move |outcome| (flow.name.clone(), step.name.clone(), outcome.clone()))
                    })
                })
                .collect();
            let (flow, step, outcome) = at.get(&places).clone();
            let flow = program.flows.get_mut(&flow).unwrap();
            let steps: Vec<String> = flow.steps.keys().cloned().collect();
            let other = to.get(&steps).clone();
            match how {
                0 => {
                    flow.steps.get_mut(&step).unwrap().outcomes.remove(&outcome);
                    is_cut = true;
                }
                1 => flow.start = other,
                2 => flow.steps.get_mut(&step).unwrap().kind = Kind::Call {
                    flow: ["main", "my-case", "sub", "none"][to.index(4)].to_owned(),
                    give: BTreeMap::new(),
                    with: BTreeMap::new(),
                    take: BTreeMap::new(),
                },
                _ => flow.steps.get_mut(&step).unwrap().outcomes.get_mut(&outcome).unwrap().step = other,
            }
        }
        let report = checker::check(&program, today(), &|_, _, _| None, None);
        prop_assert!(!is_cut || !report.is_safe());
        prop_assert!(report.problems.iter().all(|problem| (1..=16).contains(&problem.rule) && problem.row >= 1));
        prop_assert!(!report.to_string().is_empty());
    }
}
