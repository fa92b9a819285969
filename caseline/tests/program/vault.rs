//! `caseline vault` as an operator meets it: a line with its keys in another process, and what that process has given up.
//! What the vault opens is tested in `store`.

use super::{Folder, OPERATOR, caseline, run};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

struct Vault(Child);

impl Vault {
    fn start(folder: &Path) -> Self {
        let socket = folder.join("socket/vault");
        let mut child = caseline(folder, &["vault", "--memory-may-swap"])
            .args(["--folder".as_ref(), folder.join("keys").as_os_str()])
            .args(["--socket".as_ref(), socket.as_os_str()])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap()).lines();
        let listens = said.map_while(Result::ok).any(|row| row.contains("The vault listens at"));
        assert!(listens, "it ended before it listened");
        Self(child)
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_line_holds_no_key_when_its_vault_is_a_process_of_its_own() {
    let folder = Folder::new("vault");
    let socket = folder.0.join("socket/vault");
    let settings = format!("{OPERATOR}\n[vault]\nsocket = \"{}\"\n", socket.display());
    std::fs::write(folder.0.join("caseline.toml"), settings).unwrap();
    let made = run(&folder.0, &["init"]);
    assert!(String::from_utf8_lossy(&made.stdout).contains("Its keys are not in it"));
    // Without its vault nothing is kept, and what to do is said.
    let alone = run(&folder.0, &["held"]);
    let said = String::from_utf8_lossy(&alone.stderr).into_owned();
    let invited = run(&folder.0, &["staff", "invite", "--role", "administrator", "--handle", "one"]);
    let refused = String::from_utf8_lossy(&invited.stderr).into_owned();
    assert!(refused.contains("start `caseline vault`"), "{refused} {said}");

    let vault = Vault::start(&folder.0);
    let status = std::fs::read_to_string(format!("/proc/{}/status", vault.0.id())).unwrap();
    let row = |name: &str| status.lines().find_map(|row| row.strip_prefix(name)).unwrap_or("").trim().to_owned();
    assert_eq!(row("NoNewPrivs:"), "1");
    assert_eq!(row("Seccomp:"), "2", "a filter of system calls");
    assert_eq!(row("Seccomp_filters:"), "2");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", vault.0.id())).unwrap();
    let core = limits.lines().find(|row| row.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");

    let doctor = run(&folder.0, &["doctor"]);
    let rows = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(rows.contains("vault: a process of its own at"), "{rows}");
    assert!(!folder.0.join("data/vault/root.key").exists() && !folder.0.join("data/vault/keyring").exists());
    assert!(folder.0.join("keys/root.key").exists() && folder.0.join("data/caseline.db").exists());
    // Killed and started again, it is the same vault; with a new root key as well.
    drop(vault);
    let keys = folder.0.join("keys");
    let rotated = caseline(&folder.0, &["vault", "--rotate-root", "--folder"]).arg(&keys).output().unwrap();
    assert!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));
    let _vault = Vault::start(&folder.0);
    let again = run(&folder.0, &["doctor"]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("ok       store in"), "the store opens");
}
