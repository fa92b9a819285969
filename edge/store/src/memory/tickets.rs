//! Tickets in the model: the same rules as `sqlite/tickets.rs`, on plain lists.
//! Accounts and logins are left to `staff`.

use super::{Done, MemoryStore, Model};
use crate::rules;
use async_trait::async_trait;
use caseline_conversation::effect::ReportState;
use caseline_helpline::audit::{AuditEvent, Role};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::policy::{Action, may};
use caseline_helpline::ports::LeaseState;
use caseline_helpline::retention::KeptTimes;
use caseline_helpline::staff::{AccountId, Actor, Secret, StaffAccount, StaffDeed, StaffHandle};
use caseline_helpline::tickets::{
    CASE_OPEN_MAX, NewTicket, OPENINGS_A_DAY_MAX, OpenedCase, Opening, TICKET_HELD_MAX, TICKETS_OF_CASE_MAX,
    TakenTicket, TicketDesk, TicketLeft, TicketUsed, last_day_of,
};
use caseline_model::{CaseId, ContactId, Language, TaskId, Time};
use caseline_records::Field;
use std::collections::BTreeMap;

/// Tickets in the order in which they wait, and the case that is open at each desk.
#[derive(Default)]
pub(super) struct Tickets {
    waiting: Vec<Ticket>,
    open: BTreeMap<AccountId, Opened>,
}

#[derive(Clone)]
struct Ticket {
    case: CaseId,
    account: AccountId,
    deputy: Option<AccountId>,
    language: Language,
    left_day: u32,
    until_day: u32,
    held: Option<(AccountId, Time)>,
}

#[derive(Clone)]
struct Opened {
    login: [u8; 16],
    case: CaseId,
    language: Language,
    until_day: u32,
    closes_at: Time,
}

impl Ticket {
    fn is_held_by(&self, now: Time, account: AccountId) -> bool {
        self.held.is_some_and(|(by, until)| by == account && until > now)
    }

    fn taken(&self, account: AccountId) -> TakenTicket {
        TakenTicket {
            language: self.language,
            left_on: rules::date_of_day(self.left_day),
            until: rules::date_of_day(self.until_day),
            as_deputy: self.account != account,
            held_until: self.held.map_or(Time::from_micros(0), |(_, until)| until),
        }
    }
}

impl Tickets {
    /// How many were left for a case, those in use with them.
    pub(super) fn of_case(&self, case: CaseId) -> usize {
        let waiting = self.waiting.iter().filter(|ticket| ticket.case == case).count();
        waiting + self.open.values().filter(|opened| opened.case == case).count()
    }

    /// The case is gone.
    pub(super) fn forget(&mut self, case: CaseId) {
        self.waiting.retain(|ticket| ticket.case != case);
        self.open.retain(|_, opened| opened.case != case);
    }

    /// The account has ended: its tickets go, those of others lose it as their deputy.
    pub(super) fn end_account(&mut self, account: AccountId) {
        self.open.remove(&account);
        self.waiting.retain(|ticket| ticket.account != account);
        for ticket in &mut self.waiting {
            ticket.held = ticket.held.filter(|(by, _)| *by != account);
            ticket.deputy = ticket.deputy.filter(|deputy| *deputy != account);
        }
    }

    /// The login of an account has ended.
    pub(super) fn close_of(&mut self, account: AccountId) {
        self.open.remove(&account);
    }
}

impl Model {
    pub(super) fn leave_ticket(&mut self, now: Time, contact: ContactId, ticket: &NewTicket) -> Done<TicketLeft> {
        let doing = "leaving a ticket";
        self.opened_by_person(now, contact, ticket.case, doing)?;
        self.delete_due_tickets(now);
        let named = self.desk.id_of_desk(ticket.desk).and_then(|id| self.opener(now, id));
        let Some(account) = named else { return Ok(TicketLeft::NoSuchDesk) };
        let deputy = account.deputy.and_then(|id| self.opener(now, id));
        let is_same = |kept: &Ticket| kept.case == ticket.case && kept.account == account.id;
        let others = self.tickets.waiting.iter().filter(|kept| kept.case == ticket.case && !is_same(kept)).count();
        if others >= TICKETS_OF_CASE_MAX as usize {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_STAFF_MANY });
        }
        self.tickets.waiting.retain(|kept| !is_same(kept));
        let until_day = last_day_of(now.day(), rules::day_of(ticket.until));
        self.tickets.waiting.push(Ticket {
            case: ticket.case,
            account: account.id,
            deputy: deputy.as_ref().map(|deputy| deputy.id),
            language: ticket.language,
            left_day: now.day(),
            until_day,
            held: None,
        });
        self.log(now, Some(contact), Some(ticket.case), AuditEvent::TicketLeft);
        let deputy = deputy.and_then(|deputy| deputy.desk);
        Ok(TicketLeft::Left { deputy, until: rules::date_of_day(until_day) })
    }

    pub(super) fn withdraw_tickets(&mut self, now: Time, contact: ContactId, case: CaseId) -> Done<u32> {
        self.open_in(now, contact, case, "withdrawing tickets")?;
        self.delete_due_tickets(now);
        let before = self.tickets.waiting.len() + self.tickets.open.len();
        self.tickets.forget(case);
        let gone = before - self.tickets.waiting.len() - self.tickets.open.len();
        if gone > 0 {
            self.log(now, Some(contact), Some(case), AuditEvent::TicketWithdrawn);
        }
        Ok(u32::try_from(gone).unwrap_or(u32::MAX))
    }

    pub(super) fn openings(&mut self, now: Time, contact: ContactId, case: CaseId) -> Done<Vec<Opening>> {
        self.open_in(now, contact, case, "reading who opened a case")?;
        let entries = self.audit.iter().filter_map(|row| row.entry.clone());
        Ok(rules::openings(entries.filter(|entry| entry.case == Some(case))))
    }

    /// How many tickets and openings are due to go, and are gone now.
    pub(super) fn delete_due_tickets(&mut self, now: Time) -> usize {
        let before = self.tickets.waiting.len() + self.tickets.open.len();
        let day = now.day();
        let desk = &self.desk;
        self.tickets.waiting.retain(|ticket| ticket.until_day >= day && desk.running(now, ticket.account).is_some());
        self.tickets.open.retain(|_, opened| opened.closes_at > now && opened.until_day >= day);
        before - self.tickets.waiting.len() - self.tickets.open.len()
    }

    fn opener(&self, now: Time, id: AccountId) -> Option<StaffAccount> {
        self.desk.running(now, id).filter(|account| may(account.role, Action::OpenTicket).is_ok())
    }

    fn acting(&self, now: Time, by: Actor, action: Action, doing: &'static str) -> Done<()> {
        if self.desk.running(now, by.account).is_none_or(|account| account.role != by.role) {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_STAFF_OVER });
        }
        may(by.role, action).map_err(|_| StoreFault::NotAllowed { doing, why: crate::WHY_ROLE })
    }

    fn held(&self, now: Time, account: AccountId) -> Option<usize> {
        let day = now.day();
        self.tickets.waiting.iter().position(|ticket| ticket.is_held_by(now, account) && ticket.until_day >= day)
    }

    fn open_at_desk(&self, now: Time, login: &Secret) -> Option<(Actor, Opened)> {
        let by = self.desk.login(now, login)?.account.actor();
        may(by.role, Action::ReadTicketCase).ok()?;
        let opened = self.tickets.open.get(&by.account)?;
        let is_open = opened.login == *login.bytes() && opened.closes_at > now && opened.until_day >= now.day();
        is_open.then(|| (by, opened.clone()))
    }
}

#[async_trait]
impl TicketDesk for MemoryStore {
    async fn take_ticket(&self, now: Time, by: Actor) -> Done<Option<TakenTicket>> {
        let doing = "taking a ticket";
        let mut model = self.writing(doing)?;
        model.acting(now, by, Action::TakeTicket, doing)?;
        model.delete_due_tickets(now);
        if let Some(at) = model.held(now, by.account) {
            return Ok(model.tickets.waiting.get(at).map(|ticket| ticket.taken(by.account)));
        }
        let is_for = |ticket: &&mut Ticket| {
            (ticket.account == by.account || ticket.deputy == Some(by.account))
                && ticket.held.is_none_or(|(_, until)| until <= now)
        };
        let Some(ticket) = model.tickets.waiting.iter_mut().find(is_for) else { return Ok(None) };
        ticket.held = Some((by.account, now.plus(TICKET_HELD_MAX)));
        let taken = ticket.taken(by.account);
        model.log_staff(now, StaffDeed::TicketTaken, Some(by));
        Ok(Some(taken))
    }

    async fn taken_ticket(&self, now: Time, by: Actor) -> Done<Option<TakenTicket>> {
        let model = self.model();
        model.acting(now, by, Action::TakeTicket, "looking at a ticket")?;
        let held = model.held(now, by.account).and_then(|at| model.tickets.waiting.get(at));
        Ok(held.map(|ticket| ticket.taken(by.account)))
    }

    async fn give_ticket_back(&self, now: Time, by: Actor) -> Done<()> {
        let mut model = self.writing("giving a ticket back")?;
        if let Some(at) = model.held(now, by.account) {
            let ticket = model.tickets.waiting.remove(at);
            model.tickets.waiting.push(Ticket { held: None, ..ticket });
        }
        Ok(())
    }

    async fn open_ticket(&self, now: Time, login: &Secret) -> Done<TicketUsed> {
        let doing = "opening a case by a ticket";
        let mut model = self.writing(doing)?;
        let Some(running) = model.desk.login(now, login) else { return Ok(TicketUsed::NoTicket) };
        let by = running.account.actor();
        model.acting(now, by, Action::OpenTicket, doing)?;
        if !running.is_fresh(now) {
            return Ok(TicketUsed::NeedsProof);
        }
        model.delete_due_tickets(now);
        let Some(at) = model.held(now, by.account) else { return Ok(TicketUsed::NoTicket) };
        let Some(ticket) = model.tickets.waiting.get(at).cloned().filter(|kept| model.is_kept(kept.case, now)) else {
            return Ok(TicketUsed::NoTicket);
        };
        if !model.desk.count_opening(now, by.account, OPENINGS_A_DAY_MAX) {
            return Ok(TicketUsed::DayIsFull);
        }
        model.tickets.waiting.remove(at);
        let closes_at = now.plus(CASE_OPEN_MAX).min(running.over_at());
        let Ticket { case, language, until_day, .. } = ticket;
        let opened = Opened { login: *login.bytes(), case, language, until_day, closes_at };
        model.tickets.open.insert(by.account, opened);
        let event = AuditEvent::Staff { deed: StaffDeed::CaseOpened, by: Some(by) };
        model.log(now, None, Some(case), event);
        Ok(TicketUsed::Opened { closes_at })
    }

    async fn read_opened(&self, now: Time, login: &Secret, fields: &[Field]) -> Done<Option<OpenedCase>> {
        let mut model = self.writing("reading a case at the desk")?;
        let Some((_, opened)) = model.open_at_desk(now, login).filter(|(_, opened)| model.is_kept(opened.case, now))
        else {
            return Ok(None);
        };
        let event = AuditEvent::CaseRead { fields: fields.to_vec(), role: Role::Staff };
        model.log(now, None, Some(opened.case), event);
        let Some(case) = model.cases.get(&opened.case) else { return Ok(None) };
        let mut assertions = case.versions.concat();
        rules::see_again(&mut assertions, case.feed_seen_at);
        Ok(Some(OpenedCase { language: opened.language, closes_at: opened.closes_at, assertions }))
    }

    async fn is_case_open(&self, now: Time, login: &Secret) -> Done<Option<Time>> {
        Ok(self.model().open_at_desk(now, login).map(|(_, opened)| opened.closes_at))
    }

    async fn close_case(&self, now: Time, login: &Secret) -> Done<()> {
        let mut model = self.writing("closing a case")?;
        if let Some((by, opened)) = model.open_at_desk(now, login) {
            model.tickets.close_of(by.account);
            let event = AuditEvent::Staff { deed: StaffDeed::CaseClosed, by: Some(by) };
            model.log(now, None, Some(opened.case), event);
        }
        Ok(())
    }

    async fn set_deputy(&self, now: Time, of: &StaffHandle, deputy: Option<&StaffHandle>) -> Done<()> {
        let doing = "naming a deputy";
        let mut model = self.writing(doing)?;
        let refused = |why| Err(StoreFault::NotAllowed { doing, why });
        let opener = |model: &Model, handle: &StaffHandle| {
            let account = model.desk.id_of(handle).and_then(|id| model.opener(now, id));
            account.map(|account| account.id)
        };
        let Some(account) = opener(&model, of) else { return refused(crate::WHY_NO_OPENER) };
        let deputy = match deputy.map(|handle| opener(&model, handle)) {
            Some(None) => return refused(crate::WHY_NO_OPENER),
            Some(Some(deputy)) if deputy == account => return refused(crate::WHY_OWN_DEPUTY),
            Some(Some(deputy)) => Some(deputy),
            None => None,
        };
        model.desk.set_deputy(account, deputy);
        model.log_staff(now, StaffDeed::DeputySet, None);
        Ok(())
    }

    async fn move_report_of_task(
        &self,
        now: Time,
        by: Actor,
        task: TaskId,
        fencing: u64,
        state: ReportState,
    ) -> Done<LeaseState> {
        let doing = "moving a report";
        let mut model = self.writing(doing)?;
        model.acting(now, by, Action::MoveReport, doing)?;
        if !model.is_leased(now, task, fencing) {
            return Ok(LeaseState::Lost);
        }
        let report = model.reports.values_mut().find(|report| report.task == task && report.keep_until > now);
        let Some(report) = report else { return Ok(LeaseState::Lost) };
        report.state = state;
        report.since = now;
        report.keep_until = rules::report_keep_until(&KeptTimes::default(), now, state);
        let case = report.case;
        let event = AuditEvent::Staff { deed: StaffDeed::ReportMoved, by: Some(by) };
        model.log(now, None, case, event);
        Ok(LeaseState::Held)
    }
}
