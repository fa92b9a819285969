//! Gives any bytes to the readers of what browsers send, forms, cookies, headers and passkeys, and of what the identity
//! provider of the staff answers.
//! Mutating bytes and keeping seeds is left to `fuzz/`.

use crate::chat::forms_never_panic;
use crate::cookies::Cookies;
use crate::languages::preferred;
use crate::origin;
use crate::page_key::PageKey;
use crate::staff::{desk_forms_never_panic, id_tokens_never_panic, passkeys_never_panic, provider_pages_never_panic};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use caseline_model::Language;

/// A name, and a reader that must not fall over.
type Target = (&'static str, fn(&[u8]));

/// The fuzz targets of this crate, by name.
pub const TARGETS: &[Target] = &[
    ("web-forms", forms_never_panic),
    ("web-headers", headers_never_panic),
    ("passkeys", passkeys_never_panic),
    ("desk-forms", desk_forms_never_panic),
    ("id-tokens", id_tokens_never_panic),
    ("provider-pages", provider_pages_never_panic),
];

/// Reads rows as headers, then as cookies, as the languages of a browser and as where a form comes from.
pub fn headers_never_panic(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for row in bytes.split(|byte| *byte == b'\n').take(64) {
        let mut parts = row.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value.trim_ascii())) {
            headers.append(name, value);
        }
    }
    for secure in [true, false] {
        let cookies = Cookies::new(PageKey::new([1; 32]), secure);
        assert!(
            cookies.visitor(&headers).is_none() && cookies.contact(&headers).is_none(),
            "no cookie that we did not seal"
        );
    }
    let ours = [Language::ENGLISH, Language::SPANISH];
    assert!(ours.contains(&preferred(&headers, &ours)));
    let _ = origin::is_ours(&headers, None);
    let _ = origin::is_ours(&headers, Some("https://help.example.org/"));
}
