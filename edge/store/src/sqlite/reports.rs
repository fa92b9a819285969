//! Reports that a record is wrong, found by the mark of their code alone.
//! The obligation to work on one is left to `tasks`.

use super::connection::vault_fault;
use super::limits::Keyed;
use super::write::Write;
use super::{Done, SqliteStore};
use crate::rules;
use crate::vault::{Marked, Opening, Place, Slot, Vault, slot_of};
use caseline_conversation::effect::ReportState;
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::limits::{Fit, TryEnd, decide};
use caseline_helpline::policy::Action;
use caseline_helpline::ports::{LeaseState, NewReport, NewTask, ReportLooked, TaskContent, TaskKind, Trying};
use caseline_helpline::retention::DataClass;
use caseline_helpline::staff::{Actor, StaffDeed};
use caseline_model::{CaseId, ContactId, FileReceipt, Language, TaskId, Time};
use serde::{Deserialize, Serialize};

const INSERT: &str = "INSERT INTO reports (mark, case_id, sealed, goes_at, task) VALUES (?1, ?2, ?3, ?4, ?5)";
const FIND: &str = "SELECT case_id, sealed FROM reports WHERE mark = ?1 AND goes_at > ?2";
const OF_TASK: &str = "SELECT mark, case_id, sealed FROM reports WHERE task = ?1 AND goes_at > ?2";
const IS_THERE: &str = "SELECT COUNT(*) FROM reports WHERE mark = ?1";
const OF_CASE: &str = "SELECT mark, sealed, goes_at FROM reports WHERE case_id = ?1";
const RESEAL: &str = "UPDATE reports SET sealed = ?2 WHERE mark = ?1";
const SET: &str = "UPDATE reports SET sealed = ?2, goes_at = ?3 WHERE mark = ?1";

/// What is sealed of a report.
#[derive(Serialize, Deserialize)]
struct Sealed {
    what: String,
    state: ReportState,
    taken_at: Time,
    since: Time,
}

/// Mark of the code, case, sealed report.
type OfTask = (Vec<u8>, Option<Vec<u8>>, Vec<u8>);

impl SqliteStore {
    pub(super) async fn keep_report(&self, now: Time, contact: ContactId, report: NewReport) -> Done<()> {
        let doing = "keeping a report";
        let mark = self.vault.index(&Marked::Report(report.code.reveal())).map_err(vault_fault(doing))?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        if let Some(case) = report.case {
            write.open_in(now, contact, case).await?;
        }
        let Some(language) = write.language_of(contact).await? else {
            return write.not_allowed(crate::WHY_NOT_LIVE);
        };
        let fault = write.fault();
        let there: i64 =
            sqlx::query_scalar(IS_THERE).bind(mark.to_vec()).fetch_one(write.conn()).await.map_err(&fault)?;
        if there > 0 {
            return Ok(());
        }
        let state = ReportState::Taken;
        let goes_at = rules::report_keep_until(&self.settings.retention, now, state);
        let kept = Sealed { what: report.what.clone(), state, taken_at: now, since: now };
        let slot = match report.case {
            Some(case) => write.slot_of_case(&self.vault, case).await?,
            None => None,
        };
        let sealed = self.sealed_report(&mark, &kept, goes_at, slot, doing)?;
        sqlx::query(INSERT)
            .bind(mark.to_vec())
            .bind(report.case.map(|case| case.to_bytes().to_vec()))
            .bind(sealed)
            .bind(goes_at.micros())
            .bind(report.task.to_bytes().to_vec())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        let task = NewTask {
            id: report.task,
            kind: TaskKind::Report,
            obligation: rules::report_obligation(report.task),
            due_at: now,
            expires_at: goes_at,
            case: report.case,
            content: TaskContent {
                language: language.unwrap_or(Language::ENGLISH),
                need: report.what,
                phone: None,
                words: None,
                voice_note: None,
                asked_at: now,
            },
        };
        self.insert_task(&mut write, now, &task).await?;
        write.log(&self.vault, now, Some(contact), report.case, AuditEvent::ReportTaken).await?;
        self.commit(write, now).await
    }

    pub(super) async fn try_report(&self, now: Time, who: &Trying, code: &FileReceipt) -> Done<ReportLooked> {
        let doing = "looking a report up";
        let mark = self.vault.index(&Marked::Report(code)).map_err(vault_fault(doing))?;
        let caller = self.caller_mark(now, who, doing)?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let tried = write.a_try(&self.vault, now, who, caller, Keyed { kind: "report", mark: mark.to_vec() }).await?;
        let found = write.report(now, &mark).await?;
        // A report opens no case, so it is none of the cases that a caller opens.
        let verdict = decide(&tried.facts.without_breadth(), now);
        let end = TryEnd::of_report(verdict, Fit::of_receipt(found.is_some(), false));
        self.count_try(&mut write, now, who, &tried, end).await?;
        let looked = match (end, found) {
            (TryEnd::PersonNow, _) => ReportLooked::PersonNow,
            (TryEnd::Opened, Some((case, sealed))) => {
                let Sealed { state, taken_at, since, .. } = self.opened_report(&mark, &sealed, doing)?;
                write.log(&self.vault, now, Some(who.contact), case, AuditEvent::ReportTold).await?;
                ReportLooked::State { state, taken_at, since }
            }
            _ => ReportLooked::Refused,
        };
        self.commit(write, now).await?;
        Ok(looked)
    }

    pub(super) async fn set_report_state(&self, now: Time, code: &FileReceipt, state: ReportState) -> Done<bool> {
        let doing = "moving a report";
        let mark = self.vault.index(&Marked::Report(code)).map_err(vault_fault(doing))?;
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        let Some((case, sealed)) = write.report(now, &mark).await? else { return Ok(false) };
        self.move_to(&mut write, now, (&mark, &sealed), state).await?;
        write.log(&self.vault, now, None, case, AuditEvent::ReportMoved).await?;
        self.commit(write, now).await?;
        Ok(true)
    }

    /// The same by the task of a person who works on it, whose lease must hold: they never see its code.
    pub(super) async fn set_report_state_by_task(
        &self,
        now: Time,
        by: Actor,
        (task, fencing): (TaskId, u64),
        state: ReportState,
    ) -> Done<LeaseState> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("moving a report").await?;
        write.acting(now, by, Action::MoveReport).await?;
        if !write.is_leased(task, fencing, now).await? {
            return Ok(LeaseState::Lost);
        }
        let fault = write.fault();
        let row: Option<OfTask> = sqlx::query_as(OF_TASK)
            .bind(task.to_bytes().to_vec())
            .bind(now.micros())
            .fetch_optional(write.conn())
            .await
            .map_err(&fault)?;
        let Some((mark, case, sealed)) = row else { return Ok(LeaseState::Lost) };
        let Some(mark) = mark.first_chunk::<32>() else { return Ok(LeaseState::Lost) };
        self.move_to(&mut write, now, (mark, &sealed), state).await?;
        let case = case.and_then(|id| CaseId::from_bytes(&id));
        let event = AuditEvent::Staff { deed: StaffDeed::ReportMoved, by: Some(by) };
        write.log(&self.vault, now, None, case, event).await?;
        self.commit(write, now).await?;
        Ok(LeaseState::Held)
    }

    async fn move_to(
        &self,
        write: &mut Write<'_>,
        now: Time,
        (mark, sealed): (&[u8; 32], &[u8]),
        state: ReportState,
    ) -> Done<()> {
        let doing = write.doing;
        let kept = Sealed { state, since: now, ..self.opened_report(mark, sealed, doing)? };
        let goes_at = rules::report_keep_until(&self.settings.retention, now, state);
        let sealed = self.sealed_report(mark, &kept, goes_at, slot_of(sealed), doing)?;
        let fault = write.fault();
        sqlx::query(SET)
            .bind(mark.to_vec())
            .bind(sealed)
            .bind(goes_at.micros())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }

    /// With the secret of its case, if it has one: "forget me" then reaches copies of the report too.
    fn sealed_report(
        &self,
        mark: &[u8; 32],
        kept: &Sealed,
        goes_at: Time,
        slot: Option<Slot>,
        doing: &'static str,
    ) -> Done<Vec<u8>> {
        let plain = serde_json::to_vec(kept).map_err(|_| StoreFault::Sealed { doing })?;
        let sealed = self.vault.seal_with_secret(DataClass::Report, goes_at, slot, report_place(mark), &plain);
        sealed.map_err(vault_fault(doing))
    }

    fn opened_report(&self, mark: &[u8; 32], sealed: &[u8], doing: &'static str) -> Done<Sealed> {
        let plain = self.vault.open_value(&Opening::Report(mark), report_place(mark), sealed);
        serde_json::from_slice(&plain.map_err(vault_fault(doing))?).map_err(|_| StoreFault::Sealed { doing })
    }
}

impl Write<'_> {
    /// Seals the reports of a case anew without the secret of the case, which is about to go: they outlive it.
    pub(super) async fn part_reports_from(&mut self, vault: &Vault, case: CaseId) -> Done<()> {
        let fault = self.fault();
        let reports: Vec<(Vec<u8>, Vec<u8>, i64)> =
            sqlx::query_as(OF_CASE).bind(case.to_bytes().to_vec()).fetch_all(self.conn()).await.map_err(&fault)?;
        for (mark, sealed, goes_at) in reports {
            let Some(of) = mark.first_chunk::<32>().filter(|_| slot_of(&sealed).is_some()) else { continue };
            let parted = vault.without_secret(DataClass::Report, Time::from_micros(goes_at), report_place(of), &sealed);
            // One that is over, or whose secret is gone already, opens no more: it goes by its own time.
            let Ok(parted) = parted else { continue };
            sqlx::query(RESEAL).bind(&mark).bind(parted).execute(self.conn()).await.map_err(&fault)?;
        }
        Ok(())
    }

    async fn report(&mut self, now: Time, mark: &[u8; 32]) -> Done<Option<(Option<CaseId>, Vec<u8>)>> {
        let fault = self.fault();
        let row: Option<(Option<Vec<u8>>, Vec<u8>)> = sqlx::query_as(FIND)
            .bind(mark.to_vec())
            .bind(now.micros())
            .fetch_optional(self.conn())
            .await
            .map_err(&fault)?;
        Ok(row.map(|(case, sealed)| (case.and_then(|id| CaseId::from_bytes(&id)), sealed)))
    }
}

const fn report_place(mark: &[u8; 32]) -> Place<'_> {
    Place { table: "reports", row: mark, column: "sealed" }
}
