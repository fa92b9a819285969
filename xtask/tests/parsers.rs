//! Every reader of bytes from outside has a fuzz target: a file with a function that takes text or bytes and says that it
//! reads, and one where bytes come in (from a socket, a form, a file, JSON, TOML, numbers in bytes), must be reached from a
//! target, or stand in the list below with the reason why it need not.
//! Running the targets is left to `caseline/tests/fuzz_seeds.rs` and `cargo xtask fuzz`.

#[path = "repository/files.rs"]
mod files;

use files::{TextFile, text_files};
use std::collections::BTreeMap;

/// What a function that reads bytes is called.
const READS: &[&str] = &["parse", "read", "decode", "from_str", "load", "open", "from_bytes", "try_from", "key_in"];

/// What it takes.
const TAKES: &[&str] = &["&[u8]", "&str", "&'a str", "&'a [u8]", "Vec<u8>", ": String"];

/// Where bytes come in, in the crates that are built into the program: signs of it in a row of code.
const COMES_IN: &[&str] = &[
    "serde_json::from_",
    "toml::from_str",
    "from_utf8(",
    "from_str_radix",
    "from_be_bytes",
    "from_le_bytes",
    "Form(",
    "Query(",
    "RawQuery",
    "Path(",
    "Multipart",
    "WebSocket",
    "recv_from(",
    "recvmmsg(",
    "read_exact",
    "read_line(",
    "read_to_string(",
    "read_to_end(",
    "fs::read(",
    "stdin()",
];

/// The folders of these crates.
const BUILT_IN: &[&str] = &["core/", "helpline/", "edge/", "caseline/"];

/// A file of readers, or a folder with `/` at its end for those in it that have no row; and the target that reaches them
/// or the reason why there is none.
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
    ("xtask/src/fuzz/process.rs", Not("what libFuzzer prints, by a chore of developers")),
    ("caseline/src/commands/recovery/groups.rs", By("recovery-sheets")),
    ("caseline/src/commands/recovery.rs", By("recovery-sheets")),
    ("caseline/src/commands/call.rs", By("phone-scripts")),
    ("caseline/src/commands/held.rs", By("values")),
    ("caseline/src/commands/setup.rs", By("settings")),
    ("caseline/src/commands/vault.rs", Not("the machine's own list of accounts")),
    ("caseline/src/commands/verify_log.rs", By("log-heads")),
    ("caseline/src/material.rs", By("flows")),
    ("caseline/src/pages.rs", Not("our own key of pages: 32 bytes or none")),
    ("caseline/src/settings/openid.rs", Not("a secret of the operator, sent as it is")),
    ("caseline/src/wiring.rs", Not("a password of the operator, used as it is")),
    ("caseline/src/world.rs", Not("random bytes of the machine")),
    ("core/conversation/src/words/read.rs", By("words")),
    ("core/knowledge/src/library.rs", By("articles")),
    ("edge/sources/src/court_tables/codes.rs", By("court-tables")),
    ("edge/sources/src/court_tables/decode.rs", By("court-tables")),
    ("edge/sources/src/court_tables/import.rs", By("court-tables")),
    ("edge/sources/src/court_tables/place.rs", By("court-archives")),
    ("edge/store/src/audit_tree/verify.rs", By("log-heads")),
    ("edge/store/src/backup.rs", Not("copies files as they are")),
    ("edge/store/src/backup/sealed.rs", Not("what `age` of this machine says when it fails, shown as it is")),
    ("edge/store/src/backup/targets.rs", Not("our own notes on folders, into fixed types; written anew if unreadable")),
    ("edge/store/src/content.rs", By("sealed-contents")),
    ("edge/store/src/memory/", Not("our own tables in memory")),
    ("edge/store/src/sqlite/", Not("columns of our own tables: `sealed-values` and `values` read what is in them")),
    ("edge/store/src/testing.rs", Not("for tests alone")),
    ("edge/store/src/vault/budget.rs", By("vault-ledgers")),
    ("edge/store/src/vault/client.rs", By("vault-frames")),
    ("edge/store/src/vault/files.rs", By("key-rings")),
    ("edge/store/src/vault/holder.rs", By("sealed-contents")),
    ("edge/store/src/vault/ledger.rs", By("vault-ledgers")),
    ("edge/store/src/vault/lockdown.rs", Not("what the kernel says of this process")),
    ("edge/store/src/vault/secrets.rs", By("case-secrets")),
    ("edge/voice/src/media/wire.rs", By("call-sounds")),
    ("edge/voice/src/phone/sound.rs", By("rtp")),
    ("edge/voice/src/phone/transport.rs", By("phone-messages")),
    ("edge/voice/src/prompts/pack.rs", By("prompt-packs")),
    ("edge/voice/src/sip/incoming.rs", By("sip-messages")),
    ("edge/voice/src/sip/sockets.rs", By("sip-streams")),
    ("edge/voice/src/speech/", Not("what a speech program of this machine prints")),
    ("edge/web/src/chat.rs", By("web-forms")),
    ("edge/web/src/chat/sent.rs", By("web-forms")),
    ("edge/web/src/cookies.rs", By("web-headers")),
    ("edge/web/src/passkeys.rs", By("passkeys")),
    ("edge/web/src/public.rs", Not("the tag of a language, compared with those that there are")),
    ("edge/web/src/staff/", By("desk-forms")),
    ("edge/web/src/staff/openid.rs", By("provider-pages")),
    ("edge/web/src/staff/openid/provider.rs", By("provider-pages")),
    ("edge/web/src/staff/openid/token.rs", By("id-tokens")),
    ("helpline/src/contact.rs", By("saved-contacts")),
    ("helpline/src/logins.rs", Not("a fixed list of words, compared as a whole")),
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
    ("edge/web/src/staff/cards.rs", By("desk-forms")),
    ("helpline/src/contact/saved.rs", By("saved-contacts")),
    ("helpline/src/policy.rs", By("staff-links")),
    ("helpline/src/staff.rs", By("staff-links")),
    ("replay/src/script/parse.rs", By("conversation-pages")),
    ("replay/src/stage.rs", Not("names of stages on the developer's command line")),
    ("replay/src/world/facts.rs", Not("made-up facts of the repository's own pages")),
    ("xtask/src/advisories.rs", Not("advisories about packages, by a chore of developers")),
    ("xtask/src/licences.rs", Not("metadata of packages that are built, by a chore of developers")),
    ("xtask/src/supply_chain.rs", Not("a file of the repository, by a chore of developers")),
];

/// Whether a target reaches a file of readers.
enum Reached {
    By(&'static str),
    Not(&'static str),
}
use Reached::{By, Not};

/// The rows of production code that define a function that reads text or bytes, or where bytes come in.
fn readers(path: &str, text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut found = Vec::new();
    for (at, row) in code.lines().enumerate() {
        let is_comment = row.trim_start().starts_with("//");
        let comes_in = COMES_IN.iter().find(|sign| row.contains(*sign) && !row.trim_start().starts_with("use "));
        if let Some(sign) = comes_in.filter(|_| !is_comment && BUILT_IN.iter().any(|place| path.starts_with(place))) {
            found.push(format!("{path}:{}: {sign}", at + 1));
            continue;
        }
        let Some((_, after)) = row.split_once("fn ") else { continue };
        let name = after.split(['(', '<']).next().unwrap_or_default();
        let reads = READS
            .iter()
            .any(|word| name == *word || name.starts_with(&format!("{word}_")) || name.ends_with(&format!("_{word}")));
        let taken = after.split(") ->").next().unwrap_or_default();
        if reads && TAKES.iter().any(|what| taken.contains(what)) && !is_comment {
            found.push(format!("{path}:{}: fn {name}", at + 1));
        }
    }
    found
}

fn is_production(file: &TextFile) -> bool {
    let path = file.path.as_str();
    let inside =
        path.split_once("/src/").is_some_and(|(krate, rest)| !krate.contains("/tests") && !rest.contains("tests"));
    let is_for_fuzzing = path.starts_with("fuzz/") || path.ends_with("fuzzing.rs") || path.ends_with("never_panic.rs");
    let is_for_tests = path.contains("/bench") || path.contains("/contract") || path.ends_with("/made_up.rs");
    file.is_rust() && inside && !is_for_fuzzing && !is_for_tests
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
    let seeded = "async fn take(Form(fields): Form<Fields>) {\n// Form(fields)\n    let ring: Ring = serde_json::from_slice(&all)?;\n";
    assert_eq!(readers("edge/new/src/two.rs", seeded).len(), 2, "where bytes come in");
    assert!(readers("xtask/src/two.rs", seeded).is_empty(), "a chore reads what is in the repository");
}

#[test]
fn every_reader_of_bytes_has_a_fuzz_target_or_a_reason() {
    let listed: BTreeMap<&str, &Reached> = READERS.iter().map(|(path, reached)| (*path, reached)).collect();
    let row_of = |path: &str| {
        let folder = || listed.keys().find(|row| row.ends_with('/') && path.starts_with(**row));
        listed.get_key_value(path).map(|(row, _)| *row).or_else(|| folder().copied())
    };
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for file in text_files().iter().filter(|file| is_production(file)) {
        let found = readers(&file.path, &file.text);
        if found.is_empty() {
            continue;
        }
        match row_of(&file.path) {
            Some(row) => seen.push(row),
            None => wrong.extend(found.iter().map(|row| format!("{row} has no fuzz target; add one and a row here"))),
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
        if !seen.contains(path) {
            wrong.push(format!("{path} reads nothing any more; take its row out"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
