//! `caseline bench guessing`: somebody with 52 lines guesses numbers and codes, against the very limits of the line, in
//! virtual time; and two ways to lock enrolled people out.
//! The limits are `helpline::limits`; the model of the attack is that of SECURITY.md's page on guessing.

use super::figure::{Figure, print};
use crate::commands::Place;
use caseline_helpline::cards::CARDS_OF_CASE_MAX;
use caseline_helpline::chance::{Chance, SeededChance};
use caseline_helpline::limits::{Answer, Counters, Fit, Tried, TryEnd, Verdict, decide, needs_two};
use caseline_model::Time;
use std::collections::{HashSet, VecDeque};
use std::time::Duration;

/// The lines of the guesser: as many as the court's own hotline publishes.
const LINES: u64 = 52;
/// Tries a minute and line, with the greeting interrupted by keys.
const TRIES_A_MINUTE: u64 = 3;
/// Three in a hundred of all numbers hold sixty in a hundred of the cases: numbers are given out in runs.
const DENSE_NUMBERS: u64 = 30_000_000;
const DENSE_PERCENT: u64 = 60;
/// Codes have eight digits.
const CODES: u64 = 100_000_000;
/// Rows of a card.
const CARD_ROWS: u8 = 12;
/// Cards that stand for one number, at the most: as many codes are right for a row of it.
const CARDS: u64 = CARDS_OF_CASE_MAX as u64;
/// Cards in the hands of one person who is not their owner.
const CARDS_HELD: u64 = 500;
/// Every enrolled person calls once in so many days: the contacts of which the limits take their shares.
const CALLS_ONE_IN_DAYS: u64 = 60;
/// Of a hundred callers so many withhold their number or write in the chat, which shows none.
const WITHHELD_PERCENT: u64 = 30;
/// A shelter's number, which is public and which the operator has declared as shared.
const SHELTER: u64 = 1;
/// Numbers that a guesser shows begin here; the guesser's own people, before.
const SPOOFED_FROM: u64 = 1 << 40;
/// A Monday, 00:00 UTC: a key week begins.
const START: Time = Time::from_micros((20_502 - 2) * 86_400_000_000);
const DAY: Duration = Duration::from_secs(86_400);

/// How much is simulated.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Guessing {
    /// Days of the attack; the year is counted up from the days after the first one.
    #[arg(long, default_value_t = 8)]
    days: u32,
    /// Enrolled people who call during a flood, or whose card is attacked.
    #[arg(long, default_value_t = 500)]
    people: u32,
}

impl Guessing {
    /// Runs all of it and prints the figures.
    pub fn run(&self, place: &Place) {
        let mut figures = Vec::new();
        for cases in [50_000, 3_400_000] {
            let aim = if cases == 50_000 { "aim: at most 1e-4" } else { "no aim; reported" };
            for disguise in [Disguise::Spoofed, Disguise::Withheld, Disguise::Shelter] {
                let attack = Attack::run(cases, disguise, self.days.max(2));
                let named = |what: &str| format!("guessing-{what}-{cases}-{}", disguise.as_str());
                figures.extend([
                    Figure::new(named("openings"), "a year, one card each", attack.openings_a_year(1), aim),
                    Figure::new(named("openings-most"), "a year, four cards each", attack.openings_a_year(CARDS), aim),
                    Figure::new(named("opened"), "in the simulation", attack.opened as f64, "aim: 0"),
                    Figure::new(named("compared"), "codes a day", attack.compared_a_day(), "224640 tries a day"),
                    Figure::new(named("alarm"), "minutes", attack.alarm_minutes(), "aim: at most 5"),
                ]);
            }
        }
        for (name, cards) in [("guessing-one-number-one-card", 1), ("guessing-one-number-four-cards", CARDS)] {
            let targeted = Targeted::run(self.days.max(2), cards);
            figures.push(Figure::new(name, "openings a year, expected", targeted, "NIST's ceiling: 1e-6 a card"));
        }
        for (name, shown) in [("own number", Some(SPOOFED_FROM)), ("withheld", None)] {
            let opened = opened_with_many_cards(shown);
            let name = format!("many-cards-{}", name.replace(' ', "-"));
            figures.push(Figure::new(
                name,
                "different cases in a week, of 500 cards",
                opened as f64,
                "aim: 3 for a number",
            ));
        }
        for (name, lock_out) in [
            ("abuser-kills-a-card", LockOut::abuser_kills_a_card(self.people)),
            ("flooder-blocks-withheld-callers", LockOut::flooder_blocks_withheld_callers(self.people)),
        ] {
            let people = lock_out.people.len() as f64;
            figures.extend([
                Figure::new(format!("{name}-locked-out"), "people in 24 h", lock_out.locked_out() as f64, "aim: 0"),
                Figure::new(
                    format!("{name}-second-code"),
                    "people who needed one",
                    lock_out.needed_two() as f64,
                    "none",
                ),
                Figure::new(format!("{name}-people"), "people who called", people, "none"),
            ]);
        }
        print(
            place,
            &figures,
            "52 lines, 3 tries a minute each, dense blocks, every row as likely as the next; expected openings are the \
             codes that the limits let be compared, times the share of guessed numbers that exist, times the cards of a \
             number in 10^8 (in 10^16 where two codes are asked).",
        );
    }
}

/// Whose number the guesser shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disguise {
    /// Another one at every call.
    Spoofed,
    /// None.
    Withheld,
    /// That of a shelter where somebody opened a case this week.
    Shelter,
}

impl Disguise {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Spoofed => "spoofed",
            Self::Withheld => "withheld",
            Self::Shelter => "shelter",
        }
    }
}

/// A caller in a week, as the limits know them.
type Caller = (u32, Option<u64>);

/// The limits of a site with its day's contacts, in virtual time.
struct Site {
    counters: Counters<u64, Caller>,
    contacts_on: [u64; 2],
    day: u32,
    alarm_at: Option<Time>,
}

/// A call in which numbers and codes are tried.
struct Call {
    caller: Caller,
    is_shared: bool,
    wrong: u32,
    first: Option<u8>,
    opened: HashSet<u64>,
}

/// One try, as whoever makes it sees it and as the attack is counted.
struct TryOf {
    answer: Answer,
    verdict: Verdict,
}

impl Site {
    /// A site on which `calls_a_day` came yesterday.
    fn new(calls_a_day: u64) -> Self {
        let mut site =
            Self { counters: Counters::default(), contacts_on: [calls_a_day, 0], day: START.day(), alarm_at: None };
        for _ in 0..calls_a_day * WITHHELD_PERCENT / 100 {
            site.counters.count_contact(START.minus(DAY), &(START.week(), None));
        }
        site
    }

    /// A new day: the counts of the old one are yesterday's, and what is due is purged as the store does.
    fn turn_to(&mut self, now: Time, calls_a_day: u64) {
        if now.day() == self.day {
            return;
        }
        self.day = now.day();
        self.contacts_on = [self.contacts_on[1] + calls_a_day, 0];
        self.counters.purge(now.minus(DAY * 7), |caller| caller.0 < now.week());
    }

    fn call(&mut self, now: Time, number: Option<u64>) -> Call {
        let caller = (now.week(), number);
        self.contacts_on[1] += 1;
        self.counters.count_contact(now, &caller);
        Call {
            caller,
            is_shared: number.is_none_or(|number| number == SHELTER),
            wrong: 0,
            first: None,
            opened: HashSet::new(),
        }
    }

    /// Keys a number and a code; `row` is that of a right code.
    fn key(&mut self, now: Time, call: &mut Call, number: u64, row: Option<u8>) -> TryOf {
        let tried = Tried {
            keyed: &number,
            by_receipt: false,
            caller: &call.caller,
            is_shared: call.is_shared,
            in_contact: call.wrong,
            open_in_contact: u32::try_from(call.opened.len()).unwrap_or(u32::MAX),
            is_open_in_contact: call.opened.contains(&number),
            site_contacts_yesterday: u32::try_from(self.contacts_on[0]).unwrap_or(u32::MAX),
        };
        let facts = self.counters.facts(now, &tried);
        let verdict = decide(&facts, now);
        let in_all = self.counters.wrong_row(&number).in_all;
        let fit = Fit::of_code(row.is_some(), call.first, row.unwrap_or_default());
        let end = TryEnd::of_code(verdict, fit, in_all);
        if self.counters.count(now, &tried, &facts, end) {
            self.alarm_at.get_or_insert(now);
        }
        call.first = if end == TryEnd::FirstOfTwo { row } else { None };
        let answer = end.answer(verdict, call.wrong);
        call.wrong += u32::from(end.counts_on_caller());
        if end == TryEnd::Opened {
            self.counters.count_opened(&number, &call.caller, call.caller.1.is_none(), false);
            call.opened.insert(number);
        }
        TryOf { answer, verdict }
    }
}

/// The calls that the guesser's lines make, each with two tries in a row, spread over the day.
fn calls(days: u32) -> impl Iterator<Item = [Time; 2]> {
    let between_tries = Duration::from_secs(60 / TRIES_A_MINUTE);
    let a_line_calls_every = between_tries * 2;
    let between_calls = a_line_calls_every / u32::try_from(LINES).unwrap_or(u32::MAX);
    let count = (DAY * days).as_micros() / between_calls.as_micros();
    (0..u32::try_from(count).unwrap_or(u32::MAX)).map(move |n| {
        let at = START.plus(between_calls * n);
        [at, at.plus(between_tries)]
    })
}

/// What came of guessing for some days.
struct Attack {
    cases: u64,
    days: u32,
    /// Codes that were compared, one at a time: on the first day, and on the others.
    compared: [u64; 2],
    /// Pairs that could have opened where two codes are asked.
    pairs: u64,
    opened: u64,
    alarm_at: Option<Time>,
}

impl Attack {
    fn run(cases: u64, disguise: Disguise, days: u32) -> Self {
        let chance = SeededChance::new(cases);
        let calls_a_day = cases / CALLS_ONE_IN_DAYS;
        let mut site = Site::new(calls_a_day);
        let mut attack = Self { cases, days, compared: [0; 2], pairs: 0, opened: 0, alarm_at: None };
        let enrolled = cases * DENSE_PERCENT / 100;
        let mut week = None;
        for (n, times) in calls(days).enumerate() {
            site.turn_to(times[0], calls_a_day);
            if disguise == Disguise::Shelter && week != Some(times[0].week()) {
                // A guest of the shelter opened a case: its number is known this week.
                week = Some(times[0].week());
                let mut guest = site.call(times[0], Some(SHELTER));
                site.key(times[0], &mut guest, u64::MAX, Some(1));
            }
            let shown = match disguise {
                Disguise::Spoofed => Some(SPOOFED_FROM + n as u64),
                Disguise::Withheld => None,
                Disguise::Shelter => Some(SHELTER),
            };
            let mut call = site.call(times[0], shown);
            for (at, second) in times.into_iter().zip([false, true]) {
                let number = chance.bits_64() % DENSE_NUMBERS;
                // Whether it is somebody's, and whether the code is theirs, is drawn as it would be on real cards.
                let fits = number < enrolled && chance.bits_64() % CODES < CARDS;
                let row = fits.then(|| u8::try_from(chance.bits_64() % u64::from(CARD_ROWS)).unwrap_or_default() + 1);
                let tried = site.key(at, &mut call, number, row);
                match tried.verdict {
                    Verdict::Compare => attack.compared[usize::from(at.day() > START.day())] += 1,
                    Verdict::Closed | Verdict::Guarded => attack.pairs += u64::from(second),
                    Verdict::PersonNow => {}
                }
                attack.opened += u64::from(tried.answer == Answer::Opened);
            }
        }
        attack.alarm_at = site.alarm_at;
        attack
    }

    /// Of guessed numbers so many are somebody's.
    fn share_that_exists(&self) -> f64 {
        (self.cases * DENSE_PERCENT / 100) as f64 / DENSE_NUMBERS as f64
    }

    /// Codes compared one at a time, a day, once the limits have seen a day of the attack: its calls raise the shares.
    fn compared_a_day(&self) -> f64 {
        (self.compared[1] as f64 / f64::from(self.days - 1)).max(self.compared[0] as f64)
    }

    /// With so many cards for each number. Two codes in a row must be of one card.
    fn openings_a_year(&self, cards: u64) -> f64 {
        let one = self.compared_a_day() / CODES as f64;
        let two = self.pairs as f64 / f64::from(self.days) / (CODES as f64 * CODES as f64);
        365.0 * self.share_that_exists() * cards as f64 * (one + two)
    }

    fn alarm_minutes(&self) -> f64 {
        self.alarm_at.map_or(f64::INFINITY, |at| at.since(START).as_secs_f64() / 60.0)
    }
}

/// Guessing at the codes of one card whose number is known, with a new caller number at every call.
struct Targeted;

impl Targeted {
    /// Expected openings a year of a number with so many cards. Its owner opens their case once a day, so that counting
    /// begins anew.
    fn run(days: u32, cards: u64) -> f64 {
        const VICTIM: u64 = 7;
        let mut site = Site::new(50_000 / CALLS_ONE_IN_DAYS);
        let (mut expected, mut day) = (0.0, None);
        for (n, times) in calls(days).enumerate() {
            site.turn_to(times[0], 0);
            if day != Some(times[0].day()) {
                day = Some(times[0].day());
                let mut owner = site.call(times[0], Some(2));
                if site.key(times[0], &mut owner, VICTIM, Some(1)).answer != Answer::Opened {
                    site.key(times[0], &mut owner, VICTIM, Some(2));
                }
            }
            let mut call = site.call(times[0], Some(SPOOFED_FROM + n as u64));
            for (at, second) in times.into_iter().zip([false, true]) {
                let in_all = site.counters.wrong_row(&VICTIM).in_all;
                let tried = site.key(at, &mut call, VICTIM, None);
                expected += match tried.verdict {
                    Verdict::Compare if !needs_two(in_all) => 1.0 / CODES as f64,
                    _ if second => 1.0 / (CODES as f64 * CODES as f64),
                    _ => 0.0,
                };
            }
        }
        expected / f64::from(days) * 365.0 * cards as f64
    }
}

/// Different cases that somebody opens in a week who holds many cards that are not theirs, one call for each.
fn opened_with_many_cards(shown: Option<u64>) -> usize {
    let mut site = Site::new(50_000 / CALLS_ONE_IN_DAYS);
    let answers = (0..CARDS_HELD).map(|n| {
        let at = START.plus(Duration::from_secs(600 * n));
        let mut call = site.call(at, shown);
        site.key(at, &mut call, n, Some(1)).answer
    });
    answers.filter(|answer| *answer == Answer::Opened).count()
}

/// An enrolled person in a call whose first code was refused.
struct Person {
    who: u64,
    call: Call,
    row: u8,
    again_at: Time,
}

/// What enrolled people met who called during an attack.
#[derive(Default)]
struct LockOut {
    people: HashSet<u64>,
    second_code: HashSet<u64>,
    not_opened: HashSet<u64>,
}

impl LockOut {
    /// Somebody who knows the numbers of some cards, and their owners' telephone numbers, keys wrong codes on them all
    /// day and shows the owners' own numbers or none. The owners call four times over the day, each time with two codes
    /// at hand.
    fn abuser_kills_a_card(people: u32) -> Self {
        Self::attacked(people, 4, &|n, people| {
            let victim = n % u64::from(people);
            (if n % 2 == 0 { Some(owner(victim)) } else { None }, victim)
        })
    }

    /// Somebody keys wrong codes on numbers at random all day, from withheld numbers. Enrolled people call once, most
    /// of them without showing a number.
    fn flooder_blocks_withheld_callers(people: u32) -> Self {
        let chance = SeededChance::new(52);
        Self::attacked(people, 1, &move |_, _| (None, DENSE_NUMBERS + chance.bits_64() % DENSE_NUMBERS))
    }

    fn attacked(people: u32, calls_each: u32, wrong: &dyn Fn(u64, u32) -> (Option<u64>, u64)) -> Self {
        let mut site = Site::new(50_000 / CALLS_ONE_IN_DAYS);
        let mut seen = Self::default();
        let attackers_calls = calls(1).count() as u64;
        let enrolled_calls = u64::from(people * calls_each);
        let every = (attackers_calls / enrolled_calls.max(1)).max(1);
        let mut waiting: VecDeque<Person> = VecDeque::new();
        for (n, times) in (0_u64..).zip(calls(1)) {
            let (shown, number) = wrong(n, people);
            let mut call = site.call(times[0], shown);
            site.key(times[0], &mut call, number, None);
            // Between the two tries of an attacker, and with the other lines between their own two.
            while let Some(person) = waiting.pop_front_if(|person| person.again_at <= times[0]) {
                seen.person_tries_again(&mut site, times[0], person);
            }
            if n % every == every / 2 && n / every < enrolled_calls {
                let (who, which_call) = (n / every % u64::from(people), n / every / u64::from(people));
                waiting.extend(seen.person_calls(&mut site, times[0], who, which_call));
            }
            site.key(times[1], &mut call, number, None);
        }
        for person in waiting {
            let at = person.again_at;
            seen.person_tries_again(&mut site, at, person);
        }
        seen
    }

    /// A person calls with a code of the next row; if that is refused, another row follows half a minute later.
    fn person_calls(&mut self, site: &mut Site, now: Time, who: u64, which_call: u64) -> Option<Person> {
        self.people.insert(who);
        // Two of three show no number; the third shows one that the attacker may know.
        let mut call = site.call(now, who.is_multiple_of(3).then(|| owner(who)));
        let row = u8::try_from(which_call * 2 % u64::from(CARD_ROWS)).unwrap_or_default() + 1;
        let tried = site.key(now, &mut call, who, Some(row));
        (tried.answer != Answer::Opened).then(|| Person { who, call, row, again_at: now.plus(Duration::from_secs(30)) })
    }

    fn person_tries_again(&mut self, site: &mut Site, now: Time, mut person: Person) {
        self.second_code.insert(person.who);
        let tried = site.key(now, &mut person.call, person.who, Some(person.row + 1));
        if tried.answer != Answer::Opened {
            self.not_opened.insert(person.who);
        }
    }

    fn locked_out(&self) -> usize {
        self.not_opened.len()
    }

    fn needed_two(&self) -> usize {
        self.second_code.len()
    }
}

/// The telephone number of a card's owner.
const fn owner(person: u64) -> u64 {
    1_000 + person
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guesser_with_52_lines_opens_nothing_in_a_thousand_years_and_the_alarm_rings_within_five_minutes() {
        for disguise in [Disguise::Spoofed, Disguise::Withheld, Disguise::Shelter] {
            let attack = Attack::run(50_000, disguise, 2);
            assert!(attack.openings_a_year(CARDS) <= 1e-4, "{disguise:?}: {}", attack.openings_a_year(CARDS));
            assert!(attack.compared_a_day() >= 5.0, "{disguise:?}: the limits let honest mistakes through");
            assert!(attack.alarm_minutes() <= 5.0, "{disguise:?}: {} minutes", attack.alarm_minutes());
            assert_eq!(attack.opened, 0, "{disguise:?}");
        }
    }

    #[test]
    fn without_the_limits_the_same_guesser_would_pass_the_aim() {
        let attack = Attack { cases: 50_000, days: 2, compared: [224_640; 2], pairs: 0, opened: 0, alarm_at: None };
        assert!(attack.openings_a_year(1) > 1e-4);
        assert!(attack.alarm_minutes().is_infinite());
    }

    #[test]
    fn one_card_resists_a_year_of_guesses() {
        assert!(Targeted::run(3, CARDS) <= 1e-4);
    }

    #[test]
    fn nobody_who_holds_a_card_is_locked_out_for_a_day_by_whoever_does_not() {
        let abused = LockOut::abuser_kills_a_card(40);
        assert_eq!((abused.people.len(), abused.locked_out()), (40, 0));
        assert!(abused.needed_two() > 0, "the attack closes cards");
        let flooded = LockOut::flooder_blocks_withheld_callers(200);
        assert_eq!((flooded.people.len(), flooded.locked_out()), (200, 0));
        assert!(flooded.needed_two() > 100, "{} of 200 needed a second code", flooded.needed_two());
    }

    #[test]
    fn whoever_holds_many_cards_opens_three_cases_a_week_from_one_number() {
        assert_eq!(opened_with_many_cards(Some(SPOOFED_FROM)), 3);
    }
}
