//! Tickets at the desk on a full disk: all of it goes on in the ballast's room. Taking and using up a ticket keep nothing
//! new of a person, and a case must close whatever the disk does.
//! What each verb does is left to `tickets` and `reports`.

use super::{Done, SqliteStore, going_on};
use async_trait::async_trait;
use caseline_conversation::effect::ReportState;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::LeaseState;
use caseline_helpline::staff::{Actor, Secret, StaffHandle};
use caseline_helpline::tickets::{OpenedCase, TakenTicket, TicketDesk, TicketUsed};
use caseline_model::{TaskId, Time};
use caseline_records::Field;

#[async_trait]
impl TicketDesk for SqliteStore {
    async fn take_ticket(&self, now: Time, by: Actor) -> Done<Option<TakenTicket>> {
        going_on!(self, self.take_ticket_once(now, by))
    }
    async fn taken_ticket(&self, now: Time, by: Actor) -> Done<Option<TakenTicket>> {
        self.taken_ticket_once(now, by).await
    }
    async fn give_ticket_back(&self, now: Time, by: Actor) -> Done<()> {
        going_on!(self, self.give_ticket_back_once(now, by))
    }
    async fn open_ticket(&self, now: Time, login: &Secret) -> Done<TicketUsed> {
        going_on!(self, self.open_ticket_once(now, login))
    }
    async fn read_opened(&self, now: Time, login: &Secret, fields: &[Field]) -> Done<Option<OpenedCase>> {
        going_on!(self, self.read_opened_once(now, login, fields))
    }
    async fn is_case_open(&self, now: Time, login: &Secret) -> Done<Option<Time>> {
        self.is_case_open_once(now, login).await
    }
    async fn close_case(&self, now: Time, login: &Secret) -> Done<()> {
        going_on!(self, self.close_case_once(now, login))
    }
    async fn set_deputy(&self, now: Time, of: &StaffHandle, deputy: Option<&StaffHandle>) -> Done<()> {
        going_on!(self, self.set_deputy_once(now, of, deputy))
    }
    async fn move_report_of_task(
        &self,
        now: Time,
        by: Actor,
        task: TaskId,
        fencing: u64,
        state: ReportState,
    ) -> Done<LeaseState> {
        going_on!(self, self.set_report_state_by_task(now, by, (task, fencing), state))
    }
}
