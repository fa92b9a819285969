//! Gives any bytes to the readers of what the browsers of the staff send: the forms of each page, and the cookie.
//! The list of all targets is in `crate::fuzzing`; what an identity provider answers is left to `openid::never_panic`.

use super::cards::{BeginFields, ConfirmFields, read_handle, read_numbers};
use super::gate::{FormSeal, cookie};
use super::logins::EndFields;
use super::next::{OutcomeFields, SettleFields};
use super::representatives::{Fields, deed_of};
use super::signing::{CredentialFields, HandleFields, Joined, To, known_place};
use axum::extract::Query;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use caseline_helpline::cards::{AUTHORITY_LASTS_MAX, CardDeed};

/// Reads bytes as each form of the desk, as numbers from papers, as the name of a card and as a cookie.
pub(crate) fn desk_forms_never_panic(bytes: &[u8]) {
    // Forms in a body and in an address are read by the same decoder.
    let text = String::from_utf8_lossy(bytes);
    let query = text.replace(|c: char| c.is_control() || c == ' ' || !c.is_ascii(), "+");
    if let Ok(address) = format!("/staff?{query}").parse::<Uri>() {
        forms(&address);
    }
    if let Some(numbers) = read_numbers(&text) {
        assert!(numbers.len() <= text.lines().count(), "a number stands in a row of its own");
    }
    if let Ok(Some(handle)) = read_handle(&text) {
        assert_eq!(handle.as_str(), text.trim(), "a handle is what was typed");
    }
    let (key, place) = known_place(&text);
    assert!(place.starts_with("/staff") && (key.is_empty() || key == text), "a proof leads to the desk alone");
    if let Ok(value) = HeaderValue::from_bytes(bytes) {
        let headers = HeaderMap::from_iter([(header::COOKIE, value)]);
        for is_secure in [true, false] {
            if let Some(secret) = cookie(&headers, is_secure) {
                assert!(text.to_ascii_lowercase().contains(&secret.in_link()), "a secret that stood in the cookie");
            }
        }
    }
}

fn forms(address: &Uri) {
    let _ = Query::<BeginFields>::try_from_uri(address);
    let _ = Query::<ConfirmFields>::try_from_uri(address);
    let _ = Query::<EndFields>::try_from_uri(address);
    let _ = Query::<FormSeal>::try_from_uri(address);
    let _ = Query::<OutcomeFields>::try_from_uri(address);
    let _ = Query::<SettleFields>::try_from_uri(address);
    let _ = Query::<HandleFields>::try_from_uri(address);
    let _ = Query::<CredentialFields>::try_from_uri(address);
    let _ = Query::<Joined>::try_from_uri(address);
    let _ = Query::<To>::try_from_uri(address);
    if let Ok(fields) = Query::<Fields>::try_from_uri(address)
        && let Ok(CardDeed::Client { lasts, .. }) = deed_of(&fields)
    {
        assert!(lasts <= AUTHORITY_LASTS_MAX, "no authority for longer than the longest");
    }
}
