//! Every fuzz target of the repository, by name: what is read from outside, and the function that reads it.
//! Who mutates the bytes is left to whoever includes this: libFuzzer in `src/main.rs`, a plain test in
//! `caseline/tests/fuzz_seeds.rs`.

/// The program's own modules that read from outside; it has no library that could be used.
#[path = "../caseline/src"]
mod program {
    #[expect(dead_code, unused_imports, reason = "the program uses the settings; here they are only read")]
    pub mod settings;

    /// Of the commands, what is typed back from a sheet of paper.
    pub mod commands {
        pub mod recovery {
            #[expect(dead_code, reason = "the program prints sheets too; here they are only read")]
            mod groups;

            use groups::{GROUPS, Key, bytes_of_identity, groups_of, key_of, read_group};

            /// Reads words as the groups of each key, and text as the private key of backups; a key that is read has one
            /// sheet.
            pub fn sheets_never_panic(bytes: &[u8]) {
                let text = String::from_utf8_lossy(bytes);
                for key in Key::ALL {
                    let typed: Vec<&str> = text.split_whitespace().take(GROUPS).collect();
                    let Some(kept) = read(key, &typed) else { continue };
                    let sheet = groups_of(key, &kept);
                    let sheet: Vec<&str> = sheet.iter().map(|group| group.as_str()).collect();
                    assert!(read(key, &sheet).is_some_and(|again| *again == *kept), "what was read reads back");
                }
                let _ = bytes_of_identity(&text);
            }

            fn read(key: Key, typed: &[&str]) -> Option<zeroize::Zeroizing<[u8; 32]>> {
                let groups = typed.iter().enumerate().filter_map(|(n, group)| read_group(key, n, group).ok());
                key_of(key, &groups.flat_map(|group| group.to_vec()).collect::<Vec<u8>>())
            }
        }
    }
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
    all.push(("recovery-sheets", recovery_sheets_never_panic));
    all
}

fn recovery_sheets_never_panic(bytes: &[u8]) {
    program::commands::recovery::sheets_never_panic(bytes);
}

fn settings_never_panic(bytes: &[u8]) {
    let _ = program::settings::Settings::parse("fuzz.toml", &String::from_utf8_lossy(bytes));
}
