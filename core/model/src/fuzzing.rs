//! Gives any bytes to the readers of numbers, codes, names and times: each ends with a value or with a refusal.
//! Mutating bytes and keeping seeds is left to `fuzz/`.

use crate::{
    ANumber, CardCode, CaseId, ContactId, Disposition, EoirLanguage, FileReceipt, Language, Phone, ReceiptNumber,
    TaskId, TimeOfDay, Zone,
};
use std::str::FromStr;

/// A name, and a reader that must not fall over.
type Target = (&'static str, fn(&[u8]));

/// The fuzz targets of this crate, by name.
pub const TARGETS: &[Target] = &[("values", values_never_panic)];

/// Reads text as each value that people key, write or read aloud; what is read reads back as itself.
pub fn values_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    reads_back::<ANumber>(&text);
    reads_back::<CardCode>(&text);
    reads_back::<FileReceipt>(&text);
    reads_back::<ReceiptNumber>(&text);
    reads_back::<Phone>(&text);
    reads_back::<Language>(&text);
    reads_back::<Disposition>(&text);
    reads_back::<TimeOfDay>(&text);
    reads_back::<CaseId>(&text);
    reads_back::<ContactId>(&text);
    reads_back::<TaskId>(&text);
    let _ = EoirLanguage::from_cell(&text).language();
    let _ = Zone::named(&text);
    let _ = CaseId::from_bytes(bytes);
}

fn reads_back<T>(text: &str)
where
    T: FromStr + Clone + PartialEq + Into<String> + TryFrom<String>,
{
    let Ok(value) = text.parse::<T>() else { return };
    let again = T::try_from(value.clone().into());
    assert!(again.is_ok_and(|again| again == value), "what was read reads back as itself");
}
