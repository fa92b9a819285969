//! Languages by ISO 639-3, with the tags that pages use and the codes that the court uses.
//! Which languages a line offers, and how well, is left to the policy.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A language, kept by its ISO 639-3 code. `es` and `spa` read as the same one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Language([u8; 3]);

/// The text is no language code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LanguageError {
    /// Not two or three small letters, or two letters that are in no table here.
    #[error("a language is written with its ISO 639 code, such as es or quc")]
    Code,
    /// A code of the court's table that is in no mapping here.
    #[error("this code of the court's language table is not mapped")]
    Eoir,
}

/// Two-letter tag (BCP 47 takes the shorter one), ISO 639-3, English name, own name. A language that is not here is
/// still a language by its three letters.
const KNOWN: &[(&str, &str, &str, &str)] = &[
    ("en", "eng", "English", "English"),
    ("es", "spa", "Spanish", "Español"),
    ("ht", "hat", "Haitian Creole", "Kreyòl ayisyen"),
    ("pt", "por", "Portuguese", "Português"),
    ("fr", "fra", "French", "Français"),
    ("ru", "rus", "Russian", "Русский"),
    ("uk", "ukr", "Ukrainian", "Українська"),
    ("pl", "pol", "Polish", "Polski"),
    ("ro", "ron", "Romanian", "Română"),
    ("ar", "ara", "Arabic", "العربية"),
    ("pa", "pan", "Punjabi", "ਪੰਜਾਬੀ"),
    ("hi", "hin", "Hindi", "हिन्दी"),
    ("ur", "urd", "Urdu", "اردو"),
    ("gu", "guj", "Gujarati", "ગુજરાતી"),
    ("bn", "ben", "Bengali", "বাংলা"),
    ("ne", "nep", "Nepali", "नेपाली"),
    ("vi", "vie", "Vietnamese", "Tiếng Việt"),
    ("ko", "kor", "Korean", "한국어"),
    ("tr", "tur", "Turkish", "Türkçe"),
    ("am", "amh", "Amharic", "አማርኛ"),
    ("so", "som", "Somali", "Soomaali"),
    ("ti", "tir", "Tigrinya", "ትግርኛ"),
    ("hy", "hye", "Armenian", "Հայերեն"),
    ("ka", "kat", "Georgian", "ქართული"),
    ("sq", "sqi", "Albanian", "Shqip"),
    ("wo", "wol", "Wolof", "Wolof"),
    ("ff", "ful", "Fulani", "Fulfulde"),
    ("uz", "uzb", "Uzbek", "Oʻzbek"),
    ("ky", "kir", "Kyrgyz", "Кыргызча"),
    ("id", "ind", "Indonesian", "Bahasa Indonesia"),
    ("tl", "tgl", "Tagalog", "Tagalog"),
    ("ta", "tam", "Tamil", "தமிழ்"),
    ("sw", "swa", "Swahili", "Kiswahili"),
    ("cmn", "cmn", "Mandarin", "普通话"),
    ("yue", "yue", "Cantonese", "粵語"),
    ("cdo", "cdo", "Fuzhou", "福州話"),
    ("prs", "prs", "Dari", "دری"),
    ("mam", "mam", "Mam", "Mam"),
    ("quc", "quc", "K'iche'", "K'iche'"),
    ("kjb", "kjb", "Q'anjob'al", "Q'anjob'al"),
    ("knj", "knj", "Akateko", "Akateko"),
    ("kek", "kek", "Q'eqchi'", "Q'eqchi'"),
    ("cak", "cak", "Kaqchikel", "Kaqchikel"),
    ("ixl", "ixl", "Ixil", "Ixil"),
    ("cac", "cac", "Chuj", "Chuj"),
    ("acr", "acr", "Achi", "Achi"),
    ("agu", "agu", "Awakatek", "Awakatek"),
    ("jac", "jac", "Popti'", "Popti'"),
    ("tzh", "tzh", "Tzeltal", "Tseltal"),
    ("tzo", "tzo", "Tzotzil", "Tsotsil"),
    ("cab", "cab", "Garifuna", "Garífuna"),
];

/// The court's code to ISO 639-3. **Its three letters look like ISO and are not**: CAC is Kaqchikel (ISO cac is Chuj),
/// CRE is Haitian Creole (ISO cre is Cree), MAN is Mandarin (ISO man is Manding), KON is Q'anjob'al (ISO kon is Kongo),
/// TIG is Tigrinya (ISO tig is Tigre), ARA is Aramaic (Arabic
/// is AR). Source: EOIR's tblLanguage as released in 2026, checked on 2026-11-22; the ISO
/// side of the Mayan rows is from one source each and is to be checked by a speaker.
const EOIR: &[(&str, &str)] = &[
    ("SP", "spa"),
    ("ENG", "eng"),
    ("CRE", "hat"),
    ("MAN", "cmn"),
    ("POR", "por"),
    ("RUS", "rus"),
    ("PUN", "pan"),
    ("AR", "ara"),
    ("FR", "fra"),
    ("FOO", "cdo"),
    ("HIN", "hin"),
    ("TU", "tur"),
    ("ARM", "hye"),
    ("BEN", "ben"),
    ("WLF", "wol"),
    ("ALB", "sqi"),
    ("GUJ", "guj"),
    ("UR", "urd"),
    ("VIE", "vie"),
    ("SOM", "som"),
    ("UZB", "uzb"),
    ("ROM", "ron"),
    ("POL", "pol"),
    ("NEP", "nep"),
    ("IND", "ind"),
    ("KOR", "kor"),
    ("AMH", "amh"),
    ("TAM", "tam"),
    ("TAG", "tgl"),
    ("TIG", "tir"),
    ("UK", "ukr"),
    ("GEO", "kat"),
    ("KYG", "kir"),
    ("CAN", "yue"),
    ("FAE", "prs"),
    ("FUL", "ful"),
    ("FLA", "ful"),
    ("POU", "ful"),
    ("CAB", "cab"),
    ("MAM", "mam"),
    ("QUI", "quc"),
    ("KON", "kjb"),
    ("KNJ", "knj"),
    ("KEK", "kek"),
    ("CAC", "cak"),
    ("IXL", "ixl"),
    ("CHU", "cac"),
    ("CNM", "cac"),
    ("ACC", "acr"),
    ("QAC", "acr"),
    ("RAB", "acr"),
    ("AGC", "agu"),
    ("JAI", "jac"),
    ("TZH", "tzh"),
    ("TZO", "tzo"),
];

impl Language {
    /// English, the language that words are written in first.
    pub const ENGLISH: Self = Self(*b"eng");
    /// Spanish.
    pub const SPANISH: Self = Self(*b"spa");
    /// Haitian Creole.
    pub const HAITIAN_CREOLE: Self = Self(*b"hat");

    /// The ISO 639-3 code.
    pub fn iso_639_3(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("und")
    }

    /// The shortest tag of BCP 47: what pages, folders and scripts use. `es`, `quc`.
    pub fn tag(&self) -> &str {
        let code = self.iso_639_3();
        KNOWN.iter().find(|row| row.1 == code).map_or(code, |row| row.0)
    }

    /// Its English name, or its code when it is in no table here.
    pub fn english_name(&self) -> &str {
        let code = self.iso_639_3();
        KNOWN.iter().find(|row| row.1 == code).map_or(code, |row| row.2)
    }

    /// Its own name as its speakers write it, or its code.
    pub fn own_name(&self) -> &str {
        let code = self.iso_639_3();
        KNOWN.iter().find(|row| row.1 == code).map_or(code, |row| row.3)
    }

    /// Whether it is written from right to left.
    pub fn is_right_to_left(&self) -> bool {
        matches!(self.iso_639_3(), "ara" | "urd" | "prs" | "fas" | "heb" | "pus")
    }
}

/// A language as the court's tables write it. It is never read as ISO: `EoirLanguage` and `Language` are two types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EoirLanguage(String);

impl EoirLanguage {
    /// A code as it stands in a cell, with its padding.
    pub fn from_cell(cell: &str) -> Self {
        Self(cell.trim().to_ascii_uppercase())
    }

    /// The code without padding.
    pub fn code(&self) -> &str {
        &self.0
    }

    /// The language it names.
    ///
    /// # Errors
    /// When the code is not mapped: say that it is not known, never pass it through as ISO.
    pub fn language(&self) -> Result<Language, LanguageError> {
        let row = EOIR.iter().find(|row| row.0 == self.0).ok_or(LanguageError::Eoir)?;
        row.1.parse()
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim();
        if let Some(row) = KNOWN.iter().find(|row| row.0 == code) {
            return row.1.as_bytes().try_into().map(Self).map_err(|_| LanguageError::Code);
        }
        match code.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|letter| letter.is_ascii_lowercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(LanguageError::Code),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.tag().to_owned()
    }
}

impl TryFrom<String> for Language {
    type Error = LanguageError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_and_three_letters_name_the_same_language() {
        assert_eq!("es".parse::<Language>(), "spa".parse::<Language>());
        assert_eq!("ht".parse::<Language>().unwrap().iso_639_3(), "hat");
        assert_eq!("quc".parse::<Language>().unwrap().tag(), "quc");
        assert_eq!("Es".parse::<Language>(), Err(LanguageError::Code));
        assert_eq!("xx".parse::<Language>(), Err(LanguageError::Code));
    }

    #[test]
    fn the_courts_codes_that_look_like_iso_are_not_read_as_iso() {
        for (eoir, meant, not_meant) in [
            ("CAC", "cak", "cac"),
            ("CRE", "hat", "cre"),
            ("MAN", "cmn", "man"),
            ("KON", "kjb", "kon"),
            ("TIG", "tir", "tig"),
        ] {
            let language = EoirLanguage::from_cell(eoir).language().unwrap();
            assert_eq!(language.iso_639_3(), meant);
            assert_ne!(language.iso_639_3(), not_meant);
        }
    }

    #[test]
    fn aramaic_is_not_read_as_arabic() {
        assert_eq!(EoirLanguage::from_cell("AR").language().unwrap().iso_639_3(), "ara");
        assert_eq!(EoirLanguage::from_cell("ARA").language(), Err(LanguageError::Eoir));
    }

    #[test]
    fn a_padded_code_is_the_same_code() {
        assert_eq!(EoirLanguage::from_cell("SP ").language(), Ok(Language::SPANISH));
        assert_eq!(EoirLanguage::from_cell("SP").language(), Ok(Language::SPANISH));
        assert_eq!(EoirLanguage::from_cell("ZZZ").language(), Err(LanguageError::Eoir));
    }

    #[test]
    fn every_row_of_the_tables_is_a_language() {
        for (tag, iso, ..) in KNOWN {
            assert_eq!(tag.parse::<Language>().unwrap().iso_639_3(), *iso);
        }
        for (code, iso) in EOIR {
            assert_eq!(EoirLanguage::from_cell(code).language().unwrap().iso_639_3(), *iso);
        }
    }
}
