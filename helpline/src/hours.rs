//! When staff are there: opening hours by weekday, and days on which the line's staff are off.
//! The urgent chain has no hours.

use caseline_model::{Date, Time, TimeOfDay, Zone};

/// Opening hours in the line's zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// For Monday to Sunday: from and until, or nothing.
    pub week: [Option<(TimeOfDay, TimeOfDay)>; 7],
    /// Days on which nobody is there.
    pub closed_on: Vec<Date>,
}

impl Hours {
    /// Whether staff are there now.
    pub fn are_open(&self, now: Time, zone: &Zone) -> bool {
        let today = now.date_in(zone);
        if self.closed_on.contains(&today) {
            return false;
        }
        let weekday = usize::from(today.weekday().to_monday_zero_offset().unsigned_abs());
        let time = now.time_of_day_in(zone);
        self.week.get(weekday).copied().flatten().is_some_and(|(from, until)| from <= time && time < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_are_there_from_nine_to_five_and_not_on_a_closed_day() {
        let zone = Zone::named("America/Chicago").unwrap();
        let nine_to_five = Some((TimeOfDay::new(9, 0).unwrap(), TimeOfDay::new(17, 0).unwrap()));
        let monday = jiff::civil::date(2026, 3, 2);
        let hours = Hours {
            week: [nine_to_five, None, None, None, None, None, None],
            closed_on: vec![jiff::civil::date(2026, 3, 9)],
        };
        let open =
            |date, hour, minute| hours.are_open(zone.instant(date, TimeOfDay::new(hour, minute).unwrap()), &zone);
        assert!(open(monday, 9, 0) && open(monday, 16, 59));
        assert!(!open(monday, 8, 59) && !open(monday, 17, 0));
        assert!(!open(jiff::civil::date(2026, 3, 3), 10, 0));
        assert!(!open(jiff::civil::date(2026, 3, 9), 10, 0));
    }
}
