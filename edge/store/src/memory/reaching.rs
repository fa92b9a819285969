//! Reaching a case, forgetting it, and reports, in the model.
//! The limits are `helpline::limits`; what a try comes to is `rules`.

use super::{Case, Done, Keyed, Model, Report, WrongRow, caller_key};
use crate::rules::{self, TryEnd};
use caseline_conversation::effect::ReportState;
use caseline_helpline::audit::{AuditEvent, OpenedBy};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::limits::{TryFacts, decide};
use caseline_helpline::ports::{Checked, NewFile, NewReport, NewTask, ReportLooked, TaskContent, TaskKind, Trying};
use caseline_model::{CardCode, CaseId, ContactId, Language, Private, Time};

impl Model {
    pub(super) fn count_caller(&mut self, now: Time, who: &Trying) -> Done<()> {
        let row = self.live(who.contact, "counting a contact")?;
        if !row.caller_counted {
            row.caller_counted = true;
            let (week, number) = caller_key(now, who.caller.as_ref());
            *self.caller_contacts.entry((week, number, now.day())).or_default() += 1;
        }
        Ok(())
    }

    pub(super) fn check_card(&mut self, now: Time, who: &Trying, number: &str, code: &CardCode) -> Done<Checked> {
        let key = Keyed::Number(number.to_owned());
        let case = self.case_of_number(number).filter(|case| self.is_kept(*case, now));
        let row = case.and_then(|case| self.cases.get(&case));
        let fits = row.is_some_and(|case| case.card.get(&code.row()).is_some_and(|(kept, used)| kept == code && !used));
        let first = rules::first_of_two(row.and_then(|case| case.first_code), who.contact);
        let in_all = self.wrong_row(&key).in_all;
        let end = self.try_it(now, who, &key, |verdict| rules::end_of_try(verdict, fits, in_all, first, code.row()))?;
        if let Some(case) = case.and_then(|case| self.cases.get_mut(&case)) {
            match end {
                TryEnd::Opened => {
                    case.first_code = None;
                    let first = first.filter(|_| rules::needs_two(in_all));
                    for row in first.into_iter().chain([code.row()]) {
                        if let Some(kept) = case.card.get_mut(&row) {
                            kept.1 = true;
                        }
                    }
                }
                TryEnd::FirstOfTwo => case.first_code = Some((who.contact, code.row())),
                TryEnd::Wrong => case.first_code = None,
                TryEnd::Closed | TryEnd::PersonNow => {}
            }
        }
        Ok(self.opened(now, who, &key, end, case, OpenedBy::Card))
    }

    pub(super) fn check_file(&mut self, now: Time, who: &Trying, receipt: &str, word: Option<&str>) -> Done<Checked> {
        let key = Keyed::File(receipt.to_owned());
        let case = self.cases.iter().find(|(_, case)| case.receipt.as_deref() == Some(receipt)).map(|(id, _)| *id);
        let case = case.filter(|case| self.is_kept(*case, now));
        let fits = case
            .and_then(|case| self.cases.get(&case))
            .is_some_and(|case| case.word_key.as_deref().is_none_or(|kept| Some(kept) == word));
        let end = self.try_it(now, who, &key, |verdict| rules::end_of_try(verdict, fits, 0, None, 0))?;
        Ok(self.opened(now, who, &key, end, case, OpenedBy::FileReceipt))
    }

    pub(super) fn report_state(&mut self, now: Time, who: &Trying, code: &str) -> Done<ReportLooked> {
        let key = Keyed::Report(code.to_owned());
        let fits = self.reports.get(code).is_some_and(|report| report.keep_until > now);
        let end = self.try_it(now, who, &key, |verdict| rules::end_of_try(verdict, fits, 0, None, 0))?;
        let found = self.reports.get(code).filter(|_| end == TryEnd::Opened);
        let found = found.map(|row| (row.case, row.state, row.taken_at, row.since));
        Ok(match (end, found) {
            (TryEnd::PersonNow, _) => ReportLooked::PersonNow,
            (_, Some((case, state, taken_at, since))) => {
                self.log(now, Some(who.contact), case, AuditEvent::ReportTold);
                ReportLooked::State { state, taken_at, since }
            }
            _ => ReportLooked::Refused,
        })
    }

    pub(super) fn open_file(&mut self, now: Time, contact: ContactId, file: NewFile) -> Done<()> {
        let doing = "opening a file";
        self.live(contact, doing)?;
        if self.cases.contains_key(&file.case) {
            return Ok(());
        }
        let last_date = rules::last_known_date(now, &file.assertions);
        let case = Case {
            number: None,
            receipt: Some(file.receipt.reveal().digits()),
            word_key: file.word_key.map(Private::into_revealed),
            keep_until: rules::keep_until(now, last_date),
            versions: vec![file.assertions],
            digest: None,
            is_vanished: false,
            card: Default::default(),
            first_code: None,
        };
        self.cases.insert(file.case, case);
        self.access.insert((contact, file.case), now.plus(rules::ACCESS_MAX));
        self.log(now, Some(contact), Some(file.case), AuditEvent::FileOpened);
        Ok(())
    }

    pub(super) fn forget(&mut self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<(String, u32)>> {
        self.open_in(now, contact, case, "destroying a case")?;
        let reminders = self.tasks.values().filter(|task| {
            task.case == Some(case) && task.kind == TaskKind::Reminder && task.state == super::TaskState::Open
        });
        let reminders = reminders.count();
        let reports = self.reports.values().filter(|report| report.case == Some(case)).count();
        let kept = self.cases.get(&case);
        let is_file = usize::from(kept.is_some_and(|case| case.receipt.is_some()));
        let has_card = usize::from(kept.is_some_and(|case| !case.card.is_empty()));
        let counts = [
            ("file", is_file),
            ("case", 1 - is_file),
            ("card", has_card),
            ("reminder", reminders),
            ("report", reports),
        ];
        self.reports.retain(|_, report| report.case != Some(case));
        self.destroy_case(case);
        self.log(now, Some(contact), Some(case), AuditEvent::Forgotten);
        let said = counts.into_iter().filter(|(_, count)| *count > 0);
        Ok(said.map(|(kind, count)| (kind.to_owned(), u32::try_from(count).unwrap_or(u32::MAX))).collect())
    }

    /// The case, its card and its obligations; its reports stay, without it.
    pub(super) fn destroy_case(&mut self, case: CaseId) {
        if let Some(gone) = self.cases.remove(&case) {
            let keys = [gone.number.map(Keyed::Number), gone.receipt.map(Keyed::File)];
            self.wrongs.retain(|key, _| !keys.iter().flatten().any(|gone| gone == key));
        }
        self.access.retain(|(_, open), _| *open != case);
        let gone: Vec<_> = self.tasks.iter().filter(|(_, task)| task.case == Some(case)).map(|(id, _)| *id).collect();
        self.tasks.retain(|id, _| !gone.contains(id));
        self.intents.retain(|intent| !gone.contains(&intent.task));
        for report in self.reports.values_mut().filter(|report| report.case == Some(case)) {
            report.case = None;
        }
    }

    pub(super) fn take_report(&mut self, now: Time, contact: ContactId, report: &NewReport) -> Done<()> {
        let doing = "keeping a report";
        match report.case {
            Some(case) => self.open_in(now, contact, case, doing)?,
            None if self.contacts.contains_key(&contact) => {}
            None => return Err(StoreFault::NotAllowed { doing, why: crate::WHY_NOT_LIVE }),
        }
        let code = report.code.reveal().digits();
        if self.reports.contains_key(&code) {
            return Ok(());
        }
        let state = ReportState::Taken;
        let keep_until = rules::report_keep_until(now, state);
        self.reports.insert(code, Report { case: report.case, state, taken_at: now, since: now, keep_until });
        let language = self.contacts.get(&contact).and_then(|row| row.language).unwrap_or(Language::ENGLISH);
        let task = NewTask {
            id: report.task,
            kind: TaskKind::Report,
            obligation: rules::report_obligation(report.task),
            due_at: now,
            expires_at: keep_until,
            case: report.case,
            content: TaskContent {
                language,
                need: report.what.clone(),
                phone: None,
                words: None,
                voice_note: None,
                asked_at: now,
            },
        };
        self.insert_task(now, task);
        self.log(now, Some(contact), report.case, AuditEvent::ReportTaken);
        Ok(())
    }

    pub(super) fn case_of_number(&self, number: &str) -> Option<CaseId> {
        self.cases.iter().find(|(_, case)| case.number.as_deref() == Some(number)).map(|(id, _)| *id)
    }

    pub(super) fn is_kept(&self, case: CaseId, now: Time) -> bool {
        self.cases.get(&case).is_some_and(|case| case.keep_until > now)
    }

    fn wrong_row(&self, key: &Keyed) -> WrongRow {
        self.wrongs.get(key).copied().unwrap_or_default()
    }

    /// Asks the limits, then counts and logs what the try came to.
    fn try_it(
        &mut self,
        now: Time,
        who: &Trying,
        key: &Keyed,
        end: impl Fn(caseline_helpline::limits::Verdict) -> TryEnd,
    ) -> Done<TryEnd> {
        let in_contact = self.live(who.contact, "trying to open something")?.wrong_count;
        self.count_caller(now, who)?;
        let (week, number) = caller_key(now, who.caller.as_ref());
        let contacts_on = |day| self.caller_contacts.get(&(week, number.clone(), day)).copied().unwrap_or(0);
        let caller_contacts = contacts_on(now.day()).max(contacts_on(now.day().saturating_sub(1)));
        let yesterday = now.day().saturating_sub(1);
        let caller = Keyed::Caller(week, number.clone());
        let is_known = number.is_some_and(|number| self.known_callers.contains(&(week, number)));
        let facts = TryFacts {
            in_contact,
            by_caller: self.wrong_row(&caller).wrongs,
            caller_is_shared: who.shared || who.caller.is_none(),
            caller_contacts,
            on_case: self.wrong_row(key).wrongs,
            on_site: self.wrong_row(&Keyed::Site).wrongs,
            site_contacts_yesterday: self.contacts.values().filter(|row| row.day == yesterday).count() as u32,
            caller_is_known: is_known,
        };
        let end = end(decide(&facts, now));
        if end.counts_on_caller() {
            self.live(who.contact, "counting a try")?.wrong_count += 1;
            self.count_wrong(now, caller);
            if !is_known {
                if rules::alarm_rings(&facts, now) {
                    self.log(now, None, None, AuditEvent::LimitAlarm);
                }
                self.count_wrong(now, Keyed::Site);
            }
        }
        if end.counts_on_number() {
            self.count_wrong(now, key.clone());
        }
        match end {
            TryEnd::PersonNow => {
                self.log(now, Some(who.contact), None, AuditEvent::TryLimited);
            }
            TryEnd::Opened => {}
            _ => {
                self.log(now, Some(who.contact), None, AuditEvent::TryRefused);
            }
        }
        Ok(end)
    }

    fn count_wrong(&mut self, now: Time, key: Keyed) {
        let row = self.wrongs.entry(key).or_default();
        row.wrongs = row.wrongs.and_one(now);
        row.in_all = row.in_all.saturating_add(1);
    }

    fn opened(
        &mut self,
        now: Time,
        who: &Trying,
        key: &Keyed,
        end: TryEnd,
        case: Option<CaseId>,
        by: OpenedBy,
    ) -> Checked {
        match (end, case) {
            (TryEnd::PersonNow, _) => Checked::PersonNow,
            (TryEnd::Opened, Some(case)) => {
                if let Some(row) = self.wrongs.get_mut(key) {
                    row.in_all = 0;
                }
                if let (week, Some(number)) = caller_key(now, who.caller.as_ref()) {
                    self.known_callers.insert((week, number));
                }
                if let Some(row) = self.cases.get_mut(&case) {
                    row.keep_until = row.keep_until.max(rules::keep_until(now, None));
                }
                self.access.insert((who.contact, case), now.plus(rules::ACCESS_MAX));
                self.log(now, Some(who.contact), Some(case), AuditEvent::CaseOpened { by });
                Checked::Opened(case)
            }
            _ => Checked::Refused,
        }
    }
}
