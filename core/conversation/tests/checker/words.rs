//! The rules on words: 5 (complete), 6 (options), 7 (messages), 13 (length of speech), 16 (lawyer first).
//! The rules on wiring are left to `checker.rs`.

use crate::parts::{Parts, row_of, today};
use caseline_conversation::checker;
use caseline_conversation::words::keys::ENGINE_KEYS;
use caseline_conversation::words::review::text_hash;
use caseline_model::Language;
use caseline_records::{Rule, Severity, SourceKind};

#[test]
fn rule_5_words_that_one_language_lacks() {
    // Where the English text stands is where a translator looks.
    let report = Parts::good().without_word("es", "reason-ask").breaks_at_word(5, "en", "reason-ask");
    assert!(report.problems[0].what.contains("has no text in es"), "{report}");
    assert_eq!(report.languages[1].keys_complete + 1, report.languages[1].keys_needed);
}

#[test]
fn rule_5_words_that_no_language_has_stand_where_they_are_named() {
    let parts = Parts::good().without_word("es", "next-ask").without_word("en", "next-ask");
    parts.breaks_at(5, "my-case", "[step.next]");
}

#[test]
fn rule_5_words_that_nothing_says() {
    let report = Parts::good().word("es", "reson-ask", "what").breaks_at_word(5, "es", "reson-ask");
    assert!(report.problems[0].what.contains("nothing says `reson-ask` of es"), "{report}");
    // In English too; on a page, where English lacks it; and instead of a key that there is not.
    Parts::good().word("en", "forgotten-thing", "thing").breaks_at_word(5, "en", "forgotten-thing");
    Parts::good().word("es", "web-heding", "what").breaks_at_word(5, "es", "web-heding");
    Parts::good().word("en", "web-says-reson-ask", "what").breaks_at_word(5, "en", "web-says-reson-ask");
    let fine = Parts::good().word("en", "web-says-reason-ask", "What?").word("en", "web-heading", "what").report();
    assert!(fine.is_safe(), "{fine}");
}

#[test]
fn rule_5_a_part_of_a_date_that_is_missing_is_reported_once() {
    let report = Parts::good().without_word("es", "month-4").breaks_at_word(5, "en", "month-4");
    assert_eq!(report.problems.len(), 1, "{report}");
}

#[test]
fn rule_5_placeholders_that_differ() {
    Parts::good().word("es", "hearing-is", "el { $date }").breaks_at_word(5, "es", "hearing-is");
    Parts::good()
        .word("en", "reason-ask", "What, { $name }?\n    .sms = What?")
        .word("es", "reason-ask", "Que, { $name }?\n    .sms = Que?")
        .breaks_at_word(5, "en", "reason-ask");
    let aloud = "{ $date } { $time }\n    .voice = el { $date }";
    Parts::good().word("es", "hearing-is", aloud).breaks_at_word(5, "es", "hearing-is");
}

#[test]
fn rule_5_words_that_are_empty_or_cannot_be_filled_in() {
    Parts::good().word("es", "goodbye", "{ \"\" }").breaks_at_word(5, "es", "goodbye");
    Parts::good().word("es", "goodbye", "{ nothing }").breaks_at_word(5, "es", "goodbye");
}

#[test]
fn rule_5_a_draft_where_drafts_are_refused() {
    let report = Parts::good().policy("drafts = \"spoken\"", "drafts = \"refused\"").breaks(5, "words/en/line.ftl", 1);
    assert!(!report.not_for_the_public);
    assert!(report.problems[0].what.contains("is a draft"), "{report}");
}

#[test]
fn rule_5_a_review_that_ran_out_or_was_of_another_text() {
    let review = |expires_on: &str, source: &str| {
        format!(
            "[goodbye]\nreviewer = \"a made-up reviewer\"\nreviewed-on = \"2025-01-01\"\nexpires-on = \"{expires_on}\"\nsource-hash = \"{}\"\ntext-hash = \"{}\"\n",
            text_hash(source),
            text_hash("goodbye = goodbye")
        )
    };
    let with = |review: String| {
        let mut parts = Parts::good();
        parts.reviews.insert("es", review);
        parts
    };
    let good = with(review("2027-01-01", "goodbye = goodbye")).report();
    assert!(good.is_safe(), "{good}");
    assert_eq!(good.languages[1].drafts + 1, good.languages[1].keys_needed);
    let expired = with(review("2026-03-01", "goodbye = goodbye")).breaks_at_word(5, "es", "goodbye");
    assert!(expired.problems[0].what.contains("has run out"), "{expired}");
    let stale = with(review("2027-01-01", "goodbye = bye")).breaks_at_word(5, "es", "goodbye");
    assert!(stale.problems[0].what.contains("changed in English"), "{stale}");
}

#[test]
fn rule_5_a_language_without_any_words() {
    let parts = Parts::good().policy("es = \"full\"\n", "es = \"full\"\nmam = \"full\"\n");
    let row = row_of(&parts.policy, "mam");
    parts.breaks(5, "flows/policy.toml", row);
}

#[test]
fn rule_5_a_lifeline_language_says_what_is_still_to_be_recorded() {
    let keys = ["person-wait", "message-ask", "goodbye"];
    let lifeline = Parts::good()
        .policy("es = \"full\"\n", "es = \"full\"\nmam = \"lifeline\"\n")
        .policy("lifeline = []", "lifeline = [\n    \"person-wait\",\n    \"message-ask\",\n    \"goodbye\",\n]");
    let report = lifeline.report();
    assert!(report.is_safe(), "{report}");
    let mam = report.languages.iter().find(|row| row.level == "lifeline").unwrap();
    assert_eq!((mam.keys_needed, mam.keys_complete), (3, 0));
    assert_eq!(mam.missing_recordings, keys);
    assert!(report.to_string().contains("mam still to be recorded: person-wait, message-ask, goodbye"), "{report}");
    // What is said after the choice of such a language has to be among them.
    let lacks = lifeline.policy("    \"goodbye\",\n", "");
    lacks.breaks_at(5, "main", "[step.bye]");
}

#[test]
fn rule_5_a_recorded_lifeline_language_is_complete() {
    let mut parts = Parts::good()
        .policy("es = \"full\"\n", "es = \"lifeline\"\n")
        .policy("lifeline = []", "lifeline = [\"person-wait\", \"message-ask\", \"goodbye\"]");
    parts.operator.name = "Open Door".to_owned();
    let program = parts.program();
    let recorded =
        |language: Language, id: &str, _: &str| (language == Language::SPANISH && id != "es/goodbye").then_some(2.0);
    let report = checker::check(&program, today(), &recorded, None);
    assert!(report.is_safe(), "{report}");
    let es = report.languages.iter().find(|row| row.level == "lifeline").unwrap();
    assert_eq!((es.keys_complete, es.missing_recordings.clone()), (2, vec!["goodbye".to_owned()]));
}

#[test]
fn rule_6_six_options() {
    let six = "{ a = \"bye\", b = \"bye\", c = \"bye\", d = \"bye\", my-case = \"my-case\", goodbye = \"bye\" }";
    let parts = Parts::good().change("main", "{ my-case = \"my-case\", goodbye = \"bye\" }", six);
    parts.breaks_at(6, "main", "[step.reason]");
}

#[test]
fn rule_6_labels_that_sound_alike_in_one_language() {
    let parts = Parts::good().word("es", "choose-my-case", "Mi caso").word("es", "choose-goodbye", "mi  caso.");
    let report = parts.breaks_at(6, "main", "[step.reason]");
    assert!(report.problems[0].what.contains("alike in es"), "{report}");
}

#[test]
fn rule_7_a_message_of_four_segments() {
    let text = format!("Hello\n    .sms = {}", "a".repeat(460));
    Parts::good().word("en", "reason-ask", &text).breaks_at_word(7, "en", "reason-ask");
    let text = format!("Hola\n    .sms = {}í", "a".repeat(201));
    Parts::good().word("es", "reason-ask", &text).breaks_at_word(7, "es", "reason-ask");
    let text = format!("Hola\n    .sms = {}í", "a".repeat(200));
    let good = Parts::good().word("es", "reason-ask", &text).report();
    assert!(good.is_safe(), "three segments are allowed: {good}");
}

#[test]
fn rule_7_holds_the_form_that_would_be_sent() {
    // Without an SMS form the text for a page is what is sent.
    Parts::good().word("es", "goodbye", "Nos vemos en la corte.").breaks_at_word(7, "es", "goodbye");
    let with_its_own = Parts::good().word("es", "goodbye", "Nos vemos en la corte.\n    .sms = Nos vemos.").report();
    assert!(with_its_own.is_safe(), "{with_its_own}");
}

#[test]
fn rule_7_a_message_that_says_too_much() {
    for sms in ["Go to court", "Immigration called", "This is Open Door"] {
        let text = format!("Hello\n    .sms = {sms}");
        Parts::good().word("en", "reason-ask", &text).breaks_at_word(7, "en", "reason-ask");
    }
    let text = "{ $date } { $time }\n    .sms = { $date }, { $time }";
    Parts::good().word("es", "hearing-is", text).breaks_at_word(7, "es", "hearing-is");
    Parts::good().word("es", "reminder-neutral", "Su cita en la corte").breaks_at_word(7, "es", "reminder-neutral");
}

#[test]
fn rule_13_too_much_speech_before_the_first_choice() {
    // 13 characters a second: 250 and "reason ask" make 20 seconds.
    let long = "palabra ".repeat(25);
    let parts = Parts::good().word("es", "greeting-free", &long);
    let report = parts.breaks_at(13, "main", "[step.language]");
    assert!(report.problems.iter().all(|problem| problem.what.contains(" in es ")), "{report}");
}

#[test]
fn rule_13_a_rendered_length_counts_rather_than_a_guess() {
    let long = "palabra ".repeat(25);
    let program = Parts::good().word("es", "greeting-free", &long).program();
    let report = checker::check(&program, today(), &|_, id, _| (id == "es/greeting-free").then_some(4.0), None);
    assert!(report.is_safe(), "{report}");
    let slow = checker::check(&program, today(), &|_, id, _| (id == "en/reason-ask").then_some(20.0), None);
    assert!(slow.problems.iter().any(|problem| problem.rule == 13 && problem.what.contains(" in en ")), "{slow}");
}

#[test]
fn rule_16_a_form_where_a_lawyer_comes_first() {
    let parts = Parts::good().policy("lawyer-first = []", "lawyer-first = [\"my-case.next\"]");
    assert!(parts.report().is_safe(), "{}", parts.report());
    parts.word("es", "next-ask", "Llene el formulario I-589.").breaks_at_word(16, "es", "next-ask");
}

#[test]
fn rule_16_an_office_further_on_the_path_and_not_after_the_next_choice() {
    let note = "\n[step.note]\nkind = \"say\"\nsay = \"note\"\nthen = \"next\"\n";
    let with = |text: &str, key: &str| {
        Parts::good()
            .policy("lawyer-first = []", "lawyer-first = [\"my-case.note\"]")
            .change("my-case", "told = \"next\"", "told = \"note\"")
            .add("my-case", note)
            .word("en", key, text)
    };
    with("Go to the ICE field office.", "next-ask").breaks_at_word(16, "en", "next-ask");
    with("Call 1-800-555-0143.", "choose-something-else").breaks_at_word(16, "en", "choose-something-else");
    // Out of its flow, the first question is the last of the path.
    with("Call 1-800-555-0143.", "reason-ask").breaks_at_word(16, "en", "reason-ask");
    let elsewhere = with("Call 1-800-555-0143.", "number-ask").report();
    assert!(elsewhere.is_safe(), "{elsewhere}");
}

#[test]
fn rule_16_an_article_or_a_finding_that_is_lawyer_first() {
    let article = "jurisdiction = \"US\"\ngrade = \"A\"\nrisk = \"evergreen\"\nchecked-on = \"2026-01-01\"\nexpires-on = \"2027-01-01\"\nlawyer-first = true\n[questions]\nen = [\"May I ask?\"]\n[[sources]]\nname = \"made up\"\nread-on = \"2026-01-01\"\n";
    let mut parts = Parts::good();
    parts.articles.insert("asking", article.to_owned());
    assert!(parts.report().is_safe(), "{}", parts.report());
    parts.word("en", "article-asking", "Write to 55 E. Monroe Street.").breaks_at_word(16, "en", "article-asking");
    Parts::good().word("en", "decision-removal-order", "{ $date }: file the I-589.").breaks_at_word(
        16,
        "en",
        "decision-removal-order",
    );
    Parts::good().word("es", "finding-in-absentia", "Pida la EOIR-26.\n    .sms = algo").breaks_at_word(
        16,
        "es",
        "finding-in-absentia",
    );
}

#[test]
fn rule_16_a_step_of_the_policy_that_is_not_there() {
    let parts = Parts::good().policy("lawyer-first = []", "lawyer-first = [\n    \"my-case.lost\",\n]");
    let row = row_of(&parts.policy, "    \"my-case.lost\"");
    parts.breaks(16, "flows/policy.toml", row);
}

#[test]
fn every_finding_and_every_source_that_is_told_has_its_words_among_those_that_are_checked() {
    let spoken = Rule::ALL.iter().filter(|rule| rule.severity() != Severity::StaffNote);
    let sources = [SourceKind::Notice, SourceKind::CourtLine, SourceKind::CourtFeed, SourceKind::Uscis];
    let keys = spoken.map(|rule| format!("finding-{rule}"));
    for key in keys.chain(sources.map(|source| format!("source-{}", source.as_str()))) {
        assert!(ENGINE_KEYS.iter().any(|row| row.0 == key), "{key}");
    }
}
