//! One target's process: started with its seeds, watched, and measured when it ends.
//! Which targets run when is left to `fuzz`, ending them early to `stopping`.

use super::folder_of;
use super::stopping::Running;
use crate::packages::root;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use std::collections::{BTreeSet, VecDeque};
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The variable by which the binary learns which target it is.
const VARIABLE: &str = "CASELINE_FUZZ_TARGET";

/// The longest input, in bytes, unless a seed is longer.
const INPUT_BYTES_MAX: u64 = 8_192;

/// One input may take so long, in seconds, while one target runs alone: a reader that takes longer is a finding. It is
/// time by the clock on the wall, so several at once have as many times more.
const ONE_INPUT_SECONDS_MAX: usize = 10;

/// One process may take so much memory, in MiB.
const MEMORY_MIB_MAX: u32 = 2_048;

/// As many rows of what it said last are kept when it fails.
const LAST_ROWS: usize = 80;

/// In how many parts of a second `/proc` counts the time of processors (proc(5), `USER_HZ`: the same on every machine
/// that Caseline runs on).
const TICKS_A_SECOND: u64 = 100;

/// A target that is to run.
pub(super) struct Target<'a> {
    /// The program.
    pub(super) binary: &'a Path,
    /// Where it keeps what it learns and what it breaks.
    pub(super) folder: &'a Path,
    /// Its name.
    pub(super) name: &'a str,
    /// For how long.
    pub(super) each: Duration,
    /// How many run at the same time.
    pub(super) at_once: usize,
}

/// What the fuzzer says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    /// Inputs that were tried.
    pub(super) tries: u64,
    /// Edges of the code that were reached (libFuzzer's `cov`).
    pub(super) edges: u64,
    /// Edges and how often they were taken (libFuzzer's `ft`).
    pub(super) features: u64,
}

/// What one target did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// What it tried and reached.
    pub(super) figures: Figures,
    /// Time by the clock on the wall.
    pub(super) took: Duration,
    /// Time of processors, in the program and in the system for it; none when the system did not tell.
    pub(super) processor: Option<Duration>,
    /// Inputs that make the reader fall over, or what the process said last when it left none.
    pub(super) found: Vec<PathBuf>,
}

/// The names of all targets.
pub(super) fn names(binary: &Path) -> io::Result<Vec<String>> {
    let said = Command::new(binary).env(VARIABLE, "list").output()?;
    if !said.status.success() {
        return Err(io::Error::other("the fuzz targets cannot be listed"));
    }
    Ok(String::from_utf8_lossy(&said.stdout).lines().map(str::to_owned).collect())
}

/// Runs one target until its time is over, it found something, or it is stopped. What it learns goes to `corpus/`, what
/// it breaks to `found/`.
pub(super) fn run(target: &Target<'_>, running: &Running, tell: &dyn Fn(Figures)) -> io::Result<Outcome> {
    let (name, seconds) = (target.name, target.each.as_secs().max(1));
    let broken = folder_of(target.folder, "found", name)?;
    let before = files_in(&broken)?;
    let begun = Instant::now();
    let mut child = Command::new(target.binary)
        .env(VARIABLE, name)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={}", longest(name)?))
        .arg(format!("-timeout={}", ONE_INPUT_SECONDS_MAX * target.at_once))
        .arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"))
        .arg(format!("-artifact_prefix={}/", broken.display()))
        .arg("-print_final_stats=1")
        .arg(folder_of(target.folder, "corpus", name)?)
        .args(seeds_of(name)?)
        // A terminal sends Ctrl-C to a whole group: it comes from us, once.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    running.add(&child);
    let mut figures = Figures::default();
    let mut last = VecDeque::with_capacity(LAST_ROWS);
    let read = child.stderr.take().map_or(Ok(()), |said| {
        // A reader may have put any bytes into its panic.
        BufReader::new(said).split(b'\n').try_for_each(|row| {
            let row = String::from_utf8_lossy(&row?).into_owned();
            read_row(&row, &mut figures);
            tell(figures);
            if last.len() == LAST_ROWS {
                last.pop_front();
            }
            last.push_back(row);
            Ok(())
        })
    });
    let processor = processor_time_of(&child);
    running.remove(&child);
    let status = child.wait()?;
    read.map_err(|error: io::Error| error)?;
    let mut found = files_in(&broken)?;
    found.retain(|path| !before.contains(path) && !is_merely_slow(path));
    let mut found: Vec<PathBuf> = found.into_iter().collect();
    if !status.success() && !running.is_stopped() {
        let said = target.folder.join("found").join(format!("{name}.txt"));
        std::fs::write(&said, Vec::from(last).join("\n"))?;
        if found.is_empty() {
            found.push(said);
        }
    }
    Ok(Outcome { figures, took: begun.elapsed(), processor, found })
}

/// The seeds of a target: its own, and folders that stand in the repository for another reason.
fn seeds_of(name: &str) -> io::Result<Vec<PathBuf>> {
    let more: toml::Table = std::fs::read_to_string(root().join("fuzz/more-seeds.toml"))?
        .parse()
        .map_err(|error| io::Error::other(format!("fuzz/more-seeds.toml: {error}")))?;
    let own = format!("fuzz/seeds/{name}");
    let others = more.get(name).and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str);
    let folders = std::iter::once(own.as_str()).chain(others).map(|folder| root().join(folder));
    Ok(folders.filter(|folder| folder.is_dir()).collect())
}

/// The length of inputs, in bytes: that of the longest seed of its own at least.
fn longest(name: &str) -> io::Result<u64> {
    let own = root().join("fuzz/seeds").join(name);
    let files = if own.is_dir() { files_in(&own)? } else { BTreeSet::new() };
    let lengths = files.iter().filter_map(|path| Some(path.metadata().ok()?.len()));
    Ok(lengths.max().unwrap_or(0).max(INPUT_BYTES_MAX))
}

/// libFuzzer also keeps inputs that took long and came to an end: on a busy machine that says nothing.
fn is_merely_slow(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("slow-unit-"))
}

fn files_in(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

/// What processors spent on a process, once it has ended and before it is let go: the system keeps its figures until then.
fn processor_time_of(child: &Child) -> Option<Duration> {
    let process = Pid::from_child(child);
    waitid(WaitId::Pid(process), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).ok()?;
    processor_time_in(&std::fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?)
}

/// Fields 14 and 15 of `/proc/PID/stat` (proc(5)): time in the program and in the system. The name, which may hold
/// anything, stands in brackets before.
fn processor_time_in(stat: &str) -> Option<Duration> {
    let (_, after) = stat.rsplit_once(')')?;
    let mut fields = after.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let all = ticks()?.checked_add(ticks()?)?;
    Some(Duration::from_millis(all.checked_mul(1_000)? / TICKS_A_SECOND))
}

/// `#2097152 pulse  cov: 410 ft: 1203 corp: 230/20Kb lim: 4096 exec/s: 262144 rss: 73Mb`, and at the end
/// `stat::number_of_executed_units: 3000000`.
fn read_row(row: &str, figures: &mut Figures) {
    if let Some(all) = row.strip_prefix("stat::number_of_executed_units:") {
        figures.tries = all.trim().parse().unwrap_or(figures.tries);
    }
    let Some(rest) = row.strip_prefix('#') else { return };
    let mut words = rest.split_whitespace();
    if let Some(tries) = words.next().and_then(|number| number.trim_end_matches(':').parse().ok()) {
        figures.tries = figures.tries.max(tries);
    }
    let words: Vec<&str> = words.collect();
    let after = |name: &str| words.windows(2).find(|pair| pair[0] == name).and_then(|pair| pair[1].parse().ok());
    figures.edges = after("cov:").unwrap_or(figures.edges);
    figures.features = after("ft:").unwrap_or(figures.features);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_fuzzer_says_of_itself_becomes_figures() {
        let mut figures = Figures::default();
        for row in [
            "INFO: Seed: 3",
            "#2\tINITED cov: 40 ft: 41 corp: 1/1b exec/s: 0 rss: 40Mb",
            "#2097152\tpulse  cov: 410 ft: 1203 corp: 230/20Kb lim: 4096 exec/s: 262144 rss: 73Mb",
            "Done 3000000 runs in 61 second(s)",
            "stat::number_of_executed_units: 3000000",
            "stat::average_exec_per_sec:     49180",
        ] {
            read_row(row, &mut figures);
        }
        assert_eq!(figures, Figures { tries: 3_000_000, edges: 410, features: 1_203 });
    }

    #[test]
    fn time_of_processors_is_read_behind_a_name_with_brackets() {
        let stat = "7 (odd) name) R 1 7 7 0 -1 4194304 900 0 0 0 1234 66 0 0 20 0 1 0 5 6 7";
        assert_eq!(processor_time_in(stat), Some(Duration::from_secs(13)));
        assert_eq!(processor_time_in("7 (cut) R 1 7"), None);
    }

    #[test]
    fn the_time_that_an_ended_process_used_is_known_before_it_is_let_go() {
        let busy = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";
        let mut child = Command::new("sh").args(["-c", busy]).spawn().unwrap();
        let used = processor_time_of(&child).unwrap();
        child.wait().unwrap();
        assert!(used > Duration::ZERO && used < Duration::from_secs(60), "{used:?}");
    }

    /// A program in the place of the fuzzer: it says what `script` says.
    fn played(script: &str, folder: &Path) -> (PathBuf, PathBuf) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::create_dir_all(folder).unwrap();
        let program = folder.join("program");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        (program, folder.to_owned())
    }

    #[test]
    fn a_program_that_falls_over_leaves_its_input_and_its_last_words() {
        let folder = std::env::temp_dir().join(format!("caseline-fuzz-{}", std::process::id()));
        let script = r##"for word in "$@"; do case "$word" in -artifact_prefix=*) at="${word#-artifact_prefix=}" ;; esac; done
echo "#5	NEW    cov: 3 ft: 4 corp: 1/1b" >&2
echo "thread panicked" >&2
echo bytes >"${at}crash-1"
echo bytes >"${at}slow-unit-1"
exit 77"##;
        let (binary, folder) = played(script, &folder);
        let each = Duration::from_secs(1);
        let target = Target { binary: &binary, folder: &folder, name: "made-up", each, at_once: 1 };
        let outcome = run(&target, &Running::default(), &|_| {}).unwrap();
        assert_eq!(outcome.figures, Figures { tries: 5, edges: 3, features: 4 });
        assert_eq!(outcome.found, [folder.join("found/made-up/crash-1")]);
        assert!(std::fs::read_to_string(folder.join("found/made-up.txt")).unwrap().contains("thread panicked"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
