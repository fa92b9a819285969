//! What came of all kills or power cuts: added up over lines and rounds, for people and for programs.
//! Counting is left to `ledger` and `looking`.

use super::disk::Forgotten;
use super::ledger::{Figures, Kind, Ledger};
use super::looking::Seen;
use std::collections::BTreeMap;
use std::time::Duration;

/// What is told of things that went wrong, at the most.
const WRONG_TOLD_MAX: usize = 20;

/// How a line ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// SIGKILL: the kernel still writes what was handed to it.
    #[default]
    Kill,
    /// The power is cut: what was not synced may be gone.
    PowerCut,
    /// The power is cut after one change of the disk has failed: all that was not synced is gone.
    EachIo,
}

impl Ending {
    /// In reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Kill => "kills",
            Self::PowerCut => "power cuts",
            Self::EachIo => "power cuts after a failed change",
        }
    }
}

/// What came of all lines and rounds.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How the line ended, each time.
    pub by: Ending,
    /// The seed of the instants.
    pub seed: u64,
    /// How often it ended.
    pub kills: u64,
    /// How long all of it took.
    pub took: Duration,
    /// Folders that were begun.
    pub rounds: u64,
    /// How long each start after an end took, until the line was up.
    pub restarts: Vec<Duration>,
    /// Of each kind.
    pub figures: BTreeMap<Kind, Figures>,
    /// Entries of all logs.
    pub log_entries: u64,
    /// How often a log was verified.
    pub verified: u64,
    /// What the cuts took from the disks.
    pub forgotten: Forgotten,
    /// What does not add up.
    pub wrong: Vec<String>,
    /// What callers met that no errand knows, and how often.
    pub strange: BTreeMap<String, u64>,
}

impl Outcome {
    /// Adds what was promised and found in one round.
    pub fn add_round(&mut self, ledger: &Ledger, seen: &Seen) {
        self.rounds += 1;
        for kind in Kind::ALL {
            let (sum, more) = (self.figures.entry(kind).or_default(), ledger.figures(kind));
            sum.tried += more.tried;
            sum.acknowledged += more.acknowledged;
            sum.by_telephone += more.by_telephone;
            sum.found += more.found;
            sum.lost += more.lost;
            sum.doubled += more.doubled;
        }
        self.log_entries += seen.log_entries();
        self.verified += u64::from(seen.verified.0);
        self.wrong.extend(ledger.all_wrong());
        for (what, times) in ledger.all_strange() {
            *self.strange.entry(what).or_default() += times;
        }
    }

    /// What was acknowledged and is gone.
    pub fn lost(&self) -> u64 {
        self.figures.values().map(|figures| figures.lost).sum()
    }

    /// What is there twice.
    pub fn doubled(&self) -> u64 {
        self.figures.values().map(|figures| figures.doubled).sum()
    }

    fn restart_ms(&self) -> (u64, u64) {
        let mut sorted = self.restarts.clone();
        sorted.sort_unstable();
        let ms = |took: Option<&Duration>| took.map_or(0, |took| took.as_millis() as u64);
        (ms(sorted.get(sorted.len() / 2)), ms(sorted.last()))
    }

    /// For programs.
    pub fn json(&self) -> serde_json::Value {
        let kinds: serde_json::Map<String, serde_json::Value> = self
            .figures
            .iter()
            .map(|(kind, figures)| {
                let row = serde_json::json!({
                    "tried": figures.tried, "acknowledged": figures.acknowledged,
                    "acknowledged_by_telephone": figures.by_telephone, "found": figures.found,
                    "lost": figures.lost, "doubled": figures.doubled,
                });
                (kind.word().to_owned(), row)
            })
            .collect();
        serde_json::json!({
            "ended_by": self.by.word(),
            "kills": self.kills,
            "seed": self.seed,
            "seconds": self.took.as_secs_f64(),
            "lost": self.lost(),
            "doubled": self.doubled(),
            "kinds": kinds,
            "log_entries": self.log_entries,
            "log_verified_times": self.verified,
            "restart_ms_median": self.restart_ms().0,
            "restart_ms_max": self.restart_ms().1,
            "rounds": self.rounds,
            "writes_forgotten": self.forgotten.writes,
            "writes_torn": self.forgotten.torn,
            "names_forgotten": self.forgotten.names,
            "wrong": self.wrong,
            "strange": self.strange,
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        use std::fmt::Write as _;
        let mut text = format!(
            "{} {} in {:.0} s (seed {}, {} folders one after the other): {} lost, {} twice.\n\n\
             {:12}{:>10}{:>14}{:>15}{:>8}{:>6}{:>7}\n",
            self.kills,
            self.by.word(),
            self.took.as_secs_f64(),
            self.seed,
            self.rounds,
            self.lost(),
            self.doubled(),
            "",
            "begun",
            "acknowledged",
            "(by telephone)",
            "found",
            "lost",
            "twice"
        );
        for (kind, figures) in &self.figures {
            let _ = writeln!(
                text,
                "{:12}{:>10}{:>14}{:>15}{:>8}{:>6}{:>7}",
                kind.word(),
                figures.tried,
                figures.acknowledged,
                figures.by_telephone,
                figures.found,
                figures.lost,
                figures.doubled
            );
        }
        let (median, max) = self.restart_ms();
        let _ = writeln!(
            text,
            "\nThe logs have {} entries, as many of each kind as there are promises; they were verified {} times, each \
             time as a continuation of the head before.\nA start afterwards took {median} ms in the median and {max} ms at \
             the most.",
            self.log_entries, self.verified,
        );
        if self.by != Ending::Kill {
            let _ = writeln!(
                text,
                "The cuts took {} writes that were not synced, {} of them torn, and {} names.",
                self.forgotten.writes, self.forgotten.torn, self.forgotten.names
            );
        }
        for wrong in self.wrong.iter().take(WRONG_TOLD_MAX) {
            let _ = writeln!(text, "wrong: {wrong}");
        }
        for (what, times) in &self.strange {
            let _ = writeln!(text, "{times} times: {what}");
        }
        text
    }
}
