//! The people of the desk by an identity provider that they have already: whom it names opens the account that an
//! invitation bound to that name, and no other.
//! Talking to the provider and checking what it says are left to `web`, keeping it to `store`.

use crate::fault::StoreFault;
use crate::staff::{LoginSession, Secret, StaffAccount};
use async_trait::async_trait;
use caseline_model::Time;
use std::fmt;

type Done<T> = Result<T, StoreFault>;

/// Whom a provider names: its own id of the person, which is no name and no address. Kept as a keyed mark alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenidSubject {
    /// The provider (`iss`).
    pub issuer: String,
    /// The person, as the provider numbers them (`sub`).
    pub subject: String,
}

impl OpenidSubject {
    /// The bytes of which the mark is made: no two pairs have the same.
    pub fn bytes(&self) -> Vec<u8> {
        let length = (self.issuer.len() as u64).to_be_bytes();
        [&length, self.issuer.as_bytes(), self.subject.as_bytes()].concat()
    }
}

impl fmt::Debug for OpenidSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenidSubject")
    }
}

/// What is kept for those who sign in by a provider. A verb that returns `Ok` is durable, and its entry is in the log.
#[async_trait]
pub trait OpenidDesk: Send + Sync {
    /// Uses an invitation up: whom the provider names is the account's from now on, in place of whom it named before.
    /// None when the invitation does not work.
    ///
    /// # Errors
    /// `NotAllowed` when the provider's person has another account: nobody confirms their own cards.
    async fn join_staff_openid(
        &self,
        now: Time,
        secret: &Secret,
        subject: &OpenidSubject,
    ) -> Done<Option<StaffAccount>>;
    /// Begins a login of the account of whom the provider named; none when there is no such account. `proved_at`: when
    /// they showed themselves to the provider, which counts as a passkey shown then; none: long ago. Where the account has
    /// as many logins as it may, the one that began first ends.
    async fn begin_login_openid(
        &self,
        now: Time,
        subject: &OpenidSubject,
        secret: &Secret,
        proved_at: Option<Time>,
    ) -> Done<Option<LoginSession>>;
    /// The provider asked the person of this login anew. None when it is another person, or the login has ended.
    async fn prove_login_openid(
        &self,
        now: Time,
        secret: &Secret,
        subject: &OpenidSubject,
    ) -> Done<Option<LoginSession>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_pairs_have_the_same_bytes_and_none_prints() {
        let of = |issuer: &str, subject: &str| OpenidSubject { issuer: issuer.into(), subject: subject.into() };
        assert_ne!(of("https://a", "b1").bytes(), of("https://ab", "1").bytes());
        assert_eq!(format!("{:?}", of("https://a", "b1")), "OpenidSubject");
    }
}
