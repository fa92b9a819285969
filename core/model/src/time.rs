//! Instants, dates and times of day, always handed in.
//! The clock itself is the program's; zones come from the bundled table, never from the machine.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A date on the calendar, without a zone.
pub use jiff::civil::Date;

/// An instant: microseconds since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(i64);

impl Time {
    /// From microseconds since 1970 UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970 UTC.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970 UTC, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Later by a duration; stays at the last instant instead of running over.
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Earlier by a duration.
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long after another instant; nothing when it is before it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The date in a zone.
    pub fn date_in(self, zone: &Zone) -> Date {
        self.zoned(zone).date()
    }

    /// The time of day in a zone.
    pub fn time_of_day_in(self, zone: &Zone) -> TimeOfDay {
        let time = self.zoned(zone).time();
        TimeOfDay { minutes: u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs()) }
    }

    /// The number of the week since 1970 (UTC, from Monday): weekly keys are named by it.
    pub const fn week(self) -> u32 {
        // 1970-01-01 was a Thursday.
        ((self.0.div_euclid(86_400_000_000) + 3).div_euclid(7)) as u32
    }

    /// The day since 1970 in UTC.
    pub const fn day(self) -> u32 {
        self.0.div_euclid(86_400_000_000) as u32
    }

    fn zoned(self, zone: &Zone) -> jiff::Zoned {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(zone.0.clone())
    }
}

/// A time zone by its name in the IANA table, such as `America/Chicago`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// The name is in no zone table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone `{name}`; use a name such as America/Chicago")]
pub struct NoSuchZone {
    /// The name that was asked for.
    pub name: String,
}

impl Zone {
    /// The zone of that name from the bundled table.
    ///
    /// # Errors
    /// When no such zone is known.
    pub fn named(name: &str) -> Result<Self, NoSuchZone> {
        jiff::tz::db().get(name).map(Self).map_err(|_| NoSuchZone { name: name.to_owned() })
    }

    /// Coordinated universal time.
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The instant of a date and time of day in this zone. In the hour that a clock change skips, the later side; in
    /// the hour it repeats, the first one: the safe side for being in court.
    pub fn instant(&self, date: Date, time: TimeOfDay) -> Time {
        let civil = date.at(time.hour().cast_signed(), time.minute().cast_signed(), 0, 0);
        let zoned = self.0.to_ambiguous_zoned(civil).compatible();
        Time(zoned.map_or(0, |z| z.timestamp().as_microsecond()))
    }
}

/// A time of day to the minute.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TimeOfDay {
    minutes: u16,
}

/// The text is no time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time of day is written 08:30 or 0830, from 00:00 to 23:59")]
pub struct NotATimeOfDay;

impl TimeOfDay {
    /// 00:00: what a court's table holds when no time was set.
    pub const MIDNIGHT: Self = Self { minutes: 0 };

    /// `None` unless hour is 0 to 23 and minute 0 to 59.
    pub const fn new(hour: u8, minute: u8) -> Option<Self> {
        if hour > 23 || minute > 59 { None } else { Some(Self { minutes: hour as u16 * 60 + minute as u16 }) }
    }

    /// 0 to 23.
    pub const fn hour(self) -> u8 {
        (self.minutes / 60) as u8
    }

    /// 0 to 59.
    pub const fn minute(self) -> u8 {
        (self.minutes % 60) as u8
    }

    /// Midnight is what a court's table holds when no time was set.
    pub const fn is_midnight(self) -> bool {
        self.minutes == 0
    }
}

impl FromStr for TimeOfDay {
    type Err = NotATimeOfDay;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: String = text.trim().chars().filter(|c| *c != ':').collect();
        if digits.len() != 4 || !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(NotATimeOfDay);
        }
        let hour = digits[..2].parse().map_err(|_| NotATimeOfDay)?;
        let minute = digits[2..].parse().map_err(|_| NotATimeOfDay)?;
        Self::new(hour, minute).ok_or(NotATimeOfDay)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour(), self.minute())
    }
}

impl fmt::Debug for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = NotATimeOfDay;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_and_time_in_chicago_is_one_instant() {
        let chicago = Zone::named("America/Chicago").unwrap();
        let at = chicago.instant(jiff::civil::date(2026, 3, 2), "10:00".parse().unwrap());
        assert_eq!(at.date_in(&chicago), jiff::civil::date(2026, 3, 2));
        assert_eq!(at.time_of_day_in(&chicago).to_string(), "10:00");
        assert_eq!(at.time_of_day_in(&Zone::utc()).to_string(), "16:00");
    }

    #[test]
    fn a_week_starts_on_monday() {
        let sunday = Zone::utc().instant(jiff::civil::date(2026, 11, 22), "23:59".parse().unwrap());
        assert_eq!(sunday.plus(Duration::from_secs(60)).week(), sunday.week() + 1);
    }

    #[test]
    fn an_unknown_zone_is_named_in_the_error() {
        assert_eq!(
            Zone::named("Chicago").unwrap_err().to_string(),
            "there is no time zone `Chicago`; use a name such as America/Chicago"
        );
    }
}
