//! `caseline staff`: gives somebody an account by a link of fifteen minutes, lists the accounts, names deputies, ends one.
//! What a role may do is the policy's (docs/reference/policy.md); the passkey is made in the browser.

use super::{Place, init};
use crate::exits::{Exit, with_causes};
use crate::settings::Settings;
use crate::world::{MachineChance, MachineClock};
use caseline_helpline::policy::StaffRole;
use caseline_helpline::staff::{AccountId, INVITE_LASTS, NewInvite, Secret, StaffAccount, StaffHandle, StaffStore};
use caseline_helpline::tickets::TicketDesk;
use caseline_helpline::{Chance, Clock, StoreFault};
use caseline_model::{Date, Time, TimeOfDay, Zone};

/// Accounts of the desk.
#[derive(Debug, clap::Subcommand)]
pub enum Staff {
    /// Prints a link by which one person joins with a passkey; it works once and for fifteen minutes.
    Invite {
        /// navigator, accredited, attorney, supervisor or administrator.
        #[arg(long)]
        role: StaffRole,
        /// What you call the account, such as desk-2. No name of a person.
        #[arg(long)]
        handle: StaffHandle,
        /// The last day of the account.
        #[arg(long)]
        until: Option<Date>,
        /// Who may use tickets that callers leave to it as well: another account that opens cases.
        #[arg(long)]
        deputy: Option<StaffHandle>,
    },
    /// Lists the accounts that have not ended.
    List,
    /// Names the deputy of an account, who may use tickets that callers leave to it; without one, takes it away. Tickets
    /// that were left before keep the deputy of then.
    Deputy {
        /// The account.
        handle: StaffHandle,
        /// Its deputy.
        deputy: Option<StaffHandle>,
    },
    /// Ends an account: its logins and passkeys are gone at once.
    End {
        /// The account.
        #[arg(long)]
        handle: StaffHandle,
    },
}

impl Staff {
    /// Does it.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let settings = place.settings()?;
        let zone = Zone::named(&settings.line.zone).map_err(|fault| Exit::Usage(fault.to_string()))?;
        let store = init::open_store_of(&place.data(), &settings).await?;
        let now = MachineClock.now();
        match self {
            Self::Invite { role, handle, until, deputy } => {
                let ends_at = until.map(|last| day_after(last, &zone)).transpose()?;
                if ends_at.is_some_and(|end| end <= now) {
                    return Err(Exit::Usage("--until is a day that is over".into()));
                }
                let secret = Secret::from_random(MachineChance.bits_128());
                let invite = NewInvite {
                    account: AccountId::from_random(MachineChance.bits_128()),
                    handle: handle.clone(),
                    role: *role,
                    ends_at,
                    secret: secret.clone(),
                };
                store.invite_staff(now, &invite).await.map_err(refused)?;
                if let Some(deputy) = deputy {
                    // The invitation stands: whoever mistyped the deputy names another one.
                    if let Err(fault) = store.set_deputy(now, handle, Some(deputy)).await {
                        eprintln!("{handle} has no deputy: {fault}; name one with `caseline staff deputy`");
                    }
                }
                let accounts = store.list_staff(now).await.map_err(refused)?;
                let desk = accounts.iter().find(|account| account.handle == *handle).and_then(|account| account.desk);
                let desk_words = desk.map_or_else(String::new, |desk| format!(" Its desk's number is {desk}."));
                let link = format!("{}/staff/join/{}", address(&settings), secret.in_link());
                let valid = now.plus(INVITE_LASTS).time_of_day_in(&zone);
                place.print(
                    &serde_json::json!({ "link": link, "handle": handle.as_str(), "role": role.as_str(), "valid_minutes": INVITE_LASTS.as_secs() / 60, "desk": desk.map(|desk| desk.value()) }),
                    &format!(
                        "{link}\nOne person joins by it as {handle} ({}), once, until {valid}.{desk_words}",
                        role.as_str()
                    ),
                );
            }
            Self::List => {
                let all = store.list_staff(now).await.map_err(refused)?;
                let last =
                    |end: Option<Time>| end.map(|end| end.minus(std::time::Duration::from_secs(1)).date_in(&zone));
                let rows: Vec<_> = all
                    .iter()
                    .map(|account| {
                        serde_json::json!({
                            "handle": account.handle.as_str(),
                            "role": account.role.as_str(),
                            "until": last(account.ends_at).map(|day| day.to_string()),
                            "is_over": account.is_over(now),
                            "has_joined": account.has_joined,
                            "desk": account.desk.map(|desk| desk.value()),
                            "deputy": deputy_of(&all, account),
                        })
                    })
                    .collect();
                let text: Vec<String> = all
                    .iter()
                    .map(|account| {
                        let until = last(account.ends_at).map_or_else(String::new, |day| format!(", until {day}"));
                        let joined = if account.has_joined { "has joined" } else { "has not joined" };
                        let desk = account.desk.map_or_else(String::new, |desk| format!(", desk {desk}"));
                        let deputy = deputy_of(&all, account);
                        let deputy = deputy.map_or_else(String::new, |deputy| format!(", deputy {deputy}"));
                        format!("{} ({}{until}): {joined}{desk}{deputy}", account.handle, account.role.as_str())
                    })
                    .collect();
                let none = "Nobody has an account; `caseline staff invite --role ROLE --handle ID` makes one.";
                let text = if text.is_empty() { none.to_owned() } else { text.join("\n") };
                place.print(&serde_json::json!({ "accounts": rows }), &text);
            }
            Self::Deputy { handle, deputy } => {
                store.set_deputy(now, handle, deputy.as_ref()).await.map_err(refused)?;
                let text = match deputy {
                    Some(deputy) => format!("{deputy} may use tickets that are left to {handle} from now on."),
                    None => format!("{handle} has no deputy for tickets that are left from now on."),
                };
                let told = deputy.as_ref().map(StaffHandle::as_str);
                place.print(&serde_json::json!({ "handle": handle.as_str(), "deputy": told }), &text);
            }
            Self::End { handle } => {
                if !store.end_staff(now, handle).await.map_err(refused)? {
                    return Err(Exit::Failures(format!("there is no account {handle} that runs")));
                }
                place.print(
                    &serde_json::json!({ "ended": handle.as_str() }),
                    &format!("{handle} has ended: nobody signs in with it again."),
                );
            }
        }
        init::write_out(&store).await
    }
}

/// The handle of an account's deputy.
fn deputy_of<'a>(all: &'a [StaffAccount], account: &StaffAccount) -> Option<&'a str> {
    let deputy = account.deputy?;
    all.iter().find(|other| other.id == deputy).map(|other| other.handle.as_str())
}

fn refused(fault: StoreFault) -> Exit {
    match fault {
        StoreFault::NotAllowed { why, .. } => Exit::Failures(why.to_owned()),
        fault => Exit::Environment(with_causes(&fault)),
    }
}

/// The first moment after a day.
fn day_after(last: Date, zone: &Zone) -> Result<Time, Exit> {
    let next = last.tomorrow().map_err(|_| Exit::Usage("--until is too late a day".into()))?;
    let midnight = TimeOfDay::new(0, 0).ok_or_else(|| Exit::Usage("--until has no end".into()))?;
    Ok(zone.instant(next, midnight))
}

/// Where browsers reach the desk: passkeys are bound to this host.
fn address(settings: &Settings) -> String {
    let scheme = if settings.web.tls_cert.is_some() { "https" } else { "http" };
    let local = format!("{scheme}://localhost:{}", settings.web.bind.port());
    let own = settings.web.desk_address.as_deref().or(settings.web.public_address.as_deref());
    own.unwrap_or(&local).trim_end_matches('/').to_owned()
}
