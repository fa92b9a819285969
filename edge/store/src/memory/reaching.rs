//! Reaching a case, forgetting it, and reports, in the model.
//! The limits are `helpline::limits`; what a try comes to is `rules`.

use super::{Case, Done, Keyed, Model, Report, caller_key};
use crate::rules;
use caseline_conversation::effect::ReportState;
use caseline_helpline::audit::{AuditEvent, OpenedBy};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::limits::{Answer, Fit, Tried, TryEnd, Verdict, decide};
use caseline_helpline::ports::{Checked, NewFile, NewReport, NewTask, ReportLooked, TaskContent, TaskKind, Trying};
use caseline_helpline::retention::KeptTimes;
use caseline_model::{CardCode, CaseId, ContactId, Language, Private, Time};

/// What is keyed, and for a file whether a word comes with its receipt.
#[derive(Clone, Copy)]
struct Keying<'a> {
    key: &'a Keyed,
    has_word: Option<bool>,
}

impl Model {
    pub(super) fn count_caller(&mut self, now: Time, who: &Trying) -> Done<()> {
        let row = self.live(who.contact, "counting a contact")?;
        if !row.caller_counted {
            row.caller_counted = true;
            self.counters.count_contact(now, &caller_key(now, who.caller.as_ref()));
        }
        Ok(())
    }

    pub(super) fn check_card(&mut self, now: Time, who: &Trying, number: &str, code: &CardCode) -> Done<Checked> {
        let key = Keyed::Number(number.to_owned());
        let case = self.case_of_number(number).filter(|case| self.is_kept(*case, now));
        let row = case.and_then(|case| self.cases.get(&case));
        let fits = row.is_some_and(|case| case.card.get(&code.row()).is_some_and(|(kept, used)| kept == code && !used));
        let first = rules::first_of_two(row.and_then(|case| case.first_code), who.contact);
        let in_all = self.counters.wrong_row(&key).in_all;
        let fit = Fit::of_code(fits, first, code.row());
        let tried = Keying { key: &key, has_word: None };
        let (end, answer) = self.try_it(now, who, tried, |verdict| TryEnd::of_code(verdict, fit, in_all))?;
        if let Some(case) = case.and_then(|case| self.cases.get_mut(&case)) {
            match end {
                TryEnd::Opened => {
                    case.first_code = None;
                    for row in first.into_iter().chain([code.row()]) {
                        if let Some(kept) = case.card.get_mut(&row) {
                            kept.1 = true;
                        }
                    }
                }
                TryEnd::FirstOfTwo => case.first_code = Some((who.contact, code.row())),
                // Only this contact's own first code: whoever tries the number elsewhere takes nobody's away.
                _ if first.is_some() => case.first_code = None,
                _ => {}
            }
        }
        Ok(self.opened(now, who, &key, answer, case, OpenedBy::Card))
    }

    pub(super) fn check_file(&mut self, now: Time, who: &Trying, receipt: &str, word: Option<&str>) -> Done<Checked> {
        let key = Keyed::File(receipt.to_owned());
        let case = self.cases.iter().find(|(_, case)| case.receipt.as_deref() == Some(receipt)).map(|(id, _)| *id);
        let case = case.filter(|case| self.is_kept(*case, now));
        let fits = case
            .and_then(|case| self.cases.get(&case))
            .is_some_and(|case| case.word_key.as_deref().is_none_or(|kept| Some(kept) == word));
        let fit = Fit::of_receipt(fits);
        let tried = Keying { key: &key, has_word: Some(word.is_some()) };
        let (_, answer) = self.try_it(now, who, tried, |verdict| TryEnd::of_receipt(verdict, fit))?;
        Ok(self.opened(now, who, &key, answer, case, OpenedBy::FileReceipt))
    }

    pub(super) fn report_state(&mut self, now: Time, who: &Trying, code: &str) -> Done<ReportLooked> {
        let key = Keyed::Report(code.to_owned());
        let fits = self.reports.get(code).is_some_and(|report| report.keep_until > now);
        let fit = Fit::of_receipt(fits);
        let tried = Keying { key: &key, has_word: None };
        let (end, _) = self.try_it(now, who, tried, |verdict| TryEnd::of_receipt(verdict, fit))?;
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
            keep_until: rules::keep_until(&KeptTimes::default(), now, last_date),
            versions: vec![file.assertions],
            digest: None,
            feed_rows: Vec::new(),
            feed_seen_at: None,
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
            for gone in keys.iter().flatten() {
                self.counters.forget(gone);
                self.halves.remove(gone);
            }
        }
        #[cfg(test)]
        self.destroyed.insert(case);
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
        let keep_until = rules::report_keep_until(&KeptTimes::default(), now, state);
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

    /// Asks the limits, then counts and logs what the try came to.
    fn try_it(
        &mut self,
        now: Time,
        who: &Trying,
        keying: Keying<'_>,
        end: impl Fn(Verdict) -> TryEnd,
    ) -> Done<(TryEnd, Answer)> {
        let keyed = keying.key;
        let in_contact = self.live(who.contact, "trying to open something")?.wrong_count;
        self.count_caller(now, who)?;
        let yesterday = now.day().saturating_sub(1);
        let tried = Tried {
            keyed,
            by_receipt: !matches!(keyed, Keyed::Number(_)),
            caller: &caller_key(now, who.caller.as_ref()),
            is_shared: who.shared || who.caller.is_none(),
            in_contact,
            site_contacts_yesterday: self.contacts.values().filter(|row| row.day == yesterday).count() as u32,
        };
        let facts = self.counters.facts(now, &tried);
        let half = self.halves.get(keyed).filter(|half| (half.0, half.1) == (who.contact, in_contact));
        let half = half.filter(|_| keying.has_word == Some(true)).map(|half| half.2);
        let verdict = decide(&half.map_or(facts, |last_before| facts.without_one(last_before)), now);
        let end = end(verdict);
        if end.counts_on_caller() {
            self.live(who.contact, "counting a try")?.wrong_count += 1;
        }
        if end.counts_on_number() {
            self.halves.remove(keyed);
            if keying.has_word == Some(false) {
                self.halves.insert(keyed.clone(), (who.contact, in_contact + 1, facts.on_case.last));
            }
        }
        if let (TryEnd::Opened, Some(last_before)) = (end, half) {
            self.live(who.contact, "taking a try back")?.wrong_count -= 1;
            self.halves.remove(keyed);
            self.counters.take_back(&tried, &facts, last_before);
        }
        if self.counters.count(now, &tried, &facts, end) {
            self.log(now, None, None, AuditEvent::LimitAlarm);
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
        Ok((end, end.answer(verdict, in_contact)))
    }

    fn opened(
        &mut self,
        now: Time,
        who: &Trying,
        key: &Keyed,
        answer: Answer,
        case: Option<CaseId>,
        by: OpenedBy,
    ) -> Checked {
        match (answer, case) {
            (Answer::PersonNow, _) => Checked::PersonNow,
            (Answer::Opened, Some(case)) => {
                // Withheld numbers are one caller: knowing one of them would let all of them in.
                let known = who.caller.as_ref().map(|phone| caller_key(now, Some(phone)));
                self.counters.count_opened(key, known);
                if let Some(row) = self.cases.get_mut(&case) {
                    row.keep_until = row.keep_until.max(rules::keep_until(&KeptTimes::default(), now, None));
                }
                self.access.insert((who.contact, case), now.plus(rules::ACCESS_MAX));
                self.log(now, Some(who.contact), Some(case), AuditEvent::CaseOpened { by });
                Checked::Opened(case)
            }
            _ => Checked::Refused,
        }
    }
}
