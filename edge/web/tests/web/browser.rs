//! A browser without scripts, in process: it keeps cookies, follows redirects, and sends only forms that it was given.

use crate::markup::{self, Element};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use std::collections::BTreeMap;
use tower::ServiceExt;

pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    pub accepts: &'static str,
}

/// An answer.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub html: String,
    pub page: Element,
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self { router, cookies: BTreeMap::new(), accepts: "en" }
    }

    /// One request, no redirect followed.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        more: &[(&str, &str)],
        body: String,
    ) -> (StatusCode, HeaderMap, String) {
        let mut request = Request::builder().method(method.clone()).uri(path).header(header::HOST, "127.0.0.1:8080");
        request = request.header(header::ACCEPT_LANGUAGE, self.accepts);
        if !self.cookies.is_empty() {
            let row: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, row.join("; "));
        }
        if method == Method::POST && !more.iter().any(|row| row.0 == "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        for (name, value) in more {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for set in parts.headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            let (pair, attributes) = set.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        let is_sound = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "audio/wav");
        let text = if is_sound { String::new() } else { String::from_utf8(bytes.to_vec()).unwrap() };
        (parts.status, parts.headers, text)
    }

    /// Opens an address and follows where it leads.
    pub async fn open(&mut self, path: &str) -> Page {
        let mut answer = self.send(Method::GET, path, &[("sec-fetch-site", "same-origin")], String::new()).await;
        for _ in 0..3 {
            if !answer.0.is_redirection() {
                break;
            }
            let to = answer.1[header::LOCATION].to_str().unwrap().to_owned();
            answer = self.send(Method::GET, to.split('#').next().unwrap(), &[], String::new()).await;
        }
        Page::of(answer)
    }

    /// Sends fields to an address and follows where it leads.
    pub async fn submit(&mut self, path: &str, fields: &[(String, String)]) -> Page {
        let ours = [("sec-fetch-site", "same-origin"), ("origin", "null")];
        let answer = self.send(Method::POST, path, &ours, encoded(fields)).await;
        if answer.0 == StatusCode::SEE_OTHER {
            let to = answer.1[header::LOCATION].to_str().unwrap().to_owned();
            return self.open(to.split('#').next().unwrap()).await;
        }
        Page::of(answer)
    }

    /// Presses the button of that name and value on a page.
    pub async fn press(&mut self, page: &Page, name: &str, value: &str) -> Page {
        let (action, fields) = page.form(name, value);
        self.submit(&action, &fields).await
    }

    /// Fills fields in and sends the form that has them.
    pub async fn fill(&mut self, page: &Page, typed: &[(&str, &str)]) -> Page {
        let (action, fields) = page.filled(typed);
        self.submit(&action, &fields).await
    }

    /// Begins a chat in a language and chooses options one after the other.
    pub async fn chat(&mut self, language: &str, choices: &[&str]) -> Page {
        let public = self.open(&format!("/{language}")).await;
        let mut page = self.press(&public, "begin", language).await;
        for choice in choices {
            page = self.press(&page, "choice", choice).await;
        }
        page
    }
}

impl Page {
    fn of((status, _, html): (StatusCode, HeaderMap, String)) -> Self {
        let page = markup::read(&html);
        if page.all("h1").is_empty() && html.contains("<title>Blank</title>") {
            return Self { status, html, page };
        }
        markup::check(&page);
        Self { status, html, page }
    }

    /// What is told, by subject.
    pub fn tells(&self) -> Vec<String> {
        self.page.with("data-tells").iter().map(|row| row.attribute("data-tells").to_owned()).collect()
    }

    /// What is asked.
    pub fn asks(&self) -> String {
        self.page.with("data-asks").first().map_or(String::new(), |row| row.attribute("data-asks").to_owned())
    }

    /// The options that are offered.
    pub fn offers(&self) -> Vec<String> {
        let buttons = self.page.all("button");
        buttons.iter().filter(|b| b.attribute("name") == "choice").map(|b| b.attribute("value").to_owned()).collect()
    }

    pub fn language(&self) -> String {
        self.page.all("html")[0].attribute("lang").to_owned()
    }

    pub fn says(&self, text: &str) -> bool {
        self.page.text.contains(text)
    }

    /// The address and the fields of the form with that button.
    pub fn form(&self, name: &str, value: &str) -> (String, Vec<(String, String)>) {
        let has = |form: &&&Element| {
            form.all("button").iter().any(|b| b.attribute("name") == name && b.attribute("value") == value)
        };
        let forms = self.page.all("form");
        let form = forms.iter().find(has).unwrap_or_else(|| panic!("no button {name}={value} in:\n{}", self.html));
        let mut fields = hidden(form);
        fields.push((name.to_owned(), value.to_owned()));
        (form.attribute("action").to_owned(), fields)
    }

    fn filled(&self, typed: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
        let has_all = |form: &&&Element| {
            typed.iter().all(|(name, _)| {
                ["input", "select", "textarea"]
                    .iter()
                    .any(|kind| form.all(kind).iter().any(|control| control.attribute("name") == *name))
            })
        };
        let forms = self.page.all("form");
        let form = forms.iter().find(has_all).unwrap_or_else(|| panic!("no fields {typed:?} in:\n{}", self.html));
        let mut fields = hidden(form);
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        (form.attribute("action").to_owned(), fields)
    }
}

fn hidden(form: &Element) -> Vec<(String, String)> {
    form.all("input")
        .iter()
        .filter(|input| input.attribute("type") == "hidden")
        .map(|input| (input.attribute("name").to_owned(), input.attribute("value").to_owned()))
        .collect()
}

/// `application/x-www-form-urlencoded`.
pub fn encoded(fields: &[(String, String)]) -> String {
    let part = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
                b' ' => "+".to_owned(),
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    fields.iter().map(|(name, value)| format!("{}={}", part(name), part(value))).collect::<Vec<_>>().join("&")
}
