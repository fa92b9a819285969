//! Gives any bytes to the reader of golden conversations.
//! Mutating bytes and keeping seeds is left to `fuzz/`.

use crate::script::parse::scripts_never_panic;

/// A name, and a reader that must not fall over.
type Target = (&'static str, fn(&[u8]));

/// The fuzz targets of this crate, by name.
pub const TARGETS: &[Target] = &[("conversation-pages", scripts_never_panic)];
