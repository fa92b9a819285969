//! Reads a feed of the court's tables into the store: rows of enrolled numbers only, with a report and a progress bar.
//! Reading the files is `sources`, keeping the facts the store.

use crate::exits::{Exit, with_causes};
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::ports::{EnrolledSet, FeedCounts, FeedRow};
use caseline_helpline::{Clock, Store};
use caseline_model::{ANumber, Private, Zone};
use caseline_sources::court_tables::assertions::{assertions_of, digest_input_of};
use caseline_sources::court_tables::{
    CourtHistory, CourtTablesFault, Enrolled, Progress, ReadOptions, ReadReport, read_court_tables,
};
use std::path::Path;

/// What became of a feed.
#[derive(Debug)]
pub struct FeedRead {
    /// What the files held.
    pub report: ReadReport,
    /// Enrolled numbers whose facts were new, changed, the same.
    pub new: u64,
    /// Changed since the last feed.
    pub changed: u64,
    /// The same as in the last feed.
    pub same: u64,
    /// Case rows of theirs that could not be read: what an earlier feed said of these numbers stays.
    pub unread: u64,
    /// In an earlier feed and not in this one.
    pub vanished: u64,
}

struct Wanted<'a>(&'a dyn EnrolledSet);

impl Enrolled for Wanted<'_> {
    fn wants(&self, number: &ANumber) -> bool {
        self.0.wants(&CaseNumber::A(*number))
    }
}

/// Reads a folder or archive. Facts are kept only after all tables were read to their end.
pub async fn read_feed(
    store: &dyn Store,
    clock: &dyn Clock,
    zone: &Zone,
    place: &Path,
    column: Option<String>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<FeedRead, Exit> {
    let now = clock.now();
    let today = now.date_in(zone);
    let broke = |fault: &dyn std::error::Error| Exit::Environment(with_causes(fault));
    let enrolled = store.begin_import(now).await.map_err(|fault| broke(&fault))?;
    let mut options = ReadOptions::on(today);
    if let Some(column) = column {
        options.a_number_column = column;
    }
    let mut histories: Vec<CourtHistory> = Vec::new();
    let report =
        read_court_tables(place, &options, &Wanted(enrolled.as_ref()), progress, &mut |history: CourtHistory| {
            histories.push(history);
            Ok(())
        })
        .map_err(|fault: CourtTablesFault| Exit::Failures(with_causes(&fault)))?;
    let unread = report.unreadable_cases.iter().filter(|row| enrolled.note_unread(**row)).count() as u64;
    let mut read = FeedRead { report, new: 0, changed: 0, same: 0, unread, vanished: 0 };
    for history in &histories {
        let number = Private::new(CaseNumber::A(*history.a_number.reveal()));
        if enrolled.has_unread(number.reveal()) {
            continue;
        }
        let rows: Vec<u64> = history.cases.iter().map(|case| case.id).collect();
        enrolled.note_rows(number.reveal(), &rows);
        let assertions = assertions_of(history, now, today);
        let row = store.add_from_feed(now, &number, &digest_input_of(history), &assertions).await;
        match row.map_err(|fault| broke(&fault))? {
            FeedRow::Same => read.same += 1,
            FeedRow::Changed => read.changed += 1,
            FeedRow::New => read.new += 1,
            FeedRow::NotEnrolled => {}
        }
    }
    let mut counts = FeedCounts { feed_on: Some(today), ..FeedCounts::default() };
    for table in &read.report.tables {
        counts.kept += table.rows_kept;
        counts.dropped += table.rows_of_others;
        counts.quarantined += table.quarantined.values().sum::<u64>();
    }
    read.vanished = store.finish_import(now, enrolled.as_ref(), counts).await.map_err(|fault| broke(&fault))?;
    Ok(read)
}

#[cfg(test)]
mod two_deliveries;
