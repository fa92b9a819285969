//! Legal demands, in the model.
//! The same rules as `sqlite/demands.rs`; nothing is published here.

use super::{Done, MemoryStore};
use async_trait::async_trait;
use caseline_helpline::audit::{AuditEvent, AuditReceipt};
use caseline_helpline::demand::{
    DEMANDS_MAX, DemandAnswer, DemandNumber, DemandStore, NewDemand, QUIET_DAYS_MAX, RecordedDemand,
};
use caseline_helpline::fault::StoreFault;
use caseline_model::{Date, Time, Zone};
use std::time::Duration;

#[async_trait]
impl DemandStore for MemoryStore {
    async fn record_demand(&self, now: Time, demand: &NewDemand) -> Done<RecordedDemand> {
        let doing = "writing a legal demand down";
        let refused = |why| Err(StoreFault::NotAllowed { doing, why });
        let mut model = self.writing(doing)?;
        let last = today(now.plus(Duration::from_secs(u64::from(QUIET_DAYS_MAX) * 86_400)));
        if demand.quiet_until.is_some_and(|until| until > last) {
            return refused(crate::WHY_DEMAND_QUIET);
        }
        let number = u32::try_from(model.demands.len() + 1).unwrap_or(u32::MAX);
        if number > DEMANDS_MAX {
            return refused(crate::WHY_DEMANDS_MANY);
        }
        let number = DemandNumber(number);
        let event = AuditEvent::DemandRecorded { number, kind: demand.kind, asker: demand.asker };
        let audited = model.log(now, None, None, event);
        let recorded = RecordedDemand::durable(number, *demand, today(now), audited);
        model.demands.push(recorded);
        Ok(recorded)
    }

    async fn recorded_demand(&self, number: DemandNumber) -> Done<Option<RecordedDemand>> {
        Ok(self.model().demands.iter().find(|kept| kept.number == number).copied())
    }

    async fn answer_demand(&self, now: Time, demand: &RecordedDemand, answer: DemandAnswer) -> Done<AuditReceipt> {
        let doing = "writing the answer to a legal demand down";
        let mut model = self.writing(doing)?;
        let Some(kept) = model.demands.iter_mut().find(|kept| kept.number == demand.number) else {
            return Err(StoreFault::NotAllowed { doing, why: crate::WHY_NO_DEMAND });
        };
        *kept = kept.with_answer(Some((answer, today(now))));
        Ok(model.log(now, None, None, AuditEvent::DemandAnswered { number: demand.number, answer }))
    }

    async fn demands(&self) -> Done<Vec<RecordedDemand>> {
        Ok(self.model().demands.clone())
    }
}

fn today(now: Time) -> Date {
    now.date_in(&Zone::utc())
}
