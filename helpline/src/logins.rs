//! The logins of one account, as the person who has it sees them: when each began, when it was last used, by what it was
//! begun, and an end for any of the others.
//! Beginning a login and its own ends are left to `staff` and `openid`, keeping all this to `store`.

use crate::fault::StoreFault;
use crate::staff::Secret;
use async_trait::async_trait;
use caseline_model::Time;
use std::str::FromStr;

type Done<T> = Result<T, StoreFault>;

/// Logins of one account at the same time (ASVS 5.0 7.1.2): a telephone, a computer and some left open. One more ends the
/// one that began first.
pub const LOGINS_MAX: usize = 5;

/// By what a login was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInWay {
    /// A passkey was shown here.
    Passkey,
    /// An identity provider named the person.
    Provider,
}

impl SignInWay {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Provider => "provider",
        }
    }
}

/// Why a text is no way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a login is begun by a passkey or by a provider")]
pub struct SignInWayError;

impl FromStr for SignInWay {
    type Err = SignInWayError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Passkey, Self::Provider].into_iter().find(|way| way.as_str() == text).ok_or(SignInWayError)
    }
}

/// A login that runs, as its own person sees it. Nothing in it could be used instead of the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnLogin {
    /// When it began; by this its person names it.
    pub began_at: Time,
    /// When it was last used, to half a minute.
    pub used_at: Time,
    /// By what it was begun.
    pub way: SignInWay,
    /// It is the login that asks.
    pub is_this: bool,
}

/// What a person may do with the logins of their own account. A verb that returns `Ok` is durable, and its entries are in
/// the log with it.
#[async_trait]
pub trait LoginDesk: Send + Sync {
    /// The logins of this login's account that have not ended, the newest first. None when this one has ended.
    async fn own_logins(&self, now: Time, secret: &Secret) -> Done<Vec<OwnLogin>>;
    /// Ends another login of this login's account, by when it began; with none, all others. A case that the account has
    /// open is closed with them. How many ended.
    async fn end_own_logins(&self, now: Time, secret: &Secret, began_at: Option<Time>) -> Done<usize>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_to_sign_in_reads_back_from_its_word() {
        for way in [SignInWay::Passkey, SignInWay::Provider] {
            assert_eq!(way.as_str().parse(), Ok(way));
        }
        assert_eq!("password".parse::<SignInWay>(), Err(SignInWayError));
    }
}
