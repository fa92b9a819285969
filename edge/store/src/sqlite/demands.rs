//! Legal demands in SQLite: each with its entry in the log, and its answer with another one after it.
//! What the public log says of them is left to `log_public`.

use super::connection::database_fault;
use super::write::Write;
use super::{Done, SqliteStore};
use async_trait::async_trait;
use caseline_helpline::audit::{AuditEvent, AuditReceipt};
use caseline_helpline::demand::{
    DEMANDS_MAX, DemandAnswer, DemandNumber, DemandStore, NewDemand, QUIET_DAYS_MAX, RecordedDemand,
};
use caseline_helpline::fault::StoreFault;
use caseline_model::{Date, Time, Zone};
use std::str::FromStr;
use std::time::Duration;

const INSERT: &str = "INSERT INTO demands (number, kind, asker, arrived_on, quiet_until, recorded_on, place) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const NEWEST: &str = "SELECT MAX(number) FROM demands";
const BY_NUMBER: &str = "SELECT number, kind, asker, arrived_on, quiet_until, recorded_on, place, answer, answered_on \
     FROM demands WHERE number = ?1";
const ALL: &str = "SELECT number, kind, asker, arrived_on, quiet_until, recorded_on, place, answer, answered_on \
     FROM demands ORDER BY number";
const ANSWER: &str = "UPDATE demands SET answer = ?2, answered_on = ?3 WHERE number = ?1";

/// Number, kind, asker, arrival, quiet until, recorded on, place in the log, answer, its day.
type Columns = (i64, String, String, String, Option<String>, String, i64, Option<String>, Option<String>);

#[async_trait]
impl DemandStore for SqliteStore {
    async fn record_demand(&self, now: Time, demand: &NewDemand) -> Done<RecordedDemand> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("writing a legal demand down").await?;
        if is_quiet_too_long(now, demand) {
            return write.not_allowed(crate::WHY_DEMAND_QUIET);
        }
        let number = write.next_demand().await?;
        let event = AuditEvent::DemandRecorded { number, kind: demand.kind, asker: demand.asker };
        let audited = write.log(&self.vault, now, None, None, event).await?;
        let recorded = RecordedDemand::durable(number, *demand, today(now), audited);
        write.insert_demand(&recorded).await?;
        self.commit(write, now).await?;
        Ok(recorded)
    }

    async fn recorded_demand(&self, number: DemandNumber) -> Done<Option<RecordedDemand>> {
        let doing = "reading a legal demand";
        let row: Option<Columns> = sqlx::query_as(BY_NUMBER)
            .bind(i64::from(number.0))
            .fetch_optional(&self.readers)
            .await
            .map_err(database_fault(doing))?;
        row.map(|row| recorded(row, doing)).transpose()
    }

    async fn answer_demand(&self, now: Time, demand: &RecordedDemand, answer: DemandAnswer) -> Done<AuditReceipt> {
        let mut writer = self.writer.lock().await;
        let mut write = writer.begin("writing the answer to a legal demand down").await?;
        let fault = write.fault();
        let done = sqlx::query(ANSWER)
            .bind(i64::from(demand.number.0))
            .bind(answer.as_str())
            .bind(today(now).to_string())
            .execute(write.conn())
            .await
            .map_err(&fault)?;
        if done.rows_affected() != 1 {
            return write.not_allowed(crate::WHY_NO_DEMAND);
        }
        let event = AuditEvent::DemandAnswered { number: demand.number, answer };
        let receipt = write.log(&self.vault, now, None, None, event).await?;
        self.commit(write, now).await?;
        Ok(receipt)
    }

    async fn demands(&self) -> Done<Vec<RecordedDemand>> {
        let doing = "reading the legal demands";
        let rows: Vec<Columns> = sqlx::query_as(ALL).fetch_all(&self.readers).await.map_err(database_fault(doing))?;
        rows.into_iter().map(|row| recorded(row, doing)).collect()
    }
}

impl Write<'_> {
    async fn next_demand(&mut self) -> Done<DemandNumber> {
        let fault = self.fault();
        let newest: Option<i64> = sqlx::query_scalar(NEWEST).fetch_one(self.conn()).await.map_err(&fault)?;
        match u32::try_from(newest.unwrap_or(0) + 1) {
            Ok(number) if number <= DEMANDS_MAX => Ok(DemandNumber(number)),
            _ => self.not_allowed(crate::WHY_DEMANDS_MANY),
        }
    }

    async fn insert_demand(&mut self, recorded: &RecordedDemand) -> Done<()> {
        let fault = self.fault();
        let NewDemand { kind, asker, arrived_on, quiet_until } = recorded.demand;
        sqlx::query(INSERT)
            .bind(i64::from(recorded.number.0))
            .bind(kind.as_str())
            .bind(asker.as_str())
            .bind(arrived_on.to_string())
            .bind(quiet_until.map(|day| day.to_string()))
            .bind(recorded.recorded_on.to_string())
            .bind(recorded.audited().index().cast_signed())
            .execute(self.conn())
            .await
            .map_err(&fault)?;
        Ok(())
    }
}

/// The day in UTC, as the log counts days.
pub(super) fn today(now: Time) -> Date {
    now.date_in(&Zone::utc())
}

fn is_quiet_too_long(now: Time, demand: &NewDemand) -> bool {
    let last = today(now.plus(Duration::from_secs(u64::from(QUIET_DAYS_MAX) * 86_400)));
    demand.quiet_until.is_some_and(|until| until > last)
}

fn recorded(row: Columns, doing: &'static str) -> Done<RecordedDemand> {
    let (number, kind, asker, arrived_on, quiet_until, recorded_on, place, answer, answered_on) = row;
    let read = || {
        let demand = NewDemand {
            kind: kind.parse().ok()?,
            asker: asker.parse().ok()?,
            arrived_on: arrived_on.parse().ok()?,
            quiet_until: parsed(quiet_until.as_deref())?,
        };
        let number = DemandNumber(u32::try_from(number).ok()?);
        let audited = AuditReceipt::durable_at(place.cast_unsigned());
        let answered = parsed(answer.as_deref())?.zip(parsed(answered_on.as_deref())?);
        Some(RecordedDemand::durable(number, demand, recorded_on.parse().ok()?, audited).with_answer(answered))
    };
    read().ok_or(StoreFault::Sealed { doing })
}

/// `None` when there is a text and it does not read.
fn parsed<T: FromStr>(text: Option<&str>) -> Option<Option<T>> {
    text.map_or(Some(None), |text| text.parse().ok().map(Some))
}
