//! Reads what a package says of its licence and tells whether it goes with ours.
//! The list of those that do is in `supply-chain.toml`.

use std::collections::BTreeSet;

/// An expression (SPDX 2.3, annex D): names, `AND`, `OR`, `WITH` and brackets; `/` as older packages write `OR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Licence {
    /// One licence, with its exception if it has one.
    One(String),
    /// All of them hold.
    All(Vec<Licence>),
    /// The user chooses.
    Any(Vec<Licence>),
}

impl Licence {
    /// Reads an expression; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut rest = words.as_slice();
        let read = any(&mut rest)?;
        rest.is_empty().then_some(read)
    }

    /// Whether it holds with these licences.
    pub fn is_allowed(&self, allowed: &BTreeSet<String>) -> bool {
        match self {
            Self::One(name) => allowed.contains(name),
            Self::All(parts) => parts.iter().all(|part| part.is_allowed(allowed)),
            Self::Any(parts) => parts.iter().any(|part| part.is_allowed(allowed)),
        }
    }

    /// As SPDX writes it today.
    pub fn to_text(&self) -> String {
        let joined = |parts: &[Self], with: &str| {
            let texts = parts.iter().map(|part| match part {
                Self::One(name) => name.clone(),
                Self::All(_) | Self::Any(_) => format!("({})", part.to_text()),
            });
            texts.collect::<Vec<_>>().join(with)
        };
        match self {
            Self::One(name) => name.clone(),
            Self::All(parts) => joined(parts, " AND "),
            Self::Any(parts) => joined(parts, " OR "),
        }
    }
}

/// `OR` binds less than `AND`.
fn any(rest: &mut &[&str]) -> Option<Licence> {
    let mut parts = vec![all(rest)?];
    while take(rest, "OR") {
        parts.push(all(rest)?);
    }
    Some(if parts.len() == 1 { parts.remove(0) } else { Licence::Any(parts) })
}

fn all(rest: &mut &[&str]) -> Option<Licence> {
    let mut parts = vec![one(rest)?];
    while take(rest, "AND") {
        parts.push(one(rest)?);
    }
    Some(if parts.len() == 1 { parts.remove(0) } else { Licence::All(parts) })
}

fn one(rest: &mut &[&str]) -> Option<Licence> {
    if take(rest, "(") {
        let inside = any(rest)?;
        return take(rest, ")").then_some(inside);
    }
    let (name, after) = rest.split_first()?;
    if matches!(*name, "AND" | "OR" | "WITH" | ")") {
        return None;
    }
    *rest = after;
    if take(rest, "WITH") {
        let (exception, after) = rest.split_first()?;
        *rest = after;
        return Some(Licence::One(format!("{name} WITH {exception}")));
    }
    Some(Licence::One((*name).to_owned()))
}

fn take(rest: &mut &[&str], word: &str) -> bool {
    match rest.split_first() {
        Some((first, after)) if *first == word => {
            *rest = after;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_allowed(text: &str) -> bool {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
        Licence::parse(text).unwrap().is_allowed(&allowed)
    }

    #[test]
    fn whoever_may_choose_takes_what_goes_with_ours_and_whoever_must_keep_all_needs_all() {
        assert!(is_allowed("MIT") && is_allowed("MIT/GPL-3.0-only") && is_allowed("GPL-2.0-only OR MIT"));
        assert!(is_allowed("ISC AND (MIT OR GPL-3.0-only)") && is_allowed("Apache-2.0 WITH LLVM-exception OR X"));
        assert!(!is_allowed("MIT AND GPL-3.0-only") && !is_allowed("Apache-2.0") && !is_allowed("ISC AND (X OR Y)"));
        // AND binds more than OR.
        assert!(is_allowed("MIT OR ISC AND GPL-3.0-only"));
    }

    #[test]
    fn what_is_no_expression_is_not_read() {
        for text in ["", "AND", "MIT AND", "(MIT", "MIT)", "MIT ISC", "MIT WITH", "OR MIT"] {
            assert_eq!(Licence::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_expression_is_written_as_it_is_meant() {
        let read = Licence::parse("MIT/Apache-2.0").unwrap();
        assert_eq!(read.to_text(), "MIT OR Apache-2.0");
        let read = Licence::parse("ISC AND (MIT OR X)").unwrap();
        assert_eq!(Licence::parse(&read.to_text()), Some(read));
    }
}
