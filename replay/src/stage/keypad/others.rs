//! Other callers on the line: whoever is on a contact at the beginning of a page, or goes on one in it, really talks with
//! another caller, so that the line knows it as it always does.
//! Who those people are stands in the page; their telephones are `desks`.

use super::{KeypadStage, PATIENCE};
use crate::world::Behaviour;
use caseline_conversation::effect::Chain;
use caseline_model::ContactId;
use caseline_voice::phone::{Phone, PhoneCall, PhoneEvent, PhoneSettings};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::timeout;

/// The number from which other callers call.
const THEIR_NUMBER: &str = "+12025550199";

/// The key for a person: at every question, so also at the first.
const PERSON_KEY: &str = "0";

/// Callers who talk with people of the line while the page is played.
#[derive(Default)]
pub(super) struct Others {
    /// By the name of the person who talks with them: that person's telephone and their own.
    talking: BTreeMap<String, (PhoneCall, PhoneCall)>,
    /// Their contacts, which are not the page's.
    pub(super) contacts: BTreeSet<ContactId>,
}

impl KeypadStage {
    /// Everybody who is on a contact when the page begins is.
    ///
    /// # Errors
    /// Somebody whom no other caller could have reached.
    pub(super) async fn occupy_all(&mut self) -> Result<(), String> {
        let members = self.judge.world.cast.members.clone();
        let is_busy = |member: &&crate::world::Member| member.behaviour == Behaviour::OnContact;
        for member in members.iter().filter(is_busy) {
            self.occupy(&member.name).await?;
        }
        Ok(())
    }

    /// Another caller calls and is connected to somebody.
    ///
    /// # Errors
    /// When the line rings somebody else for that caller, or nobody.
    pub(super) async fn occupy(&mut self, name: &str) -> Result<(), String> {
        let cast = &self.judge.world.cast;
        let before: Vec<_> = cast.chain(Chain::Staff).take_while(|member| member.name != name).collect();
        let is_staff = cast.chain(Chain::Staff).any(|member| member.name == name);
        let is_free = |member: &&&crate::world::Member| !self.others.talking.contains_key(&member.name);
        if let (true, Some(free)) = (is_staff, before.iter().find(is_free)) {
            return Err(format!(
                "{} is rung before {name}: whoever is on a contact stands first in the page",
                free.name
            ));
        }
        if !is_staff || !self.real.is_open() {
            return Err(format!("on the telephone nobody can reach {name} now, so {name} cannot be on a contact"));
        }
        let address = self.line.sip().udp_addr().ok_or("the line has no address")?;
        let settings = PhoneSettings { number: THEIR_NUMBER.into(), loss: None, ..self.phone.clone() };
        let call = Phone::call(&format!("sip:line@{address}"), settings).await;
        let mut call = call.map_err(|fault| fault.to_string())?;
        call.wait_answered(PATIENCE).await.map_err(|fault| fault.to_string())?;
        // The line speaks: from now on keys are heard.
        let begun = call.wait_for("the line", PATIENCE, |event| matches!(event, PhoneEvent::SoundBegan)).await;
        begun.map_err(|fault| format!("another caller: {fault}"))?;
        call.press(PERSON_KEY).await.map_err(|fault| fault.to_string())?;
        let desk = self.desks.taken(name).await?;
        let newest = self.real.store.seen().contacts.last().copied();
        self.others.contacts.insert(newest.ok_or("the line did not note another caller")?);
        self.others.talking.insert(name.to_owned(), (desk, call));
        Ok(())
    }

    /// Somebody ends the contact with the other caller.
    ///
    /// # Errors
    /// When they were on none, or the line does not note that it is over.
    pub(super) async fn free(&mut self, name: &str) -> Result<(), String> {
        let (desk, mut call) =
            self.others.talking.remove(name).ok_or_else(|| format!("{name} is not on another contact"))?;
        let mut news = self.real.store.news();
        desk.hang_up().await;
        call.wait_hung_up(PATIENCE).await.map_err(|fault| format!("another caller: {fault}"))?;
        let others = &self.others;
        let over = async {
            loop {
                news.mark_unchanged();
                let ended = self.real.store.seen().ended;
                let open = others.contacts.iter().filter(|contact| !ended.iter().any(|(of, _)| of == *contact)).count();
                if open <= others.talking.len() || news.changed().await.is_err() {
                    return;
                }
            }
        };
        timeout(PATIENCE, over).await.map_err(|_| format!("the line did not note that {name} is free again"))
    }

    /// Whoever still talks hangs up.
    pub(super) async fn let_others_go(&mut self) {
        for (desk, call) in std::mem::take(&mut self.others.talking).into_values() {
            desk.hang_up().await;
            call.hang_up().await;
        }
    }

    /// Contacts of the page that the line has noted, in order.
    pub(super) fn noted(&self) -> Vec<ContactId> {
        let contacts = self.real.store.seen().contacts;
        contacts.into_iter().filter(|contact| !self.others.contacts.contains(contact)).collect()
    }
}
