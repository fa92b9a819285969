//! What the desk refuses is written to the log of the program: the role, the page as its route has it, and why; never an
//! address as it was asked for, a form's field or a handle.
//! Whether something is refused is left to `gate` and to the pages; entries in the line's own log, to the store.

use caseline_helpline::policy::StaffRole;
use caseline_model::Time;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Rows of one reason in an hour; what comes on top is counted, and the count is told once the hour is over.
const ROWS_AN_HOUR_MAX: u32 = 60;

/// Entries in the line's own log in an hour, for what the policy refused to a role.
const ENTRIES_AN_HOUR_MAX: u32 = 600;

const HOUR: Duration = Duration::from_secs(3_600);

/// Why something was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Nobody is signed in in this browser, or no longer.
    NotSignedIn,
    /// The policy does not name the role.
    Role,
    /// The passkey was shown too long ago.
    OldProof,
    /// The form is not one that this browser got from us.
    StrangeForm,
    /// The form is longer than any of ours.
    TooLong,
    /// There is no row for the page.
    NoRow,
    /// A passkey was shown that is not taken.
    Passkey,
    /// An invitation was used that does not work.
    Invitation,
    /// The identity provider named nobody, or nobody of ours.
    Provider,
}

impl Why {
    const ALL: [Self; 9] = [
        Self::NotSignedIn,
        Self::Role,
        Self::OldProof,
        Self::StrangeForm,
        Self::TooLong,
        Self::NoRow,
        Self::Passkey,
        Self::Invitation,
        Self::Provider,
    ];

    /// The word in the log.
    const fn as_str(self) -> &'static str {
        match self {
            Self::NotSignedIn => "not-signed-in",
            Self::Role => "role",
            Self::OldProof => "old-proof",
            Self::StrangeForm => "strange-form",
            Self::TooLong => "too-long",
            Self::NoRow => "no-row",
            Self::Passkey => "passkey",
            Self::Invitation => "invitation",
            Self::Provider => "provider",
        }
    }
}

/// How much was refused in this hour, by reason: a flood of one kind hides none of another.
#[derive(Default)]
pub(super) struct Refusals(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    since: Option<Time>,
    rows: [u32; Why::ALL.len()],
}

impl Refusals {
    /// Writes a refusal down, unless there were too many of its kind. Whether it is to be an entry in the line's own log
    /// too, where it is somebody's.
    pub(super) fn note(&self, now: Time, why: Why, role: Option<StaffRole>, route: &str) -> bool {
        let (count, over) = self.0.lock().unwrap_or_else(PoisonError::into_inner).count(now, why);
        for (why, unwritten) in over {
            tracing::warn!(why = why.as_str(), unwritten, "the desk refused more than is written down in an hour");
        }
        if count <= ROWS_AN_HOUR_MAX {
            let role = role.map_or("none", StaffRole::as_str);
            tracing::warn!(why = why.as_str(), role, route, "the desk refused");
        }
        count <= ENTRIES_AN_HOUR_MAX
    }
}

impl Counted {
    /// Which one of its kind in this hour it is; and what the hour before did not write, if it is over.
    fn count(&mut self, now: Time, why: Why) -> (u32, Vec<(Why, u32)>) {
        let mut over = Vec::new();
        if self.since.is_none_or(|since| now.since(since) >= HOUR || now < since) {
            let unwritten = |(why, count): (Why, u32)| (why, count.saturating_sub(ROWS_AN_HOUR_MAX));
            over.extend(Why::ALL.into_iter().zip(self.rows).map(unwritten).filter(|(_, count)| *count > 0));
            *self = Self { since: Some(now), ..Self::default() };
        }
        let count = &mut self.rows[why as usize];
        *count = count.saturating_add(1);
        (*count, over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_kind_hides_no_other_and_is_told_as_a_count() {
        let start = Time::from_micros(1_000_000);
        let mut counted = Counted::default();
        for n in 1..=ENTRIES_AN_HOUR_MAX + 5 {
            assert_eq!(counted.count(start, Why::NotSignedIn), (n, Vec::new()));
        }
        assert_eq!(counted.count(start, Why::Role), (1, Vec::new()));
        let unwritten = ENTRIES_AN_HOUR_MAX + 5 - ROWS_AN_HOUR_MAX;
        let later = counted.count(start.plus(HOUR), Why::Role);
        assert_eq!(later, (1, vec![(Why::NotSignedIn, unwritten)]), "a new hour");
        for (at, why) in Why::ALL.into_iter().enumerate() {
            assert_eq!(why as usize, at);
        }
    }
}
