//! What every page has: its language and direction, the line's name, the way out, the number to call.
//! What stands inside is left to each page.

use crate::state::WebState;
use crate::style;
use crate::texts::{Text, direction};
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use caseline_conversation::page::{Written, written_phrases};
use caseline_conversation::policy::Drafts;
use caseline_conversation::{Arg, Phrase};
use caseline_model::Language;

/// The frame of a page in a language.
pub(crate) struct Frame {
    state: WebState,
    language: Language,
}

impl Frame {
    /// The frame in one of the languages that have pages.
    pub(crate) fn new(state: &WebState, language: Language) -> Self {
        Self { state: state.clone(), language }
    }

    /// The words of a key, as they are.
    pub(crate) fn word(&self, key: &str) -> String {
        self.state.words().written(self.language, &Phrase::new(key)).unwrap_or_else(|missing| {
            tracing::warn!(%missing, "a page lacks words");
            String::new()
        })
    }

    /// The words of a key with the number to call filled in, as a link.
    pub(crate) fn word_with_number(&self, key: &str) -> Text {
        let number = self.number();
        // The number is cut out again below, so that its link is the one of the settings and not of its digits.
        let phrase = Phrase::new(key).with("phone", Arg::Name(number.to_owned()));
        let text = self.state.words().written(self.language, &phrase).unwrap_or_default();
        let mut text = Text::plain(&Written { language: self.language, text, holds_digits: false });
        if let Some(whole) = text.pieces.pop() {
            text.pieces = crate::texts::cut_out(&whole.text, number, &self.state.settings().number_link());
        }
        text
    }

    /// The texts of phrases, telephone numbers as links.
    pub(crate) fn texts(&self, phrases: &[Phrase]) -> Vec<Text> {
        let (written, missing) = written_phrases(self.state.words(), self.language, phrases);
        for missing in missing {
            tracing::warn!(%missing, "a page lacks words");
        }
        written.iter().map(Text::told).collect()
    }

    /// The same for one key.
    pub(crate) fn told(&self, key: &str) -> Vec<Text> {
        self.texts(&[Phrase::new(key)])
    }

    pub(crate) fn tag(&self) -> &str {
        self.language.tag()
    }

    pub(crate) fn direction(&self) -> &'static str {
        direction(self.language)
    }

    /// The line's name.
    pub(crate) fn name(&self) -> &str {
        &self.state.settings().line_name
    }

    /// The public page in this language.
    pub(crate) fn home(&self) -> String {
        format!("/{}", self.tag())
    }

    pub(crate) fn number(&self) -> &str {
        &self.state.settings().number_to_call
    }

    pub(crate) fn number_link(&self) -> String {
        self.state.settings().number_link()
    }

    pub(crate) fn style(&self) -> &'static str {
        style::address()
    }

    /// Drafts are spoken: nothing here is for the public.
    pub(crate) fn is_demo(&self) -> bool {
        self.state.line().program.policy.drafts == Drafts::Spoken
    }
}

/// A page as an answer.
pub(crate) fn answer(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
