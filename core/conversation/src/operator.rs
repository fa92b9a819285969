//! Who answers: the operator's identity, from which the first words in every language are made.
//! That it must be set is held by the program, which refuses to start without it.

use serde::{Deserialize, Serialize};

/// Who runs the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Operator {
    /// What kind of organisation.
    pub kind: OperatorKind,
    /// Its name as it is spoken and shown.
    pub name: String,
    /// With whom anything that callers say is shared; empty: with nobody.
    pub shares_with: String,
    /// Who can hear calls besides the person who answers; empty: nobody.
    pub hears_calls: String,
}

/// What kind of organisation answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperatorKind {
    /// A legal-aid group.
    LegalAid,
    /// A city or state office.
    City,
    /// A court.
    Court,
    /// A federal agency. It must say so before anything else, and opens no files, takes no reports and no legal intake.
    Agency,
}

impl OperatorKind {
    /// Whether the line belongs to a government.
    pub const fn is_government(self) -> bool {
        !matches!(self, Self::LegalAid)
    }

    /// Whether "This line belongs to the government" comes before anything else, and one's own files are not opened.
    pub const fn is_agency(self) -> bool {
        matches!(self, Self::Agency)
    }
}
