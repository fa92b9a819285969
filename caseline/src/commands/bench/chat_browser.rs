//! A browser without scripts over one TCP connection on loopback: it keeps cookies and sends the form of the page that
//! it has, and says how long the answer took.
//! What stands on the pages is `web`'s.

use crate::exits::Exit;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// How long an answer is waited for: far longer than the line takes.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// Connections are closed by the server after two minutes; a chat here is over long before.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A browser with its chat.
pub struct ChatBrowser {
    address: SocketAddr,
    stream: TcpStream,
    cookies: Vec<(String, String)>,
    page: String,
}

struct Answer {
    head: String,
    body: String,
}

impl ChatBrowser {
    /// Begins a chat in a language.
    pub async fn begin(address: SocketAddr, language: &str) -> Result<Self, Exit> {
        let stream = TcpStream::connect(address).await.map_err(|error| Exit::Environment(error.to_string()))?;
        stream.set_nodelay(true).map_err(|error| Exit::Environment(error.to_string()))?;
        let mut browser = Self { address, stream, cookies: Vec::new(), page: String::new() };
        browser.page = browser.request("GET", &format!("/{language}"), "").await?.body;
        let fields = format!("form={}&page={language}&begin={language}", browser.hidden("form"));
        browser.request("POST", "/chat", &fields).await?;
        browser.look().await?;
        Ok(browser)
    }

    /// Sends the open question's form with one field and fetches the page that follows. How long the answer to the form
    /// took, from its first byte that is sent to its last that is read.
    pub async fn answer(&mut self, field: &str, value: &str) -> Result<Duration, Exit> {
        let hidden = ["form", "step", "page"].map(|name| format!("{name}={}", self.hidden(name)));
        let fields = format!("{}&{field}={value}", hidden.join("&"));
        let sent_at = Instant::now();
        let answer = self.request("POST", "/chat/answer", &fields).await?;
        let took = sent_at.elapsed();
        if !answer.head.starts_with("HTTP/1.1 303") || answer.head.contains("again") {
            return Err(Exit::Failures(format!("the form was not taken: {}", answer.head)));
        }
        self.look().await?;
        Ok(took)
    }

    /// The page, without the seals of its forms and what a device is asked to sign, which differ in every chat.
    pub fn page_without_seals(&self) -> String {
        without(&without(&self.page, "type=\"hidden\""), "data-options=\"")
    }

    async fn look(&mut self) -> Result<(), Exit> {
        self.page = self.request("GET", "/chat", "").await?.body;
        Ok(())
    }

    fn hidden(&self, name: &str) -> String {
        let marked = format!("name=\"{name}\" value=\"");
        let Some(at) = self.page.find(&marked) else { return String::new() };
        let value = &self.page[at + marked.len()..];
        value.split('"').next().unwrap_or_default().to_owned()
    }

    async fn request(&mut self, method: &str, path: &str, body: &str) -> Result<Answer, Exit> {
        let answer = tokio::time::timeout(ANSWER_WITHIN, self.exchange(method, path, body)).await;
        let answer = answer.map_err(|_| Exit::Failures(format!("{method} {path} was not answered")))?;
        let answer = answer.map_err(|error| Exit::Failures(format!("{method} {path}: {error}")))?;
        for row in answer.head.lines().filter_map(|row| row.strip_prefix("set-cookie: ")) {
            let pair = row.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.retain(|cookie| cookie.0 != name);
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(answer)
    }

    async fn exchange(&mut self, method: &str, path: &str, body: &str) -> std::io::Result<Answer> {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nsec-fetch-site: same-origin\r\naccept-language: en\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            cookies.join("; "),
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        let mut read = Vec::new();
        let head_ends = loop {
            if let Some(at) = read.windows(END_OF_HEAD.len()).position(|part| part == END_OF_HEAD) {
                break at + END_OF_HEAD.len();
            }
            self.more(&mut read).await?;
        };
        let head = String::from_utf8_lossy(&read[..head_ends]).to_ascii_lowercase();
        let length = head.lines().find_map(|row| row.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
        while read.len() < head_ends + length.unwrap_or(0) {
            self.more(&mut read).await?;
        }
        let head = String::from_utf8_lossy(&read[..head_ends]).into_owned();
        Ok(Answer { head, body: String::from_utf8_lossy(&read[head_ends..]).into_owned() })
    }

    async fn more(&mut self, read: &mut Vec<u8>) -> std::io::Result<()> {
        let count = self.stream.read_buf(read).await?;
        if count == 0 || read.len() > ANSWER_BYTES_MAX {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// A page without the rest of each tag from a mark on.
fn without(page: &str, mark: &str) -> String {
    let mut rest = page;
    let mut text = String::new();
    while let Some(at) = rest.find(mark) {
        text.push_str(&rest[..at]);
        rest = rest[at..].find('>').map_or("", |end| &rest[at + end..]);
    }
    text + rest
}
