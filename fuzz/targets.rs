//! Every fuzz target of the repository, by name: what is read from outside, and the function that reads it.
//! Who mutates the bytes is left to whoever includes this: libFuzzer in `src/main.rs`, a plain test in
//! `caseline/tests/fuzz_seeds.rs`.

/// The program's own modules that read from outside; it has no library that could be used.
#[path = "../caseline/src"]
mod program {
    #[expect(dead_code, unused_imports, reason = "the program uses the settings; here they are only read")]
    pub mod settings;
}

/// A reader of bytes that must never panic.
pub type Target = (&'static str, fn(&[u8]));

/// All targets, in the order of their crates.
pub fn targets() -> Vec<Target> {
    let lists: [&[Target]; 9] = [
        caseline_model::fuzzing::TARGETS,
        caseline_knowledge::fuzzing::TARGETS,
        caseline_conversation::fuzzing::TARGETS,
        caseline_helpline::fuzzing::TARGETS,
        caseline_sources::fuzzing::TARGETS,
        caseline_store::fuzzing::TARGETS,
        caseline_voice::fuzzing::TARGETS,
        caseline_web::fuzzing::TARGETS,
        caseline_replay::fuzzing::TARGETS,
    ];
    let mut all = lists.concat();
    all.push(("settings", settings_never_panic));
    all
}

fn settings_never_panic(bytes: &[u8]) {
    let _ = program::settings::Settings::parse("fuzz.toml", &String::from_utf8_lossy(bytes));
}
