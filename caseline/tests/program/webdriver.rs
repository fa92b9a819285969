//! A real browser, driven over WebDriver (W3C WebDriver 2; virtual authenticators by Web Authentication Level 3, 11):
//! Debian's Chromium by its ChromeDriver, on loopback, with a security key that exists in the test alone.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Debian's names of both programs.
const DRIVER: &str = "/usr/bin/chromedriver";
const BROWSER: &str = "/usr/bin/chromium";

/// How long anything of a browser may take.
const WITHIN: Duration = Duration::from_secs(60);

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// ChromeDriver, until it is dropped.
pub struct Driver {
    child: Child,
    port: u16,
}

/// One browser with its own cookies.
pub struct RealBrowser<'d> {
    driver: &'d Driver,
    path: String,
}

impl Driver {
    /// Starts it on a free port; `None` where the machine has no browser.
    pub fn start() -> Option<Self> {
        if !Path::new(DRIVER).exists() || !Path::new(BROWSER).exists() {
            return None;
        }
        let mut child = Command::new(DRIVER)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("ChromeDriver starts");
        let mut rows = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = rows.find_map(|row| {
            let row = row.unwrap();
            row.split("successfully on port ").nth(1).and_then(|rest| rest.trim_end_matches('.').parse().ok())
        });
        // Whoever writes into a pipe that nobody reads is ended by it.
        std::thread::spawn(move || rows.for_each(drop));
        Some(Self { child, port: port.expect("it says its port") })
    }

    /// A new browser without a window.
    pub fn browser(&self) -> RealBrowser<'_> {
        // The sandbox of Chromium cannot be had as root in a container; it opens nothing but our own pages.
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": BROWSER, "args": arguments },
        } } });
        let begun = self.ask("POST", "/session", &wanted).expect("a browser starts");
        let path = format!("/session/{}", begun["sessionId"].as_str().unwrap());
        RealBrowser { driver: self, path }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(WITHIN)).unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut row = String::new();
            reader.read_line(&mut row).unwrap();
            let row = row.trim().to_lowercase();
            if row.is_empty() {
                break;
            }
            if let Some(value) = row.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let value = answer["value"].clone();
        match value.get("error") {
            Some(error) if !error.is_null() => Err(format!("{path}: {value}")),
            _ => Ok(value),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl RealBrowser<'_> {
    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        self.driver.ask(method, &format!("{}{path}", self.path), body)
    }

    /// Plugs a security key in. It verifies its holder, or it cannot.
    pub fn plug_in_key(&self, verifies: bool) -> String {
        let key = json!({
            "protocol": "ctap2", "transport": "internal",
            "hasResidentKey": true, "hasUserVerification": true, "isUserVerified": verifies,
        });
        self.ask("POST", "/webauthn/authenticator", &key).unwrap().as_str().unwrap().to_owned()
    }

    /// Whether the key recognises its holder from now on.
    pub fn set_verified(&self, key: &str, verifies: bool) {
        let path = format!("/webauthn/authenticator/{key}/uv");
        self.ask("POST", &path, &json!({ "isUserVerified": verifies })).unwrap();
    }

    /// The passkeys that the key holds, as Web Authentication Level 3, 11.6 lists them.
    pub fn passkeys(&self, key: &str) -> Vec<Value> {
        let found = self.ask("GET", &format!("/webauthn/authenticator/{key}/credentials"), &Value::Null).unwrap();
        let shown = |kept: &Value| {
            let mut kept = kept.clone();
            // Its private half says nothing to a person.
            kept.as_object_mut().unwrap().remove("privateKey");
            kept
        };
        found.as_array().unwrap().iter().map(shown).collect()
    }

    pub fn open(&self, address: &str) {
        self.ask("POST", "/url", &json!({ "url": address })).unwrap();
    }

    pub fn address(&self) -> String {
        self.ask("GET", "/url", &Value::Null).unwrap().as_str().unwrap().to_owned()
    }

    pub fn html(&self) -> String {
        self.ask("GET", "/source", &Value::Null).unwrap().as_str().unwrap().to_owned()
    }

    /// The elements of a CSS selector that are there now.
    fn found(&self, css: &str) -> Vec<String> {
        let found = self.ask("POST", "/elements", &json!({ "using": "css selector", "value": css })).unwrap();
        found.as_array().unwrap().iter().map(|element| element[ELEMENT].as_str().unwrap().to_owned()).collect()
    }

    /// Types into a field, as a keyboard does.
    pub fn type_in(&self, css: &str, text: &str) {
        let field = self.found(css).into_iter().next().unwrap_or_else(|| panic!("no {css} in {}", self.html()));
        self.ask("POST", &format!("/element/{field}/clear"), &json!({})).unwrap();
        self.ask("POST", &format!("/element/{field}/value"), &json!({ "text": text })).unwrap();
    }

    /// Presses a button or link by the Enter key: all of it works without a mouse.
    pub fn press(&self, css: &str) {
        let button = self.found(css).into_iter().next().unwrap_or_else(|| panic!("no {css} in {}", self.html()));
        self.ask("POST", &format!("/element/{button}/value"), &json!({ "text": "\u{e007}" })).unwrap();
    }

    /// The texts that a selector names.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let text = |element: &String| self.ask("GET", &format!("/element/{element}/text"), &Value::Null);
        self.found(css).iter().map(|element| text(element).unwrap().as_str().unwrap().to_owned()).collect()
    }

    /// Looks again until the page has a text; a browser tells nobody when it has loaded a page after a script.
    pub fn wait_for(&self, text: &str) {
        let deadline = Instant::now() + WITHIN;
        loop {
            // A page that is just going away has no body for a moment.
            let body = self.ask("POST", "/elements", &json!({ "using": "css selector", "value": "body" }));
            let body = body.ok().and_then(|found| found[0][ELEMENT].as_str().map(str::to_owned));
            let shown = body.and_then(|body| self.ask("GET", &format!("/element/{body}/text"), &Value::Null).ok());
            if shown.is_some_and(|shown| shown.as_str().is_some_and(|shown| shown.contains(text))) {
                return;
            }
            assert!(Instant::now() < deadline, "`{text}` in vain at {}: {}", self.address(), self.html());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Pictures of the page on a phone and on a desk, if somebody wants to look: set `CASELINE_DESK_PICTURES` to a
    /// folder.
    pub fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("CASELINE_DESK_PICTURES") else { return };
        for width in [360, 1_280] {
            let height = if width == 360 { 740 } else { 900 };
            let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width == 360 });
            self.devtools("Emulation.setDeviceMetricsOverride", metrics);
            let wide = self.ask(
                "POST",
                "/execute/sync",
                &json!({
                    "script": "return document.documentElement.scrollWidth", "args": [],
                }),
            );
            assert!(wide.unwrap().as_u64().unwrap() <= width, "{name} is wider than {width} pixels");
            let taken =
                self.devtools("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true }));
            let file = Path::new(&folder).join(format!("{name}-{width}.png.base64"));
            std::fs::write(file, taken["data"].as_str().unwrap()).unwrap();
        }
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({}));
    }

    fn devtools(&self, command: &str, with: Value) -> Value {
        self.ask("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": with })).unwrap()
    }

    /// The page as it is printed: how many sheets of paper.
    pub fn sheets_printed(&self) -> usize {
        let printed =
            self.devtools("Page.printToPDF", json!({ "preferCSSPageSize": false, "transferMode": "ReturnAsBase64" }));
        let pdf = from_base64(printed["data"].as_str().unwrap());
        let count = |sign: &[u8]| pdf.windows(sign.len()).filter(|part| *part == sign).count();
        // `/Type /Page` also begins `/Type /Pages`, the list of them (ISO 32000-1, 7.7.3).
        count(b"/Type /Page") - count(b"/Type /Pages")
    }
}

impl Drop for RealBrowser<'_> {
    fn drop(&mut self) {
        let _ = self.ask("DELETE", "", &Value::Null);
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for value in text.bytes().filter_map(value) {
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
