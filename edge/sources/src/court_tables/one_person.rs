//! Notices while reading that the rows of one number cannot all be of one person (check R17).
//! Only yes or no leaves this module; what gave it away is forgotten with the import.

/// Birth years that differ by less are a typing slip.
const BIRTH_YEARS_APART_MIN: u16 = 2;

/// What was seen on the rows of one number. It has no debug form and is never handed out.
#[derive(Clone, Copy, Default)]
pub(super) struct Signs {
    birth_year: Option<u16>,
    sex: Option<u8>,
    nationality: Option<[u8; 3]>,
    differs: u8,
}

const SEX_DIFFERS: u8 = 1;
const NATIONALITY_DIFFERS: u8 = 2;
const BIRTH_DIFFERS: u8 = 4;

impl Signs {
    pub fn new(birth: Option<&[u8]>, sex: Option<&[u8]>, nationality: Option<&[u8]>) -> Self {
        let birth_year = birth
            .and_then(|cell| cell.rsplit(|b| *b == b'/').next())
            .filter(|year| year.len() == 4 && year.iter().all(u8::is_ascii_digit))
            .map(|year| year.iter().fold(0, |value, digit| value * 10 + u16::from(digit - b'0')));
        let nationality = nationality.map(|cell| {
            let mut padded = [b' '; 3];
            padded.iter_mut().zip(cell).for_each(|(to, from)| *to = from.to_ascii_uppercase());
            padded
        });
        let sex =
            sex.and_then(|cell| cell.first()).map(u8::to_ascii_uppercase).filter(|sex| matches!(sex, b'M' | b'F'));
        Self { birth_year, sex, nationality, differs: 0 }
    }

    /// Compares with another row of the same number.
    pub fn compare(&mut self, row: Self) {
        if let (Some(a), Some(b)) = (self.birth_year, row.birth_year)
            && a.abs_diff(b) >= BIRTH_YEARS_APART_MIN
        {
            self.differs |= BIRTH_DIFFERS;
        }
        if self.sex.zip(row.sex).is_some_and(|(a, b)| a != b) {
            self.differs |= SEX_DIFFERS;
        }
        if self.nationality.zip(row.nationality).is_some_and(|(a, b)| a != b) {
            self.differs |= NATIONALITY_DIFFERS;
        }
        self.birth_year = self.birth_year.or(row.birth_year);
        self.sex = self.sex.or(row.sex);
        self.nationality = self.nationality.or(row.nationality);
    }

    /// Births years apart, or both sex and nationality: either of those alone is more often a clerk's slip.
    pub fn may_be_two_people(&self) -> bool {
        self.differs & BIRTH_DIFFERS != 0 || self.differs & (SEX_DIFFERS | NATIONALITY_DIFFERS) == 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rows: &[(&str, &str, &str)]) -> bool {
        let mut all = Signs::default();
        for (birth, sex, nationality) in rows {
            let cell = |text: &'static str| Some(text.as_bytes()).filter(|c| !c.is_empty());
            let (birth, sex, nationality): (&'static str, &'static str, &'static str) =
                (leak(birth), leak(sex), leak(nationality));
            all.compare(Signs::new(cell(birth), cell(sex), cell(nationality)));
        }
        all.may_be_two_people()
    }

    fn leak(text: &str) -> &'static str {
        text.to_owned().leak()
    }

    #[test]
    fn two_births_years_apart_are_two_people() {
        assert!(seen(&[("3/1981", "", ""), ("", "", ""), ("11/1994", "", "")]));
        assert!(!seen(&[("12/1981", "", ""), ("1/1982", "", "")]));
    }

    #[test]
    fn one_slip_is_not_a_second_person_and_two_are() {
        assert!(!seen(&[("", "M", "GT"), ("", "F", "GT")]));
        assert!(!seen(&[("", "M", "GT"), ("", "M", "MX")]));
        assert!(seen(&[("", "M", "GT"), ("", "F", "MX")]));
    }

    #[test]
    fn what_is_not_said_is_not_a_difference() {
        assert!(!seen(&[("", "", ""), ("5/1990", "F", "HT"), ("", "", ""), ("?", "?", "")]));
    }
}
