//! Enrolling a number, and reading feeds against the enrolled ones: same, changed, new or gone; nothing overwritten.
//! Reading files is left to `sources`; the set of numbers, to the vault.

use super::cases::NewCase;
use super::connection::{database_fault, vault_fault};
use super::{Done, SqliteStore};
use crate::import_set::ImportHandle;
use crate::keyed::is_same;
use crate::rules;
use crate::vault::{EnrolledRow, Marked};
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{EnrolledSet, FeedCounts, FeedRow};
use caseline_model::{CardCode, CaseId, Private, Time};
use caseline_records::Assertion;
use std::sync::{Arc, PoisonError};

const ENROLLED: &str = "SELECT id, case_key, number, feed_rows FROM cases WHERE number IS NOT NULL AND keep_until > ?1";

/// Id, case key, number, row keys.
type Enrolled = (Vec<u8>, Vec<u8>, Vec<u8>, Option<Vec<u8>>);

/// Cases that a reading did not see.
pub(super) fn unseen(seen: &dyn EnrolledSet) -> Done<Vec<CaseId>> {
    match seen.as_any().downcast_ref::<ImportHandle>() {
        // Numbers for which the vault gave no answer were not seen, and may be there all the same.
        Some(handle) => match handle.0.broken() {
            Some(fault) => Err(vault_fault("ending a feed")(fault)),
            None => Ok(handle.0.unseen(&seen.seen())),
        },
        None => Err(StoreFault::NotAllowed { doing: "ending a feed", why: crate::WHY_OTHER_SET }),
    }
}

impl SqliteStore {
    pub(super) async fn enrol_number(
        &self,
        now: Time,
        case: CaseId,
        number: &CaseNumber,
        codes: &[Private<CardCode>],
    ) -> Done<()> {
        let doing = "enrolling a number";
        let mark = self.vault.index_number(number).await.map_err(vault_fault(doing))?.0.to_vec();
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let keep_until = rules::keep_until(&self.settings.retention, now, None);
        match (write.case_by_number(&mark).await?, write.case_by_id(case).await?) {
            (Some(by_number), _) if by_number.id == case => {
                write.extend_case(&self.vault, &by_number, keep_until).await?;
            }
            (None, None) => {
                let number = Some((mark, number.canonical()));
                let new = NewCase { id: case, number, receipt_mark: None, word: None, keep_until };
                write.insert_case(&self.vault, new).await?;
            }
            _ => return write.not_allowed(crate::WHY_ENROLLED),
        }
        write.replace_card(&self.vault, case, codes).await?;
        write.log(&self.vault, now, None, Some(case), AuditEvent::CardMade).await?;
        self.commit(write, now).await
    }

    pub(super) async fn begin_feed(&self, now: Time) -> Done<Box<dyn EnrolledSet>> {
        let doing = "beginning a feed";
        let rows: Vec<Enrolled> = sqlx::query_as(ENROLLED)
            .bind(now.micros())
            .fetch_all(&self.readers)
            .await
            .map_err(database_fault(doing))?;
        let rows = rows.into_iter().map(|(id, case_key, number, feed_rows)| {
            Some(EnrolledRow { case: CaseId::from_bytes(&id)?, case_key, number, feed_rows })
        });
        let rows = rows.collect::<Option<Vec<_>>>().ok_or(StoreFault::Sealed { doing })?;
        let vault = Arc::clone(&self.vault);
        let made = tokio::task::spawn_blocking(move || vault.import_set(&rows)).await;
        let set = made.map_err(|stopped| StoreFault::Database { doing, source: Box::new(stopped) })?;
        let set = Arc::new(set.map_err(vault_fault(doing))?);
        *self.import.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&set));
        Ok(Box::new(ImportHandle(set)))
    }

    pub(super) async fn add_feed_row(
        &self,
        now: Time,
        number: &CaseNumber,
        digest: &[u8],
        assertions: &[Assertion],
    ) -> Done<FeedRow> {
        let doing = "adding from a feed";
        // While a feed is read its set answers at once; the slow index is for a row that comes alone.
        let (case, mark) = match self.import_set() {
            Some(set) => match set.case_of(number) {
                Some(case) => (Some(case), None),
                None => match set.broken() {
                    Some(fault) => return Err(vault_fault(doing)(fault)),
                    None => return Ok(FeedRow::NotEnrolled),
                },
            },
            None => {
                let mark = self.vault.index_number(number).await.map_err(vault_fault(doing))?;
                (None, Some(mark.0.to_vec()))
            }
        };
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let row = match (case, mark) {
            (Some(case), _) => write.case_by_id(case).await?,
            (None, Some(mark)) => write.case_by_number(&mark).await?,
            (None, None) => None,
        };
        let Some(row) = row.filter(|row| row.keep_until > now) else { return Ok(FeedRow::NotEnrolled) };
        let keyed = self.vault.index(&Marked::Digest { case: row.id, digest }).map_err(vault_fault(doing))?;
        let turned_out = match &row.digest {
            Some(kept) if is_same(kept, &keyed) && !row.is_vanished => {
                // Nothing new, and all of it seen again.
                write.set_feed_seen(row.id, Some(now)).await?;
                self.commit(write, now).await?;
                return Ok(FeedRow::Same);
            }
            Some(_) => FeedRow::Changed,
            None => FeedRow::New,
        };
        write.add_version(&self.vault, row.id, &row.case_key, assertions).await?;
        write.set_feed(row.id, &keyed, false).await?;
        write.set_feed_seen(row.id, None).await?;
        if let Some(set) = self.import_set() {
            write.set_feed_rows(&self.vault, &row, &set.rows_of(row.id)).await?;
        }
        let keep_until = rules::keep_for_date(row.keep_until, rules::last_known_date(now, assertions));
        write.extend_case(&self.vault, &row, keep_until).await?;
        self.commit(write, now).await?;
        Ok(turned_out)
    }

    pub(super) async fn end_feed(&self, now: Time, unseen: Vec<CaseId>, counts: FeedCounts) -> Done<u64> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("ending a feed").await?;
        let mut gone = 0;
        for case in unseen {
            let Some(row) = write.case_by_id(case).await?.filter(|row| row.keep_until > now) else { continue };
            let Some(digest) = row.digest.as_ref().filter(|_| !row.is_vanished) else { continue };
            let vanished = [rules::vanished(now, counts.feed_on)];
            write.add_version(&self.vault, case, &row.case_key, &vanished).await?;
            write.set_feed(case, digest, true).await?;
            gone += 1;
        }
        let FeedCounts { kept, dropped, quarantined, .. } = counts;
        write.log(&self.vault, now, None, None, AuditEvent::FeedRead { kept, dropped, quarantined }).await?;
        self.commit(write, now).await?;
        *self.import.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(gone)
    }
}
