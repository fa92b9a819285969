//! `caseline vault` as an operator meets it: a line with its keys in another process, and what that process has given up.
//! What the vault opens is tested in `store`.

use super::{Folder, OPERATOR, caseline, run, text};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// An account without any right: nobody's, on Debian as elsewhere.
const NOBODY: u32 = 65_534;

/// A vault that runs until it is dropped: keys in `keys`, socket in `socket/vault`.
pub(crate) struct Vault(Child);

impl Vault {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &["--memory-may-swap"])
    }

    pub(crate) fn start_with(folder: &Path, more: &[&str]) -> Self {
        Self::listening(of_vault(caseline(folder, &["vault"]), folder).args(more)).unwrap()
    }

    /// Waits until it listens; what it said when it ended before.
    fn listening(command: &mut Command) -> Result<Self, String> {
        let mut child = Self(command.stderr(Stdio::piped()).spawn().unwrap());
        let mut said = String::new();
        for row in BufReader::new(child.0.stderr.take().unwrap()).lines().map_while(Result::ok) {
            if row.contains("The vault listens at") {
                return Ok(child);
            }
            said.push_str(&row);
        }
        child.0.wait().unwrap();
        Err(said)
    }

    /// A row of what the kernel tells of the process, such as `VmLck:`.
    fn status(&self, row: &str) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        status.lines().find_map(|line| line.strip_prefix(row)).unwrap_or("").trim().to_owned()
    }

    fn kilobytes(&self, row: &str) -> u64 {
        self.status(row).trim_end_matches(" kB").parse().unwrap()
    }
}

fn of_vault(mut command: Command, folder: &Path) -> Command {
    command
        .args(["--folder".as_ref(), folder.join("keys").as_os_str()])
        .args(["--socket".as_ref(), folder.join("socket/vault").as_os_str()]);
    command
}

/// Whether this process may lock as much memory as it wants: `CAP_IPC_LOCK` (linux/capability.h), or no limit.
fn may_lock_memory() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let effective = status.lines().find_map(|row| row.strip_prefix("CapEff:")).unwrap().trim().to_owned();
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let limit = limits.lines().find(|row| row.starts_with("Max locked memory")).unwrap();
    u64::from_str_radix(&effective, 16).unwrap() & (1 << 14) != 0
        || limit.split_whitespace().nth(3).is_some_and(|soft| soft == "unlimited")
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Asks the vault one question, byte by byte; the first byte of the answer after its form.
fn told(stream: &mut UnixStream, question: &[u8]) -> u8 {
    let length = u32::try_from(question.len()).unwrap().to_be_bytes();
    stream.write_all(&[&length, question].concat()).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut answer).unwrap();
    answer[1]
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

/// Connections that the kernel lists in a file below /proc/PID/net, by their number.
fn sockets_of(vault: &Vault, kind: &str, column: usize) -> Vec<String> {
    let rows = std::fs::read_to_string(format!("/proc/{}/net/{kind}", vault.0.id())).unwrap_or_default();
    rows.lines().skip(1).filter_map(|row| row.split_whitespace().nth(column).map(str::to_owned)).collect()
}

#[test]
fn the_vault_locks_its_memory_dumps_no_core_and_holds_no_way_out() {
    let folder = Folder::new("vault-locked");
    let started = Vault::listening(&mut of_vault(caseline(&folder.0, &["vault"]), &folder.0));
    let vault = match started {
        Ok(vault) => vault,
        Err(said) => {
            assert!(!may_lock_memory() && said.contains("memory cannot be locked"), "{said}");
            Vault::start(&folder.0)
        }
    };
    // A question is answered by a thread that was not there when the memory was locked.
    let mut line = UnixStream::connect(folder.0.join("socket/vault")).unwrap();
    assert_eq!(told(&mut line, &[1, 6, 1]), 8, "it greets");
    if may_lock_memory() {
        let [all, locked, resident] = ["VmSize:", "VmLck:", "VmRSS:"].map(|row| vault.kilobytes(row));
        assert!(resident > 0 && locked >= resident, "{resident} kB of it are in memory and {locked} kB locked");
        // But for pages of the kernel's own that every process has.
        assert!(all - locked < 512, "{locked} of {all} kB are locked, those that come later too");
    }
    assert_eq!(vault.kilobytes("VmSwap:"), 0);
    assert_eq!(vault.status("NoNewPrivs:"), "1");
    assert_eq!(vault.status("Seccomp:"), "2", "a filter of system calls");
    assert_eq!(vault.status("Seccomp_filters:"), "2");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", vault.0.id())).unwrap();
    let core = limits.lines().find(|row| row.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");

    let mut sockets = Vec::new();
    for descriptor in std::fs::read_dir(format!("/proc/{}/fd", vault.0.id())).unwrap() {
        let of = std::fs::read_link(descriptor.unwrap().path()).unwrap().display().to_string();
        sockets.extend(of.strip_prefix("socket:[").map(|number| number.trim_end_matches(']').to_owned()));
    }
    let local = sockets_of(&vault, "unix", 6);
    assert!(sockets.len() >= 2 && sockets.iter().all(|socket| local.contains(socket)), "{sockets:?}");
    for (kind, column) in [("tcp", 9), ("tcp6", 9), ("udp", 9), ("udp6", 9), ("raw", 9), ("raw6", 9), ("packet", 8)] {
        let others = sockets_of(&vault, kind, column);
        assert!(sockets.iter().all(|socket| !others.contains(socket)), "a socket of {kind}");
    }
}

#[test]
fn nobody_looks_into_the_vault_s_memory_and_a_low_limit_of_locked_memory_is_said_with_what_to_do() {
    let folder = Folder::new("vault-account");
    // Another account can run the copy, wherever this tree is.
    let program = folder.0.join("caseline");
    std::fs::copy(env!("CARGO_BIN_EXE_caseline"), &program).unwrap();
    let own = folder.0.join("own");
    std::fs::create_dir(&own).unwrap();
    let as_nobody = |command: &mut Command| {
        if is_root() {
            std::os::unix::fs::chown(&own, Some(NOBODY), Some(NOBODY)).unwrap();
            command.uid(NOBODY).gid(NOBODY);
        }
    };
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -l 1024; exec \"$@\"", "sh"]).arg(&program).arg("vault").current_dir(&own);
    as_nobody(&mut command);
    let said = Vault::listening(&mut of_vault(command, &own)).err().unwrap();
    for part in ["memory cannot be locked (the limit is 1024 kB)", "LimitMEMLOCK=infinity", "--memory-may-swap"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(!own.join("keys").exists(), "it made no keys");

    let mut command = Command::new(&program);
    command.args(["vault", "--memory-may-swap"]).current_dir(&own);
    as_nobody(&mut command);
    let vault = Vault::listening(&mut of_vault(command, &own)).unwrap();
    let of_process = format!("/proc/{}", vault.0.id());
    if is_root() {
        assert!(vault.status("Uid:").starts_with("65534"), "{}", vault.status("Uid:"));
        // Of a process that may be looked into the kernel gives these files to its account (proc(5)).
        assert_eq!(std::fs::metadata(format!("{of_process}/environ")).unwrap().uid(), 0);
    } else {
        let refused = std::fs::read(format!("{of_process}/environ")).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::PermissionDenied);
    }
}

#[test]
fn the_real_vault_believes_no_time_but_its_own_and_compares_no_more_codes_than_its_budget_has() {
    let folder = Folder::new("vault-budget");
    let socket = folder.0.join("socket/vault");
    let settings = format!("{OPERATOR}\n[vault]\nsocket = \"{}\"\n", socket.display());
    std::fs::write(folder.0.join("caseline.toml"), settings).unwrap();
    let _vault =
        Vault::start_with(&folder.0, &["--memory-may-swap", "--codes-an-hour", "999999", "--codes-a-day", "3"]);
    let mut line = UnixStream::connect(&socket).unwrap();
    // Form, then `destroy` of what is due (see `vault::wire` in `store`), at a time in microseconds since 1970.
    let destroy = |at: i64| [&[1, 5, 1][..], &at.to_be_bytes()].concat();
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_micros()).unwrap();
    let day = 86_400_000_000;
    assert_eq!(told(&mut line, &destroy(now)), 3, "it says how many keys went");
    assert_eq!(told(&mut line, &destroy(now + day / 2)), 3, "a clock that is a little ahead");
    for lie in [now + 2 * day, now + 36_500 * day, now - 2 * day] {
        assert_eq!(told(&mut line, &destroy(lie)), 128 | 12, "another time than the vault's");
    }
    // Form, then `index` of a code: kind 3, week 0, three parts, each with its length.
    let part = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let code = |salt: u8| {
        [&[1, 1, 1, 3, 0, 0, 0, 0, 3][..], &part(&[salt; 32]), &part(&[7; 16]), &part(b"0112345678")].concat()
    };
    for _ in 0..3 {
        assert_eq!(told(&mut line, &code(0)), 1, "what is nobody's does not count");
        assert_eq!(told(&mut line, &code(9)), 1);
    }
    assert_eq!(told(&mut line, &code(9)), 128 | 11, "the budget is spent");
    assert_eq!(told(&mut line, &code(0)), 128 | 11, "and nobody's is refused alike");
    // The operator is told, and the log has it.
    // Without a voice on the path it looks at the rest alone, which is quicker.
    let said = text(&caseline(&folder.0, &["doctor"]).env("PATH", &folder.0).output().unwrap().stdout);
    assert!(said.contains("it refused 0 openings of cases and 2 codes past its budgets"), "{said}");
    assert!(run(&folder.0, &["verify-log"]).status.success());
}
