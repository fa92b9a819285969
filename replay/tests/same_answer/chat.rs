//! Two hundred tries in the chat, through the pages in process, on the real store with its slow index.
//! That every answer waits for its moment is held to the turned clock in `contacts`; here none may leave before it.

use crate::numbers::{CLASSES, Class, prepare, world};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use caseline_helpline::Clock;
use caseline_replay::world::{Folder, as_store};
use caseline_web::{PageKey, Transport, WebSettings, WebState, router};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tower::ServiceExt;

/// Shorter than in life, where it is a second.
const ANSWER_TRIES_AFTER: Duration = Duration::from_millis(80);
const ROUNDS: u32 = 20;
const TRIES_A_CHAT: u32 = 2;

struct Chat {
    router: Router,
    cookies: BTreeMap<String, String>,
    page: String,
}

impl Chat {
    async fn begin(router: &Router) -> Self {
        let mut chat = Self { router: router.clone(), cookies: BTreeMap::new(), page: String::new() };
        chat.page = chat.send(Method::GET, "/en", String::new()).await.1;
        let fields = format!("form={}&page=en&begin=en", chat.hidden("form"));
        assert_eq!(chat.send(Method::POST, "/chat", fields).await.0, StatusCode::SEE_OTHER);
        chat.look().await;
        chat.answer("choice", "my-case").await;
        chat
    }

    /// Sends the open question's form and looks at the page that follows; how long the answer took.
    async fn answer(&mut self, field: &str, value: &str) -> Duration {
        let hidden = ["form", "step", "page"].map(|name| format!("{name}={}", self.hidden(name)));
        let sent_at = Instant::now();
        let (status, _) =
            self.send(Method::POST, "/chat/answer", format!("{}&{field}={value}", hidden.join("&"))).await;
        let took = sent_at.elapsed();
        assert_eq!(status, StatusCode::SEE_OTHER);
        self.look().await;
        took
    }

    async fn look(&mut self) {
        self.page = self.send(Method::GET, "/chat", String::new()).await.1;
    }

    /// The page without the seals of its forms and what a device is asked to sign, which differ in every chat.
    fn page_without_seals(&self) -> String {
        let differs = |row: &str| row.contains("type=\"hidden\"") || row.contains("data-options=");
        self.page.lines().filter(|row| !differs(row)).collect::<Vec<_>>().join("\n")
    }

    fn hidden(&self, name: &str) -> String {
        let marked = format!("name=\"{name}\" value=\"");
        let at = self.page.find(&marked).unwrap_or_else(|| panic!("no field {name} in:\n{}", self.page));
        self.page[at + marked.len()..].split('"').next().unwrap().to_owned()
    }

    async fn send(&mut self, method: Method, path: &str, body: String) -> (StatusCode, String) {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        let (head, sent) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        (head.status, String::from_utf8(to_bytes(sent, 1 << 20).await.unwrap().to_vec()).unwrap())
    }
}

fn settings() -> WebSettings {
    WebSettings {
        bind: "127.0.0.1:0".parse().unwrap(),
        transport: Transport::Plain,
        metrics_bind: None,
        line_name: "Made-Up Helpline".into(),
        number_to_call: "+1 202 555 0100".into(),
        exit_to: None,
        public_address: None,
        desk_address: None,
        hosts_below_over_tls: true,
        answer_tries_after: ANSWER_TRIES_AFTER,
        page_key: PageKey::new([42; 32]),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_tries_in_the_chat_show_one_page_and_none_before_its_moment() {
    let folder = Folder::empty().unwrap();
    let start = world(None, false).await.now();
    let store = folder.start(start).await.unwrap();
    let world = world(Some(as_store(&store)), false).await;
    let state = WebState::new(Arc::clone(&world.line), Arc::clone(&world.clock) as Arc<dyn Clock>, settings());
    let router = router(state);
    let mut tries = 0;
    for round in 0..ROUNDS {
        // Every other round is a day later: its first tries are compared, those of the next round meet the limits.
        let day = round / 2;
        if round % 2 == 0 {
            world.clock.advance(Duration::from_secs(25 * 3_600));
            prepare(&*world.line.store, world.now(), day).await;
        }
        let mut chats: Vec<(Class, Chat)> = Vec::new();
        for n in 0..CLASSES.len() {
            chats.push((CLASSES[(n + round as usize) % CLASSES.len()], Chat::begin(&router).await));
        }
        for nth in 0..TRIES_A_CHAT {
            let mut pages = Vec::new();
            for (class, chat) in &mut chats {
                chat.answer("value", &format!("{:09}", class.number(day))).await;
                let took = chat.answer("value", &class.code()).await;
                assert!(took >= ANSWER_TRIES_AFTER, "round {round}, try {nth}, {class:?}: {took:?}");
                pages.push((*class, chat.page_without_seals()));
                tries += 1;
            }
            for (class, page) in &pages {
                assert_eq!(page, &pages[0].1, "round {round}, try {nth}: {class:?} and {:?} differ", pages[0].0);
            }
            assert!(pages[0].1.contains("data-tells=\"not-opened"), "{}", pages[0].1);
        }
    }
    assert_eq!(tries, 200);
}
