//! What all pages share: the line, the clock, settings, open chats, figures.
//! Wiring it to a store and a clock is left to the program.

use crate::chat::open::Chats;
use crate::chat::passkey::Making;
use crate::cookies::Cookies;
use crate::counts::Counts;
use crate::health::Probe;
use crate::languages::{page_languages, preferred};
use crate::passkeys::Passkeys;
use crate::settings::WebSettings;
use axum::http::HeaderMap;
use caseline_conversation::Words;
use caseline_helpline::{Clock, Line};
use caseline_model::{Language, Time};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// More rows for `/metrics`, in Prometheus text: what other channels count. They carry no personal label.
pub type MoreFigures = Arc<dyn Fn() -> String + Send + Sync>;

/// What all pages share. Cloning it shares it.
#[derive(Clone)]
pub struct WebState(Arc<Shared>);

struct Shared {
    line: Arc<Line>,
    clock: Arc<dyn Clock>,
    settings: WebSettings,
    cookies: Cookies,
    languages: Vec<Language>,
    chats: Chats,
    passkeys: Option<Arc<Passkeys>>,
    making: Making,
    counts: Arc<Counts>,
    probe: Probe,
    more_figures: Option<MoreFigures>,
    stopping: AtomicBool,
}

impl WebState {
    /// The state of the pages of a line.
    pub fn new(line: Arc<Line>, clock: Arc<dyn Clock>, settings: WebSettings) -> Self {
        Self::with_figures(line, clock, settings, Arc::default(), None)
    }

    /// The same, counting into figures that the program shares with other channels.
    pub fn with_figures(
        line: Arc<Line>,
        clock: Arc<dyn Clock>,
        settings: WebSettings,
        counts: Arc<Counts>,
        more_figures: Option<MoreFigures>,
    ) -> Self {
        let cookies = Cookies::new(settings.page_key.clone(), settings.is_secure());
        let languages = page_languages(&line.program);
        let (chats, probe) = (Chats::default(), Probe::default());
        let passkeys = passkeys(&settings).map(Arc::new);
        let stopping = AtomicBool::new(false);
        Self(Arc::new(Shared {
            line,
            clock,
            settings,
            cookies,
            languages,
            chats,
            passkeys,
            making: Making::default(),
            counts,
            probe,
            more_figures,
            stopping,
        }))
    }

    /// The line is about to stop: from now on every page of a chat says so, with the number to call. The chats stay in
    /// the store, and go on in the next process.
    pub fn begin_to_stop(&self) {
        self.0.stopping.store(true, Ordering::Release);
    }

    /// Until everybody whose chat runs in this process was told so: at the next page that they ask for. Somebody who
    /// asks for none keeps this waiting; give it an end.
    pub async fn all_told_of_stop(&self) {
        self.chats().all_told_of_stop().await;
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Acquire)
    }

    /// Closes chats to which nothing came for as long as the policy gives. Call it every half minute or so.
    pub async fn close_idle(&self, now: Time) {
        self.chats().close_idle(self, now).await;
    }

    /// The figures that `/metrics` shows.
    pub fn counts(&self) -> &Counts {
        &self.0.counts
    }

    /// How many chats are open.
    pub fn open_chat_count(&self) -> usize {
        self.chats().open_count()
    }

    /// The settings.
    pub fn settings(&self) -> &WebSettings {
        &self.0.settings
    }

    pub(crate) fn line(&self) -> &Arc<Line> {
        &self.0.line
    }

    pub(crate) fn words(&self) -> &Words {
        &self.0.line.program.words
    }

    pub(crate) fn now(&self) -> Time {
        self.0.clock.now()
    }

    pub(crate) fn cookies(&self) -> &Cookies {
        &self.0.cookies
    }

    pub(crate) fn chats(&self) -> &Chats {
        &self.0.chats
    }

    /// Passkeys; none when the address of the pages names no host.
    pub(crate) fn passkeys(&self) -> Option<&Arc<Passkeys>> {
        self.0.passkeys.as_ref()
    }

    /// Passkeys that wait for a code.
    pub(crate) fn making(&self) -> &Making {
        &self.0.making
    }

    pub(crate) fn probe(&self) -> &Probe {
        &self.0.probe
    }

    pub(crate) fn more_figures(&self) -> Option<&MoreFigures> {
        self.0.more_figures.as_ref()
    }

    /// The languages that have pages.
    pub(crate) fn languages(&self) -> &[Language] {
        &self.0.languages
    }

    /// The language for a browser whose page has none.
    pub(crate) fn preferred_language(&self, headers: &HeaderMap) -> Language {
        preferred(headers, self.languages())
    }

    /// In which language the frame of a page stands for somebody who speaks a language: their own if it has pages, else
    /// the one that the operator's policy names for it, else the first.
    pub(crate) fn frame_language(&self, language: Language) -> Language {
        let announced = self.0.line.program.policy.announced_in.get(&language).copied();
        [Some(language), announced, self.languages().first().copied()]
            .into_iter()
            .flatten()
            .find(|candidate| self.languages().contains(candidate))
            .unwrap_or(Language::ENGLISH)
    }
}

/// Passkeys are bound to the host of the public address; without one to `localhost`, where the pages of a browser on this
/// machine are.
fn passkeys(settings: &WebSettings) -> Option<Passkeys> {
    let address = settings.address();
    Passkeys::new(&address, settings.public_address.is_none(), "", settings.page_key.clone())
        .inspect_err(|what| tracing::warn!(address, what, "no passkeys: this address names no host"))
        .ok()
}
