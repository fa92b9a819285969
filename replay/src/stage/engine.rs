//! The stage `engine`: values in process, on a clock that the stage turns, with people simulated from the page.
//! Keys, packets and pages are left to the other stages, which hold what crosses the wire against this one.

use super::acting::{Act, From, Waits, act, report_state};
use super::{Exchange, Failure, Happening, Heard, Playing};
use crate::script::{AgentDoes, CallerDoes, Doing, Script, Step};
use crate::world::{Behaviour, Folder, World, as_store};
use caseline_conversation::effect::{Chain, Connected, Done};
use caseline_conversation::{Arg, Input, Phrase, Question, Telling};
use caseline_helpline::contact::{Reached, Turn};
use caseline_helpline::people::LINK_RINGS_SECONDS;
use caseline_helpline::ports::{ClaimedTask, ReturnPlace, Settled, Store, TaskKind};
use caseline_helpline::{AuditEvent, Clock, ContactRunner, LineOutput};
use caseline_model::{Channel, ContactId, Disposition, FileReceipt, Phone, Private};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// How long a caller takes to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);

/// A spoken message on this stage: two seconds of G.711 µ-law.
const VOICE_NOTE_SAMPLES: usize = 16_000;

/// How long a promise is leased on this stage.
const LEASE: Duration = Duration::from_secs(30 * 60);

/// A page being played on values.
pub struct EngineStage {
    /// What it is played on.
    pub world: World,
    /// The names of this play.
    pub playing: Playing,
    /// Everything, caller by caller.
    pub exchanges: Vec<Exchange>,
    /// How contacts ended, in order.
    pub dispositions: Vec<Disposition>,
    /// All that the caller gave, for the byte scan.
    pub given: Vec<Private<String>>,
    /// Contacts that arrived, whether or not the store took note of them.
    pub arrived: BTreeSet<ContactId>,
    /// Where the store is kept, if it is kept in a folder.
    pub folder: Option<Folder>,
    live: Option<Live>,
    code_heard: Option<Private<String>>,
    call: Option<Call>,
    behaviours: BTreeMap<String, Behaviour>,
    /// Up to where the line's words of this exchange were matched.
    pub(super) matched: usize,
}

struct Live {
    runner: ContactRunner,
    reached: Reached,
    pending: Pending,
}

#[derive(Clone, Debug)]
enum Pending {
    Nothing,
    Question(Box<Question>),
    Recording,
    Talking(String),
    Over,
}

/// A call that the line makes because it promised to.
struct Call {
    task: ClaimedTask,
    answered: bool,
}

impl EngineStage {
    /// A stage on which nothing happened yet.
    pub fn new(world: World, playing: Playing) -> Self {
        let mut given = vec![];
        given.extend(world.caller.as_ref().map(|phone| Private::new(phone.e164())));
        Self {
            world,
            playing,
            exchanges: Vec::new(),
            dispositions: Vec::new(),
            given,
            arrived: BTreeSet::new(),
            folder: None,
            live: None,
            code_heard: None,
            call: None,
            behaviours: BTreeMap::new(),
            matched: 0,
        }
    }

    /// Plays a whole page.
    ///
    /// # Errors
    /// The first row that does not hold.
    pub async fn play(&mut self, script: &Script) -> Result<(), Failure> {
        for step in &script.steps {
            self.step(step).await?;
        }
        self.finish().await;
        self.afterwards(script).await
    }

    /// Plays one step.
    ///
    /// # Errors
    /// When it does not hold.
    pub async fn step(&mut self, step: &Step) -> Result<(), Failure> {
        if !self.playing.plays(step)? {
            return Ok(());
        }
        let failed = |what: String| Failure::at(step.row, what);
        match &step.doing {
            Doing::Caller(does) => self.caller(does).await.map_err(failed),
            Doing::Line(does) => match does {
                crate::script::LineDoes::Calls(number) => self.line_calls(number).await.map_err(failed),
                _ => self.matches(does).map_err(failed),
            },
            Doing::Agent(name, does) => self.agent(name, does).await.map_err(failed),
            Doing::Direction(what) => self.direction(what).await.map_err(failed),
        }
    }

    /// A caller does something.
    ///
    /// # Errors
    /// When it cannot be done now.
    pub async fn caller(&mut self, does: &CallerDoes) -> Result<(), String> {
        let times = if let CallerDoes::IsSilent(times) = does { *times } else { 1 };
        for _ in 0..times {
            let act = self.meaning(does)?;
            self.act(act, crate::script::print::caller(does)).await?;
        }
        Ok(())
    }

    /// What a caller's words mean now.
    ///
    /// # Errors
    /// When they mean nothing now.
    pub fn meaning(&self, does: &CallerDoes) -> Result<Act, String> {
        let waits = match self.live.as_ref().map(|live| &live.pending) {
            Some(Pending::Question(question)) => Waits::Question(question),
            Some(Pending::Recording) => Waits::Recording,
            Some(Pending::Talking(_)) => Waits::Talking,
            _ => Waits::Nothing,
        };
        act(does, waits, &self.world, self.code_heard.as_ref())
    }

    /// The question that is open.
    pub fn question(&self) -> Option<&Question> {
        match self.live.as_ref().map(|live| &live.pending) {
            Some(Pending::Question(question)) => Some(question),
            _ => None,
        }
    }

    /// Who talks with the caller.
    pub fn talking(&self) -> Option<&str> {
        match self.live.as_ref().map(|live| &live.pending) {
            Some(Pending::Talking(name)) => Some(name),
            _ => None,
        }
    }

    /// Whether the contact that began last is over.
    pub fn is_over(&self) -> bool {
        self.live.as_ref().is_none_or(|live| matches!(live.pending, Pending::Over))
    }

    /// The contact that began last.
    pub fn contact(&self) -> Option<ContactId> {
        self.live.as_ref().map(|live| live.runner.id())
    }

    /// What was heard since the caller last did something.
    pub fn heard(&self) -> &[Heard] {
        self.exchanges.last().map_or(&[], |exchange| &exchange.heard)
    }

    /// Plays an act.
    ///
    /// # Errors
    /// When it cannot be done now.
    pub async fn act(&mut self, act: Act, as_written: String) -> Result<(), String> {
        self.matched = 0;
        self.exchanges.push(Exchange { caller: as_written, heard: Vec::new() });
        self.world.clock.advance(ANSWERS_WITHIN);
        if let Act::Arrive(from) = act {
            self.hang_up().await;
            self.arrive(from).await;
            return Ok(());
        }
        if act == Act::Answer {
            return self.caller_answers();
        }
        if act == Act::Leave {
            if let Some(call) = self.call.take() {
                return self.settle(call, Settled::Met).await;
            }
            self.hang_up().await;
            return Ok(());
        }
        let policy = &self.world.line.program.policy;
        let silence = Duration::from_secs(u64::from(policy.silence_seconds));
        let Some(live) = &mut self.live else { return Err("no contact has begun; the caller arrives first".into()) };
        let now = self.world.clock.now();
        let turn = match act {
            Act::Choose(id, _) => live.runner.handle(now, Input::Chose(id)).await,
            Act::Key(key, _) => live.runner.handle(now, Input::Key(key)).await,
            Act::Give(value) => {
                self.given.push(value.clone());
                live.runner.handle(now, Input::Gave(value)).await
            }
            Act::Unclear => live.runner.handle(now, Input::Unclear).await,
            Act::Silence => {
                self.world.clock.advance(silence);
                live.runner.handle(self.world.clock.now(), Input::Silent).await
            }
            Act::Voice(words) => {
                self.given.push(words);
                live.runner.voice_heard(now).await.unwrap_or_default()
            }
            Act::Message(words) => {
                self.given.push(words);
                live.runner.voice_note(now, Private::new(vec![0x2a; VOICE_NOTE_SAMPLES])).await
            }
            Act::NoMessage => live.runner.voice_note(now, Private::new(Vec::new())).await,
            Act::Arrive(_) | Act::Leave | Act::Answer => Turn::default(),
        };
        self.take(turn).await;
        Ok(())
    }

    async fn arrive(&mut self, from: From) {
        self.given.extend(from.number.as_ref().map(|phone| Private::new(phone.e164())));
        let place = from.custody.then(|| {
            let number = from.number.as_ref().map_or_else(String::new, Phone::e164);
            ReturnPlace(Private::new(format!("stage|{number}")))
        });
        let reached = Reached {
            channel: self.playing.channel,
            language: self.world.language,
            caller: from.number.filter(|_| self.playing.channel.is_voice()).map(Private::new),
            custody: place,
        };
        let now = self.world.clock.now();
        let (runner, turn) = ContactRunner::arrive(Arc::clone(&self.world.line), now, reached.clone()).await;
        self.arrived.insert(runner.id());
        self.live = Some(Live { runner, reached, pending: Pending::Nothing });
        self.take(turn).await;
    }

    /// Lets a turn's outputs happen, and what they lead to by themselves.
    async fn take(&mut self, turn: Turn) {
        let mut turn = turn;
        loop {
            let mut led_on = None;
            for output in std::mem::take(&mut turn.outputs) {
                match output {
                    LineOutput::Tell(telling) => {
                        self.note_code(&telling);
                        self.hear(Happening::Told(telling));
                    }
                    LineOutput::Ask(question) => {
                        self.pending(Pending::Question(Box::new(question.clone())));
                        self.hear(Happening::Asked(question));
                    }
                    LineOutput::Connect { chain, need } => {
                        self.pending(Pending::Nothing);
                        if let Some(connected) = self.ring(chain, &need).await {
                            led_on = self.done(Done::Connect { connected }).await;
                        }
                    }
                    LineOutput::RecordMessage => {
                        self.pending(Pending::Recording);
                        let say = Telling::of("message-record", Vec::new(), vec![Phrase::new("message-record")]);
                        self.hear(Happening::Told(say));
                        self.hear(Happening::Recording);
                    }
                    LineOutput::Ended(disposition) => {
                        self.pending(Pending::Over);
                        self.hear(Happening::Ended(disposition));
                        self.dispositions.push(disposition);
                    }
                }
            }
            match led_on {
                Some(next) => turn = next,
                None => return,
            }
        }
    }

    async fn done(&mut self, done: Done) -> Option<Turn> {
        let now = self.world.clock.now();
        Some(self.live.as_mut()?.runner.handle(now, Input::Done(done)).await)
    }

    /// Rings a chain as `voice` does; `None` when somebody took the contact and talks with the caller.
    async fn ring(&mut self, chain: Chain, need: &str) -> Option<Connected> {
        let members: Vec<_> = self.world.cast.chain(chain).cloned().collect();
        if chain == Chain::Staff && !self.world.is_open() || members.is_empty() {
            return Some(Connected::Closed);
        }
        let behaviour = |stage: &Self, name: &str, usual| stage.behaviours.get(name).copied().unwrap_or(usual);
        let free: Vec<_> = members
            .into_iter()
            .map(|member| (behaviour(self, &member.name, member.behaviour), member))
            .filter(|(does, _)| *does != Behaviour::OnContact)
            .collect();
        if free.is_empty() {
            return Some(Connected::Full);
        }
        for (does, member) in free {
            self.note(AuditEvent::LinkRung { role: member.role }).await;
            self.hear(Happening::Rings(member.name.clone()));
            if let Behaviour::Answers(after) = does
                && after.as_secs() < LINK_RINGS_SECONDS
            {
                self.world.clock.advance(after);
                self.note(AuditEvent::AgentJoined { role: member.role }).await;
                self.pending(Pending::Talking(member.name.clone()));
                self.hear(Happening::Joined { name: member.name, need: need.to_owned() });
                return None;
            }
            self.world.clock.advance(Duration::from_secs(LINK_RINGS_SECONDS));
            self.note(AuditEvent::LinkMissed { role: member.role }).await;
            self.hear(Happening::Missed(member.name));
        }
        Some(Connected::Nobody)
    }

    async fn note(&self, event: AuditEvent) {
        if let Some(live) = &self.live {
            live.runner.note(self.world.clock.now(), event).await;
        }
    }

    /// The caller hangs up, whatever was going on.
    pub async fn hang_up(&mut self) {
        if self.is_over() {
            return;
        }
        let now = self.world.clock.now();
        let Some(live) = &mut self.live else { return };
        let mut turns = Vec::new();
        if matches!(live.pending, Pending::Recording) {
            // What was said until then counts; here nothing was.
            turns.push(live.runner.voice_note(now, Private::new(Vec::new())).await);
        }
        turns.push(live.runner.handle(now, Input::HungUp).await);
        live.pending = Pending::Over;
        for turn in turns {
            // Nobody hears it any more; how it ended counts.
            for output in turn.outputs {
                if let LineOutput::Ended(disposition) = output {
                    self.dispositions.push(disposition);
                    self.hear(Happening::Ended(disposition));
                }
            }
        }
    }

    /// The end of the page: who is still there hangs up.
    pub async fn finish(&mut self) {
        if let Some(call) = self.call.take() {
            let _ = self.settle(call, Settled::Met).await;
        }
        self.hang_up().await;
    }

    /// Another process takes over from what the store kept; whether it found the contact.
    ///
    /// # Errors
    /// When the store cannot be opened again.
    pub async fn take_over(&mut self) -> Result<bool, String> {
        let Some(live) = self.live.take() else { return Ok(false) };
        let (contact, reached) = (live.runner.id(), live.reached.clone());
        drop(live);
        self.next_process().await?;
        let now = self.world.clock.now();
        let taken = ContactRunner::take_over(Arc::clone(&self.world.line), now, contact).await;
        let Some((runner, turn)) = taken else { return Ok(false) };
        let runner = runner.still_reached(reached.clone());
        self.live = Some(Live { runner, reached, pending: Pending::Nothing });
        self.matched = 0;
        self.exchanges.push(Exchange { caller: String::new(), heard: Vec::new() });
        self.take(turn).await;
        Ok(true)
    }

    /// This process stops, with all that it holds, and another one opens what is kept.
    ///
    /// # Errors
    /// When the store cannot be opened again.
    pub async fn next_process(&mut self) -> Result<(), String> {
        self.live = None;
        let Some(folder) = &self.folder else {
            let inner = self.world.store.inner();
            self.world.next_process(inner);
            return Ok(());
        };
        // The old store is let go before the folder is opened again.
        self.world.desk = None;
        self.world.next_process(Arc::new(caseline_store::MemoryStore::new()));
        let store = folder.start(self.world.now()).await.map_err(|fault| fault.to_string())?;
        self.world.next_process(as_store(&store));
        self.world.desk = Some(store);
        Ok(())
    }

    /// Hands the contact an input that comes twice.
    pub async fn again(&mut self, input: Input) {
        let now = self.world.clock.now();
        if let Some(live) = &mut self.live {
            let turn = live.runner.handle(now, input).await;
            self.take(turn).await;
        }
    }

    /// The code of the report that a person moved, as it was heard.
    pub fn report_moved(&self) -> Option<Private<FileReceipt>> {
        self.code_heard.as_ref().and_then(|code| code.reveal().parse().ok()).map(Private::new)
    }

    /// The arrival of the current contact once more.
    pub fn arrival(&self) -> Option<Input> {
        self.live.as_ref()?.runner.conversation().state().arrival.clone().map(Input::Arrived)
    }

    // ── Calls that the line makes ───────────────────────────────────────────────────────────────────────────────────
    async fn line_calls(&mut self, number: &str) -> Result<(), String> {
        let wanted: Phone = number.parse().map_err(|fault| format!("{fault}"))?;
        let task = self.claim().await?.ok_or("nothing is due: the line calls nobody now")?;
        let phone = task.content.phone.clone().ok_or("what is due has no number")?;
        if phone.reveal() != &wanted {
            return Err("the line calls another number".into());
        }
        let attempt = self.world.line.chance.bits_128();
        let held = self.world.store.note_intent(self.world.now(), task.id, task.fencing, attempt).await;
        held.map_err(|fault| fault.to_string())?;
        self.matched = 0;
        self.exchanges.push(Exchange::default());
        self.hear_in(Happening::Calls(phone), task.content.language);
        self.call = Some(Call { task, answered: false });
        Ok(())
    }

    async fn claim(&self) -> Result<Option<ClaimedTask>, String> {
        let has_staff = self.world.cast.chain(Chain::Staff).next().is_some();
        let kinds: &[TaskKind] = if self.world.is_open() && has_staff {
            &[TaskKind::Callback, TaskKind::Reminder]
        } else {
            &[TaskKind::Reminder]
        };
        self.world.store.claim_task(self.world.now(), kinds, LEASE).await.map_err(|fault| fault.to_string())
    }

    fn caller_answers(&mut self) -> Result<(), String> {
        let Some(call) = &mut self.call else { return Err("the line calls nobody".into()) };
        call.answered = true;
        let (language, kind) = (call.task.content.language, call.task.kind);
        let (key, times) = if kind == TaskKind::Reminder { ("reminder-neutral", 2) } else { ("callback-neutral", 1) };
        let telling = Telling::of(key, Vec::new(), vec![Phrase::new(key); times]);
        self.hear_in(Happening::Told(telling), language);
        let member = self.world.cast.chain(Chain::Staff).next().cloned().filter(|_| kind == TaskKind::Callback);
        if let Some(member) = member {
            let need = self.call.as_ref().map_or_else(String::new, |call| call.task.content.need.clone());
            self.hear_in(Happening::Joined { name: member.name, need }, language);
        }
        Ok(())
    }

    async fn settle(&self, call: Call, settled: Settled) -> Result<(), String> {
        let settled =
            if call.answered { settled } else { Settled::Again(self.world.now().plus(Duration::from_secs(600))) };
        let written = self.world.store.settle_task(self.world.now(), call.task.id, call.task.fencing, settled).await;
        written.map(|_| ()).map_err(|fault| fault.to_string())
    }

    // ── People and stage directions ─────────────────────────────────────────────────────────────────────────────────
    async fn agent(&mut self, name: &str, does: &AgentDoes) -> Result<(), String> {
        let joined =
            self.exchanges.iter().rev().flat_map(|exchange| exchange.heard.iter().rev()).find_map(|heard| match &heard
                .what
            {
                Happening::Joined { name: who, need } if who == name => Some((need.clone(), heard.language)),
                _ => None,
            });
        match does {
            AgentDoes::Joins => joined.map(|_| ()).ok_or_else(|| format!("{name} is not on the contact")),
            AgentDoes::Sees(what) => {
                let (need, language) = joined.ok_or_else(|| format!("{name} is not on the contact"))?;
                match what.split_once(": ") {
                    Some(("need", wanted)) if wanted == need => Ok(()),
                    Some(("need", _)) => Err(format!("{name} was told the need `{need}`")),
                    Some(("language", wanted)) if wanted == language.tag() => Ok(()),
                    Some(("language", _)) => Err(format!("{name} was told the language `{}`", language.tag())),
                    _ => Err("an agent sees `need: …` or `language: …`".into()),
                }
            }
            AgentDoes::Closes => {
                self.matched = 0;
                if self.call.is_some() && joined.is_none() {
                    return Err(format!("{name} is not on the contact"));
                }
                if let Some(call) = self.call.take() {
                    return self.settle(call, Settled::Met).await;
                }
                match self.talking() {
                    Some(who) if who == name => {
                        self.exchanges.push(Exchange { caller: String::new(), heard: Vec::new() });
                        self.world.clock.advance(Duration::from_secs(300));
                        let turn = self.done(Done::Connect { connected: Connected::Answered }).await;
                        self.take(turn.unwrap_or_default()).await;
                        Ok(())
                    }
                    _ => Err(format!("{name} is not on the contact")),
                }
            }
        }
    }

    /// Plays a stage direction.
    ///
    /// # Errors
    /// One that no stage knows.
    pub async fn direction(&mut self, what: &str) -> Result<(), String> {
        if let Some(time) = passing(what) {
            self.world.clock.advance(time);
            return Ok(());
        }
        match what {
            "the process stops and another takes over" => {
                if self.take_over().await? {
                    Ok(())
                } else {
                    Err("the store kept nothing of the contact".into())
                }
            }
            "the disk is full" => {
                self.world.store.fill_disk(true);
                Ok(())
            }
            "the disk has room again" => {
                self.world.store.fill_disk(false);
                Ok(())
            }
            "nothing is due" => match self.claim().await? {
                None => Ok(()),
                Some(_) => Err("something is due".into()),
            },
            _ => {
                if let Some(state) = what.strip_prefix("a person moves the report to ") {
                    return self.move_report(state).await;
                }
                if let Some(done) = self.world.at_the_desk(what).await {
                    return done;
                }
                let changed = [
                    (" is free again", Behaviour::Answers(Duration::from_secs(2))),
                    (" goes on a contact", Behaviour::OnContact),
                    (" stops answering", Behaviour::DoesNotAnswer),
                ];
                for (ending, does) in changed {
                    if let Some(name) = what.strip_suffix(ending) {
                        self.behaviours.insert(name.to_owned(), does);
                        return Ok(());
                    }
                }
                Err("stage directions are: [N minutes pass], [NAME is free again], [NAME goes on a contact], [NAME stops answering], [a person moves the report to STATE], [desk 214 opens the case], [desk 214 finds no ticket], [the disk is full], [the disk has room again], [nothing is due], [the process stops and another takes over]".into())
            }
        }
    }

    async fn move_report(&self, state: &str) -> Result<(), String> {
        let state = report_state(state)?;
        let code = self.report_moved().ok_or("no report code was heard yet")?;
        let moved = self.world.store.move_report(self.world.now(), &code, state).await;
        if moved.map_err(|fault| fault.to_string())? { Ok(()) } else { Err("there is no such report".into()) }
    }

    fn pending(&mut self, pending: Pending) {
        if let Some(live) = &mut self.live {
            live.pending = pending;
        }
    }

    fn note_code(&mut self, telling: &Telling) {
        if !matches!(telling.subject.as_str(), "file-receipt" | "report-code") {
            return;
        }
        let digits = telling.phrases.iter().flat_map(|phrase| &phrase.args).find_map(|(_, arg)| match arg {
            Arg::Digits(digits) => Some(digits.clone()),
            _ => None,
        });
        self.given.extend(digits.clone());
        self.code_heard = digits.or(self.code_heard.take());
    }

    fn hear(&mut self, what: Happening) {
        let language = self.live.as_ref().map_or(caseline_model::Language::ENGLISH, |live| live.runner.language());
        self.hear_in(what, language);
    }

    fn hear_in(&mut self, what: Happening, language: caseline_model::Language) {
        if self.exchanges.is_empty() {
            self.exchanges.push(Exchange::default());
        }
        if let Some(exchange) = self.exchanges.last_mut() {
            exchange.heard.push(Heard { what, language });
        }
    }
}

/// `2 minutes pass`, `an hour passes`.
pub(super) fn passing(what: &str) -> Option<Duration> {
    let time = what.strip_suffix(" pass").or_else(|| what.strip_suffix(" passes"))?;
    let (count, unit) = time.split_once(' ')?;
    let count: u64 = if matches!(count, "a" | "an") { 1 } else { count.parse().ok()? };
    let seconds = match unit.strip_suffix('s').unwrap_or(unit) {
        "second" => 1,
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(count.checked_mul(seconds)?))
}

/// The channel of pages that are played as a chat.
pub const CHAT: Channel = Channel::WebChat;
