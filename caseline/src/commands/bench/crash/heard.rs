//! What one caller heard of what they came for, to their own ears: that it is saved, that it is not, or nothing.
//! Getting it is left to `chat` and `telephone`; adding it up, to `each_io`.

/// Honest words that it did not work, by their keys: that nothing was saved, or that something went wrong on our side.
pub const NOT_SAVED: [&str; 5] =
    ["callback-not-saved", "message-not-saved", "remind-not-set", "not-possible-now", "apology"];

/// What a caller heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is saved.
    Saved,
    /// It is not: in these words.
    NotSaved(&'static str),
    /// A page of the line that says in words that it does not work now, with this status.
    Notice(u16),
    /// A command that ended with a sentence that says why.
    Refused,
    /// Neither, and what they met instead.
    Nothing(String),
}

impl Heard {
    /// What a command said in its last row before it ended otherwise than well.
    pub fn of_command(row: String) -> Self {
        if row.is_empty() || row.contains("panicked") || row.contains("RUST_BACKTRACE") {
            return Self::Nothing(row);
        }
        Self::Refused
    }

    /// Whether the caller knows where they stand.
    pub const fn is_honest(&self) -> bool {
        !matches!(self, Self::Nothing(_))
    }

    /// In reports.
    pub fn word(&self) -> String {
        match self {
            Self::Saved => "saved".to_owned(),
            Self::NotSaved(key) => (*key).to_owned(),
            Self::Notice(status) => format!("a page with {status}"),
            Self::Refused => "ended with a sentence".to_owned(),
            Self::Nothing(what) => format!("nothing: {what}"),
        }
    }
}
