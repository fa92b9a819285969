//! An operator whose words are reviewed serves the public; one whose words are drafts does not.

use crate::page::Browser;
use crate::{Demonstration, Folder, OPERATOR, caseline, run, text};
use std::path::Path;

/// A copy of the repository's material for a line that the public reaches: languages that lack recordings are
/// person-only, and drafts are refused.
fn material(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for part in ["flows", "words", "knowledge"] {
        let copied = std::process::Command::new("cp").arg("-r").arg(root.join(part)).arg(folder).status().unwrap();
        assert!(copied.success());
    }
    let policy = folder.join("flows/policy.toml");
    let text = std::fs::read_to_string(&policy).unwrap();
    let text = text
        .replace("drafts = \"spoken\"", "drafts = \"refused\"")
        .replace("mam = \"lifeline\"", "mam = \"person-only\"")
        .replace("quc = \"lifeline\"", "quc = \"person-only\"");
    std::fs::write(policy, text).unwrap();
}

/// What the reviewer of a made-up operator would complete, from the rows that the program prints.
fn review(folder: &Path, language: &str) {
    let output = run(folder, &["words", "status", "--language", language]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let rows = text(&output.stdout)
        .replace("reviewer = \"\"", "reviewer = \"reviewer 7 of the made-up operator\"")
        .replace("reviewed-on = \"\"", "reviewed-on = \"2026-11-01\"")
        .replace("expires-on = \"\"", "expires-on = \"2099-01-01\"");
    std::fs::write(folder.join(format!("material/words/{language}/reviews.toml")), rows).unwrap();
}

fn settings(folder: &Path, more: &str) {
    let text = format!(
        "material = \"material\"\n{OPERATOR}\n[telephone]\nsip_port = 0\nrtp_ports = [0, 0]\n\n[speech]\nvoice = \"tape\"\n\n\
         [web]\nbind = \"127.0.0.1:0\"\nmetrics = \"127.0.0.1:0\"\nnumber_to_call = \"+1 202 555 0100\"\n\n\
         [[urgent]]\nname = \"desk\"\nrole = \"staff\"\ntarget = \"sip:desk@127.0.0.1:9\"\nlanguage = \"en\"\nspeaks = [\"en\", \"es\", \"ht\"]\nverified_on = \"2026-11-20\"\n{more}"
    );
    std::fs::write(folder.join("caseline.toml"), text).unwrap();
}

/// A folder with settings, a store and reviewed words: a line that may serve.
pub fn a_reviewed_line(folder: &Path, more: &str) {
    std::fs::create_dir_all(folder.join("material")).unwrap();
    material(&folder.join("material"));
    settings(folder, more);
    assert!(run(folder, &["init"]).status.success());
    for language in ["en", "es", "ht"] {
        review(folder, language);
    }
}

#[test]
fn a_line_whose_words_are_reviewed_serves_and_answers_a_call() {
    let folder = Folder::new("reviewed");
    std::fs::create_dir_all(folder.0.join("material")).unwrap();
    material(&folder.0.join("material"));
    settings(&folder.0, "");
    assert!(run(&folder.0, &["init"]).status.success());
    let drafts = run(&folder.0, &["serve"]);
    assert_eq!(drafts.status.code(), Some(2), "drafts are refused: {}", text(&drafts.stderr));
    assert!(text(&drafts.stderr).contains("is a draft in"), "{}", text(&drafts.stderr));
    for language in ["en", "es", "ht"] {
        review(&folder.0, language);
    }
    let counted = run(&folder.0, &["words", "status"]);
    assert!(counted.status.success(), "{}", text(&counted.stdout));
    let mut line = Demonstration::up(caseline(&folder.0, &["serve"]), "stop ");
    let call = caseline(&folder.0, &["call", &line.sip, "--keys", "2", "--seconds", "20"]).output().unwrap();
    assert!(text(&call.stdout).contains("Somos Lake Street Legal Aid"), "{}", text(&call.stdout));
    let mut browser = Browser::at(&line.page);
    assert!(browser.open("/es").html.contains("Somos Lake Street Legal Aid"), "{}", browser.html);
    assert!(!browser.html.contains("Solo una demostración"), "reviewed words carry no warning");
    line.terminate();
    assert!(line.child.wait().unwrap().success());

    // One sentence changes: its review counts no more, and the line does not start.
    let words = folder.0.join("material/words/es/asking.ftl");
    let changed = std::fs::read_to_string(&words).unwrap().replace("Llame otra vez en unos minutos", "Llame después");
    std::fs::write(&words, changed).unwrap();
    let stale = run(&folder.0, &["serve"]);
    assert_eq!(stale.status.code(), Some(2));
    assert!(text(&stale.stderr).contains("since its review"), "{}", text(&stale.stderr));
}

#[test]
fn drafts_never_reach_a_trunk() {
    let folder = Folder::new("trunk-drafts");
    std::fs::create_dir_all(folder.0.join("material")).unwrap();
    material(&folder.0.join("material"));
    let trunk =
        "\n[[trunk]]\nname = \"carrier\"\nhost = \"127.0.0.9\"\naccount = \"line\"\npassword_file = \"password\"\n";
    settings(&folder.0, trunk);
    std::fs::write(folder.0.join("password"), "made up").unwrap();
    assert!(run(&folder.0, &["init"]).status.success());
    let refused = run(&folder.0, &["serve"]);
    assert_eq!(refused.status.code(), Some(2));
    // Not by asking for spoken drafts either.
    let policy = folder.0.join("material/flows/policy.toml");
    let spoken = std::fs::read_to_string(&policy).unwrap().replace("drafts = \"refused\"", "drafts = \"spoken\"");
    std::fs::write(policy, spoken).unwrap();
    let refused = run(&folder.0, &["serve"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("for `caseline demo` only"), "{}", text(&refused.stderr));
}
