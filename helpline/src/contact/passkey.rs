//! A passkey in a contact: shown in place of a number and a code, or made for the case that is open.
//! Asking a browser for it and checking it are left to the pages, keeping it to the store.

use super::ContactRunner;
use super::Turn;
use crate::fault::StoreFault;
use crate::ports::{PasskeyKept, ShownPasskey};
use crate::staff::Passkey;
use caseline_conversation::Input;
use caseline_conversation::effect::Done;
use caseline_model::{CardCode, Private, Time};

impl ContactRunner {
    /// A browser showed a passkey where a number is asked for. It is held in memory until it was compared, and no longer.
    pub async fn show_passkey(&mut self, now: Time, shown: Box<dyn ShownPasskey>) -> Turn {
        self.shown = Some(shown);
        let turn = self.handle(now, Input::ShowedPasskey).await;
        self.shown = None;
        turn
    }

    /// Whether a passkey may be made now: a case is open that has a card, and so a second code to ask for (tier 3).
    pub const fn may_keep_passkey(&self) -> bool {
        self.open_case.is_some() && self.has_card
    }

    /// Keeps a passkey for the case that is open, on one more code of its card.
    ///
    /// # Errors
    /// When no case with a card is open, or the store cannot keep it.
    pub async fn keep_passkey(
        &mut self,
        now: Time,
        code: &Private<CardCode>,
        passkey: &Passkey,
    ) -> Result<PasskeyKept, StoreFault> {
        let Some(case) = self.open_case.filter(|_| self.has_card) else {
            return Err(StoreFault::NotAllowed { doing: "keeping a passkey", why: "no case with a card is open" });
        };
        self.line.store.keep_passkey(now, &self.trying(), case, code, passkey).await
    }

    pub(super) async fn check_passkey(&mut self, now: Time) -> Result<Done, StoreFault> {
        // Another process took over in between: what was shown is gone, and it is as if it had not fitted.
        let Some(shown) = self.shown.take() else { return Ok(Done::Refused) };
        let checked = self.line.store.check_passkey(now, &self.trying(), &*shown).await?;
        Ok(self.checked(checked, true))
    }
}
