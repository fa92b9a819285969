//! Reaching a case, forgetting it, and reports, in the model.
//! The limits are `helpline::limits`; what a try comes to is `rules`.

use super::cards::MayOpen;
use super::{Case, Done, Keyed, Model, Report, caller_key};
use crate::rules;
use caseline_conversation::effect::ReportState;
use caseline_helpline::audit::{AuditEvent, OpenedBy};
use caseline_helpline::cards::CardKind;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::limits::{Answer, Fit, Judged, Tried, TryEnd, TryFacts, Verdict, decide, judge_code};
use caseline_helpline::ports::{Checked, NewFile, NewReport, NewTask, ReportLooked, TaskContent, TaskKind, Trying};
use caseline_helpline::retention::KeptTimes;
use caseline_model::{CardCode, CaseId, ContactId, Language, Private, Time};
use std::cell::Cell;

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
        let fitting = self.fitting(now, case, code);
        let card = fitting.map(|(card, _)| card);
        let is_representative = fitting.is_some_and(|(_, kind)| kind == CardKind::Representative);
        let kept = self.first_of(case, who.contact);
        let first = rules::first_row_of(kept, card);
        let in_all = self.counters.wrong_row(&key).in_all;
        let fit = Fit::of_code(fitting.is_some(), first, code.row());
        let may_open = card.filter(|_| is_representative).map(|card| self.may_open(now, card, case));
        let would_open = Cell::new(false);
        let tried = Keying { key: &key, has_word: None };
        let (end, answer) = self.try_it(now, who, tried, |facts| {
            let judged = judge_code(facts, now, fit, is_representative, in_all);
            would_open.set(judged.end == TryEnd::Opened);
            match may_open {
                Some(MayOpen::Stopped | MayOpen::Alarm) if would_open.get() => {
                    Judged { end: TryEnd::PersonNow, ..judged }
                }
                _ => judged,
            }
        })?;
        if let (Some(card), Some(case), Some(may_open @ (MayOpen::Yes | MayOpen::Alarm)), true) =
            (card, case, may_open, would_open.get())
        {
            self.note_representative(now, card, case, may_open);
        }
        match (end, card) {
            (TryEnd::Opened, Some(card)) => {
                self.use_codes(card, first.into_iter().chain([code.row()]));
                self.set_first(case, None);
            }
            (TryEnd::FirstOfTwo, Some(card)) => {
                let first = rules::FirstCode { contact: who.contact, card, row: code.row() };
                self.set_first(case, Some(first));
            }
            // Only this contact's own first code: whoever tries the number elsewhere takes nobody's away.
            _ if kept.is_some() => self.set_first(case, None),
            _ => {}
        }
        let by = if is_representative { OpenedBy::RepresentativeCard } else { OpenedBy::Card };
        Ok(self.opened(now, who, &key, answer, case, by))
    }

    pub(super) fn set_first(&mut self, case: Option<CaseId>, first: Option<rules::FirstCode>) {
        if let Some(case) = case.and_then(|case| self.cases.get_mut(&case)) {
            case.first_code = first;
        }
    }

    pub(super) fn check_file(&mut self, now: Time, who: &Trying, receipt: &str, word: Option<&str>) -> Done<Checked> {
        let key = Keyed::File(receipt.to_owned());
        let case = self.cases.iter().find(|(_, case)| case.receipt.as_deref() == Some(receipt)).map(|(id, _)| *id);
        let case = case.filter(|case| self.is_kept(*case, now));
        let fits = case
            .and_then(|case| self.cases.get(&case))
            .is_some_and(|case| case.word_key.as_deref().is_none_or(|kept| Some(kept) == word));
        let needs_word = case.and_then(|case| self.cases.get(&case)).is_some_and(|case| case.word_key.is_some());
        let fit = Fit::of_receipt(fits, needs_word);
        let tried = Keying { key: &key, has_word: Some(word.is_some()) };
        let (_, answer) = self.try_it(now, who, tried, |facts| {
            let verdict = decide(facts, now);
            Judged { verdict, end: TryEnd::of_receipt(verdict, fit, facts.on_case.is_closed(now)) }
        })?;
        Ok(self.opened(now, who, &key, answer, case, OpenedBy::FileReceipt))
    }

    pub(super) fn report_state(&mut self, now: Time, who: &Trying, code: &str) -> Done<ReportLooked> {
        let key = Keyed::Report(code.to_owned());
        let fits = self.reports.get(code).is_some_and(|report| report.keep_until > now);
        let fit = Fit::of_receipt(fits, false);
        let tried = Keying { key: &key, has_word: None };
        // A report opens no case, so it is none of the cases that a caller opens.
        let (end, _) = self.try_it(now, who, tried, |facts| {
            let verdict = decide(&facts.without_breadth(), now);
            Judged { verdict, end: TryEnd::of_report(verdict, fit) }
        })?;
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
            on_cards: Default::default(),
            first_code: None,
        };
        self.cases.insert(file.case, case);
        self.give_access(now, contact, file.case);
        self.log(now, Some(contact), Some(file.case), AuditEvent::FileOpened);
        Ok(())
    }

    pub(super) fn forget(&mut self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<(String, u32)>> {
        self.opened_by_person(now, contact, case, "destroying a case")?;
        self.delete_due_tickets(now);
        let reminders = self.tasks.values().filter(|task| {
            task.case == Some(case) && task.kind == TaskKind::Reminder && task.state == super::TaskState::Open
        });
        let reminders = reminders.count();
        let reports = self.reports.values().filter(|report| report.case == Some(case)).count();
        let kept = self.cases.get(&case);
        let is_file = usize::from(kept.is_some_and(|case| case.receipt.is_some()));
        let has_card = usize::from(self.has_card(case));
        let counts = [
            ("file", is_file),
            ("case", 1 - is_file),
            ("card", has_card),
            ("passkey", self.passkeys_of(case)),
            ("ticket", self.tickets.of_case(case)),
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
        self.drop_passkeys(case, true);
        self.take_off_own(case);
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
        self.by_representative.retain(|(_, open)| *open != case);
        self.tickets.forget(case);
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
        self.reports.insert(
            code,
            Report { case: report.case, task: report.task, state, taken_at: now, since: now, keep_until },
        );
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

    /// One case at a time: the one before it is closed.
    fn give_access(&mut self, now: Time, contact: ContactId, case: CaseId) {
        self.access.retain(|(by, _), _| *by != contact);
        self.access.insert((contact, case), now.plus(rules::ACCESS_MAX));
    }

    pub(super) fn case_of_number(&self, number: &str) -> Option<CaseId> {
        self.cases.iter().find(|(_, case)| case.number.as_deref() == Some(number)).map(|(id, _)| *id)
    }

    pub(super) fn is_kept(&self, case: CaseId, now: Time) -> bool {
        self.cases.get(&case).is_some_and(|case| case.keep_until > now)
    }

    /// The same for what is keyed whole, at once.
    pub(super) fn try_keyed(
        &mut self,
        now: Time,
        who: &Trying,
        key: &Keyed,
        end: impl Fn(Verdict) -> TryEnd,
    ) -> Done<(TryEnd, Answer)> {
        self.try_it(now, who, Keying { key, has_word: None }, |facts| {
            let verdict = decide(facts, now);
            Judged { verdict, end: end(verdict) }
        })
    }

    /// Asks the limits, then counts and logs what the try came to.
    fn try_it(
        &mut self,
        now: Time,
        who: &Trying,
        keying: Keying<'_>,
        judge: impl Fn(&TryFacts) -> Judged,
    ) -> Done<(TryEnd, Answer)> {
        let keyed = keying.key;
        let in_contact = self.live(who.contact, "trying to open something")?.wrong_count;
        self.count_caller(now, who)?;
        let yesterday = now.day().saturating_sub(1);
        let (open_in_contact, is_open_in_contact) = self.breadth_in(who.contact, keyed);
        let tried = Tried {
            keyed,
            by_receipt: !matches!(keyed, Keyed::Number(_)),
            caller: &caller_key(now, who.caller.as_ref()),
            is_shared: who.shared || who.caller.is_none(),
            in_contact,
            open_in_contact,
            is_open_in_contact,
            site_contacts_yesterday: self.contacts.values().filter(|row| row.day == yesterday).count() as u32,
        };
        let facts = self.counters.facts(now, &tried);
        let half = self.halves.get(keyed).filter(|half| (half.0, half.1) == (who.contact, in_contact));
        let half = half.filter(|_| keying.has_word == Some(true)).map(|half| half.2);
        let Judged { verdict, end } = judge(&half.map_or(facts, |last_before| facts.without_one(last_before)));
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

    pub(super) fn opened(
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
                let is_representative = by == OpenedBy::RepresentativeCard;
                self.note_opened(now, who, key, is_representative);
                // Only the person keeps their case longer.
                if let Some(row) = self.cases.get_mut(&case).filter(|_| !is_representative) {
                    row.keep_until = row.keep_until.max(rules::keep_until(&KeptTimes::default(), now, None));
                }
                self.give_access(now, who.contact, case);
                if is_representative {
                    self.by_representative.insert((who.contact, case));
                } else {
                    self.by_representative.remove(&(who.contact, case));
                }
                self.log(now, Some(who.contact), Some(case), AuditEvent::CaseOpened { by });
                Checked::Opened(case)
            }
            _ => Checked::Refused,
        }
    }
}
