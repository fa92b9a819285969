//! The stage `chat`: a browser without scripts reads the web pages, fills their forms in and presses their buttons.
//! The stage `engine` plays along as the judge: each page must hold, word for word, what it says.

mod browser;

pub use browser::encoded;

use super::acting::Act;
use super::acting::report_state;
use super::drawn::{asked_on_page, told_on_page};
use super::engine::{CHAT, EngineStage, passing};
use super::{Failure, Happening, Stage};
use crate::material::Material;
use crate::overheard::renderings;
use crate::play::{Page, Played, engine_stage};
use crate::script::{CallerDoes, Doing, LineDoes, Step};
use crate::world::{Staging, World};
use browser::{Browser, Form, Seen};
use caseline_conversation::output::Expected;
use caseline_conversation::{Key, Question, SlotType};
use caseline_helpline::Clock;
use caseline_helpline::ports::{Store, TaskKind};
use caseline_model::{Date, FileReceipt, Private};
use caseline_web::{PageKey, Transport, WebSettings, WebState, metrics_router, router};
use std::sync::Arc;
use std::time::Duration;

/// Plays a page of the book in a chat.
///
/// # Errors
/// The first row that does not hold, or what the web page said instead.
pub async fn on_chat(page: &Page, material: &Material) -> Result<Played, Failure> {
    let mut stage = ChatStage::open(page, material).await?;
    let played = stage.play(page).await;
    let program = Arc::clone(&stage.judge.world.line.program);
    played.map_err(|failure| failure.told_with(&page.script, &program.words, CHAT, &stage.judge.exchanges))?;
    let mut given = stage.judge.given;
    given.extend(stage.codes.into_iter().map(|(_, shown)| Private::new(shown)));
    Ok(Played { exchanges: stage.judge.exchanges, program, channel: CHAT, given, packets_lost: 0 })
}

struct ChatStage {
    judge: EngineStage,
    real: World,
    pages: WebState,
    browser: Browser,
    seen: Option<Seen>,
    left: bool,
    /// Pages draw randomness of their own, so a code reads otherwise on them: the judge's and the page's.
    codes: Vec<(String, String)>,
}

impl ChatStage {
    async fn open(page: &Page, material: &Material) -> Result<Self, Failure> {
        let judge = engine_stage(page, material, Stage::Chat, CHAT, Staging::default()).await?;
        let staging = Staging { program: Some(Arc::clone(&judge.world.line.program)), ..Staging::default() };
        let real = World::of(&page.script, material, staging).await;
        let real = real.map_err(|fault| Failure::at(fault.row, fault.what))?;
        let pages = pages_of(&real);
        let browser = Browser::new(router(pages.clone()));
        Ok(Self { judge, real, pages, browser, seen: None, left: false, codes: Vec::new() })
    }

    /// The pages are served by another process, which has nothing but the store; the browser keeps its page and cookies.
    fn next_process(&mut self) {
        let inner = self.real.store.inner();
        self.real.next_process(inner);
        self.pages = pages_of(&self.real);
        self.browser.reaches(router(self.pages.clone()));
    }

    /// Nothing that the caller gave stands in an address that the browser asked for, or in a figure.
    async fn nothing_is_in_an_address_or_a_figure(&self) -> Result<(), String> {
        let figures = Browser::new(metrics_router(self.pages.clone())).text("/metrics").await?;
        let given = self.judge.given.iter().map(|value| value.reveal().as_str());
        let shown = self.codes.iter().map(|(_, shown)| shown.as_str());
        let signs: Vec<String> = given.chain(shown).flat_map(renderings).collect();
        let found = |text: &str| signs.iter().any(|sign| text.contains(sign.as_str()));
        if found(&figures) {
            return Err("a value that the caller gave is in a figure".into());
        }
        match self.browser.asked_for().iter().any(|address| found(address)) {
            true => Err("a value that the caller gave is in an address".into()),
            false => Ok(()),
        }
    }

    async fn play(&mut self, page: &Page) -> Result<(), Failure> {
        for step in &page.script.steps {
            if self.judge.playing.plays(step)? {
                self.step(step).await.map_err(|what| Failure::at(step.row, what))?;
            }
        }
        self.judge.finish().await;
        self.judge.afterwards(&page.script).await?;
        self.compare().await.map_err(|what| Failure::at(0, what))?;
        self.nothing_is_in_an_address_or_a_figure().await.map_err(|what| Failure::at(0, what))
    }

    async fn step(&mut self, step: &Step) -> Result<(), String> {
        match &step.doing {
            Doing::Caller(does) => self.caller(does).await,
            Doing::Line(LineDoes::Calls(_)) => Err("the line calls nobody on this stage".into()),
            Doing::Line(_) | Doing::Agent(..) => self.judge.step(step).await.map_err(|failure| failure.what),
            Doing::Direction(what) => {
                self.judge.direction(what).await?;
                match what.as_str() {
                    "the disk is full" => self.real.store.fill_disk(true),
                    "the disk has room again" => self.real.store.fill_disk(false),
                    "the process stops and another takes over" => self.next_process(),
                    _ => {}
                }
                if let Some(time) = passing(what) {
                    self.real.clock.advance(time);
                }
                match what.strip_prefix("a person moves the report to ") {
                    Some(state) => self.move_report(state).await,
                    None => self.real.at_the_desk(what).await.unwrap_or(Ok(())),
                }
            }
        }
    }

    async fn caller(&mut self, does: &CallerDoes) -> Result<(), String> {
        let act = self.judge.meaning(does)?;
        let question = self.judge.question().cloned();
        self.real.clock.advance(Duration::from_secs(3));
        self.judge.act(act.clone(), crate::script::print::caller(does)).await?;
        if let Act::Arrive(_) = act {
            self.left = false;
            let language = self.real.language.map(|language| language.tag().to_owned());
            let public = self.browser.open(&format!("/{}", language.as_deref().unwrap_or("en"))).await?;
            let form = public.button("begin", language.as_deref().unwrap_or("ask"))?;
            self.seen = Some(self.browser.send(form).await?);
        } else if act == Act::Leave {
            // The window is closed; the chat is over when its time is, or when another begins.
            self.left = true;
            return Ok(());
        } else {
            let seen = self.seen.as_ref().ok_or("no chat is open")?;
            let form = answer(seen, &self.on_page(act), question.as_ref())?;
            self.seen = Some(self.browser.send(form).await?);
        }
        self.holds()
    }

    async fn move_report(&self, state: &str) -> Result<(), String> {
        let (_, code) = self.codes.last().ok_or("no report code was shown")?;
        let code: FileReceipt = code.parse().map_err(|fault| format!("{fault}"))?;
        let state = report_state(state)?;
        match self.real.store.move_report(self.real.now(), &Private::new(code), state).await {
            Ok(true) => Ok(()),
            _ => Err("the line does not know the code that was shown".into()),
        }
    }

    /// A code that was heard is given as the page showed it.
    fn on_page(&self, act: Act) -> Act {
        let Act::Give(value) = &act else { return act };
        let shown = self.codes.iter().find(|(judged, _)| digits(judged) == digits(value.reveal()));
        shown.map_or_else(|| act.clone(), |(_, shown)| Act::Give(Private::new(shown.clone())))
    }

    /// The page holds all that the judge told in this exchange, after what stood there, and just the open question.
    fn holds(&mut self) -> Result<(), String> {
        let seen = self.seen.as_ref().ok_or("no chat is open")?;
        let words = &self.judge.world.line.program.words;
        let mut shown = seen.told();
        for heard in self.judge.heard() {
            let Happening::Told(telling) = &heard.what else { continue };
            if !matches!(telling.subject.as_str(), "file-receipt" | "report-code") {
                continue;
            }
            let judged = told_on_page(words, heard.language, telling).iter().find_map(|text| code_in(text));
            let row = shown.iter_mut().find(|row| row.0 == telling.subject);
            let text = row.and_then(|row| row.1.iter_mut().find(|text| code_in(text).is_some()));
            if let (Some(judged), Some(text)) = (judged, text)
                && let Some(on_page) = code_in(text)
            {
                *text = text.replace(&on_page, &judged);
                self.codes.push((judged, on_page));
            }
        }
        let mut rest = shown.iter();
        for heard in self.judge.heard() {
            let Happening::Told(telling) = &heard.what else { continue };
            let texts: Vec<String> =
                told_on_page(words, heard.language, telling).iter().map(|text| plain(text)).collect();
            // The page has its own words for what is said while somebody is rung.
            let is_it = |row: &&(String, Vec<String>)| row.0 == telling.subject && (texts.is_empty() || row.1 == texts);
            if !rest.any(|row| is_it(&row)) {
                return Err(format!("expected on the page: {} {texts:?}; it shows {shown:?}", telling.subject));
            }
        }
        let asked = self.judge.heard().iter().rev().find_map(|heard| match &heard.what {
            Happening::Asked(question) => Some((question, heard.language)),
            _ => None,
        });
        match asked {
            Some((question, language)) => {
                let (texts, buttons) = asked_on_page(words, language, question);
                let wanted = plain(&texts.join(" "));
                if seen.asked() != wanted {
                    return Err(format!("expected the question \"{wanted}\"; the page asks \"{}\"", seen.asked()));
                }
                let wanted: Vec<_> = buttons.into_iter().map(|(id, label)| (id, plain(&label))).collect();
                if seen.options() != wanted {
                    return Err(format!("expected the buttons {wanted:?}; the page has {:?}", seen.options()));
                }
                Ok(())
            }
            None if seen.asked().is_empty() => Ok(()),
            None => Err(format!("the page still asks \"{}\"", seen.asked())),
        }
    }

    /// The store of the pages must hold what the judge's holds.
    async fn compare(&self) -> Result<(), String> {
        for kind in [TaskKind::Callback, TaskKind::Message, TaskKind::Reminder, TaskKind::Report] {
            let open = |world: &World| {
                let store = Arc::clone(&world.store);
                async move { store.open_task_count(kind).await.map_err(|fault| fault.to_string()) }
            };
            let (real, judged) = (open(&self.real).await?, open(&self.judge.world).await?);
            if real != judged {
                return Err(format!("{real} of kind {} are open, on values {judged}", kind.as_str()));
            }
        }
        if self.left {
            return Ok(());
        }
        let ended = |world: &World| world.store.seen().ended.iter().map(|row| row.1).collect::<Vec<_>>();
        // A page that is still open at the end has not been closed by anybody.
        if self.seen.as_ref().is_some_and(|seen| seen.asked().is_empty())
            && ended(&self.real) != ended(&self.judge.world)
        {
            return Err(format!("chats ended {:?}, on values {:?}", ended(&self.real), ended(&self.judge.world)));
        }
        Ok(())
    }
}

/// The pages of a line, as a process that starts serves them.
fn pages_of(real: &World) -> WebState {
    let settings = WebSettings {
        bind: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
        transport: Transport::Plain,
        metrics_bind: None,
        line_name: "Open Door Legal Aid".into(),
        number_to_call: "+1 202 555 0100".into(),
        exit_to: None,
        public_address: None,
        desk_address: None,
        hosts_below_over_tls: true,
        answer_tries_after: Duration::from_millis(20),
        page_key: PageKey::new([7; 32]),
    };
    WebState::new(Arc::clone(&real.line), Arc::clone(&real.clock) as Arc<dyn Clock>, settings)
}

/// The form that says what the caller does.
fn answer(seen: &Seen, act: &Act, question: Option<&Question>) -> Result<Form, String> {
    match act {
        Act::Choose(option, _) => seen.button("choice", option),
        Act::Key(key, _) => seen.button(
            "key",
            match key {
                Key::Person => "person",
                Key::Urgent => "urgent",
                Key::Repeat => "repeat",
            },
        ),
        Act::Silence => seen.button("silent", "yes"),
        Act::Unclear => match question.map(|question| &question.expected) {
            Some(Expected::Value(_)) => seen.filled(&[("value", "???".to_owned())]),
            _ => Err("a page with buttons leaves nothing unclear".into()),
        },
        Act::Give(value) => {
            let value = value.reveal();
            let is_date = matches!(question.map(|question| &question.expected), Some(Expected::Value(SlotType::Date)));
            match value.parse::<Date>() {
                Ok(date) if is_date => seen.filled(&[
                    ("month", date.month().to_string()),
                    ("day", date.day().to_string()),
                    ("year", date.year().to_string()),
                ]),
                _ => seen.filled(&[("value", value.clone())]),
            }
        }
        _ => Err("this cannot be done in a chat".into()),
    }
}

/// Four groups of four digits in a text.
fn code_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '-');
    words.filter(|word| word.len() == 19).find(|word| digits(word).len() == 16).map(str::to_owned)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A text as a page shows it: one blank between words.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
