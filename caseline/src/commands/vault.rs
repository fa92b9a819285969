//! `caseline vault`: the vault in a process of its own, for an account of its own, behind a socket. It gives up the network,
//! core dumps, swap and most system calls before it answers anybody.
//! What it answers is left to the vault in `store`.

use super::recovery::IDENTITY;
use super::{Place, init};
use crate::exits::{Exit, with_causes};
use crate::world::{MachineChance, MachineClock};
use caseline_helpline::{Chance, StoreFault};
use caseline_store::backup::{Holding, KEYRING_COPY, open_ring};
use caseline_store::vault::server::{CLOCK_SKEW_MAX, Server, ServerSettings};
use caseline_store::vault::{MarkBudget, OpeningBudget, Vault, VaultFault, lockdown};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Runs the vault.
#[derive(Debug, clap::Args)]
pub struct VaultCommand {
    /// The folder of the keys, which belongs to the vault's account; where there are none yet, they are made.
    #[arg(long)]
    folder: PathBuf,
    /// Where it listens.
    #[arg(long, required_unless_present_any = ["rotate_root", "take_ring"])]
    socket: Option<PathBuf>,
    /// The account of the line, by name or number: nobody else is answered. None: the vault's own account.
    #[arg(long)]
    peer: Option<String>,
    /// A folder in which the copy of the key ring is overwritten at each destruction; as often as there are folders.
    #[arg(long = "copy")]
    copies: Vec<PathBuf>,
    /// Openings of cases in an hour, at the most; it can be made fewer only.
    #[arg(long)]
    opens_an_hour: Option<u32>,
    /// Openings of cases in a day, at the most; it can be made fewer only.
    #[arg(long)]
    opens_a_day: Option<u32>,
    /// Codes and words that are compared in an hour, at the most; it can be made fewer only.
    #[arg(long)]
    codes_an_hour: Option<u32>,
    /// Codes and words that are compared in a day, at the most; it can be made fewer only.
    #[arg(long)]
    codes_a_day: Option<u32>,
    /// Goes on where memory cannot be locked: for a machine without swap, or with an encrypted one.
    #[arg(long)]
    memory_may_swap: bool,
    /// Makes a new root key, and ends. The vault must not be running.
    #[arg(long, conflicts_with_all = ["socket", "take_ring"])]
    rotate_root: bool,
    /// For a restore: takes the key ring and the cases' secrets of a backup where they are newer, and ends. The vault must
    /// not be running.
    #[arg(long, conflicts_with = "socket")]
    take_ring: Option<PathBuf>,
}

impl VaultCommand {
    /// Runs until the process is ended. No thread but this one may run yet: what is given up is given up for it and for
    /// those that it starts.
    pub fn run(&self, place: &Place) -> Result<(), Exit> {
        let chance: Arc<dyn Chance> = Arc::new(MachineChance);
        if self.rotate_root {
            Vault::rotate_root(&self.folder, chance).map_err(environment)?;
            place.print(
                &serde_json::json!({ "rotated": true }),
                "There is a new root key. Copy root.key to where the recovery copy is, and destroy the old copy.",
            );
            return Ok(());
        }
        if let Some(from) = &self.take_ring {
            let own = self.take_from(from)?;
            let text = if own { "The vault's own key ring is the newer one and stays." } else { "The ring is taken." };
            place.print(&serde_json::json!({ "kept_own_ring": own }), text);
            return Ok(());
        }
        let socket = self.socket.clone().ok_or_else(|| Exit::Usage("--socket says where the vault listens".into()))?;
        if init::is_made(&place.data()) && place.data().join("vault") != self.folder {
            return Err(Exit::Usage(format!(
                "{} holds keys: move root.key, keyring, case-secrets and ledger from there to {}",
                place.data().join("vault").display(),
                self.folder.display()
            )));
        }
        let settings = ServerSettings {
            folder: self.folder.clone(),
            socket: socket.clone(),
            peer: peer(self.peer.as_deref())?,
            copies: self.copies.clone(),
            budget: OpeningBudget::default().shortened(self.opens_an_hour, self.opens_a_day),
            marks: MarkBudget::default().shortened(self.codes_an_hour, self.codes_a_day),
            clock_skew_max: CLOCK_SKEW_MAX,
        };
        lockdown::keep_to_itself().map_err(environment)?;
        match lockdown::lock_memory() {
            Err(fault) if self.memory_may_swap => tracing::warn!(%fault, "the vault's memory may be written to swap"),
            locked => locked.map_err(environment)?,
        }
        let server = Server::start(&settings, &chance, Arc::new(MachineClock)).map_err(environment)?;
        lockdown::leave_few_system_calls().map_err(environment)?;
        eprintln!("The vault listens at {}.", socket.display());
        server.run(&AtomicBool::new(false));
        Ok(())
    }
}

impl VaultCommand {
    /// Takes what is newer of a folder of backups: the copy of the ring that stands as it is, which the vault wrote itself,
    /// and one that was encrypted before the vault was a process of its own. Whether the own one was kept.
    fn take_from(&self, from: &Path) -> Result<bool, Exit> {
        let store = |fault: StoreFault| Exit::Environment(with_causes(&fault));
        let holding = Holding::make(&self.folder).map_err(store)?;
        let opened = holding.path().join("ring");
        let mut own = true;
        if open_ring(&self.folder.join(IDENTITY), from, &opened).map_err(store)? {
            own &= Vault::take_newer_ring(&self.folder, &opened).map_err(environment)?;
            if !from.join(KEYRING_COPY).exists() {
                return Ok(own);
            }
        }
        Ok(Vault::take_newer_ring(&self.folder, from).map_err(environment)? && own)
    }
}

fn environment(fault: VaultFault) -> Exit {
    Exit::Environment(with_causes(&fault))
}

/// The number of an account: as it is, or as /etc/passwd has it.
fn peer(named: Option<&str>) -> Result<u32, Exit> {
    let Some(named) = named else { return Ok(caseline_store::vault::server::own_account()) };
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    named.parse().ok().or_else(|| account_number(&accounts, named)).ok_or_else(|| {
        Exit::Usage(format!("there is no account `{named}` on this machine; --peer takes its name or its number"))
    })
}

/// passwd(5): name, password, number, and four more, with colons between them.
fn account_number(accounts: &str, named: &str) -> Option<u32> {
    accounts.lines().find_map(|row| {
        let mut parts = row.split(':');
        (parts.next() == Some(named)).then(|| parts.nth(1)?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts =
            "root:x:0:0:root:/root:/bin/sh\ncaseline-vault:x:998:998::/:/bin/false\ncaseline:x:997:997::/:\n";
        assert_eq!(account_number(accounts, "caseline"), Some(997));
        assert_eq!(account_number(accounts, "caseline-vault"), Some(998));
        assert_eq!(account_number(accounts, "case"), None);
    }
}
