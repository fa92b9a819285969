//! `caseline demand`: writes a legal demand down, lists them, and gives what may be answered to one: the page of what is
//! held, and only after the demand stands in the log (property S14).
//! It opens nothing of anybody: whom a demand asks for is typed nowhere, and there is no command that would find them.

use super::{Place, held, init};
use crate::exits::{Exit, with_causes};
use crate::world::MachineClock;
use caseline_helpline::demand::{
    Asker, DemandAnswer, DemandKind, DemandNumber, DemandStore, NewDemand, RecordedDemand,
};
use caseline_helpline::{Clock, StoreFault};
use caseline_model::{Date, Zone};

/// Legal demands.
#[derive(Debug, clap::Subcommand)]
pub enum Demand {
    /// Writes a demand down, before anything is answered.
    Record {
        /// judicial-warrant, court-order, subpoena, administrative-subpoena, preservation or informal.
        #[arg(long)]
        kind: DemandKind,
        /// Who asks: federal, state, city, foreign or private.
        #[arg(long)]
        from: Asker,
        /// The day on which it arrived, such as 2026-11-20; today if it is left out.
        #[arg(long)]
        arrived: Option<Date>,
        /// By its own terms nobody may be told before this day: the public log tells it from then on.
        #[arg(long)]
        quiet_until: Option<Date>,
    },
    /// Writes an answer down and prints the page that may be handed over.
    Answer {
        /// The demand's number.
        number: DemandNumber,
        /// nothing-held, refused, contested, handed-over or withdrawn.
        #[arg(long)]
        with: DemandAnswer,
    },
    /// Lists the demands.
    List,
}

impl Demand {
    /// Does it.
    pub async fn run(&self, place: &Place) -> Result<(), Exit> {
        let settings = place.settings()?;
        let zone = Zone::named(&settings.line.zone).map_err(|fault| Exit::Usage(fault.to_string()))?;
        let store = init::open_store_of(&place.data(), &settings).await?;
        let now = MachineClock.now();
        match self {
            Self::Record { kind, from, arrived, quiet_until } => {
                let today = now.date_in(&zone);
                let arrived_on = arrived.unwrap_or(today);
                if arrived_on > today {
                    return Err(Exit::Usage("--arrived is a day to come".into()));
                }
                let demand = NewDemand { kind: *kind, asker: *from, arrived_on, quiet_until: *quiet_until };
                let recorded = store.record_demand(now, &demand).await.map_err(refused)?;
                let number = recorded.number;
                place.print(
                    &serde_json::json!({ "demand": number, "log_entry": recorded.audited().index() }),
                    &format!(
                        "Demand {number} stands in the log, entry {}. The public log says so {}.\n\
                         Show it to a lawyer before anything is answered. Then: caseline demand answer {number} --with …",
                        recorded.audited().index(),
                        quiet_until.map_or_else(
                            || "from the next day on".to_owned(),
                            |until| format!("from {until} on; it commits to it before")
                        ),
                    ),
                );
            }
            Self::Answer { number, with } => {
                let Some(recorded) = store.recorded_demand(*number).await.map_err(refused)? else {
                    return Err(Exit::Failures(format!(
                        "demand {number} is not recorded, so nothing is answered to it: `caseline demand record` first"
                    )));
                };
                let receipt = store.answer_demand(now, &recorded, *with).await.map_err(refused)?;
                let page = held::page(place);
                place.print(
                    &serde_json::json!({
                        "demand": number, "answer": with.as_str(), "log_entry": receipt.index(), "page": page,
                    }),
                    &format!("Demand {number}: {}, entry {} of the log.\n\n{page}", with.as_str(), receipt.index()),
                );
            }
            Self::List => {
                let all = store.demands().await.map_err(refused)?;
                let rows: Vec<_> = all.iter().map(as_json).collect();
                let none = "No demand is recorded. `caseline demand record --kind KIND --from WHO` writes one down.";
                let text: Vec<String> = all.iter().flat_map(RecordedDemand::public_rows).collect();
                let text = if text.is_empty() { none.to_owned() } else { text.join("\n") };
                place.print(&serde_json::json!({ "demands": rows }), &text);
            }
        }
        init::write_out(&store).await
    }
}

fn as_json(recorded: &RecordedDemand) -> serde_json::Value {
    let demand = &recorded.demand;
    serde_json::json!({
        "demand": recorded.number,
        "kind": demand.kind.as_str(),
        "from": demand.asker.as_str(),
        "arrived_on": demand.arrived_on.to_string(),
        "quiet_until": demand.quiet_until.map(|day| day.to_string()),
        "recorded_on": recorded.recorded_on.to_string(),
        "answer": recorded.answered.map(|(answer, _)| answer.as_str()),
        "answered_on": recorded.answered.map(|(_, on)| on.to_string()),
        "log_entry": recorded.audited().index(),
    })
}

fn refused(fault: StoreFault) -> Exit {
    match fault {
        StoreFault::NotAllowed { why, .. } => Exit::Failures(why.to_owned()),
        fault => Exit::Environment(with_causes(&fault)),
    }
}
