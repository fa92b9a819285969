//! Every reader of bytes from outside has a fuzz target: a function that takes text or bytes and says that it reads must
//! be reached from a target, or stand in the list below with the reason why it need not.
//! Running the targets is left to `caseline/tests/fuzz_seeds.rs` and `cargo xtask fuzz`.

#[path = "repository/files.rs"]
mod files;

use files::{TextFile, text_files};
use std::collections::BTreeMap;

/// What a function that reads bytes is called.
const READS: &[&str] = &["parse", "read", "decode", "from_str", "load", "open", "from_bytes", "try_from", "key_in"];

/// What it takes.
const TAKES: &[&str] = &["&[u8]", "&str", "&'a str", "&'a [u8]", "Vec<u8>", ": String"];

/// A file of readers, and the target that reaches them or the reason why there is none.
const READERS: &[(&str, Reached)] = &[
    ("core/conversation/src/engine.rs", By("saved-conversations")),
    ("core/conversation/src/flow/read.rs", By("flows")),
    ("core/conversation/src/policy.rs", By("policies")),
    ("core/conversation/src/slot.rs", By("typed-answers")),
    ("core/model/src/a_number.rs", By("values")),
    ("core/model/src/card_code.rs", By("values")),
    ("core/model/src/disposition.rs", By("values")),
    ("core/model/src/file_receipt.rs", By("values")),
    ("core/model/src/ids.rs", By("values")),
    ("core/model/src/language.rs", By("values")),
    ("core/model/src/phone.rs", By("values")),
    ("core/model/src/receipt_number.rs", By("values")),
    ("core/model/src/time.rs", By("values")),
    ("core/records/src/assertion.rs", Not("a fixed list of words, compared as a whole")),
    ("core/records/src/source.rs", Not("a fixed list of words, compared as a whole")),
    ("core/conversation/src/engine/step.rs", Not("opens a file from answers that `typed-answers` has read")),
    ("edge/store/src/audit_tree/tiles/verifying.rs", By("log-tiles")),
    ("edge/store/src/backup/parcel.rs", By("backup-parcels")),
    ("edge/store/src/import_set.rs", By("sealed-contents")),
    ("edge/store/src/sqlite/log_public.rs", By("log-heads")),
    ("edge/store/src/sqlite/tickets.rs", Not("opens by an id that `values` reads")),
    ("edge/store/src/vault/wire.rs", By("vault-frames")),
    ("helpline/src/cards.rs", Not("sixteen bytes or none")),
    ("helpline/src/demand.rs", By("staff-links")),
    ("helpline/src/tickets.rs", By("staff-links")),
    ("replay/src/material.rs", Not("reads files by their names; `flows` and `words` read what is in them")),
    ("replay/src/stage/chat/browser.rs", Not("reads our own pages, in tests")),
    ("replay/src/world/desks.rs", Not("made-up facts of the repository's own pages")),
    ("xtask/src/fuzz.rs", Not("what libFuzzer prints, by a chore of developers")),
    (
        "caseline/src/commands/recovery/groups.rs",
        Not("the operator's own sheet, typed in; its tests try every wrong character"),
    ),
    ("edge/voice/src/prompts/cache.rs", By("cached-prompts")),
    ("caseline/src/settings.rs", By("settings")),
    ("caseline/src/settings/check.rs", By("settings")),
    ("edge/sources/src/court_tables/count_note.rs", By("court-counts")),
    ("edge/sources/src/court_tables/row.rs", By("court-tables")),
    ("edge/store/src/audit_tree/base64.rs", By("log-heads")),
    ("edge/store/src/audit_tree/checkpoint.rs", By("log-heads")),
    ("edge/store/src/audit_tree/public.rs", By("log-heads")),
    ("edge/store/src/audit_tree/tiles.rs", By("log-tiles")),
    ("edge/store/src/vault/keyring.rs", By("key-rings")),
    ("edge/store/src/vault/sealed.rs", By("sealed-values")),
    ("edge/voice/src/media/keys.rs", Not("keys that the program itself sends")),
    ("edge/voice/src/media/network.rs", By("networks")),
    ("edge/voice/src/media/rtp.rs", By("rtp")),
    ("edge/voice/src/media/g711.rs", By("packet-sounds")),
    ("edge/voice/src/phone/dialog.rs", By("phone-messages")),
    ("edge/voice/src/phone/message.rs", By("phone-messages")),
    ("edge/voice/src/phone/offer.rs", By("phone-messages")),
    ("edge/voice/src/phone/script.rs", By("phone-scripts")),
    ("edge/voice/src/sip/digest.rs", By("sip-answers")),
    ("edge/voice/src/sip/key_info.rs", By("sip-messages")),
    ("edge/voice/src/sip/sdp.rs", By("sdp")),
    ("edge/voice/src/sip/settings.rs", By("networks")),
    ("edge/voice/src/sip/wire.rs", By("sip-messages")),
    ("edge/voice/src/speech/tape.rs", By("packet-sounds")),
    ("edge/voice/src/speech/wav.rs", By("pack-sounds")),
    ("edge/web/src/staff/cards.rs", By("typed-answers")),
    ("helpline/src/contact/saved.rs", By("saved-contacts")),
    ("helpline/src/policy.rs", By("staff-links")),
    ("helpline/src/staff.rs", By("staff-links")),
    ("replay/src/script/parse.rs", By("conversation-pages")),
    ("replay/src/stage.rs", Not("names of stages on the developer's command line")),
    ("replay/src/world/facts.rs", Not("made-up facts of the repository's own pages")),
    ("xtask/src/licences.rs", Not("metadata of packages that are built, by a chore of developers")),
    ("xtask/src/supply_chain.rs", Not("a file of the repository, by a chore of developers")),
];

/// Whether a target reaches a file of readers.
enum Reached {
    By(&'static str),
    Not(&'static str),
}
use Reached::{By, Not};

/// Files of production code that define a function that reads text or bytes, with its row.
fn readers(path: &str, text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut found = Vec::new();
    for (at, row) in code.lines().enumerate() {
        let Some((_, after)) = row.split_once("fn ") else { continue };
        let name = after.split(['(', '<']).next().unwrap_or_default();
        let reads = READS
            .iter()
            .any(|word| name == *word || name.starts_with(&format!("{word}_")) || name.ends_with(&format!("_{word}")));
        let taken = after.split(") ->").next().unwrap_or_default();
        if reads && TAKES.iter().any(|what| taken.contains(what)) && !row.trim_start().starts_with("//") {
            found.push(format!("{path}:{}: fn {name}", at + 1));
        }
    }
    found
}

fn is_production(file: &TextFile) -> bool {
    let path = file.path.as_str();
    let inside =
        path.split_once("/src/").is_some_and(|(krate, rest)| !krate.contains("/tests") && !rest.contains("tests"));
    file.is_rust() && inside && !path.starts_with("fuzz/") && !path.contains("/bench")
}

/// The names in the `TARGETS` of every crate.
fn targets() -> Vec<String> {
    let mut names = Vec::new();
    for file in text_files() {
        if !file.path.ends_with("src/fuzzing.rs") && file.path != "fuzz/targets.rs" {
            continue;
        }
        for piece in file.text.split("(\"").skip(1) {
            let Some((name, rest)) = piece.split_once('"') else { continue };
            if rest
                .trim_start_matches(',')
                .trim_start()
                .split([',', ')'])
                .next()
                .is_some_and(|f| f.contains("never_panic") || f.starts_with("fuzz_"))
            {
                names.push(name.to_owned());
            }
        }
    }
    names
}

#[test]
fn a_reader_without_a_target_is_found() {
    let seeded = "/// Reads.\npub fn parse(bytes: &[u8]) -> Option<u8> {\n";
    assert_eq!(readers("edge/new/src/one.rs", seeded), ["edge/new/src/one.rs:2: fn parse"]);
    assert!(readers("x", "fn ready(text: &str)\nfn read(count: u8)\n").is_empty());
}

#[test]
fn every_reader_of_bytes_has_a_fuzz_target_or_a_reason() {
    let listed: BTreeMap<&str, &Reached> = READERS.iter().map(|(path, reached)| (*path, reached)).collect();
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for file in text_files().iter().filter(|file| is_production(file)) {
        let found = readers(&file.path, &file.text);
        if found.is_empty() {
            continue;
        }
        seen.push(file.path.clone());
        if !listed.contains_key(file.path.as_str()) && !file.path.ends_with("fuzzing.rs") {
            wrong.extend(found.iter().map(|row| format!("{row} has no fuzz target; add one and a row here")));
        }
    }
    let targets = targets();
    for (path, reached) in READERS {
        match reached {
            By(target) if !targets.iter().any(|known| known == target) => {
                wrong.push(format!("{path}: {target} is no target"))
            }
            Not("") => wrong.push(format!("{path}: why not?")),
            _ => {}
        }
        if !seen.iter().any(|file| file == path) {
            wrong.push(format!("{path} reads nothing any more; take its row out"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
