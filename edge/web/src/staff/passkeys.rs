//! Passkeys: what a browser is asked, and whether its answer holds. User verification is always required: a key that was
//! only touched opens nothing (NIST SP 800-63B-4, 3.2.2).
//! Keeping passkeys is left to the store; the mathematics, to `webauthn-rs`.

use crate::page_key::{PageKey, Purpose};
use caseline_helpline::staff::{AccountId, Passkey, Secret, StaffAccount, StaffHandle};
use caseline_model::Time;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use webauthn_rs::prelude as webauthn;

/// How many people may be about to show a passkey; the oldest gives way.
const UNDER_WAY_MAX: usize = 2_000;

/// How long a browser may take.
const WITHIN: Duration = Duration::from_secs(5 * 60);

/// Checks passkeys, and remembers what it asked whom.
pub(super) struct Passkeys {
    checker: webauthn::Webauthn,
    page_key: PageKey,
    under_way: Mutex<HashMap<[u8; 16], (Time, UnderWay)>>,
}

enum UnderWay {
    Joining(Box<webauthn::PasskeyRegistration>),
    /// The account with its passkeys; none where there is no such account.
    Showing(Option<Shown>),
}

struct Shown {
    account: StaffAccount,
    passkeys: Vec<webauthn::Passkey>,
    state: Box<webauthn::PasskeyAuthentication>,
}

impl Passkeys {
    /// For pages at an address.
    pub(super) fn new(address: &str, is_local: bool, name: &str, page_key: PageKey) -> Result<Self, String> {
        let origin = webauthn::Url::parse(address).map_err(|error| error.to_string())?;
        let host = origin.host_str().ok_or("it has no host")?.to_owned();
        let checker = webauthn::WebauthnBuilder::new(&host, &origin)
            // On this machine the port may be any free one; localhost is nobody else's.
            .map(|builder| builder.rp_name(name).allow_any_port(is_local).timeout(WITHIN))
            .and_then(webauthn::WebauthnBuilder::build)
            .map_err(|error| error.to_string())?;
        Ok(Self { checker, page_key, under_way: Mutex::default() })
    }

    /// What a browser is asked to make a new passkey.
    pub(super) fn ask_new(&self, now: Time, held: &Secret, account: &StaffAccount) -> Option<String> {
        let id = webauthn::Uuid::from_bytes(account.id.to_bytes());
        let handle = account.handle.as_str();
        let (asked, state) = self
            .checker
            .start_passkey_registration(id, handle, handle, None)
            .inspect_err(|error| tracing::error!(%error, "no passkey can be asked for"))
            .ok()?;
        self.remember(now, held, UnderWay::Joining(Box::new(state)));
        options(&asked)
    }

    /// The passkey that a browser made; none when its answer does not hold.
    pub(super) fn made(&self, now: Time, held: &Secret, answer: &str) -> Option<Passkey> {
        let UnderWay::Joining(state) = self.take(now, held)? else { return None };
        let answer: webauthn::RegisterPublicKeyCredential = serde_json::from_str(answer).ok()?;
        let made = self
            .checker
            .finish_passkey_registration(&answer, &state)
            .inspect_err(|error| tracing::debug!(%error, "a new passkey does not hold"))
            .ok()?;
        kept(&made)
    }

    /// What a browser is asked to show a passkey. For a handle of nobody it is asked the same, for a passkey that there
    /// is not.
    pub(super) fn ask(
        &self,
        now: Time,
        held: &Secret,
        handle: &StaffHandle,
        found: Option<(StaffAccount, Vec<Passkey>)>,
    ) -> Option<String> {
        let known = found.and_then(|(account, passkeys)| {
            let passkeys: Vec<webauthn::Passkey> =
                passkeys.iter().filter_map(|kept| serde_json::from_str(&kept.public).ok()).collect();
            (!passkeys.is_empty()).then_some((account, passkeys))
        });
        let passkeys = known.as_ref().map(|(_, passkeys)| passkeys.clone()).unwrap_or_default();
        let (asked, state) = self
            .checker
            .start_passkey_authentication(&passkeys)
            .inspect_err(|error| tracing::error!(%error, "no passkey can be asked for"))
            .ok()?;
        let shown = known.map(|(account, passkeys)| Shown { account, passkeys, state: Box::new(state) });
        let is_nobody = shown.is_none();
        self.remember(now, held, UnderWay::Showing(shown));
        let mut asked = serde_json::to_value(&asked).ok()?;
        let of_nobody = asked.get_mut("publicKey").filter(|_| is_nobody);
        if let Some(Value::Object(asked)) = of_nobody {
            let id = self.page_key.seal(Purpose::StaffNobody, &[handle.as_str().as_bytes()]);
            asked.insert("allowCredentials".into(), json!([{ "type": "public-key", "id": id }]));
        }
        asked.get("publicKey").map(Value::to_string)
    }

    /// Whose passkey a browser showed, and the passkey as it is after its use; none when its answer does not hold.
    pub(super) fn shown(&self, now: Time, held: &Secret, answer: &str) -> Option<(AccountId, Passkey)> {
        let UnderWay::Showing(Some(mut shown)) = self.take(now, held)? else { return None };
        let answer: webauthn::PublicKeyCredential = serde_json::from_str(answer).ok()?;
        let result = self
            .checker
            .finish_passkey_authentication(&answer, &shown.state)
            .inspect_err(|error| tracing::debug!(%error, "a passkey does not hold"))
            .ok()?;
        if !result.user_verified() {
            return None;
        }
        let passkey = shown.passkeys.iter_mut().find(|passkey| passkey.cred_id() == result.cred_id())?;
        passkey.update_credential(&result)?;
        Some((shown.account.id, kept(passkey)?))
    }

    fn remember(&self, now: Time, held: &Secret, what: UnderWay) {
        let mut under_way = self.under_way();
        under_way.retain(|_, (asked_at, _)| now.since(*asked_at) < WITHIN);
        if under_way.len() >= UNDER_WAY_MAX {
            let oldest = under_way.iter().min_by_key(|(_, (asked_at, _))| *asked_at).map(|(held, _)| *held);
            oldest.and_then(|oldest| under_way.remove(&oldest));
        }
        under_way.insert(*held.bytes(), (now, what));
    }

    /// What was asked of a browser, once.
    fn take(&self, now: Time, held: &Secret) -> Option<UnderWay> {
        let (asked_at, what) = self.under_way().remove(held.bytes())?;
        (now.since(asked_at) < WITHIN).then_some(what)
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<[u8; 16], (Time, UnderWay)>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kept(passkey: &webauthn::Passkey) -> Option<Passkey> {
    let public = serde_json::to_string(passkey).ok()?;
    Some(Passkey { credential: passkey.cred_id().clone(), public })
}

fn options(asked: &webauthn::CreationChallengeResponse) -> Option<String> {
    serde_json::to_value(asked).ok()?.get("publicKey").map(Value::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use caseline_helpline::policy::StaffRole;

    fn passkeys() -> Passkeys {
        Passkeys::new("http://localhost:8080", true, "Made-Up Helpline", PageKey::new([3; 32])).unwrap()
    }

    #[test]
    fn a_browser_is_asked_the_same_for_nobody_and_always_for_verification() {
        let passkeys = passkeys();
        let (now, held) = (Time::from_micros(0), Secret::from_random(1));
        let handle: StaffHandle = "nobody".parse().unwrap();
        let ask = || passkeys.ask(now, &held, &handle, None).unwrap();
        let (one, two): (Value, Value) = (serde_json::from_str(&ask()).unwrap(), serde_json::from_str(&ask()).unwrap());
        assert_eq!(one["allowCredentials"], two["allowCredentials"], "the same each time");
        assert_ne!(one["challenge"], two["challenge"]);
        assert_eq!(one["userVerification"], "required");
        assert_eq!(one["rpId"], "localhost");
        assert!(passkeys.shown(now, &held, "{}").is_none());
    }

    #[test]
    fn a_new_passkey_must_verify_its_holder_and_is_asked_for_once() {
        let passkeys = passkeys();
        let (now, held) = (Time::from_micros(0), Secret::from_random(1));
        let account = StaffAccount {
            id: AccountId::from_random(5),
            handle: "desk-1".parse().unwrap(),
            role: StaffRole::Navigator,
            ends_at: None,
            has_joined: false,
        };
        let asked: Value = serde_json::from_str(&passkeys.ask_new(now, &held, &account).unwrap()).unwrap();
        assert_eq!(asked["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(asked["user"]["name"], "desk-1");
        assert!(passkeys.made(now, &held, "not even JSON").is_none());
        assert!(passkeys.take(now, &held).is_none(), "an answer that does not hold uses it up");
        passkeys.ask_new(now, &held, &account).unwrap();
        assert!(passkeys.take(now.plus(WITHIN), &held).is_none(), "it was too late");
    }

    #[test]
    fn a_flood_of_askers_is_bounded() {
        let passkeys = passkeys();
        let handle: StaffHandle = "nobody".parse().unwrap();
        for n in 0..UNDER_WAY_MAX + 50 {
            let now = Time::from_micros(n as i64);
            passkeys.ask(now, &Secret::from_random(n as u128), &handle, None).unwrap();
        }
        assert_eq!(passkeys.under_way().len(), UNDER_WAY_MAX);
    }
}
