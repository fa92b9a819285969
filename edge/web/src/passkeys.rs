//! Passkeys of callers and of the desk: what a browser is asked, and whether its answer holds. User verification is always
//! required: a key that was only touched opens nothing (NIST SP 800-63B-4, 3.2.2).
//! Keeping passkeys is left to the store; the mathematics, to `webauthn-rs`, which no other file names.

use crate::page_key::{PageKey, Purpose};
use caseline_helpline::ports::ShownPasskey;
use caseline_helpline::staff::{AccountId, Passkey, StaffAccount, StaffHandle};
use caseline_model::Time;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use webauthn_rs::prelude as webauthn;

/// The script of every page that asks a device for a passkey.
pub(crate) const SCRIPT: &str = include_str!("../templates/passkey.js");

/// How many people may be about to show a passkey; the oldest gives way.
const UNDER_WAY_MAX: usize = 5_000;

/// How long a browser may take.
const WITHIN: Duration = Duration::from_secs(5 * 60);

/// Who is asked: the sixteen bytes of a cookie of the desk, or of a contact.
pub(crate) type Held = [u8; 16];

/// Checks passkeys, and remembers what it asked whom.
pub(crate) struct Passkeys {
    checker: webauthn::Webauthn,
    page_key: PageKey,
    under_way: Mutex<HashMap<Held, (Time, UnderWay)>>,
}

enum UnderWay {
    Joining(Box<webauthn::PasskeyRegistration>),
    /// The account with its passkeys; none where there is no such account.
    Showing(Option<Shown>),
    /// Whatever passkey the device has for this page: whose it is, the store finds out.
    ShowingAny(Box<webauthn::DiscoverableAuthentication>),
}

struct Shown {
    account: StaffAccount,
    passkeys: Vec<webauthn::Passkey>,
    state: Box<webauthn::PasskeyAuthentication>,
}

impl Passkeys {
    /// For pages at an address.
    pub(crate) fn new(address: &str, is_local: bool, name: &str, page_key: PageKey) -> Result<Self, String> {
        let origin = webauthn::Url::parse(address).map_err(|error| error.to_string())?;
        let host = origin.host_str().ok_or("it has no host")?.to_owned();
        let checker = webauthn::WebauthnBuilder::new(&host, &origin)
            // On this machine the port may be any free one; localhost is nobody else's.
            .map(|builder| builder.rp_name(name).allow_any_port(is_local).timeout(WITHIN))
            .and_then(webauthn::WebauthnBuilder::build)
            .map_err(|error| error.to_string())?;
        Ok(Self { checker, page_key, under_way: Mutex::default() })
    }

    /// The host to which passkeys of these pages are bound.
    pub(crate) fn host(&self) -> Option<&str> {
        self.checker.get_allowed_origins().first().and_then(webauthn::Url::host_str)
    }

    /// What a browser is asked to make a passkey for a case. The device lists it under the host of the page, and what it
    /// is called there is the host again: the list tells nobody what it is for. The handle is random and kept nowhere.
    pub(crate) fn ask_neutral(&self, now: Time, held: &Held, random: u128) -> Option<String> {
        let host = self.host()?.to_owned();
        let (asked, state) = self
            .checker
            .start_passkey_registration(webauthn::Uuid::from_bytes(random.to_be_bytes()), &host, &host, None)
            .inspect_err(|error| tracing::error!(%error, "no passkey can be asked for"))
            .ok()?;
        self.remember(now, held, UnderWay::Joining(Box::new(state)));
        let mut asked = serde_json::to_value(asked).ok()?.get("publicKey")?.clone();
        if let Some(Value::Object(party)) = asked.get_mut("rp") {
            party.insert("name".into(), json!(host));
        }
        // It is found without a name that anybody would have to type (Web Authentication Level 3, 5.4.6).
        if let Some(Value::Object(wanted)) = asked.get_mut("authenticatorSelection") {
            wanted.insert("residentKey".into(), json!("required"));
            wanted.insert("requireResidentKey".into(), json!(true));
        }
        Some(asked.to_string())
    }

    /// What a browser is asked to show whatever passkey it has for this page.
    pub(crate) fn ask_any(&self, now: Time, held: &Held) -> Option<String> {
        let (asked, state) = self
            .checker
            .start_discoverable_authentication()
            .inspect_err(|error| tracing::error!(%error, "no passkey can be asked for"))
            .ok()?;
        self.remember(now, held, UnderWay::ShowingAny(Box::new(state)));
        serde_json::to_value(asked).ok()?.get("publicKey").map(Value::to_string)
    }

    /// What a browser showed, to be compared with what the store has of it. None when it is no such answer, or nothing was
    /// asked of this browser, or too long ago: then nothing was tried.
    pub(crate) fn any_shown(self: &Arc<Self>, now: Time, held: &Held, answer: &str) -> Option<Box<dyn ShownPasskey>> {
        let answer: webauthn::PublicKeyCredential = serde_json::from_str(answer).ok()?;
        let UnderWay::ShowingAny(state) = self.take(now, held)? else { return None };
        Some(Box::new(ShownByBrowser { passkeys: Arc::clone(self), answer, state }))
    }

    /// What a browser is asked to make a new passkey.
    pub(crate) fn ask_new(&self, now: Time, held: &Held, account: &StaffAccount) -> Option<String> {
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
    pub(crate) fn made(&self, now: Time, held: &Held, answer: &str) -> Option<Passkey> {
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
    pub(crate) fn ask(
        &self,
        now: Time,
        held: &Held,
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
    pub(crate) fn shown(&self, now: Time, held: &Held, answer: &str) -> Option<(AccountId, Passkey)> {
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

    fn remember(&self, now: Time, held: &Held, what: UnderWay) {
        let mut under_way = self.under_way();
        under_way.retain(|_, (asked_at, _)| now.since(*asked_at) < WITHIN);
        if under_way.len() >= UNDER_WAY_MAX {
            let oldest = under_way.iter().min_by_key(|(_, (asked_at, _))| *asked_at).map(|(held, _)| *held);
            oldest.and_then(|oldest| under_way.remove(&oldest));
        }
        under_way.insert(*held, (now, what));
    }

    /// What was asked of a browser, once.
    fn take(&self, now: Time, held: &Held) -> Option<UnderWay> {
        let (asked_at, what) = self.under_way().remove(held)?;
        (now.since(asked_at) < WITHIN).then_some(what)
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Held, (Time, UnderWay)>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A passkey that a browser showed, with what was asked of it.
struct ShownByBrowser {
    passkeys: Arc<Passkeys>,
    answer: webauthn::PublicKeyCredential,
    state: Box<webauthn::DiscoverableAuthentication>,
}

impl ShownPasskey for ShownByBrowser {
    fn credential(&self) -> &[u8] {
        &self.answer.raw_id
    }

    fn fits(&self, public: &str) -> Option<String> {
        let mut passkey: webauthn::Passkey = serde_json::from_str(public).ok()?;
        let state = webauthn::DiscoverableAuthentication::clone(&self.state);
        let result = self
            .passkeys
            .checker
            .finish_discoverable_authentication_v2(&self.answer, state, &passkey)
            .inspect_err(|error| tracing::debug!(%error, "a passkey does not hold"))
            .ok()?;
        if !result.user_verified() {
            return None;
        }
        passkey.update_credential(&result)?;
        kept(&passkey).map(|kept| kept.public)
    }
}

fn kept(passkey: &webauthn::Passkey) -> Option<Passkey> {
    let public = serde_json::to_string(passkey).ok()?;
    Some(Passkey { credential: passkey.cred_id().clone(), public })
}

fn options(asked: &webauthn::CreationChallengeResponse) -> Option<String> {
    serde_json::to_value(asked).ok()?.get("publicKey").map(Value::to_string)
}

/// Gives text as the answer of a browser that was asked for a new passkey, and as one that shows a passkey. A fuzz
/// target; nothing of a fuzzer knows a challenge, so none holds.
pub(crate) fn passkeys_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = serde_json::from_str::<webauthn::PublicKeyCredential>(&text);
    let _ = serde_json::from_str::<webauthn::Passkey>(&text);
    let key = PageKey::new([3; 32]);
    let Ok(passkeys) = Passkeys::new("http://localhost:8080", true, "Made-Up Helpline", key) else { return };
    let id = webauthn::Uuid::from_bytes([5; 16]);
    let (now, held) = (Time::from_micros(0), 1_u128.to_be_bytes());
    if let Ok((_, state)) = passkeys.checker.start_passkey_registration(id, "desk-1", "desk-1", None) {
        passkeys.remember(now, &held, UnderWay::Joining(Box::new(state)));
        assert!(passkeys.made(now, &held, &text).is_none(), "no answer to a challenge that it does not know");
    }
    let passkeys = Arc::new(passkeys);
    if passkeys.ask_any(now, &held).is_some()
        && let Some(shown) = passkeys.any_shown(now, &held, &text)
    {
        let _ = shown.credential();
        // What the store keeps is the same text: whatever it is, nobody showed that.
        assert!(shown.fits(&text).is_none(), "no answer to a challenge that it does not know");
    }
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
        let (now, held) = (Time::from_micros(0), 1_u128.to_be_bytes());
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
        let (now, held) = (Time::from_micros(0), 1_u128.to_be_bytes());
        let account = StaffAccount {
            id: AccountId::from_random(5),
            handle: "desk-1".parse().unwrap(),
            role: StaffRole::Navigator,
            ends_at: None,
            desk: None,
            deputy: None,
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
    fn a_device_is_told_nothing_of_what_its_passkey_is_for() {
        let (passkeys, held) = (passkeys(), 1_u128.to_be_bytes());
        let now = Time::from_micros(0);
        let ask = |random| passkeys.ask_neutral(now, &held, random).unwrap();
        let asked: Value = serde_json::from_str(&ask(3)).unwrap();
        for place in ["/rp/id", "/rp/name", "/user/name", "/user/displayName"] {
            assert_eq!(asked.pointer(place).unwrap(), "localhost", "{place}");
        }
        assert_eq!(asked["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(asked["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(asked["attestation"], "none");
        let other: Value = serde_json::from_str(&ask(4)).unwrap();
        assert_ne!(asked["user"]["id"], other["user"]["id"], "two of them are not told to be of one person");
        let shown: Value = serde_json::from_str(&passkeys.ask_any(now, &held).unwrap()).unwrap();
        assert_eq!((&shown["allowCredentials"], &shown["userVerification"]), (&json!([]), &json!("required")));
    }

    #[test]
    fn a_flood_of_askers_is_bounded() {
        let passkeys = passkeys();
        let handle: StaffHandle = "nobody".parse().unwrap();
        for n in 0..UNDER_WAY_MAX + 50 {
            let now = Time::from_micros(n as i64);
            passkeys.ask(now, &(n as u128).to_be_bytes(), &handle, None).unwrap();
        }
        assert_eq!(passkeys.under_way().len(), UNDER_WAY_MAX);
    }
}
