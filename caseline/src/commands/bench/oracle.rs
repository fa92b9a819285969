//! `caseline bench oracle`: many real tries in the chat, over HTTP on loopback, on numbers that exist, that do not, that
//! are closed and that are over; whether the moment of the answer tells them apart (property S6).
//! Reading and sending pages is left to `chat_browser`.

use super::chat_browser::ChatBrowser;
use super::figure::{Figure, print};
use crate::commands::{Place, init};
use crate::exits::{Exit, with_causes};
use crate::settings::Settings;
use crate::wiring::{self, Purpose};
use crate::world::{MachineChance, MachineClock};
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::ports::Trying;
use caseline_helpline::{Chance, Clock, Store};
use caseline_model::{ANumber, CardCode, CaseId, Channel, ContactId, Phone, Private, Time};
use caseline_web::{ANSWER_TRIES_AFTER, PageKey, Server, Transport, WebSettings, WebState};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// Past this, a difference of means is no accident (the usual bar of timing tests: Goodwill and others 2011, TVLA).
const T_MAX: f64 = 4.5;
/// Past this an answer was late: the moment had gone by before it was ready.
const LATE_AFTER: Duration = Duration::from_millis(1_100);
/// Tries of one virtual day: the first four are compared, one of a class; the others meet the limits of a flood.
const TRIES_A_DAY: u32 = 40;
/// After a day and an hour the limits of the day before are over.
const A_DAY_ON: Duration = Duration::from_secs(25 * 3_600);
/// Enrolled so long ago, a case is over.
const OVER_AFTER: Duration = Duration::from_secs(91 * 86_400);
/// Wrong tries that close a number, each by a caller of their own.
const TO_CLOSE: u32 = 5;

const CLASSES: [Class; 4] = [Class::Existing, Class::Absent, Class::Closed, Class::Over];

/// How many tries.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Oracle {
    /// Tries in all, a quarter of each class.
    #[arg(long, default_value_t = 5_000)]
    tries: u32,
}

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Existing,
    Absent,
    Closed,
    Over,
}

impl Class {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Existing => "existing",
            Self::Absent => "absent",
            Self::Closed => "closed",
            Self::Over => "over",
        }
    }

    /// Made-up numbers of this class, one for each day.
    const fn number(self, day: u32) -> u32 {
        (match self {
            Self::Existing => 100_000,
            Self::Absent => 200_000,
            Self::Closed => 300_000,
            Self::Over => 400_000,
        }) + day
    }
}

/// One try as a browser sees it.
struct Seen {
    class: Class,
    is_compared: bool,
    took: Duration,
    page: String,
}

/// The machine's clock, turned on by whole days.
#[derive(Default)]
struct TurnedClock(AtomicI64);

impl Clock for TurnedClock {
    fn now(&self) -> Time {
        let turned = u64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or_default();
        MachineClock.now().plus(Duration::from_micros(turned))
    }
}

impl TurnedClock {
    fn turn(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}

impl Oracle {
    /// Runs it and prints the figures. Fails when the moments, or the pages, tell numbers apart.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let folder = std::env::temp_dir().join(format!("caseline-oracle-{}", std::process::id()));
        let seen = self.measure(folder.clone()).await;
        let _ = std::fs::remove_dir_all(&folder);
        let seen = seen?;
        let (figures, worst) = figures(&seen);
        let notes = format!(
            "{} tries over HTTP on loopback, client and server on the same machine, {TRIES_A_DAY} a virtual day and most of \
             them at once; of each day's tries the first four are compared, the others meet the limits of a flood. \
             Answers leave {} ms after the request.",
            seen.len(),
            ANSWER_TRIES_AFTER.as_millis()
        );
        print(place, &figures, &notes);
        let pages = pages(&seen);
        if worst > T_MAX || pages > 1 {
            return Err(Exit::Failures(format!(
                "numbers can be told apart: |t| is {worst:.2}, {pages} different pages"
            )));
        }
        Ok(())
    }

    async fn measure(&self, folder: PathBuf) -> Result<Vec<Seen>, Exit> {
        let broke = |what: String| Exit::Environment(what);
        init::make(&folder)?;
        let store: Arc<dyn Store> = init::open_store(&folder).await?;
        let settings = Settings::parse("the bench's settings", SETTINGS).map_err(|fault| broke(fault.to_string()))?;
        let program = wiring::program(&settings, Purpose::Demonstration)?;
        let line = Arc::new(wiring::line(&settings, program, Arc::clone(&store)));
        let clock = Arc::new(TurnedClock::default());
        let state = WebState::new(line, Arc::clone(&clock) as Arc<dyn Clock>, web_settings());
        let server = Server::open(state).await.map_err(|fault| broke(with_causes(&fault)))?;
        let address = server.address().ok_or_else(|| broke("the pages have no port".into()))?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        let mut seen = Vec::new();
        for day in 0..self.tries.div_ceil(TRIES_A_DAY) {
            clock.turn(A_DAY_ON);
            prepare(&*store, &*clock, day).await?;
            for (is_compared, tries) in [(true, 4), (false, TRIES_A_DAY - 4)] {
                let left = self.tries - u32::try_from(seen.len()).unwrap_or(u32::MAX);
                seen.extend(at_once(address, day, is_compared, tries.min(left)).await?);
            }
        }
        let _ = stop.send(());
        serving.await.map_err(|error| broke(error.to_string()))?;
        Ok(seen)
    }
}

/// Enrols and closes the numbers of a day.
async fn prepare(store: &dyn Store, clock: &dyn Clock, day: u32) -> Result<(), Exit> {
    let fault = |fault: caseline_helpline::StoreFault| Exit::Environment(with_causes(&fault));
    let now = clock.now();
    for class in [Class::Existing, Class::Closed, Class::Over] {
        let enrolled_at = if class == Class::Over { now.minus(OVER_AFTER) } else { now };
        let codes: Vec<_> =
            (1..=12).filter_map(|row| CardCode::from_random(row, 11_000_000 + u64::from(row))).collect();
        let codes: Vec<_> = codes.into_iter().map(Private::new).collect();
        let case = CaseId::from_random(MachineChance.bits_128());
        store.enrol(enrolled_at, case, &number(class, day)?, &codes).await.map_err(fault)?;
    }
    for n in 0..TO_CLOSE {
        let contact = ContactId::from_random(MachineChance.bits_128());
        store.begin_contact(now, contact, Channel::Phone).await.map_err(fault)?;
        let phone: Option<Phone> = format!("+1202555{:04}", 100 + n).parse().ok();
        let who = Trying { contact, caller: phone.map(Private::new), shared: false };
        store.check_card(now, &who, &number(Class::Closed, day)?, &wrong_code()?).await.map_err(fault)?;
    }
    Ok(())
}

/// So many tries at once, the classes one after the other, in chats that were begun before.
async fn at_once(address: SocketAddr, day: u32, is_compared: bool, tries: u32) -> Result<Vec<Seen>, Exit> {
    let mut chats = Vec::new();
    for n in 0..tries {
        // Another class is first every day.
        let class = CLASSES[((n + day) % 4) as usize];
        let mut browser = ChatBrowser::begin(address, "en").await?;
        browser.answer("choice", "my-case").await?;
        browser.answer("value", &format!("{:09}", class.number(day))).await?;
        chats.push((class, browser));
    }
    let code = wrong_code()?.reveal().keyed();
    let mut trying = JoinSet::new();
    for (class, mut browser) in chats {
        let code = code.clone();
        trying.spawn(async move {
            let took = browser.answer("value", &code).await?;
            Ok::<Seen, Exit>(Seen { class, is_compared, took, page: browser.page_without_seals() })
        });
    }
    trying.join_all().await.into_iter().collect()
}

fn number(class: Class, day: u32) -> Result<Private<CaseNumber>, Exit> {
    let number = ANumber::from_value(class.number(day));
    let number = number.ok_or_else(|| Exit::Usage("fewer tries: the made-up numbers are used up".into()))?;
    Ok(Private::new(CaseNumber::A(number)))
}

fn wrong_code() -> Result<Private<CardCode>, Exit> {
    let code = CardCode::from_random(12, 99_999_999);
    code.map(Private::new).ok_or_else(|| Exit::Environment("a card has twelve rows".into()))
}

fn web_settings() -> WebSettings {
    WebSettings {
        bind: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0),
        transport: Transport::Plain,
        metrics_bind: None,
        line_name: "Made-Up Helpline".into(),
        number_to_call: "+1 202 555 0100".into(),
        exit_to: None,
        public_address: None,
        desk_address: None,
        hosts_below_over_tls: true,
        answer_tries_after: ANSWER_TRIES_AFTER,
        page_key: PageKey::new([7; 32]),
    }
}

const SETTINGS: &str = r#"[operator]
kind = "legal-aid"
name = "Made-Up Legal Aid"
shares_with = ""
hears_calls = ""

[line]
zone = "America/Chicago"
hours = { mon = "00:00-24:00" }

[web]
number_to_call = "+1 202 555 0100"
metrics = "127.0.0.1:0"
"#;

/// Welch's t between each pair, medians, and the largest |t|.
fn figures(seen: &[Seen]) -> (Vec<Figure>, f64) {
    let of = |class: Class, only_compared: bool| -> Vec<f64> {
        let of_class = seen.iter().filter(|seen| seen.class == class && (seen.is_compared || !only_compared));
        of_class.map(|seen| seen.took.as_secs_f64() * 1e3).collect()
    };
    let mut figures = Vec::new();
    let mut worst: f64 = 0.0;
    for (n, one) in CLASSES.into_iter().enumerate() {
        for other in &CLASSES[n + 1..] {
            for (what, only_compared) in [("", false), ("-compared", true)] {
                let t = welch_t(&of(one, only_compared), &of(*other, only_compared));
                worst = worst.max(t.abs());
                let name = format!("oracle-t-{}-{}{what}", one.as_str(), other.as_str());
                figures.push(Figure::new(name, "Welch's t", t, "a leak is |t| > 4.5"));
            }
        }
    }
    for class in CLASSES {
        let name = format!("oracle-median-{}", class.as_str());
        figures.push(Figure::new(name, "ms", median(of(class, false)), "the deadline: 1000"));
    }
    let late = seen.iter().filter(|seen| seen.took > LATE_AFTER).count() as f64 / seen.len().max(1) as f64;
    figures.push(Figure::new(
        "oracle-late",
        "% of answers",
        late * 100.0,
        "aim: 0; the machine was too busy for these",
    ));
    let pages = pages(seen) as f64;
    figures.push(Figure::new("oracle-pages", "different pages", pages, "aim: 1"));
    figures.push(Figure::new("oracle-tries", "tries", seen.len() as f64, "aim: at least 5000"));
    (figures, worst)
}

fn pages(seen: &[Seen]) -> usize {
    seen.iter().map(|seen| seen.page.as_str()).collect::<BTreeSet<_>>().len()
}

/// Welch's t of two samples (B. L. Welch, Biometrika 34, 1947).
fn welch_t(one: &[f64], other: &[f64]) -> f64 {
    let (mean_one, spread_one) = mean_and_spread(one);
    let (mean_other, spread_other) = mean_and_spread(other);
    let spread = (spread_one + spread_other).sqrt();
    if spread > 0.0 { (mean_one - mean_other) / spread } else { 0.0 }
}

/// The mean, and the variance of the mean.
fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    if count < 2.0 {
        return (values.first().copied().unwrap_or_default(), 0.0);
    }
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, variance / count)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_millisecond_that_tells_numbers_apart_is_found_and_noise_is_not() {
        let noise = |from: f64| (0..1_000).map(|n| from + f64::from(n * 7_919 % 1_000) / 100.0).collect::<Vec<_>>();
        assert!(welch_t(&noise(1_000.0), &noise(1_000.0)).abs() < 0.1);
        assert!(welch_t(&noise(1_001.0), &noise(1_000.0)) > T_MAX);
        assert!((welch_t(&[1.0, 2.0, 3.0], &[2.0, 3.0, 4.0]) + 1.224_744_871).abs() < 1e-6);
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_few_tries_of_each_class_show_one_page() {
        let folder = std::env::temp_dir().join(format!("caseline-oracle-test-{}", std::process::id()));
        let seen = Oracle { tries: 12 }.measure(folder.clone()).await;
        std::fs::remove_dir_all(&folder).unwrap();
        let seen = seen.unwrap_or_else(|exit| panic!("{}", exit.sentence()));
        assert_eq!(seen.len(), 12);
        assert_eq!(pages(&seen), 1, "{:#?}", seen.iter().map(|seen| (&seen.page, seen.class)).collect::<Vec<_>>());
        assert!(seen[0].page.contains("not-opened"), "{}", seen[0].page);
        assert!(seen.iter().all(|seen| seen.took >= ANSWER_TRIES_AFTER), "no answer leaves before its moment");
    }
}
