//! Keeps long calls honest: agrees who refreshes a call and how often, so that a dead one ends (RFC 4028).
//! Sending the refresh is `sip::dialog`; nothing here touches a clock.

use super::settings::REFRESH_S_MIN;
use super::wire::{Message, params};
use std::time::{Duration, Instant};

/// The longest interval we follow; a day is longer than any call.
const REFRESH_S_MAX: u32 = 86_400;

/// What was agreed for one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refresh {
    pub every_s: u32,
    /// We refresh; else the peer does and we watch.
    pub ours: bool,
    pub agreed_at: Instant,
    /// Not before this instant we try again after a failure.
    pub not_before_at: Instant,
}

/// What is due now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    /// Send a refresh.
    Ask,
    /// The interval is over without a refresh: the call is dead.
    End,
}

impl Refresh {
    pub fn new(every_s: u32, ours: bool, now: Instant) -> Self {
        Self { every_s: every_s.clamp(REFRESH_S_MIN, REFRESH_S_MAX), ours, agreed_at: now, not_before_at: now }
    }

    /// RFC 4028 section 10: refresh at half the interval; the watcher hangs up min(32 s, a third) before its end.
    pub fn due(&self, now: Instant) -> Due {
        let passed = now.saturating_duration_since(self.agreed_at);
        let every = Duration::from_secs(u64::from(self.every_s));
        let margin = Duration::from_secs(32).min(every / 3);
        if passed >= every.saturating_sub(margin) {
            Due::End
        } else if self.ours && passed >= every / 2 && now >= self.not_before_at {
            Due::Ask
        } else {
            Due::Nothing
        }
    }
}

/// What a request of the peer asks about refreshing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    every_s: Option<u32>,
    refresher_is_peer: Option<bool>,
    supported: bool,
}

impl Asked {
    pub fn of(message: &Message<'_>) -> Self {
        let (every_s, refresher) = interval_in(message);
        Self {
            every_s,
            // In the peer's request the peer is "uac".
            refresher_is_peer: refresher.map(|who| who == Refresher::Asker),
            supported: message.lists("supported", "timer") || message.lists("require", "timer"),
        }
    }

    /// Whether it must be answered 422 with our shortest interval.
    pub fn is_too_short(&self) -> bool {
        self.supported && self.every_s.is_some_and(|every| every < REFRESH_S_MIN)
    }

    /// What we agree to, and the header rows that say so in our 2xx.
    pub fn agreed(&self, wanted: Option<Duration>, now: Instant) -> (Option<Refresh>, Vec<String>) {
        let wanted_s = wanted.map(|every| u32::try_from(every.as_secs()).unwrap_or(REFRESH_S_MAX));
        let Some(every_s) = self.every_s.or(wanted_s) else { return (None, Vec::new()) };
        // Who cannot refresh must not be asked to; otherwise the peer's wish holds, else we do it.
        let ours = !(self.supported && self.refresher_is_peer.unwrap_or(self.every_s.is_some()));
        let refresh = Refresh::new(every_s, ours, now);
        let who = if ours { "uas" } else { "uac" };
        let mut rows = vec![format!("Session-Expires: {};refresher={who}", refresh.every_s)];
        if !ours {
            rows.push(String::from("Require: timer"));
        }
        (Some(refresh), rows)
    }
}

/// What the peer's 2xx to a request of ours agreed to; `None`: no refreshing.
pub(crate) fn agreed_in_answer(message: &Message<'_>, now: Instant) -> Option<Refresh> {
    let (every_s, refresher) = interval_in(message);
    Some(Refresh::new(every_s?, refresher != Some(Refresher::Answerer), now))
}

/// The interval that a 422 demands.
pub(crate) fn demanded_s(message: &Message<'_>) -> Option<u32> {
    let value = message.header("min-se")?;
    value.split(';').next()?.trim().parse().ok().filter(|every| *every <= REFRESH_S_MAX)
}

/// Rows that ask for refreshing in a request of ours; `current` keeps the roles of a call that is up.
pub(crate) fn asking_rows(every_s: u32, current: Option<Refresh>) -> Vec<String> {
    let role = match current {
        Some(Refresh { ours: true, .. }) => ";refresher=uac",
        Some(Refresh { ours: false, .. }) => ";refresher=uas",
        None => "",
    };
    vec![format!("Session-Expires: {every_s}{role}"), format!("Min-SE: {REFRESH_S_MIN}")]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refresher {
    Asker,
    Answerer,
}

fn interval_in(message: &Message<'_>) -> (Option<u32>, Option<Refresher>) {
    let Some(value) = message.header("session-expires") else { return (None, None) };
    let (number, rest) = value.split_once(';').unwrap_or((value, ""));
    let refresher =
        params(rest).find(|(name, _)| name.eq_ignore_ascii_case("refresher")).and_then(|(_, who)| {
            match who.to_ascii_lowercase().as_str() {
                "uac" => Some(Refresher::Asker),
                "uas" => Some(Refresher::Answerer),
                _ => None,
            }
        });
    (number.trim().parse().ok(), refresher)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(rows: &str) -> String {
        format!("INVITE sip:a@b SIP/2.0\r\n{rows}")
    }

    fn asked(rows: &str) -> Asked {
        let text = message(rows);
        let (message, _) = Message::parse(&text, &[]).unwrap();
        Asked::of(&message)
    }

    #[test]
    fn the_peer_s_wish_about_who_refreshes_holds_when_it_can() {
        let now = Instant::now();
        let (refresh, rows) = asked("Supported: timer\r\nSession-Expires: 180;refresher=uac").agreed(None, now);
        assert!(!refresh.unwrap().ours);
        assert_eq!(rows, ["Session-Expires: 180;refresher=uac", "Require: timer"]);
        let (refresh, _) = asked("k: timer\r\nx: 180;refresher=uas").agreed(None, now);
        assert!(refresh.unwrap().ours);
        let (refresh, _) = asked("Session-Expires: 180").agreed(None, now);
        assert!(refresh.unwrap().ours, "a peer that does not know timers cannot be asked to refresh");
        assert_eq!(asked("Supported: timer").agreed(None, now), (None, Vec::new()));
    }

    #[test]
    fn too_short_an_interval_is_too_short_only_for_a_peer_that_understands_so() {
        assert!(asked("Supported: timer\r\nSession-Expires: 89").is_too_short());
        assert!(!asked("Supported: timer\r\nSession-Expires: 90").is_too_short());
        assert!(!asked("Session-Expires: 30").is_too_short());
    }

    #[test]
    fn a_refresh_is_due_at_half_time_and_the_end_a_little_before_the_whole() {
        let now = Instant::now();
        let at = |s| now + Duration::from_secs(s);
        let ours = Refresh::new(90, true, now);
        assert_eq!((ours.due(at(44)), ours.due(at(45)), ours.due(at(60))), (Due::Nothing, Due::Ask, Due::End));
        let theirs = Refresh::new(1_800, false, now);
        assert_eq!((theirs.due(at(1_767)), theirs.due(at(1_768))), (Due::Nothing, Due::End));
    }
}
