//! Reads Rust source as far as the tests need it: without comments and texts, and as words and signs.
//! It knows no grammar beyond that; the compiler does.

/// One word or sign of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// Its row, from 1.
    pub row: usize,
    /// An identifier or keyword, a number, or one sign.
    pub text: &'a str,
}

impl Token<'_> {
    /// Whether it is an identifier or keyword.
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// The source with comments and the insides of texts and characters blanked; rows stay where they are.
pub fn without_comments_and_texts(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        let before = out.chars().next_back();
        let (length, keeps) = match next {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
            '/' if rest.starts_with("/*") => (block_comment(rest), false),
            '"' => (quoted(rest), false),
            'r' | 'b' | 'c' if !before.is_some_and(is_word_char) => match prefixed_text(rest) {
                Some(length) => (length, false),
                None => (1, true),
            },
            '\'' => match character(rest) {
                Some(length) => (length, false),
                None => (1, true),
            },
            _ => (next.len_utf8(), true),
        };
        let (taken, left) = rest.split_at(length);
        if keeps {
            out.push_str(taken);
        } else {
            out.extend(taken.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        rest = left;
    }
    out
}

/// The words and signs of source that has no comments or texts any more.
pub fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (at, row) in code.lines().enumerate() {
        let mut rest = row.trim_start();
        while let Some(next) = rest.chars().next() {
            let length = if is_word_char(next) {
                rest.find(|c| !is_word_char(c)).unwrap_or(rest.len())
            } else {
                next.len_utf8()
            };
            tokens.push(Token { row: at + 1, text: &rest[..length] });
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Block comments nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// A text in quotes, escapes included.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#`, `b"…"`, `br"…"`, `c"…"`, `b'…'`.
fn prefixed_text(rest: &str) -> Option<usize> {
    let letters = rest.find(|c| !matches!(c, 'r' | 'b' | 'c'))?;
    if letters > 2 {
        return None;
    }
    let (prefix, body) = rest.split_at(letters);
    if prefix.contains('r') {
        let hashes = body.find(|c| c != '#')?;
        if !body[hashes..].starts_with('"') {
            return None;
        }
        let end = format!("\"{}", "#".repeat(hashes));
        let inside = &body[hashes + 1..];
        let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
        return Some(letters + hashes + 1 + length);
    }
    if body.starts_with('"') {
        return Some(letters + quoted(body));
    }
    (prefix == "b" && body.starts_with('\'')).then(|| character(body).map(|length| length + 1)).flatten()
}

/// A character; none when the quote begins a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        let (_, _escaped) = chars.next()?;
        return chars.find(|(_, c)| *c == '\'').map(|(at, _)| at + 1);
    }
    chars.next().filter(|(_, c)| *c == '\'').map(|(at, _)| at + 1)
}

#[test]
fn comments_and_texts_are_no_code() {
    let source = "let a = \"unsafe // no\"; // unsafe\n/* a /* nested */ unsafe */ let b = 'x'; let c = r#\"async\"#;\nfn d<'a>(e: &'a u8) { b\"async\"; b'\\''; '\\n' }";
    let code = without_comments_and_texts(source);
    assert_eq!(code.lines().count(), 3);
    let words: Vec<_> =
        tokens(&code).iter().filter(|token| token.is_word()).map(|token| token.text.to_owned()).collect();
    assert_eq!(words, ["let", "a", "let", "b", "let", "c", "fn", "d", "a", "e", "a", "u8"]);
}
