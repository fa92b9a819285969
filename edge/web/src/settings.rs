//! What an operator sets about the pages.
//! Reading the file is left to the program.

use crate::headers::{THIS_HOST, WITH_HOSTS_BELOW};
use crate::page_key::PageKey;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How long after a try its answer leaves on a page, whatever the try came to (property S6).
pub const ANSWER_TRIES_AFTER: Duration = Duration::from_secs(1);

/// Settings of the pages.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// Where the pages are served.
    pub bind: SocketAddr,
    /// How they are carried.
    pub transport: Transport,
    /// Where figures are served: a loopback address. None: nowhere.
    pub metrics_bind: Option<SocketAddr>,
    /// The line's name, as it stands at the top of every page.
    pub line_name: String,
    /// The number to call, as it is shown: `+1 202 555 0100`. A `sip:` address is linked as it is.
    pub number_to_call: String,
    /// Where "leave this page fast" leads: a page that anybody may have open, such as a weather page. None: an empty
    /// page of our own.
    pub exit_to: Option<String>,
    /// The address under which browsers reach the pages, such as `https://help.example.org`, for the check of where a
    /// form comes from. None: the `Host` that the browser names.
    pub public_address: Option<String>,
    /// The address of the desk, where it has a host of its own, such as `https://desk.example.org`: its pages are there
    /// alone, and those for callers are not. None: the desk is below the public address.
    pub desk_address: Option<String>,
    /// Where pages are carried over TLS: browsers are told that every host below this one's name is reached over TLS too.
    pub hosts_below_over_tls: bool,
    /// How long after the request the answer to a try leaves.
    pub answer_tries_after: Duration,
    /// The key that seals cookies and forms; the same over restarts, so that callers keep their chat.
    pub page_key: PageKey,
}

/// How pages are carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Plain HTTP; only on loopback addresses.
    Plain,
    /// Plain HTTP to a proxy on a trusted network, which speaks TLS with browsers.
    BehindProxy,
    /// TLS 1.2 and 1.3.
    Tls {
        /// The certificate chain, PEM.
        cert: PathBuf,
        /// Its key, PEM.
        key: PathBuf,
    },
}

impl WebSettings {
    /// Whether browsers reach the pages over TLS: cookies are `Secure` then, and HSTS is sent.
    pub fn is_secure(&self) -> bool {
        self.transport != Transport::Plain
    }

    /// The same as the desk sees them: with its own address, if it has one.
    pub(crate) fn of_the_desk(&self) -> Self {
        let public_address = self.desk_address.clone().or_else(|| self.public_address.clone());
        Self { public_address, ..self.clone() }
    }

    /// What browsers are told of TLS, where it is spoken.
    pub(crate) fn over_tls(&self) -> Option<&'static str> {
        self.is_secure().then_some(if self.hosts_below_over_tls { WITH_HOSTS_BELOW } else { THIS_HOST })
    }

    /// Under which address browsers reach the pages; without a public address, those on this machine.
    pub(crate) fn address(&self) -> String {
        let scheme = if matches!(self.transport, Transport::Tls { .. }) { "https" } else { "http" };
        self.public_address.clone().unwrap_or_else(|| format!("{scheme}://localhost:{}", self.bind.port()))
    }

    /// The link behind the number to call.
    pub fn number_link(&self) -> String {
        if self.number_to_call.starts_with("sip:") {
            return self.number_to_call.clone();
        }
        crate::texts::telephone_link(&self.number_to_call)
    }
}
