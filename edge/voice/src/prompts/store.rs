//! The shelf from which every call takes its prompts, each made once however many ask for it at the same moment.
//! Files are left to `cache` and `pack`, comparing sounds to `index`.

use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OnceCell;

use super::cache::PromptCache;
use super::{CacheFault, Personal, Prompt, PromptFault, PromptIndex, PromptPack, PromptRequest, PromptSource};
use crate::media::Codec;
use crate::speech::{Digit, DigitTrouble, SpeechAdapter, digits_are_distinct, sounds_are_distinct};

/// Sound that is kept in memory, in bytes over both codecs: about five hours. The oldest goes first.
const KEPT_BYTES_MAX: usize = 288_000_000;

/// What a store is made of.
#[derive(Default)]
pub struct PromptStoreSettings {
    /// A folder for fixed prompts that outlives the program; `None`: memory only.
    pub cache_folder: Option<PathBuf>,
    /// Recordings; they win over the speech adapter.
    pub packs: Vec<PromptPack>,
}

/// All prompts of a line.
pub struct PromptStore {
    adapter: Arc<dyn SpeechAdapter>,
    cache: Option<PromptCache>,
    recordings: HashMap<String, Arc<Prompt>>,
    kept: Mutex<Kept>,
    safe_digits: Mutex<HashMap<String, Arc<OnceCell<Vec<Digit>>>>>,
}

/// Fixed prompts in memory, by what makes their sound.
#[derive(Default)]
struct Kept {
    by_key: HashMap<PromptKey, Arc<OnceCell<Arc<Prompt>>>>,
    /// Further names of the same sound.
    names: HashMap<PromptKey, Vec<Arc<Prompt>>>,
    oldest_first: VecDeque<(PromptKey, usize)>,
    bytes: usize,
}

/// Language, voice and text as a hash: two prompts with one key sound the same.
pub(super) type PromptKey = [u8; 32];

impl PromptStore {
    /// A store that speaks with `adapter`.
    ///
    /// # Errors
    /// The cache folder can't be made or written.
    pub fn new(adapter: Arc<dyn SpeechAdapter>, settings: PromptStoreSettings) -> Result<Self, CacheFault> {
        let cache = settings.cache_folder.map(PromptCache::open).transpose()?;
        let recordings = settings
            .packs
            .into_iter()
            .flat_map(PromptPack::into_prompts)
            .map(|prompt| (prompt.id().to_owned(), Arc::new(prompt)))
            .collect();
        Ok(Self { adapter, cache, recordings, kept: Mutex::default(), safe_digits: Mutex::default() })
    }

    /// The speech adapter's name, for reports.
    #[must_use]
    pub fn adapter_name(&self) -> &str {
        self.adapter.name()
    }

    /// Whether a person's recording is there for this prompt.
    #[must_use]
    pub fn is_recorded(&self, id: &str) -> bool {
        self.recordings.contains_key(id)
    }

    /// The prompt, from a recording, from what was kept, or spoken now.
    ///
    /// # Errors
    /// A [`PromptFault`]: the language has no voice, or the voice failed, or can't be trusted with figures.
    pub async fn get(&self, request: &PromptRequest) -> Result<Arc<Prompt>, PromptFault> {
        if let Some(recording) = self.recordings.get(&request.id) {
            return Ok(recording.clone());
        }
        if request.personal == Personal::Yes {
            return self.speak(request).await.map(Arc::new);
        }
        let voice = self
            .adapter
            .voice(&request.language)
            .map_err(|source| PromptFault::Speech { id: request.id.clone(), source })?;
        let key = prompt_key(&request.language, &voice, &request.text);
        let cell = self.kept().by_key.entry(key).or_default().clone();
        let prompt = match cell.get_or_try_init(|| self.make(&key, request)).await {
            Ok(prompt) => prompt.clone(),
            Err(fault) => {
                let mut kept = self.kept();
                // Another caller may have begun again meanwhile: only an empty cell is thrown away.
                if kept.by_key.get(&key).is_some_and(|cell| !cell.initialized()) {
                    kept.by_key.remove(&key);
                }
                return Err(fault);
            }
        };
        if prompt.id() == request.id { Ok(prompt) } else { Ok(self.name_again(key, &prompt, &request.id)) }
    }

    /// Whether the ten digit prompts of a language (zero first), as a caller would hear them, are all audible
    /// and all different: from recordings where there are any, else from the speech adapter.
    ///
    /// # Errors
    /// The digits that can't be trusted.
    pub async fn digit_prompts_are_distinct(&self, digits: &[PromptRequest; 10]) -> Result<(), Vec<Digit>> {
        let mut sounds = Vec::new();
        let mut troubles = Vec::new();
        for (value, request) in (0u8..).zip(digits) {
            match self.get(request).await {
                Ok(prompt) => sounds.push(Some(Codec::Pcmu.decode(prompt.bytes(Codec::Pcmu)))),
                Err(fault) => {
                    sounds.push(None);
                    troubles.push(Digit { value, trouble: DigitTrouble::NotSpoken(fault.to_string()) });
                }
            }
        }
        troubles.extend(sounds_are_distinct(&sounds).err().unwrap_or_default());
        troubles.sort_by_key(|digit| digit.value);
        if troubles.is_empty() { Ok(()) } else { Err(troubles) }
    }

    /// A table of all fixed prompts that are in memory, by which a test telephone names what it hears.
    #[must_use]
    pub fn index(&self) -> PromptIndex {
        let mut prompts: Vec<Arc<Prompt>> = self.recordings.values().cloned().collect();
        let kept = self.kept();
        prompts.extend(kept.by_key.values().filter_map(|cell| cell.get()).cloned());
        prompts.extend(kept.names.values().flatten().cloned());
        drop(kept);
        PromptIndex::new(prompts)
    }

    /// From the cache folder, else spoken and put there.
    async fn make(&self, key: &PromptKey, request: &PromptRequest) -> Result<Arc<Prompt>, PromptFault> {
        let cached = self.cache.as_ref().and_then(|cache| cache.load(key, &request.id));
        let prompt = match cached {
            Some(prompt) => prompt,
            None => {
                let prompt = self.speak(request).await?;
                self.save(key, &prompt);
                prompt
            }
        };
        let prompt = Arc::new(prompt);
        self.keep(*key, &prompt);
        Ok(prompt)
    }

    async fn speak(&self, request: &PromptRequest) -> Result<Prompt, PromptFault> {
        let id = request.id.clone();
        if request.text.chars().any(char::is_numeric) {
            let digits = self.troubled_digits(&request.language).await;
            if !digits.is_empty() {
                return Err(PromptFault::DigitsNotSafe { id, language: request.language.clone(), digits });
            }
        }
        let spoken = self.adapter.speak(&request.language, &request.text).await;
        let spoken = spoken.map_err(|source| PromptFault::Speech { id: id.clone(), source })?;
        Prompt::of_speech(&id, &spoken).map_err(|source| PromptFault::TooLong { id, source })
    }

    /// The figures that the speech adapter gets wrong in this language; found out once (some twenty short texts).
    /// Ask before the first call: until then a text with figures waits for it.
    pub async fn troubled_digits(&self, language: &str) -> Vec<Digit> {
        let adapter = self.adapter.as_ref();
        if !adapter.must_prove_digits() {
            return Vec::new();
        }
        let cell = locked(&self.safe_digits).entry(language.to_owned()).or_default().clone();
        let checked = cell.get_or_try_init(|| async {
            let digits = digits_are_distinct(adapter, language).await.err().unwrap_or_default();
            // A voice that could not be asked is asked again; the text itself meets the same fault and names it.
            let asked = !digits.iter().any(|digit| matches!(digit.trouble, DigitTrouble::NotSpoken(_)));
            if asked { Ok(digits) } else { Err(()) }
        });
        checked.await.cloned().unwrap_or_default()
    }

    fn save(&self, key: &PromptKey, prompt: &Prompt) {
        if let Some(cache) = &self.cache
            && let Err(fault) = cache.save(key, prompt)
        {
            // A full disk makes the line slower to start, not silent.
            tracing::warn!(%fault, "a prompt was not put into the cache folder");
        }
    }

    fn keep(&self, key: PromptKey, prompt: &Prompt) {
        let bytes = prompt.bytes(Codec::Pcmu).len() * 2;
        let mut kept = self.kept();
        kept.bytes += bytes;
        kept.oldest_first.push_back((key, bytes));
        while kept.bytes > KEPT_BYTES_MAX
            && kept.oldest_first.len() > 1
            && let Some((oldest, bytes)) = kept.oldest_first.pop_front()
        {
            kept.bytes -= bytes;
            kept.by_key.remove(&oldest);
            kept.names.remove(&oldest);
        }
    }

    fn name_again(&self, key: PromptKey, prompt: &Prompt, id: &str) -> Arc<Prompt> {
        let mut kept = self.kept();
        let names = kept.names.entry(key).or_default();
        if let Some(known) = names.iter().find(|known| known.id() == id) {
            return known.clone();
        }
        let named = Arc::new(prompt.named(id));
        names.push(named.clone());
        drop(kept);
        self.save(&key, &named);
        named
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        locked(&self.kept)
    }
}

// The texts behind the prompts are nobody's business in a log.
impl std::fmt::Debug for PromptStore {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (adapter, recordings) = (self.adapter.name(), self.recordings.len());
        write!(to, "PromptStore({adapter}, {recordings} recordings, {} kept)", self.kept().by_key.len())
    }
}

impl PromptSource {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Speech => "speech",
        }
    }
}

/// What was locked when a thread panicked is still a table of whole entries.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn prompt_key(language: &str, voice: &str, text: &str) -> PromptKey {
    let mut hash = Sha256::new();
    for piece in [language, voice, text] {
        hash.update((piece.len() as u64).to_le_bytes());
        hash.update(piece.as_bytes());
    }
    hash.finalize().into()
}
