//! One caller's call: the conversation's outputs become sound, keys and silence become its inputs.
//! Ringing people is `chain`; what the conversation decides stands in `helpline`.

use super::{OpenCall, SharedLine};
use crate::media::{Codec, EncodedPrompt, LegEvent, PlayEnd, PlayId, PlayMode};
use crate::sip::{CallEvent, EndReason};
use caseline_conversation::effect::Done;
use caseline_conversation::keypad::KeyCollector;
use caseline_conversation::{Input, Phrase};
use caseline_helpline::contact::{Reached, Release, Turn};
use caseline_helpline::ports::ReturnPlace;
use caseline_helpline::release::release_after;
use caseline_helpline::{ContactRunner, LineOutput};
use caseline_model::{Channel, Disposition, Language, Phone, Private};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// A prompt that is never reported as ended (a leg on hold) does not keep a question open for longer than this.
const PLAY_MAX: Duration = Duration::from_secs(300);

/// The key that ends a message.
const DONE_KEY: char = '#';

/// The tone after which callers speak: hertz and samples. As the tones of answering machines, and none of the
/// frequencies of a key (ITU-T Q.23).
const RECORD_TONE: (f64, usize) = (1_000.0, 2_400);

/// How loud it is: as a voice.
const RECORD_TONE_HEIGHT: f64 = 6_000.0;

/// What ended a wait for the caller.
enum Heard {
    /// An input for the conversation.
    Input(Input),
    /// A voice on the line led on by itself.
    Turn(Turn),
    /// The call is over.
    HungUp,
    /// The line closes.
    Closing,
}

impl SharedLine {
    /// Runs one contact on a call that was answered.
    pub(super) async fn talk(
        self: Arc<Self>,
        mut call: OpenCall,
        caller: Option<Private<Phone>>,
        language: Option<Language>,
        place: Option<ReturnPlace>,
    ) {
        let reached = Reached { channel: Channel::Phone, language, caller, custody: place };
        let began = Instant::now();
        let (mut runner, mut turn) = ContactRunner::arrive(Arc::clone(&self.line), self.clock.now(), reached).await;
        let mut since = began;
        loop {
            match self.present(&mut call, &mut runner, turn, since).await {
                Next::Input(input) => {
                    since = Instant::now();
                    turn = runner.handle(self.clock.now(), input).await;
                }
                Next::Turn(led_on) => turn = led_on,
                Next::VoiceNote(recorded) => {
                    since = Instant::now();
                    turn = runner.voice_note(self.clock.now(), recorded).await;
                }
                Next::HungUp => {
                    // A promise that was being made is made; then the contact is over.
                    runner.handle(self.clock.now(), Input::HungUp).await;
                    break;
                }
                Next::Over => {
                    call.control.hang_up(EndReason::HungUp);
                    break;
                }
                Next::Closing => {
                    self.say_closing(&mut call, &runner).await;
                    runner.handle(self.clock.now(), Input::HungUp).await;
                    call.control.hang_up(EndReason::ShuttingDown);
                    break;
                }
            }
        }
        call.leg.close();
    }

    /// Speaks a turn and waits for what comes of it.
    async fn present(&self, call: &mut OpenCall, runner: &mut ContactRunner, turn: Turn, since: Instant) -> Next {
        if turn.release == Release::AtDeadline {
            // The answer to a try leaves at the same moment whatever it came to.
            let release_at = since + release_after(self.settings.answer_tries_after, since.elapsed());
            if self.wait_for_release(call, release_at).await.is_none() {
                return Next::HungUp;
            }
        }
        let mut prompts: Vec<Arc<EncodedPrompt>> = Vec::new();
        let mut question = None;
        let codec = call.leg.codec();
        for output in turn.outputs {
            match output {
                LineOutput::Tell(telling) => {
                    prompts.extend(self.speaker.telling(codec, runner.language(), &telling).await);
                }
                LineOutput::Ask(asked) => {
                    prompts.extend(self.speaker.question(codec, runner.language(), &asked).await);
                    question = Some(asked);
                }
                LineOutput::Connect { chain, need } => {
                    if self.play_out(call, &mut prompts).await.is_none() {
                        return Next::HungUp;
                    }
                    return match self.connect(call, runner, chain, &need).await {
                        Some(connected) => Next::Input(Input::Done(Done::Connect { connected })),
                        None => Next::HungUp,
                    };
                }
                LineOutput::RecordMessage => {
                    let asked = vec![Phrase::new("message-record")];
                    prompts.extend(self.speaker.phrases(codec, runner.language(), asked).await);
                    prompts.extend(record_tone(codec));
                    return match self.play_until_wanted(call, prompts).await {
                        Wanted::Recording => self.record(call).await,
                        // Done before a word was said.
                        Wanted::Nothing => Next::VoiceNote(Private::new(Vec::new())),
                        Wanted::End => Next::HungUp,
                    };
                }
                LineOutput::Ended(disposition) => {
                    if disposition != Disposition::NobodyThere {
                        let _ = self.play_out(call, &mut prompts).await;
                    }
                    return Next::Over;
                }
            }
        }
        let Some(question) = question else {
            // A parked contact, or a conversation that waits for nothing: nothing can come any more.
            let _ = self.play_out(call, &mut prompts).await;
            return Next::Over;
        };
        match self.wait_for_answer(call, runner, KeyCollector::new(&question), prompts).await {
            Heard::Input(input) => Next::Input(input),
            Heard::Turn(turn) => Next::Turn(turn),
            Heard::HungUp => Next::HungUp,
            Heard::Closing => Next::Closing,
        }
    }

    /// Waits until an answer may leave. What is keyed meanwhile, such as a pound key behind the last digit, is no answer to
    /// the question that comes next, and must not cut short what the caller waits for. `None` when the caller hung up.
    async fn wait_for_release(&self, call: &mut OpenCall, release_at: Instant) -> Option<()> {
        loop {
            let event = tokio::select! {
                // Keys that came in time are taken first.
                biased;
                event = call.events.next() => event.map(Event::Leg),
                event = call.control.next_event() => event.map(Event::Call),
                () = sleep_until(release_at) => return Some(()),
            };
            match event? {
                Event::Leg(LegEvent::VoiceHeard) => call.voice_heard = true,
                Event::Leg(_) => {}
                Event::Call(event) => {
                    if self.take_call_event(call, event) {
                        return None;
                    }
                }
            }
        }
    }

    /// Plays a question and collects keys: a key stops the prompt; the time for the first key runs from its end.
    async fn wait_for_answer(
        &self,
        call: &mut OpenCall,
        runner: &mut ContactRunner,
        mut keys: KeyCollector,
        prompts: Vec<Arc<EncodedPrompt>>,
    ) -> Heard {
        let policy = &self.line.program.policy;
        let silence = Duration::from_secs(u64::from(policy.silence_seconds));
        let between = Duration::from_secs(u64::from(policy.between_keys_seconds));
        if std::mem::take(&mut call.voice_heard)
            && let Some(turn) = runner.voice_heard(self.clock.now()).await
        {
            return Heard::Turn(turn);
        }
        let mut closing = self.closing.subscribe();
        let playing = play(call, prompts, PlayMode::UNTIL_KEY);
        let mut deadline = Instant::now() + if playing.is_some() { PLAY_MAX } else { silence };
        loop {
            let event = tokio::select! {
                event = call.events.next() => event.map(Event::Leg),
                event = call.control.next_event() => event.map(Event::Call),
                () = sleep_until(deadline) => return Heard::Input(keys.pause()),
                _ = closing.wait_for(|closing| *closing) => return Heard::Closing,
            };
            match event {
                None => return Heard::HungUp,
                Some(Event::Leg(LegEvent::Digit(key)) | Event::Call(CallEvent::Digit(key))) => {
                    if let Err(fault) = call.leg.stop_playing() {
                        tracing::warn!(%fault, "a prompt could not be stopped");
                    }
                    if let Some(input) = keys.press(key) {
                        return Heard::Input(input);
                    }
                    deadline = Instant::now() + if keys.is_midway() { between } else { silence };
                }
                Some(Event::Leg(LegEvent::PlayEnded { play, how })) => {
                    if Some(play) == playing && how == PlayEnd::Finished && !keys.is_midway() {
                        deadline = Instant::now() + silence;
                    }
                }
                Some(Event::Leg(LegEvent::VoiceHeard)) => {
                    if let Some(turn) = runner.voice_heard(self.clock.now()).await {
                        return Heard::Turn(turn);
                    }
                }
                Some(Event::Leg(_)) => {}
                Some(Event::Call(event)) => {
                    if self.take_call_event(call, event) {
                        return Heard::HungUp;
                    }
                }
            }
        }
    }

    /// Plays to the end, keys ignored; `None` when the caller hung up.
    pub(super) async fn play_out(&self, call: &mut OpenCall, prompts: &mut Vec<Arc<EncodedPrompt>>) -> Option<()> {
        // Nothing to say, or nothing that could be played: the caller is still there.
        let Some(playing) = play(call, std::mem::take(prompts), PlayMode::NOW) else { return Some(()) };
        let deadline = Instant::now() + PLAY_MAX;
        loop {
            let event = tokio::select! {
                event = call.events.next() => event.map(Event::Leg),
                event = call.control.next_event() => event.map(Event::Call),
                () = sleep_until(deadline) => return Some(()),
            };
            match event? {
                Event::Leg(LegEvent::PlayEnded { play, .. }) if play == playing => return Some(()),
                Event::Leg(LegEvent::VoiceHeard) => call.voice_heard = true,
                Event::Leg(_) => {}
                Event::Call(event) => {
                    if self.take_call_event(call, event) {
                        return None;
                    }
                }
            }
        }
    }

    /// Plays what comes before a recording. A key cuts it short: the pound key is "done", any other one starts to record.
    async fn play_until_wanted(&self, call: &mut OpenCall, prompts: Vec<Arc<EncodedPrompt>>) -> Wanted {
        let Some(playing) = play(call, prompts, PlayMode::UNTIL_KEY) else { return Wanted::Recording };
        let deadline = Instant::now() + PLAY_MAX;
        loop {
            let event = tokio::select! {
                event = call.events.next() => event.map(Event::Leg),
                event = call.control.next_event() => event.map(Event::Call),
                () = sleep_until(deadline) => return Wanted::Recording,
            };
            match event {
                None => return Wanted::End,
                Some(Event::Leg(LegEvent::Digit(key)) | Event::Call(CallEvent::Digit(key))) => {
                    if let Err(fault) = call.leg.stop_playing() {
                        tracing::warn!(%fault, "a prompt could not be stopped");
                    }
                    return if key == DONE_KEY { Wanted::Nothing } else { Wanted::Recording };
                }
                Some(Event::Leg(LegEvent::PlayEnded { play, how })) if play == playing && how != PlayEnd::Key => {
                    return Wanted::Recording;
                }
                Some(Event::Leg(LegEvent::VoiceHeard)) => call.voice_heard = true,
                Some(Event::Leg(_)) => {}
                Some(Event::Call(event)) => {
                    if self.take_call_event(call, event) {
                        return Wanted::End;
                    }
                }
            }
        }
    }

    /// Records until a key, the longest note, or hanging up: what was said counts.
    async fn record(&self, call: &mut OpenCall) -> Next {
        let seconds = u32::try_from(self.settings.voice_note_max.as_secs()).unwrap_or(120);
        if let Err(fault) = call.leg.start_recording(seconds) {
            tracing::error!(%fault, "a message could not be recorded");
            return Next::Input(Input::Done(Done::Unavailable));
        }
        let deadline = Instant::now() + self.settings.voice_note_max;
        loop {
            let event = tokio::select! {
                event = call.events.next() => event.map(Event::Leg),
                event = call.control.next_event() => event.map(Event::Call),
                () = sleep_until(deadline) => break,
            };
            match event {
                None
                | Some(Event::Leg(LegEvent::Digit(_) | LegEvent::RecordingFull) | Event::Call(CallEvent::Digit(_))) => {
                    break;
                }
                Some(Event::Leg(_)) => {}
                Some(Event::Call(event)) => {
                    if self.take_call_event(call, event) {
                        break;
                    }
                }
            }
        }
        match call.leg.stop_recording().await {
            Ok(recording) => {
                let samples = recording.codec.decode(&recording.payload);
                Next::VoiceNote(Private::new(crate::media::Codec::Pcmu.encode(&samples)))
            }
            Err(fault) => {
                tracing::error!(%fault, "a message could not be kept");
                Next::Input(Input::Done(Done::Unavailable))
            }
        }
    }

    /// Takes what signalling says; whether the call is over.
    pub(super) fn take_call_event(&self, call: &mut OpenCall, event: CallEvent) -> bool {
        match event {
            CallEvent::Ended { .. } => return true,
            CallEvent::Reoffer(reoffer) => call.take_reoffer(*reoffer),
            CallEvent::Answer(answer) => call.take_answer(&answer),
            CallEvent::Digit(_) | CallEvent::Unacknowledged => {}
        }
        false
    }

    async fn say_closing(&self, call: &mut OpenCall, runner: &ContactRunner) {
        let mut prompts =
            self.speaker.phrases(call.leg.codec(), runner.language(), vec![Phrase::new("line-closing")]).await;
        let _ = tokio::time::timeout(Duration::from_secs(8), self.play_out(call, &mut prompts)).await;
    }
}

/// What to do after a turn was spoken.
enum Next {
    Input(Input),
    Turn(Turn),
    VoiceNote(Private<Vec<u8>>),
    HungUp,
    Over,
    Closing,
}

/// What a caller wants who was asked to speak after the tone.
enum Wanted {
    /// To speak now.
    Recording,
    /// To leave no message.
    Nothing,
    /// To end the call.
    End,
}

enum Event {
    Leg(LegEvent),
    Call(CallEvent),
}

fn record_tone(codec: Codec) -> Option<Arc<EncodedPrompt>> {
    let (hertz, length) = RECORD_TONE;
    let samples: Vec<i16> = (0..length)
        .map(|at| ((2.0 * std::f64::consts::PI * hertz * at as f64 / 8_000.0).sin() * RECORD_TONE_HEIGHT) as i16)
        .collect();
    EncodedPrompt::from_samples(codec, &samples).ok().map(Arc::new)
}

fn play(call: &OpenCall, prompts: Vec<Arc<EncodedPrompt>>, mode: PlayMode) -> Option<PlayId> {
    if prompts.is_empty() {
        return None;
    }
    match call.leg.play(prompts, mode) {
        Ok(playing) => Some(playing),
        Err(fault) => {
            tracing::error!(%fault, "a prompt could not be played");
            None
        }
    }
}
