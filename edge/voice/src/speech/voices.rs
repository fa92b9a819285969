//! Which espeak-ng voice speaks which language.
//! Whether that voice is good enough for the public is left to the people who listen to it.

/// Language tag, its ISO 639-3 code, the espeak-ng 1.51 voice. A language that is missing here has no voice
/// (Tagalog, Mam, Somali, Tigrinya, Pashto, Q'eqchi', Q'anjob'al): its prompts are recorded by people.
const VOICES: [(&str, &str, &str); 30] = [
    ("am", "amh", "am"),
    ("ar", "ara", "ar"),
    ("bn", "ben", "bn"),
    ("cmn", "zho", "cmn"),
    ("en", "eng", "en-us"),
    ("es", "spa", "es-419"),
    ("fa", "fas", "fa"),
    ("fr", "fra", "fr-fr"),
    ("gu", "guj", "gu"),
    ("hi", "hin", "hi"),
    ("ht", "hat", "ht"),
    ("ko", "kor", "ko"),
    ("my", "mya", "my"),
    ("ne", "nep", "ne"),
    ("om", "orm", "om"),
    ("pa", "pan", "pa"),
    ("pl", "pol", "pl"),
    ("pt", "por", "pt-br"),
    ("qu", "que", "qu"),
    ("quc", "quc", "quc"),
    ("ro", "ron", "ro"),
    ("ru", "rus", "ru"),
    ("sw", "swa", "sw"),
    ("tr", "tur", "tr"),
    ("uk", "ukr", "uk"),
    ("ur", "urd", "ur"),
    ("uz", "uzb", "uz"),
    ("vi", "vie", "vi-vn-x-south"),
    ("yue", "yue", "yue"),
    ("zh", "zho", "cmn"),
];

/// The espeak-ng voice for a language tag (`es`) or an ISO 639-3 code (`spa`).
#[must_use]
pub fn espeak_voice(language: &str) -> Option<&'static str> {
    VOICES
        .iter()
        .find(|(tag, three_letters, _)| *tag == language || *three_letters == language)
        .map(|(_, _, voice)| *voice)
}

/// The languages of the table, for a test that each voice is really there.
#[cfg(test)]
pub(super) fn languages() -> impl Iterator<Item = &'static str> {
    VOICES.iter().map(|(tag, _, _)| *tag)
}
