//! Two deliveries of the same made-up lives, read by the real importer into a store, each on its day: what the checks
//! notice then, measured against the truth that stands beside the files.
//! What is measured is printed; what may never be (a finding that is spoken first and not true) fails.

use super::read_feed;
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::ports::{Checked, Trying};
use caseline_helpline::{Clock, Store};
use caseline_model::{ANumber, CardCode, CaseId, Channel, ContactId, Date, Language, Private, Time, TimeOfDay, Zone};
use caseline_records::{Answer, Field};
use caseline_store::MemoryStore;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use xtask::court_data::{FeedReads, Order, Release, Truth, later_on, read_truth, write, write_later};

/// The checks that are measured; all of them can come from the court's tables alone.
const MEASURED: [&str; 8] = ["R01", "R04", "R13", "R14", "R16", "R17", "R19", "R21"];

struct On(Time);

impl Clock for On {
    fn now(&self) -> Time {
        self.0
    }
}

fn noon(zone: &Zone, on: Date) -> Time {
    zone.instant(on, TimeOfDay::new(12, 0).unwrap())
}

struct Folders(PathBuf);

impl Folders {
    /// Both deliveries: the older column names first, the newer ones a month later.
    fn made(name: &str, order: &Order) -> Self {
        let folder = std::env::temp_dir().join(format!("caseline-deliveries-{}-{name}", std::process::id()));
        write(order, &folder.join("first"), &mut |_| {}).unwrap();
        let later = Order { release: Release::Mid2026, ..order.clone() };
        write_later(&later, &folder.join("second"), &mut |_| {}).unwrap();
        Self(folder)
    }

    fn at(&self, delivery: &str) -> PathBuf {
        self.0.join(delivery)
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn code(number: &ANumber) -> CardCode {
    CardCode::from_random(1, u64::from(number.value())).unwrap()
}

fn id(number: &ANumber) -> u128 {
    u128::from(number.value())
}

async fn enrol(store: &dyn Store, now: Time, numbers: &BTreeSet<ANumber>) {
    for number in numbers {
        let case = CaseId::from_random(id(number));
        store.enrol(now, case, &Private::new(CaseNumber::A(*number)), &[Private::new(code(number))]).await.unwrap();
    }
}

/// What a caller with their card is told.
async fn answer(store: &dyn Store, now: Time, zone: &Zone, number: &ANumber) -> Answer {
    let contact = ContactId::from_random(id(number));
    store.begin_contact(now, contact, Channel::Phone).await.unwrap();
    let who = Trying { contact, caller: None, shared: false };
    let checked = store.check_card(now, &who, &Private::new(CaseNumber::A(*number)), &Private::new(code(number))).await;
    let Checked::Opened(case) = checked.unwrap() else { panic!("the card of an enrolled number opens its case") };
    let fields = [Field::Hearing, Field::Decision];
    let assertions = store.read_case(now, contact, case, &fields).await.unwrap();
    Answer::of(&assertions, &fields, now, zone, Language::SPANISH)
}

async fn read(store: &dyn Store, now: Time, zone: &Zone, place: &Path) -> super::FeedRead {
    match read_feed(store, &On(now), zone, place, None, &mut |_| {}).await {
        Ok(read) => read,
        Err(_) => panic!("a whole delivery is read"),
    }
}

/// Found rightly, found wrongly, missed.
#[derive(Clone, Copy, Default)]
struct Score {
    right: u32,
    wrong: u32,
    missed: u32,
}

fn order(case_count: u32, seed: u64, enrolled_count: u32) -> Order {
    let today = jiff::civil::date(2026, 11, 20);
    Order { case_count, seed, today, enrolled_count, release: Release::Older }
}

#[tokio::test]
async fn what_changed_between_two_deliveries_is_noticed_and_nothing_else_is_spoken_first() {
    let zone = Zone::named("America/Chicago").unwrap();
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    let (mut compared, mut unread, mut told_rightly) = (0, 0, 0);
    for seed in [31, 32, 33] {
        let order = order(2_500, seed, 0);
        let folders = Folders::made(&format!("wide-{seed}"), &order);
        let first_truths = read_truth(&folders.at("first").join("truth.jsonl")).unwrap();
        let truths = read_truth(&folders.at("second").join("truth.jsonl")).unwrap();
        let numbers: BTreeSet<ANumber> = truths.iter().map(|truth| truth.a_number).collect();
        let (first_now, now) = (noon(&zone, order.today), noon(&zone, later_on(order.today)));
        let store = MemoryStore::new();
        enrol(&store, first_now, &numbers).await;
        let first = read(&store, first_now, &zone, &folders.at("first")).await;
        assert_eq!(first.changed + first.vanished, 0);
        let second = read(&store, now, &zone, &folders.at("second")).await;
        println!(
            "seed {seed}: {} same, {} changed, {} new, {} vanished, {} unread",
            second.same, second.changed, second.new, second.vanished, second.unread
        );
        assert!(second.same > 0 && second.changed > 0 && second.vanished > 0);
        unread += second.unread;

        let mut of_number: BTreeMap<ANumber, Vec<&Truth>> = BTreeMap::new();
        for truth in &truths {
            of_number.entry(truth.a_number).or_default().push(truth);
        }
        let never_read: BTreeSet<ANumber> = first_truths
            .iter()
            .filter(|truth| truth.feed_reads == FeedReads::CaseGarbled)
            .map(|truth| truth.a_number)
            .collect();
        for (number, truths) in &of_number {
            let slips: BTreeSet<&str> = truths.iter().flat_map(|t| t.slips.iter().map(String::as_str)).collect();
            // Somebody whose rows were garbled, or who has two cases, may not be noticed in full; falsely never.
            let is_garbled = slips.contains("garbled") || slips.contains("garbled_later");
            let is_whole = truths.len() == 1 && !is_garbled;
            let told = answer(&store, now, &zone, number).await;
            let found: BTreeSet<&str> = told.findings.iter().map(|finding| finding.rule.id()).collect();
            let expected: BTreeSet<&str> =
                truths.iter().flat_map(|t| t.expected_findings.iter().map(String::as_str)).collect();
            assert!(is_garbled || !found.contains("R15"), "what a delivery of today confirms is not stale: {truths:?}");
            for rule in MEASURED {
                let score = scores.entry(rule).or_default();
                match (found.contains(rule), expected.contains(rule)) {
                    (true, true) => score.right += 1,
                    // Of garbled rows, what the first delivery said goes on being said.
                    (true, false) if is_garbled && ["R04", "R13", "R14"].contains(&rule) => {}
                    (true, false) => {
                        score.wrong += 1;
                        println!(
                            "{rule} is said and not true: {truths:?} first read {:?}",
                            first_truths.iter().find(|t| t.a_number == *number)
                        );
                    }
                    (false, true) if is_whole && !never_read.contains(number) => {
                        score.missed += 1;
                        println!(
                            "{rule} is true and not said: {truths:?} {:?} first {:?}",
                            told.findings,
                            first_truths.iter().find(|t| t.a_number == *number)
                        );
                    }
                    _ => {}
                }
            }
            if let (true, FeedReads::One(hearing)) = (is_whole, &truths[0].feed_reads) {
                let said = told.fact(Field::Hearing).and_then(|fact| fact.told.first());
                let on = said.and_then(|told| caseline_records::answer::hearing_time(&told.value)).map(|at| at.date);
                if !slips.contains("two_people") {
                    assert_eq!(on, Some(hearing.on), "{truths:?}");
                    told_rightly += 1;
                }
            }
            compared += 1;
        }
    }
    assert!(unread > 0, "no case row was garbled: nothing is proved of those");
    println!("{compared} numbers, {told_rightly} next hearings told rightly, {unread} numbers with an unreadable row");
    println!("check  right  wrong  missed  precision  recall");
    for (rule, Score { right, wrong, missed }) in &scores {
        let share = |of: u32| if right + of == 0 { 1.0 } else { f64::from(*right) / f64::from(right + of) };
        println!("{rule:5} {right:6} {wrong:6} {missed:7} {:10.4} {:7.4}", share(*wrong), share(*missed));
    }
    for (rule, score) in &scores {
        assert!(score.right > 0, "{rule} never came: these deliveries prove nothing of it");
        assert_eq!((score.wrong, score.missed), (0, 0), "{rule}");
    }
}
