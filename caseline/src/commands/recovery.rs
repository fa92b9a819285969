//! `caseline recovery`: a sheet of paper with which a small operator gets everything back after the machine is lost, and
//! typing it in again. What is restored with it is left to `backup`; how a key is written, to `groups`.

mod groups;

use super::{Place, init};
use crate::exits::{Exit, with_causes};
use crate::world::{MachineChance, MachineClock};
use caseline_helpline::audit::{AuditEntry, AuditEvent};
use caseline_helpline::{Clock, Store};
use caseline_model::Zone;
use caseline_store::StoreSettings;
use caseline_store::backup::{new_identity, recipient_of};
use caseline_store::vault::Vault;
use groups::{GROUPS, GroupFault, Key, bytes_of_identity, groups_of, identity_of, key_of, read_group};
use std::io::{BufRead, IsTerminal, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// The private key of encrypted backups, beside the root key.
pub const IDENTITY: &str = "backup-identity";

const ROOT_KEY: &str = "root.key";
const PAGE: &str = include_str!("recovery/page.html");
const PAPER: &str = include_str!("recovery/sheet.html");
/// Groups in a row of the sheet.
const IN_A_ROW: usize = 5;
/// As long may a typed row be.
const ROW_LENGTH_MAX: usize = 1_024;

/// The recovery sheet.
#[derive(Debug, clap::Subcommand)]
pub enum Recovery {
    /// Writes the sheet, twice: one to keep, one for a sealed envelope elsewhere.
    Sheet {
        /// A new file, readable by its owner alone; without it the page goes to standard output.
        #[arg(long)]
        to: Option<PathBuf>,
        /// The folder of a vault that is a process of its own; run it as the vault's account.
        #[arg(long)]
        vault_folder: Option<PathBuf>,
    },
    /// Types the sheet in on a new machine, from standard input.
    Enter {
        /// The folder of a vault that is a process of its own; run it as the vault's account.
        #[arg(long)]
        vault_folder: Option<PathBuf>,
    },
}

impl Recovery {
    /// Does it.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        match self {
            Self::Sheet { to, vault_folder } => sheet(place, to.as_deref(), vault_folder.as_deref()).await,
            Self::Enter { vault_folder } => enter(place, vault_folder.as_deref()),
        }
    }
}

async fn sheet(place: &Place, to: Option<&Path>, apart: Option<&Path>) -> Result<(), Exit> {
    if place.json && to.is_none() {
        return Err(Exit::Usage("with --json name a file for the page: --to FILE".into()));
    }
    let vault = folder_of_keys(place, apart)?;
    // Opening proves that the key is the one of this store, and that nobody else can read it.
    let store = if apart.is_none() { Some(init::open_store_in(place).await?) } else { None };
    if let Some(to) = to.filter(|to| to.exists()) {
        return Err(Exit::Usage(format!("{} is there already; name a new file", to.display())));
    }
    let root = Zeroizing::new(std::fs::read(vault.join(ROOT_KEY)).map_err(|error| cannot_read(&vault, &error))?);
    let root: &[u8; 32] =
        root.as_slice().try_into().map_err(|_| Exit::Usage("the root key has not 32 bytes".into()))?;
    let identity = identity_in(&vault)?;
    let recipient = recipient_of(&identity).map_err(|fault| Exit::Environment(with_causes(&fault)))?;
    let backup = bytes_of_identity(&identity)
        .ok_or_else(|| Exit::Usage(format!("{} holds no private key of age", vault.join(IDENTITY).display())))?;
    let now = MachineClock.now();
    let zone = place.settings().ok().and_then(|settings| Zone::named(&settings.line.zone).ok());
    let date = now.date_in(&zone.unwrap_or_else(Zone::utc)).to_string();
    // Written down, durably, before there is anything to print: in the log, or where the vault is apart in its ledger, and
    // the line writes it into the log when it next asks.
    let fingerprint = match &store {
        Some(store) => {
            let event = AuditEvent::RecoverySheetMade;
            let entry = AuditEntry { at: now, contact: None, case: None, event };
            store.append_audit(entry).await.map_err(|fault| Exit::Environment(with_causes(&fault)))?;
            init::write_out(store).await?;
            store.fingerprint()
        }
        None => Vault::note_sheet(&vault, Arc::new(MachineChance))
            .map_err(|fault| Exit::Environment(with_causes(&fault)))?,
    };
    let page = page(&Facts { root, backup: &backup, recipient: &recipient, fingerprint: &fingerprint, date: &date });
    match to {
        Some(to) => {
            write_new(to, page.as_bytes())?;
            place.print(
                &serde_json::json!({ "sheet": to, "recipient": recipient, "fingerprint": fingerprint }),
                &format!(
                    "{} is written. Print both pages, put the second one into an envelope and keep it elsewhere; then \
                     delete the file: whoever has it and a backup reads everything.\n\
                     To encrypt backups to the sheet's key:\n\n[backup]\nrecipients = [\"{recipient}\"]",
                    to.display()
                ),
            );
        }
        None => place.print(&serde_json::Value::Null, &page),
    }
    Ok(())
}

fn enter(place: &Place, apart: Option<&Path>) -> Result<(), Exit> {
    let data = place.data();
    let vault = folder_of_keys(place, apart)?;
    for name in [ROOT_KEY, IDENTITY] {
        if vault.join(name).exists() {
            let path = vault.join(name);
            return Err(Exit::Usage(format!("{} is there already: a sheet overwrites nothing", path.display())));
        }
    }
    let input = std::io::stdin();
    let asks = input.is_terminal();
    let (root, backup) = typed(&mut input.lock(), asks)?;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&vault)
        .map_err(|error| Exit::Environment(format!("{} cannot be made: {error}", vault.display())))?;
    let mut identity = identity_of(&backup);
    identity.push('\n');
    write_new(&vault.join(IDENTITY), identity.as_bytes())?;
    write_new(&vault.join(ROOT_KEY), &root[..])?;
    place.print(
        &serde_json::json!({ "vault": vault }),
        &format!(
            "Both keys are in {}. Next: {}",
            vault.display(),
            match apart {
                Some(folder) => format!("caseline vault --folder {} --take-ring BACKUPS", folder.display()),
                None => format!("caseline --data {} restore --from BACKUPS", data.display()),
            }
        ),
    );
    Ok(())
}

/// Where the keys lie. A line whose vault is apart has none, and whoever runs a command for its account reaches none.
fn folder_of_keys(place: &Place, apart: Option<&Path>) -> Result<PathBuf, Exit> {
    let settings = if place.config.exists() { place.settings().ok() } else { None };
    let socket = settings.and_then(|settings| settings.vault.socket);
    match (apart, socket) {
        (Some(folder), _) => Ok(folder.to_owned()),
        (None, None) => Ok(StoreSettings::at(place.data()).vault()),
        (None, Some(_)) => Err(Exit::Usage(
            "the keys are with `caseline vault`: run this as the vault's account, with --vault-folder and the folder of \
             its keys"
                .into(),
        )),
    }
}

/// The root key, and the key of backups.
type BothKeys = (Zeroizing<[u8; 32]>, Zeroizing<[u8; 32]>);

/// Reads both keys; somebody at a terminal is asked group by group, and once more after a wrong one.
fn typed(input: &mut dyn BufRead, asks: bool) -> Result<BothKeys, Exit> {
    let mut read = Vec::new();
    let mut waiting: Vec<Zeroizing<String>> = Vec::new();
    for key in Key::ALL {
        let mut values = Zeroizing::new(Vec::new());
        let mut n = 0;
        while n < GROUPS {
            if waiting.is_empty() {
                if asks {
                    eprint!("Key {}, group {} of {GROUPS}: ", key.letter(), n + 1);
                    let _ = std::io::stderr().flush();
                }
                waiting = row(input)?.ok_or_else(|| {
                    Exit::Usage(format!("key {}, group {} of {GROUPS} is missing", key.letter(), n + 1))
                })?;
                waiting.reverse();
                continue;
            }
            let Some(group) = waiting.pop() else { continue };
            match read_group(key, n, &group) {
                Ok(group) => {
                    values.extend_from_slice(&group);
                    n += 1;
                }
                Err(fault) => {
                    let sentence = format!("key {}, group {}: {}", key.letter(), n + 1, said(fault));
                    if !asks {
                        return Err(Exit::Usage(sentence));
                    }
                    eprintln!("{sentence}; once more from this group");
                    waiting.clear();
                }
            }
        }
        let all = key_of(key, &values);
        read.push(all.ok_or_else(|| {
            Exit::Usage(format!("key {}: each group is whole, and they do not belong together", key.letter()))
        })?);
    }
    let [root, backup] = <[_; 2]>::try_from(read).map_err(|_| Exit::Usage("two keys stand on the sheet".into()))?;
    Ok((root, backup))
}

/// The groups of one row; numbers of groups, as they are printed before them, are skipped.
fn row(input: &mut dyn BufRead) -> Result<Option<Vec<Zeroizing<String>>>, Exit> {
    let mut text = Zeroizing::new(String::new());
    let read = std::io::Read::take(&mut *input, ROW_LENGTH_MAX as u64).read_line(&mut text);
    if read.map_err(|error| Exit::Usage(format!("standard input cannot be read: {error}")))? == 0 {
        return Ok(None);
    }
    let is_number = |word: &&str| word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    let words = text.split_whitespace().filter(|word| !is_number(word));
    Ok(Some(words.map(|word| Zeroizing::new(word.to_owned())).collect()))
}

fn said(fault: GroupFault) -> String {
    match fault {
        GroupFault::Length { wanted } => format!("it has {wanted} characters on the sheet"),
        GroupFault::Character => "a character that no group has".into(),
        GroupFault::Check => "a character is wrong, two changed places, or it is another group".into(),
    }
}

/// The private key of backups; made the first time.
fn identity_in(vault: &Path) -> Result<Zeroizing<String>, Exit> {
    let path = vault.join(IDENTITY);
    if path.exists() {
        let text = std::fs::read_to_string(&path).map(Zeroizing::new).map_err(|error| cannot_read(vault, &error))?;
        return Ok(Zeroizing::new(text.trim().to_owned()));
    }
    let identity = new_identity().map_err(|fault| Exit::Environment(with_causes(&fault)))?;
    write_new(&path, format!("{}\n", identity.as_str()).as_bytes())?;
    Ok(identity)
}

/// Writes a file that was not there, for its owner alone.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Exit> {
    let written = (|| {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    })();
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Exit::Usage(format!("{} is there already", path.display())),
        _ => Exit::Environment(format!("{} cannot be written: {error}", path.display())),
    })
}

fn cannot_read(vault: &Path, error: &std::io::Error) -> Exit {
    Exit::Environment(format!("{} cannot be read: {error}", vault.display()))
}

/// What stands on the sheet.
struct Facts<'a> {
    root: &'a [u8; 32],
    backup: &'a [u8; 32],
    recipient: &'a str,
    fingerprint: &'a str,
    date: &'a str,
}

fn page(facts: &Facts<'_>) -> Zeroizing<String> {
    let first = paper(facts, "Recovery sheet", "First copy: in your safe.", "Fold here, text inside.");
    let second = paper(
        facts,
        "Recovery sheet: second copy",
        "Second copy: for a sealed envelope, kept in another house.",
        "Fold here, text inside. Put it into an envelope on which nothing stands but a date, close it, and sign over the flap. \
         Open it only when the first copy is lost.",
    );
    Zeroizing::new(PAGE.replace("{papers}", &[first.as_str(), second.as_str()].concat()))
}

fn paper(facts: &Facts<'_>, heading: &str, where_kept: &str, fold: &str) -> Zeroizing<String> {
    let mut keys = Zeroizing::new(String::new());
    for (key, bytes) in Key::ALL.into_iter().zip([facts.root, facts.backup]) {
        let what = match key {
            Key::Root => "opens what is kept",
            Key::Backup => "opens encrypted backups",
        };
        keys.push_str(&format!("<h2>Key {}: {what}</h2>\n<table class=\"key\">\n", key.letter()));
        let groups = groups_of(key, bytes);
        for (row, groups) in groups.chunks(IN_A_ROW).enumerate() {
            keys.push_str("<tr>");
            for (n, group) in groups.iter().enumerate() {
                let number = row * IN_A_ROW + n + 1;
                keys.push_str(&format!("<td><span>{number}</span>{}</td>", group.as_str()));
            }
            keys.push_str("</tr>\n");
        }
        keys.push_str("</table>\n");
    }
    let parts = [
        ("{heading}", heading),
        ("{where_kept}", where_kept),
        ("{date}", facts.date),
        ("{fingerprint}", facts.fingerprint),
        ("{recipient}", facts.recipient),
        ("{fold}", fold),
        ("{keys}", keys.as_str()),
    ];
    parts
        .into_iter()
        .fold(Zeroizing::new(PAPER.to_owned()), |page, (name, value)| Zeroizing::new(page.replace(name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows_of(page: &str) -> String {
        let cells = page.split("<td><span>").skip(1).filter_map(|cell| cell.split("</td>").next());
        cells.map(|cell| cell.replace("</span>", " ") + "\n").collect()
    }

    #[test]
    fn what_stands_on_either_copy_is_typed_in_again_and_one_wrong_character_names_its_group() {
        let (root, backup) = ([7; 32], [9; 32]);
        let facts = Facts { root: &root, backup: &backup, recipient: "age1", fingerprint: "00", date: "2026-11-22" };
        let page = page(&facts);
        let (first, second) = page.split_once("second copy").unwrap();
        for copy in [first, second] {
            let rows = rows_of(copy);
            let (read_root, read_backup) = typed(&mut rows.as_bytes(), false).unwrap();
            assert_eq!((*read_root, *read_backup), (root, backup));
        }
        let rows = rows_of(first);
        let mut wrong: Vec<String> = rows.lines().map(str::to_owned).collect();
        // The third group of the second key.
        let at = GROUPS + 2;
        let last = wrong[at].pop().unwrap();
        wrong[at].push(if last == 'Q' { 'P' } else { 'Q' });
        let said = |rows: &str| typed(&mut rows.as_bytes(), false).unwrap_err().sentence().to_owned();
        assert!(said(&wrong.join("\n")).starts_with("key B, group 3: a character is wrong"));
        assert!(said("").starts_with("key A, group 1 of 15 is missing"));
        // Somebody at a terminal goes on from the group that was wrong.
        let again = [wrong[..=at].join("\n"), rows.lines().skip(at).collect::<Vec<_>>().join("\n")].join("\n");
        assert_eq!(*typed(&mut again.as_bytes(), true).unwrap().1, backup);
    }

    #[test]
    fn the_page_says_nothing_of_who_calls_and_fetches_nothing() {
        let facts =
            Facts { root: &[1; 32], backup: &[2; 32], recipient: "age1", fingerprint: "00", date: "2026-11-22" };
        let page = page(&facts).to_lowercase();
        for word in ["immigra", "hearing", "court", "case ", "asylum", "http", "src=", "href="] {
            assert!(!page.contains(word), "{word}");
        }
        for left_over in
            ["{heading}", "{where_kept}", "{date}", "{fingerprint}", "{recipient}", "{keys}", "{fold}", "{papers}"]
        {
            assert!(!page.contains(left_over), "{left_over}");
        }
    }
}
