//! A hundred thousand tries at the use case: on the store in memory, which keeps the same limits as the real one and
//! derives no key, and on a clock that is turned by hand.

use crate::numbers::{CLASSES, Class, caller, line, prepare, world};
use caseline_conversation::{Input, Program};
use caseline_helpline::contact::{Reached, Release, Turn};
use caseline_helpline::{ContactRunner, Line};
use caseline_model::{Channel, Language, Private, Time};
use caseline_store::MemoryStore;
use caseline_web::ANSWER_TRIES_AFTER;
use std::sync::Arc;
use std::time::Duration;

const TRIES: u32 = 100_000;
/// Calls of one caller on one number: two wrong tries are compared, then two, then one; then the caller's day is over.
const CALLS: u32 = 4;
/// In each call two tries and one past them.
const TRIES_A_CALL: u32 = 3;
const TRIES_A_ROUND: u32 = CALLS * TRIES_A_CALL * CLASSES.len() as u32;

/// An answer as a caller gets it: what is said and asked, and when it leaves.
#[derive(PartialEq, Eq)]
struct Answer {
    turn: Turn,
    shown: String,
    leaves_at: Time,
}

async fn one_try(runner: &mut ContactRunner, asked_at: Time, class: Class, round: u32) -> Answer {
    let given = |text: String| Input::Gave(Private::new(text));
    runner.handle(asked_at, given(format!("{:09}", class.number(round)))).await;
    let turn = runner.handle(asked_at, given(class.code())).await;
    assert_eq!(turn.release, Release::AtDeadline, "{class:?}: the answer waits for its moment");
    let leaves_at = asked_at.plus(ANSWER_TRIES_AFTER);
    Answer { shown: format!("{turn:?}"), turn, leaves_at }
}

async fn arrives(line: &Arc<Line>, now: Time, n: u32) -> ContactRunner {
    let reached = Reached {
        channel: Channel::Phone,
        language: Some(Language::ENGLISH),
        caller: Some(Private::new(caller(n))),
        custody: None,
    };
    let (mut runner, _) = ContactRunner::arrive(Arc::clone(line), now, reached).await;
    runner.handle(now, Input::Chose("my-case".into())).await;
    runner
}

/// All tries of a round on a fresh store; how many.
async fn round(program: &Arc<Program>, start: Time, round: u32) -> u32 {
    let store = Arc::new(MemoryStore::new());
    prepare(&*store, start, 0).await;
    let line = line(program, store, u64::from(round));
    let mut tries = 0;
    for call in 0..CALLS {
        // Every class at the same instants, in another order each time; a minute later the next call.
        let now = start.plus(Duration::from_secs(60 * u64::from(call + 1)));
        let mut answers: Vec<Vec<Answer>> = Vec::new();
        for n in 0..CLASSES.len() {
            let class = CLASSES[(n + (round + call) as usize) % CLASSES.len()];
            let mut runner = arrives(&line, now, class as u32).await;
            let mut heard = Vec::new();
            for nth in 0..TRIES_A_CALL {
                if runner.question().is_none_or(|question| question.subject != "receipt-or-number") {
                    break;
                }
                let asked_at = now.plus(Duration::from_secs(10 * u64::from(nth)));
                heard.push(one_try(&mut runner, asked_at, class, 0).await);
                tries += 1;
            }
            runner.handle(now.plus(Duration::from_secs(50)), Input::HungUp).await;
            answers.push(heard);
        }
        for (n, heard) in answers.iter().enumerate() {
            assert!(*heard == answers[0], "round {round}, call {call}: class {n} of this order hears something else");
        }
    }
    tries
}

#[tokio::test]
async fn a_hundred_thousand_tries_are_answered_alike_and_at_one_moment() {
    let world = world(None, false).await;
    let start = world.now();
    let mut tries = 0;
    let mut rounds = 0;
    while tries < TRIES {
        tries += round(&world.line.program, start.plus(Duration::from_secs(u64::from(rounds) * 977)), rounds).await;
        rounds += 1;
        assert!(rounds <= TRIES / TRIES_A_ROUND * 3, "{tries} tries in {rounds} rounds");
    }
    eprintln!("{tries} tries in {rounds} rounds");
}
