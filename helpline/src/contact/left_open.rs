//! Contacts that a stopped process left open: nobody can come back to a call, so it ends; a chat ends when its time is
//! over, or when nothing of it is left.
//! Calling this when a process starts is left to the program.

use super::{ContactRunner, Line};
use crate::fault::StoreFault;
use caseline_conversation::Input;
use caseline_model::{Channel, ContactId, Disposition, Time};
use std::sync::Arc;

/// Ends contacts that were left open; how many. To be called when a process starts, before it takes calls: every call
/// that is open then is gone. A chat whose page may still be answered stays.
///
/// # Errors
/// When the store cannot say which contacts are open, or cannot write that one ended.
pub async fn end_left_open(line: &Arc<Line>, now: Time) -> Result<usize, StoreFault> {
    end_all(line, now, line.store.open_contacts().await?).await
}

/// Ends contacts that were cut off at a place to come back to, once their callers' time to do so is over; how many. To be
/// called now and then, before a purge of the same instant.
///
/// # Errors
/// As for [`end_left_open`].
pub async fn end_not_come_back(line: &Arc<Line>, now: Time) -> Result<usize, StoreFault> {
    end_all(line, now, line.store.not_come_back(now).await?).await
}

async fn end_all(line: &Arc<Line>, now: Time, contacts: Vec<(ContactId, Channel)>) -> Result<usize, StoreFault> {
    let mut ended = 0;
    for (contact, channel) in contacts {
        match ContactRunner::load(Arc::clone(line), now, contact).await {
            // Promises that were made stand, and say how it ended.
            Some(mut runner) => {
                let input = if channel.is_voice() { Input::HungUp } else { Input::Tick };
                runner.handle(now, input).await;
                ended += usize::from(runner.ended().is_some());
            }
            None => {
                line.store.end_contact(now, contact, Disposition::Failed).await?;
                ended += 1;
            }
        }
    }
    Ok(ended)
}
