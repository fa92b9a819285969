//! Reference pages that list exactly what there is: every key of the settings, every command.
//! What a key means, and its default, a person has to keep true.

use crate::files::root;
use crate::none_of;
use crate::rust_text::{tokens, without_comments_and_texts};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn the_settings_page_lists_every_key_and_no_other() {
    let mut structs = structs_of("caseline/src/settings.rs");
    structs.extend(structs_of("core/conversation/src/operator.rs"));
    let mut there = BTreeSet::new();
    keys_of(&structs, "Settings", "", &mut there);
    assert!(there.contains("telephone.sip_port"), "the settings were not found: {there:?}");

    let page = std::fs::read_to_string(root().join("docs/reference/settings.md")).expect("the page is there");
    let firsts = page.lines().filter(|row| row.starts_with("| `")).filter_map(|row| row.split('|').nth(1));
    let listed: Vec<_> = firsts.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect();
    let unique: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(unique.len(), listed.len(), "a key stands twice in docs/reference/settings.md");
    let missing = there.difference(&unique).map(|key| format!("{key}: not in docs/reference/settings.md"));
    let gone = unique.difference(&there).map(|key| format!("{key}: not in caseline/src/settings.rs"));
    none_of(&missing.chain(gone).collect::<Vec<_>>(), "docs/reference/settings.md lists every key and no other");
}

#[test]
fn the_page_of_commands_has_a_heading_for_every_command_and_no_other() {
    let source = std::fs::read_to_string(root().join("caseline/src/main.rs")).expect("the program is there");
    let code = without_comments_and_texts(&source);
    let tokens = tokens(&code);
    let begins = tokens.windows(2).position(|pair| pair[0].text == "enum" && pair[1].text == "Command");
    let mut depth = 0_usize;
    let mut there = BTreeSet::new();
    for token in &tokens[begins.expect("the commands are an enum") + 2..] {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            // Variants stand at the first level, attributes and what they hold deeper.
            word if depth == 1 && token.is_word() => {
                there.insert(kebab(word));
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    let page = std::fs::read_to_string(root().join("docs/reference/commands.md")).expect("the page is there");
    let headings = page.lines().filter_map(|row| row.strip_prefix("## `caseline "));
    let listed: BTreeSet<_> = headings.filter_map(|rest| rest.split(['`', ' ']).next()).map(str::to_owned).collect();
    assert_eq!(listed, there, "headings of docs/reference/commands.md, and commands of caseline/src/main.rs");
}

/// `VerifyLog` as it is typed: `verify-log`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The structs of a file: their fields, each with the last word of its type (`Vec<TrunkSettings>`: `TrunkSettings`).
fn structs_of(path: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let source = std::fs::read_to_string(root().join(path)).expect("the file is there");
    let code = without_comments_and_texts(&source);
    let tokens = tokens(&code);
    let mut structs = BTreeMap::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.text != "struct" || tokens.get(at + 2).is_none_or(|next| next.text != "{") {
            continue;
        }
        let mut fields = Vec::new();
        let body = &tokens[at + 3..];
        let ends = body.iter().position(|token| token.text == "}").expect("a struct ends");
        for (at, token) in body[..ends].iter().enumerate().filter(|(_, token)| token.text == "pub") {
            debug_assert!(token.is_word());
            let kind = body[at + 3..ends].iter().take_while(|token| token.text != ",").filter(|token| token.is_word());
            let kind = kind.last().map_or(String::new(), |token| token.text.to_owned());
            fields.push((body[at + 1].text.to_owned(), kind));
        }
        structs.insert(tokens[at + 1].text.to_owned(), fields);
    }
    structs
}

/// All keys below a struct, as in the file of settings: `telephone.sip_port`.
fn keys_of(structs: &BTreeMap<String, Vec<(String, String)>>, name: &str, before: &str, keys: &mut BTreeSet<String>) {
    for (field, kind) in &structs[name] {
        let key = if before.is_empty() { field.clone() } else { format!("{before}.{field}") };
        if structs.contains_key(kind) {
            keys_of(structs, kind, &key, keys);
        } else {
            keys.insert(key);
        }
    }
}
