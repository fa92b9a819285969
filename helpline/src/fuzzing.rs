//! Gives any bytes to the readers of saved contacts, and of what staff type: handles, roles, numbers, secrets in links.
//! Mutating bytes and keeping seeds is left to `fuzz/`.

pub use crate::contact::saved_contacts_never_panic;
use crate::demand::DemandNumber;
use crate::policy::StaffRole;
use crate::staff::{Secret, StaffHandle};
use crate::tickets::DeskNumber;

/// A name, and a reader that must not fall over.
type Target = (&'static str, fn(&[u8]));

/// The fuzz targets of this crate, by name.
pub const TARGETS: &[Target] =
    &[("saved-contacts", saved_contacts_never_panic), ("staff-links", staff_links_never_panic)];

/// Reads text as a handle, a role, the numbers of a desk and of a demand, and the secret of an invitation.
pub fn staff_links_never_panic(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = text.parse::<StaffHandle>();
    let _ = text.parse::<StaffRole>();
    let _ = text.parse::<DeskNumber>();
    let _ = text.parse::<DemandNumber>();
    if let Some(secret) = Secret::from_link(&text) {
        assert!(secret.in_link().eq_ignore_ascii_case(&text), "one secret has one link");
    }
}
