//! A browser without scripts, over a real socket: cookies, forms as they stand in the page, one request a connection.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What a browser keeps, and the page it shows.
pub struct Browser {
    address: String,
    cookies: BTreeMap<String, String>,
    pub status: u16,
    pub html: String,
}

impl Browser {
    /// At an address such as `http://127.0.0.1:8080/`.
    pub fn at(address: &str) -> Self {
        let address = address.trim_start_matches("http://").split('/').next().unwrap().to_owned();
        Self { address, cookies: BTreeMap::new(), status: 0, html: String::new() }
    }

    /// What another browser keeps, kept here too.
    pub fn keep(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub fn open(&mut self, path: &str) -> &mut Self {
        self.request("GET", path, None)
    }

    /// Presses the button of that name and value.
    pub fn press(&mut self, name: &str, value: &str) -> &mut Self {
        self.submit(&format!("name=\"{name}\" value=\"{value}\""), &[(name, value)])
    }

    /// Fills a field in and sends its form.
    pub fn fill(&mut self, name: &str, value: &str) -> &mut Self {
        self.submit(&format!("name=\"{name}\" type="), &[(name, value)])
    }

    /// Fills a field in and sends the form that has this in it.
    pub fn fill_in(&mut self, sign: &str, name: &str, value: &str) -> &mut Self {
        self.submit(sign, &[(name, value)])
    }

    /// Fills several fields of the form that has this in it, and sends it.
    pub fn submit(&mut self, sign: &str, typed: &[(&str, &str)]) -> &mut Self {
        let forms = self.html.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap());
        let form =
            forms.into_iter().find(|form| form.contains(sign)).unwrap_or_else(|| panic!("no {sign} in {}", self.html));
        let action = attribute(form, "action");
        let hidden = form.split("<input type=\"hidden\"").skip(1);
        let mut fields: Vec<(String, String)> =
            hidden.map(|row| (attribute(row, "name"), attribute(row, "value"))).collect();
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.request("POST", &action, Some(body.join("&")))
    }

    fn request(&mut self, method: &str, path: &str, body: Option<String>) -> &mut Self {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let body = body.unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nsec-fetch-site: same-origin\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            cookies.join("; "),
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, html) = answer.split_once("\r\n\r\n").unwrap();
        let header = |name: &str| {
            let name = format!("{name}: ");
            head.lines().filter_map(move |row| row.strip_prefix(name.as_str()).map(str::to_owned)).collect::<Vec<_>>()
        };
        for cookie in header("set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        self.status = head.split(' ').nth(1).unwrap().parse().unwrap();
        self.html = html.to_owned();
        match header("location").first().filter(|_| (300..400).contains(&self.status)) {
            Some(to) => self.open(to.clone().split('#').next().unwrap()),
            None => self,
        }
    }
}

fn attribute(text: &str, name: &str) -> String {
    let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap_or_else(|| panic!("no {name} in {text}"));
    rest.split('"').next().unwrap().to_owned()
}
