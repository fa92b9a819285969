//! The store's own verbs in every order of events that a small world has: workers that stall and crash over obligations,
//! contacts that begin, verify, read, end and are cut off.
//! Random long days on both stores are left to `tests::model`; the limits, to `helpline`.

mod access;
mod leases;

use super::{MemoryStore, Model};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// Runs verbs of a store on a model and gives the model back.
fn on<T>(model: Model, verbs: impl AsyncFnOnce(&MemoryStore) -> T) -> (Model, T) {
    let store = MemoryStore { model: Mutex::new(model) };
    let done = match pin!(verbs(&store)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("the store in memory waits for nothing"),
    };
    (store.model.into_inner().unwrap_or_else(PoisonError::into_inner), done)
}
