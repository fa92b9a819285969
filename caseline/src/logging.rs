//! What the program writes down while it runs: rows on standard error without any personal value.
//! That no value gets into one is held by the types that wrap them and by a byte scan in the tests.

use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, filter::LevelFilter, fmt};

/// Starts the log at the level of `CASELINE_LOG` (error, warn, info, debug, trace; warn when it is not set).
pub fn start() {
    let level = std::env::var("CASELINE_LOG").ok().and_then(|text| text.parse().ok()).unwrap_or(LevelFilter::WARN);
    // The SIP library writes whole messages, numbers included: nothing of it is let through at any level.
    let quiet = filter_fn(|metadata| !caseline_voice::sip::is_silenced(metadata.target()));
    let rows = fmt::layer().with_writer(std::io::stderr).with_target(true).with_ansi(false).with_filter(quiet);
    // A second start in one process (tests) keeps the first.
    let _ = tracing_subscriber::registry().with(level).with(rows).try_init();
}
