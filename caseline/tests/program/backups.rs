//! The drill of docs/guides/upgrade-and-back-up.md with the real program: back up, lose the machine, restore.

use crate::vault::Vault;
use crate::{Demonstration, Folder, run, text};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

fn ended(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = run(folder, arguments);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    said
}

#[test]
fn slow_a_lost_database_comes_back_from_a_backup_and_the_caller_hears_the_hearing_again() {
    let folder = Folder::new("drill");
    let data = folder.0.join("data");
    let once = ["demo", "--once", "--voice", "tape"];
    ended(&folder.0, &once, 0);
    let said = ended(&folder.0, &["backup", "--to", "backups", "--keep", "1"], 0);
    assert!(said.contains("The root key is in no backup"), "{said}");
    let backups = folder.0.join("backups");
    let sets = || -> Vec<_> {
        let entries = std::fs::read_dir(&backups).unwrap().map(|entry| entry.unwrap());
        entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.path()).collect()
    };
    let [set] = &sets()[..] else { panic!("one set: {:?}", sets()) };
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(set), mode(&set.join("caseline.db")), mode(&backups.join("keyring"))), (0o700, 0o600, 0o600));
    assert!(
        !backups.join("root.key").exists() && !set.join("keyring").exists(),
        "one ring beside all sets, no root key"
    );

    // What stands in the folder is never overwritten, and never under a line that runs.
    assert!(ended(&folder.0, &["restore", "--from", "backups"], 2).contains("a restore overwrites nothing"));
    let line = Demonstration::start(&folder.0, &["--voice", "tape"]);
    assert!(ended(&folder.0, &["restore", "--from", "backups"], 3).contains("stop it first"));
    let second = ended(&folder.0, &["demo", "--once", "--voice", "tape"], 3);
    assert!(second.contains("another line runs"), "{second}");
    drop(line);

    // The disk is gone; the root key comes from where it is kept apart.
    let root = std::fs::read(data.join("vault/root.key")).unwrap();
    std::fs::remove_dir_all(&data).unwrap();
    let said = ended(&folder.0, &["restore", "--from", "backups"], 2);
    assert!(said.contains("put the root key there"), "{said}");
    std::fs::create_dir_all(data.join("vault")).unwrap();
    std::fs::write(data.join("vault/root.key"), root).unwrap();
    std::fs::set_permissions(data.join("vault/root.key"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let said = ended(&folder.0, &["restore", "--from", "backups"], 0);
    assert!(said.contains("the key ring is the backup's"), "{said}");
    ended(&folder.0, &["verify-log"], 0);
    let heard = ended(&folder.0, &once, 0);
    assert!(heard.contains("Su próxima audiencia es el"), "{heard}");

    // The folder's own ring is the newer one now: an older one never takes its place.
    for name in ["caseline.db", "caseline.db-wal", "caseline.db-shm"] {
        let _ = std::fs::remove_file(data.join(name));
    }
    let newer = std::fs::read(data.join("vault/keyring")).unwrap();
    let older = std::fs::read(backups.join("keyring")).unwrap();
    let said = ended(&folder.0, &["restore", "--from", "backups"], 0);
    if newer == older {
        assert!(said.contains("the data folder's own"), "{said}");
    }
    ended(&folder.0, &["verify-log"], 0);
}

#[test]
fn a_backup_without_a_place_or_with_another_store_s_ring_is_refused() {
    let folder = Folder::new("no-backup");
    ended(&folder.0, &["init"], 0);
    assert!(ended(&folder.0, &["backup"], 2).contains("--to DIR"));
    assert!(ended(&folder.0, &["restore", "--from", "nowhere"], 2).contains("nowhere cannot be read"));
    std::fs::create_dir_all(folder.0.join("backups")).unwrap();
    assert!(ended(&folder.0, &["restore", "--from", "backups"], 2).contains("holds no backup"));
    std::fs::write(folder.0.join("backups/keyring"), b"another store's").unwrap();
    std::fs::set_permissions(folder.0.join("backups/keyring"), std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(ended(&folder.0, &["backup", "--to", "backups"], 3).contains("belongs to another store"));
    assert_eq!(std::fs::read(folder.0.join("backups/keyring")).unwrap(), b"another store's");
}

/// Runs a command that reads from standard input.
fn typed(folder: &Path, arguments: &[&str], input: &str, code: i32) -> String {
    let mut child = crate::caseline(folder, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    said
}

/// What somebody types who has one copy of the sheet before them.
fn groups_on(page: &str) -> Vec<String> {
    let cells = page.split("<td><span>").skip(1).filter_map(|cell| cell.split("</td>").next());
    let all: Vec<_> = cells.map(|cell| cell.split("</span>").nth(1).unwrap().to_owned()).collect();
    assert_eq!(all.len(), 60, "two keys of fifteen groups, twice");
    assert_eq!(all[..30], all[30..], "the second copy is the same");
    all[..30].to_vec()
}

fn with_ending(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = entries.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    all.sort();
    all
}

#[test]
fn slow_after_the_machine_is_lost_the_recovery_sheet_and_an_encrypted_backup_bring_the_hearing_back() {
    let folder = Folder::new("sheet");
    let data = folder.0.join("data");
    let once = ["demo", "--once", "--voice", "tape"];
    ended(&folder.0, &once, 0);
    let said = ended(&folder.0, &["recovery", "sheet", "--to", "sheet.html"], 0);
    let recipient = said.split('"').find(|part| part.starts_with("age1")).expect("the public key").to_owned();
    let sheet = folder.0.join("sheet.html");
    assert_eq!(std::fs::metadata(&sheet).unwrap().permissions().mode() & 0o777, 0o600);
    ended(&folder.0, &["recovery", "sheet", "--to", "sheet.html"], 2);
    let groups = groups_on(&std::fs::read_to_string(&sheet).unwrap());
    // The code is the caller's own: what is held of them, without a value; it is used up.
    let of_them = typed(&folder.0, &["held", "--with-code"], "A000-000-137\n05 20460105\n", 0);
    assert!(of_them.contains("the case; goes by") && !of_them.contains("137"), "{of_them}");
    let again = typed(&folder.0, &["held", "--with-code"], "A000-000-137\n05 20460105\n", 1);
    let absent = typed(&folder.0, &["held", "--with-code"], "A000-000-999\n05 20460105\n", 1);
    assert_eq!(again, absent, "one answer, whatever the reason");

    ended(&folder.0, &["backup", "--to", "backups", "--recipient", "age1nobody"], 2);
    ended(&folder.0, &["backup", "--to", "backups", "--recipient", &recipient], 0);
    let backups = folder.0.join("backups");
    let all = with_ending(&backups, ".age");
    assert_eq!(all.len(), 2, "a set and one ring: {all:?}");
    assert!(all.iter().all(|path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777 == 0o600));
    assert!(
        with_ending(&data, "").iter().all(|path| !path.to_string_lossy().contains("backup.tmp")),
        "nothing plain is left"
    );
    let set = all.iter().find(|path| !path.to_string_lossy().contains("keyring-")).unwrap().clone();

    // The machine is gone. One wrong character is found and its group named; then both keys are there.
    std::fs::remove_dir_all(&data).unwrap();
    let mut wrong = groups.clone();
    let last = wrong[17].pop().unwrap();
    wrong[17].push(if last == 'Q' { 'P' } else { 'Q' });
    assert!(typed(&folder.0, &["recovery", "enter"], &wrong.join(" \n"), 2).contains("key B, group 3"));
    assert!(!data.join("vault/root.key").exists(), "nothing half typed in");
    typed(&folder.0, &["recovery", "enter"], &groups.join(" \n"), 0);
    assert_eq!(std::fs::metadata(data.join("vault/root.key")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(typed(&folder.0, &["recovery", "enter"], &groups.join("\n"), 2).contains("overwrites nothing"));

    // A damaged set and another key restore nothing; the whole one tells the hearing again.
    let whole = std::fs::read(&set).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for bytes in [&flipped[..], &whole[..whole.len() - 9]] {
        std::fs::write(&set, bytes).unwrap();
        let said = ended(&folder.0, &["restore", "--from", "backups"], 2);
        assert!(said.contains("nothing was restored") && !data.join("caseline.db").exists(), "{said}");
    }
    std::fs::write(&set, &whole).unwrap();
    std::fs::write(folder.0.join("other"), "no key").unwrap();
    let said = ended(&folder.0, &["restore", "--from", "backups", "--identity", "other"], 2);
    assert!(said.contains("holds no private key") && !data.join("caseline.db").exists(), "{said}");
    let said = ended(&folder.0, &["restore", "--from", "backups"], 0);
    assert!(said.contains("signed entries of the log hold"), "{said}");
    ended(&folder.0, &["verify-log"], 0);
    let heard = ended(&folder.0, &once, 0);
    assert!(heard.contains("Su próxima audiencia es el"), "{heard}");
}

#[test]
fn slow_with_the_vault_apart_the_sheet_and_an_encrypted_backup_bring_the_hearing_back_on_a_new_machine() {
    let folder = Folder::new("apart");
    let (data, keys, backups) = (folder.0.join("data"), folder.0.join("keys"), folder.0.join("backups"));
    let socket = folder.0.join("socket/vault").display().to_string();
    let with_settings = |more: &str| {
        let settings = format!("{}\n[vault]\nsocket = \"{socket}\"\n{more}", crate::OPERATOR);
        std::fs::write(folder.0.join("caseline.toml"), settings).unwrap();
    };
    with_settings("");
    let copy = backups.display().to_string();
    let vault = || Vault::start_with(&folder.0, &["--memory-may-swap", "--copy", &copy]);
    let once = ["demo", "--once", "--voice", "tape", "--vault", &socket];
    let running = vault();
    let heard = ended(&folder.0, &once, 0);
    assert!(heard.contains("Su próxima audiencia es el") && !data.join("vault/root.key").exists(), "{heard}");

    // The sheet is made where the keys are, and nowhere else; the vault runs meanwhile.
    let said = ended(&folder.0, &["recovery", "sheet", "--to", "sheet.html"], 2);
    assert!(said.contains("--vault-folder"), "{said}");
    let sheet = ["recovery", "sheet", "--to", "sheet.html", "--vault-folder", "keys"];
    let said = ended(&folder.0, &sheet, 0);
    let recipient = said.split('"').find(|part| part.starts_with("age1")).expect("the public key").to_owned();
    let groups = groups_on(&std::fs::read_to_string(folder.0.join("sheet.html")).unwrap());
    with_settings(&format!("\n[backup]\nfolders = [\"{copy}\"]\nrecipients = [\"{recipient}\"]\n"));
    ended(&folder.0, &["backup"], 0);
    let names = || -> Vec<String> {
        let all = with_ending(&backups, "");
        all.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    };
    let all = names();
    assert!(all[0].ends_with("Z.age") && all[1..] == ["case-secrets", "keyring"], "a set and the ring: {all:?}");
    ended(&folder.0, &["verify-log"], 0);

    // Machine and vault are gone. Nothing is restored before the keys are there.
    drop(running);
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::remove_dir_all(&keys).unwrap();
    let said = ended(&folder.0, &["restore", "--from", "backups"], 3);
    assert!(said.contains("does not answer; start `caseline vault`") && !data.join("caseline.db").exists(), "{said}");
    assert!(typed(&folder.0, &["recovery", "enter"], &groups.join(" \n"), 2).contains("--vault-folder"));
    let enter = ["recovery", "enter", "--vault-folder", "keys"];
    let said = typed(&folder.0, &enter, &groups.join(" \n"), 0);
    assert!(said.contains("caseline vault --folder keys --take-ring BACKUPS"), "{said}");
    assert!(typed(&folder.0, &enter, &groups.join(" \n"), 2).contains("overwrites nothing"));
    let take = ["vault", "--folder", "keys", "--take-ring", "backups"];
    assert!(ended(&folder.0, &take, 0).contains("The ring is taken"));
    let running = vault();
    let said = ended(&folder.0, &["restore", "--from", "backups"], 2);
    assert!(said.contains("backup-identity") && !data.join("caseline.db").exists(), "{said}");
    // As the guide says: the line gets the key of the backups, for as long as it restores.
    let identity = data.join("vault/backup-identity");
    std::fs::create_dir_all(data.join("vault")).unwrap();
    std::fs::copy(keys.join("backup-identity"), &identity).unwrap();
    let said = ended(&folder.0, &["restore", "--from", "backups"], 0);
    assert!(
        said.contains("the key ring is with the vault") && said.contains("signed entries of the log hold"),
        "{said}"
    );
    std::fs::remove_file(&identity).unwrap();
    ended(&folder.0, &["verify-log"], 0);
    let of_them = typed(&folder.0, &["held", "--with-code"], "A000-000-137\n05 20460105\n", 0);
    assert!(of_them.contains("the case; goes by"), "the card from before opens it: {of_them}");
    let heard = ended(&folder.0, &once, 0);
    assert!(heard.contains("Su próxima audiencia es el"), "{heard}");

    // The database alone is lost: what the vault's own ring destroyed stays destroyed, and the older log goes on.
    drop(running);
    for name in ["caseline.db", "caseline.db-wal", "caseline.db-shm"] {
        let _ = std::fs::remove_file(data.join(name));
    }
    assert!(ended(&folder.0, &take, 0).contains("own key ring is the newer one"));
    let _running = vault();
    ended(&folder.0, &["restore", "--from", "backups", "--identity", "keys/backup-identity"], 0);
    ended(&folder.0, &["verify-log"], 0);
    assert!(!data.join("vault/root.key").exists() && !data.join("vault/keyring").exists());
}
