//! The wrapper for what belongs to a person: it prints as its type's name, always, in every build.
//! Who may reveal it is a matter of policy, in `helpline`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A value that belongs to a person. `Debug` and `Display` print the type's name and nothing of the value, so a log
/// row, a panic or an error text cannot carry it. A search for `.reveal()` is the privacy review.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Wraps a value as soon as it is heard.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The only way in. Call it where the value is used, never to pass it on unwrapped.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// Gives the value up to an owner that keeps it wrapped in a type of its own (a sealed blob, a packet).
    pub fn into_revealed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Private<{}>", short_type_name::<T>())
    }
}

impl<T> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

fn short_type_name<T>() -> &'static str {
    let whole = std::any::type_name::<T>();
    whole.rsplit("::").next().unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_person_never_prints() {
        let number = Private::new(String::from("000-000-137"));
        assert_eq!(format!("{number:?} {number} {number:#?}"), "Private<String> Private<String> Private<String>");
    }
}
