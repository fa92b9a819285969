//! Gives any bytes to the readers of articles and of the directory, each of which ends with an entry or with a fault and
//! its row, and asks for articles with any words.
//! Mutating bytes and keeping seeds is left to `fuzz/`.

use crate::Library;
use crate::find::OFFERED_MAX;
use caseline_model::{Date, Language};

/// A name, and a reader that must not fall over.
type Target = (&'static str, fn(&[u8]));

/// The fuzz targets of this crate, by name.
pub const TARGETS: &[Target] = &[("articles", articles_never_panic)];

/// A day on which articles may be told.
const TODAY: Date = Date::constant(2026, 11, 20);

/// Reads text as an article and as a directory, and as what somebody typed who looks for an article.
pub fn articles_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut library = Library::default();
    let _ = library.add_article("fuzz.toml", &text);
    let _ = library.add_directory("fuzz.toml", &text);
    for language in [Language::ENGLISH, Language::SPANISH] {
        assert!(library.find(language, &text, TODAY).len() <= OFFERED_MAX, "three at the most are offered");
    }
}
