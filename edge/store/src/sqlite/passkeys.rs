//! Passkeys of cases: one is shown in place of a number and a code, one is made on one more code of the card.
//! An unknown one takes the path of a known one: the same statements, the same count, one answer. Checking what a browser
//! showed is left to the pages.

use super::cases::CaseRow;
use super::connection::vault_fault;
use super::limits::Keyed;
use super::write::Write;
use super::{Done, SqliteStore};
use crate::rules::{self, FirstCode};
use crate::vault::{Marked, Opening, Place};
use caseline_helpline::audit::{AuditEvent, OpenedBy};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::limits::{Answer, Fit, TryEnd, decide};
use caseline_helpline::ports::{CASE_PASSKEYS_MAX, Checked, PasskeyKept, ShownPasskey, Trying};
use caseline_helpline::staff::{PASSKEY_LENGTH_MAX, Passkey};
use caseline_model::{CardCode, CaseId, Time};

const BY_MARK: &str = "SELECT case_id, sealed FROM passkeys WHERE mark = ?1";
const KEEP: &str = "INSERT INTO passkeys (mark, case_id, sealed) VALUES (?1, ?2, ?3)";
const USED: &str = "UPDATE passkeys SET sealed = ?2 WHERE mark = ?1";
const DROP: &str = "DELETE FROM passkeys WHERE case_id = ?1";
pub(super) const COUNT: &str = "SELECT COUNT(*) FROM passkeys WHERE case_id = ?1";
const NUMBER_OF: &str = "SELECT number_mark FROM cases WHERE id = ?1";

impl SqliteStore {
    pub(super) async fn try_passkey(&self, now: Time, who: &Trying, shown: &dyn ShownPasskey) -> Done<Checked> {
        let doing = "comparing a passkey";
        let mark = self.vault.index(&Marked::Passkey(shown.credential())).map_err(vault_fault(doing))?;
        let caller = self.caller_mark(now, who, doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let tried = write.a_try(&self.vault, now, who, caller, Keyed { kind: "passkey", mark: mark.to_vec() }).await?;
        let kept = write.passkey(&mark).await?.filter(|(case, _)| case.keep_until > now);
        let used = match &kept {
            Some((case, sealed)) => self.fitting(now, case, &mark, sealed, shown, doing)?,
            None => None,
        };
        let verdict = decide(&tried.facts, now);
        let end = TryEnd::of_report(verdict, Fit::of_receipt(used.is_some(), false));
        self.count_try(&mut write, now, who, &tried, end).await?;
        let checked = match (end.answer(verdict, tried.facts.in_contact), kept, used) {
            (Answer::PersonNow, ..) => Checked::PersonNow,
            (Answer::Opened, Some((case, _)), Some(used)) => {
                write.count_opened(now, who, &tried, false).await?;
                let sealed = self.sealed_passkey(case.id, &case.case_key, &mark, &used, doing)?;
                let fault = write.fault();
                sqlx::query(USED).bind(mark.to_vec()).bind(sealed).execute(write.conn()).await.map_err(&fault)?;
                write.extend_case(&self.vault, &case, rules::keep_until(&self.settings.retention, now, None)).await?;
                write.give_access(now, who.contact, case.id).await?;
                let event = AuditEvent::CaseOpened { by: OpenedBy::Passkey };
                write.log(&self.vault, now, Some(who.contact), Some(case.id), event).await?;
                Checked::Opened(case.id)
            }
            _ => Checked::Refused,
        };
        self.commit(write, now).await?;
        Ok(checked)
    }

    pub(super) async fn new_passkey(
        &self,
        now: Time,
        who: &Trying,
        case: CaseId,
        code: &CardCode,
        passkey: &Passkey,
    ) -> Done<PasskeyKept> {
        let doing = "keeping a passkey";
        let mark = self.vault.index(&Marked::Passkey(&passkey.credential)).map_err(vault_fault(doing))?;
        let caller = self.caller_mark(now, who, doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        write.open_in(now, who.contact, case).await?;
        if passkey.public.len() > PASSKEY_LENGTH_MAX {
            return write.not_allowed(crate::WHY_TOO_LONG);
        }
        let (Some(row), Some(number)) = (write.case_by_id(case).await?, write.number_mark(case).await?) else {
            // One's own file has no card, and so no second code to ask for.
            return write.not_allowed(crate::WHY_NOT_OPEN);
        };
        if write.passkey_count(case).await? >= CASE_PASSKEYS_MAX {
            return Ok(PasskeyKept::Full);
        }
        // The code is a try on the number like any other, under the same limits.
        let tried = write.a_try(&self.vault, now, who, caller, Keyed { kind: "number", mark: number }).await?;
        // A representative's card makes no passkey.
        let fitting = write.compare_code(&self.vault, now, Some(&row), code).await?;
        let fitting = fitting.filter(|fitting| !fitting.is_representative()).map(|fitting| fitting.card);
        let first = rules::first_row_of(rules::first_of_two(row.first, who.contact), fitting);
        let verdict = decide(&tried.facts, now);
        let end = TryEnd::of_code(verdict, Fit::of_code(fitting.is_some(), first, code.row()), tried.in_all);
        self.count_try(&mut write, now, who, &tried, end).await?;
        let kept = match end {
            TryEnd::Opened => {
                if let Some(card) = fitting {
                    write.use_codes(card, first.into_iter().chain([code.row()])).await?;
                }
                write.set_first(case, None).await?;
                write.count_opened(now, who, &tried, false).await?;
                let sealed = self.sealed_passkey(case, &row.case_key, &mark, &passkey.public, doing)?;
                let fault = write.fault();
                sqlx::query(KEEP)
                    .bind(mark.to_vec())
                    .bind(case.to_bytes().to_vec())
                    .bind(sealed)
                    .execute(write.conn())
                    .await
                    .map_err(&fault)?;
                write.log(&self.vault, now, Some(who.contact), Some(case), AuditEvent::PasskeyMade).await?;
                PasskeyKept::Kept
            }
            _ => {
                let first = fitting.filter(|_| end == TryEnd::FirstOfTwo);
                let first = first.map(|card| FirstCode { contact: who.contact, card, row: code.row() });
                if first.is_some() || rules::first_of_two(row.first, who.contact).is_some() {
                    write.set_first(case, first).await?;
                }
                match end.answer(verdict, tried.facts.in_contact) {
                    Answer::PersonNow => PasskeyKept::PersonNow,
                    Answer::Opened | Answer::Refused => PasskeyKept::Refused,
                }
            }
        };
        self.commit(write, now).await?;
        Ok(kept)
    }

    /// The passkey as it is after its use, if it fits. A public half that does not open (its case was forgotten, and this
    /// row came back with an old copy) fits nothing.
    fn fitting(
        &self,
        now: Time,
        case: &CaseRow,
        mark: &[u8; 32],
        sealed: &[u8],
        shown: &dyn ShownPasskey,
        doing: &'static str,
    ) -> Done<Option<String>> {
        let opening = Opening::Passkey { case: case.id, mark };
        let Ok(plain) = self.vault.open_in_case(now, &opening, &case.case_key, place(mark), sealed) else {
            return Ok(None);
        };
        let public = std::str::from_utf8(&plain).map_err(|_| StoreFault::Sealed { doing })?;
        Ok(shown.fits(public).filter(|used| used.len() <= PASSKEY_LENGTH_MAX))
    }

    fn sealed_passkey(
        &self,
        case: CaseId,
        case_key: &[u8],
        mark: &[u8; 32],
        public: &str,
        doing: &'static str,
    ) -> Done<Vec<u8>> {
        self.vault.seal_in_case(case, case_key, place(mark), public.as_bytes()).map_err(vault_fault(doing))
    }
}

impl Write<'_> {
    /// The passkeys of a case are gone: its card was lost or replaced, and whoever had it may have made one.
    pub(super) async fn drop_passkeys(&mut self, case: CaseId) -> Done<()> {
        let fault = self.fault();
        sqlx::query(DROP).bind(case.to_bytes().to_vec()).execute(self.conn()).await.map_err(&fault)?;
        Ok(())
    }

    async fn passkey(&mut self, mark: &[u8; 32]) -> Done<Option<(CaseRow, Vec<u8>)>> {
        let fault = self.fault();
        let row: Option<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as(BY_MARK).bind(mark.to_vec()).fetch_optional(self.conn()).await.map_err(&fault)?;
        let (id, sealed) = row.unwrap_or_else(|| (super::reaching::NOBODY.to_bytes().to_vec(), Vec::new()));
        let case = CaseId::from_bytes(&id).ok_or(StoreFault::Sealed { doing: self.doing })?;
        Ok(self.case_by_id(case).await?.map(|case| (case, sealed)))
    }

    async fn passkey_count(&mut self, case: CaseId) -> Done<usize> {
        let fault = self.fault();
        let count: i64 =
            sqlx::query_scalar(COUNT).bind(case.to_bytes().to_vec()).fetch_one(self.conn()).await.map_err(&fault)?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    async fn number_mark(&mut self, case: CaseId) -> Done<Option<Vec<u8>>> {
        let fault = self.fault();
        let mark: Option<Option<Vec<u8>>> = sqlx::query_scalar(NUMBER_OF)
            .bind(case.to_bytes().to_vec())
            .fetch_optional(self.conn())
            .await
            .map_err(&fault)?;
        Ok(mark.flatten())
    }
}

/// Where the public half of a passkey is kept.
const fn place(mark: &[u8; 32]) -> Place<'_> {
    Place { table: "passkeys", row: mark, column: "sealed" }
}
