//! Progress bars for long commands, on standard error, only where somebody watches.
//! What is counted is the command's.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar with a name.
pub fn bar(total: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg:32} {bar:30} {pos}/{len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}
