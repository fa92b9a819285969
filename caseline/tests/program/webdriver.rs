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

/// What every page must hold; it returns what it finds wrong.
const USABLE: &str = include_str!("usable.js");

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
        self.begin(&[], json!({}))
    }

    /// One for hosts that exist in a test alone, such as `MAP desk.example.org 127.0.0.1`: it takes their certificates, and
    /// tells afterwards what it did on the network.
    pub fn browser_of_made_up_hosts(&self, hosts: &str) -> RealBrowser<'_> {
        let more = json!({ "acceptInsecureCerts": true, "goog:loggingPrefs": { "performance": "ALL" } });
        self.begin(&[&format!("--host-resolver-rules={hosts}")], more)
    }

    fn begin(&self, more: &[&str], mut wanted: Value) -> RealBrowser<'_> {
        // The sandbox of Chromium cannot be had as root in a container; it opens nothing but our own pages.
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"];
        wanted["browserName"] = json!("chrome");
        let arguments = [&arguments[..], more].concat();
        wanted["goog:chromeOptions"] = json!({ "binary": BROWSER, "args": arguments });
        let wanted = json!({ "capabilities": { "alwaysMatch": wanted } });
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

    /// What it did on the network since this was asked last, as the Chrome DevTools Protocol tells it: method and parameters
    /// of each event.
    pub fn network(&self) -> Vec<(String, Value)> {
        let rows = self.ask("POST", "/se/log", &json!({ "type": "performance" })).unwrap();
        let event = |row: &Value| {
            let row: Value = serde_json::from_str(row["message"].as_str().unwrap()).unwrap();
            (row["message"]["method"].as_str().unwrap().to_owned(), row["message"]["params"].clone())
        };
        rows.as_array().unwrap().iter().map(event).collect()
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

    /// Runs a script on the page and takes what it returns.
    pub fn run(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", &json!({ "script": script, "args": [] })).unwrap()
    }

    /// A script that runs in every page before its own; scripts of the page see what it changes.
    pub fn before_every_page(&self, script: &str) -> String {
        let known = self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
        known["identifier"].as_str().unwrap().to_owned()
    }

    /// It no longer runs.
    pub fn no_longer_before(&self, known: &str) {
        self.devtools("Page.removeScriptToEvaluateOnNewDocument", json!({ "identifier": known }));
    }

    /// Whether pages may run scripts from now on.
    pub fn set_scripts(&self, may_run: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !may_run }));
    }

    /// The button that goes back.
    pub fn back(&self) {
        self.ask("POST", "/back", &json!({})).unwrap();
    }

    /// What the browser keeps under a name.
    pub fn cookie(&self, name: &str) -> String {
        let kept = self.ask("GET", &format!("/cookie/{name}"), &Value::Null).unwrap();
        kept["value"].as_str().unwrap().to_owned()
    }

    /// Forgets whatever pages gave it to keep.
    pub fn drop_cookies(&self) {
        self.ask("DELETE", "/cookie", &json!({})).unwrap();
    }

    /// Waits until the page has what a selector names.
    pub fn wait_for_one(&self, css: &str) {
        let deadline = Instant::now() + WITHIN;
        while self.found(css).is_empty() {
            assert!(Instant::now() < deadline, "{css} in vain at {}: {}", self.address(), self.html());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Holds the page to what people need who see little, use a keyboard or a small screen: on a desk, and as narrow as
    /// letters of four times the size make it (WCAG 2.2, 1.4.10), by day and by night.
    pub fn picture(&self, name: &str) {
        self.looks(name, &[(1_280, "light"), (320, "light"), (320, "dark")]);
    }

    /// The same as narrow as it gets: for a page whose words alone are others.
    pub fn picture_narrow(&self, name: &str) {
        self.looks(name, &[(320, "light")]);
    }

    /// And pictures of it, if somebody wants to look: set `CASELINE_DESK_PICTURES` to a folder.
    fn looks(&self, name: &str, views: &[(u64, &str)]) {
        for (width, colors) in views {
            self.screen(*width, if *width == 320 { 600 } else { 800 }, 1, *width == 320);
            let wanted = json!([{ "name": "prefers-color-scheme", "value": colors }]);
            self.devtools("Emulation.setEmulatedMedia", json!({ "features": wanted }));
            let found = self.hard_to_use();
            assert!(found.is_empty(), "{name}, {width} pixels wide, {colors}, at {}: {found:#?}", self.address());
        }
        if let Some(folder) = std::env::var_os("CASELINE_DESK_PICTURES") {
            let views = [("dark", 390, 844, 1), ("phone", 390, 844, 1), ("zoom", 640, 400, 2), ("desk", 1_280, 800, 1)];
            for (view, width, height, scale) in views {
                let colors = if view == "dark" { "dark" } else { "light" };
                let wanted = json!([{ "name": "prefers-color-scheme", "value": colors }]);
                self.devtools("Emulation.setEmulatedMedia", json!({ "features": wanted }));
                self.screen(width, height, scale, width == 390);
                self.run("scrollTo(0, 0)");
                let taken =
                    self.devtools("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true }));
                let file = Path::new(&folder).join(format!("{name}-{view}.png"));
                std::fs::write(file, from_base64(taken["data"].as_str().unwrap())).unwrap();
            }
        }
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [] }));
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({}));
    }

    /// What makes the page hard to use, in words.
    pub fn hard_to_use(&self) -> Vec<String> {
        serde_json::from_value(self.run(USABLE)).unwrap()
    }

    fn screen(&self, width: u64, height: u64, scale: u64, is_phone: bool) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": is_phone });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics);
    }

    fn devtools(&self, command: &str, with: Value) -> Value {
        self.ask("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": with })).unwrap()
    }

    /// The page as it is printed on US Letter and on A4: how many sheets of paper.
    pub fn sheets_printed(&self) -> [usize; 2] {
        [(8.5, 11.0), (8.27, 11.69)].map(|(width, height)| {
            let paper = json!({ "paperWidth": width, "paperHeight": height, "transferMode": "ReturnAsBase64" });
            let pdf = from_base64(self.devtools("Page.printToPDF", paper)["data"].as_str().unwrap());
            let count = |sign: &[u8]| pdf.windows(sign.len()).filter(|part| *part == sign).count();
            // `/Type /Page` also begins `/Type /Pages`, the list of them (ISO 32000-1, 7.7.3).
            count(b"/Type /Page") - count(b"/Type /Pages")
        })
    }

    /// What a script finds on the page as it is printed; and a picture of it, if somebody wants to look.
    pub fn run_on_paper(&self, name: &str, script: &str) -> Value {
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" }));
        // US Letter at 96 pixels an inch.
        self.screen(816, 1_056, 1, false);
        let found = self.run(script);
        if let Some(folder) = std::env::var_os("CASELINE_DESK_PICTURES") {
            let taken = self.devtools("Page.captureScreenshot", json!({ "format": "png" }));
            let file = Path::new(&folder).join(format!("{name}-paper.png"));
            std::fs::write(file, from_base64(taken["data"].as_str().unwrap())).unwrap();
        }
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": "" }));
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({}));
        found
    }
}

impl Drop for RealBrowser<'_> {
    fn drop(&mut self) {
        let _ = self.ask("DELETE", "", &json!({}));
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
