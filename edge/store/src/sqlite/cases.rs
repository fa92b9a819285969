//! Cases: their marks, their key, their versions.
//! Their cards are left to `cards`; who reaches one, to `reaching`; what goes when, to `purge`.

use super::Done;
use super::connection::vault_fault;
use super::write::Write;
use crate::rules::FirstCode;
use crate::vault::{Place, Slot, Vault, slot_of};
use caseline_helpline::cards::CardId;
use caseline_helpline::fault::StoreFault;
use caseline_model::{CaseId, ContactId, Time};
use caseline_records::Assertion;

const BY_NUMBER: &str = "SELECT id, case_key, keep_until, digest, is_vanished, first_contact, first_card, first_row, word_salt, \
     word_mark, receipt_mark FROM cases WHERE number_mark = ?1";
const BY_RECEIPT: &str = "SELECT id, case_key, keep_until, digest, is_vanished, first_contact, first_card, first_row, word_salt, \
     word_mark, receipt_mark FROM cases WHERE receipt_mark = ?1";
const BY_ID: &str = "SELECT id, case_key, keep_until, digest, is_vanished, first_contact, first_card, first_row, word_salt, \
     word_mark, receipt_mark FROM cases WHERE id = ?1";
const INSERT: &str = "INSERT INTO cases (id, number_mark, number, receipt_mark, word_salt, word_mark, case_key, \
     keep_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const EXTEND: &str = "UPDATE cases SET keep_until = ?2, case_key = ?3 WHERE id = ?1";
const SET_FIRST: &str = "UPDATE cases SET first_contact = ?2, first_card = ?3, first_row = ?4 WHERE id = ?1";
const SET_FEED: &str = "UPDATE cases SET digest = ?2, is_vanished = ?3 WHERE id = ?1";
const SET_FEED_ROWS: &str = "UPDATE cases SET feed_rows = ?2 WHERE id = ?1";
const SET_FEED_SEEN: &str = "UPDATE cases SET feed_seen_at = ?2 WHERE id = ?1";
const FEED_SEEN: &str = "SELECT feed_seen_at FROM cases WHERE id = ?1";
const ADD_VERSION: &str = "INSERT INTO case_versions (case_id, version, sealed) VALUES (?1, ?2, ?3)";
const NEWEST_VERSION: &str = "SELECT MAX(version) FROM case_versions WHERE case_id = ?1";
const VERSIONS: &str = "SELECT version, sealed FROM case_versions WHERE case_id = ?1 ORDER BY version";

/// A case as its row has it.
pub(super) struct CaseRow {
    /// Its id.
    pub(super) id: CaseId,
    /// Its key, sealed.
    pub(super) case_key: Vec<u8>,
    /// When it goes.
    pub(super) keep_until: Time,
    /// Keyed digest of the newest row of a feed.
    pub(super) digest: Option<Vec<u8>>,
    /// The newest feed had it no more.
    pub(super) is_vanished: bool,
    /// The first of two codes.
    pub(super) first: Option<FirstCode>,
    /// Salt and mark of the word key, if it has one.
    pub(super) word: Option<(Vec<u8>, Vec<u8>)>,
    /// The mark of its receipt, if it is one's own file.
    pub(super) receipt_mark: Option<Vec<u8>>,
}

/// What a new case is found by.
pub(super) struct NewCase {
    pub(super) id: CaseId,
    pub(super) number: Option<(Vec<u8>, String)>,
    pub(super) receipt_mark: Option<Vec<u8>>,
    pub(super) word: Option<(Vec<u8>, Vec<u8>)>,
    pub(super) keep_until: Time,
}

type Columns = (
    Vec<u8>,
    Vec<u8>,
    i64,
    Option<Vec<u8>>,
    i64,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<i64>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
);

impl Write<'_> {
    pub(super) async fn case_by_number(&mut self, mark: &[u8]) -> Done<Option<CaseRow>> {
        self.case_by(BY_NUMBER, mark).await
    }

    pub(super) async fn case_by_receipt(&mut self, mark: &[u8]) -> Done<Option<CaseRow>> {
        self.case_by(BY_RECEIPT, mark).await
    }

    pub(super) async fn case_by_id(&mut self, case: CaseId) -> Done<Option<CaseRow>> {
        self.case_by(BY_ID, &case.to_bytes()).await
    }

    async fn case_by(&mut self, sql: &'static str, key: &[u8]) -> Done<Option<CaseRow>> {
        let fault = self.fault();
        let row: Option<Columns> =
            sqlx::query_as(sql).bind(key.to_vec()).fetch_optional(self.conn()).await.map_err(&fault)?;
        let Some((id, case_key, keep_until, digest, vanished, contact, card, row, salt, word, receipt)) = row else {
            return Ok(None);
        };
        let first = || {
            let row = u8::try_from(row?).ok()?;
            Some(FirstCode { contact: ContactId::from_bytes(&contact?)?, card: CardId::from_bytes(&card?)?, row })
        };
        let first = first();
        Ok(Some(CaseRow {
            id: CaseId::from_bytes(&id).ok_or(StoreFault::Sealed { doing: self.doing })?,
            case_key,
            keep_until: Time::from_micros(keep_until),
            digest,
            is_vanished: vanished != 0,
            first,
            word: salt.zip(word),
            receipt_mark: receipt,
        }))
    }

    /// Makes a case and its key.
    pub(super) async fn insert_case(&mut self, vault: &Vault, new: NewCase) -> Done<Vec<u8>> {
        let (fault, sealed) = (self.fault(), vault_fault(self.doing));
        let id = new.id.to_bytes();
        let case_key = vault.new_case_key(new.keep_until, new.id).map_err(&sealed)?;
        self.take_secret(&case_key);
        let (number_mark, number) = match new.number {
            Some((mark, number)) => {
                let place = Place { table: "cases", row: &id, column: "number" };
                let number = vault.seal_in_case(new.id, &case_key, place, number.as_bytes());
                (Some(mark), Some(number.map_err(&sealed)?))
            }
            None => (None, None),
        };
        let (word_salt, word_mark) = new.word.unzip();
        sqlx::query(INSERT)
            .bind(id.to_vec())
            .bind(number_mark)
            .bind(number)
            .bind(new.receipt_mark)
            .bind(word_salt)
            .bind(word_mark)
            .bind(&case_key)
            .bind(new.keep_until.micros())
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(case_key)
    }

    /// Keeps a case longer: its key is sealed anew for the day on which it now goes. Never shorter.
    pub(super) async fn extend_case(&mut self, vault: &Vault, case: &CaseRow, keep_until: Time) -> Done<()> {
        if keep_until <= case.keep_until {
            return Ok(());
        }
        let fault = self.fault();
        let case_key = if keep_until.day() == case.keep_until.day() {
            case.case_key.clone()
        } else {
            self.rotated_case_key(vault, case, keep_until)?
        };
        sqlx::query(EXTEND)
            .bind(case.id.to_bytes().to_vec())
            .bind(keep_until.micros())
            .bind(case_key)
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }

    /// Where the secret of a case is; a case of before there were secrets gets one.
    pub(super) async fn slot_of_case(&mut self, vault: &Vault, case: CaseId) -> Done<Option<Slot>> {
        let fault = self.fault();
        let Some(row) = self.case_by_id(case).await? else { return Ok(None) };
        if let Some(slot) = slot_of(&row.case_key) {
            return Ok(Some(slot));
        }
        let case_key = self.rotated_case_key(vault, &row, row.keep_until)?;
        let slot = slot_of(&case_key);
        sqlx::query(EXTEND)
            .bind(case.to_bytes().to_vec())
            .bind(row.keep_until.micros())
            .bind(case_key)
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(slot)
    }

    fn rotated_case_key(&mut self, vault: &Vault, case: &CaseRow, keep_until: Time) -> Done<Vec<u8>> {
        let rotated = vault.rotate_case_key(keep_until, case.id, &case.case_key).map_err(vault_fault(self.doing))?;
        if slot_of(&case.case_key).is_none() {
            self.take_secret(&rotated);
        }
        Ok(rotated)
    }

    /// Adds a version. Nothing is overwritten: the version is part of the key.
    pub(super) async fn add_version(
        &mut self,
        vault: &Vault,
        case: CaseId,
        case_key: &[u8],
        assertions: &[Assertion],
    ) -> Done<()> {
        let fault = self.fault();
        let id = case.to_bytes();
        let newest: Option<i64> =
            sqlx::query_scalar(NEWEST_VERSION).bind(id.to_vec()).fetch_one(self.conn()).await.map_err(&fault)?;
        let version = newest.unwrap_or(0) + 1;
        let plain = zeroize::Zeroizing::new(
            serde_json::to_vec(assertions).map_err(|_| StoreFault::Sealed { doing: self.doing })?,
        );
        let row = version_row(case, version);
        let sealed =
            vault.seal_in_case(case, case_key, version_place(&row), &plain).map_err(vault_fault(self.doing))?;
        sqlx::query(ADD_VERSION)
            .bind(id.to_vec())
            .bind(version)
            .bind(sealed)
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }

    /// The sealed versions of a case, oldest first.
    pub(super) async fn versions(&mut self, case: CaseId) -> Done<Vec<(i64, Vec<u8>)>> {
        let fault = self.fault();
        let rows = sqlx::query_as(VERSIONS).bind(case.to_bytes().to_vec());
        rows.fetch_all(self.conn()).await.map_err(&fault)
    }

    pub(super) async fn set_feed(&mut self, case: CaseId, digest: &[u8], is_vanished: bool) -> Done<()> {
        let fault = self.fault();
        sqlx::query(SET_FEED)
            .bind(case.to_bytes().to_vec())
            .bind(digest.to_vec())
            .bind(i64::from(is_vanished))
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }

    /// Keeps when a feed last said the same of the case as the newest version.
    pub(super) async fn set_feed_seen(&mut self, case: CaseId, at: Option<Time>) -> Done<()> {
        let fault = self.fault();
        let query = sqlx::query(SET_FEED_SEEN).bind(case.to_bytes().to_vec()).bind(at.map(Time::micros));
        query.execute(self.conn()).await.map_err(&fault)?;
        Ok(())
    }

    /// When a feed last said the same of the case as the newest version.
    pub(super) async fn feed_seen(&mut self, case: CaseId) -> Done<Option<Time>> {
        let fault = self.fault();
        let at: Option<Option<i64>> = sqlx::query_scalar(FEED_SEEN)
            .bind(case.to_bytes().to_vec())
            .fetch_optional(self.conn())
            .await
            .map_err(&fault)?;
        Ok(at.flatten().map(Time::from_micros))
    }

    /// Keeps under which keys the newest feed has the case, sealed.
    pub(super) async fn set_feed_rows(&mut self, vault: &Vault, case: &CaseRow, rows: &[u64]) -> Done<()> {
        let fault = self.fault();
        let id = case.id.to_bytes();
        let place = Place { table: "cases", row: &id, column: "feed_rows" };
        let plain = crate::import_set::rows_to_bytes(rows);
        let sealed = vault.seal_in_case(case.id, &case.case_key, place, &plain).map_err(vault_fault(self.doing))?;
        sqlx::query(SET_FEED_ROWS).bind(id.to_vec()).bind(sealed).execute(self.conn()).await.map_err(&fault)?;
        Ok(())
    }

    /// Keeps or forgets the first of two codes.
    pub(super) async fn set_first(&mut self, case: CaseId, first: Option<FirstCode>) -> Done<()> {
        let fault = self.fault();
        sqlx::query(SET_FIRST)
            .bind(case.to_bytes().to_vec())
            .bind(first.map(|first| first.contact.to_bytes().to_vec()))
            .bind(first.map(|first| first.card.to_bytes().to_vec()))
            .bind(first.map(|first| i64::from(first.row)))
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }
}

/// The id of a version's row: the case, then the version.
pub(super) fn version_row(case: CaseId, version: i64) -> Vec<u8> {
    [case.to_bytes().as_slice(), &version.to_be_bytes()].concat()
}

/// Where a version is kept.
pub(super) const fn version_place(row: &[u8]) -> Place<'_> {
    Place { table: "case_versions", row, column: "sealed" }
}
