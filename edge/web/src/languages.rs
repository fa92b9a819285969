//! Which language a page is in when its address does not say: what the browser prefers, of those that we have.
//! The language of a contact is the caller's choice and is left to the conversation.

use axum::http::{HeaderMap, header};
use caseline_conversation::Program;
use caseline_conversation::policy::Level;
use caseline_model::Language;

/// The longest `Accept-Language` that is read, in bytes.
const ACCEPT_LENGTH_MAX: usize = 512;

/// The key whose presence shows that a language has the words of the pages.
const PAGE_KEY_OF_WORDS: &str = "web-leave";

/// The languages that have pages: every full language with the words of the pages, those of the first menu first.
pub(crate) fn page_languages(program: &Program) -> Vec<Language> {
    let policy = &program.policy;
    let mut found: Vec<Language> = Vec::new();
    for language in policy.first_menu.iter().copied().chain(policy.at_level(Level::Full)) {
        let has_words = program.words.key(language, PAGE_KEY_OF_WORDS).is_some();
        if policy.level(language) == Level::Full && has_words && !found.contains(&language) {
            found.push(language);
        }
    }
    if found.is_empty() { vec![Language::ENGLISH] } else { found }
}

/// The best of our languages for a browser (RFC 9110 section 12.5.4); the first one when it names none of them.
pub(crate) fn preferred(headers: &HeaderMap, ours: &[Language]) -> Language {
    let first = ours.first().copied().unwrap_or(Language::ENGLISH);
    let Some(accept) = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()) else {
        return first;
    };
    if accept.len() > ACCEPT_LENGTH_MAX {
        return first;
    }
    let mut best: Option<(u16, Language)> = None;
    for range in accept.split(',') {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim();
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1_000, thousandths);
        let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let Ok(language) = primary.parse::<Language>() else { continue };
        if weight > 0 && ours.contains(&language) && best.is_none_or(|(other, _)| weight > other) {
            best = Some((weight, language));
        }
    }
    best.map_or(first, |found| found.1)
}

fn thousandths(weight: &str) -> u16 {
    weight.trim().parse::<f32>().map_or(0, |value| (value.clamp(0.0, 1.0) * 1_000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    const OURS: [Language; 3] = [Language::ENGLISH, Language::SPANISH, Language::HAITIAN_CREOLE];

    fn for_browser(accept: &str) -> Language {
        let value = HeaderValue::from_str(accept).unwrap();
        preferred(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, value)]), &OURS)
    }

    #[test]
    fn a_browser_in_mexican_spanish_gets_spanish_and_one_in_finnish_the_first_language() {
        assert_eq!(for_browser("es-MX,es;q=0.9,en;q=0.8"), Language::SPANISH);
        assert_eq!(for_browser("en;q=0.5, ht"), Language::HAITIAN_CREOLE);
        assert_eq!(for_browser("fi"), Language::ENGLISH);
        assert_eq!(for_browser("es;q=0"), Language::ENGLISH);
        assert_eq!(preferred(&HeaderMap::new(), &OURS), Language::ENGLISH);
    }

    proptest! {
        #[test]
        fn nothing_that_a_browser_says_makes_it_panic(accept in "[ -~]{0,600}") {
            prop_assert!(OURS.contains(&for_browser(&accept)));
        }
    }
}
