//! The desks of a page: accounts of the staff with the numbers that callers are told, and what somebody there does with a
//! ticket that a caller left.
//! Signing in with a real passkey, and the pages of the desk, are left to the tests of `web` and of the program.

use super::{GivenFault, refuse};
use crate::script::Entry;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::policy::StaffRole;
use caseline_helpline::staff::{AccountId, NewInvite, Passkey, Secret, StaffAccount, StaffHandle, StaffStore};
use caseline_helpline::tickets::{DeskNumber, TicketUsed};
use caseline_model::Time;
use caseline_records::Field;

/// One desk.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The number that its callers are told.
    pub number: DeskNumber,
    account: AccountId,
    handle: StaffHandle,
    passkey: Passkey,
}

/// `desks 214 accredited, deputy 305` and a row for each other one: `305 attorney`.
pub(super) async fn prepare(entry: &Entry, store: &dyn StaffStore, now: Time) -> Result<Vec<Desk>, GivenFault> {
    let mut desks = Vec::new();
    let mut deputies = Vec::new();
    for row in &entry.values {
        let (desk, deputy) = read(row).map_err(|what| refuse(entry, what))?;
        let joined = desk.join(store, now, desk_role(row)).await.map_err(|fault| refuse(entry, fault.to_string()))?;
        if joined.desk != Some(desk.number) {
            return Err(refuse(entry, format!("desk {} was given to somebody else", desk.number)));
        }
        deputies.extend(deputy.map(|deputy| (desk.handle.clone(), deputy)));
        desks.push(desk);
    }
    for (of, deputy) in deputies {
        let deputy = desks.iter().find(|desk| desk.number == deputy);
        let deputy = deputy.ok_or_else(|| refuse(entry, "a deputy is one of the desks"))?;
        let done = store.set_deputy(now, &of, Some(&deputy.handle)).await;
        done.map_err(|fault| refuse(entry, fault.to_string()))?;
    }
    Ok(desks)
}

/// `214 accredited, deputy 305`.
fn read(row: &str) -> Result<(Desk, Option<DeskNumber>), String> {
    let wrong = || "write `desks 214 accredited, deputy 305`, and a row `305 attorney`".to_owned();
    let (head, deputy) = match row.split_once(", deputy ") {
        Some((head, deputy)) => (head, Some(deputy.parse::<DeskNumber>().map_err(|_| wrong())?)),
        None => (row, None),
    };
    let (number, role) = head.split_once(' ').ok_or_else(wrong)?;
    let number: DeskNumber = number.parse().map_err(|_| wrong())?;
    role.parse::<StaffRole>().map_err(|fault| fault.to_string())?;
    // The first number that an account tries is picked by its id.
    let account = AccountId::from_random(u128::from(number.value() - 100));
    let handle = format!("desk-{number}").parse().map_err(|_| wrong())?;
    let passkey = Passkey {
        credential: number.value().to_be_bytes().repeat(16),
        public: format!("{{\"counter\":0,\"of\":{number}}}"),
    };
    Ok((Desk { number, account, handle, passkey }, deputy))
}

/// The role of a row that was read.
fn desk_role(row: &str) -> StaffRole {
    let role = row.split([' ', ',']).nth(1).and_then(|role| role.parse().ok());
    role.unwrap_or(StaffRole::Navigator)
}

impl Desk {
    async fn join(&self, store: &dyn StaffStore, now: Time, role: StaffRole) -> Result<StaffAccount, StoreFault> {
        let secret = Secret::from_random(u128::from(self.number.value()));
        let invite = NewInvite {
            account: self.account,
            handle: self.handle.clone(),
            role,
            ends_at: None,
            secret: secret.clone(),
        };
        store.invite_staff(now, &invite).await?;
        let joined = store.join_staff(now, &secret, &self.passkey).await?;
        joined.ok_or(StoreFault::NotAllowed { doing: "joining a desk", why: "the invitation is not good" })
    }

    /// Signs in, takes the ticket that waits, opens its case, reads it and closes it. Whether there was one to open.
    ///
    /// # Errors
    /// When the store refuses, or what it opened cannot be read.
    pub async fn opens_case(&self, store: &dyn StaffStore, now: Time) -> Result<bool, String> {
        let broke = |fault: StoreFault| fault.to_string();
        let login = Secret::from_random(now.micros().unsigned_abs().into());
        let running = store.begin_login(now, self.account, &login, &self.passkey).await.map_err(broke)?;
        let taken = store.take_ticket(now, running.account.actor()).await.map_err(broke)?;
        let used = store.open_ticket(now, &login).await.map_err(broke)?;
        let is_open = matches!(used, TicketUsed::Opened { .. });
        if is_open {
            let read = store.read_opened(now, &login, &[Field::Hearing]).await.map_err(broke)?;
            read.ok_or("the case that a ticket opened cannot be read")?;
            store.close_case(now, &login).await.map_err(broke)?;
        }
        store.end_login(now, &login).await.map_err(broke)?;
        if taken.is_some() == is_open { Ok(is_open) } else { Err(format!("a ticket was taken, and then {used:?}")) }
    }
}
