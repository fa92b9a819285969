//! Callers who write: a browser without scripts over real HTTP. When the line is killed in the middle of an answer they
//! load the page again and go on, so that one errand may outlive many lines.
//! What is promised to whom is written down in `ledger`.

use super::heard::{Heard, NOT_SAVED};
use super::ledger::{Kind, Ledger};
use super::{Errands, Gate};
use caseline_replay::stage::chat::encoded;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 1 << 20;
/// The longest wait for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// Questions after which an errand is given up.
const QUESTIONS_MAX: u32 = 40;

/// One caller who asks for one thing, and is gone when they heard what became of it.
pub async fn write_once(gate: &mut Gate, errands: &Errands, kind: Kind, turn: usize) -> Heard {
    let marker = if kind == Kind::Report { Some(String::new()) } else { errands.ledger.begin(kind) };
    let Some(marker) = marker else { return Heard::Nothing("all made-up numbers are in use".into()) };
    let mut caller = Caller { browser: Browser::default(), kind, marker, reported: false };
    let ended = caller.run(gate, errands, turn).await;
    if kind != Kind::Report {
        errands.ledger.over(kind, &caller.marker);
    }
    match ended {
        Ended::Saved => Heard::Saved,
        Ended::NotSaved(key) => Heard::NotSaved(key),
        Ended::Notice(status) => Heard::Notice(status),
        Ended::Over => Heard::Nothing("the chat was over".into()),
        Ended::Strange(what) => Heard::Nothing(what),
        Ended::NoMoreLines => Heard::Nothing("the line was gone".into()),
    }
}

/// One caller after the other, until the gate is taken away. `first` is the errand of the first one.
pub async fn write_for_ever(mut gate: Gate, errands: Arc<Errands>, first: usize) {
    const TURNS: [Kind; 6] =
        [Kind::Callback, Kind::Report, Kind::Message, Kind::Callback, Kind::Reminder, Kind::Message];
    for turn in first.. {
        let kind = TURNS[turn % TURNS.len()];
        let marker = if kind == Kind::Report { Some(String::new()) } else { errands.ledger.begin(kind) };
        let Some(marker) = marker else {
            // All made-up numbers are promised a call just now; after the next look at the store some are free.
            if gate.changed().await.is_err() {
                return;
            }
            continue;
        };
        let mut caller = Caller { browser: Browser::default(), kind, marker, reported: false };
        let ended = caller.run(&mut gate, &errands, turn).await;
        if kind != Kind::Report {
            errands.ledger.over(kind, &caller.marker);
        }
        match ended {
            Ended::Saved | Ended::NotSaved(_) | Ended::Over => {}
            Ended::Notice(status) => {
                errands.ledger.strange(format!("chat, {}: the page answered {status}", kind.word()));
            }
            Ended::Strange(what) => errands.ledger.strange(format!("chat, {}: {what}", kind.word())),
            Ended::NoMoreLines => return,
        }
    }
}

enum Ended {
    /// It is saved, the caller heard.
    Saved,
    /// It is not, the caller heard in these words.
    NotSaved(&'static str),
    /// A page of the line that says in words that it does not work now.
    Notice(u16),
    /// The chat is over. Its last words went with the line that said them, or it never began.
    Over,
    Strange(String),
    NoMoreLines,
}

struct Caller {
    browser: Browser,
    kind: Kind,
    marker: String,
    reported: bool,
}

impl Caller {
    async fn run(&mut self, gate: &mut Gate, errands: &Errands, turn: usize) -> Ended {
        let mut next = Request::Begin;
        for _ in 0..QUESTIONS_MAX {
            let Ok(reached) = gate.wait_for(Option::is_some).await.map(|reached| *reached) else {
                return Ended::NoMoreLines;
            };
            let Some(reached) = reached else { return Ended::NoMoreLines };
            let sent = self.browser.send(reached.web, next).await;
            let page = match sent {
                Ok(page) => page,
                Err(Cut::Broken) => {
                    // The line was killed, or is being: whoever waits for the next one goes on where they were.
                    if !gate.has_changed().unwrap_or(true) {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    next = if self.browser.has_chat() { Request::Look } else { Request::Begin };
                    continue;
                }
                Err(Cut::Notice(status)) => return Ended::Notice(status),
                Err(Cut::Refused(status)) => return Ended::Strange(format!("the page answered {status}")),
            };
            if self.hear(&page, &errands.ledger) {
                return Ended::Saved;
            }
            if let Some(key) = NOT_SAVED.iter().find(|key| page.told(key).is_some()) {
                return Ended::NotSaved(key);
            }
            let Some(asked) = page.asked() else { return Ended::Over };
            next = match self.answer(&page, asked, errands, turn) {
                Some(fields) => Request::Answer(fields),
                None => return Ended::Strange(format!("the page asks {asked}")),
            };
        }
        Ended::Strange("it asks without an end".into())
    }

    /// Whether the caller was told what they came for.
    fn hear(&mut self, page: &Seen, ledger: &Ledger) -> bool {
        let told = match self.kind {
            Kind::Callback => "callback-promised",
            Kind::Message => "message-left",
            Kind::Reminder => "remind-set",
            Kind::Report | Kind::Import => "report-code",
        };
        let Some(text) = page.told(told) else { return false };
        if self.kind == Kind::Report {
            let Some(code) = sixteen_digits(text) else { return false };
            self.marker = code;
        }
        ledger.acknowledge(self.kind, &self.marker);
        if self.kind == Kind::Report {
            ledger.over(self.kind, &self.marker);
        }
        true
    }

    fn answer(&mut self, page: &Seen, asked: &str, errands: &Errands, turn: usize) -> Option<Fields> {
        let by_case = matches!(self.kind, Kind::Reminder | Kind::Report);
        let choice = |id: &str| Some(("choice", id.to_owned()));
        let answer = match asked {
            "reason" if by_case => choice("my-case"),
            "reason" => choice("more-choices"),
            "more" if self.kind == Kind::Callback => choice("callback"),
            "more" => choice("message"),
            "callback-number" | "remind" => choice("other-number"),
            "phone" | "remind-phone" => Some(("value", self.marker.clone())),
            "message-words" => Some(("value", self.marker.clone())),
            "receipt-or-number" => Some(("value", errands.receipts.get(turn % errands.receipts.len().max(1))?.clone())),
            "case-next" if self.kind == Kind::Reminder => choice("remind"),
            "case-next" => choice("report-wrong-record"),
            "what-is-wrong" => {
                if !self.reported {
                    self.reported = true;
                    errands.ledger.begin_report();
                }
                choice("wrong-language")
            }
            _ if page.has_choice("yes") => choice("yes"),
            _ => None,
        };
        let mut fields = page.hidden();
        let (name, value) = answer?;
        fields.push((name.to_owned(), value));
        Some(fields)
    }
}

/// Sixteen digits in a text, however they are grouped.
pub fn sixteen_digits(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '-');
    words.map(|word| word.replace('-', "")).find(|digits| digits.len() == 16)
}

type Fields = Vec<(String, String)>;

enum Request {
    Begin,
    Look,
    Answer(Fields),
}

/// Why there is no page.
enum Cut {
    /// No connection, or not the whole answer.
    Broken,
    /// A page of the line that says in words that it does not work now, and whom to call.
    Notice(u16),
    /// Another status, without such words.
    Refused(u16),
}

impl Cut {
    fn of(answer: &Answer) -> Self {
        // The first words and the number to call of such a page (`notice.html`).
        let is_said = answer.body.contains("<h1>") && answer.body.contains("<p class=\"call\">");
        if is_said { Self::Notice(answer.status) } else { Self::Refused(answer.status) }
    }
}

#[derive(Default)]
struct Browser {
    cookies: BTreeMap<String, String>,
    has_chat: bool,
}

impl Browser {
    const fn has_chat(&self) -> bool {
        self.has_chat
    }

    async fn send(&mut self, to: SocketAddr, request: Request) -> Result<Seen, Cut> {
        match request {
            Request::Begin => {
                let public = self.get(to, "/en").await?;
                let mut fields = public.hidden_of("/chat");
                fields.push(("begin".into(), "en".into()));
                let page = self.post(to, "/chat", &fields).await?;
                self.has_chat = true;
                Ok(page)
            }
            Request::Look => self.get(to, "/chat").await,
            Request::Answer(fields) => self.post(to, "/chat/answer", &fields).await,
        }
    }

    async fn get(&mut self, to: SocketAddr, path: &str) -> Result<Seen, Cut> {
        let answer = self.exchange(to, &format!("GET {path} HTTP/1.1\r\n"), "").await?;
        match answer.status {
            200 => Ok(Seen(answer.body)),
            // Nobody knows this chat: it is over, or never began.
            303 | 307 => Ok(Seen(String::new())),
            _ => Err(Cut::of(&answer)),
        }
    }

    /// Sends a form and fetches the page that it leads to.
    async fn post(&mut self, to: SocketAddr, path: &str, fields: &Fields) -> Result<Seen, Cut> {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let answer = self.exchange(to, &format!("POST {path} HTTP/1.1\r\n"), &body.join("&")).await?;
        match answer.status {
            303 => self.get(to, "/chat").await,
            200 => Ok(Seen(answer.body)),
            _ => Err(Cut::of(&answer)),
        }
    }

    async fn exchange(&mut self, to: SocketAddr, head: &str, body: &str) -> Result<Answer, Cut> {
        let exchanged = tokio::time::timeout(ANSWER_WITHIN, self.exchange_now(to, head, body)).await;
        exchanged.ok().and_then(Result::ok).flatten().ok_or(Cut::Broken)
    }

    async fn exchange_now(&mut self, to: SocketAddr, head: &str, body: &str) -> std::io::Result<Option<Answer>> {
        let mut stream = TcpStream::connect(to).await?;
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = format!(
            "{head}Host: {to}\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\nCookie: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            cookies.join("; "),
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes).await?;
        let text = String::from_utf8_lossy(&bytes);
        let Some(answer) = Answer::of(&text) else { return Ok(None) };
        for cookie in &answer.cookies {
            let pair = cookie.split(';').next().unwrap_or(cookie);
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.trim().to_owned(), value.to_owned());
            }
        }
        Ok(Some(answer))
    }
}

struct Answer {
    status: u16,
    cookies: Vec<String>,
    body: String,
}

impl Answer {
    /// `None` unless the answer came whole: half a page is no acknowledgement.
    fn of(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut rows = head.split("\r\n");
        let status = rows.next()?.split(' ').nth(1)?.parse().ok()?;
        let (mut cookies, mut length) = (Vec::new(), None);
        for row in rows {
            let Some((name, value)) = row.split_once(':') else { continue };
            match name.to_ascii_lowercase().as_str() {
                "set-cookie" => cookies.push(value.trim().to_owned()),
                "content-length" => length = value.trim().parse::<usize>().ok(),
                _ => {}
            }
        }
        (length == Some(body.len())).then(|| Self { status, cookies, body: body.to_owned() })
    }
}

/// A page that was read: the marks that the pages carry for programs.
struct Seen(String);

impl Seen {
    /// The subject of the open question.
    fn asked(&self) -> Option<&str> {
        between(&self.0, "data-asks=\"", "\"")
    }

    /// The text that was told of a subject.
    fn told(&self, subject: &str) -> Option<&str> {
        between(&self.0, &format!("data-tells=\"{subject}\">"), "</div>")
    }

    fn has_choice(&self, id: &str) -> bool {
        self.0.contains(&format!("name=\"choice\" value=\"{id}\""))
    }

    /// The hidden fields of the form that answers.
    fn hidden(&self) -> Fields {
        self.hidden_of("/chat/answer")
    }

    fn hidden_of(&self, action: &str) -> Fields {
        let Some(form) = between(&self.0, &format!("action=\"{action}\""), "</form>") else { return Vec::new() };
        let inputs = form.split("<input type=\"hidden\" ").skip(1);
        let fields = inputs.filter_map(|input| {
            Some((between(input, "name=\"", "\"")?.to_owned(), between(input, "value=\"", "\"")?.to_owned()))
        });
        fields.collect()
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_answer_is_none() {
        let whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=b; Path=/\r\n\r\nhello";
        let read = Answer::of(whole).unwrap();
        assert_eq!((read.status, read.body.as_str(), read.cookies.len()), (200, "hello", 1));
        for end in 0..whole.len() {
            assert!(Answer::of(&whole[..end]).is_none(), "{end}");
        }
    }

    #[test]
    fn a_page_is_read_by_its_marks() {
        let page = Seen(
            "<div class=\"told\" data-tells=\"report-code\"><p>7417-0092-5533-1842</p></div>\
             <section data-asks=\"reason\"><form method=\"post\" action=\"/chat/answer\">\
             <input type=\"hidden\" name=\"form\" value=\"x\"><button name=\"choice\" value=\"yes\"></button></form>"
                .into(),
        );
        assert_eq!(page.asked(), Some("reason"));
        assert_eq!(page.told("report-code").and_then(sixteen_digits).as_deref(), Some("7417009255331842"));
        assert_eq!(page.hidden(), [("form".to_owned(), "x".to_owned())]);
        assert!(page.has_choice("yes") && !page.has_choice("no"));
    }
}
