//! What the vault is asked and what it answers, and both as bytes on its socket: the five verbs, and the head of the log.
//! There is no verb that lists or searches, and no answer holds a key. Who asks is left to `client`, who answers to `holder`.

use super::budget::{Refused, VaultNews};
use super::files::VaultFault;
use super::sealed::{Place, Plain};
use super::secrets::{SecretState, Slot};
use crate::audit_tree::Hash;
use caseline_model::CaseId;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use zeroize::Zeroizing;

/// A frame is at most so long: the largest content that is kept ([`crate::rules::CONTENT_BYTES_MAX`]), and its names.
pub(super) const FRAME_BYTES_MAX: usize = crate::rules::CONTENT_BYTES_MAX + 64 * 1_024;
/// Leaves of the log in one frame.
pub(super) const LEAVES_MAX: usize = 4_096;
/// Enrolled rows of an import in one frame.
pub(super) const ROWS_MAX: usize = 1_024;
/// Secrets that are destroyed in one frame.
pub(super) const SLOTS_MAX: usize = 4_096;
/// Parts of a mark.
const PARTS_MAX: usize = 4;
/// Names of tables and columns.
const NAME_BYTES_MAX: usize = 64;
/// The form of frames. A vault of another form answers nothing.
const FORM: u8 = 1;

/// Verbs: the first byte after the form.
mod verb {
    pub(super) const INDEX: u8 = 1;
    pub(super) const OPEN: u8 = 2;
    pub(super) const SEAL: u8 = 3;
    pub(super) const ROTATE: u8 = 4;
    pub(super) const DESTROY: u8 = 5;
    pub(super) const HEAD: u8 = 6;
}

/// One question.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Ask<'a> {
    /// index: the mark of something keyed.
    Mark { kind: u8, week: u32, parts: Vec<&'a [u8]> },
    /// index: the mark of a case number.
    Number { number: &'a str },
    /// index: begins a set of enrolled numbers, which stays in the vault.
    ImportBegin,
    /// index: adds enrolled rows to it.
    ImportAdd { import: u64, rows: Vec<SealedRow<'a>> },
    /// index: whose case a number of a feed is.
    ImportNumber { import: u64, number: &'a str },
    /// index: whose case a row of an earlier feed is.
    ImportRow { import: u64, row: u64 },
    /// index: ends the set.
    ImportEnd { import: u64 },
    /// open: a value that stands on its own.
    Value { place: Place<'a>, sealed: &'a [u8] },
    /// open: the public half of a passkey of a case.
    Passkey { case: CaseId, case_key: &'a [u8], place: Place<'a>, sealed: &'a [u8] },
    /// open: a value of a case, on a grant and the entry of the log that names both.
    Case { now: i64, grant: AskedGrant<'a>, case_key: &'a [u8], place: Place<'a>, sealed: &'a [u8] },
    /// seal: a value that goes on a day.
    SealValue { class: u8, goes_at: i64, slot: Option<Slot>, place: Place<'a>, plain: &'a [u8] },
    /// seal: secret and key of a new case.
    SealCaseKey { goes_at: i64, case: CaseId },
    /// seal: a value of a case.
    SealInCase { case: CaseId, case_key: &'a [u8], place: Place<'a>, plain: &'a [u8] },
    /// rotate: a value for another class and day.
    RotateValue { class: u8, goes_at: i64, keeps_secret: bool, place: Place<'a>, sealed: &'a [u8] },
    /// rotate: the key of a case for another day.
    RotateCaseKey { goes_at: i64, case: CaseId, sealed: &'a [u8] },
    /// destroy: the keys of days and weeks that are over.
    DestroyDue { now: i64 },
    /// destroy: the secrets of cases.
    DestroySecrets { slots: Vec<Slot> },
    /// destroy: whether secrets are.
    SecretStates { slots: Vec<Slot> },
    /// destroy: in a copy of the ring that belongs to a backup, too.
    OverwriteCopy { copy: &'a Path },
    /// destroy: whether a copy of the ring is as new as the ring.
    IsSameCopy { copy: &'a Path },
    /// destroy: whether a copy of a ring is one of this store.
    IsCopyOfStore { folder: &'a Path },
    /// head: whose vault it is.
    Greet,
    /// head: makes the file of secrets for a store of before there was one.
    MakeSecrets,
    /// head: takes leaves of the log and signs the head over them.
    Witness { from: u64, leaves: Vec<Hash> },
    /// head: signs a head of the public log.
    SignPublic { size: u64, root: Hash },
}

/// A grant, with the entry of the log that names it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct AskedGrant<'a> {
    /// 1: contact, 2: ticket, 3: enrolment.
    pub(super) kind: u8,
    pub(super) case: CaseId,
    /// The contact, or nothing.
    pub(super) contact: &'a [u8],
    /// The last day of a ticket, or nothing.
    pub(super) until: &'a str,
    /// The place of the entry in the log.
    pub(super) place: u64,
    /// The salt of its commitment.
    pub(super) salt: &'a [u8],
    /// The entry, sealed.
    pub(super) entry: &'a [u8],
}

/// An enrolled row as the database keeps it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct SealedRow<'a> {
    pub(super) case: CaseId,
    pub(super) case_key: &'a [u8],
    pub(super) number: &'a [u8],
    /// None: nothing.
    pub(super) feed_rows: &'a [u8],
}

/// Whose vault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Greeting {
    /// The id that ring and database share.
    pub(super) store: [u8; 16],
    /// The key that verifies heads of the log.
    pub(super) verifying: [u8; 32],
    /// Nothing was ever sealed.
    pub(super) is_unused: bool,
    /// The file of the cases' secrets is there.
    pub(super) has_secrets: bool,
    /// What the log is to say.
    pub(super) news: VaultNews,
}

/// One answer.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Told {
    Done,
    Bytes(Plain),
    Is(bool),
    Count(u64),
    Case(Option<CaseId>),
    States(Vec<SecretState>),
    Head {
        size: u64,
        root: Hash,
        signature: [u8; 64],
    },
    /// Leaves from this place on are missing.
    Behind(u64),
    Greeting(Greeting),
}

impl<'a> Ask<'a> {
    /// The frame's body.
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Out::new(self.bytes_hint());
        out.byte(FORM);
        match self {
            Self::Mark { kind, week, parts } => {
                out.verb(verb::INDEX, 1);
                out.byte(*kind);
                out.u32(*week);
                out.byte(parts.len() as u8);
                parts.iter().for_each(|part| out.bytes(part));
            }
            Self::Number { number } => {
                out.verb(verb::INDEX, 2);
                out.bytes(number.as_bytes());
            }
            Self::ImportBegin => out.verb(verb::INDEX, 3),
            Self::ImportAdd { import, rows } => {
                out.verb(verb::INDEX, 4);
                out.u64(*import);
                out.u32(rows.len() as u32);
                for row in rows {
                    out.fixed(&row.case.to_bytes());
                    [row.case_key, row.number, row.feed_rows].into_iter().for_each(|part| out.bytes(part));
                }
            }
            Self::ImportNumber { import, number } => {
                out.verb(verb::INDEX, 5);
                out.u64(*import);
                out.bytes(number.as_bytes());
            }
            Self::ImportRow { import, row } => {
                out.verb(verb::INDEX, 6);
                out.u64(*import);
                out.u64(*row);
            }
            Self::ImportEnd { import } => {
                out.verb(verb::INDEX, 7);
                out.u64(*import);
            }
            Self::Value { place, sealed } => {
                out.verb(verb::OPEN, 1);
                out.place(*place);
                out.bytes(sealed);
            }
            Self::Passkey { case, case_key, place, sealed } => {
                out.verb(verb::OPEN, 2);
                out.fixed(&case.to_bytes());
                out.bytes(case_key);
                out.place(*place);
                out.bytes(sealed);
            }
            Self::Case { now, grant, case_key, place, sealed } => {
                out.verb(verb::OPEN, 3);
                out.i64(*now);
                out.byte(grant.kind);
                out.fixed(&grant.case.to_bytes());
                out.bytes(grant.contact);
                out.bytes(grant.until.as_bytes());
                out.u64(grant.place);
                out.bytes(grant.salt);
                out.bytes(grant.entry);
                out.bytes(case_key);
                out.place(*place);
                out.bytes(sealed);
            }
            Self::SealValue { class, goes_at, slot, place, plain } => {
                out.verb(verb::SEAL, 1);
                out.byte(*class);
                out.i64(*goes_at);
                out.byte(u8::from(slot.is_some()));
                out.fixed(&slot.map_or([0; 8], Slot::to_bytes));
                out.place(*place);
                out.bytes(plain);
            }
            Self::SealCaseKey { goes_at, case } => {
                out.verb(verb::SEAL, 2);
                out.i64(*goes_at);
                out.fixed(&case.to_bytes());
            }
            Self::SealInCase { case, case_key, place, plain } => {
                out.verb(verb::SEAL, 3);
                out.fixed(&case.to_bytes());
                out.bytes(case_key);
                out.place(*place);
                out.bytes(plain);
            }
            Self::RotateValue { class, goes_at, keeps_secret, place, sealed } => {
                out.verb(verb::ROTATE, 1);
                out.byte(*class);
                out.i64(*goes_at);
                out.byte(u8::from(*keeps_secret));
                out.place(*place);
                out.bytes(sealed);
            }
            Self::RotateCaseKey { goes_at, case, sealed } => {
                out.verb(verb::ROTATE, 2);
                out.i64(*goes_at);
                out.fixed(&case.to_bytes());
                out.bytes(sealed);
            }
            Self::DestroyDue { now } => {
                out.verb(verb::DESTROY, 1);
                out.i64(*now);
            }
            Self::DestroySecrets { slots } => {
                out.verb(verb::DESTROY, 2);
                out.u32(slots.len() as u32);
                slots.iter().for_each(|slot| out.fixed(&slot.to_bytes()));
            }
            Self::SecretStates { slots } => {
                out.verb(verb::DESTROY, 3);
                out.u32(slots.len() as u32);
                slots.iter().for_each(|slot| out.fixed(&slot.to_bytes()));
            }
            Self::OverwriteCopy { copy } => {
                out.verb(verb::DESTROY, 4);
                out.bytes(copy.as_os_str().as_bytes());
            }
            Self::IsSameCopy { copy } => {
                out.verb(verb::DESTROY, 5);
                out.bytes(copy.as_os_str().as_bytes());
            }
            Self::IsCopyOfStore { folder } => {
                out.verb(verb::DESTROY, 6);
                out.bytes(folder.as_os_str().as_bytes());
            }
            Self::Greet => out.verb(verb::HEAD, 1),
            Self::MakeSecrets => out.verb(verb::HEAD, 2),
            Self::Witness { from, leaves } => {
                out.verb(verb::HEAD, 3);
                out.u64(*from);
                out.u32(leaves.len() as u32);
                leaves.iter().for_each(|leaf| out.fixed(leaf));
            }
            Self::SignPublic { size, root } => {
                out.verb(verb::HEAD, 4);
                out.u64(*size);
                out.fixed(root);
            }
        }
        out.0
    }

    /// Reads a frame's body; none when it is anything else, or longer than its bounds.
    pub(super) fn decode(body: &'a [u8]) -> Option<Self> {
        let mut of = In(body);
        if of.byte()? != FORM {
            return None;
        }
        let ask = match (of.byte()?, of.byte()?) {
            (verb::INDEX, 1) => {
                let (kind, week, count) = (of.byte()?, of.u32()?, usize::from(of.byte()?));
                if count > PARTS_MAX {
                    return None;
                }
                Self::Mark { kind, week, parts: (0..count).map(|_| of.bytes()).collect::<Option<_>>()? }
            }
            (verb::INDEX, 2) => Self::Number { number: of.text()? },
            (verb::INDEX, 3) => Self::ImportBegin,
            (verb::INDEX, 4) => {
                let (import, count) = (of.u64()?, of.count(ROWS_MAX)?);
                let row = |of: &mut In<'a>| {
                    let case = of.case()?;
                    let (case_key, number, feed_rows) = (of.bytes()?, of.bytes()?, of.bytes()?);
                    Some(SealedRow { case, case_key, number, feed_rows })
                };
                Self::ImportAdd { import, rows: (0..count).map(|_| row(&mut of)).collect::<Option<_>>()? }
            }
            (verb::INDEX, 5) => Self::ImportNumber { import: of.u64()?, number: of.text()? },
            (verb::INDEX, 6) => Self::ImportRow { import: of.u64()?, row: of.u64()? },
            (verb::INDEX, 7) => Self::ImportEnd { import: of.u64()? },
            (verb::OPEN, 1) => Self::Value { place: of.place()?, sealed: of.bytes()? },
            (verb::OPEN, 2) => {
                let (case, case_key) = (of.case()?, of.bytes()?);
                Self::Passkey { case, case_key, place: of.place()?, sealed: of.bytes()? }
            }
            (verb::OPEN, 3) => {
                let now = of.i64()?;
                let (kind, case, contact, until) = (of.byte()?, of.case()?, of.bytes()?, of.text()?);
                let (place, salt, entry) = (of.u64()?, of.bytes()?, of.bytes()?);
                let grant = AskedGrant { kind, case, contact, until, place, salt, entry };
                Self::Case { now, grant, case_key: of.bytes()?, place: of.place()?, sealed: of.bytes()? }
            }
            (verb::SEAL, 1) => {
                let (class, goes_at, has_slot, slot) = (of.byte()?, of.i64()?, of.bool()?, of.take::<8>()?);
                if !has_slot && slot != [0; 8] {
                    return None;
                }
                let slot = has_slot.then(|| Slot::from_bytes(slot));
                Self::SealValue { class, goes_at, slot, place: of.place()?, plain: of.bytes()? }
            }
            (verb::SEAL, 2) => Self::SealCaseKey { goes_at: of.i64()?, case: of.case()? },
            (verb::SEAL, 3) => {
                let (case, case_key) = (of.case()?, of.bytes()?);
                Self::SealInCase { case, case_key, place: of.place()?, plain: of.bytes()? }
            }
            (verb::ROTATE, 1) => {
                let (class, goes_at, keeps_secret) = (of.byte()?, of.i64()?, of.bool()?);
                Self::RotateValue { class, goes_at, keeps_secret, place: of.place()?, sealed: of.bytes()? }
            }
            (verb::ROTATE, 2) => Self::RotateCaseKey { goes_at: of.i64()?, case: of.case()?, sealed: of.bytes()? },
            (verb::DESTROY, 1) => Self::DestroyDue { now: of.i64()? },
            (verb::DESTROY, 2) => Self::DestroySecrets { slots: of.slots()? },
            (verb::DESTROY, 3) => Self::SecretStates { slots: of.slots()? },
            (verb::DESTROY, 4) => Self::OverwriteCopy { copy: of.path()? },
            (verb::DESTROY, 5) => Self::IsSameCopy { copy: of.path()? },
            (verb::DESTROY, 6) => Self::IsCopyOfStore { folder: of.path()? },
            (verb::HEAD, 1) => Self::Greet,
            (verb::HEAD, 2) => Self::MakeSecrets,
            (verb::HEAD, 3) => {
                let (from, count) = (of.u64()?, of.count(LEAVES_MAX)?);
                Self::Witness { from, leaves: (0..count).map(|_| of.take()).collect::<Option<_>>()? }
            }
            (verb::HEAD, 4) => Self::SignPublic { size: of.u64()?, root: of.take()? },
            _ => return None,
        };
        of.0.is_empty().then_some(ask)
    }

    /// Room for the frame, so that nothing secret is left behind by growing.
    fn bytes_hint(&self) -> usize {
        let large = match self {
            Self::SealValue { plain, .. } | Self::SealInCase { plain, .. } => plain.len(),
            Self::Value { sealed, .. }
            | Self::Passkey { sealed, .. }
            | Self::Case { sealed, .. }
            | Self::RotateValue { sealed, .. } => sealed.len(),
            Self::ImportAdd { rows, .. } => rows.len() * 512,
            Self::Witness { leaves, .. } => leaves.len() * 32,
            _ => 0,
        };
        large + 2_048
    }
}

/// Answers: the first byte after the form; faults follow from `FAULT` on.
mod told {
    pub(super) const DONE: u8 = 0;
    pub(super) const BYTES: u8 = 1;
    pub(super) const IS: u8 = 2;
    pub(super) const COUNT: u8 = 3;
    pub(super) const CASE: u8 = 4;
    pub(super) const STATES: u8 = 5;
    pub(super) const HEAD: u8 = 6;
    pub(super) const BEHIND: u8 = 7;
    pub(super) const GREETING: u8 = 8;
    pub(super) const FAULT: u8 = 128;
}

/// The body of an answer.
pub(super) fn encode_answer(answer: &Result<Told, VaultFault>) -> Zeroizing<Vec<u8>> {
    let mut out = Out::new(if let Ok(Told::Bytes(bytes)) = answer { bytes.len() + 64 } else { 256 });
    out.byte(FORM);
    match answer {
        Ok(Told::Done) => out.byte(told::DONE),
        Ok(Told::Bytes(bytes)) => {
            out.byte(told::BYTES);
            out.bytes(bytes);
        }
        Ok(Told::Is(is)) => out.verb(told::IS, u8::from(*is)),
        Ok(Told::Count(count)) => {
            out.byte(told::COUNT);
            out.u64(*count);
        }
        Ok(Told::Case(case)) => {
            out.verb(told::CASE, u8::from(case.is_some()));
            out.fixed(&case.map_or([0; 16], CaseId::to_bytes));
        }
        Ok(Told::States(states)) => {
            out.byte(told::STATES);
            out.u32(states.len() as u32);
            for state in states {
                out.byte(match state {
                    SecretState::Kept => 0,
                    SecretState::Destroyed => 1,
                    SecretState::Unknown => 2,
                });
            }
        }
        Ok(Told::Head { size, root, signature }) => {
            out.byte(told::HEAD);
            out.u64(*size);
            out.fixed(root);
            out.fixed(signature);
        }
        Ok(Told::Behind(place)) => {
            out.byte(told::BEHIND);
            out.u64(*place);
        }
        Ok(Told::Greeting(greeting)) => {
            out.byte(told::GREETING);
            out.fixed(&greeting.store);
            out.fixed(&greeting.verifying);
            out.verb(u8::from(greeting.is_unused), u8::from(greeting.has_secrets));
            let VaultNews { openings, marks, sheets } = greeting.news;
            for refused in [openings, marks] {
                out.u64(refused.count);
                out.u64(refused.hour);
            }
            out.u64(sheets);
        }
        Err(fault) => {
            let (code, what) = fault.to_wire();
            out.byte(told::FAULT | code);
            out.bytes(what.as_bytes());
        }
    }
    out.0
}

/// Reads the body of an answer; none when it is anything else.
pub(super) fn decode_answer(body: &[u8]) -> Option<Result<Told, VaultFault>> {
    let mut of = In(body);
    if of.byte()? != FORM {
        return None;
    }
    let answer = match of.byte()? {
        told::DONE => Ok(Told::Done),
        told::BYTES => Ok(Told::Bytes(Zeroizing::new(of.bytes()?.to_vec()))),
        told::IS => Ok(Told::Is(of.bool()?)),
        told::COUNT => Ok(Told::Count(of.u64()?)),
        told::CASE => {
            let (is_there, case) = (of.bool()?, of.case()?);
            Ok(Told::Case(is_there.then_some(case)))
        }
        told::STATES => {
            let count = of.count(SLOTS_MAX)?;
            Ok(Told::States((0..count).map(|_| of.secret_state()).collect::<Option<_>>()?))
        }
        told::HEAD => Ok(Told::Head { size: of.u64()?, root: of.take()?, signature: of.take()? }),
        told::BEHIND => Ok(Told::Behind(of.u64()?)),
        told::GREETING => {
            let (store, verifying) = (of.take()?, of.take()?);
            let (is_unused, has_secrets) = (of.bool()?, of.bool()?);
            let mut refused = || Some(Refused { count: of.u64()?, hour: of.u64()? });
            let (openings, marks) = (refused()?, refused()?);
            let news = VaultNews { openings, marks, sheets: of.u64()? };
            Ok(Told::Greeting(Greeting { store, verifying, is_unused, has_secrets, news }))
        }
        code => Err(VaultFault::from_wire(code.checked_sub(told::FAULT)?, of.text()?)?),
    };
    of.0.is_empty().then_some(answer)
}

/// Reads any bytes as a question and as an answer; a question that is read has one text. A fuzz target.
pub(crate) fn vault_frames_never_panic(bytes: &[u8]) {
    if let Some(ask) = Ask::decode(bytes) {
        assert_eq!(ask.encode().as_slice(), bytes, "one question has one text");
    }
    let _ = decode_answer(bytes);
    // As they come over the socket: frame after frame, each with its length before it.
    let mut stream = bytes;
    while let Ok(Some(frame)) = super::client::read_frame(&mut stream) {
        assert!(frame.len() <= FRAME_BYTES_MAX, "no frame is longer than its bound");
        let _ = (Ask::decode(&frame), decode_answer(&frame));
    }
}

struct Out(Zeroizing<Vec<u8>>);

impl Out {
    fn new(bytes: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(bytes)))
    }
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }
    fn verb(&mut self, verb: u8, form: u8) {
        self.0.extend_from_slice(&[verb, form]);
    }
    fn u32(&mut self, number: u32) {
        self.fixed(&number.to_be_bytes());
    }
    fn u64(&mut self, number: u64) {
        self.fixed(&number.to_be_bytes());
    }
    fn i64(&mut self, number: i64) {
        self.fixed(&number.to_be_bytes());
    }
    fn fixed(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
    fn bytes(&mut self, bytes: &[u8]) {
        self.u32(bytes.len() as u32);
        self.fixed(bytes);
    }
    fn place(&mut self, place: Place<'_>) {
        self.bytes(place.table.as_bytes());
        self.bytes(place.row);
        self.bytes(place.column.as_bytes());
    }
}

struct In<'a>(&'a [u8]);

impl<'a> In<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, after) = self.0.split_first_chunk::<N>()?;
        self.0 = after;
        Some(*taken)
    }
    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }
    fn bool(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }
    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }
    fn i64(&mut self) -> Option<i64> {
        self.take().map(i64::from_be_bytes)
    }
    fn slots(&mut self) -> Option<Vec<Slot>> {
        (0..self.count(SLOTS_MAX)?).map(|_| self.take().map(Slot::from_bytes)).collect()
    }
    fn secret_state(&mut self) -> Option<SecretState> {
        match self.byte()? {
            0 => Some(SecretState::Kept),
            1 => Some(SecretState::Destroyed),
            2 => Some(SecretState::Unknown),
            _ => None,
        }
    }
    fn count(&mut self, max: usize) -> Option<usize> {
        usize::try_from(self.u32()?).ok().filter(|count| *count <= max)
    }
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        let (taken, after) = self.0.split_at_checked(length)?;
        self.0 = after;
        Some(taken)
    }
    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
    fn path(&mut self) -> Option<&'a Path> {
        Some(Path::new(std::ffi::OsStr::from_bytes(self.bytes()?)))
    }
    fn case(&mut self) -> Option<CaseId> {
        CaseId::from_bytes(&self.take::<16>()?)
    }
    fn place(&mut self) -> Option<Place<'a>> {
        let (table, row, column) = (self.text()?, self.bytes()?, self.text()?);
        let is_short = table.len() <= NAME_BYTES_MAX && column.len() <= NAME_BYTES_MAX;
        is_short.then_some(Place { table, row, column })
    }
}

#[cfg(test)]
mod tests;
