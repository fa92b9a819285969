//! The counters of the limits in memory: on what was keyed, on callers, on the site. The store in memory counts with
//! them, attacks are simulated against them, and the durable store is held to count the same.
//! What a count means is left to `limits`.

use super::{TryEnd, TryFacts, Wrongs};
use caseline_model::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Wrong tries on what was keyed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct WrongRow {
    /// Those that close it.
    pub wrongs: Wrongs,
    /// All of them since it last opened.
    pub in_all: u32,
}

/// Who tries what: `K` names what was keyed, existing or not; `C` a caller in a week, withheld ones as one.
#[derive(Clone, Copy, Debug)]
pub struct Tried<'a, K, C> {
    /// What was keyed.
    pub keyed: &'a K,
    /// Whether it is a receipt or a report code.
    pub by_receipt: bool,
    /// The caller.
    pub caller: &'a C,
    /// The number is withheld, or shared by many.
    pub is_shared: bool,
    /// Wrong tries in this contact before.
    pub in_contact: u32,
    /// Cases that are open in this contact.
    pub open_in_contact: u32,
    /// What was keyed is one of them.
    pub is_open_in_contact: bool,
    /// Contacts of yesterday on the site.
    pub site_contacts_yesterday: u32,
}

/// The counters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counters<K, C> {
    on_keyed: BTreeMap<K, WrongRow>,
    by_caller: BTreeMap<C, Wrongs>,
    on_site: Wrongs,
    contacts: BTreeMap<(C, u32), u32>,
    known: BTreeSet<C>,
    opened: BTreeMap<C, BTreeSet<K>>,
}

impl<K, C> Default for Counters<K, C> {
    fn default() -> Self {
        Self {
            on_keyed: BTreeMap::new(),
            by_caller: BTreeMap::new(),
            on_site: Wrongs::default(),
            contacts: BTreeMap::new(),
            known: BTreeSet::new(),
            opened: BTreeMap::new(),
        }
    }
}

impl<K: Ord + Clone, C: Ord + Clone> Counters<K, C> {
    /// A contact of this caller, counted once by whoever calls this.
    pub fn count_contact(&mut self, now: Time, caller: &C) {
        *self.contacts.entry((caller.clone(), now.day())).or_default() += 1;
    }

    /// All that the limits ask.
    pub fn facts(&self, now: Time, tried: &Tried<'_, K, C>) -> TryFacts {
        let contacts_on = |day| self.contacts.get(&(tried.caller.clone(), day)).copied().unwrap_or(0);
        // A caller is one of a key week, so all of these days are of it.
        let of_week = (tried.caller.clone(), 0)..=(tried.caller.clone(), u32::MAX);
        let opened = self.opened.get(tried.caller);
        TryFacts {
            in_contact: tried.in_contact,
            by_caller: self.by_caller.get(tried.caller).copied().unwrap_or_default(),
            caller_is_shared: tried.is_shared,
            caller_contacts: contacts_on(now.day()).max(contacts_on(now.day().saturating_sub(1))),
            on_case: self.wrong_row(tried.keyed).wrongs,
            on_site: self.on_site,
            site_contacts_yesterday: tried.site_contacts_yesterday,
            caller_is_known: self.known.contains(tried.caller),
            opened_by_caller: opened.map_or(0, |opened| u32::try_from(opened.len()).unwrap_or(u32::MAX)),
            was_opened_by_caller: opened.is_some_and(|opened| opened.contains(tried.keyed)),
            caller_contacts_in_week: self.contacts.range(of_week).map(|(_, count)| *count).sum(),
            open_in_contact: tried.open_in_contact,
            is_open_in_contact: tried.is_open_in_contact,
            by_receipt: tried.by_receipt,
        }
    }

    /// Wrong tries on what was keyed.
    pub fn wrong_row(&self, keyed: &K) -> WrongRow {
        self.on_keyed.get(keyed).copied().unwrap_or_default()
    }

    /// Counts what a try came to; whether the alarm rings. Wrong tries of the contact are counted by whoever calls this.
    pub fn count(&mut self, now: Time, tried: &Tried<'_, K, C>, facts: &TryFacts, end: TryEnd) -> bool {
        let mut rings = false;
        if end.counts_on_caller() {
            let by_caller = self.by_caller.entry(tried.caller.clone()).or_default();
            *by_caller = by_caller.and_one(now);
            if !facts.is_verified() {
                rings = facts.alarm_rings(now);
                self.on_site = self.on_site.and_one(now);
            }
        }
        if end.counts_on_number() {
            let row = self.on_keyed.entry(tried.keyed.clone()).or_default();
            row.wrongs = row.wrongs.and_one(now);
            row.in_all = row.in_all.saturating_add(1);
        }
        rings
    }

    /// Takes back what a receipt without its word counted: the right word came directly after it. The contact's own count
    /// is taken back by whoever calls this.
    pub fn take_back(&mut self, tried: &Tried<'_, K, C>, facts: &TryFacts, last_before: Option<Time>) {
        if let Some(by_caller) = self.by_caller.get_mut(tried.caller) {
            *by_caller = by_caller.without_one(None);
        }
        self.by_caller.retain(|_, wrongs| wrongs.count > 0);
        if !facts.is_verified() {
            self.on_site = self.on_site.without_one(None);
        }
        if let Some(row) = self.on_keyed.get_mut(tried.keyed) {
            row.wrongs = row.wrongs.without_one(last_before);
            row.in_all = row.in_all.saturating_sub(1);
        }
        self.on_keyed.retain(|_, row| row.wrongs.count > 0);
    }

    /// What was keyed opened: its wrong tries in all begin anew, and it is one of the caller's cases of the week, unless a
    /// representative's card opened it. A caller who showed a number is known for the rest of the week.
    pub fn count_opened(&mut self, keyed: &K, caller: &C, is_withheld: bool, by_representative: bool) {
        if let Some(row) = self.on_keyed.get_mut(keyed) {
            row.in_all = 0;
        }
        // Withheld numbers are one caller: knowing one of them would let all of them in.
        if !is_withheld {
            self.known.insert(caller.clone());
        }
        if !by_representative {
            self.opened.entry(caller.clone()).or_default().insert(keyed.clone());
        }
    }

    /// Whether the site's limit is reached now, for a site with so many contacts yesterday.
    pub fn is_flooded(&self, now: Time, site_contacts_yesterday: u32) -> bool {
        let facts = TryFacts { on_site: self.on_site, site_contacts_yesterday, ..TryFacts::default() };
        facts.on_site.on(now).count >= facts.site_max()
    }

    /// Forgets what was counted on something keyed: it is destroyed.
    pub fn forget(&mut self, keyed: &K) {
        self.on_keyed.remove(keyed);
    }

    /// Forgets counts whose last wrong try is not after `before`, and callers that `is_over` says are over; how many.
    pub fn purge(&mut self, before: Time, is_over: impl Fn(&C) -> bool) -> usize {
        let count = |this: &Self| {
            this.on_keyed.len()
                + this.by_caller.len()
                + usize::from(this.on_site.last.is_some())
                + this.contacts.len()
                + this.known.len()
                + this.opened.values().map(BTreeSet::len).sum::<usize>()
        };
        let had = count(self);
        let stays = |wrongs: &Wrongs| wrongs.last.is_some_and(|last| last > before);
        self.on_keyed.retain(|_, row| stays(&row.wrongs));
        self.by_caller.retain(|_, wrongs| stays(wrongs));
        if !stays(&self.on_site) {
            self.on_site = Wrongs::default();
        }
        self.contacts.retain(|(caller, _), _| !is_over(caller));
        self.known.retain(|caller| !is_over(caller));
        self.opened.retain(|caller, _| !is_over(caller));
        had - count(self)
    }
}
