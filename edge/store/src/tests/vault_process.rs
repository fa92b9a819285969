//! The vault behind its socket: the whole contract, and real processes of line and vault, killed between the entry in the
//! log and the opening, and between the opening and its answer.
//! What the vault opens on which entry is tested in `vault`.

use crate::audit_tree::{Hash, leaf};
use crate::contract::run_contract;
use crate::contract::staff::{Whole, run_staff_contract};
use crate::contract::values::*;
use crate::settings::StoreSettings;
use crate::sqlite::SqliteStore;
use crate::testing::{ScratchDir, os_chance};
use crate::vault::served::{At, Served, greeting, settings_in};
use crate::vault::server::Server;
use crate::vault::{OpeningBudget, Vault, VaultFault, lockdown, opened_entries};
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{FeedCounts, Store};
use caseline_model::{Channel, Time};
use sqlx::{Connection, SqliteConnection};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Names the folder of a child that is a vault, a line, or does what it must not.
const VAULT: &str = "CASELINE_STORE_VAULT_DIR";
const LINE: &str = "CASELINE_STORE_LINE_DIR";
const FORBIDDEN: &str = "CASELINE_STORE_FORBIDDEN";
/// So long is waited for what a child says; a loaded machine takes seconds to start one.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// A store whose vault is behind a socket.
struct Apart {
    store: SqliteStore,
    served: Served,
    _dir: ScratchDir,
}

impl AsRef<dyn Store> for Apart {
    fn as_ref(&self) -> &(dyn Store + 'static) {
        &self.store
    }
}

impl AsRef<dyn Whole> for Apart {
    fn as_ref(&self) -> &(dyn Whole + 'static) {
        &self.store
    }
}

fn apart_in(dir: &Path, socket: &Path) -> StoreSettings {
    StoreSettings { vault_socket: Some(socket.to_owned()), ..StoreSettings::at(dir.join("data")) }
}

async fn apart(now: Time) -> Apart {
    let dir = ScratchDir::new();
    let served = Served::start(&settings_in(dir.path(), OpeningBudget::default()), now);
    let store = open_apart(dir.path(), &served.socket, now).await.unwrap();
    Apart { store, served, _dir: dir }
}

async fn open_apart(dir: &Path, socket: &Path, now: Time) -> Result<SqliteStore, StoreFault> {
    std::fs::create_dir_all(dir.join("data")).unwrap();
    SqliteStore::open(apart_in(dir, socket), now, os_chance()).await
}

#[tokio::test]
async fn slow_sqlite_keeps_the_contract_with_its_vault_behind_a_socket() {
    run_contract(async || apart(NOON).await).await;
}

#[tokio::test]
async fn slow_sqlite_keeps_the_desk_s_contract_with_its_vault_behind_a_socket() {
    run_staff_contract(async || apart(NOON).await).await;
}

#[tokio::test]
async fn a_line_without_its_vault_says_what_to_start() {
    let dir = ScratchDir::new();
    let socket = dir.path().join("nobody/vault");
    let refused = open_apart(dir.path(), &socket, NOON).await.err().unwrap();
    let mut said = refused.to_string();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&refused);
    while let Some(next) = cause {
        said.push_str(&next.to_string());
        cause = next.source();
    }
    assert!(said.contains("does not answer; start `caseline vault`"), "{said}");
    // Keys that lie in the data folder as well would be believed by nobody and found by a thief.
    Vault::init(&dir.path().join("data/vault"), &os_chance()).unwrap();
    let refused = open_apart(dir.path(), &socket, NOON).await.err().unwrap().to_string();
    assert!(refused.contains("move root.key, keyring, case-secrets and ledger"), "{refused}");
}

#[tokio::test]
async fn nothing_is_said_to_be_saved_while_the_vault_is_away_and_its_restart_heals_the_line() {
    let Apart { store, served, _dir: dir } = apart(NOON).await;
    store.begin_contact(at(1), contact(1), Channel::Phone).await.unwrap();
    store.open_file(at(1), contact(1), own_file(7, None)).await.unwrap();
    assert_eq!(store.read_case(at(2), contact(1), case(7), &[]).await.unwrap().len(), 1);
    let settings = settings_in(dir.path(), OpeningBudget::default());
    end_of(served);
    forget_connections(&store);
    let away = store.save_conversation(at(3), contact(1), b"state").await;
    assert!(matches!(away, Err(StoreFault::Database { .. })), "{away:?}");
    assert!(store.read_case(at(3), contact(1), case(7), &[]).await.is_err());
    let _again = Served::start(&settings, at(3));
    store.save_conversation(at(4), contact(1), b"state").await.unwrap();
    assert_eq!(store.load_conversation(at(4), contact(1)).await.unwrap().as_deref(), Some(b"state".as_slice()));
    assert_eq!(store.read_case(at(4), contact(1), case(7), &[]).await.unwrap().len(), 1);
    store.close().await.unwrap();
}

#[tokio::test]
async fn whoever_is_not_the_line_s_account_gets_no_answer_from_the_vault() {
    let dir = ScratchDir::new();
    let mut settings = settings_in(dir.path(), OpeningBudget::default());
    let own = settings.peer;
    // To a vault that serves another account, this process is a stranger: the kernel says whose it is (SO_PEERCRED).
    settings.peer = own + 1;
    let served = Served::start(&settings, NOON);
    for _ in 0..3 {
        let mut stream = UnixStream::connect(&served.socket).unwrap();
        stream.set_read_timeout(Some(WAIT_MAX)).unwrap();
        let _ = stream.write_all(&greeting());
        let mut answer = Vec::new();
        // The connection ends, in whichever way the kernel tells of bytes that nobody read.
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty(), "not even that it is a vault");
    }
    let refused = open_apart(dir.path(), &served.socket, NOON).await;
    assert!(refused.is_err(), "a line in the wrong account has no store");
    drop(served);
    settings.peer = own;
    let served = Served::start(&settings, NOON);
    let store = open_apart(dir.path(), &served.socket, NOON).await.unwrap();
    store.begin_contact(at(1), contact(1), Channel::Phone).await.unwrap();
    store.close().await.unwrap();
}

/// An account that no program of a machine runs in.
const NOBODY: u32 = 65_534;

#[test]
fn a_program_of_another_account_gets_no_answer_though_it_reaches_the_socket() {
    if rustix::process::geteuid().as_raw() != 0 {
        eprintln!("SKIPPED: only root may act as another account; see the test of a vault that serves another one");
        return;
    }
    let dir = ScratchDir::new();
    let served = Served::start(&settings_in(dir.path(), OpeningBudget::default()), NOON);
    // As if the file system had kept nobody out.
    for (path, mode) in [(dir.path().join("socket"), 0o755), (served.socket.clone(), 0o666)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let answered_as = |account: u32| {
        let socket = served.socket.clone();
        // An account belongs to a thread (credentials(7)); this one ends with the question.
        let asking = std::thread::spawn(move || {
            let account = rustix::process::Uid::from_raw(account);
            rustix::thread::set_thread_res_uid(account, account, account).unwrap();
            let mut stream = UnixStream::connect(socket).expect("it reaches the socket");
            stream.set_read_timeout(Some(WAIT_MAX)).unwrap();
            let _ = stream.write_all(&greeting());
            let mut length = [0; 4];
            stream.read_exact(&mut length).is_ok()
        });
        asking.join().unwrap()
    };
    assert!(answered_as(0), "the line's account");
    assert!(!answered_as(NOBODY));
}

/// Ends a served vault and the connections that it has.
fn end_of(served: Served) {
    let socket = served.socket.clone();
    drop(served);
    // Connections of a thread in this process outlive the listener: a store that is told of another address finds nobody.
    std::fs::remove_file(socket).unwrap();
}

#[tokio::test]
async fn a_feed_that_is_read_while_the_vault_goes_makes_no_case_vanish() {
    let Apart { store, served, _dir: dir } = apart(NOON).await;
    store.enrol(at(0), case(7), &number(7), &card(7)).await.unwrap();
    let read = async |set: &dyn caseline_helpline::ports::EnrolledSet, now| {
        store
            .add_from_feed(now, &number(7), b"row", &[hearing(days_later(30), caseline_records::SourceKind::CourtFeed)])
            .await?;
        store.finish_import(now, set, FeedCounts::default()).await
    };
    let set = store.begin_import(at(1)).await.unwrap();
    assert!(set.wants(number(7).reveal()));
    assert_eq!(read(&*set, at(1)).await.unwrap(), 0);
    drop(set);
    // The vault is another one in the middle of the next reading: the set was in the memory of the first.
    let set = store.begin_import(at(2)).await.unwrap();
    let sets = settings_in(dir.path(), OpeningBudget::default());
    end_of(served);
    let _again = Served::start(&sets, at(2));
    forget_connections(&store);
    assert!(!set.wants(number(7).reveal()), "nobody knows");
    let ended = store.finish_import(at(2), &*set, FeedCounts::default()).await;
    assert!(matches!(ended, Err(StoreFault::Database { .. })), "the feed is read again: {ended:?}");
    drop(set);
    let set = store.begin_import(at(3)).await.unwrap();
    assert!(set.wants(number(7).reveal()));
    assert_eq!(read(&*set, at(3)).await.unwrap(), 0, "it never vanished");
}

fn forget_connections(store: &SqliteStore) {
    store.vault.forget_connections();
}

#[test]
fn a_hostile_peer_breaks_its_own_connection_and_nothing_else() {
    let dir = ScratchDir::new();
    let served = Served::start(&settings_in(dir.path(), OpeningBudget::default()), NOON);
    let garbage: [&[u8]; 5] =
        [&[0xff; 64], &[0, 0, 0, 3, 1, 9, 9], &[0, 0, 0, 0], &[0, 0, 0, 2, 7, 7], &[0, 0x10, 0, 0, 1]];
    for bytes in garbage {
        let mut stream = UnixStream::connect(&served.socket).unwrap();
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        // A connection that is closed with bytes unread is reset: no answer either.
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty(), "no answer to {bytes:?}");
    }
    Vault::connect(&served.socket, os_chance()).unwrap().make_secrets().unwrap();
}

#[test]
fn another_account_than_the_line_s_gets_no_answer() {
    let dir = ScratchDir::new();
    let mut settings = settings_in(dir.path(), OpeningBudget::default());
    settings.peer += 1;
    let served = Served::start(&settings, NOON);
    let refused = Vault::connect(&served.socket, os_chance()).err().unwrap();
    assert!(matches!(refused, VaultFault::Unreached { .. }), "{refused}");
    // And a socket in a folder that others can write is no place for a vault.
    use std::os::unix::fs::PermissionsExt;
    let open = dir.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).unwrap();
    settings.socket = open.join("vault");
    settings.folder = dir.path().join("another");
    let refused = Server::start(&settings, &os_chance(), At::the(NOON)).err().unwrap().to_string();
    assert!(refused.contains("must belong to the vault's account"), "{refused}");
}

#[test]
fn the_child_that_is_the_vault() {
    let Some(dir) = std::env::var_os(VAULT) else { return };
    let settings = settings_in(&PathBuf::from(dir), OpeningBudget::default());
    let server = Server::start(&settings, &os_chance(), At::the(at(1))).unwrap();
    lockdown::keep_to_itself().unwrap();
    lockdown::leave_few_system_calls().unwrap();
    println!("said listening ");
    server.run(&AtomicBool::new(false));
}

#[tokio::test]
async fn the_child_that_is_a_line() {
    let Some(dir) = std::env::var_os(LINE) else { return };
    let dir = PathBuf::from(dir);
    let store = open_apart(&dir, &dir.join("between/vault"), at(0)).await.unwrap();
    let start = u128::from(std::process::id()) << 32;
    for n in 1..u128::MAX {
        let (who, file) = (contact(start + n), u64::from(std::process::id()) << 16 | n as u64);
        store.begin_contact(at(1), who, Channel::Phone).await.unwrap();
        store.open_file(at(1), who, own_file(file, None)).await.unwrap();
        println!("said ready ");
        if std::io::stdin().read_line(&mut String::new()).unwrap() == 0 {
            return;
        }
        match store.read_case(at(1), who, case(u128::from(file)), &[]).await {
            Ok(_) => println!("said opened "),
            Err(fault) => println!("said {fault} "),
        }
    }
}

#[test]
fn the_child_that_does_what_it_must_not() {
    let Some(what) = std::env::var_os(FORBIDDEN) else { return };
    lockdown::keep_to_itself().unwrap();
    lockdown::leave_few_system_calls().unwrap();
    match what.to_str() {
        Some("network") => drop(std::net::UdpSocket::bind("127.0.0.1:0")),
        Some("program") => drop(Command::new("/bin/true").exec()),
        Some("fork") => assert!(Command::new("/bin/true").status().is_err(), "there is no other process"),
        _ => {}
    }
    println!("said done ");
}

#[test]
fn a_vault_that_opens_a_socket_or_another_program_is_killed_by_the_kernel() {
    /// `SIGSYS`.
    const KILLED: i32 = 31;
    for (what, wanted) in [("nothing", None), ("network", Some(KILLED)), ("program", Some(KILLED)), ("fork", None)] {
        let mut child = child("the_child_that_does_what_it_must_not", FORBIDDEN, Path::new(what));
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), wanted, "{what}: {status:?} {said}");
        assert_eq!(said.contains("said done"), wanted.is_none(), "{what}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_case_opens_without_its_durable_entry_however_line_and_vault_are_killed() {
    // One killed before the head is signed, one between entry and opening, one between opening and answer.
    for (verb, after, is_opened) in [(WITNESS, false, false), (OPEN_CASE, false, false), (OPEN_CASE, true, true)] {
        let dir = ScratchDir::new();
        let mut vault = start("the_child_that_is_the_vault", VAULT, dir.path());
        await_said(&vault.said, "listening");
        let between = Between::start(dir.path());
        let mut line = start("the_child_that_is_a_line", LINE, dir.path());
        await_said(&line.said, "ready");
        between.stop_at(verb, after);
        line.go_on();
        between.stopped.recv_timeout(WAIT_MAX).unwrap();
        // Both at once, as when the machine dies.
        line.child.kill().unwrap();
        vault.child.kill().unwrap();
        line.child.wait().unwrap();
        vault.child.wait().unwrap();
        drop(between);
        assert!(!line.said.try_iter().any(|said| said == "opened"), "nobody was told");

        let (entries, opened) = (entries_of(dir.path()).await, opened_entries(&dir.path().join("vault-apart")));
        assert_eq!(opened.len(), usize::from(is_opened), "{verb:?}");
        for (place, leaf) in opened {
            assert_eq!(entries.get(place as usize), Some(&leaf), "what opened its case stands in the log");
        }
        // The entry that was to open the case is on disk in any case, and the line goes on where it was.
        let mut vault = start("the_child_that_is_the_vault", VAULT, dir.path());
        await_said(&vault.said, "listening");
        let between = Between::start(dir.path());
        let mut line = start("the_child_that_is_a_line", LINE, dir.path());
        await_said(&line.said, "ready");
        line.go_on();
        await_said(&line.said, "opened");
        await_said(&line.said, "ready");
        // A vault that is killed under a running line and started again is found again.
        vault.child.kill().unwrap();
        vault.child.wait().unwrap();
        let vault = start("the_child_that_is_the_vault", VAULT, dir.path());
        await_said(&vault.said, "listening");
        line.go_on();
        await_said(&line.said, "opened");
        drop((line, vault, between));
        let verified = crate::verify_log(&dir.path().join("data"), None).await.unwrap();
        assert_eq!(verified.head.size + verified.after_head, entries_of(dir.path()).await.len() as u64);
    }
}

/// The leaves of all entries that are on disk.
async fn entries_of(dir: &Path) -> Vec<Hash> {
    let url = format!("sqlite://{}", dir.join("data/caseline.db").display());
    let mut conn = SqliteConnection::connect(&url).await.unwrap();
    let rows: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT commitment FROM log_entries ORDER BY place").fetch_all(&mut conn).await.unwrap();
    rows.into_iter().map(|row| leaf(&row.try_into().unwrap())).collect()
}

/// A running child and what it says. Killed when it is dropped.
struct Running {
    child: Child,
    said: Receiver<String>,
}

impl Running {
    fn go_on(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"on\n").unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn child(test: &str, variable: &str, value: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("tests::vault_process::{test}"), "--nocapture"])
        .env(variable, value)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn start(test: &str, variable: &str, dir: &Path) -> Running {
    let mut child = child(test, variable, dir);
    let rows = BufReader::new(child.stdout.take().unwrap()).lines();
    let (says, said) = channel();
    std::thread::spawn(move || {
        for row in rows.map_while(Result::ok) {
            if let Some((_, said)) = row.split_once("said ") {
                let _ = says.send(said.trim_end().to_owned());
            }
        }
    });
    Running { child, said }
}

fn await_said(said: &Receiver<String>, wanted: &str) {
    let heard = said.recv_timeout(WAIT_MAX).unwrap();
    assert_eq!(heard, wanted);
}

/// Verb and form of the questions at which a test stops (see `vault::wire`).
const WITNESS: [u8; 2] = [6, 3];
const OPEN_CASE: [u8; 2] = [2, 3];

/// The question at which to stop, and whether behind its answer.
type StopAt = Option<([u8; 2], bool)>;

/// Stands between line and vault and hands frames on, until the one at which it is to stop.
struct Between {
    stop_at: Arc<Mutex<StopAt>>,
    stopped: Receiver<()>,
    over: Arc<AtomicBool>,
    socket: PathBuf,
}

impl Between {
    fn start(dir: &Path) -> Self {
        let (socket, vault) = (dir.join("between/vault"), dir.join("socket/vault"));
        std::fs::create_dir_all(dir.join("between")).unwrap();
        let _ = std::fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).unwrap();
        let (stops, stopped) = channel();
        let stop_at = Arc::new(Mutex::new(None));
        let over = Arc::new(AtomicBool::new(false));
        let (at, ends) = (Arc::clone(&stop_at), Arc::clone(&over));
        std::thread::spawn(move || {
            for line in listener.incoming().map_while(Result::ok) {
                if ends.load(Ordering::Acquire) {
                    return;
                }
                let (vault, at, stops) = (vault.clone(), Arc::clone(&at), stops.clone());
                std::thread::spawn(move || hand_on(line, &vault, &at, &stops));
            }
        });
        Self { stop_at, stopped, over, socket }
    }

    /// Stops before a question of this kind goes on to the vault, or before its answer goes back.
    fn stop_at(&self, verb: [u8; 2], after: bool) {
        *self.stop_at.lock().unwrap() = Some((verb, after));
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        let _ = UnixStream::connect(&self.socket);
    }
}

fn hand_on(mut line: UnixStream, vault: &Path, stop_at: &Mutex<Option<([u8; 2], bool)>>, stops: &Sender<()>) {
    let Ok(mut vault) = UnixStream::connect(vault) else { return };
    loop {
        let Some(asked) = frame(&mut line) else { return };
        // Length, form, then verb and form of the question.
        let is_it = |after| *stop_at.lock().unwrap() == Some(([asked[5], asked[6]], after));
        if is_it(false) {
            let _ = stops.send(());
            return wait_for_end(line);
        }
        if vault.write_all(&asked).is_err() {
            return;
        }
        let Some(answer) = frame(&mut vault) else { return };
        if is_it(true) {
            let _ = stops.send(());
            return wait_for_end(line);
        }
        if line.write_all(&answer).is_err() {
            return;
        }
    }
}

/// Holds the connection until the line is dead, so that it does not ask again.
fn wait_for_end(mut line: UnixStream) {
    let _ = line.read(&mut [0]);
}

fn frame(stream: &mut UnixStream) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).ok()?;
    let mut body = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut body).ok()?;
    Some([length.as_slice(), &body].concat())
}
