//! Doing what a conversation asks for, one effect at a time, each durable before its result is said.
//! The words for each result stand in the flows.

use super::saved::{Prepared, Promised};
use super::{ContactRunner, nobody_on_a_page};
use crate::audit::{AuditEntry, AuditEvent};
use crate::fault::StoreFault;
use crate::ports::{Changed, Checked, NewFile, NewReport, NewTask, ReportLooked, TaskContent, TaskKind};
use crate::retention::DataClass;
use caseline_conversation::effect::{Done, Effect};
use caseline_model::{CaseId, Date, FileReceipt, Phone, Private, ReceiptKind, TaskId, Time, TimeOfDay};
use caseline_records::answer::hearing_time;
use caseline_records::{Answer, Assertion, Field, HearingTime, Obtained, SourceKind, Value};
use std::time::Duration;

/// A voice note shorter than this is empty: 8,000 samples a second.
const VOICE_NOTE_MIN: usize = 8_000;

/// When the line reminds: the day before, at ten in the morning at the line's place.
const REMINDER_HOUR: u8 = 10;

/// How many messages, callbacks and reminders one contact may leave; whoever wants more is told that it was not saved.
const PROMISES_MAX: usize = 20;

impl ContactRunner {
    pub(super) async fn perform(&mut self, now: Time, effect: Effect) -> Done {
        match self.try_perform(now, effect).await {
            Ok(done) => done,
            Err(fault) => {
                tracing::error!(contact = %self.id, %fault, "nothing was saved, and the caller is told so");
                Done::Unavailable
            }
        }
    }

    async fn try_perform(&mut self, now: Time, effect: Effect) -> Result<Done, StoreFault> {
        let store = std::sync::Arc::clone(&self.line.store);
        match effect {
            Effect::CheckCard { number, code } => {
                let checked = store.check_card(now, &self.trying(), &number, &code).await?;
                Ok(self.checked(checked, true))
            }
            Effect::CheckFile { receipt, word_key } => {
                let checked = store.check_file(now, &self.trying(), &receipt, word_key.as_ref()).await?;
                Ok(self.checked(checked, false))
            }
            Effect::CheckPasskey => self.check_passkey(now).await,
            Effect::ReadCase { fields } => {
                let Some(case) = self.open_case else { return Ok(Done::Refused) };
                let assertions = store.read_case(now, self.id, case, &fields).await?;
                let zone = &self.line.program.zone;
                Ok(Done::Read { answer: Answer::of(&assertions, &fields, now, zone, self.language()) })
            }
            Effect::OpenFile { date, time, word_key } => self.open_file(now, date, time, word_key).await,
            Effect::Report { what } => {
                let Prepared { code, task, .. } = self.prepare(now, ReceiptKind::Report).await;
                let report = NewReport { code: code.clone(), what, case: self.open_case, task };
                store.take_report(now, self.id, report).await?;
                self.prepared = None;
                Ok(Done::ReportTaken { code })
            }
            Effect::ReportOutcome { code } => {
                let zone = &self.line.program.zone;
                Ok(match store.report_state(now, &self.trying(), &code).await? {
                    ReportLooked::State { state, taken_at, since } => {
                        Done::ReportState { state, taken_on: taken_at.date_in(zone), since: since.date_in(zone) }
                    }
                    ReportLooked::Refused => Done::Refused,
                    ReportLooked::PersonNow => Done::PersonNow,
                })
            }
            Effect::Connect { .. } => {
                let staffed = self.line.hours.are_open(now, &self.line.program.zone);
                Ok(nobody_on_a_page(staffed))
            }
            Effect::Callback { phone, need } => {
                let Some(phone) = phone.or_else(|| self.caller.clone()) else { return Ok(Done::Unavailable) };
                let content = self.content(need, Some(phone), None);
                self.keep_task(now, TaskKind::Callback, DataClass::CallbackNumber, now, content).await
            }
            Effect::Message { words: None, .. } => Ok(Done::Empty),
            Effect::Message { need, words: Some(words) } => {
                let content = self.content(need, None, Some(words));
                self.keep_task(now, TaskKind::Message, DataClass::MessageWaiting, now, content).await
            }
            Effect::Remind { phone } => self.remind(now, phone).await,
            Effect::ForgetMe => {
                let Some(case) = self.open_case else { return Ok(Done::Unavailable) };
                let destroyed = store.forget(now, self.id, case).await?;
                self.open_case = None;
                Ok(Done::Forgotten { destroyed })
            }
            Effect::Openings => self.openings(now).await,
            Effect::LeaveTicket { desk, until } => self.leave_ticket(now, desk, until).await,
            Effect::WithdrawTickets => self.withdraw_tickets(now).await,
            Effect::EndAuthorities => self.end_authorities(now).await,
            Effect::CloseCase => self.close_case(now).await,
        }
    }

    pub(super) fn checked(&mut self, checked: Checked, has_card: bool) -> Done {
        match checked {
            Checked::Opened(case) => {
                self.open_case = Some(case);
                self.has_card = has_card;
                Done::Opened
            }
            Checked::Refused => Done::Refused,
            Checked::PersonNow => Done::PersonNow,
        }
    }

    async fn open_file(
        &mut self,
        now: Time,
        date: Date,
        time: Option<TimeOfDay>,
        word_key: Option<Private<String>>,
    ) -> Result<Done, StoreFault> {
        if self.line.program.operator.kind.is_agency() {
            return Ok(Done::NotHere);
        }
        let Prepared { code: receipt, case, .. } = self.prepare(now, ReceiptKind::File).await;
        let assertion = Assertion {
            value: Value::Hearing {
                at: HearingTime { date, time },
                kind: None,
                medium: None,
                court: None,
                detained_docket: false,
            },
            source: SourceKind::Notice,
            obtained: Obtained::ReadOutByCaller,
            observed_at: now,
            effective_on: None,
        };
        let file = NewFile { case, receipt: receipt.clone(), word_key, assertions: vec![assertion] };
        self.line.store.open_file(now, self.id, file).await?;
        self.prepared = None;
        self.open_case = Some(case);
        self.has_card = false;
        Ok(Done::FileOpened { receipt })
    }

    pub(super) async fn keep_voice_note(&mut self, now: Time, recorded: Private<Vec<u8>>) -> Done {
        if recorded.reveal().len() < VOICE_NOTE_MIN {
            return Done::Empty;
        }
        let need = std::mem::take(&mut self.message_need);
        let mut content = self.content(need, None, None);
        content.voice_note = Some(recorded);
        match self.keep_task(now, TaskKind::Message, DataClass::MessageWaiting, now, content).await {
            Ok(done) => done,
            Err(fault) => {
                tracing::error!(contact = %self.id, %fault, "a message could not be kept, and the caller is told so");
                Done::Unavailable
            }
        }
    }

    async fn remind(&mut self, now: Time, phone: Option<Private<Phone>>) -> Result<Done, StoreFault> {
        let (Some(case), Some(phone)) = (self.open_case, phone.or_else(|| self.caller.clone())) else {
            return Ok(Done::Unavailable);
        };
        let fields = [Field::Hearing];
        let assertions = self.line.store.read_case(now, self.id, case, &fields).await?;
        let zone = &self.line.program.zone;
        let answer = Answer::of(&assertions, &fields, now, zone, self.language());
        // Of two dates that disagree the earlier one: the reminder names neither (property S10).
        let earliest = answer
            .fact(Field::Hearing)
            .and_then(|fact| fact.told.iter().filter_map(|told| hearing_time(&told.value)).map(|at| at.date).min());
        let Some(day_before) = earliest.and_then(|date| date.yesterday().ok()) else { return Ok(Done::Unavailable) };
        let Some(ten) = TimeOfDay::new(REMINDER_HOUR, 0) else { return Ok(Done::Unavailable) };
        let due_at = zone.instant(day_before, ten).max(now);
        let mut content = self.content("reminder".into(), Some(phone), None);
        content.asked_at = now;
        self.keep_task(now, TaskKind::Reminder, DataClass::CallbackNumber, due_at, content).await
    }

    async fn keep_task(
        &mut self,
        now: Time,
        kind: TaskKind,
        class: DataClass,
        due_at: Time,
        content: TaskContent,
    ) -> Result<Done, StoreFault> {
        let case = self.open_case.filter(|_| kind == TaskKind::Reminder);
        // Of a promise the number that was given last counts: a caller who thinks again, because somebody else picks up
        // at the first number, is called at the second alone. A second message is another message.
        let earlier = self.promised.iter().rposition(|promised| promised.kind == kind && promised.case == case);
        if kind != TaskKind::Message
            && let Some(place) = earlier
            && self.line.store.change_task(now, &self.obligation(kind, place), content.clone()).await?
                == Changed::Changed
        {
            return Ok(Done::Saved);
        }
        let task = NewTask {
            id: TaskId::from_random(self.line.chance.bits_128()),
            kind,
            obligation: self.obligation(kind, self.promised.len()),
            due_at,
            expires_at: due_at.plus(class.kept()).plus(Duration::from_secs(1)),
            case,
            content,
        };
        if self.promised.len() >= PROMISES_MAX {
            return Ok(Done::Unavailable);
        }
        self.line.store.add_task(now, Some(self.id), task).await?;
        self.promised.push(Promised { kind, case });
        Ok(Done::Saved)
    }

    /// Names a promise by its place among those of this contact. A process that takes over before the place was kept
    /// names it so again, and the store keeps it once.
    fn obligation(&self, kind: TaskKind, place: usize) -> String {
        format!("{}:{}:{place}", kind.as_str(), self.id)
    }

    fn content(&self, need: String, phone: Option<Private<Phone>>, words: Option<Private<String>>) -> TaskContent {
        TaskContent { language: self.language(), need, phone, words, voice_note: None, asked_at: self.began_at }
    }

    /// Draws code and ids, and keeps them with the state before anything is done with them: if this process stops
    /// half-way, the next one keeps the same file or report again, which is once.
    async fn prepare(&mut self, now: Time, kind: ReceiptKind) -> Prepared {
        if let Some(prepared) = self.prepared.as_ref().filter(|prepared| prepared.code.reveal().kind() == kind) {
            return prepared.clone();
        }
        let chance = &self.line.chance;
        let prepared = Prepared {
            code: Private::new(FileReceipt::from_random(kind, chance.bits_64())),
            case: CaseId::from_random(chance.bits_128()),
            task: TaskId::from_random(chance.bits_128()),
        };
        self.prepared = Some(prepared.clone());
        self.keep_state(now).await;
        prepared
    }

    pub(super) fn entry(&self, now: Time, event: AuditEvent) -> AuditEntry {
        AuditEntry { at: now, contact: Some(self.id), case: None, event }
    }
}
