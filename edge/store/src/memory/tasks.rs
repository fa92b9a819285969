//! Obligations in the model: leases, fencing, attempts.
//! The same rules as `sqlite/tasks.rs`, on a map.

use super::{Done, Intent, Model, Task, TaskState};
use crate::rules;
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::fault::StoreFault;
use caseline_helpline::ports::{Added, Changed, ClaimedTask, LeaseState, NewTask, Settled, TaskContent, TaskKind};
use caseline_helpline::retention::{DataClass, KeptTimes};
use caseline_model::{ContactId, TaskId, Time};
use std::time::Duration;

impl Model {
    pub(super) fn add_task(&mut self, now: Time, contact: Option<ContactId>, task: NewTask) -> Done<Added> {
        let doing = "keeping an obligation";
        if let (Some(contact), Some(case)) = (contact, task.case) {
            self.open_in(now, contact, case, doing)?;
        }
        if crate::content::bytes_of(&task.content).is_none_or(|bytes| bytes.len() > rules::CONTENT_BYTES_MAX) {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_TOO_LONG });
        }
        let (kind, case) = (task.kind, task.case);
        if !self.insert_task(now, task) {
            return Ok(Added::AlreadyThere);
        }
        if let Some(event) = added_event(kind) {
            self.log(now, contact, case, event);
        }
        Ok(Added::New)
    }

    pub(super) fn change_task(&mut self, obligation: &str, content: TaskContent) -> Done<Changed> {
        if crate::content::bytes_of(&content).is_none_or(|bytes| bytes.len() > rules::CONTENT_BYTES_MAX) {
            return Err(StoreFault::NotAllowed { doing: "changing an obligation", why: crate::WHY_TOO_LONG });
        }
        let is_it = |task: &&mut Task| task.state == TaskState::Open && task.obligation == obligation;
        let Some(task) = self.tasks.values_mut().find(is_it) else { return Ok(Changed::Over) };
        task.content = Some(content);
        Ok(Changed::Changed)
    }

    pub(super) fn insert_task(&mut self, now: Time, task: NewTask) -> bool {
        let is_there = self.tasks.iter().any(|(id, kept)| *id == task.id || kept.obligation == task.obligation);
        if is_there {
            return false;
        }
        let expires_at = rules::task_expires_at(&KeptTimes::default(), now, task.kind, task.expires_at);
        let kept = Task {
            kind: task.kind,
            obligation: task.obligation,
            case: task.case,
            due_at: task.due_at,
            expires_at,
            state: TaskState::Open,
            lease_until: None,
            quiet_until: None,
            fencing: 0,
            attempt: 0,
            content: Some(task.content),
            content_until: expires_at,
            settled_at: None,
        };
        self.tasks.insert(task.id, kept);
        true
    }

    pub(super) fn claim_task(&mut self, now: Time, kinds: &[TaskKind], lease: Duration) -> Option<ClaimedTask> {
        self.give_up_expired(now);
        let is_over = |until: Option<Time>| until.is_none_or(|until| until <= now);
        let mut due: Vec<_> = self
            .tasks
            .iter_mut()
            .filter(|(_, task)| {
                task.state == TaskState::Open
                    && kinds.contains(&task.kind)
                    && task.due_at <= now
                    && is_over(task.lease_until)
                    && is_over(task.quiet_until)
                    && task.expires_at > now
            })
            .collect();
        due.sort_by_key(|(id, task)| (task.due_at, **id));
        let (id, task) = due.into_iter().next()?;
        task.fencing += 1;
        task.attempt += 1;
        task.lease_until = Some(now.plus(lease));
        task.quiet_until = None;
        Some(ClaimedTask {
            id: *id,
            kind: task.kind,
            fencing: task.fencing,
            attempt: task.attempt,
            content: task.content.clone()?,
        })
    }

    pub(super) fn note_intent(&mut self, now: Time, id: TaskId, fencing: u64, attempt: u128) -> LeaseState {
        let Some(task) = self.tasks.get_mut(&id) else { return LeaseState::Lost };
        let is_leased = task.lease_until.is_some_and(|until| until > now);
        if task.state != TaskState::Open || task.fencing != fencing || !is_leased {
            return LeaseState::Lost;
        }
        task.quiet_until = Some(now.plus(rules::UNKNOWN_QUIET));
        if !self.intents.iter().any(|intent| intent.id == attempt) {
            self.intents.push(Intent { id: attempt, task: id });
        }
        LeaseState::Held
    }

    pub(super) fn settle_task(&mut self, now: Time, id: TaskId, fencing: u64, settled: Settled) -> LeaseState {
        let Some(task) = self.tasks.get_mut(&id) else { return LeaseState::Lost };
        if task.state != TaskState::Open || task.fencing != fencing || task.lease_until.is_none() {
            return LeaseState::Lost;
        }
        task.lease_until = None;
        task.quiet_until = None;
        match settled {
            Settled::Again(at) => task.due_at = at,
            Settled::Met => {
                task.state = TaskState::Met;
                task.settled_at = Some(rules::noted_at(task.kind, now));
                if task.kind == TaskKind::Message {
                    task.content_until = task.content_until.min(now.plus(DataClass::Message.kept()));
                } else {
                    task.content = None;
                }
            }
            Settled::GivenUp => {
                task.state = TaskState::GivenUp;
                task.settled_at = Some(rules::noted_at(task.kind, now));
                task.content = None;
                *self.given_up.entry(task.kind).or_default() += 1;
            }
        }
        LeaseState::Held
    }

    /// Whether the lease of an open obligation holds.
    pub(super) fn is_leased(&self, now: Time, id: TaskId, fencing: u64) -> bool {
        self.tasks.get(&id).is_some_and(|task| {
            let is_held = task.lease_until.is_some_and(|until| until > now);
            task.state == TaskState::Open && task.fencing == fencing && is_held
        })
    }

    pub(super) fn give_up_expired(&mut self, now: Time) {
        for task in self.tasks.values_mut() {
            let is_leased = task.lease_until.is_some_and(|until| until > now);
            if task.state == TaskState::Open && task.expires_at <= now && !is_leased {
                task.state = TaskState::GivenUp;
                task.settled_at = Some(rules::noted_at(task.kind, now));
                task.content = None;
                task.lease_until = None;
                task.quiet_until = None;
                *self.given_up.entry(task.kind).or_default() += 1;
            }
        }
    }
}

/// What the log says when an obligation was added; a report writes its own entry.
pub(crate) const fn added_event(kind: TaskKind) -> Option<AuditEvent> {
    match kind {
        TaskKind::Callback => Some(AuditEvent::CallbackPromised),
        TaskKind::Message => Some(AuditEvent::MessageLeft),
        TaskKind::Reminder => Some(AuditEvent::ReminderSet),
        TaskKind::Report => None,
    }
}
