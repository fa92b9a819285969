//! The desk on a full disk: signing in, ending a login or an account and writing down what is done go on in the ballast's
//! room; new accounts and cards are refused until there is room again, as everything new is.
//! What each verb does is left to `staff`.

use super::{Done, SqliteStore, going_on, growing};
use async_trait::async_trait;
use caseline_helpline::cards::{CardHandOver, RepresentativeCard};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::staff::{
    AccountId, Actor, LoginSession, NewInvite, Passkey, Secret, StaffAccount, StaffDeed, StaffHandle, StaffStore,
};
use caseline_model::{CardCode, Private, Time};

#[async_trait]
impl StaffStore for SqliteStore {
    async fn invite_staff(&self, now: Time, invite: &NewInvite) -> Done<()> {
        growing!(self, self.invite_staff_once(now, invite))
    }
    async fn invited_staff(&self, now: Time, secret: &Secret) -> Done<Option<StaffAccount>> {
        self.invited_staff_once(now, secret).await
    }
    async fn join_staff(&self, now: Time, secret: &Secret, passkey: &Passkey) -> Done<Option<StaffAccount>> {
        growing!(self, self.join_staff_once(now, secret, passkey))
    }
    async fn staff_passkeys(&self, now: Time, handle: &StaffHandle) -> Done<Option<(StaffAccount, Vec<Passkey>)>> {
        self.staff_passkeys_once(now, handle).await
    }
    async fn begin_login(&self, now: Time, account: AccountId, secret: &Secret, shown: &Passkey) -> Done<LoginSession> {
        going_on!(self, self.begin_login_once(now, account, secret, shown))
    }
    async fn login(&self, now: Time, secret: &Secret) -> Done<Option<LoginSession>> {
        going_on!(self, self.login_once(now, secret))
    }
    async fn prove_login(&self, now: Time, secret: &Secret, shown: &Passkey) -> Done<Option<LoginSession>> {
        going_on!(self, self.prove_login_once(now, secret, shown))
    }
    async fn end_login(&self, now: Time, secret: &Secret) -> Done<()> {
        going_on!(self, self.end_login_once(now, secret))
    }
    async fn end_staff(&self, now: Time, handle: &StaffHandle) -> Done<bool> {
        going_on!(self, self.end_staff_once(now, handle))
    }
    async fn list_staff(&self, now: Time) -> Done<Vec<StaffAccount>> {
        self.list_staff_once(now).await
    }
    async fn note_staff(&self, now: Time, by: Actor, deed: StaffDeed) -> Done<()> {
        going_on!(self, self.note_staff_once(now, by, deed))
    }
    async fn hand_over_card(&self, now: Time, hand_over: &CardHandOver, codes: &[Private<CardCode>]) -> Done<()> {
        growing!(self, self.hand_over_card_once(now, hand_over, codes))
    }
    async fn representative_cards(&self, now: Time) -> Done<Vec<RepresentativeCard>> {
        self.representative_cards_once(now).await
    }
}
