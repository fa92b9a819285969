//! Reaching a case: by card, by the receipt of one's own file; reading it, opening a file, forgetting it.
//! Unknown, wrong, closed and over take the same path: the same statements, the same slow index, one answer.

use super::cards::Fitting;
use super::cases::{CaseRow, NewCase, version_place, version_row};
use super::connection::vault_fault;
use super::limits::{Keyed, Try};
use super::write::Write;
use super::{Done, SqliteStore};
use crate::keyed::is_same;
use crate::rules::{self, FirstCode};
use crate::vault::{Marked, Opening, Vault};
use caseline_conversation::slot::CaseNumber;
use caseline_helpline::audit::{AuditEvent, OpenedBy, Role};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::grant::Grant;
use caseline_helpline::limits::{Answer, Fit, Judged, TryEnd, Verdict, decide, judge_code};
use caseline_helpline::ports::{Checked, NewFile, Trying};
use caseline_model::{CardCode, CaseId, ContactId, FileReceipt, Time};
use caseline_records::{Assertion, Field};

/// Stands for the case of a number that nobody enrolled, so that it is compared like any other.
pub(super) const NOBODY: CaseId = CaseId::from_random(0);

const KEY_OF: &str = "SELECT case_key FROM cases WHERE id = ?1";
const REMINDERS: &str = "SELECT COUNT(*) FROM tasks WHERE case_id = ?1 AND kind = 'reminder' AND state = 'open'";
const TICKETS: &str = "SELECT COUNT(*) FROM tickets WHERE case_id = ?1";
const TICKETS_IN_USE: &str = "SELECT COUNT(*) FROM ticket_openings WHERE case_id = ?1";
const REPORTS: &str = "SELECT COUNT(*) FROM reports WHERE case_id = ?1";
const CARD: &str = "SELECT COUNT(*) FROM card_cases WHERE case_id = ?1 AND slot = 0";
/// All that is kept of a case, its reports apart; the case itself last.
const DESTROY: &[&str] = &[
    "DELETE FROM attempts WHERE task IN (SELECT id FROM tasks WHERE case_id = ?1)",
    "DELETE FROM tasks WHERE case_id = ?1",
    "DELETE FROM wrongs WHERE kind = 'number' AND mark IN (SELECT number_mark FROM cases WHERE id = ?1)",
    "DELETE FROM wrongs WHERE kind = 'file' AND mark IN (SELECT receipt_mark FROM cases WHERE id = ?1)",
    "DELETE FROM wrongs WHERE kind = 'passkey' AND mark IN (SELECT mark FROM passkeys WHERE case_id = ?1)",
    "DELETE FROM passkeys WHERE case_id = ?1",
    "DELETE FROM access WHERE case_id = ?1",
    "DELETE FROM tickets WHERE case_id = ?1",
    "DELETE FROM ticket_openings WHERE case_id = ?1",
    "DELETE FROM case_versions WHERE case_id = ?1",
    "UPDATE log_links SET case_id = NULL WHERE case_id = ?1",
    "UPDATE reports SET case_id = NULL WHERE case_id = ?1",
    "DELETE FROM cases WHERE id = ?1",
];
const BY_REPRESENTATIVE: &str = "UPDATE access SET by_representative = ?3 WHERE contact = ?1 AND case_id = ?2";
const IS_BY_REPRESENTATIVE: &str =
    "SELECT COUNT(*) FROM access WHERE contact = ?1 AND case_id = ?2 AND by_representative = 1";
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
        let tried = write.a_try(&self.vault, now, who, caller, Keyed { kind: "number", mark: mark.clone() }).await?;
        let case = write.case_by_number(&mark).await?.filter(|case| case.keep_until > now);
        let id = case.as_ref().map_or(NOBODY, |case| case.id);
        let fitting = write.compare_code(&self.vault, now, case.as_ref(), code).await?;
        let is_representative = fitting.as_ref().is_some_and(Fitting::is_representative);
        let kept = rules::first_of_two(case.as_ref().and_then(|case| case.first), who.contact);
        let first = rules::first_row_of(kept, fitting.as_ref().map(|fitting| fitting.card));
        let fit = Fit::of_code(fitting.is_some(), first, code.row());
        let Judged { verdict, mut end } = judge_code(&tried.facts, now, fit, is_representative, tried.in_all);
        if let (TryEnd::Opened, true, Some(fitting)) = (end, is_representative, &fitting)
            && !write.count_representative(&self.vault, now, fitting, id).await?
        {
            end = TryEnd::PersonNow;
        }
        match (end, &fitting) {
            (TryEnd::Opened, Some(fitting)) => {
                write.use_codes(fitting.card, first.into_iter().chain([code.row()])).await?;
                write.set_first(id, None).await?;
            }
            (TryEnd::FirstOfTwo, Some(fitting)) => {
                let first = FirstCode { contact: who.contact, card: fitting.card, row: code.row() };
                write.set_first(id, Some(first)).await?;
            }
            // Only this contact's own first code: whoever tries the number elsewhere takes nobody's away.
            _ if kept.is_some() => write.set_first(id, None).await?,
            _ => {}
        }
        self.count_try(&mut write, now, who, &tried, end).await?;
        let by = if is_representative { OpenedBy::RepresentativeCard } else { OpenedBy::Card };
        self.end_try(write, now, who, &tried, (verdict, end), case, by).await
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
        let mut tried = write.a_try(&self.vault, now, who, caller, Keyed { kind: "file", mark: mark.clone() }).await?;
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
        let judged = tried.judged();
        let verdict = decide(&judged, now);
        let fit = Fit::of_receipt(fits, needs_word);
        let end = TryEnd::of_receipt(verdict, fit, judged.on_case.is_closed(now));
        self.count_try(&mut write, now, who, &tried, end).await?;
        if is_alone && end.counts_on_number() {
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
                let is_representative = by == OpenedBy::RepresentativeCard;
                write.count_opened(now, who, tried, is_representative).await?;
                // Only the person keeps their case longer.
                if !is_representative {
                    let keep_until = rules::keep_until(&self.settings.retention, now, None);
                    write.extend_case(&self.vault, &case, keep_until).await?;
                }
                write.give_access(now, who.contact, case.id).await?;
                write.note_representative(who.contact, case.id, is_representative).await?;
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

    pub(super) async fn close_for(&self, now: Time, contact: ContactId, case: CaseId) -> Done<()> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("closing a case").await?;
        write.end_access_to(contact, case).await?;
        self.commit(write, now).await
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
        write.opened_by_person(now, contact, case).await?;
        write.delete_due_tickets(now).await?;
        let Some(row) = write.case_by_id(case).await? else { return write.not_allowed(crate::WHY_NOT_OPEN) };
        let is_file = u32::from(row.receipt_mark.is_some());
        let card_rows = write.count_of(CARD, case).await?;
        let counts = [
            ("file", is_file),
            ("case", 1 - is_file),
            ("card", u32::from(card_rows > 0)),
            ("passkey", write.count_of(super::passkeys::COUNT, case).await?),
            ("ticket", write.count_of(TICKETS, case).await? + write.count_of(TICKETS_IN_USE, case).await?),
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
        self.overwrite_ring_copies(now, true).await;
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
        self.take_off_cards(case).await?;
        for sql in DESTROY {
            sqlx::query(*sql).bind(&id).execute(self.conn()).await.map_err(&fault)?;
        }
        Ok(())
    }

    /// Notes whether a representative's card opened a case in a contact: the last code that opened it says so.
    async fn note_representative(&mut self, contact: ContactId, case: CaseId, is_representative: bool) -> Done<()> {
        let fault = self.fault();
        sqlx::query(BY_REPRESENTATIVE)
            .bind(contact.to_bytes().to_vec())
            .bind(case.to_bytes().to_vec())
            .bind(i64::from(is_representative))
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }

    /// A refusal unless the case is open in the contact, and its person opened it: what is done for good is not done with a
    /// representative's card.
    pub(super) async fn opened_by_person(&mut self, now: Time, contact: ContactId, case: CaseId) -> Done<()> {
        self.open_in(now, contact, case).await?;
        let fault = self.fault();
        let count: i64 = sqlx::query_scalar(IS_BY_REPRESENTATIVE)
            .bind(contact.to_bytes().to_vec())
            .bind(case.to_bytes().to_vec())
            .fetch_one(self.conn())
            .await
            .map_err(&fault)?;
        if count == 0 { Ok(()) } else { self.not_allowed(crate::WHY_REPRESENTATIVE) }
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
