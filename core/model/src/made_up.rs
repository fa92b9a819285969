//! The made-up people of demonstrations and tests: the only numbers that may stand in the repository.
//! A test walks the repository and holds everything to these ranges.

use crate::{ANumber, Phone, ReceiptNumber};

/// Whether a case number is made up: 000-000-001 to 000-999-999.
pub const fn is_made_up_a_number(number: &ANumber) -> bool {
    number.value() <= 999_999
}

/// Whether a receipt number is made up: it starts with IOE000.
pub fn is_made_up_receipt(number: &ReceiptNumber) -> bool {
    number.as_str().starts_with("IOE000")
}

/// Whether a telephone number is made up: +1 202 555 01xx.
pub fn is_made_up_phone(phone: &Phone) -> bool {
    phone.is_made_up() && phone.digits().starts_with("1202")
}
