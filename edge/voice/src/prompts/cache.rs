//! Fixed prompts on disk, so that a line that starts again speaks at once.
//! What may come here is decided in `store`: never anything of a caller.
//!
//! One file a prompt: a JSON row (names and hashes), then the µ-law bytes, then the A-law bytes. A file that is
//! damaged counts as not there, and is written anew.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use thiserror::Error;

use super::store::PromptKey;
use super::{Prompt, PromptSource};
use crate::media::Codec;

/// The most prompts that are read from a folder.
const FILES_MAX: usize = 20_000;
/// The most names one sound has.
const NAMES_MAX: usize = 64;
/// The largest file that is believed to be a prompt: two codecs of ten minutes, and the row.
const FILE_BYTES_MAX: u64 = 10_000_000;
const EXTENSION: &str = "prompt";

/// The cache folder can't be used.
#[derive(Debug, Error)]
pub enum CacheFault {
    /// It can't be made, read or written.
    #[error("the prompt cache {} can't be used: check the folder's owner and the disk's free space", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
}

/// The first row of a file.
#[derive(Serialize, Deserialize)]
struct Head {
    names: Vec<String>,
    source: String,
    samples: usize,
    sha256: String,
}

pub(super) struct PromptCache {
    folder: PathBuf,
}

impl PromptCache {
    pub(super) fn open(folder: PathBuf) -> Result<Self, CacheFault> {
        std::fs::create_dir_all(&folder).map_err(|source| CacheFault::Folder { folder: folder.clone(), source })?;
        Ok(Self { folder })
    }

    /// The prompt if it is there and undamaged; a name that is new to it is added.
    pub(super) fn load(&self, key: &PromptKey, id: &str) -> Option<Prompt> {
        let (head, prompt) = read(&self.path(key))?;
        let named = prompt.named(id);
        if !head.names.iter().any(|name| name == id) {
            // Only the test telephone misses the name if this fails.
            let _ = self.save(key, &named);
        }
        Some(named)
    }

    pub(super) fn save(&self, key: &PromptKey, prompt: &Prompt) -> Result<(), CacheFault> {
        let fault = |source| CacheFault::Folder { folder: self.folder.clone(), source };
        let path = self.path(key);
        let mut names = read(&path).map_or_else(Vec::new, |(head, _)| head.names);
        if !names.iter().any(|name| name == prompt.id()) && names.len() < NAMES_MAX {
            names.push(prompt.id().to_owned());
        }
        let mut sound = prompt.bytes(Codec::Pcmu).to_vec();
        sound.extend_from_slice(prompt.bytes(Codec::Pcma));
        let head = Head {
            names,
            source: prompt.source().word().to_owned(),
            samples: prompt.bytes(Codec::Pcmu).len(),
            sha256: hex(&Sha256::digest(&sound)),
        };
        let mut file = serde_json::to_vec(&head).map_err(|error| fault(error.into()))?;
        file.push(b'\n');
        file.extend_from_slice(&sound);
        // Whole or not at all: written beside, then renamed. Two writers of one key write the same sound.
        let beside = path.with_extension(format!("{}-{:?}", std::process::id(), std::thread::current().id()));
        std::fs::write(&beside, &file).and_then(|()| std::fs::rename(&beside, &path)).map_err(|error| {
            let _ = std::fs::remove_file(&beside);
            fault(error)
        })
    }

    fn path(&self, key: &PromptKey) -> PathBuf {
        self.folder.join(hex(&key[..16])).with_extension(EXTENSION)
    }
}

/// Every undamaged prompt of a folder, under all its names.
pub(super) fn load_all(folder: &Path) -> Result<Vec<Prompt>, CacheFault> {
    let fault = |source| CacheFault::Folder { folder: folder.to_owned(), source };
    let mut prompts = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)?.take(FILES_MAX) {
        let path = entry.map_err(fault)?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION)
            && let Some((head, prompt)) = read(&path)
        {
            prompts.extend(head.names.iter().take(NAMES_MAX).map(|name| prompt.named(name)));
        }
    }
    Ok(prompts)
}

fn read(path: &Path) -> Option<(Head, Prompt)> {
    if std::fs::metadata(path).ok()?.len() > FILE_BYTES_MAX {
        return None;
    }
    prompt_of(&std::fs::read(path).ok()?)
}

/// A prompt from the bytes of its file.
fn prompt_of(file: &[u8]) -> Option<(Head, Prompt)> {
    let end = file.iter().position(|byte| *byte == b'\n')?;
    let head: Head = serde_json::from_slice(&file[..end]).ok()?;
    let sound = &file[end + 1..];
    if head.samples.checked_mul(2)? != sound.len() || hex(&Sha256::digest(sound)) != head.sha256 {
        return None;
    }
    let (ulaw, alaw) = sound.split_at(head.samples);
    let name = head.names.first()?;
    let prompt = Prompt::new(name, PromptSource::Speech, ulaw.to_vec(), alaw.to_vec()).ok()?;
    Some((head, prompt))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads bytes as a file of the cache, once as they are and once as the sound behind a first row that fits. A fuzz
/// target.
pub fn cached_prompts_never_panic(bytes: &[u8]) {
    let _ = prompt_of(bytes);
    let names = vec![String::from_utf8_lossy(bytes).into_owned()];
    let head = Head { names, source: "speech".into(), samples: bytes.len() / 2, sha256: hex(&Sha256::digest(bytes)) };
    let Ok(mut file) = serde_json::to_vec(&head) else { return };
    file.push(b'\n');
    file.extend_from_slice(bytes);
    let _ = prompt_of(&file);
}
