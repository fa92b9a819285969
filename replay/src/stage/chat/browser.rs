//! A browser without scripts, in process: it keeps cookies, follows redirects and sends only forms that it was given.
//! What stands on the pages is left to `web`.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use std::collections::BTreeMap;
use tower::ServiceExt;

/// The longest page that is read, in bytes.
const PAGE_BYTES_MAX: usize = 1 << 20;

/// How many addresses are remembered: more than a page of the book asks for.
const ADDRESSES_MAX: usize = 4_000;

/// How many redirects are followed.
const REDIRECTS_MAX: usize = 4;

/// The browser.
pub(super) struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
    asked_for: Vec<String>,
}

/// A page that was read.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    parts: Vec<Part>,
}

/// A form with what was filled in.
#[derive(Clone, Debug)]
pub(super) struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
enum Part {
    Open { name: String, attributes: BTreeMap<String, String> },
    Close(String),
    Text(String),
}

impl Browser {
    pub(super) fn new(router: Router) -> Self {
        Self { router, cookies: BTreeMap::new(), asked_for: Vec::new() }
    }

    /// From now on another process answers.
    pub(super) fn reaches(&mut self, router: Router) {
        self.router = router;
    }

    /// All addresses that were asked for, redirects included.
    pub(super) fn asked_for(&self) -> &[String] {
        &self.asked_for
    }

    /// Opens an address.
    pub(super) async fn open(&mut self, path: &str) -> Result<Seen, String> {
        self.request(Method::GET, path.to_owned(), String::new()).await
    }

    /// Sends a form.
    pub(super) async fn send(&mut self, form: Form) -> Result<Seen, String> {
        let body: Vec<String> =
            form.fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        self.request(Method::POST, form.action, body.join("&")).await
    }

    /// The bare text at an address.
    pub(super) async fn text(&mut self, path: &str) -> Result<String, String> {
        self.answer(Method::GET, path.to_owned(), String::new()).await
    }

    async fn request(&mut self, method: Method, path: String, body: String) -> Result<Seen, String> {
        self.answer(method, path, body).await.map(|html| Seen::of(&html))
    }

    async fn answer(&mut self, method: Method, path: String, body: String) -> Result<String, String> {
        let (mut method, mut path, mut body) = (method, path, body);
        for _ in 0..REDIRECTS_MAX {
            if self.asked_for.len() < ADDRESSES_MAX {
                self.asked_for.push(path.clone());
            }
            let mut request = Request::builder()
                .method(method.clone())
                .uri(&path)
                .header(header::HOST, "127.0.0.1:8080")
                .header("sec-fetch-site", "same-origin")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            if !self.cookies.is_empty() {
                let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                request = request.header(header::COOKIE, cookies.join("; "));
            }
            let request = request.body(Body::from(body)).map_err(|error| error.to_string())?;
            let answer = self.router.clone().oneshot(request).await.map_err(|error| error.to_string())?;
            let (head, sent) = answer.into_parts();
            for cookie in head.headers.get_all(header::SET_COOKIE) {
                self.keep(cookie.to_str().map_err(|error| error.to_string())?);
            }
            if head.status.is_redirection() {
                let to = head.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
                path = to.and_then(|to| to.split('#').next()).ok_or("a redirect to nowhere")?.to_owned();
                (method, body) = (Method::GET, String::new());
                continue;
            }
            if !head.status.is_success() {
                return Err(format!("the page answered {}", head.status));
            }
            let bytes = to_bytes(sent, PAGE_BYTES_MAX).await.map_err(|error| error.to_string())?;
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        Err("redirects without an end".into())
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap_or(cookie);
        let Some((name, value)) = pair.split_once('=') else { return };
        if cookie.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Seen {
    fn of(html: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            parts.push(Part::Text(unescaped(&rest[..at])));
            let Some(end) = rest[at..].find('>') else { break };
            let tag = &rest[at + 1..at + end];
            match tag.strip_prefix('/') {
                Some(name) => parts.push(Part::Close(name.trim().to_owned())),
                None => parts.push(open(tag)),
            }
            rest = &rest[at + end + 1..];
        }
        Self { parts }
    }

    /// What is told, by subject, with its texts.
    pub(super) fn told(&self) -> Vec<(String, Vec<String>)> {
        let mut told: Vec<(String, Vec<String>)> = Vec::new();
        let mut text: Option<String> = None;
        let mut is_inside = false;
        for part in &self.parts {
            match part {
                Part::Open { attributes, .. } if attributes.contains_key("data-tells") => {
                    told.push((attributes["data-tells"].clone(), Vec::new()));
                    is_inside = true;
                }
                Part::Open { name, .. } if is_inside && name == "p" => text = Some(String::new()),
                Part::Text(words) => {
                    if let Some(text) = &mut text {
                        text.push_str(words);
                    }
                }
                Part::Close(name) if name == "p" => {
                    if let (Some(text), Some((_, texts))) = (text.take(), told.last_mut()) {
                        texts.push(super::plain(&text));
                    }
                }
                Part::Close(name) if name == "div" => is_inside = false,
                _ => {}
            }
        }
        told
    }

    /// The words of the open question; none when nothing is asked.
    pub(super) fn asked(&self) -> String {
        let is_asked = |part: &Part| matches!(part, Part::Open { name, attributes } if name == "h2" && attributes.get("id").is_some_and(|id| id == "asked"));
        let Some(from) = self.parts.iter().position(is_asked) else { return String::new() };
        let until = self.parts[from..].iter().take_while(|part| !matches!(part, Part::Close(name) if name == "h2"));
        let words: Vec<&str> = until
            .filter_map(|part| match part {
                Part::Text(words) => Some(words.as_str()),
                _ => None,
            })
            .collect();
        super::plain(&words.join(""))
    }

    /// The buttons of the open question with their labels, in reading order.
    pub(super) fn options(&self) -> Vec<(String, String)> {
        let mut options: Vec<(String, String)> = Vec::new();
        let mut is_inside = false;
        for part in &self.parts {
            match part {
                Part::Open { name, attributes } if name == "button" => {
                    is_inside = attributes.get("name").is_some_and(|name| name == "choice");
                    if is_inside {
                        options.push((attributes.get("value").cloned().unwrap_or_default(), String::new()));
                    }
                }
                Part::Text(words) if is_inside => {
                    if let Some((_, label)) = options.last_mut() {
                        label.push_str(words);
                    }
                }
                Part::Close(name) if name == "button" => is_inside = false,
                _ => {}
            }
        }
        options.into_iter().map(|(id, label)| (id, super::plain(&label))).collect()
    }

    /// The form that has this button, with the button pressed.
    pub(super) fn button(&self, name: &str, value: &str) -> Result<Form, String> {
        let is_it = |tag: &str, attributes: &BTreeMap<String, String>| {
            tag == "button"
                && attributes.get("name").is_some_and(|found| found == name)
                && attributes.get("value").is_some_and(|found| found == value)
        };
        let mut form = self.form(&is_it).ok_or_else(|| format!("the page has no button {name}={value}"))?;
        form.fields.push((name.to_owned(), value.to_owned()));
        Ok(form)
    }

    /// The form that has these fields, filled in.
    pub(super) fn filled(&self, fields: &[(&str, String)]) -> Result<Form, String> {
        let first = fields.first().map_or("", |field| field.0);
        let is_it = |tag: &str, attributes: &BTreeMap<String, String>| {
            matches!(tag, "input" | "textarea" | "select") && attributes.get("name").is_some_and(|found| found == first)
        };
        let mut form = self.form(&is_it).ok_or_else(|| format!("the page has no field {first}"))?;
        form.fields.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Ok(form)
    }

    fn form(&self, has: &dyn Fn(&str, &BTreeMap<String, String>) -> bool) -> Option<Form> {
        let mut form: Option<Form> = None;
        let mut is_it = false;
        for part in &self.parts {
            match part {
                Part::Open { name, attributes } if name == "form" => {
                    form = Some(Form { action: attributes.get("action")?.clone(), fields: Vec::new() });
                }
                Part::Open { name, attributes } => {
                    is_it |= form.is_some() && has(name, attributes);
                    let is_hidden = attributes.get("type").is_some_and(|kind| kind == "hidden");
                    if let (Some(form), Some(field), true) = (&mut form, attributes.get("name"), is_hidden) {
                        form.fields.push((field.clone(), attributes.get("value").cloned().unwrap_or_default()));
                    }
                }
                Part::Close(name) if name == "form" => {
                    if is_it {
                        return form;
                    }
                    form = None;
                }
                _ => {}
            }
        }
        None
    }
}

fn open(tag: &str) -> Part {
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let mut attributes = BTreeMap::new();
    while let Some((key, after)) = rest.split_once("=\"") {
        let Some((value, after)) = after.split_once('"') else { break };
        let key = key.split_whitespace().last().unwrap_or("");
        attributes.insert(key.to_owned(), unescaped(value));
        rest = after;
    }
    Part::Open { name: name.to_owned(), attributes }
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(end) = rest.find(';').filter(|end| *end <= 6) else {
            plain.push('&');
            continue;
        };
        let name = &rest[..end];
        let number = name.strip_prefix("#x").map_or_else(
            || name.strip_prefix('#').and_then(|digits| digits.parse().ok()),
            |digits| u32::from_str_radix(digits, 16).ok(),
        );
        match (name, number.and_then(char::from_u32)) {
            (_, Some(character)) => plain.push(character),
            ("amp", _) => plain.push('&'),
            ("lt", _) => plain.push('<'),
            ("gt", _) => plain.push('>'),
            ("quot", _) => plain.push('"'),
            ("apos", _) => plain.push('\''),
            ("nbsp", _) => plain.push('\u{a0}'),
            _ => {
                plain.push('&');
                continue;
            }
        }
        rest = &rest[end + 1..];
    }
    plain.push_str(rest);
    plain
}

/// A name or value of a form, as `application/x-www-form-urlencoded` writes it.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_out_of_a_page() {
        let page = Seen::of(
            "<h2 id=\"asked\"><span>What&#39;s up?</span> </h2><form method=\"post\" action=\"/a\"><input type=\"hidden\" name=\"form\" value=\"x&amp;y\"><button name=\"choice\" value=\"b\">B</button></form>",
        );
        assert_eq!(page.asked(), "What's up?");
        assert_eq!(page.options(), [("b".to_owned(), "B".to_owned())]);
        let form = page.button("choice", "b").unwrap();
        assert_eq!(form.action, "/a");
        assert_eq!(form.fields[0], ("form".to_owned(), "x&y".to_owned()));
        assert!(page.button("choice", "c").is_err());
    }
}
