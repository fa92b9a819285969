//! Runs the fuzz targets of `fuzz/` one after the other, guided by coverage, for so many minutes each.
//! Which targets there are is left to `fuzz/targets.rs`; replaying the seeds without all this, to a test of the program.

use crate::packages::{host, root};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

/// What makes rustc count edges and compare values for libFuzzer: options of a stable compiler, no other toolchain.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// The variable by which the binary learns which target it is.
const VARIABLE: &str = "CASELINE_FUZZ_TARGET";

/// The longest input, in bytes, unless a seed is longer.
const INPUT_BYTES_MAX: u64 = 8_192;

/// One input may take so long, in seconds: a reader that takes longer is a finding.
const ONE_INPUT_SECONDS_MAX: u32 = 10;

/// One process may take so much memory, in MiB.
const MEMORY_MIB_MAX: u32 = 2_048;

/// `cargo xtask fuzz`
#[derive(clap::Args, Debug)]
pub struct Command {
    /// Only these targets; without any, all.
    targets: Vec<String>,
    /// Minutes for each.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Prints the names of the targets.
    #[arg(long)]
    list: bool,
}

/// What one target did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Inputs that were tried.
    pub tries: u64,
    /// Edges of the code that were reached (libFuzzer's `cov`).
    pub edges: u64,
    /// Edges and how often they were taken (libFuzzer's `ft`).
    pub features: u64,
}

impl Command {
    /// Builds and runs, with a progress bar; a table at the end. Fails if an input made a reader fall over.
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
        let binary = built()?;
        let names = std::process::Command::new(&binary).env(VARIABLE, "list").output()?;
        let names = String::from_utf8_lossy(&names.stdout).into_owned();
        let all: Vec<&str> = names.lines().collect();
        if self.list {
            println!("{names}");
            return Ok(Vec::new());
        }
        if let Some(unknown) = self.targets.iter().find(|name| !all.contains(&name.as_str())) {
            return Err(io::Error::other(format!("{unknown} is no target; there are: {}", all.join(", "))));
        }
        let chosen: Vec<&str> = all
            .into_iter()
            .filter(|name| self.targets.is_empty() || self.targets.iter().any(|one| one == name))
            .collect();
        let each = Duration::from_secs_f64(self.minutes.max(0.0) * 60.0);
        let bar = ProgressBar::new(each.as_secs() * chosen.len() as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {elapsed} of all, {eta} left: {msg}") {
            bar.set_style(style);
        }
        let mut found = Vec::new();
        for (before, name) in chosen.iter().enumerate() {
            let begun = Instant::now();
            let figures = fuzzed(&binary, name, each, &mut found, &mut |figures| {
                let here = begun.elapsed().min(each).as_secs();
                bar.set_position(before as u64 * each.as_secs() + here);
                bar.set_message(format!("{name}, {} tries, {} edges", figures.tries, figures.edges));
            })?;
            let Figures { tries, edges, features } = figures;
            let seconds = begun.elapsed().as_secs();
            bar.suspend(|| println!("{name}: {tries} tries in {seconds} s, {edges} edges, {features} features"));
        }
        bar.finish_and_clear();
        Ok(found)
    }
}

/// Builds the binary beside everything else, so that no other build is disturbed.
fn built() -> io::Result<PathBuf> {
    let (host, folder) = (host()?, root().join("target/fuzz"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = std::process::Command::new(cargo)
        .args(["build", "--locked", "--target", &host])
        .current_dir(root().join("fuzz"))
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTFLAGS", INSTRUMENTED)
        .status()?;
    if !status.success() {
        return Err(io::Error::other("the fuzz targets do not build"));
    }
    Ok(folder.join(host).join("debug/caseline-fuzz"))
}

/// Runs one target. What it learns goes to `target/fuzz/corpus/`, what it breaks to `target/fuzz/found/`.
fn fuzzed(
    binary: &Path,
    name: &str,
    time: Duration,
    found: &mut Vec<PathBuf>,
    tell: &mut dyn FnMut(&Figures),
) -> io::Result<Figures> {
    let made = root().join("target/fuzz");
    let (learned, broken, seeds) =
        (made.join("corpus").join(name), made.join("found").join(name), root().join("fuzz/seeds").join(name));
    std::fs::create_dir_all(&learned)?;
    std::fs::create_dir_all(&broken)?;
    std::fs::create_dir_all(&seeds)?;
    let longest = std::fs::read_dir(&seeds)?.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len())).max();
    let mut child = std::process::Command::new(binary)
        .env(VARIABLE, name)
        .arg(format!("-max_total_time={}", time.as_secs().max(1)))
        .arg(format!("-max_len={}", longest.unwrap_or(0).max(INPUT_BYTES_MAX)))
        .arg(format!("-timeout={ONE_INPUT_SECONDS_MAX}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"))
        .arg(format!("-artifact_prefix={}/", broken.display()))
        .arg(&learned)
        .arg(&seeds)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut figures = Figures::default();
    if let Some(said) = child.stderr.take() {
        for row in BufReader::new(said).lines() {
            read_row(&row?, &mut figures);
            tell(&figures);
        }
    }
    if !child.wait()?.success() {
        let newest = std::fs::read_dir(&broken)?.filter_map(|entry| entry.ok().map(|entry| entry.path()));
        found.extend(newest);
    }
    Ok(figures)
}

/// `#2097152 pulse  cov: 410 ft: 1203 corp: 230/20Kb lim: 4096 exec/s: 262144 rss: 73Mb`
fn read_row(row: &str, figures: &mut Figures) {
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
        ] {
            read_row(row, &mut figures);
        }
        assert_eq!(figures, Figures { tries: 2_097_152, edges: 410, features: 1_203 });
    }
}
