//! The commands, one file each.
//! Exit codes: 0 done, 1 ran and found failures, 2 bad usage or settings, 3 environment (docs/reference/commands.md).

pub mod backup;
pub mod bench;
pub mod call;
pub mod check;
pub mod demand;
pub mod demo;
pub mod doctor;
pub mod held;
pub mod import;
pub mod init;

pub mod play;
pub mod recovery;
pub mod serve;
pub mod setup;
pub mod staff;
pub mod vault;
pub mod verify_log;
pub mod words;

use crate::exits::Exit;
use crate::settings::Settings;
use std::path::PathBuf;

/// Where a command works.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file of settings.
    pub config: PathBuf,
    /// The folder for all that is kept, when it was named.
    pub data: Option<PathBuf>,
    /// One JSON object on standard output.
    pub json: bool,
}

impl Place {
    /// The settings of the line.
    pub fn settings(&self) -> Result<Settings, Exit> {
        Settings::read(&self.config).map_err(|fault| Exit::Usage(fault.to_string()))
    }

    /// The folder for all that is kept.
    pub fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| PathBuf::from("data"))
    }

    /// Prints the outcome: JSON on standard output where asked, otherwise text.
    #[expect(clippy::print_stdout, reason = "the outcome of a command is what standard output is for")]
    pub fn print(&self, json: &serde_json::Value, text: &str) {
        if self.json {
            println!("{json}");
        } else {
            println!("{}", text.trim_end());
        }
    }
}
