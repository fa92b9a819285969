//! The boundary to the SIP library: it is handed an envelope with the five headers its transactions need, and the
//! whole real message travels inside as the body, in both directions. No type of the library leaves `sip/`.
//! What real messages say is written by `sip::message`; sockets take the envelope off again (`sip::sockets`).

use super::wire::{Message, NameAddr, Via};
use rsipstack::sip::{Header, Headers, Method, Request, Response, StatusCode, Uri, Version};
use std::net::SocketAddr;

/// Tag in the envelope where an RFC 2543 telephone sent none; it never reaches the wire.
const NO_TAG: &str = "rfc2543";

/// Wraps a request that arrived. `None` when it lacks what a transaction needs (the filter has checked that before).
pub(crate) fn request_in(message: &Message<'_>, bytes: &[u8], answer_to: SocketAddr) -> Option<Request> {
    let (number, method) = message.cseq()?;
    let row = message.header("via")?;
    let via = Via::parse(row)?;
    let branch = match via.branch {
        Some(branch) => branch.to_owned(),
        // RFC 3261 17.2.3: without a branch, the sent-by and the request's own identity tell transactions apart.
        None => format!("{NO_TAG}.{}.{}", via.host, via.port.unwrap_or(5060)),
    };
    let headers = envelope(&Outside {
        via: format!("SIP/2.0/UDP {answer_to};branch={branch}"),
        from: tagged("caller", tag(message, "from")),
        to: tagged("line", tag(message, "to")),
        call_id: message.header("call-id")?.to_owned(),
        cseq: format!("{number} {method}"),
    });
    Some(Request {
        method: method.parse::<Method>().ok()?,
        uri: Uri::try_from("sip:line@127.0.0.1").ok()?,
        version: Version::V2,
        headers,
        body: bytes.to_vec(),
    })
}

/// Wraps an answer that arrived for a request of ours.
pub(crate) fn response_in(message: &Message<'_>, code: u16, bytes: &[u8]) -> Option<Response> {
    let (number, method) = message.cseq()?;
    let headers = envelope(&Outside {
        via: message.header("via")?.to_owned(),
        from: bare(message.header("from")?)?,
        to: bare(message.header("to")?)?,
        call_id: message.header("call-id")?.to_owned(),
        cseq: format!("{number} {method}"),
    });
    Some(Response { status_code: status(code), wire_reason: None, version: Version::V2, headers, body: bytes.to_vec() })
}

/// Wraps our answer to a wrapped request; `to_tag` is the tag of the real answer.
pub(crate) fn response_out(request: &Request, code: u16, to_tag: Option<&str>, bytes: Vec<u8>) -> Response {
    let mut headers = request.headers.clone();
    headers.retain(|header| !matches!(header, Header::ContentLength(_)));
    if let Some(to_tag) = to_tag {
        headers.retain(|header| !matches!(header, Header::To(_)));
        headers.push(Header::To(tagged("line", Some(to_tag)).into()));
    }
    Response { status_code: status(code), wire_reason: None, version: Version::V2, headers, body: bytes }
}

/// Wraps a request of ours. The library writes the ACK of a refused INVITE itself, from these headers and `routes`.
pub(crate) fn request_out(message: &Message<'_>, bytes: &[u8]) -> Option<Request> {
    let (number, method) = message.cseq()?;
    let mut headers = envelope(&Outside {
        via: message.header("via")?.to_owned(),
        from: bare(message.header("from")?)?,
        to: bare(message.header("to")?)?,
        call_id: message.header("call-id")?.to_owned(),
        cseq: format!("{number} {method}"),
    });
    for route in message.all("route") {
        headers.push(Header::Route(route.into()));
    }
    let uri = match message.start {
        super::wire::Start::Request { uri, .. } => uri,
        super::wire::Start::Status { .. } => return None,
    };
    Some(Request {
        method: method.parse::<Method>().ok()?,
        uri: Uri::try_from(uri).ok()?,
        version: Version::V2,
        headers,
        body: bytes.to_vec(),
    })
}

/// Takes the envelope off: the real message, or the whole when the library wrote it by itself.
pub(crate) fn opened(bytes: &[u8]) -> &[u8] {
    match super::wire::header_end(bytes) {
        Some((_, begin)) if begin < bytes.len() => bytes.get(begin..).unwrap_or(bytes),
        _ => bytes,
    }
}

struct Outside {
    via: String,
    from: String,
    to: String,
    call_id: String,
    cseq: String,
}

fn envelope(outside: &Outside) -> Headers {
    vec![
        Header::Via(outside.via.as_str().into()),
        Header::From(outside.from.as_str().into()),
        Header::To(outside.to.as_str().into()),
        Header::CallId(outside.call_id.as_str().into()),
        Header::CSeq(outside.cseq.as_str().into()),
    ]
    .into()
}

fn tag<'m>(message: &'m Message<'_>, name: &str) -> Option<&'m str> {
    NameAddr::parse(message.header(name)?)?.tag()
}

fn tagged(who: &str, tag: Option<&str>) -> String {
    match tag {
        Some(tag) => format!("<sip:{who}@127.0.0.1>;tag={tag}"),
        None if who == "caller" => format!("<sip:{who}@127.0.0.1>;tag={NO_TAG}"),
        None => format!("<sip:{who}@127.0.0.1>"),
    }
}

/// An address without its display name, which the library would misread when it has brackets in quotes.
fn bare(value: &str) -> Option<String> {
    let addr = NameAddr::parse(value)?;
    Some(match addr.tag() {
        Some(tag) => format!("<{}>;tag={tag}", addr.uri),
        None => format!("<{}>", addr.uri),
    })
}

fn status(code: u16) -> StatusCode {
    StatusCode::try_from((code, "")).unwrap_or(StatusCode::ServerInternalError)
}
