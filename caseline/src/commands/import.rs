//! `caseline import`: reads a feed that the operator received, rows of enrolled numbers only.
//! The reader is `sources`; what is kept, the store's.

use super::Place;
use crate::exits::Exit;
use crate::feed::read_feed;
use crate::progress;
use crate::world::MachineClock;
use caseline_model::Zone;
use std::path::PathBuf;

/// Which feed.
#[derive(Debug, clap::Subcommand)]
pub enum Import {
    /// The court's own tables with the operator's column of A-numbers: a folder, or a zip archive.
    CourtTables {
        /// The folder or archive.
        from: PathBuf,
        /// The name of the operator's column.
        #[arg(long)]
        column: Option<String>,
    },
}

impl Import {
    /// Reads it and prints the report.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let Self::CourtTables { from, column } = self;
        let settings = place.settings()?;
        let zone = Zone::named(&settings.line.zone).map_err(|fault| Exit::Usage(fault.to_string()))?;
        let store = super::init::open_store_of(&place.data(), &settings).await?;
        let bar = progress::bar(1, "reading the court's tables");
        let read = read_feed(store.as_ref(), &MachineClock, &zone, from, column.clone(), &mut |progress| {
            bar.set_length(progress.bytes_total);
            bar.set_position(progress.bytes_done);
        })
        .await;
        bar.finish_and_clear();
        let read = read?;
        let text = format!(
            "{}\nEnrolled numbers: {} new, {} changed, {} the same, {} that an earlier feed had and this one has not; {} with a row that cannot be read.",
            read.report.to_text(),
            read.new,
            read.changed,
            read.same,
            read.vanished,
            read.unread
        );
        let json = serde_json::json!({
            "report": serde_json::to_value(&read.report).unwrap_or_default(),
            "new": read.new, "changed": read.changed, "same": read.same, "vanished": read.vanished, "unread": read.unread,
        });
        place.print(&json, &text);
        Ok(())
    }
}
