//! Reaching a case: by card, by the receipt of one's own file; reading it, opening a file, forgetting it.
//! Unknown, wrong, closed and over take the same path: the same statements, the same slow index, one answer.

use super::cases::{CaseRow, NewCase, version_place, version_row};
use super::connection::vault_fault;
use super::limits::{Keyed, Try};
use super::write::Write;
use super::{Done, SqliteStore};
use crate::keyed::is_same;
use crate::rules;
use crate::vault::{Marked, Opening, Vault};
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::audit::{AuditEvent, OpenedBy, Role};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::grant::Grant;
use caseline_helpline::limits::{Answer, Fit, TryEnd, Verdict, decide};
use caseline_helpline::ports::{Checked, NewFile, Trying};
use caseline_model::{CardCode, CaseId, ContactId, FileReceipt, Time};
use caseline_records::{Assertion, Field};

/// Stands for the case of a number that nobody enrolled, so that it is compared like any other.
pub(super) const NOBODY: CaseId = CaseId::from_random(0);

const KEY_OF: &str = "SELECT case_key FROM cases WHERE id = ?1";
const REMINDERS: &str = "SELECT COUNT(*) FROM tasks WHERE case_id = ?1 AND kind = 'reminder' AND state = 'open'";
const REPORTS: &str = "SELECT COUNT(*) FROM reports WHERE case_id = ?1";
const CARD: &str = "SELECT COUNT(*) FROM card_rows WHERE case_id = ?1";
/// All that is kept of a case, its reports apart; the case itself last.
const DESTROY: &[&str] = &[
    "DELETE FROM attempts WHERE task IN (SELECT id FROM tasks WHERE case_id = ?1)",
    "DELETE FROM tasks WHERE case_id = ?1",
    "DELETE FROM wrongs WHERE kind = 'number' AND mark IN (SELECT number_mark FROM cases WHERE id = ?1)",
    "DELETE FROM wrongs WHERE kind = 'file' AND mark IN (SELECT receipt_mark FROM cases WHERE id = ?1)",
    "DELETE FROM access WHERE case_id = ?1",
    "DELETE FROM card_rows WHERE case_id = ?1",
    "DELETE FROM case_versions WHERE case_id = ?1",
    "UPDATE log_links SET case_id = NULL WHERE case_id = ?1",
    "UPDATE reports SET case_id = NULL WHERE case_id = ?1",
    "DELETE FROM cases WHERE id = ?1",
];
const DESTROY_REPORTS: &str = "DELETE FROM reports WHERE case_id = ?1";

impl SqliteStore {
    pub(super) async fn try_card(
        &self,
        now: Time,
        who: &Trying,
        number: &CaseNumber,
        code: &CardCode,
    ) -> Done<Checked> {
        let doing = "comparing a code";
        // Paid before anything is known, by every try alike.
        let mark = self.vault.index_number(number).await.map_err(vault_fault(doing))?.0.to_vec();
        let caller = self.caller_mark(now, who, doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let tried = write.a_try(now, who, caller, Keyed { kind: "number", mark: mark.clone() }).await?;
        let case = write.case_by_number(&mark).await?.filter(|case| case.keep_until > now);
        let id = case.as_ref().map_or(NOBODY, |case| case.id);
        let row = write.card_row(id, code.row()).await?;
        let keyed = self.vault.index(&Marked::Code { salt: &row.salt, case: id, code }).map_err(vault_fault(doing))?;
        let fits = is_same(&row.mark, &keyed) & row.is_unused & case.is_some();
        let first = rules::first_of_two(case.as_ref().and_then(|case| case.first), who.contact);
        let verdict = decide(&tried.facts, now);
        let end = TryEnd::of_code(verdict, Fit::of_code(fits, first, code.row()), tried.in_all);
        match end {
            TryEnd::Opened => {
                write.use_card_row(id, code.row()).await?;
                if let Some(first) = first {
                    write.use_card_row(id, first).await?;
                }
                write.set_first(id, None).await?;
            }
            TryEnd::FirstOfTwo => write.set_first(id, Some((who.contact, code.row()))).await?,
            // Only this contact's own first code: whoever tries the number elsewhere takes nobody's away.
            _ if first.is_some() => write.set_first(id, None).await?,
            _ => {}
        }
        self.count_try(&mut write, now, who, &tried, end).await?;
        self.end_try(write, now, who, &tried, (verdict, end), case, OpenedBy::Card).await
    }

    pub(super) async fn try_file(
        &self,
        now: Time,
        who: &Trying,
        receipt: &FileReceipt,
        word: Option<&str>,
    ) -> Done<Checked> {
        let doing = "comparing a file receipt";
        let mark = self.vault.index(&Marked::File(receipt)).map_err(vault_fault(doing))?.to_vec();
        let caller = self.caller_mark(now, who, doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let mut tried = write.a_try(now, who, caller, Keyed { kind: "file", mark: mark.clone() }).await?;
        let is_alone = word.is_none();
        if !is_alone {
            self.note_half(&mut write, who, &mut tried).await?;
        }
        let case = write.case_by_receipt(&mark).await?.filter(|case| case.keep_until > now);
        let id = case.as_ref().map_or(NOBODY, |case| case.id);
        let kept = case.as_ref().and_then(|case| case.word.clone());
        let needs_word = kept.is_some();
        let (salt, kept) = kept.unwrap_or_else(|| (vec![0; 32], vec![0; 32]));
        let word = Marked::Word { salt: &salt, case: id, word: word.unwrap_or_default() };
        let word_fits = is_same(&kept, &self.vault.index(&word).map_err(vault_fault(doing))?);
        let fits = case.is_some() & (word_fits | !needs_word);
        let verdict = decide(&tried.judged(), now);
        let end = TryEnd::of_receipt(verdict, Fit::of_receipt(fits));
        self.count_try(&mut write, now, who, &tried, end).await?;
        if is_alone && end == TryEnd::Wrong {
            self.keep_half(&mut write, who, &tried).await?;
        }
        self.end_try(write, now, who, &tried, (verdict, end), case, OpenedBy::FileReceipt).await
    }

    #[expect(clippy::too_many_arguments, reason = "what a try came to, for one caller two rows above")]
    async fn end_try(
        &self,
        mut write: Write<'_>,
        now: Time,
        who: &Trying,
        tried: &Try,
        (verdict, end): (Verdict, TryEnd),
        case: Option<CaseRow>,
        by: OpenedBy,
    ) -> Done<Checked> {
        let checked = match (end.answer(verdict, tried.facts.in_contact), case) {
            (Answer::PersonNow, _) => Checked::PersonNow,
            (Answer::Opened, Some(case)) => {
                write.count_opened(now, who, tried).await?;
                write.extend_case(&self.vault, &case, rules::keep_until(&self.settings.retention, now, None)).await?;
                write.give_access(now, who.contact, case.id).await?;
                let event = AuditEvent::CaseOpened { by };
                write.log(&self.vault, now, Some(who.contact), Some(case.id), event).await?;
                Checked::Opened(case.id)
            }
            _ => Checked::Refused,
        };
        self.commit(write, now).await?;
        Ok(checked)
    }

    pub(super) async fn read(
        &self,
        now: Time,
        contact: ContactId,
        case: CaseId,
        fields: &[Field],
    ) -> Done<Vec<Assertion>> {
        let doing = "reading a case";
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        write.open_in(now, contact, case).await?;
        let event = AuditEvent::CaseRead { fields: fields.to_vec(), role: Role::Line };
        let audited = write.log(&self.vault, now, Some(contact), Some(case), event).await?;
        let Some(row) = write.case_by_id(case).await? else { return write.not_allowed(crate::WHY_NOT_OPEN) };
        let sealed = write.versions(case).await?;
        let seen_at = write.feed_seen(case).await?;
        // The entry is on disk before anything opens (property S5); the vault checks that it is.
        self.commit(write, now).await?;
        drop(writer);
        let grant = Grant::Contact { contact, case, audited };
        let mut assertions = Vec::new();
        for (version, sealed) in sealed {
            let at = version_row(case, version);
            let plain = self
                .vault
                .open_in_case(now, &Opening::Case(&grant), &row.case_key, version_place(&at), &sealed)
                .map_err(vault_fault(doing))?;
            let version: Vec<Assertion> = serde_json::from_slice(&plain).map_err(|_| StoreFault::Sealed { doing })?;
            assertions.extend(version);
        }
        rules::see_again(&mut assertions, seen_at);
        Ok(assertions)
    }

    pub(super) async fn new_file(&self, now: Time, contact: ContactId, file: NewFile) -> Done<()> {
        let doing = "opening a file";
        let receipt_mark = self.vault.index(&Marked::File(file.receipt.reveal())).map_err(vault_fault(doing))?.to_vec();
        let word = match &file.word_key {
            Some(word) => {
                let salt = self.vault.salt();
                let marked = Marked::Word { salt: &salt, case: file.case, word: word.reveal() };
                Some((salt.to_vec(), self.vault.index(&marked).map_err(vault_fault(doing))?.to_vec()))
            }
            None => None,
        };
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        write.live(contact).await?;
        if write.case_by_id(file.case).await?.is_some() {
            return Ok(());
        }
        let keep_until =
            rules::keep_until(&self.settings.retention, now, rules::last_known_date(now, &file.assertions));
        let new = NewCase { id: file.case, number: None, receipt_mark: Some(receipt_mark), word, keep_until };
        let case_key = write.insert_case(&self.vault, new).await?;
        write.add_version(&self.vault, file.case, &case_key, &file.assertions).await?;
        write.give_access(now, contact, file.case).await?;
        write.log(&self.vault, now, Some(contact), Some(file.case), AuditEvent::FileOpened).await?;
        self.commit(write, now).await
    }

    pub(super) async fn destroy_case_of(
        &self,
        now: Time,
        contact: ContactId,
        case: CaseId,
    ) -> Done<Vec<(String, u32)>> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("destroying a case").await?;
        write.open_in(now, contact, case).await?;
        let Some(row) = write.case_by_id(case).await? else { return write.not_allowed(crate::WHY_NOT_OPEN) };
        let is_file = u32::from(row.receipt_mark.is_some());
        let card_rows = write.count_of(CARD, case).await?;
        let counts = [
            ("file", is_file),
            ("case", 1 - is_file),
            ("card", u32::from(card_rows > 0)),
            ("reminder", write.count_of(REMINDERS, case).await?),
            ("report", write.count_of(REPORTS, case).await?),
        ];
        let fault = write.fault();
        let id = case.to_bytes().to_vec();
        sqlx::query(DESTROY_REPORTS).bind(&id).execute(write.conn()).await.map_err(&fault)?;
        write.destroy_case(&self.vault, case).await?;
        write.log(&self.vault, now, Some(contact), Some(case), AuditEvent::Forgotten).await?;
        write.unlink_case(case).await?;
        self.commit(write, now).await?;
        self.vault.set_half_forgotten(false);
        writer.truncate().await?;
        drop(writer);
        self.overwrite_ring_copies(true).await;
        let said = counts.into_iter().filter(|(_, count)| *count > 0);
        Ok(said.map(|(kind, count)| (kind.to_owned(), count)).collect())
    }
}

impl Write<'_> {
    /// Destroys the rows of a case, its key and its secret; its reports stay, without it.
    pub(super) async fn destroy_case(&mut self, vault: &Vault, case: CaseId) -> Done<()> {
        let fault = self.fault();
        let id = case.to_bytes().to_vec();
        let key: Option<Vec<u8>> =
            sqlx::query_scalar(KEY_OF).bind(&id).fetch_optional(self.conn()).await.map_err(&fault)?;
        if let Some(key) = key {
            self.doom_secret(&key);
        }
        self.part_reports_from(vault, case).await?;
        for sql in DESTROY {
            sqlx::query(*sql).bind(&id).execute(self.conn()).await.map_err(&fault)?;
        }
        Ok(())
    }

    async fn unlink_case(&mut self, case: CaseId) -> Done<()> {
        let fault = self.fault();
        let unlink = "UPDATE log_links SET case_id = NULL WHERE case_id = ?1";
        sqlx::query(unlink).bind(case.to_bytes().to_vec()).execute(self.conn()).await.map_err(&fault)?;
        Ok(())
    }

    async fn count_of(&mut self, sql: &'static str, case: CaseId) -> Done<u32> {
        let fault = self.fault();
        let count: i64 =
            sqlx::query_scalar(sql).bind(case.to_bytes().to_vec()).fetch_one(self.conn()).await.map_err(&fault)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}
