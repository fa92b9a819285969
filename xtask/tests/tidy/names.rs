//! Names that we give: none of the words that lost in GLOSSARY.md, and none that says nothing.
//! Names of others (a library's, a standard's) that we only use are not looked at; the few that we repeat are listed.

use crate::files::text_files;
use crate::none_of;
use crate::rust_text::{Token, tokens, without_comments_and_texts};

/// A word that lost, and what to write.
struct Lost {
    word: &'static str,
    write: &'static str,
    /// Names in which it stands rightly, with the reason.
    but_for: &'static [(&'static str, &'static str)],
    /// Folders in which it is a word of the trade, with the reason.
    but_in: &'static [(&'static str, &'static str)],
}

const LOST: &[Lost] = &[
    Lost {
        word: "session",
        write: "call, conversation or shift",
        but_for: &[("LoginSession", "a login is one"), ("login_session", "a login is one")],
        but_in: &[],
    },
    Lost { word: "uac", write: "client_transaction or unaccompanied_child", but_for: &[], but_in: &[] },
    Lost { word: "uas", write: "server_transaction", but_for: &[], but_in: &[] },
    Lost { word: "dialogue", write: "Conversation", but_for: &[], but_in: &[] },
    Lost { word: "dialog", write: "Conversation", but_for: &[], but_in: &[("edge/voice/", "as in RFC 3261")] },
    Lost {
        word: "user",
        write: "caller, agent or operator",
        but_for: &[],
        but_in: &[("edge/voice/src/sip/", "the user part of a SIP address, RFC 3261 19.1.1")],
    },
    Lost { word: "users", write: "callers, agents or operators", but_for: &[], but_in: &[] },
    Lost { word: "customer", write: "caller or operator", but_for: &[], but_in: &[] },
    Lost { word: "ice", write: "connectivity, or spell the agency out", but_for: &[], but_in: &[] },
    Lost {
        word: "appearance",
        write: "attendance or notice_of_appearance",
        but_for: &[("notice_of_appearance", "the form")],
        but_in: &[],
    },
    Lost {
        word: "registration",
        write: "ANumber for the number",
        but_for: &[],
        but_in: &[("edge/voice/", "as in RFC 3261")],
    },
    Lost { word: "lineno", write: "row: a line is the helpline's", but_for: &[], but_in: &[] },
    Lost { word: "util", write: "what it is for", but_for: &[], but_in: &[] },
    Lost { word: "utils", write: "what it is for", but_for: &[], but_in: &[] },
    Lost { word: "helper", write: "what it does", but_for: &[], but_in: &[] },
    Lost { word: "helpers", write: "what they do", but_for: &[], but_in: &[] },
    Lost { word: "misc", write: "what it is for", but_for: &[], but_in: &[] },
];

#[test]
fn no_name_of_ours_is_a_word_that_lost_in_the_glossary() {
    let mut found = Vec::new();
    for file in text_files().iter().filter(|file| file.is_rust()) {
        let code = without_comments_and_texts(&file.text);
        for name in names_given(&tokens(&code)) {
            for word in words_of(name.text) {
                let Some(lost) = LOST.iter().find(|lost| lost.word == word) else { continue };
                let rightly = lost.but_for.iter().any(|(whole, _)| *whole == name.text)
                    || lost.but_in.iter().any(|(folder, _)| file.path.starts_with(folder));
                if !rightly {
                    found.push(format!("{}:{}: `{}`: write {}", file.path, name.row, name.text, lost.write));
                }
            }
        }
    }
    none_of(&found, "words that lost in GLOSSARY.md");
}

/// Every name that the source gives: items, fields, variants, parameters, bindings.
fn names_given<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut names = Vec::new();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "fn" | "struct" | "union" | "trait" | "mod" | "type" | "static" | "const" => {
                let next = at + 1 + usize::from(text(at + 1) == "mut");
                names.extend(tokens.get(next).filter(|name| name.is_word() && !is_keyword(name.text)).cloned());
            }
            "enum" => {
                names.extend(tokens.get(at + 1).cloned());
                variants(&tokens[at + 1..], &mut names);
            }
            "let" => {
                let pattern = tokens[at + 1..].iter().take_while(|token| !matches!(token.text, "=" | ";" | ":" | "{"));
                names.extend(pattern.filter(|name| is_binding(name)).cloned());
            }
            "for" => {
                let pattern = tokens[at + 1..].iter().take_while(|token| !matches!(token.text, "in" | "{" | ";" | "<"));
                let pattern: Vec<_> = pattern.collect();
                if text(at + 1 + pattern.len()) == "in" {
                    names.extend(pattern.into_iter().filter(|name| is_binding(name)).cloned());
                }
            }
            // A field or a parameter: a word before a single colon.
            ":" if text(at + 1) != ":" && at > 0 && text(at - 1) != ":" => {
                let name = &tokens[at - 1];
                if is_binding(name) && (at < 2 || text(at - 2) != "'") {
                    names.push(name.clone());
                }
            }
            _ => {}
        }
    }
    names
}

/// The variants of an enum, from its name on.
fn variants<'a>(tokens: &[Token<'a>], names: &mut Vec<Token<'a>>) {
    let Some(opens) = tokens.iter().position(|token| matches!(token.text, "{" | ";")) else { return };
    let mut depth = 0_usize;
    let mut begins = true;
    for token in &tokens[opens..] {
        match token.text {
            "{" | "(" | "[" => {
                depth += 1;
                begins = depth == 1;
            }
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return;
                }
                // After an attribute the variant is still to come; after its fields a comma comes first.
                begins = token.text == "]" && depth == 1;
            }
            "," => begins = depth == 1,
            _ if depth == 1 && begins && token.is_word() => {
                names.push(token.clone());
                begins = false;
            }
            _ => {}
        }
    }
}

fn is_binding(token: &Token<'_>) -> bool {
    token.text.starts_with(|c: char| c.is_lowercase() || c == '_') && !is_keyword(token.text)
}

fn is_keyword(word: &str) -> bool {
    matches!(word, "mut" | "ref" | "fn" | "unsafe" | "async" | "extern" | "_" | "self" | "crate" | "super" | "else")
}

/// The words of a name, in small letters: `LoginSession` and `login_session` are both login, session.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_small = false;
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && before_small) {
            words.push(String::new());
        }
        before_small = c.is_lowercase() || c.is_ascii_digit();
        if c != '_' {
            words.last_mut().expect("never empty").extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn given_names_are_found_and_used_ones_are_not() {
    let source = "mod a; struct B<T> { c: T, pub d: E } enum F { #[doc] G(H), I { j: K }, L = 3 } \
        fn m(n: O, mut p: Q) -> R { let (s, mut t) = u.v(); let w: X = y::z(); for (k, v) in map { v.user(k); } }";
    let names: Vec<_> = names_given(&tokens(source)).into_iter().map(|name| name.text).collect();
    for given in ["a", "B", "c", "d", "F", "G", "I", "j", "L", "m", "n", "p", "s", "t", "w", "k", "v"] {
        assert!(names.contains(&given), "{given} of {names:?}");
    }
    for used in ["E", "H", "K", "O", "R", "u", "y", "z", "map", "user", "X", "doc"] {
        assert!(!names.contains(&used), "{used} of {names:?}");
    }
    assert_eq!(words_of("LoginSession"), ["login", "session"]);
    assert_eq!(words_of("login_session_max"), ["login", "session", "max"]);
    assert_eq!(words_of("SESSION_EXPIRES"), ["session", "expires"]);
}
