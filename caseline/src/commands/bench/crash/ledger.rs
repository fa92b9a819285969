//! What callers were promised, and what was found of it after a kill: nothing lost, nothing twice.
//! Who promises is left to `chat`, `telephone` and `feeds`; looking, to `looking`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Telephone numbers that one kind of promise can have at a time: +1 202 555 0100 to 0199, the made-up ones.
const NUMBERS: u8 = 100;

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// To call back; known by the number.
    Callback,
    /// That staff hear a message; known by its words, typed or spoken.
    Message,
    /// To remind somebody; known by the number.
    Reminder,
    /// That a person reads a report; known by its code.
    Report,
    /// That a feed was read; known by its version.
    Import,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Callback, Self::Message, Self::Reminder, Self::Report, Self::Import];

    /// In reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Callback => "callbacks",
            Self::Message => "messages",
            Self::Reminder => "reminders",
            Self::Report => "reports",
            Self::Import => "imports",
        }
    }
}

/// Figures of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Begun: something could have been saved.
    pub tried: u64,
    /// Of which the caller was told "saved".
    pub acknowledged: u64,
    /// Of these, by telephone.
    pub by_telephone: u64,
    /// Found in the store.
    pub found: u64,
    /// Acknowledged and not found.
    pub lost: u64,
    /// Found more often than once, or without anybody having tried.
    pub doubled: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Promise {
    acknowledged: bool,
    over: bool,
    found: u32,
}

#[derive(Debug, Default)]
struct State {
    promises: BTreeMap<(Kind, String), Promise>,
    in_use: BTreeSet<(Kind, u8)>,
    next_number: u8,
    next_message: u64,
    figures: BTreeMap<Kind, Figures>,
    wrong: Vec<String>,
    strange: BTreeMap<String, u64>,
}

/// The book of promises.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<State>);

impl Ledger {
    /// Somebody is about to ask for something: by what it will be known. `None`: all numbers are in use just now.
    pub fn begin(&self, kind: Kind) -> Option<String> {
        let mut state = self.state();
        let marker = match kind {
            Kind::Callback | Kind::Reminder => {
                let from = state.next_number;
                let number = (0..NUMBERS)
                    .map(|n| (from + n) % NUMBERS)
                    .find(|number| !state.in_use.contains(&(kind, *number)))?;
                state.in_use.insert((kind, number));
                state.next_number = (number + 1) % NUMBERS;
                format!("+120255501{number:02}")
            }
            Kind::Message => {
                state.next_message += 1;
                format!("please call about paper {}", state.next_message)
            }
            Kind::Report | Kind::Import => return None,
        };
        state.promises.insert((kind, marker.clone()), Promise::default());
        state.figures.entry(kind).or_default().tried += 1;
        Some(marker)
    }

    /// A report is about to be taken; its code is known when it was said.
    pub fn begin_report(&self) {
        self.state().figures.entry(Kind::Report).or_default().tried += 1;
    }

    /// A feed of this version is about to be read.
    pub fn begin_import(&self, version: u32) {
        let mut state = self.state();
        state.figures.entry(Kind::Import).or_default().tried += 1;
        state.promises.insert((Kind::Import, version.to_string()), Promise::default());
    }

    /// The caller heard on the telephone that it is saved.
    pub fn acknowledge_by_telephone(&self, kind: Kind, marker: &str) {
        self.acknowledge(kind, marker);
        self.state().figures.entry(kind).or_default().by_telephone += 1;
    }

    /// The caller was told that it is saved.
    pub fn acknowledge(&self, kind: Kind, marker: &str) {
        let mut state = self.state();
        let promise = state.promises.entry((kind, marker.to_owned())).or_default();
        // A page that is loaded again says it again.
        if !promise.acknowledged {
            promise.acknowledged = true;
            state.figures.entry(kind).or_default().acknowledged += 1;
        }
    }

    /// The caller is gone: what was not acknowledged until now never will be.
    pub fn over(&self, kind: Kind, marker: &str) {
        if let Some(promise) = self.state().promises.get_mut(&(kind, marker.to_owned())) {
            promise.over = true;
        }
    }

    /// One was found in the store.
    pub fn found(&self, kind: Kind, marker: &str) {
        let mut state = self.state();
        state.figures.entry(kind).or_default().found += 1;
        match state.promises.get_mut(&(kind, marker.to_owned())) {
            Some(promise) => promise.found += 1,
            None => {
                state.figures.entry(kind).or_default().doubled += 1;
                state.wrong.push(format!("{} of {marker}: nobody asked for it, or it was met before", kind.word()));
            }
        }
    }

    /// Codes of reports that were acknowledged since the last look.
    pub fn unfound_reports(&self) -> Vec<String> {
        let state = self.state();
        let codes = state.promises.iter().filter(|((kind, _), promise)| *kind == Kind::Report && promise.found == 0);
        codes.map(|((_, code), _)| code.clone()).collect()
    }

    /// The newest feed is all there, and so are the entries of those before it, whose facts it replaced.
    pub fn found_imports(&self) {
        let mut state = self.state();
        let mut found = 0;
        for ((kind, _), promise) in &mut state.promises {
            if *kind == Kind::Import && promise.acknowledged && promise.found == 0 {
                promise.found = 1;
                found += 1;
            }
        }
        state.figures.entry(Kind::Import).or_default().found += found;
    }

    /// Something that was there after an earlier kill is there no more.
    pub fn lost_later(&self, kind: Kind, marker: &str) {
        let mut state = self.state();
        state.figures.entry(kind).or_default().lost += 1;
        state.wrong.push(format!("{} of {marker}: found once and lost later", kind.word()));
    }

    /// The store was looked through: what is lost or twice is counted, and what is over is closed.
    pub fn close_check(&self) {
        let mut state = self.state();
        let promises = std::mem::take(&mut state.promises);
        for ((kind, marker), mut promise) in promises {
            let figures = state.figures.entry(kind).or_default();
            if promise.acknowledged && promise.found == 0 {
                figures.lost += 1;
                promise.over = true;
                state.wrong.push(format!("{} of {marker}: acknowledged and lost", kind.word()));
            } else if promise.found > 1 {
                figures.doubled += 1;
                promise.found = 1;
                state.wrong.push(format!("{} of {marker}: there twice", kind.word()));
            }
            if promise.over {
                if let Some(number) = marker.get(marker.len().saturating_sub(2)..).and_then(|tail| tail.parse().ok()) {
                    state.in_use.remove(&(kind, number));
                }
            } else {
                state.promises.insert((kind, marker), promise);
            }
        }
    }

    /// Something else does not add up.
    pub fn wrong(&self, what: String) {
        self.state().wrong.push(what);
    }

    /// A caller met something that no errand knows; how often is told at the end.
    pub fn strange(&self, what: String) {
        *self.state().strange.entry(what).or_default() += 1;
    }

    /// The figures of a kind.
    pub fn figures(&self, kind: Kind) -> Figures {
        self.state().figures.get(&kind).copied().unwrap_or_default()
    }

    /// What did not add up, in words.
    pub fn all_wrong(&self) -> Vec<String> {
        self.state().wrong.clone()
    }

    /// What callers met that no errand knows.
    pub fn all_strange(&self) -> BTreeMap<String, u64> {
        self.state().strange.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledged_promise_that_is_not_there_is_lost() {
        let ledger = Ledger::default();
        let marker = ledger.begin(Kind::Message).unwrap();
        ledger.acknowledge(Kind::Message, &marker);
        ledger.close_check();
        assert_eq!(ledger.figures(Kind::Message).lost, 1);
        assert_eq!(ledger.all_wrong().len(), 1);
        ledger.close_check();
        assert_eq!(ledger.figures(Kind::Message).lost, 1, "it is counted once");
    }

    #[test]
    fn a_promise_that_is_there_twice_or_again_after_it_was_met_is_doubled() {
        let ledger = Ledger::default();
        let marker = ledger.begin(Kind::Callback).unwrap();
        ledger.found(Kind::Callback, &marker);
        ledger.found(Kind::Callback, &marker);
        ledger.acknowledge(Kind::Callback, &marker);
        ledger.over(Kind::Callback, &marker);
        ledger.close_check();
        assert_eq!((ledger.figures(Kind::Callback).lost, ledger.figures(Kind::Callback).doubled), (0, 1));
        ledger.found(Kind::Callback, &marker);
        assert_eq!(ledger.figures(Kind::Callback).doubled, 2);
    }

    #[test]
    fn a_promise_found_before_the_caller_heard_of_it_is_not_lost_and_an_unheard_one_need_not_be_there() {
        let ledger = Ledger::default();
        let (heard, unheard) = (ledger.begin(Kind::Reminder).unwrap(), ledger.begin(Kind::Reminder).unwrap());
        ledger.found(Kind::Reminder, &heard);
        ledger.close_check();
        ledger.acknowledge(Kind::Reminder, &heard);
        ledger.over(Kind::Reminder, &heard);
        ledger.over(Kind::Reminder, &unheard);
        ledger.close_check();
        assert_eq!(ledger.all_wrong(), Vec::<String>::new());
        assert_eq!(ledger.figures(Kind::Reminder).acknowledged, 1);
    }

    #[test]
    fn no_two_open_promises_have_one_number() {
        let ledger = Ledger::default();
        let numbers: BTreeSet<String> = std::iter::from_fn(|| ledger.begin(Kind::Callback)).collect();
        assert_eq!(numbers.len(), usize::from(NUMBERS));
        ledger.over(Kind::Callback, "+12025550142");
        ledger.close_check();
        assert_eq!(ledger.begin(Kind::Callback).as_deref(), Some("+12025550142"));
    }
}
