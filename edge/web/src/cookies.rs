//! The two cookies: one for whoever looks at the pages (it binds the first form), one for a contact.
//! What a contact is, and whether it still runs, is left to `chat`.

use crate::page_key::{PageKey, Purpose, hexadecimal};
use axum::http::{HeaderMap, HeaderValue, header};
use caseline_model::ContactId;

/// One of the two cookies, opened: its sixteen bytes were sealed by us.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Sealed(pub [u8; 16]);

/// Reads and writes cookies.
#[derive(Clone, Debug)]
pub(crate) struct Cookies {
    key: PageKey,
    secure: bool,
}

impl Cookies {
    pub(crate) const fn new(key: PageKey, secure: bool) -> Self {
        Self { key, secure }
    }

    /// Whoever looks at the pages.
    pub(crate) fn visitor(&self, headers: &HeaderMap) -> Option<Sealed> {
        self.open(headers, Purpose::Visitor)
    }

    /// The contact of this browser.
    pub(crate) fn contact(&self, headers: &HeaderMap) -> Option<ContactId> {
        let sealed = self.open(headers, Purpose::Contact)?;
        ContactId::from_bytes(&sealed.0)
    }

    /// The cookie for somebody who looks at the pages for the first time.
    pub(crate) fn set_visitor(&self, visitor: Sealed) -> Option<HeaderValue> {
        self.set(Purpose::Visitor, visitor)
    }

    /// The cookie for a contact.
    pub(crate) fn set_contact(&self, contact: ContactId) -> Option<HeaderValue> {
        self.set(Purpose::Contact, Sealed(contact.to_bytes()))
    }

    /// What makes a browser drop both.
    pub(crate) fn drop_both(&self) -> Vec<HeaderValue> {
        [Purpose::Visitor, Purpose::Contact]
            .into_iter()
            .filter_map(|purpose| {
                let row = format!("{}=; Max-Age=0; {}", self.name(purpose), self.attributes());
                HeaderValue::from_str(&row).ok()
            })
            .collect()
    }

    fn open(&self, headers: &HeaderMap, purpose: Purpose) -> Option<Sealed> {
        let name = self.name(purpose);
        let value = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|row| row.to_str().ok())
            .flat_map(|row| row.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(found, _)| *found == name)?
            .1;
        let (id, seal) = value.split_once('.')?;
        if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let bytes = u128::from_str_radix(id, 16).ok()?.to_be_bytes();
        self.key.is_seal(purpose, &[&bytes], seal).then_some(Sealed(bytes))
    }

    fn set(&self, purpose: Purpose, sealed: Sealed) -> Option<HeaderValue> {
        let seal = self.key.seal(purpose, &[&sealed.0]);
        let row = format!("{}={}.{seal}; {}", self.name(purpose), hexadecimal(&sealed.0), self.attributes());
        HeaderValue::from_str(&row).ok()
    }

    /// `__Host-` binds a cookie to this host, to `/` and to TLS (RFC 6265bis section 4.1.3.2).
    const fn name(&self, purpose: Purpose) -> &'static str {
        match (purpose, self.secure) {
            (Purpose::Contact, true) => "__Host-line",
            (Purpose::Contact, false) => "line",
            (_, true) => "__Host-page",
            (_, false) => "page",
        }
    }

    const fn attributes(&self) -> &'static str {
        if self.secure { "Path=/; HttpOnly; SameSite=Strict; Secure" } else { "Path=/; HttpOnly; SameSite=Strict" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent_back(set: &HeaderValue) -> HeaderMap {
        let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&format!("other=1; {pair}")).unwrap())])
    }

    #[test]
    fn a_contact_s_cookie_is_strict_unreadable_to_scripts_and_bound_to_the_host_under_tls() {
        let contact = ContactId::from_random(7);
        let cookies = Cookies::new(PageKey::new([1; 32]), true);
        let set = cookies.set_contact(contact).unwrap();
        let text = set.to_str().unwrap();
        assert!(text.starts_with("__Host-line="), "{text}");
        assert!(text.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{text}");
        assert_eq!(cookies.contact(&sent_back(&set)), Some(contact));
        assert!(
            !Cookies::new(PageKey::new([1; 32]), false)
                .set_contact(contact)
                .unwrap()
                .to_str()
                .unwrap()
                .contains("Secure")
        );
    }

    #[test]
    fn whoever_knows_a_contact_s_id_cannot_make_its_cookie() {
        let cookies = Cookies::new(PageKey::new([1; 32]), false);
        let other = Cookies::new(PageKey::new([2; 32]), false);
        let set = other.set_contact(ContactId::from_random(7)).unwrap();
        assert_eq!(cookies.contact(&sent_back(&set)), None);
    }

    #[test]
    fn a_visitor_s_cookie_never_stands_for_a_contact() {
        let cookies = Cookies::new(PageKey::new([1; 32]), false);
        let set = cookies.set_visitor(Sealed([9; 16])).unwrap().to_str().unwrap().replace("page=", "line=");
        assert_eq!(cookies.contact(&sent_back(&HeaderValue::from_str(&set).unwrap())), None);
    }

    proptest! {
        #[test]
        fn no_cookie_that_we_did_not_seal_opens(value in "[ -~]{0,120}") {
            let cookies = Cookies::new(PageKey::new([1; 32]), false);
            let row = HeaderValue::from_str(&format!("line={value}")).unwrap();
            prop_assert_eq!(cookies.contact(&HeaderMap::from_iter([(header::COOKIE, row)])), None);
        }
    }
}
