//! Cards in the model: the same rules as `sqlite/cards.rs`, on plain maps; codes are kept as they are.
//! What a try comes to is left to `reaching`.

use super::{Done, Keyed, Model};
use crate::rules;
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::cards::{
    Authority, CARDS_OF_CASE_MAX, CardDeed, CardHandOver, CardId, CardKind, REPRESENTATIVE_CARDS_MAX,
    REPRESENTATIVE_CASES_MAX, REPRESENTATIVE_NEW_A_DAY_MAX, REPRESENTATIVE_OPENED_A_DAY_MAX, RepresentativeCard,
};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::Trying;
use caseline_helpline::staff::{AccountId, StaffHandle};
use caseline_model::{CardCode, CaseId, ContactId, Private, Time};
use std::collections::BTreeMap;

/// A card.
#[derive(Clone)]
pub(super) struct Card {
    kind: CardKind,
    handle: Option<StaffHandle>,
    account: Option<AccountId>,
    codes: BTreeMap<u8, (CardCode, bool)>,
    new: (u32, u32),
    halted_day: Option<u32>,
}

/// That a case is on a card.
#[derive(Clone)]
pub(super) struct OnCard {
    card: CardId,
    by: Option<(Authority, Time)>,
    opened_day: Option<u32>,
}

/// The places for cards that a case has: the person's own or their family's, then representatives'.
pub(super) type OnCards = [Option<OnCard>; CARDS_OF_CASE_MAX];

/// Whether a representative's card may open one more case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MayOpen {
    Yes,
    Stopped,
    /// This is the one too many.
    Alarm,
}

impl Model {
    /// The card of a case whose unused code this is.
    pub(super) fn fitting(&self, now: Time, case: Option<CaseId>, code: &CardCode) -> Option<(CardId, CardKind)> {
        let places = &self.cases.get(&case?)?.on_cards;
        let of_place = places.iter().flatten().filter(|on| on.by.is_none_or(|(_, ends_at)| ends_at > now));
        let found = of_place.filter_map(|on| Some((on.card, self.cards.get(&on.card)?)));
        let answers = |card: &Card| card.account.is_none_or(|account| self.desk.running(now, account).is_some());
        let fits = |card: &Card| card.codes.get(&code.row()).is_some_and(|(kept, used)| kept == code && !used);
        found.filter(|(_, card)| answers(card) && fits(card)).map(|(id, card)| (id, card.kind)).next_back()
    }

    pub(super) fn use_codes(&mut self, card: CardId, rows: impl Iterator<Item = u8>) {
        let Some(card) = self.cards.get_mut(&card) else { return };
        for row in rows {
            if let Some(kept) = card.codes.get_mut(&row) {
                kept.1 = true;
            }
        }
    }

    pub(super) fn may_open(&self, now: Time, card: CardId, case: Option<CaseId>) -> MayOpen {
        let today = Some(now.day());
        if self.cards.get(&card).is_some_and(|card| card.halted_day == today) {
            return MayOpen::Stopped;
        }
        let on =
            |case: &super::Case| case.on_cards.iter().flatten().any(|on| on.card == card && on.opened_day == today);
        if case.and_then(|case| self.cases.get(&case)).is_some_and(on) {
            return MayOpen::Yes;
        }
        let opened = self.cases.values().filter(|case| on(case)).count();
        if opened >= REPRESENTATIVE_OPENED_A_DAY_MAX as usize { MayOpen::Alarm } else { MayOpen::Yes }
    }

    pub(super) fn note_representative(&mut self, now: Time, card: CardId, case: CaseId, may_open: MayOpen) {
        if may_open == MayOpen::Alarm {
            if let Some(card) = self.cards.get_mut(&card) {
                card.halted_day = Some(now.day());
            }
            self.log(now, None, None, AuditEvent::CardAlarm);
        } else if let Some(case) = self.cases.get_mut(&case) {
            for on in case.on_cards.iter_mut().flatten().filter(|on| on.card == card) {
                on.opened_day = Some(now.day());
            }
        }
    }

    /// What was keyed opened in this contact.
    pub(super) fn note_opened(&mut self, now: Time, who: &Trying, key: &Keyed, by_representative: bool) {
        let caller = super::caller_key(now, who.caller.as_ref());
        self.counters.count_opened(key, &caller, who.caller.is_none(), by_representative);
        if !by_representative {
            self.opened_in.entry((who.contact, key.clone())).or_insert(now.week());
        }
    }

    /// How many different things were opened in a contact, and whether this is one of them.
    pub(super) fn breadth_in(&self, contact: ContactId, key: &Keyed) -> (u32, bool) {
        let count = self.opened_in.keys().filter(|(by, _)| *by == contact).count();
        (u32::try_from(count).unwrap_or(u32::MAX), self.opened_in.contains_key(&(contact, key.clone())))
    }

    pub(super) fn has_card(&self, case: CaseId) -> bool {
        self.cases.get(&case).is_some_and(|case| case.on_cards[0].is_some())
    }

    pub(super) fn replace_card(&mut self, case: CaseId, codes: &[Private<CardCode>]) {
        self.take_off_own(case);
        if !codes.is_empty() {
            let card = CardId::of_case(case);
            self.add_card(card, CardKind::Own, None, codes);
            self.put_on(case, 0, card, None);
        }
    }

    pub(super) fn do_with_card(
        &mut self,
        now: Time,
        hand_over: &CardHandOver,
        cases: &[CaseId],
        codes: &[Private<CardCode>],
    ) -> Done<()> {
        let refused = |why| Err(StoreFault::NotAllowed { doing: "handing a card over", why });
        match &hand_over.deed {
            CardDeed::Own { .. } => cases.iter().for_each(|case| self.replace_card(*case, codes)),
            CardDeed::Family { .. } => {
                for case in cases {
                    self.end_card_of(*case);
                }
                self.add_card(hand_over.card_if_new, CardKind::Family, None, codes);
                for case in cases {
                    self.put_on(*case, 0, hand_over.card_if_new, None);
                }
            }
            CardDeed::Representative { handle } => {
                let account = hand_over.starter.account;
                match self.of_representative(handle) {
                    Some(id) => {
                        let Some(card) = self.cards.get_mut(&id).filter(|card| card.account == Some(account)) else {
                            return refused(crate::WHY_OTHER_CARD);
                        };
                        card.codes = kept_codes(codes);
                    }
                    None => {
                        let count = self.cards.values().filter(|card| card.account == Some(account)).count();
                        if count >= REPRESENTATIVE_CARDS_MAX as usize {
                            return refused(crate::WHY_STAFF_MANY);
                        }
                        let of = Some((handle.clone(), account));
                        self.add_card(hand_over.card_if_new, CardKind::Representative, of, codes);
                    }
                }
            }
            CardDeed::Client { handle, authority, lasts, .. } => {
                let (Some(card), Some(case)) = (self.of_representative(handle), cases.first()) else {
                    return refused(crate::WHY_NO_CARD);
                };
                self.put_client(now, card, *case, (*authority, now.plus(*lasts)))?;
            }
            CardDeed::EndAuthority { .. } => {
                for case in cases {
                    self.end_authorities_of(*case);
                }
            }
            CardDeed::EndCard { .. } => cases.iter().for_each(|case| self.end_card_of(*case)),
            CardDeed::EndRepresentative { handle } => match self.of_representative(handle) {
                Some(card) => self.end_card(card),
                None => return refused(crate::WHY_NO_CARD),
            },
        }
        Ok(())
    }

    fn put_client(&mut self, now: Time, card: CardId, case: CaseId, by: (Authority, Time)) -> Done<()> {
        self.end_due_authorities(now);
        let full = Err(StoreFault::NotAllowed { doing: "handing a card over", why: crate::WHY_CARD_FULL });
        let on_it = |on: &&mut OnCard| on.card == card;
        let Some(places) = self.cases.get_mut(&case).map(|case| &mut case.on_cards) else { return full };
        if let Some(on) = places.iter_mut().flatten().find(on_it) {
            on.by = Some(by);
            return Ok(());
        }
        let Some(place) = (1..CARDS_OF_CASE_MAX).find(|place| places[*place].is_none()) else { return full };
        let clients = self.clients_on(card);
        let Some(kept) = self.cards.get_mut(&card) else { return full };
        let new_today = if kept.new.0 == now.day() { kept.new.1 } else { 0 };
        if clients >= REPRESENTATIVE_CASES_MAX || new_today >= REPRESENTATIVE_NEW_A_DAY_MAX {
            return full;
        }
        kept.new = (now.day(), new_today + 1);
        self.put_on(case, place, card, Some(by));
        Ok(())
    }

    pub(super) fn end_authorities(&mut self, now: Time, contact: ContactId, case: CaseId) -> Done<u32> {
        self.opened_by_person(now, contact, case, "ending authorities")?;
        let count = self.end_authorities_of(case);
        if count > 0 {
            self.log(now, Some(contact), Some(case), AuditEvent::AuthorityEnded);
        }
        Ok(count)
    }

    /// A refusal unless the case is open in the contact, and its person opened it.
    pub(super) fn opened_by_person(
        &mut self,
        now: Time,
        contact: ContactId,
        case: CaseId,
        doing: &'static str,
    ) -> Done<()> {
        self.open_in(now, contact, case, doing)?;
        match self.by_representative.contains(&(contact, case)) {
            true => Err(StoreFault::NotAllowed { doing, why: crate::WHY_REPRESENTATIVE }),
            false => Ok(()),
        }
    }

    fn end_authorities_of(&mut self, case: CaseId) -> u32 {
        let Some(case) = self.cases.get_mut(&case) else { return 0 };
        let ended = case.on_cards.iter_mut().skip(1).filter_map(Option::take).count();
        u32::try_from(ended).unwrap_or(u32::MAX)
    }

    /// Authorities whose end has come; how many.
    pub(super) fn end_due_authorities(&mut self, now: Time) -> usize {
        let places = self.cases.values_mut().flat_map(|case| case.on_cards.iter_mut());
        let due = places.filter(|on| on.as_ref().is_some_and(|on| on.by.is_some_and(|(_, ends_at)| ends_at <= now)));
        due.filter_map(Option::take).count()
    }

    /// The cards that an account answers for end with it.
    pub(super) fn end_cards_of(&mut self, account: AccountId) {
        let of_account = self.cards.iter().filter(|(_, card)| card.account == Some(account));
        for card in of_account.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.end_card(card);
        }
    }

    pub(super) fn representative_cards(&self, now: Time) -> Vec<RepresentativeCard> {
        let listed = self.cards.iter().filter_map(|(id, card)| {
            let clients = self.cases.values().flat_map(|case| case.on_cards.iter().flatten());
            let count = clients.filter(|on| on.card == *id && on.by.is_some_and(|(_, ends_at)| ends_at > now)).count();
            Some(RepresentativeCard {
                handle: card.handle.clone()?,
                answers: self.desk.handle_of(card.account?)?,
                client_count: u32::try_from(count).ok()?,
                is_halted: card.halted_day == Some(now.day()),
            })
        });
        let mut listed: Vec<_> = listed.collect();
        listed.sort_by(|one, other| one.handle.cmp(&other.handle));
        listed
    }

    pub(super) fn has_halted_cards(&self, now: Time) -> bool {
        self.cards.values().any(|card| card.halted_day == Some(now.day()))
    }

    /// Takes a case off its person's own card: that card ends, a family's goes on for the others.
    pub(super) fn take_off_own(&mut self, case: CaseId) {
        self.drop_passkeys(case, false);
        let Some(row) = self.cases.get_mut(&case) else { return };
        row.first_code = None;
        let Some(on) = row.on_cards[0].take() else { return };
        if self.clients_on(on.card) == 0 {
            self.end_card(on.card);
        }
    }

    fn end_card_of(&mut self, case: CaseId) {
        let card = self.cases.get(&case).and_then(|case| case.on_cards[0].as_ref().map(|on| on.card));
        self.take_off_own(case);
        if let Some(card) = card {
            self.end_card(card);
        }
    }

    fn end_card(&mut self, card: CardId) {
        for place in self.cases.values_mut().flat_map(|case| case.on_cards.iter_mut()) {
            if place.as_ref().is_some_and(|on| on.card == card) {
                *place = None;
            }
        }
        self.cards.remove(&card);
    }

    fn clients_on(&self, card: CardId) -> u32 {
        let on = self.cases.values().flat_map(|case| case.on_cards.iter().flatten()).filter(|on| on.card == card);
        u32::try_from(on.count()).unwrap_or(u32::MAX)
    }

    fn of_representative(&self, handle: &StaffHandle) -> Option<CardId> {
        self.cards.iter().find(|(_, card)| card.handle.as_ref() == Some(handle)).map(|(id, _)| *id)
    }

    fn add_card(
        &mut self,
        id: CardId,
        kind: CardKind,
        of: Option<(StaffHandle, AccountId)>,
        codes: &[Private<CardCode>],
    ) {
        let (handle, account) = of.unzip();
        let card = Card { kind, handle, account, codes: kept_codes(codes), new: (0, 0), halted_day: None };
        self.cards.insert(id, card);
    }

    fn put_on(&mut self, case: CaseId, place: usize, card: CardId, by: Option<(Authority, Time)>) {
        if let Some(place) = self.cases.get_mut(&case).and_then(|case| case.on_cards.get_mut(place)) {
            *place = Some(OnCard { card, by, opened_day: None });
        }
    }

    /// Forgets what contacts opened in weeks that are over; how much.
    pub(super) fn purge_breadth(&mut self, oldest_week: u32) -> usize {
        let before = self.opened_in.len();
        self.opened_in.retain(|_, week| *week >= oldest_week);
        before - self.opened_in.len()
    }

    /// The first of two codes that this contact keyed.
    pub(super) fn first_of(&self, case: Option<CaseId>, contact: ContactId) -> Option<rules::FirstCode> {
        rules::first_of_two(self.cases.get(&case?)?.first_code, contact)
    }
}

fn kept_codes(codes: &[Private<CardCode>]) -> BTreeMap<u8, (CardCode, bool)> {
    codes.iter().map(|code| (code.reveal().row(), (code.reveal().clone(), false))).collect()
}
