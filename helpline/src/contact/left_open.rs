//! Contacts that a stopped process left open: nobody can come back to a call, so it ends; a chat ends when its time is
//! over, or when nothing of it is left. Whoever was cut off at a place may come back to it over a restart.
//! Listing them when a process starts and ending them beside the calls that come is left to the program.

use super::{ContactRunner, Line};
use crate::fault::StoreFault;
use caseline_conversation::Input;
use caseline_model::{Channel, ContactId, Disposition, Time};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Nobody comes back to a place after so long: longer than any store keeps one.
const PLACES_ARE_OVER: Duration = Duration::from_secs(24 * 3_600);

/// Contacts that an earlier process left open, still to be ended. A process that stops in the middle loses none: the next
/// one lists what is left.
#[derive(Debug)]
pub struct LeftOpen {
    waiting: VecDeque<(ContactId, Channel)>,
}

impl LeftOpen {
    /// Lists them. To be called when a process starts, before it takes calls: every call that is open then is gone.
    /// A contact that was cut off at a place to come back to is not among them: [`end_not_come_back`] ends it when the
    /// time to do so is over, and until then it is its caller's.
    ///
    /// # Errors
    /// When the store cannot say which contacts are open.
    pub async fn list(line: &Arc<Line>, now: Time) -> Result<Self, StoreFault> {
        let cut_off = line.store.not_come_back(now.plus(PLACES_ARE_OVER)).await?;
        let cut_off: HashSet<ContactId> = cut_off.into_iter().map(|row| row.0).collect();
        let open = line.store.open_contacts().await?.into_iter();
        Ok(Self { waiting: open.filter(|row| !cut_off.contains(&row.0)).collect() })
    }

    /// Without the chats of the pages, which look after their own: a person may write in one at any moment.
    #[must_use]
    pub fn without_chats(mut self) -> Self {
        self.waiting.retain(|row| row.1 != Channel::WebChat);
        self
    }

    /// Looks at so many of them and ends those that are over; how many that were. Each has one end.
    ///
    /// # Errors
    /// When the store cannot write that one ended. It waits behind the others for another try.
    pub async fn end_some(&mut self, line: &Arc<Line>, now: Time, count: usize) -> Result<usize, StoreFault> {
        let mut ended = 0;
        for _ in 0..count {
            let Some((contact, channel)) = self.waiting.pop_front() else { break };
            match end(line, now, contact, channel).await {
                Ok(After::Ended) => ended += 1,
                Ok(After::GoesOn) => {}
                Ok(After::NotWritten) => self.waiting.push_back((contact, channel)),
                Err(fault) => {
                    self.waiting.push_back((contact, channel));
                    return Err(fault);
                }
            }
        }
        Ok(ended)
    }

    /// How many are still to be looked at.
    pub fn count(&self) -> usize {
        self.waiting.len()
    }
}

/// Ends contacts that were left open, and those that nobody came back to, all at once; how many. For a process that takes
/// no calls meanwhile.
///
/// # Errors
/// When the store cannot say which contacts are open, or cannot write that one ended.
pub async fn end_left_open(line: &Arc<Line>, now: Time) -> Result<usize, StoreFault> {
    let not_come_back = end_not_come_back(line, now).await?;
    let mut left_open = LeftOpen::list(line, now).await?;
    let count = left_open.count();
    Ok(not_come_back + left_open.end_some(line, now, count).await?)
}

/// Ends contacts that were cut off at a place to come back to, once their callers' time to do so is over; how many. To be
/// called now and then, before a purge of the same instant.
///
/// # Errors
/// As for [`end_left_open`].
pub async fn end_not_come_back(line: &Arc<Line>, now: Time) -> Result<usize, StoreFault> {
    let mut over = LeftOpen { waiting: line.store.not_come_back(now).await?.into() };
    let count = over.count();
    over.end_some(line, now, count).await
}

enum After {
    Ended,
    /// It is a chat whose time is not over.
    GoesOn,
    /// The store has no end of it yet.
    NotWritten,
}

async fn end(line: &Arc<Line>, now: Time, contact: ContactId, channel: Channel) -> Result<After, StoreFault> {
    let Some(mut runner) = ContactRunner::load(Arc::clone(line), now, contact).await else {
        line.store.end_contact(now, contact, Disposition::Failed).await?;
        return Ok(After::Ended);
    };
    if !channel.is_voice() && runner.next_deadline().is_some_and(|deadline| deadline > now) {
        return Ok(After::GoesOn);
    }
    // Promises that were made stand, and say how it ended.
    let input = if channel.is_voice() { Input::HungUp } else { Input::Tick };
    runner.handle(now, input).await;
    if runner.ended().is_none() {
        return Ok(After::GoesOn);
    }
    // A contact goes on when the disk fails, so that the caller is helped; here there is no caller, and it is asked again.
    Ok(if line.store.disposition(contact).await?.is_some() { After::Ended } else { After::NotWritten })
}
