//! The pages as a browser without scripts meets them: forms are read out of the page, filled in and sent.
#![expect(clippy::unwrap_used, reason = "a failed step should fail the test")]

#[path = "web/authenticator.rs"]
mod authenticator;
#[path = "web/browser.rs"]
mod browser;
#[path = "web/certificate.rs"]
mod certificate;
#[path = "web/chat.rs"]
mod chat;
#[path = "web/forgery.rs"]
mod forgery;
#[path = "web/headers.rs"]
mod headers;
#[path = "web/hosts.rs"]
mod hosts;
#[path = "web/idle.rs"]
mod idle;
#[path = "web/key_agreement.rs"]
mod key_agreement;
#[path = "web/line.rs"]
mod line;
#[path = "web/logins.rs"]
mod logins;
#[path = "web/markup.rs"]
mod markup;
#[path = "web/openid.rs"]
mod openid;
#[path = "web/openid_browser.rs"]
mod openid_browser;
#[path = "web/openid_keys.rs"]
mod openid_keys;
#[path = "web/openid_reach.rs"]
mod openid_reach;
#[path = "web/pages.rs"]
mod pages;
#[path = "web/passkey.rs"]
mod passkey;
#[path = "web/provider.rs"]
mod provider;
#[path = "web/refusals.rs"]
mod refusals;
#[path = "web/requests.rs"]
mod requests;
#[path = "web/serving.rs"]
mod serving;
#[path = "web/staff.rs"]
mod staff;
#[path = "web/stopping.rs"]
mod stopping;
#[path = "web/tickets.rs"]
mod tickets;
#[path = "../../../caseline/tests/program/webdriver.rs"]
#[expect(dead_code, reason = "the program's own tests drive the browser in more ways")]
mod webdriver;
