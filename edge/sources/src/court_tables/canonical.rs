//! The bytes of a row's facts, by group, so that a keyed digest can say same, changed, new or gone.
//! The key and the digest are the vault's. The order of rows, padding and null spellings do not show in these bytes.

use crate::court_tables::codes::{CalendarType, CaseType, Coded, Court};
use crate::court_tables::history::{
    Adjournment, CourtCase, CustodyStatus, Decision, Hearing, HearingPlace, Medium, Proceeding, Track,
};
use caseline_model::{Date, EoirLanguage, TimeOfDay};

/// Changes whenever the bytes of an unchanged row would change.
const FORMAT: u8 = 1;

/// Which row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    /// IDNCASE.
    Case(u64),
    /// IDNPROCEEDING.
    Proceeding(u64),
    /// IDNSCHEDULE.
    Hearing(u64),
}

/// Which of a row's facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldGroup {
    /// Case type, custody status.
    Status,
    /// Language.
    Language,
    /// Court and place.
    Where,
    /// Date and time.
    When,
    /// Calendar, schedule type, medium, track.
    How,
    /// What became of a hearing; how a proceeding ended.
    Outcome,
    /// When rows were made and changed, the notice's kind.
    Entered,
}

/// The bytes to digest for one group of one row.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestInput {
    /// Which row.
    pub key: RowKey,
    /// Which facts of it.
    pub group: FieldGroup,
    /// The facts, in a fixed form.
    pub bytes: Vec<u8>,
}

impl CourtCase {
    /// Every row of the case, group by group, in a fixed order. Where two rows share a key their bytes stand together.
    pub fn digest_inputs(&self) -> Vec<DigestInput> {
        let mut out = Vec::new();
        let id = RowKey::Case(self.id);
        out.push(input(id, FieldGroup::Status, |b| b.case_type(&self.case_type).custody(self.custody)));
        out.push(input(id, FieldGroup::Language, |b| b.language(&self.language)));
        for proceeding in &self.proceedings {
            proceeding.push_inputs(&mut out);
            proceeding.hearings.iter().for_each(|h| h.push_inputs(Some(proceeding.id), &mut out));
        }
        self.unplaced_hearings.iter().for_each(|h| h.push_inputs(None, &mut out));
        out.sort_by(|a, b| (a.key, a.group, &a.bytes).cmp(&(b.key, b.group, &b.bytes)));
        out.dedup_by(|later, first| {
            let is_same_row = (later.key, later.group) == (first.key, first.group);
            if is_same_row {
                first.bytes.append(&mut later.bytes);
            }
            is_same_row
        });
        out
    }
}

impl Proceeding {
    fn push_inputs(&self, out: &mut Vec<DigestInput>) {
        let id = RowKey::Proceeding(self.id);
        out.push(input(id, FieldGroup::Status, |b| b.case_type(&self.case_type).custody(self.custody)));
        out.push(input(id, FieldGroup::Language, |b| b.language(&self.language)));
        out.push(input(id, FieldGroup::Where, |b| b.court(&self.court).place(&self.place).court(&self.transferred_to)));
        out.push(input(id, FieldGroup::Outcome, |b| {
            b.decision(&self.decision)
                .decision(&self.completion)
                .date(self.completed_on)
                .text(self.is_in_absentia.map(|yes| if yes { "Y" } else { "N" }))
                .date(self.venue_change_on)
                .date(self.appeal_due_on)
        }));
        out.push(input(id, FieldGroup::Entered, |b| {
            b.date(self.charged_on).date(self.input_on).date(self.transferred_in_on)
        }));
    }
}

impl Hearing {
    fn push_inputs(&self, proceeding_id: Option<u64>, out: &mut Vec<DigestInput>) {
        let id = RowKey::Hearing(self.id);
        out.push(input(id, FieldGroup::When, |b| b.date(self.on).time(self.starts_at)));
        out.push(input(id, FieldGroup::Where, |b| b.court(&self.court).place(&self.place)));
        out.push(input(id, FieldGroup::Language, |b| b.language(&self.language)));
        out.push(input(id, FieldGroup::How, |b| {
            b.calendar(&self.calendar).calendar(&self.schedule_type).text(self.medium.as_ref().map(medium)).text(Some(
                match self.track {
                    Track::Case => "case",
                    Track::Bond => "bond",
                    Track::Motion => "motion",
                },
            ))
        }));
        out.push(input(id, FieldGroup::Outcome, |b| {
            b.text(self.adjournment.as_ref().map(|adjournment| match adjournment {
                Adjournment::Listed(reason) => reason.code.as_str(),
                Adjournment::LawyerFirst => "lawyer-first",
                Adjournment::Unlisted(raw) => raw.as_str(),
            }))
        }));
        out.push(input(id, FieldGroup::Entered, |b| {
            b.date(self.input_on)
                .time(self.input_at)
                .date(self.updated_on)
                .time(self.updated_at)
                .text(self.notice.as_ref().map(|n| n.as_str()))
                .text(proceeding_id.map(|id| id.to_string()).as_deref())
        }));
    }
}

/// Each value is preceded by its length, and a null by none, so that no two lists of values share their bytes.
struct Bytes(Vec<u8>);

fn input(key: RowKey, group: FieldGroup, fill: impl FnOnce(&mut Bytes) -> &mut Bytes) -> DigestInput {
    let mut bytes = Bytes(vec![FORMAT, group as u8]);
    fill(&mut bytes);
    DigestInput { key, group, bytes: bytes.0 }
}

impl Bytes {
    fn text(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            None => self.0.push(0),
            Some(text) => {
                self.0.push(1);
                self.0.extend_from_slice(&(text.len() as u32).to_be_bytes());
                self.0.extend_from_slice(text.as_bytes());
            }
        }
        self
    }

    fn date(&mut self, value: Option<Date>) -> &mut Self {
        self.text(value.map(|date| date.to_string()).as_deref())
    }

    fn time(&mut self, value: Option<TimeOfDay>) -> &mut Self {
        self.text(value.map(|time| time.to_string()).as_deref())
    }

    fn coded<T>(&mut self, value: &Option<Coded<T>>, code: impl Fn(&'static T) -> &'static str) -> &mut Self {
        self.text(value.as_ref().map(|coded| match coded {
            Coded::Listed(meaning) => code(meaning),
            Coded::Unlisted(raw) => raw.as_str(),
        }))
    }

    fn court(&mut self, value: &Option<Coded<Court>>) -> &mut Self {
        self.coded(value, |court| &court.code)
    }

    fn case_type(&mut self, value: &Option<Coded<CaseType>>) -> &mut Self {
        self.coded(value, |case_type| &case_type.code)
    }

    fn calendar(&mut self, value: &Option<Coded<CalendarType>>) -> &mut Self {
        self.coded(value, |calendar| &calendar.code)
    }

    fn place(&mut self, value: &Option<HearingPlace>) -> &mut Self {
        self.text(value.as_ref().map(|place| match place {
            HearingPlace::Court(court) => court.code.as_str(),
            HearingPlace::DetainedDocket => "detained docket",
            HearingPlace::OnTheNotice(raw) | HearingPlace::Unlisted(raw) => raw.as_str(),
        }))
    }

    fn language(&mut self, value: &Option<EoirLanguage>) -> &mut Self {
        self.text(value.as_ref().map(EoirLanguage::code))
    }

    fn custody(&mut self, value: Option<CustodyStatus>) -> &mut Self {
        self.text(value.map(|status| match status {
            CustodyStatus::Detained => "D",
            CustodyStatus::NeverDetained => "N",
            CustodyStatus::Released => "R",
        }))
    }

    fn decision(&mut self, value: &Option<Decision>) -> &mut Self {
        self.text(value.as_ref().map(|decision| match decision {
            Decision::Listed(meaning) => meaning.code.as_str(),
            Decision::Unlisted(raw) => raw.as_str(),
        }))
    }
}

fn medium(medium: &Medium) -> &str {
    match medium {
        Medium::InPerson => "P",
        Medium::Video => "V",
        Medium::Telephone => "T",
        Medium::Internet => "W",
        Medium::InternetCourt => "C",
        Medium::NotHeld => "H",
        Medium::Unlisted(raw) => raw.as_str(),
    }
}
