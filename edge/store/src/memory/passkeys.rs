//! Passkeys of cases, in the model.
//! The limits are `helpline::limits`; what a try comes to is `reaching`.

use super::{Done, Keyed, Model};
use crate::rules;
use caseline_helpline::audit::{AuditEvent, OpenedBy};
use caseline_helpline::cards::CardKind;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::limits::{Answer, Fit, TryEnd};
use caseline_helpline::ports::{CASE_PASSKEYS_MAX, Checked, PasskeyKept, ShownPasskey, Trying};
use caseline_helpline::staff::{PASSKEY_LENGTH_MAX, Passkey};
use caseline_model::{CardCode, CaseId, Time};
use std::collections::BTreeMap;

/// By the id that its device gave it: the case, and the public half.
pub(super) type Passkeys = BTreeMap<Vec<u8>, (CaseId, String)>;

impl Model {
    pub(super) fn check_passkey(&mut self, now: Time, who: &Trying, shown: &dyn ShownPasskey) -> Done<Checked> {
        let key = Keyed::Passkey(shown.credential().to_vec());
        let kept = self.passkeys.get(shown.credential()).filter(|(case, _)| self.is_kept(*case, now));
        let (case, used) = match kept {
            Some((case, public)) => (Some(*case), shown.fits(public)),
            None => (None, None),
        };
        let fit = Fit::of_receipt(used.is_some(), false);
        let (end, answer) = self.try_keyed(now, who, &key, |verdict| TryEnd::of_report(verdict, fit))?;
        if let (TryEnd::Opened, Some(case), Some(used)) = (end, case, used) {
            self.passkeys.insert(shown.credential().to_vec(), (case, used));
        }
        Ok(self.opened(now, who, &key, answer, case, OpenedBy::Passkey))
    }

    pub(super) fn keep_passkey(
        &mut self,
        now: Time,
        who: &Trying,
        id: CaseId,
        code: &CardCode,
        passkey: &Passkey,
    ) -> Done<PasskeyKept> {
        let doing = "keeping a passkey";
        self.open_in(now, who.contact, id, doing)?;
        if passkey.public.len() > PASSKEY_LENGTH_MAX {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_TOO_LONG });
        }
        let Some(case) = self.cases.get(&id) else {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_NOT_OPEN });
        };
        let Some(number) = case.number.clone() else {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_NOT_OPEN });
        };
        if self.passkeys_of(id) >= CASE_PASSKEYS_MAX {
            return Ok(PasskeyKept::Full);
        }
        // A representative's card makes no passkey.
        let fitting = self.fitting(now, Some(id), code).filter(|(_, kind)| *kind != CardKind::Representative);
        let card = fitting.map(|(card, _)| card);
        let kept = self.first_of(Some(id), who.contact);
        let first = rules::first_row_of(kept, card);
        let key = Keyed::Number(number);
        let in_all = self.counters.wrong_row(&key).in_all;
        let fit = Fit::of_code(card.is_some(), first, code.row());
        let (end, answer) = self.try_keyed(now, who, &key, |verdict| TryEnd::of_code(verdict, fit, in_all))?;
        match (end, card) {
            (TryEnd::Opened, Some(card)) => {
                self.use_codes(card, first.into_iter().chain([code.row()]));
                self.set_first(Some(id), None);
            }
            (TryEnd::FirstOfTwo, Some(card)) => {
                let first = rules::FirstCode { contact: who.contact, card, row: code.row() };
                self.set_first(Some(id), Some(first));
            }
            _ if kept.is_some() => self.set_first(Some(id), None),
            _ => {}
        }
        Ok(match (end, answer) {
            (TryEnd::Opened, _) => {
                self.note_opened(now, who, &key, false);
                self.passkeys.insert(passkey.credential.clone(), (id, passkey.public.clone()));
                self.log(now, Some(who.contact), Some(id), AuditEvent::PasskeyMade);
                PasskeyKept::Kept
            }
            (_, Answer::PersonNow) => PasskeyKept::PersonNow,
            _ => PasskeyKept::Refused,
        })
    }

    pub(super) fn passkeys_of(&self, case: CaseId) -> usize {
        self.passkeys.values().filter(|(of, _)| *of == case).count()
    }

    /// The passkeys of a case are gone, and what was counted on them.
    pub(super) fn drop_passkeys(&mut self, case: CaseId, with_counts: bool) {
        let gone: Vec<_> = self.passkeys.iter().filter(|(_, (of, _))| *of == case).map(|(id, _)| id.clone()).collect();
        for id in gone {
            self.passkeys.remove(&id);
            if with_counts {
                self.counters.forget(&Keyed::Passkey(id));
            }
        }
    }
}
