//! Cards: their codes, whose cases they open and until when, and what two people at the desk do with them.
//! What a try comes to is left to `reaching`; who the two people are, to `staff`.

use super::cases::{CaseRow, NewCase};
use super::connection::{database_fault, vault_fault};
use super::reaching::NOBODY;
use super::write::Write;
use super::{Done, SqliteStore};
use crate::keyed::is_same;
use crate::rules;
use crate::vault::{Marked, Vault};
use caseline_helpline::audit::{AuditEvent, AuditReceipt};
use caseline_helpline::cards::{
    Authority, CARDS_OF_CASE_MAX, CardDeed, CardHandOver, CardId, CardKind, REPRESENTATIVE_CARDS_MAX,
    REPRESENTATIVE_CASES_MAX, REPRESENTATIVE_NEW_A_DAY_MAX, REPRESENTATIVE_OPENED_A_DAY_MAX, RepresentativeCard,
};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::grant::Grant;
use caseline_helpline::staff::{AccountId, StaffHandle};
use caseline_model::{CardCode, CaseId, ContactId, Private, Time};
use std::collections::BTreeMap;

/// The code of a row on one of the cards of a case, if its authority and whoever answers for it have not ended.
const CODE: &str = "SELECT card_cases.card, cards.kind, salt, mark, is_used, halted_day, opened_day FROM card_cases \
     JOIN cards ON cards.id = card_cases.card JOIN card_codes ON card_codes.card = card_cases.card \
     WHERE card_cases.case_id = ?1 AND card_cases.slot = ?2 AND card_codes.number = ?3 \
     AND (card_cases.ends_at IS NULL OR card_cases.ends_at > ?4) \
     AND (cards.account IS NULL OR EXISTS (SELECT 1 FROM staff_accounts WHERE staff_accounts.id = cards.account \
     AND staff_accounts.ended_day IS NULL AND (staff_accounts.ends_at IS NULL OR staff_accounts.ends_at > ?4)))";
const USE_CODE: &str = "UPDATE card_codes SET is_used = 1 WHERE card = ?1 AND number = ?2";
const DROP_CODES: &str = "DELETE FROM card_codes WHERE card = ?1";
const ADD_CODE: &str = "INSERT INTO card_codes (card, number, salt, mark) VALUES (?1, ?2, ?3, ?4)";
const ADD_CARD: &str = "INSERT INTO cards (id, kind, handle, account) VALUES (?1, ?2, ?3, ?4)";
const DROP_CARD: &str = "DELETE FROM cards WHERE id = ?1";
const CARD_OF: &str = "SELECT card FROM card_cases WHERE case_id = ?1 AND slot = 0";
const KIND_OF: &str = "SELECT kind FROM cards WHERE id = ?1";
const CASES_ON: &str = "SELECT COUNT(*) FROM card_cases WHERE card = ?1";
const PUT_ON: &str = "INSERT INTO card_cases (case_id, slot, card, authority, ends_at) VALUES (?1, ?2, ?3, ?4, ?5)";
const TAKE_OFF: &str = "DELETE FROM card_cases WHERE case_id = ?1 AND slot = 0";
const TAKE_ALL_OFF_CARD: &str = "DELETE FROM card_cases WHERE card = ?1";
const TAKE_OFF_ALL: &str = "DELETE FROM card_cases WHERE case_id = ?1";
const END_AUTHORITIES: &str = "DELETE FROM card_cases WHERE case_id = ?1 AND slot > 0";
const END_DUE: &str = "DELETE FROM card_cases WHERE ends_at <= ?1";
const SLOTS: &str = "SELECT slot, card FROM card_cases WHERE case_id = ?1";
const RENEW: &str = "UPDATE card_cases SET authority = ?3, ends_at = ?4 WHERE case_id = ?1 AND slot = ?2";
const REPRESENTATIVE: &str = "SELECT id, account, new_day, new_count FROM cards WHERE handle = ?1";
const COUNT_NEW: &str = "UPDATE cards SET new_day = ?2, new_count = ?3 WHERE id = ?1";
const OPENED_TODAY: &str = "SELECT COUNT(*) FROM card_cases WHERE card = ?1 AND opened_day = ?2";
const MARK_OPENED: &str = "UPDATE card_cases SET opened_day = ?3 WHERE case_id = ?1 AND card = ?2";
const HALT: &str = "UPDATE cards SET halted_day = ?2 WHERE id = ?1";
const HALTED: &str = "SELECT COUNT(*) FROM cards WHERE halted_day = ?1";
const OF_ACCOUNT: &str = "SELECT id FROM cards WHERE account = ?1";
const COUNT_OF_ACCOUNT: &str = "SELECT COUNT(*) FROM cards WHERE account = ?1";
const ALL_OF_REPRESENTATIVES: &str = "SELECT cards.handle, staff_accounts.handle, halted_day, \
     (SELECT COUNT(*) FROM card_cases WHERE card_cases.card = cards.id AND card_cases.ends_at > ?1) \
     FROM cards JOIN staff_accounts ON staff_accounts.id = cards.account WHERE kind = 'representative' \
     ORDER BY cards.handle";

/// The slot of a person's own card, or their family's.
const OWN_SLOT: i64 = 0;

/// The card of a case whose code was keyed.
pub(super) struct Fitting {
    pub(super) card: CardId,
    pub(super) kind: CardKind,
    halted_day: Option<i64>,
    opened_day: Option<i64>,
}

impl Fitting {
    pub(super) fn is_representative(&self) -> bool {
        self.kind == CardKind::Representative
    }
}

/// Card, kind, salt, mark, whether it was used, the day of the alarm, the day of the last opening.
type CodeColumns = (Vec<u8>, String, Vec<u8>, Vec<u8>, i64, Option<i64>, Option<i64>);

/// A representative's card.
struct OfRepresentative {
    id: CardId,
    account: AccountId,
    new_today: u32,
}

impl SqliteStore {
    /// Does what two people agreed on; their entries are on disk (`grant`).
    pub(super) async fn do_with_card(
        &self,
        now: Time,
        hand_over: &CardHandOver,
        (marks, cases, audited): (&[Vec<u8>], &[CaseId], AuditReceipt),
        codes: &[Private<CardCode>],
    ) -> Done<()> {
        let doing = "handing a card over";
        if audited.index() >= self.vault.witnessed() {
            let why = "its entry in the log is not durable yet";
            return Err(StoreFault::NotAllowed { doing, why });
        }
        // Each case on its own grant, without a field to read.
        let grants = cases.iter().map(|case| Grant::Enrolment { case: *case, fields: Vec::new(), audited });
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin(doing).await?;
        if hand_over.deed.enrols() {
            for (grant, (number, mark)) in grants.zip(hand_over.deed.numbers().iter().zip(marks)) {
                let keep_until = rules::keep_until(&self.settings.retention, now, None);
                match write.case_by_number(mark).await? {
                    Some(row) if row.id == grant.case() => write.extend_case(&self.vault, &row, keep_until).await?,
                    None if write.case_by_id(grant.case()).await?.is_none() => {
                        let number = Some((mark.clone(), number.reveal().canonical()));
                        let new = NewCase { id: grant.case(), number, receipt_mark: None, word: None, keep_until };
                        write.insert_case(&self.vault, new).await?;
                    }
                    _ => return write.not_allowed(crate::WHY_ENROLLED),
                }
            }
        }
        match &hand_over.deed {
            CardDeed::Own { .. } => {
                for case in cases {
                    write.replace_card(&self.vault, *case, codes).await?;
                }
            }
            CardDeed::Family { .. } => {
                write.replace_by_family_card(&self.vault, hand_over.card_if_new, cases, codes).await?;
            }
            CardDeed::Representative { handle } => {
                write.representative_card(&self.vault, hand_over, handle, codes).await?;
            }
            CardDeed::Client { handle, authority, lasts, .. } => {
                let ends_at = now.plus(*lasts);
                let Some(case) = cases.first() else { return write.not_allowed(crate::WHY_NO_CARD) };
                write.put_client(now, handle, *case, *authority, ends_at).await?;
            }
            CardDeed::EndAuthority { .. } => {
                for case in cases {
                    write.end_authorities(*case).await?;
                }
            }
            CardDeed::EndCard { .. } => {
                for case in cases {
                    write.end_card_of(*case).await?;
                }
            }
            CardDeed::EndRepresentative { handle } => match write.of_representative(now, handle).await? {
                Some(card) => write.end_card(card.id).await?,
                None => return write.not_allowed(crate::WHY_NO_CARD),
            },
        }
        if hand_over.deed.makes_codes() {
            for case in cases {
                write.log(&self.vault, now, None, Some(*case), AuditEvent::CardMade).await?;
            }
            if cases.is_empty() {
                write.log(&self.vault, now, None, None, AuditEvent::CardMade).await?;
            }
        }
        self.commit(write, now).await
    }

    pub(super) async fn end_authorities_in(&self, now: Time, contact: ContactId, case: CaseId) -> Done<u32> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("ending authorities").await?;
        write.opened_by_person(now, contact, case).await?;
        let count = write.end_authorities(case).await?;
        if count > 0 {
            write.log(&self.vault, now, Some(contact), Some(case), AuditEvent::AuthorityEnded).await?;
        }
        self.commit(write, now).await?;
        Ok(count)
    }

    pub(super) async fn cards_of_representatives(&self, now: Time) -> Done<Vec<RepresentativeCard>> {
        let doing = "looking at representatives' cards";
        let rows: Vec<(String, String, Option<i64>, i64)> = sqlx::query_as(ALL_OF_REPRESENTATIVES)
            .bind(now.micros())
            .fetch_all(&self.readers)
            .await
            .map_err(database_fault(doing))?;
        let read = rows.into_iter().map(|(handle, answers, halted_day, count)| {
            Some(RepresentativeCard {
                handle: handle.parse().ok()?,
                answers: answers.parse().ok()?,
                client_count: u32::try_from(count).ok()?,
                is_halted: halted_day == Some(i64::from(now.day())),
            })
        });
        read.collect::<Option<Vec<_>>>().ok_or(StoreFault::Sealed { doing })
    }

    /// Whether the alarm stopped a representative's card today.
    pub(super) async fn has_halted_cards(&self, now: Time) -> Done<bool> {
        let doing = "looking at representatives' cards";
        let count: i64 = sqlx::query_scalar(HALTED)
            .bind(i64::from(now.day()))
            .fetch_one(&self.readers)
            .await
            .map_err(database_fault(doing))?;
        Ok(count > 0)
    }
}

impl Write<'_> {
    /// The card of a case whose code this is, if one is. As many statements and as many hashes for every case, and for
    /// none: a case has so many places for cards, and empty ones are compared with nothing.
    pub(super) async fn compare_code(
        &mut self,
        vault: &Vault,
        now: Time,
        case: Option<&CaseRow>,
        code: &CardCode,
    ) -> Done<Option<Fitting>> {
        let (fault, sealed) = (self.fault(), vault_fault(self.doing));
        let id = case.map_or(NOBODY, |case| case.id).to_bytes().to_vec();
        let mut fitting = None;
        for slot in 0..CARDS_OF_CASE_MAX {
            let row: Option<CodeColumns> = sqlx::query_as(CODE)
                .bind(&id)
                .bind(i64::try_from(slot).unwrap_or(i64::MAX))
                .bind(i64::from(code.row()))
                .bind(now.micros())
                .fetch_optional(self.conn())
                .await
                .map_err(&fault)?;
            let nothing = || (id.clone(), String::new(), vec![0; 32], vec![0; 32], 1, None, None);
            let (card, kind, salt, mark, is_used, halted_day, opened_day) = row.unwrap_or_else(nothing);
            let card = CardId::from_bytes(&card).ok_or(StoreFault::Sealed { doing: self.doing })?;
            let keyed = vault.index(&marked(&salt, card, code)).map_err(&sealed)?;
            if is_same(&mark, &keyed) & (is_used == 0) & case.is_some() {
                let kind = CardKind::from_word(&kind).ok_or(StoreFault::Sealed { doing: self.doing })?;
                fitting = Some(Fitting { card, kind, halted_day, opened_day });
            }
        }
        Ok(fitting)
    }

    /// The rows of a card that opened something are used up.
    pub(super) async fn use_codes(&mut self, card: CardId, rows: impl Iterator<Item = u8>) -> Done<()> {
        for row in rows {
            let fault = self.fault();
            sqlx::query(USE_CODE)
                .bind(card.to_bytes().to_vec())
                .bind(i64::from(row))
                .execute(self.conn())
                .await
                .map_err(&fault)?;
        }
        Ok(())
    }

    /// Counts an opening by a representative's card. `false`: unusually many different cases in a day; the alarm rings, and
    /// the card leads to a person for the rest of it.
    pub(super) async fn count_representative(
        &mut self,
        vault: &Vault,
        now: Time,
        fitting: &Fitting,
        case: CaseId,
    ) -> Done<bool> {
        let (fault, today, card) = (self.fault(), i64::from(now.day()), fitting.card.to_bytes().to_vec());
        if fitting.halted_day == Some(today) {
            return Ok(false);
        }
        if fitting.opened_day == Some(today) {
            return Ok(true);
        }
        let opened: i64 =
            sqlx::query_scalar(OPENED_TODAY).bind(&card).bind(today).fetch_one(self.conn()).await.map_err(&fault)?;
        if opened >= i64::from(REPRESENTATIVE_OPENED_A_DAY_MAX) {
            tracing::warn!("a representative's card opened unusually many cases today: it leads to a person");
            sqlx::query(HALT).bind(&card).bind(today).execute(self.conn()).await.map_err(&fault)?;
            self.log(vault, now, None, None, AuditEvent::CardAlarm).await?;
            return Ok(false);
        }
        let mark = sqlx::query(MARK_OPENED).bind(case.to_bytes().to_vec()).bind(card).bind(today);
        mark.execute(self.conn()).await.map_err(&fault)?;
        Ok(true)
    }

    /// Replaces the own card of a case. What was counted on its number stays counted (property S7). A family's card goes on
    /// for the others.
    pub(super) async fn replace_card(&mut self, vault: &Vault, case: CaseId, codes: &[Private<CardCode>]) -> Done<()> {
        self.take_off_own(case).await?;
        if !codes.is_empty() {
            let card = CardId::of_case(case);
            self.add_card(card, CardKind::Own, None).await?;
            self.put_codes(vault, card, codes).await?;
            self.put_on(case, OWN_SLOT, card, None).await?;
        }
        Ok(())
    }

    /// One card for several cases: the earlier ones of each of them, families' too, are gone for all who were on them.
    async fn replace_by_family_card(
        &mut self,
        vault: &Vault,
        card: CardId,
        cases: &[CaseId],
        codes: &[Private<CardCode>],
    ) -> Done<()> {
        for case in cases {
            self.end_card_of(*case).await?;
        }
        self.add_card(card, CardKind::Family, None).await?;
        self.put_codes(vault, card, codes).await?;
        for case in cases {
            self.put_on(*case, OWN_SLOT, card, None).await?;
        }
        Ok(())
    }

    async fn representative_card(
        &mut self,
        vault: &Vault,
        hand_over: &CardHandOver,
        handle: &StaffHandle,
        codes: &[Private<CardCode>],
    ) -> Done<()> {
        let account = hand_over.starter.account;
        let card = match self.of_representative(Time::from_micros(0), handle).await? {
            Some(card) if card.account == account => card.id,
            Some(_) => return self.not_allowed(crate::WHY_OTHER_CARD),
            None => {
                let fault = self.fault();
                let count: i64 = sqlx::query_scalar(COUNT_OF_ACCOUNT)
                    .bind(account.to_bytes().to_vec())
                    .fetch_one(self.conn())
                    .await
                    .map_err(&fault)?;
                if count >= i64::from(REPRESENTATIVE_CARDS_MAX) {
                    return self.not_allowed(crate::WHY_STAFF_MANY);
                }
                let card = hand_over.card_if_new;
                self.add_card(card, CardKind::Representative, Some((handle, account))).await?;
                card
            }
        };
        self.put_codes(vault, card, codes).await
    }

    async fn put_client(
        &mut self,
        now: Time,
        handle: &StaffHandle,
        case: CaseId,
        authority: Authority,
        ends_at: Time,
    ) -> Done<()> {
        let Some(card) = self.of_representative(now, handle).await? else {
            return self.not_allowed(crate::WHY_NO_CARD);
        };
        let fault = self.fault();
        self.end_due_authorities(now).await?;
        let taken: Vec<(i64, Vec<u8>)> =
            sqlx::query_as(SLOTS).bind(case.to_bytes().to_vec()).fetch_all(self.conn()).await.map_err(&fault)?;
        let on_it = taken.iter().find(|(_, of)| *of == card.id.to_bytes()).map(|(slot, _)| *slot);
        if let Some(slot) = on_it {
            sqlx::query(RENEW)
                .bind(case.to_bytes().to_vec())
                .bind(slot)
                .bind(authority.as_str())
                .bind(ends_at.micros())
                .execute(self.conn())
                .await
                .map_err(&fault)?;
            return Ok(());
        }
        let on_card: i64 = sqlx::query_scalar(CASES_ON)
            .bind(card.id.to_bytes().to_vec())
            .fetch_one(self.conn())
            .await
            .map_err(&fault)?;
        let free =
            (1..i64::try_from(CARDS_OF_CASE_MAX).unwrap_or(1)).find(|slot| taken.iter().all(|row| row.0 != *slot));
        let is_full = on_card >= i64::from(REPRESENTATIVE_CASES_MAX) || card.new_today >= REPRESENTATIVE_NEW_A_DAY_MAX;
        let Some(slot) = free.filter(|_| !is_full) else { return self.not_allowed(crate::WHY_CARD_FULL) };
        self.put_on(case, slot, card.id, Some((authority, ends_at))).await?;
        sqlx::query(COUNT_NEW)
            .bind(card.id.to_bytes().to_vec())
            .bind(i64::from(now.day()))
            .bind(i64::from(card.new_today + 1))
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }

    async fn of_representative(&mut self, now: Time, handle: &StaffHandle) -> Done<Option<OfRepresentative>> {
        let (fault, doing) = (self.fault(), self.doing);
        let row: Option<(Vec<u8>, Vec<u8>, i64, i64)> = sqlx::query_as(REPRESENTATIVE)
            .bind(handle.as_str().to_owned())
            .fetch_optional(self.conn())
            .await
            .map_err(&fault)?;
        let Some((id, account, new_day, new_count)) = row else { return Ok(None) };
        let count = if new_day == i64::from(now.day()) { new_count } else { 0 };
        let read = CardId::from_bytes(&id).zip(AccountId::from_bytes(&account)).map(|(id, account)| OfRepresentative {
            id,
            account,
            new_today: u32::try_from(count).unwrap_or(u32::MAX),
        });
        read.map(Some).ok_or(StoreFault::Sealed { doing })
    }

    /// Takes a case off all representatives' cards; off how many.
    pub(super) async fn end_authorities(&mut self, case: CaseId) -> Done<u32> {
        let gone = self.run_on_card(END_AUTHORITIES, &case.to_bytes()).await?;
        Ok(u32::try_from(gone).unwrap_or(u32::MAX))
    }

    /// Authorities whose end has come; how many.
    pub(super) async fn end_due_authorities(&mut self, now: Time) -> Done<u64> {
        let fault = self.fault();
        let done = sqlx::query(END_DUE).bind(now.micros()).execute(self.conn()).await.map_err(&fault)?;
        Ok(done.rows_affected())
    }

    /// The cards that an account answers for end with it.
    pub(super) async fn end_cards_of(&mut self, account: AccountId) -> Done<()> {
        let fault = self.fault();
        let cards: Vec<Vec<u8>> = sqlx::query_scalar(OF_ACCOUNT)
            .bind(account.to_bytes().to_vec())
            .fetch_all(self.conn())
            .await
            .map_err(&fault)?;
        for card in cards.iter().filter_map(|id| CardId::from_bytes(id)) {
            self.end_card(card).await?;
        }
        Ok(())
    }

    /// Takes a case that is destroyed off every card; a card that nobody is on any more goes with it.
    pub(super) async fn take_off_cards(&mut self, case: CaseId) -> Done<()> {
        self.take_off_own(case).await?;
        self.run_on_card(TAKE_OFF_ALL, &case.to_bytes()).await.map(|_| ())
    }

    /// Takes a case off its person's own card: that card ends, a family's goes on for the others.
    async fn take_off_own(&mut self, case: CaseId) -> Done<()> {
        self.drop_passkeys(case).await?;
        self.set_first(case, None).await?;
        let Some(card) = self.own_card(case).await? else { return Ok(()) };
        self.run_on_card(TAKE_OFF, &case.to_bytes()).await?;
        let fault = self.fault();
        let others: i64 =
            sqlx::query_scalar(CASES_ON).bind(card.to_bytes().to_vec()).fetch_one(self.conn()).await.map_err(&fault)?;
        if others == 0 { self.end_card(card).await } else { Ok(()) }
    }

    /// Ends the card of a person, for all who are on it.
    async fn end_card_of(&mut self, case: CaseId) -> Done<()> {
        let card = self.own_card(case).await?;
        self.take_off_own(case).await?;
        match card {
            Some(card) => self.end_card(card).await,
            None => Ok(()),
        }
    }

    async fn end_card(&mut self, card: CardId) -> Done<()> {
        for sql in [TAKE_ALL_OFF_CARD, DROP_CODES, DROP_CARD] {
            self.run_on_card(sql, &card.to_bytes()).await?;
        }
        Ok(())
    }

    async fn own_card(&mut self, case: CaseId) -> Done<Option<CardId>> {
        let fault = self.fault();
        let card: Option<Vec<u8>> = sqlx::query_scalar(CARD_OF)
            .bind(case.to_bytes().to_vec())
            .fetch_optional(self.conn())
            .await
            .map_err(&fault)?;
        Ok(card.and_then(|id| CardId::from_bytes(&id)))
    }

    async fn add_card(&mut self, card: CardId, kind: CardKind, of: Option<(&StaffHandle, AccountId)>) -> Done<()> {
        let fault = self.fault();
        let known: Option<String> = sqlx::query_scalar(KIND_OF)
            .bind(card.to_bytes().to_vec())
            .fetch_optional(self.conn())
            .await
            .map_err(&fault)?;
        if known.is_some() {
            return self.not_allowed(crate::WHY_OTHER_CARD);
        }
        let (handle, account) = of.unzip();
        sqlx::query(ADD_CARD)
            .bind(card.to_bytes().to_vec())
            .bind(kind.as_str())
            .bind(handle.map(|handle| handle.as_str().to_owned()))
            .bind(account.map(|account| account.to_bytes().to_vec()))
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }

    /// The codes of a card; those that it had open nothing any more.
    async fn put_codes(&mut self, vault: &Vault, card: CardId, codes: &[Private<CardCode>]) -> Done<()> {
        self.run_on_card(DROP_CODES, &card.to_bytes()).await?;
        let fault = self.fault();
        let codes: BTreeMap<u8, &CardCode> = codes.iter().map(|code| (code.reveal().row(), code.reveal())).collect();
        for (number, code) in codes {
            let salt = vault.salt();
            let mark = vault.index(&marked(&salt, card, code)).map_err(vault_fault(self.doing))?;
            sqlx::query(ADD_CODE)
                .bind(card.to_bytes().to_vec())
                .bind(i64::from(number))
                .bind(salt.to_vec())
                .bind(mark.to_vec())
                .execute(self.conn())
                .await
                .map_err(&fault)?;
        }
        Ok(())
    }

    async fn put_on(&mut self, case: CaseId, slot: i64, card: CardId, by: Option<(Authority, Time)>) -> Done<()> {
        let fault = self.fault();
        let (authority, ends_at) = by.unzip();
        sqlx::query(PUT_ON)
            .bind(case.to_bytes().to_vec())
            .bind(slot)
            .bind(card.to_bytes().to_vec())
            .bind(authority.map(Authority::as_str))
            .bind(ends_at.map(Time::micros))
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }

    async fn run_on_card(&mut self, sql: &'static str, id: &[u8; 16]) -> Done<u64> {
        let fault = self.fault();
        let done = sqlx::query(sql).bind(id.to_vec()).execute(self.conn()).await.map_err(&fault)?;
        Ok(done.rows_affected())
    }
}

/// What the mark of a code is made of: the card's id stands where that of its case did when a card had none of its own.
fn marked<'a>(salt: &'a [u8], card: CardId, code: &'a CardCode) -> Marked<'a> {
    Marked::Code { salt, case: CaseId::from_random(u128::from_be_bytes(card.to_bytes())), code }
}
