//! Gives any bytes to the readers of articles and of the directory: each ends with an entry or with a fault and its row.
//! Mutating bytes and keeping seeds is left to `fuzz/`.

use crate::Library;

/// A name, and a reader that must not fall over.
type Target = (&'static str, fn(&[u8]));

/// The fuzz targets of this crate, by name.
pub const TARGETS: &[Target] = &[("articles", articles_never_panic)];

/// Reads text as an article and as a directory.
pub fn articles_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut library = Library::default();
    let _ = library.add_article("fuzz.toml", &text);
    let _ = library.add_directory("fuzz.toml", &text);
}
