//! The side of the socket that asks: a few connections, each used by one question at a time. A connection that broke is
//! made anew once; what then fails is said, and nothing is taken for done.
//! What is asked and answered is left to `wire`, what an answer means to `vault`.

use super::files::VaultFault;
use super::wire::{Ask, FRAME_BYTES_MAX, Greeting, Told, decode_answer};
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// Connections of one process at the same time; further questions wait for one of them.
const CONNECTIONS_MAX: usize = 8;
/// So long is waited for an answer: some slow indexes one after the other, and a disk that takes its time.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(10);

/// The connections.
pub(crate) struct Client {
    socket: PathBuf,
    pool: Mutex<Pool>,
    given_back: Condvar,
}

#[derive(Default)]
struct Pool {
    idle: Vec<UnixStream>,
    out: usize,
    /// Whose vault it was at the first connection.
    store: Option<[u8; 16]>,
}

impl Client {
    /// Nothing is connected yet.
    pub(super) fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned(), pool: Mutex::default(), given_back: Condvar::new() }
    }

    /// Asks one question.
    pub(super) fn ask(&self, ask: &Ask<'_>) -> Result<Told, VaultFault> {
        let frame = ask.encode();
        if frame.len() > FRAME_BYTES_MAX {
            return Err(VaultFault::Form);
        }
        let idle = self.take();
        let asked = self.ask_on(idle, &frame);
        match asked {
            Ok((stream, answer)) => {
                self.give_back(Some(stream));
                answer
            }
            Err(fault) => {
                self.give_back(None);
                Err(fault)
            }
        }
    }

    fn ask_on(
        &self,
        idle: Option<UnixStream>,
        frame: &[u8],
    ) -> Result<(UnixStream, Result<Told, VaultFault>), VaultFault> {
        if let Some(mut stream) = idle {
            match exchange(&mut stream, frame) {
                Ok(body) => return Ok((stream, decode_answer(&body).ok_or(VaultFault::Form)?)),
                // The vault was started again: the other connections are as dead as this one.
                Err(_) => self.pool().idle.clear(),
            }
        }
        let mut stream = self.connect()?;
        let body = exchange(&mut stream, frame).map_err(|source| self.unreached(source))?;
        Ok((stream, decode_answer(&body).ok_or(VaultFault::Form)?))
    }

    /// A new connection, to the owner of the socket's folder and to the vault that it was before.
    fn connect(&self) -> Result<UnixStream, VaultFault> {
        let made = (|| {
            let folder = self.socket.parent().unwrap_or(Path::new("."));
            let owner = std::fs::metadata(folder)?.uid();
            let stream = UnixStream::connect(&self.socket)?;
            let there = rustix::net::sockopt::socket_peercred(&stream)?.uid.as_raw();
            if there != owner && there != 0 {
                let why = "whoever listens there does not own the folder of the socket";
                return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, why));
            }
            stream.set_read_timeout(Some(ANSWER_WAIT_MAX))?;
            stream.set_write_timeout(Some(ANSWER_WAIT_MAX))?;
            Ok(stream)
        })();
        let mut stream = made.map_err(|source| self.unreached(source))?;
        let body = exchange(&mut stream, &Ask::Greet.encode()).map_err(|source| self.unreached(source))?;
        let Some(Ok(Told::Greeting(Greeting { store, .. }))) = decode_answer(&body) else {
            return Err(VaultFault::Form);
        };
        if *self.pool().store.get_or_insert(store) != store {
            return Err(VaultFault::Refused {
                what: "another vault answers at the socket than before; stop the line and look".into(),
            });
        }
        Ok(stream)
    }

    #[cfg(test)]
    pub(super) fn forget_connections(&self) {
        self.pool().idle.clear();
    }

    fn take(&self) -> Option<UnixStream> {
        let all_out = |pool: &mut Pool| pool.out >= CONNECTIONS_MAX;
        let mut pool = self.given_back.wait_while(self.pool(), all_out).unwrap_or_else(PoisonError::into_inner);
        pool.out += 1;
        pool.idle.pop()
    }

    fn give_back(&self, stream: Option<UnixStream>) {
        let mut pool = self.pool();
        pool.out -= 1;
        pool.idle.extend(stream);
        drop(pool);
        self.given_back.notify_one();
    }

    fn pool(&self) -> std::sync::MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unreached(&self, source: std::io::Error) -> VaultFault {
        VaultFault::Unreached { socket: self.socket.display().to_string(), source }
    }
}

/// Writes a frame and reads one.
fn exchange(stream: &mut UnixStream, frame: &[u8]) -> std::io::Result<Zeroizing<Vec<u8>>> {
    write_frame(stream, frame)?;
    read_frame(stream)?.ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
}

/// A frame: its length in four bytes, and its body.
pub(super) fn write_frame(stream: &mut impl Write, body: &[u8]) -> std::io::Result<()> {
    let mut whole = Zeroizing::new(Vec::with_capacity(body.len() + 4));
    whole.extend_from_slice(&(body.len() as u32).to_be_bytes());
    whole.extend_from_slice(body);
    stream.write_all(&whole)
}

/// Reads a frame; none at the end of the connection. A length beyond the bound ends the connection before anything is
/// set aside for it.
pub(super) fn read_frame(stream: &mut impl Read) -> std::io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut length = [0; 4];
    let mut have = 0;
    while have < length.len() {
        match stream.read(&mut length[have..]) {
            Ok(0) if have == 0 => return Ok(None),
            Ok(0) => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => have += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let length = u32::from_be_bytes(length) as usize;
    if length > FRAME_BYTES_MAX {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "a frame longer than its bound"));
    }
    let mut body = Zeroizing::new(vec![0; length]);
    stream.read_exact(&mut body)?;
    Ok(Some(body))
}
