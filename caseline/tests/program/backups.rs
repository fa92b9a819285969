//! The drill of docs/guides/upgrade-and-back-up.md with the real program: back up, lose the machine, restore.

use crate::{Demonstration, Folder, run, text};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

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
