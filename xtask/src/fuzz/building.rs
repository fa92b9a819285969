//! Builds the one binary that holds all fuzz targets, counted by libFuzzer, beside everything else.
//! Running it is left to `process`.

use crate::packages::{host, root};
use std::io;
use std::path::PathBuf;

/// What makes rustc count edges and compare values for libFuzzer: options of a stable compiler, no other toolchain.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// What is built.
pub(super) struct Built {
    /// The program.
    pub(super) binary: PathBuf,
    /// Where it keeps what it learns and what it breaks.
    pub(super) folder: PathBuf,
}

/// Builds the binary in a folder of its own, so that no other build is disturbed.
pub(super) fn built(address_sanitizer: bool) -> io::Result<Built> {
    let (host, folder) = (host()?, root().join("target/fuzz"));
    let target = if address_sanitizer { folder.join("address") } else { folder.clone() };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(cargo);
    command
        .args(["build", "--locked", "--target", &host])
        .current_dir(root().join("fuzz"))
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", INSTRUMENTED);
    if address_sanitizer {
        // The sanitizer's option is for nightly compilers, and its runtime comes with the stable one: this lets the stable
        // one take the option. Nothing that is released or tested is ever built like this.
        command.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", format!("{INSTRUMENTED} -Zsanitizer=address"));
    }
    if !command.status()?.success() {
        return Err(io::Error::other("the fuzz targets do not build"));
    }
    Ok(Built { binary: target.join(host).join("debug/caseline-fuzz"), folder })
}
