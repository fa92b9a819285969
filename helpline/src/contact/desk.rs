//! What a person hears of the desk and leaves to it: who opened their case, tickets, and closing one case before another.
//! What the desk itself may do is left to `tickets` and the policy.

use super::ContactRunner;
use crate::fault::StoreFault;
use crate::policy::StaffRole;
use crate::tickets::{DeskNumber, NewTicket, OpenedBy, Opening, TicketLeft};
use caseline_conversation::effect::{self, CaseOpening, Done};
use caseline_model::{Date, Time};

impl ContactRunner {
    pub(super) async fn openings(&self, now: Time) -> Result<Done, StoreFault> {
        let Some(case) = self.open_case else { return Ok(Done::Unavailable) };
        let openings = self.line.store.openings(now, self.id, case).await?;
        let today = now.date_in(&self.line.program.zone);
        Ok(Done::Openings { openings: openings.iter().map(|opening| as_told(opening, today)).collect() })
    }

    pub(super) async fn leave_ticket(&self, now: Time, desk: u16, until: Date) -> Result<Done, StoreFault> {
        let Some(case) = self.open_case else { return Ok(Done::Unavailable) };
        let Some(desk) = DeskNumber::new(desk) else { return Ok(Done::NoSuchDesk) };
        let ticket = NewTicket { case, desk, until, language: self.language() };
        Ok(match self.line.store.leave_ticket(now, self.id, ticket).await? {
            TicketLeft::Left { deputy, until } => Done::TicketLeft { deputy: deputy.map(DeskNumber::value), until },
            TicketLeft::NoSuchDesk => Done::NoSuchDesk,
        })
    }

    pub(super) async fn withdraw_tickets(&self, now: Time) -> Result<Done, StoreFault> {
        let Some(case) = self.open_case else { return Ok(Done::Unavailable) };
        let count = self.line.store.withdraw_tickets(now, self.id, case).await?;
        Ok(Done::TicketsWithdrawn { count })
    }

    pub(super) async fn end_authorities(&self, now: Time) -> Result<Done, StoreFault> {
        let Some(case) = self.open_case else { return Ok(Done::Unavailable) };
        let count = self.line.store.end_authorities(now, self.id, case).await?;
        Ok(Done::AuthoritiesEnded { count })
    }

    /// The contact reads that case no longer, before the number of another one is asked for (property S4).
    pub(super) async fn close_case(&mut self, now: Time) -> Result<Done, StoreFault> {
        if let Some(case) = self.open_case {
            self.line.store.end_access(now, self.id, case).await?;
            self.open_case = None;
            self.has_card = false;
        }
        Ok(Done::Closed)
    }
}

/// An opening as a person hears it. A log of before the line had its zone keeps days of UTC, on which the evening of an
/// American day is tomorrow: nobody hears of a day that has not begun.
fn as_told(opening: &Opening, today: Date) -> CaseOpening {
    let by = match opening.by {
        OpenedBy::Line => effect::OpenedBy::Line,
        OpenedBy::Representative => effect::OpenedBy::Representative,
        OpenedBy::Staff(StaffRole::Navigator) => effect::OpenedBy::Navigator,
        OpenedBy::Staff(StaffRole::Accredited) => effect::OpenedBy::Accredited,
        OpenedBy::Staff(StaffRole::Attorney) => effect::OpenedBy::Attorney,
        OpenedBy::Staff(StaffRole::Supervisor | StaffRole::Administrator) => effect::OpenedBy::Staff,
    };
    CaseOpening { on: opening.on.min(today), by }
}
