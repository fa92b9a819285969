//! The people of the desk, in the model.
//! The same rules as `sqlite/staff.rs`; secrets are kept as they are, since the model ends with its process.

use super::{Done, MemoryStore, Model};
use async_trait::async_trait;
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::cards::{CardHandOver, RepresentativeCard};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::logins::SignInWay;
use caseline_helpline::openid::OpenidSubject;
use caseline_helpline::retention::DataClass;
use caseline_helpline::staff::{
    ACCOUNTS_MAX, AccountId, Actor, CARDS_A_DAY_MAX, INVITE_LASTS, LOGIN_IDLE_MAX, LoginSession, NewInvite,
    PASSKEY_LENGTH_MAX, PASSKEYS_MAX, Passkey, Secret, StaffAccount, StaffDeed, StaffHandle, StaffStore,
};
use caseline_helpline::tickets::DeskNumber;
use caseline_model::{CardCode, Private, Time};
use std::collections::BTreeMap;

/// Accounts, invitations and logins.
#[derive(Default)]
pub(super) struct Desk {
    accounts: BTreeMap<AccountId, Account>,
    invites: BTreeMap<[u8; 16], (AccountId, Time)>,
    pub(super) logins: BTreeMap<[u8; 16], Login>,
    /// Whom a provider names, by the account that it opens.
    pub(super) subjects: BTreeMap<OpenidSubject, AccountId>,
}

struct Account {
    account: StaffAccount,
    was_ended: bool,
    /// The day on which it was ended.
    ended_day: Option<u32>,
    passkeys: Vec<Passkey>,
    cards: (u32, u32),
    openings: (u32, u32),
}

pub(super) struct Login {
    pub(super) account: AccountId,
    pub(super) began_at: Time,
    pub(super) used_at: Time,
    proved_at: Time,
    pub(super) goes_at: Time,
    pub(super) way: SignInWay,
}

impl Desk {
    /// What the operator calls an account.
    pub(super) fn handle_of(&self, id: AccountId) -> Option<StaffHandle> {
        self.accounts.get(&id).map(|kept| kept.account.handle.clone())
    }

    /// The account that has this number, whether it runs or not.
    pub(super) fn id_of_desk(&self, desk: DeskNumber) -> Option<AccountId> {
        self.accounts.iter().find(|(_, kept)| kept.account.desk == Some(desk)).map(|(id, _)| *id)
    }

    /// One more opening of an account today; `false` when it has had its share.
    pub(super) fn count_opening(&mut self, now: Time, id: AccountId, most: u32) -> bool {
        let Some(kept) = self.accounts.get_mut(&id) else { return false };
        let before = if kept.openings.0 == now.day() { kept.openings.1 } else { 0 };
        if before >= most {
            return false;
        }
        kept.openings = (now.day(), before + 1);
        true
    }

    pub(super) fn set_deputy(&mut self, id: AccountId, deputy: Option<AccountId>) {
        if let Some(kept) = self.accounts.get_mut(&id) {
            kept.account.deputy = deputy;
        }
    }

    /// Nobody has this account as their deputy any more.
    fn drop_deputy(&mut self, id: AccountId) {
        for kept in self.accounts.values_mut() {
            kept.account.deputy = kept.account.deputy.filter(|deputy| *deputy != id);
        }
    }

    pub(super) fn running(&self, now: Time, id: AccountId) -> Option<StaffAccount> {
        let kept = self.accounts.get(&id)?;
        let account = StaffAccount { has_joined: self.has_joined(kept), ..kept.account.clone() };
        (!kept.was_ended && !account.is_over(now)).then_some(account)
    }

    pub(super) fn id_of(&self, handle: &StaffHandle) -> Option<AccountId> {
        self.accounts.iter().find(|(_, kept)| kept.account.handle == *handle).map(|(id, _)| *id)
    }

    pub(super) fn login(&self, now: Time, secret: &Secret) -> Option<LoginSession> {
        let login = self.logins.get(secret.bytes()).filter(|login| login.goes_at > now)?;
        let account = self.running(now, login.account)?;
        Some(LoginSession { account, began_at: login.began_at, proved_at: login.proved_at })
    }

    fn has_joined(&self, kept: &Account) -> bool {
        !kept.passkeys.is_empty() || self.subjects.values().any(|account| *account == kept.account.id)
    }

    pub(super) fn invited(&self, now: Time, secret: &Secret) -> Option<StaffAccount> {
        let (id, _) = self.invites.get(secret.bytes()).filter(|(_, until)| *until > now)?;
        self.running(now, *id)
    }

    pub(super) fn drop_invites(&mut self, id: AccountId) {
        self.invites.retain(|_, (account, _)| *account != id);
    }

    pub(super) fn keep_login(&mut self, secret: &Secret, login: &LoginSession, way: SignInWay) {
        let LoginSession { account, began_at, proved_at } = login;
        let goes_at = began_at.plus(LOGIN_IDLE_MAX);
        let (account, began_at, proved_at) = (account.id, *began_at, *proved_at);
        self.logins.insert(*secret.bytes(), Login { account, began_at, used_at: began_at, proved_at, goes_at, way });
    }

    pub(super) fn prove(&mut self, now: Time, secret: &Secret) {
        if let Some(kept) = self.logins.get_mut(secret.bytes()) {
            kept.proved_at = now;
        }
    }

    fn keep_use_of(&mut self, id: AccountId, shown: &Passkey, doing: &'static str) -> Done<()> {
        let over = StoreFault::NotAllowed { doing, why: crate::WHY_STAFF_OVER };
        let passkeys = &mut self.accounts.get_mut(&id).ok_or(StoreFault::Sealed { doing })?.passkeys;
        let kept = passkeys.iter_mut().find(|kept| kept.credential == shown.credential).ok_or(over)?;
        kept.public.clone_from(&shown.public);
        Ok(())
    }

    /// How many invitations and logins are due to go, and are gone now.
    pub(super) fn delete_due(&mut self, now: Time) -> usize {
        let before = self.invites.len() + self.logins.len();
        self.invites.retain(|_, (_, until)| *until > now);
        self.logins.retain(|_, login| login.goes_at > now);
        before - self.invites.len() - self.logins.len()
    }

    /// The accounts that went, whose time after their end is over.
    pub(super) fn delete_due_accounts(&mut self, now: Time) -> Vec<AccountId> {
        let kept_for = DataClass::StaffAccount.kept();
        let is_over = |at: Time| at.plus(kept_for) <= now;
        let due = self.accounts.extract_if(.., |_, kept| {
            let is_due = kept.ended_day.is_some_and(|day| is_over(crate::rules::day_start(day)));
            is_due || kept.account.ends_at.is_some_and(is_over)
        });
        let gone: Vec<AccountId> = due.map(|(id, _)| id).collect();
        self.subjects.retain(|_, account| !gone.contains(account));
        gone
    }
}

impl Model {
    pub(super) fn log_staff(&mut self, now: Time, deed: StaffDeed, by: Option<Actor>) {
        self.log(now, None, None, AuditEvent::Staff { deed, by });
    }

    fn count_card_of(&self, now: Time, actor: Actor, doing: &'static str) -> Done<u32> {
        match self.desk.running(now, actor.account) {
            Some(account) if account.role == actor.role => {}
            _ => return Err(StoreFault::NotAllowed { doing, why: crate::WHY_STAFF_OVER }),
        }
        let (day, count) = self.desk.accounts.get(&actor.account).map_or((0, 0), |kept| kept.cards);
        let before = if day == now.day() { count } else { 0 };
        if before >= CARDS_A_DAY_MAX {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_STAFF_MANY });
        }
        Ok(before + 1)
    }
}

#[async_trait]
impl StaffStore for MemoryStore {
    async fn invite_staff(&self, now: Time, invite: &NewInvite) -> Done<()> {
        let doing = "inviting somebody";
        let refused = |why| Err(StoreFault::NotAllowed { doing, why });
        let mut model = self.writing(doing)?;
        model.desk.delete_due(now);
        let id = match model.desk.id_of(&invite.handle) {
            Some(id) => match model.desk.running(now, id) {
                None => return refused(crate::WHY_STAFF_OVER),
                Some(account) if account.role != invite.role => return refused(crate::WHY_STAFF_ROLE),
                Some(_) => id,
            },
            None => {
                if model.desk.accounts.values().filter(|kept| !kept.was_ended).count() >= ACCOUNTS_MAX {
                    return refused(crate::WHY_STAFF_MANY);
                }
                let NewInvite { account: id, handle, role, ends_at, .. } = invite.clone();
                let desk = DeskNumber::all_from(u128::from_be_bytes(id.to_bytes()))
                    .find(|desk| model.desk.id_of_desk(*desk).is_none());
                let account = StaffAccount { id, handle, role, ends_at, has_joined: false, desk, deputy: None };
                let kept = Account {
                    account,
                    was_ended: false,
                    ended_day: None,
                    passkeys: Vec::new(),
                    cards: (0, 0),
                    openings: (0, 0),
                };
                model.desk.accounts.insert(id, kept);
                id
            }
        };
        model.desk.invites.retain(|_, (account, _)| *account != id);
        model.desk.invites.insert(*invite.secret.bytes(), (id, now.plus(INVITE_LASTS)));
        model.log_staff(now, StaffDeed::Invited, None);
        Ok(())
    }

    async fn invited_staff(&self, now: Time, secret: &Secret) -> Done<Option<StaffAccount>> {
        let model = self.model();
        let id = model.desk.invites.get(secret.bytes()).filter(|(_, until)| *until > now).map(|(id, _)| *id);
        Ok(id.and_then(|id| model.desk.running(now, id)))
    }

    async fn join_staff(&self, now: Time, secret: &Secret, passkey: &Passkey) -> Done<Option<StaffAccount>> {
        let doing = "joining";
        let Some(account) = self.invited_staff(now, secret).await? else { return Ok(None) };
        let mut model = self.writing(doing)?;
        let Some(kept) = model.desk.accounts.get_mut(&account.id) else { return Ok(None) };
        if passkey.public.len() > PASSKEY_LENGTH_MAX {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_TOO_LONG });
        }
        if kept.passkeys.len() >= PASSKEYS_MAX {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_STAFF_MANY });
        }
        kept.passkeys.push(passkey.clone());
        model.desk.invites.retain(|_, (id, _)| *id != account.id);
        model.log_staff(now, StaffDeed::Joined, Some(account.actor()));
        Ok(Some(StaffAccount { has_joined: true, ..account }))
    }

    async fn staff_passkeys(&self, now: Time, handle: &StaffHandle) -> Done<Option<(StaffAccount, Vec<Passkey>)>> {
        let model = self.model();
        let account = model.desk.id_of(handle).and_then(|id| model.desk.running(now, id));
        Ok(account.map(|account| {
            let passkeys = model.desk.accounts.get(&account.id).map(|kept| kept.passkeys.clone());
            (account, passkeys.unwrap_or_default())
        }))
    }

    async fn begin_login(&self, now: Time, account: AccountId, secret: &Secret, shown: &Passkey) -> Done<LoginSession> {
        let doing = "signing in";
        let mut model = self.writing(doing)?;
        model.desk.delete_due(now);
        let Some(account) = model.desk.running(now, account) else {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_STAFF_OVER });
        };
        model.desk.keep_use_of(account.id, shown, doing)?;
        model.make_room_for_login(now, account.actor());
        let login = LoginSession { account, began_at: now, proved_at: now };
        model.desk.keep_login(secret, &login, SignInWay::Passkey);
        model.log_staff(now, StaffDeed::SignedIn, Some(login.account.actor()));
        Ok(login)
    }

    async fn login(&self, now: Time, secret: &Secret) -> Done<Option<LoginSession>> {
        let mut model = self.model();
        let Some(login) = model.desk.login(now, secret) else { return Ok(None) };
        if let Some(kept) = model.desk.logins.get_mut(secret.bytes()) {
            kept.goes_at = login.over_at().min(now.plus(LOGIN_IDLE_MAX));
            kept.used_at = now;
        }
        Ok(Some(login))
    }

    async fn prove_login(&self, now: Time, secret: &Secret, shown: &Passkey) -> Done<Option<LoginSession>> {
        let doing = "showing a passkey again";
        let mut model = self.writing(doing)?;
        let Some(login) = model.desk.login(now, secret) else { return Ok(None) };
        model.desk.keep_use_of(login.account.id, shown, doing)?;
        if let Some(kept) = model.desk.logins.get_mut(secret.bytes()) {
            kept.proved_at = now;
        }
        model.log_staff(now, StaffDeed::ProvedAgain, Some(login.account.actor()));
        Ok(Some(LoginSession { proved_at: now, ..login }))
    }

    async fn end_login(&self, now: Time, secret: &Secret) -> Done<()> {
        let mut model = self.writing("signing out")?;
        let Some(login) = model.desk.login(now, secret) else { return Ok(()) };
        model.desk.logins.remove(secret.bytes());
        model.tickets.close_of(login.account.id);
        model.log_staff(now, StaffDeed::SignedOut, Some(login.account.actor()));
        Ok(())
    }

    async fn end_staff(&self, now: Time, handle: &StaffHandle) -> Done<bool> {
        let mut model = self.writing("ending an account")?;
        let Some(id) = model.desk.id_of(handle) else { return Ok(false) };
        let Some(kept) = model.desk.accounts.get_mut(&id).filter(|kept| !kept.was_ended) else { return Ok(false) };
        kept.was_ended = true;
        kept.ended_day = Some(now.day());
        kept.passkeys.clear();
        model.desk.invites.retain(|_, (account, _)| *account != id);
        model.desk.logins.retain(|_, login| login.account != id);
        model.desk.subjects.retain(|_, account| *account != id);
        model.desk.drop_deputy(id);
        model.end_cards_of(id);
        model.tickets.end_account(id);
        model.log_staff(now, StaffDeed::Ended, None);
        Ok(true)
    }

    async fn list_staff(&self, _: Time) -> Done<Vec<StaffAccount>> {
        let model = self.model();
        let running = model.desk.accounts.values().filter(|kept| !kept.was_ended);
        let mut all: Vec<StaffAccount> = running
            .map(|kept| StaffAccount { has_joined: model.desk.has_joined(kept), ..kept.account.clone() })
            .collect();
        all.sort_by(|one, other| one.handle.cmp(&other.handle));
        Ok(all)
    }

    async fn note_staff(&self, now: Time, by: Actor, deed: StaffDeed) -> Done<()> {
        self.writing("writing to the log")?.log_staff(now, deed, Some(by));
        Ok(())
    }

    async fn hand_over_card(&self, now: Time, hand_over: &CardHandOver, codes: &[Private<CardCode>]) -> Done<()> {
        let doing = "handing a card over";
        if hand_over.check().is_err() {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_POLICY });
        }
        let mut model = self.writing(doing)?;
        let both = [hand_over.starter, hand_over.confirmer];
        let counts = [model.count_card_of(now, both[0], doing)?, model.count_card_of(now, both[1], doing)?];
        let mut cases = Vec::new();
        for (n, number) in hand_over.deed.numbers().iter().enumerate() {
            let kept = model.case_of_number(&number.reveal().canonical());
            let new = hand_over.cases_if_new.get(n).filter(|_| hand_over.deed.enrols()).copied();
            match kept.filter(|case| model.is_kept(*case, now)).or(new) {
                Some(case) => cases.push((case, kept.filter(|case| !model.is_kept(*case, now)))),
                None => return Err(StoreFault::NotAllowed { doing, why: crate::WHY_NO_CARD }),
            }
        }
        for (actor, count) in both.iter().zip(counts) {
            if let Some(kept) = model.desk.accounts.get_mut(&actor.account) {
                kept.cards = (now.day(), count);
            }
        }
        for over in cases.iter().filter_map(|(_, over)| *over) {
            model.destroy_case(over);
        }
        let cases: Vec<_> = cases.into_iter().map(|(case, _)| case).collect();
        for actor in both {
            let event = AuditEvent::Staff { deed: hand_over.deed.in_log(), by: Some(actor) };
            let of_nobody = cases.is_empty().then_some(None);
            for case in cases.iter().map(|case| Some(*case)).chain(of_nobody) {
                model.log(now, None, case, event.clone());
            }
        }
        if hand_over.deed.enrols() {
            for (case, number) in cases.iter().zip(hand_over.deed.numbers()) {
                model.enrol_without_card(now, *case, number.reveal().canonical())?;
            }
        }
        model.do_with_card(now, hand_over, &cases, codes)?;
        if hand_over.deed.makes_codes() {
            model.log(now, None, cases.first().copied(), AuditEvent::CardMade);
        }
        Ok(())
    }

    async fn representative_cards(&self, now: Time) -> Done<Vec<RepresentativeCard>> {
        Ok(self.model().representative_cards(now))
    }
}
