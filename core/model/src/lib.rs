//! Values that everyone speaks in: case numbers, codes, telephone numbers, languages, ids, time, and the wrapper
//! for what belongs to a person.
//! How any of them is stored, sent or drawn is left to the edges.

pub mod a_number;
pub mod card_code;
pub mod channel;
pub mod disposition;
pub mod file_receipt;
pub mod fuzzing;
pub mod ids;
pub mod language;
pub mod made_up;
pub mod phone;
pub mod private;
pub mod receipt_number;
pub mod time;

pub use a_number::{ANumber, ANumberError};
pub use card_code::{CardCode, CardCodeError};
pub use channel::Channel;
pub use disposition::Disposition;
pub use file_receipt::{FileReceipt, ReceiptKind, SixteenDigitError};
pub use ids::{ArticleId, CaseId, ContactId, TaskId};
pub use language::{EoirLanguage, Language, LanguageError};
pub use phone::{Phone, PhoneError};
pub use private::Private;
pub use receipt_number::{ReceiptNumber, ReceiptNumberError, ReceiptPrefix};
pub use time::{Date, Time, TimeOfDay, Zone};
