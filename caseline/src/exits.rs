//! How a command ends: the four exit codes of docs/reference/commands.md.

use std::process::ExitCode;

/// Why a command did not end well.
#[derive(Debug)]
pub enum Exit {
    /// It ran and found failures.
    Failures(String),
    /// The command or the settings are wrong.
    Usage(String),
    /// The machine lacks something: a port, a package, disk.
    Environment(String),
}

impl Exit {
    /// 1, 2 or 3.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Failures(_) => 1,
            Self::Usage(_) => 2,
            Self::Environment(_) => 3,
        })
    }

    /// The sentence for the person at the terminal.
    pub fn sentence(&self) -> &str {
        match self {
            Self::Failures(text) | Self::Usage(text) | Self::Environment(text) => text,
        }
    }
}

/// An error with all its causes in one sentence.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = next.source();
    }
    text
}
