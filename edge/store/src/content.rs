//! The bytes that are sealed for an obligation's content: its words as JSON, then the voice note as it is.
//! Sealing them is left to the vault.

use caseline_helpline::ports::TaskContent;
use caseline_model::Private;
use zeroize::Zeroizing;

/// Length of the JSON, the JSON, the voice note. `None` only if the content cannot be written as JSON.
pub(crate) fn bytes_of(content: &TaskContent) -> Option<Zeroizing<Vec<u8>>> {
    let voice_note = content.voice_note.as_ref().map(|note| note.reveal().as_slice());
    let words = TaskContent {
        // An empty note stands for one that follows; a missing one stays missing.
        voice_note: content.voice_note.as_ref().map(|_| Private::new(Vec::new())),
        language: content.language,
        need: content.need.clone(),
        phone: content.phone.clone(),
        words: content.words.clone(),
        asked_at: content.asked_at,
    };
    let json = Zeroizing::new(serde_json::to_vec(&words).ok()?);
    let mut bytes = Zeroizing::new(Vec::with_capacity(4 + json.len() + voice_note.map_or(0, <[u8]>::len)));
    bytes.extend_from_slice(&u32::try_from(json.len()).ok()?.to_be_bytes());
    bytes.extend_from_slice(&json);
    bytes.extend_from_slice(voice_note.unwrap_or_default());
    Some(bytes)
}

/// Reads them back.
pub(crate) fn content_of(bytes: &[u8]) -> Option<TaskContent> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (json, voice_note) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    let mut content: TaskContent = serde_json::from_slice(json).ok()?;
    if let Some(note) = &mut content.voice_note {
        *note = Private::new(voice_note.to_vec());
    }
    Some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use caseline_model::{Language, Time};

    #[test]
    fn a_message_reads_back_with_its_voice_note() {
        for voice_note in [None, Some(Private::new(Vec::new())), Some(Private::new(vec![0xff; 9_000]))] {
            let content = TaskContent {
                language: Language::SPANISH,
                need: "message".into(),
                phone: Some(Private::new("+12025550143".parse().unwrap())),
                words: Some(Private::new("made up".into())),
                voice_note,
                asked_at: Time::from_micros(7),
            };
            assert_eq!(content_of(&bytes_of(&content).unwrap()), Some(content));
        }
        assert_eq!(content_of(&[0, 0, 0, 9, b'{']), None);
    }
}
