//! Contacts that a stopped process left open: nobody can come back to a call, so it ends; a chat ends when its time is
//! over, or when nothing of it is left.
//! Calling this when a process starts is left to the program.

use super::{ContactRunner, Line};
use crate::fault::StoreFault;
use caseline_conversation::Input;
use caseline_model::{Disposition, Time};
use std::sync::Arc;

/// Ends contacts that were left open; how many. To be called when a process starts, before it takes calls: every call
/// that is open then is gone. A chat whose page may still be answered stays.
///
/// # Errors
/// When the store cannot say which contacts are open, or cannot write that one ended.
pub async fn end_left_open(line: &Arc<Line>, now: Time) -> Result<usize, StoreFault> {
    let mut ended = 0;
    for (contact, channel) in line.store.open_contacts().await? {
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
