//! Checks on legal demands: each is in the log before its answer (property S14).
//! What is published of them is left to the tests of the public log.

use super::values::{DAY, NOON, at};
use caseline_helpline::demand::{
    Asker, DemandAnswer, DemandKind, DemandNumber, DemandStore, NewDemand, QUIET_DAYS_MAX, RecordedDemand,
};
use caseline_helpline::fault::StoreFault;
use caseline_model::Date;

/// A made-up demand.
pub fn demand(quiet_until: Option<Date>) -> NewDemand {
    NewDemand { kind: DemandKind::AdministrativeSubpoena, asker: Asker::Federal, arrived_on: day(20), quiet_until }
}

/// A day of February 2026, the month of `NOON`.
pub fn day(of_month: u8) -> Date {
    format!("2026-02-{of_month:02}").parse().expect("February has so many days")
}

/// Each demand is numbered, stands in the log, and has an answer only after that.
///
/// # Panics
/// When the store does otherwise.
pub async fn each_demand_is_in_the_log_before_its_answer(store: &dyn DemandStore) {
    let first = store.record_demand(NOON, &demand(None)).await.expect("it is done");
    let second = store.record_demand(at(60), &demand(Some(day(28)))).await.expect("it is done");
    assert_eq!((first.number, second.number), (DemandNumber(1), DemandNumber(2)));
    assert!(first.audited() < second.audited());
    assert_eq!(store.recorded_demand(DemandNumber(2)).await.expect("it is done"), Some(second));
    assert_eq!(store.recorded_demand(DemandNumber(3)).await.expect("it is done"), None);
    for (hours, answer) in [(1, DemandAnswer::Contested), (2, DemandAnswer::NothingHeld)] {
        let answered = store.answer_demand(at(hours * 3_600), &first, answer).await.expect("it is done");
        assert!(first.audited() < answered, "the answer stands after the demand");
    }
    let all = store.demands().await.expect("it is done");
    assert_eq!(all.iter().map(|kept| kept.number.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(all[0].answered.map(|(answer, _)| answer), Some(DemandAnswer::NothingHeld), "the newest counts");
    assert_eq!(all[1].answered, None);
    let never = RecordedDemand::durable(DemandNumber(7), demand(None), day(20), first.audited());
    let refused = store.answer_demand(at(9), &never, DemandAnswer::HandedOver).await;
    assert!(matches!(refused, Err(StoreFault::NotAllowed { .. })), "{refused:?}");
    let late = NOON.plus(DAY * (QUIET_DAYS_MAX + 1)).date_in(&caseline_model::Zone::utc());
    assert!(store.record_demand(NOON, &demand(Some(late))).await.is_err(), "nothing is quiet for ever");
    assert_eq!(store.demands().await.expect("it is done").len(), 2);
}
