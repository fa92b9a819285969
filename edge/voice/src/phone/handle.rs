//! What the person at the test telephone can do in a call, and what they can wait for.
//! How it is done is left to `call`; what happened is written down in `transcript`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::call::Order;
use super::ear::Ear;
use super::sound::KEYS;
use super::transcript::{Log, PhoneEvent, TimedEvent, Transcript};
use super::{KeyMethod, PhoneFault};
use crate::speech::TapeText;

/// How long a key takes at most until it is on its way: its tone, its pause, and a slow machine.
const KEY_TIME_MAX: Duration = Duration::from_millis(900);

/// One call. Each clone reads the events on its own, from the start of the call.
pub struct PhoneCall {
    log: Arc<Log>,
    orders: mpsc::Sender<Order>,
    keys: KeyMethod,
    /// The event that this handle looks at next.
    at: usize,
}

impl Clone for PhoneCall {
    fn clone(&self) -> Self {
        Self { log: self.log.clone(), orders: self.orders.clone(), keys: self.keys, at: 0 }
    }
}

impl std::fmt::Debug for PhoneCall {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "PhoneCall({} events)", self.transcript().0.len())
    }
}

impl PhoneCall {
    pub(super) fn new(log: Arc<Log>, orders: mpsc::Sender<Order>, keys: KeyMethod) -> Self {
        Self { log, orders, keys, at: 0 }
    }

    /// Everything so far.
    #[must_use]
    pub fn transcript(&self) -> Transcript {
        self.log.transcript()
    }

    /// Whether the call has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.log.is_over()
    }

    /// The next event, or nothing once the call is over and all of it was read.
    pub async fn next_event(&mut self) -> Option<TimedEvent> {
        let mut news = self.log.news();
        loop {
            if let Some(row) = self.log.row(self.at) {
                self.at += 1;
                return Some(row);
            }
            if self.log.is_over() || news.changed().await.is_err() {
                // The row that ended the call may have come in between.
                let row = self.log.row(self.at)?;
                self.at += 1;
                return Some(row);
            }
        }
    }

    /// The next event for which `matches` holds; those before it are passed over. `what` says it in words.
    ///
    /// # Errors
    /// [`PhoneFault::NotHeard`] after `within`, [`PhoneFault::Over`] if the call ended without it.
    pub async fn wait_for(
        &mut self,
        what: &str,
        within: Duration,
        mut matches: impl FnMut(&PhoneEvent) -> bool,
    ) -> Result<TimedEvent, PhoneFault> {
        let deadline = Instant::now() + within;
        // A wait in vain passes nothing over.
        let from = self.at;
        loop {
            match timeout_at(deadline, self.next_event()).await {
                Ok(Some(row)) if matches(&row.event) => return Ok(row),
                Ok(Some(_)) => {}
                Ok(None) => {
                    self.at = from;
                    return Err(PhoneFault::Over { what: what.to_owned() });
                }
                Err(_) => {
                    self.at = from;
                    return Err(PhoneFault::NotHeard { what: what.to_owned(), within });
                }
            }
        }
    }

    /// Waits until the call is taken up.
    ///
    /// # Errors
    /// As for [`PhoneCall::wait_for`]; a refusal ends the call.
    pub async fn wait_answered(&mut self, within: Duration) -> Result<TimedEvent, PhoneFault> {
        self.wait_for("an answer", within, |event| matches!(event, PhoneEvent::Answered { .. })).await
    }

    /// Waits for a tape text that holds `part`; returns it.
    ///
    /// # Errors
    /// As for [`PhoneCall::wait_for`].
    pub async fn heard_text(&mut self, part: &str, within: Duration) -> Result<TapeText, PhoneFault> {
        let what = format!("the text \"{part}\"");
        let row = self.wait_for(
            &what,
            within,
            |event| matches!(event, PhoneEvent::HeardText(text) if text.text.contains(part)),
        );
        match row.await?.event {
            PhoneEvent::HeardText(text) => Ok(text),
            _ => Err(PhoneFault::Over { what: part.to_owned() }),
        }
    }

    /// Waits for a prompt with this name; returns when it began.
    ///
    /// # Errors
    /// As for [`PhoneCall::wait_for`].
    pub async fn heard_prompt(&mut self, id: &str, within: Duration) -> Result<Duration, PhoneFault> {
        let what = format!("the prompt {id}");
        let row = self.wait_for(
            &what,
            within,
            |event| matches!(event, PhoneEvent::HeardPrompt { ids } if ids.iter().any(|known| known == id)),
        );
        Ok(row.await?.at)
    }

    /// Waits until the line has said nothing for so long since it last spoke, was answered, or we pressed a key.
    ///
    /// # Errors
    /// As for [`PhoneCall::wait_for`].
    pub async fn quiet_for(&self, quiet: Duration, within: Duration) -> Result<(), PhoneFault> {
        let what = || format!("{quiet:?} of quiet");
        let deadline = Instant::now() + within;
        let mut news = self.log.news();
        loop {
            if self.log.is_over() {
                return Err(PhoneFault::Over { what: what() });
            }
            let until = self.log.busy_at().map(|busy| busy + quiet);
            let now = Instant::now();
            if until.is_some_and(|until| until <= now) {
                return Ok(());
            }
            if now >= deadline {
                return Err(PhoneFault::NotHeard { what: what(), within });
            }
            // Nothing new before then: whoever is busy moves `until` further on.
            let look_again = until.unwrap_or(deadline).min(deadline);
            let _ = timeout_at(look_again, news.changed()).await;
        }
    }

    /// Presses keys one after the other, in the way of the settings; returns when the last one is on its way.
    ///
    /// # Errors
    /// A key that doesn't exist, or the call is over.
    pub async fn press(&mut self, keys: &str) -> Result<(), PhoneFault> {
        self.press_by(keys, self.keys).await
    }

    /// The same in a given way.
    ///
    /// # Errors
    /// As for [`PhoneCall::press`].
    pub async fn press_by(&mut self, keys: &str, method: KeyMethod) -> Result<(), PhoneFault> {
        if let Some(unknown) = keys.chars().find(|key| !KEYS.contains(*key)) {
            return Err(PhoneFault::Key(unknown));
        }
        let mut observer = self.clone();
        observer.at = self.transcript().0.len();
        self.order(Order::Press(keys.to_owned(), method), "keys").await?;
        for key in keys.chars() {
            let what = format!("key {key} on its way");
            let row = observer.wait_for(&what, KEY_TIME_MAX * (keys.len() as u32 + 2), |event| {
                matches!(event, PhoneEvent::Pressed(_)) || is_key_trouble(event)
            });
            if is_key_trouble(&row.await?.event) {
                return Err(PhoneFault::Over { what });
            }
        }
        Ok(())
    }

    /// Says something: samples at 8,000 a second.
    ///
    /// # Errors
    /// The call is over.
    pub async fn say(&self, samples: Vec<i16>) -> Result<(), PhoneFault> {
        self.order(Order::Say(samples), "speech").await
    }

    /// Puts the other side on hold (re-INVITE, `sendonly`) and waits for its consent.
    ///
    /// # Errors
    /// As for [`PhoneCall::wait_for`].
    pub async fn hold(&mut self, within: Duration) -> Result<(), PhoneFault> {
        self.change(Order::Hold, "hold", within).await
    }

    /// Takes the other side back from hold.
    ///
    /// # Errors
    /// As for [`PhoneCall::wait_for`].
    pub async fn resume(&mut self, within: Duration) -> Result<(), PhoneFault> {
        self.change(Order::Resume, "resume", within).await
    }

    /// Goes on from another port (re-INVITE).
    ///
    /// # Errors
    /// As for [`PhoneCall::wait_for`].
    pub async fn move_port(&mut self, within: Duration) -> Result<(), PhoneFault> {
        self.change(Order::MovePort, "another port", within).await
    }

    /// Hangs up: BYE, or CANCEL while it rings.
    pub async fn hang_up(&self) {
        // If the call is over already that is just as well.
        let _ = self.orders.send(Order::HangUp).await;
    }

    /// Waits until the call is over, by whomever; returns its last event.
    ///
    /// # Errors
    /// [`PhoneFault::NotHeard`] if it goes on.
    pub async fn wait_hung_up(&mut self, within: Duration) -> Result<TimedEvent, PhoneFault> {
        self.wait_for("the end of the call", within, |event| {
            matches!(event, PhoneEvent::HungUp { .. } | PhoneEvent::Refused { .. })
        })
        .await
    }

    /// What was heard so far: samples at 8,000 a second, silence where packets were lost.
    #[must_use]
    pub fn heard_samples(&self) -> Vec<i16> {
        self.log.with_ear(|ear| ear.as_ref().map(Ear::samples).unwrap_or_default())
    }

    /// The payload bytes that were heard from the sample `from` on.
    #[must_use]
    pub fn heard_payload(&self, from: usize) -> Vec<u8> {
        self.log.with_ear(|ear| ear.as_ref().map(|ear| ear.payload(from)).unwrap_or_default())
    }

    /// Writes what was heard as a WAV file of 16 bits.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn write_wav(&self, path: &Path) -> std::io::Result<()> {
        self.log.write_wav(path)
    }

    async fn change(&mut self, order: Order, what: &'static str, within: Duration) -> Result<(), PhoneFault> {
        self.order(order, what).await?;
        self.wait_for(what, within, |event| *event == PhoneEvent::ChangedByUs(what)).await.map(|_| ())
    }

    async fn order(&self, order: Order, what: &str) -> Result<(), PhoneFault> {
        let over = || PhoneFault::Over { what: what.to_owned() };
        if self.log.is_over() {
            return Err(over());
        }
        self.orders.send(order).await.map_err(|_| over())
    }
}

fn is_key_trouble(event: &PhoneEvent) -> bool {
    matches!(event, PhoneEvent::Trouble(what) if what.starts_with("key "))
}
