//! R03: one source says in person, another by video or telephone.
//! The safe action is to be ready to go.

use super::Looked;
use crate::assertion::{Medium, Value};
use crate::finding::{Finding, Rule};

/// Compares the mediums of the current future hearings.
pub fn check(looked: &Looked<'_>) -> Option<Finding> {
    let said: Vec<(usize, Medium)> = looked
        .current
        .future
        .iter()
        .filter_map(|row| match &looked.assertions.get(row.0)?.value {
            Value::Hearing { medium, .. } => medium.map(|medium| (row.0, medium)),
            _ => None,
        })
        .collect();
    let differs = said.windows(2).any(|pair| matches!(pair, [a, b] if a.1 != b.1));
    differs.then(|| Finding { rule: Rule::MediumDisagrees, rests_on: said.iter().map(|row| row.0).collect() })
}
