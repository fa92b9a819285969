//! Who reviewed a text and until when that holds. Nothing in the repository is reviewed: a review names a real person of
//! the operator.
//! Refusing to speak what is not reviewed is left to the checker and the program.

use caseline_model::Date;
use serde::Deserialize;

/// One review, from `words/<language>/reviews.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Review {
    /// Who looked at it.
    pub reviewer: String,
    /// When.
    pub reviewed_on: Date,
    /// Until when that holds.
    pub expires_on: Date,
    /// The hash of the English text that was translated.
    pub source_hash: String,
    /// The hash of the text that was looked at.
    pub text_hash: String,
}

/// The state of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReviewState {
    /// Nobody looked at it.
    Draft,
    /// A named person did, and it still holds.
    Reviewed,
    /// The review ran out.
    Expired,
    /// The English text, or this one, changed since.
    Stale,
}

impl Review {
    /// The state on a day, given the English source and the text itself.
    pub fn state(&self, source: &str, own: &str, today: Date) -> ReviewState {
        if self.source_hash != text_hash(source) || self.text_hash != text_hash(own) {
            ReviewState::Stale
        } else if today > self.expires_on {
            ReviewState::Expired
        } else {
            ReviewState::Reviewed
        }
    }
}

/// A short hash of a text: FNV-1a of 64 bits over the text with white space folded. It tells that a text changed; it
/// guards against nobody.
pub fn text_hash(text: &str) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let hash = folded
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_translation_whose_source_changed_is_stale() {
        let review = Review {
            reviewer: "a made-up reviewer".into(),
            reviewed_on: date(2026, 1, 1),
            expires_on: date(2026, 12, 31),
            source_hash: text_hash("Press 1"),
            text_hash: text_hash("Oprima 1"),
        };
        assert_eq!(review.state("Press  1", "Oprima 1", date(2026, 6, 1)), ReviewState::Reviewed);
        assert_eq!(review.state("Press 2", "Oprima 1", date(2026, 6, 1)), ReviewState::Stale);
        assert_eq!(review.state("Press 1", "Oprima 2", date(2026, 6, 1)), ReviewState::Stale);
        assert_eq!(review.state("Press 1", "Oprima 1", date(2027, 1, 1)), ReviewState::Expired);
    }
}
