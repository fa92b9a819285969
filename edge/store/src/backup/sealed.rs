//! Encrypting what leaves the machine to somebody's key, and opening it again: Debian's `age` as a program of its own.
//! It only streams: no plain byte is written by it. What is in a file is left to `parcel`, which files there are to `backup`.

use super::{failed, refused};
use caseline_helpline::fault::StoreFault;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The program: format <https://age-encryption.org/v1>, implementation <https://github.com/FiloSottile/age>.
const AGE: &str = "age";
/// The ending of an encrypted file.
pub(super) const ENDING: &str = "age";
/// As much of what `age` says is read.
const SAID_BYTES_MAX: u64 = 4_096;
/// How a public key of `age` begins, and how long it is: 52 characters of the key and six of a checksum follow.
const RECIPIENT_HEAD: &str = "age1";
const RECIPIENT_LENGTH: usize = 62;
/// How a private key of `age` begins.
const IDENTITY_HEAD: &str = "AGE-SECRET-KEY-1";

/// Whether a text has the form of a public key of `age` (X25519, Bech32).
pub fn is_recipient(text: &str) -> bool {
    text.len() == RECIPIENT_LENGTH
        && text.starts_with(RECIPIENT_HEAD)
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Encrypts what `fill` writes into a file, readable by its owner alone, which is replaced as a whole when all of it is on
/// disk. What was there before is overwritten with zeros (flash may keep it; it is encrypted).
pub(super) fn seal(
    recipients: &[String],
    to: &Path,
    doing: &'static str,
    fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), StoreFault> {
    if recipients.is_empty() || !recipients.iter().all(|recipient| is_recipient(recipient)) {
        return Err(refused("a recipient of backups is a public key of age: age1 and 58 letters and digits"));
    }
    let beside = beside(to);
    let sealed = (|| {
        let out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside);
        let out = out.map_err(failed(doing))?;
        let mut command = Command::new(AGE);
        command.arg("--encrypt");
        for recipient in recipients {
            command.args(["--recipient", recipient]);
        }
        command.stdin(Stdio::piped()).stdout(out.try_clone().map_err(failed(doing))?);
        let mut child = started(&mut command)?;
        let filled = child.stdin.take().map_or(Ok(()), |stdin| {
            let mut stdin = BufWriter::with_capacity(1 << 16, stdin);
            fill(&mut stdin)?;
            stdin.flush()
        });
        ended(child, |said| format!("age does not encrypt {}: {said}", to.display()))?;
        filled.and_then(|()| out.sync_all()).map_err(failed(doing))
    })();
    sealed.and_then(|()| put_in_place(&beside, to).map_err(failed(doing))).inspect_err(|_| {
        // A half-written file is of no use; if it cannot be removed either, the next one overwrites it.
        let _ = std::fs::remove_file(&beside);
    })
}

/// Opens an encrypted file with the key in `identity`, and hands what is in it to `take`. What `take` made counts only
/// when this returns well: a file that was cut off or changed shows that at its end.
pub(super) fn open<T>(
    identity: &Path,
    from: &Path,
    doing: &'static str,
    take: impl FnOnce(&mut dyn Read) -> Result<T, StoreFault>,
) -> Result<T, StoreFault> {
    if !identity.is_file() {
        return Err(refused(&format!(
            "{} is not there: name the file of the backup key (--identity), or type it in from the recovery sheet \
             (caseline recovery enter)",
            identity.display()
        )));
    }
    let sealed = File::open(from).map_err(failed(doing))?;
    let mut command = Command::new(AGE);
    command.arg("--decrypt").arg("--identity").arg(identity).stdin(sealed).stdout(Stdio::piped());
    let mut child = started(&mut command)?;
    let taken = match child.stdout.take() {
        Some(stdout) => {
            let mut stdout = BufReader::with_capacity(1 << 16, stdout);
            let taken = take(&mut stdout);
            if taken.is_ok() {
                // `age` ends by itself only when all was read.
                let _ = std::io::copy(&mut stdout, &mut std::io::sink());
            }
            taken
        }
        None => Err(refused("age gave nothing")),
    };
    let name = from.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // What age says explains what could not be read: it comes first.
    ended(child, |said| {
        if said.contains("no identity matched") {
            format!("{name} is encrypted to another key than the one in {}; nothing was restored", identity.display())
        } else if said.starts_with("reading ") {
            format!("{} holds no private key of age; nothing was restored", identity.display())
        } else {
            format!("{name} is damaged, cut off or no backup ({said}); nothing was restored, take another set or copy")
        }
    })?;
    taken
}

/// Makes a key pair: private key for the recovery sheet, public key for the settings.
///
/// # Errors
/// When `age-keygen` is missing or fails.
pub fn new_identity() -> Result<zeroize::Zeroizing<String>, StoreFault> {
    let said = keygen(&mut Command::new("age-keygen"), "")?;
    let identity = said.lines().find(|row| row.starts_with(IDENTITY_HEAD)).map(str::to_owned);
    identity.map(zeroize::Zeroizing::new).ok_or_else(|| refused("age-keygen made no key"))
}

/// The public key of a private one.
///
/// # Errors
/// When it is none, or `age-keygen` is missing.
pub fn recipient_of(identity: &str) -> Result<String, StoreFault> {
    let said = keygen(Command::new("age-keygen").arg("-y"), identity)?;
    let recipient = said.lines().map(str::trim).find(|row| is_recipient(row)).map(str::to_owned);
    recipient.ok_or_else(|| refused("this is no private key of age"))
}

fn keygen(command: &mut Command, typed: &str) -> Result<zeroize::Zeroizing<String>, StoreFault> {
    let mut child = started(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // If it does not read, it says why.
        let _ = writeln!(stdin, "{typed}");
    }
    let mut said = zeroize::Zeroizing::new(String::new());
    if let Some(stdout) = child.stdout.take() {
        stdout.take(SAID_BYTES_MAX).read_to_string(&mut said).map_err(failed("making a key"))?;
    }
    ended(child, |why| format!("age-keygen: {why}"))?;
    Ok(said)
}

fn started(command: &mut Command) -> Result<Child, StoreFault> {
    command.stderr(Stdio::piped()).spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            refused("the program age is missing: apt-get install age (encrypted backups need it)")
        }
        _ => failed("starting age")(error),
    })
}

/// Waits for the program; the first row that it said, when it failed.
fn ended(mut child: Child, sentence: impl FnOnce(&str) -> String) -> Result<(), StoreFault> {
    drop((child.stdin.take(), child.stdout.take()));
    let mut said = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let _ = stderr.take(SAID_BYTES_MAX).read_to_end(&mut said);
    }
    let status = child.wait().map_err(failed("waiting for age"))?;
    if status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&said);
    let row = said.lines().find(|row| !row.trim().is_empty()).unwrap_or("it gave no reason");
    let row = row.trim_start_matches("age-keygen: ").trim_start_matches("age: ").trim_start_matches("error: ");
    Err(refused(&sentence(row)))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

fn put_in_place(beside: &Path, to: &Path) -> std::io::Result<()> {
    let before = OpenOptions::new().write(true).open(to).ok();
    std::fs::rename(beside, to)?;
    File::open(to.parent().unwrap_or(Path::new(".")))?.sync_all()?;
    if let Some(mut before) = before {
        let length = before.metadata()?.len();
        before.rewind()?;
        std::io::copy(&mut std::io::repeat(0).take(length), &mut before)?;
        before.sync_data()?;
    }
    Ok(())
}
