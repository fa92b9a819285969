//! Runs the fuzz targets of `fuzz/`, guided by coverage, for so many minutes each and several at once if wanted; a table
//! of what each did at the end.
//! Which targets there are is left to `fuzz/targets.rs`; building them to `building`, one target's process to `process`,
//! the table to `table`; replaying the seeds without all this, to a test of the program.

mod building;
mod process;
mod stopping;
mod table;

use indicatif::{ProgressBar, ProgressStyle};
use process::{Figures, Outcome, Target};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use stopping::Running;

/// As many targets may run at the same time.
const AT_ONCE_MAX: usize = 64;

/// `cargo xtask fuzz`
#[derive(clap::Args, Debug)]
pub struct Command {
    /// Only these targets, in this order; without any, all.
    targets: Vec<String>,
    /// Minutes for each, by the clock on the wall.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// As many targets run at the same time, each in a process of its own.
    #[arg(long, default_value_t = 1)]
    at_once: usize,
    /// Writes the table to this file too, as Markdown; anew after each target.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Also looks for reads and writes outside of memory that is one's own. It builds everything once more.
    #[arg(long)]
    address_sanitizer: bool,
    /// Prints the names of the targets.
    #[arg(long)]
    list: bool,
}

impl Command {
    /// Builds and runs, with a progress bar; a table at the end. Fails if an input made a reader fall over. Ctrl-C ends
    /// it with the table of what was done.
    #[expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person at the terminal")]
    pub fn run(self) -> ExitCode {
        match self.try_run() {
            Ok(found) if found.is_empty() => ExitCode::SUCCESS,
            Ok(found) => {
                for path in found {
                    println!("an input that makes a reader fall over: {}", path.display());
                }
                println!("mend the reader, then keep the input under fuzz/seeds/");
                ExitCode::FAILURE
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        }
    }

    #[expect(clippy::print_stdout, reason = "a chore talks to the person at the terminal")]
    fn try_run(&self) -> io::Result<Vec<PathBuf>> {
        let built = building::built(self.address_sanitizer)?;
        let all = process::names(&built.binary)?;
        if self.list {
            println!("{}", all.join("\n"));
            return Ok(Vec::new());
        }
        let chosen = chosen(&self.targets, &all)?;
        let each = Duration::try_from_secs_f64(self.minutes * 60.0)
            .map_err(|_| io::Error::other("--minutes is no number of minutes"))?;
        let at_once = self.at_once.clamp(1, AT_ONCE_MAX);
        let running = Running::that_can_be_stopped()?;
        let queue = Mutex::new(chosen.iter().cloned().collect::<VecDeque<_>>());
        let (sender, news) = channel();
        let done = std::thread::scope(|scope| {
            for _ in 0..at_once.min(chosen.len()) {
                let (sender, queue, running, built) = (sender.clone(), &queue, &running, &built);
                scope.spawn(move || {
                    while let Some(name) = next(queue).filter(|_| !running.is_stopped()) {
                        let (binary, folder) = (&built.binary, &built.folder);
                        work(&Target { binary, folder, name: &name, each, at_once }, running, &sender);
                    }
                });
            }
            drop(sender);
            self.shown(&news, &chosen, each)
        })?;
        println!("{}", table::as_text(&done));
        if running.is_stopped() {
            println!("stopped; {} of {} targets were begun", done.len(), chosen.len());
        }
        Ok(done.into_iter().flat_map(|(_, outcome)| outcome.found).collect())
    }

    /// Shows how far it is until all have ended; what each did, in the order in which they ended.
    fn shown(&self, news: &Receiver<News>, chosen: &[String], each: Duration) -> io::Result<Vec<(String, Outcome)>> {
        let bar = ProgressBar::new(each.as_secs().max(1) * chosen.len() as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {elapsed} of all, {eta} left: {msg}") {
            bar.set_style(style);
        }
        let mut under_way = BTreeMap::new();
        let mut done = Vec::new();
        let mut fault = None;
        for (name, what) in news {
            match what {
                What::Begun => drop(under_way.insert(name, (Instant::now(), Figures::default()))),
                What::Went(figures) => {
                    under_way.entry(name).and_modify(|one| one.1 = figures);
                }
                What::Ended(Ok(outcome)) => {
                    under_way.remove(&name);
                    bar.suspend(|| say(&name, &outcome));
                    done.push((name, outcome));
                    self.report(&done)?;
                }
                What::Ended(Err(error)) => fault = fault.or(Some(io::Error::other(format!("{name}: {error}")))),
            }
            let here: u64 = under_way.values().map(|(begun, _)| begun.elapsed().min(each).as_secs()).sum();
            bar.set_position(done.len() as u64 * each.as_secs() + here);
            let each = under_way.iter().map(|(name, (_, figures))| format!("{name} {}", figures.tries));
            bar.set_message(each.collect::<Vec<_>>().join(", "));
        }
        bar.finish_and_clear();
        fault.map_or(Ok(done), Err)
    }

    fn report(&self, done: &[(String, Outcome)]) -> io::Result<()> {
        self.report.as_ref().map_or(Ok(()), |path| std::fs::write(path, table::as_markdown(done)))
    }
}

/// What happened to a target.
type News = (String, What);

enum What {
    Begun,
    Went(Figures),
    Ended(io::Result<Outcome>),
}

/// The wanted targets in the order in which they were named; all, when none was.
fn chosen(wanted: &[String], all: &[String]) -> io::Result<Vec<String>> {
    if let Some(unknown) = wanted.iter().find(|name| !all.contains(name)) {
        return Err(io::Error::other(format!("{unknown} is no target; there are: {}", all.join(", "))));
    }
    let mut chosen: Vec<String> = Vec::new();
    for name in if wanted.is_empty() { all } else { wanted } {
        if !chosen.contains(name) {
            chosen.push(name.clone());
        }
    }
    Ok(chosen)
}

fn next(queue: &Mutex<VecDeque<String>>) -> Option<String> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

/// Runs one target and tells how it goes. Nobody listens any more: then there is nobody to tell.
fn work(target: &Target<'_>, running: &Running, to: &Sender<News>) {
    let tell = |what| drop(to.send((target.name.to_owned(), what)));
    tell(What::Begun);
    let ended = process::run(target, running, &|figures| tell(What::Went(figures)));
    tell(What::Ended(ended));
}

#[expect(clippy::print_stdout, reason = "a chore talks to the person at the terminal")]
fn say(name: &str, outcome: &Outcome) {
    let (Figures { tries, edges, .. }, seconds) = (outcome.figures, outcome.took.as_secs());
    println!("{name}: {tries} tries in {seconds} s, {edges} edges, {} findings", outcome.found.len());
}

/// The folder of a target below one of this chore's, made if need be.
fn folder_of(folder: &Path, kind: &str, name: &str) -> io::Result<PathBuf> {
    let path = folder.join(kind).join(name);
    std::fs::create_dir_all(&path)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_run_in_the_order_in_which_they_were_named() {
        let all = ["values", "sdp", "rtp"].map(str::to_owned);
        let named = ["rtp", "values", "rtp"].map(str::to_owned);
        assert_eq!(chosen(&named, &all).unwrap(), ["rtp", "values"]);
        assert_eq!(chosen(&[], &all).unwrap(), all);
        let wrong = chosen(&["smtp".to_owned()], &all).unwrap_err().to_string();
        assert_eq!(wrong, "smtp is no target; there are: values, sdp, rtp");
    }
}
