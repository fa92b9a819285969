//! The desk at a host of its own: there no page for callers is given, and where callers are, none of the desk.
//! Which host that is stands in the settings; what a page shows is left to the pages.

use axum::Router;
use axum::extract::Request;
use axum::http::{Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use std::sync::Arc;

/// A path that no page has: what is asked for at the wrong host is answered as what is not there.
const NOWHERE: &str = "/-/-";

/// Where the desk begins.
const DESK: &str = "/staff";

/// Pages of which those of the desk are at one host, and those for callers at all others.
pub(crate) fn with_the_desk_apart(pages: Router, desk_address: &str) -> Router {
    let desk: Arc<str> = host_in(desk_address).to_ascii_lowercase().into();
    let sort = move |request: Request, next: Next| at_its_host(Arc::clone(&desk), request, next);
    // Behind one way in, so that it is known where a request goes before a page is looked for.
    Router::new().fallback_service(pages).layer(from_fn(sort))
}

/// What browsers name as `Host` for an address: the name, with the port unless it is the scheme's own.
pub(crate) fn host_in(address: &str) -> &str {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let own_port = if scheme == "https" { ":443" } else { ":80" };
    host.strip_suffix(own_port).unwrap_or(host)
}

async fn at_its_host(desk: Arc<str>, mut request: Request, next: Next) -> Response {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let is_desk_host = named.is_some_and(|named| named.eq_ignore_ascii_case(&desk));
    let path = request.uri().path();
    let is_of_the_desk = path == "/staff" || path.starts_with("/staff/");
    if is_desk_host && path == "/" {
        *request.uri_mut() = Uri::from_static(DESK);
    } else if is_desk_host != is_of_the_desk && path != "/style.css" {
        *request.uri_mut() = Uri::from_static(NOWHERE);
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_as_browsers_name_it() {
        for (address, host) in [
            ("https://desk.example.org", "desk.example.org"),
            ("https://desk.example.org/", "desk.example.org"),
            ("https://desk.example.org:443", "desk.example.org"),
            ("https://desk.example.org:8443/x", "desk.example.org:8443"),
            ("http://localhost:8080", "localhost:8080"),
            ("http://localhost:80", "localhost"),
        ] {
            assert_eq!(host_in(address), host);
        }
    }
}
