//! Where a form comes from: our own pages only.
//! The token inside the form is checked in `chat`.

use axum::http::{HeaderMap, header};

/// Whether a form can come from one of our pages, by what the browser says of itself. Our pages send no referrer, and
/// so browsers write `Origin: null` for our own forms too (Fetch standard, "append a request `Origin` header"): a null
/// origin says nothing, and the token of the form decides.
pub(crate) fn is_ours(headers: &HeaderMap, public_address: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    if !matches!(text("sec-fetch-site"), None | Some("same-origin" | "none")) {
        return false;
    }
    match text(header::ORIGIN.as_str()) {
        None | Some("null") => true,
        Some(origin) => match (public_address, text(header::HOST.as_str())) {
            (Some(ours), _) => origin == ours.trim_end_matches('/'),
            (None, Some(host)) => origin.split_once("://").is_some_and(|(_, authority)| authority == host),
            (None, None) => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn check(rows: &[(&'static str, &'static str)], public: Option<&str>) -> bool {
        let headers =
            rows.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
        is_ours(&headers, public)
    }

    #[test]
    fn a_form_of_another_site_is_told_by_either_header() {
        assert!(!check(&[("sec-fetch-site", "cross-site")], None));
        assert!(!check(&[("sec-fetch-site", "same-site")], None));
        assert!(!check(&[("origin", "https://elsewhere.example"), ("host", "help.example.org")], None));
        assert!(!check(
            &[("sec-fetch-site", "same-origin"), ("origin", "https://elsewhere.example"), ("host", "help.example.org")],
            None
        ));
    }

    #[test]
    fn our_own_forms_pass_with_and_without_what_newer_browsers_say() {
        assert!(check(&[("sec-fetch-site", "same-origin"), ("origin", "null")], None));
        assert!(check(&[("origin", "https://help.example.org"), ("host", "help.example.org")], None));
        assert!(check(
            &[("origin", "https://help.example.org"), ("host", "10.0.0.1")],
            Some("https://help.example.org/")
        ));
        assert!(!check(&[("origin", "http://10.0.0.1"), ("host", "10.0.0.1")], Some("https://help.example.org")));
        assert!(check(&[], None));
    }
}
