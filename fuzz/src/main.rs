//! One binary for all fuzz targets: `CASELINE_FUZZ_TARGET` names the one that runs, `list` prints their names.
//! Building and starting it is left to `cargo xtask fuzz`.
#![no_main]

#[path = "../targets.rs"]
mod targets;

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

/// Which target runs.
const VARIABLE: &str = "CASELINE_FUZZ_TARGET";

static CHOSEN: OnceLock<fn(&[u8])> = OnceLock::new();

fuzz_target!(init: choose(), |bytes: &[u8]| {
    if let Some(reads) = CHOSEN.get() {
        reads(bytes);
    }
});

fn choose() {
    let name = std::env::var(VARIABLE).unwrap_or_default();
    let all = targets::targets();
    if name == "list" {
        for (name, _) in &all {
            println!("{name}");
        }
        std::process::exit(0);
    }
    match all.iter().find(|(known, _)| *known == name) {
        Some((_, reads)) => drop(CHOSEN.set(*reads)),
        None => {
            eprintln!("{VARIABLE} is `{name}`; set it to the name of a target, or to `list`");
            std::process::exit(2);
        }
    }
}
