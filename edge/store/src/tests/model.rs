//! Random days on both stores: whatever is done in whatever order, SQLite answers as the model does.
//! Single rules are checked in the contract.

use super::scratch;
use crate::contract::values::*;
use crate::memory::MemoryStore;
use caseline_conversation::effect::ReportState;
use caseline_helpline::ports::{EnrolledSet, FeedCounts, ReturnPlace, Settled, Store, TaskKind, Trying};
use caseline_model::{Channel, Disposition, Language, Private, TaskId, Time};
use caseline_records::{Field, SourceKind};
use proptest::prelude::*;
use std::time::Duration;

const KINDS: [TaskKind; 4] = [TaskKind::Callback, TaskKind::Message, TaskKind::Reminder, TaskKind::Report];

/// Something that is done. Numbers are small, so that things meet.
#[derive(Clone, Debug)]
enum Act {
    Begin(u8),
    Language(u8),
    Save(u8, u8),
    Load(u8),
    Park(u8, u8),
    Return(u8),
    End(u8),
    NoteCaller(u8, u8),
    Card { contact: u8, caller: u8, of: u8, row: u8, right: bool },
    File { contact: u8, caller: u8, of: u8, word: Option<bool> },
    Read(u8, u8),
    OpenFile(u8, u8, bool),
    Forget(u8, u8),
    Report(u8, u8, Option<u8>),
    LookReport(u8, u8, u8),
    MoveReport(u8, u8),
    Add(u8, u8, Option<u8>, u16),
    Claim(u8),
    Intend(u8, u8),
    Settle(u8, u8),
    Enrol(u8, u8),
    BeginFeed,
    FeedRow(u8, u8),
    EndFeed,
    Wait(u32),
    Purge,
    Counts,
}

fn act() -> impl Strategy<Value = Act> {
    let small = || 0_u8..4;
    prop_oneof![
        3 => (0_u8..12).prop_map(Act::Begin),
        1 => small().prop_map(Act::Language),
        1 => (small(), any::<u8>()).prop_map(|(a, b)| Act::Save(a, b)),
        1 => small().prop_map(Act::Load),
        1 => (small(), small()).prop_map(|(a, b)| Act::Park(a, b)),
        1 => small().prop_map(Act::Return),
        1 => (0_u8..12).prop_map(Act::End),
        1 => (small(), small()).prop_map(|(a, b)| Act::NoteCaller(a, b)),
        6 => (0_u8..12, small(), 0_u8..3, 1_u8..5, any::<bool>())
            .prop_map(|(contact, caller, of, row, right)| Act::Card { contact, caller, of, row, right }),
        3 => (0_u8..12, small(), small(), any::<Option<bool>>())
            .prop_map(|(contact, caller, of, word)| Act::File { contact, caller, of, word }),
        3 => (0_u8..12, 0_u8..7).prop_map(|(a, b)| Act::Read(a, b)),
        2 => (0_u8..12, small(), any::<bool>()).prop_map(|(a, b, c)| Act::OpenFile(a, b, c)),
        1 => (0_u8..12, 0_u8..7).prop_map(|(a, b)| Act::Forget(a, b)),
        2 => (0_u8..12, small(), any::<Option<u8>>()).prop_map(|(a, b, c)| Act::Report(a, b, c)),
        2 => (0_u8..12, small(), small()).prop_map(|(a, b, c)| Act::LookReport(a, b, c)),
        1 => (small(), small()).prop_map(|(a, b)| Act::MoveReport(a, b)),
        4 => (0_u8..8, small(), any::<Option<u8>>(), any::<u16>()).prop_map(|(a, b, c, d)| Act::Add(a, b, c, d)),
        4 => small().prop_map(Act::Claim),
        2 => (0_u8..8, small()).prop_map(|(a, b)| Act::Intend(a, b)),
        3 => (0_u8..8, small()).prop_map(|(a, b)| Act::Settle(a, b)),
        2 => (0_u8..3, 0_u8..3).prop_map(|(a, b)| Act::Enrol(a, b)),
        1 => Just(Act::BeginFeed),
        3 => (0_u8..3, 0_u8..3).prop_map(|(a, b)| Act::FeedRow(a, b)),
        1 => Just(Act::EndFeed),
        4 => prop_oneof![0_u32..120, 0_u32..100_000, 0_u32..4_000_000].prop_map(Act::Wait),
        1 => Just(Act::Purge),
        1 => Just(Act::Counts),
    ]
}

/// One store, the clock it is told, and the feed that is being read.
struct Runner<'s> {
    store: &'s dyn Store,
    now: Time,
    feed: Option<Box<dyn EnrolledSet>>,
    fencing: std::collections::HashMap<u8, u64>,
}

impl Runner<'_> {
    /// Does it, and says in words what came of it. Faults are told by their kind: their words name what was done.
    async fn run(&mut self, act: &Act) -> String {
        let (store, now) = (self.store, self.now);
        let id = |n: u8| contact(u128::from(n));
        let who = |n: u8, caller: u8| Trying {
            shared: caller == 1,
            ..trying(u128::from(n), (caller > 0).then_some(u32::from(caller)))
        };
        let place = |n: u8| ReturnPlace(Private::new(format!("sip:place-{n}")));
        let word = |right: bool| Private::new(if right { "4711" } else { "1147" }.to_owned());
        let of_case = |n: u8| case(u128::from(n));
        match act.clone() {
            Act::Begin(n) => said(store.begin_contact(now, id(n), Channel::Phone).await),
            Act::Language(n) => said(store.note_language(now, id(n), Language::SPANISH).await),
            Act::Save(n, byte) => said(store.save_conversation(now, id(n), &[byte; 40]).await),
            Act::Load(n) => said(store.load_conversation(now, id(n)).await),
            Act::Park(p, n) => said(store.note_return_place(now, &place(p), id(n)).await),
            Act::Return(p) => said(store.take_return_place(now, &place(p)).await),
            Act::End(n) => said(store.end_contact(now, id(n), Disposition::Answered).await),
            Act::NoteCaller(n, caller) => said(store.note_caller(now, &who(n, caller)).await),
            Act::Card { contact, caller, of, row, right } => {
                let keyed = if right { code(row, u64::from(of)) } else { wrong_code(row) };
                said(store.check_card(now, &who(contact, caller), &number(u32::from(of)), &keyed).await)
            }
            Act::File { contact, caller, of, word: keyed } => {
                let keyed = keyed.map(word);
                said(store.check_file(now, &who(contact, caller), &receipt(u64::from(of) + 3), keyed.as_ref()).await)
            }
            Act::Read(n, of) => said(store.read_case(now, id(n), of_case(of), &[Field::Hearing]).await),
            Act::OpenFile(n, of, with_word) => {
                let file = own_file(u64::from(of) + 3, with_word.then_some("4711"));
                said(store.open_file(now, id(n), file).await)
            }
            Act::Forget(n, of) => said(store.forget(now, id(n), of_case(of)).await),
            Act::Report(n, code, of) => {
                let report = report(u64::from(code), of.map(|of| of_case(of % 7)));
                said(store.take_report(now, id(n), report).await)
            }
            Act::LookReport(n, caller, code) => {
                said(store.report_state(now, &who(n, caller), &report_code(u64::from(code))).await)
            }
            Act::MoveReport(code, state) => {
                let states = [ReportState::InHand, ReportState::Answered, ReportState::Corrected, ReportState::Closed];
                said(store.move_report(now, &report_code(u64::from(code)), states[usize::from(state) % 4]).await)
            }
            Act::Add(n, kind, of, minutes) => {
                let kind = KINDS[usize::from(kind) % 3];
                let due = now.plus(Duration::from_secs(u64::from(minutes) % 100));
                let expires = now.plus(Duration::from_secs(3_600 + u64::from(minutes) * 60));
                let task = task(u128::from(n), kind, due, expires, of.map(|of| of_case(of % 7)));
                said(store.add_task(now, of.map(|of| id(of % 12)), task).await)
            }
            Act::Claim(kinds) => {
                let kinds: Vec<_> = KINDS.into_iter().skip(usize::from(kinds) % 3).collect();
                let claimed = store.claim_task(now, &kinds, Duration::from_secs(90)).await;
                if let Ok(Some(claimed)) = &claimed {
                    let n = claimed.id.to_bytes()[15];
                    self.fencing.insert(n, claimed.fencing);
                }
                said(claimed)
            }
            Act::Intend(n, behind) => {
                let fencing = self.fencing.get(&n).copied().unwrap_or(1).saturating_sub(u64::from(behind / 3));
                let attempt = u128::from(n) << 64 | u128::from(fencing);
                said(store.note_intent(now, TaskId::from_random(u128::from(n)), fencing, attempt).await)
            }
            Act::Settle(n, how) => {
                let fencing = self.fencing.get(&n).copied().unwrap_or(1);
                let settled = match how {
                    0 | 3 => Settled::Met,
                    1 => Settled::Again(now.plus(Duration::from_secs(30))),
                    _ => Settled::GivenUp,
                };
                said(store.settle_task(now, TaskId::from_random(u128::from(n)), fencing, settled).await)
            }
            Act::Enrol(of, n) => said(store.enrol(now, of_case(of), &number(u32::from(n)), &card(u64::from(n))).await),
            Act::BeginFeed => {
                self.feed = store.begin_import(now).await.ok();
                let wants = |n| self.feed.as_ref().is_some_and(|feed| feed.wants(number(n).reveal()));
                format!("{:?}", [wants(0), wants(1)])
            }
            Act::FeedRow(n, digest) => {
                if let Some(feed) = &self.feed {
                    feed.wants(number(u32::from(n)).reveal());
                }
                let row = [hearing(days_later(u64::from(digest) * 40), SourceKind::CourtFeed)];
                said(store.add_from_feed(now, &number(u32::from(n)), &[digest], &row).await)
            }
            Act::EndFeed => match self.feed.take() {
                Some(feed) => said(store.finish_import(now, &*feed, FeedCounts::default()).await),
                None => String::new(),
            },
            Act::Wait(seconds) => {
                self.now = now.plus(Duration::from_secs(u64::from(seconds)));
                String::new()
            }
            Act::Purge => said(store.purge(now).await),
            Act::Counts => {
                let mut words = said(store.open_contacts().await);
                for kind in KINDS {
                    words += &said(store.open_task_count(kind).await);
                }
                for n in 0..4 {
                    words += &said(store.disposition(id(n)).await);
                    words += &said(store.audit_of_contact(id(n)).await);
                }
                words
            }
        }
    }
}

fn said<T: std::fmt::Debug>(result: Result<T, caseline_helpline::fault::StoreFault>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(fault) => {
            let fault = format!("{fault:?}");
            let kind = fault.split([' ', '{']).next().unwrap_or_default();
            let why = fault.split("why: ").nth(1).unwrap_or_default();
            assert_eq!(kind, "NotAllowed", "{fault}");
            format!("{kind} {why}")
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_sqlite_answers_as_the_model_does(acts in proptest::collection::vec(act(), 20..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let kept = scratch(NOON).await;
            let model = MemoryStore::new();
            let mut real = Runner { store: &kept.store, now: NOON, feed: None, fencing: Default::default() };
            let mut wanted = Runner { store: &model, now: NOON, feed: None, fencing: Default::default() };
            // Something to work with from the start.
            let begin = [Act::Enrol(0, 0), Act::Enrol(1, 1), Act::Begin(0), Act::Begin(1), Act::Begin(2)];
            for (step, act) in begin.iter().chain(&acts).chain(&[Act::Purge, Act::Counts]).enumerate() {
                let (real, wanted) = (real.run(act).await, wanted.run(act).await);
                prop_assert_eq!(real, wanted, "step {} {:?}", step, act);
            }
            for kind in KINDS {
                prop_assert_eq!(kept.store.given_up(kind).await.unwrap(), model.given_up(kind));
            }
            kept.store.close().await.unwrap();
            let verified = crate::verify_log(&kept.dir.path().join("data"), None).await;
            prop_assert!(verified.is_ok(), "{:?}", verified);
            Ok(())
        })?;
    }
}
