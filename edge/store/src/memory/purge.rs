//! What goes when its time is over, in the model.
//! The times are `helpline::retention`; the same steps in the same order as `sqlite/purge.rs`.

use super::{Model, TaskState};
use crate::rules;
use caseline_helpline::audit::AuditEvent;
use caseline_helpline::retention::DataClass;
use caseline_model::Time;

impl Model {
    pub(super) fn purge(&mut self, now: Time) -> u64 {
        let mut gone = 0;
        self.give_up_expired(now);
        let before = self.conversations.len() + self.places.len() + self.access.len();
        self.conversations.retain(|_, (_, until)| *until > now);
        self.places.retain(|_, (_, until)| *until > now);
        self.access.retain(|_, until| *until > now);
        gone += before - self.conversations.len() - self.places.len() - self.access.len();
        gone += self.delete_due_tickets(now);
        gone += self.desk.delete_due(now);
        let accounts = self.desk.delete_due_accounts(now);
        gone += accounts.len();
        for account in accounts {
            self.end_cards_of(account);
        }

        let is_over = |day: u32, class: DataClass| rules::day_start(day).plus(class.kept()) <= now;
        for row in self.contacts.values_mut().filter(|row| row.has_times && is_over(row.day, DataClass::ContactTimes)) {
            row.has_times = false;
            gone += 1;
        }
        let over = self.contacts.iter().filter(|(_, row)| is_over(row.day, DataClass::ContactRow));
        for contact in over.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.contacts.remove(&contact);
            self.conversations.remove(&contact);
            self.access.retain(|(by, _), _| *by != contact);
            for entry in self.audit.iter_mut().filter(|entry| entry.contact == Some(contact)) {
                entry.contact = None;
            }
            gone += 1;
        }

        let over: Vec<_> = self.cases.iter().filter(|(_, case)| case.keep_until <= now).map(|(id, _)| *id).collect();
        for case in over {
            self.destroy_case(case);
            gone += 1;
        }
        let before = self.reports.len();
        self.reports.retain(|_, report| report.keep_until > now);
        gone += before - self.reports.len();

        for task in self.tasks.values_mut() {
            if task.state == TaskState::Met && task.content.is_some() && task.content_until <= now {
                task.content = None;
                gone += 1;
            }
        }
        let before = self.tasks.len();
        let kept = DataClass::ContactRow.kept();
        self.tasks.retain(|_, task| task.settled_at.is_none_or(|at| at.plus(kept) > now));
        gone += before - self.tasks.len();
        let tasks = &self.tasks;
        self.intents.retain(|intent| tasks.contains_key(&intent.task));

        let oldest = crate::vault::oldest_week(now);
        gone += self.counters.purge(now.minus(DataClass::Limits.kept()), |(week, _)| *week < oldest);
        gone += self.purge_breadth(oldest);
        gone += self.end_due_authorities(now);

        for row in self.audit.iter_mut().filter(|row| row.entry.is_some()) {
            if is_over(row.day, DataClass::AuditContent) {
                row.entry = None;
                gone += 1;
            }
        }
        let counters = &self.counters;
        self.halves.retain(|keyed, _| counters.wrong_row(keyed).wrongs.count > 0);
        let gone = gone as u64;
        if gone > 0 {
            self.log(now, None, None, AuditEvent::Purged { rows: gone });
        }
        gone
    }
}
