//! `caseline check`: proves flows and words safe and prints the proof report.
//! The sixteen rules stand in `conversation`.

use super::Place;
use crate::exits::Exit;
use crate::material::Material;
use crate::settings::Settings;
use crate::world::MachineClock;
use caseline_conversation::checker;
use caseline_conversation::operator::{Operator, OperatorKind};
use caseline_helpline::Clock;
use caseline_model::Zone;
use std::path::PathBuf;

/// Checks flows and words.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// A folder with `flows`, `words` and `knowledge`; without it those of the settings, or those that the program carries.
    folder: Option<PathBuf>,
}

impl Check {
    /// Prints the report; fails when a rule is broken.
    pub fn run(&self, place: &Place) -> Result<(), Exit> {
        let settings = if place.config.exists() { Some(place.settings()?) } else { None };
        let folder = self.folder.clone().or_else(|| settings.as_ref().and_then(|s| s.material.clone()));
        let material = match folder {
            Some(folder) => Material::from_folder(&folder).map_err(|fault| Exit::Usage(fault.to_string()))?,
            None => Material::shipped(),
        };
        let (operator, zone) = operator_of(settings.as_ref())?;
        let today = MachineClock.now().date_in(&zone);
        let program = material.program(operator, zone).map_err(|fault| Exit::Failures(fault.to_string()))?;
        let report = checker::check(&program, today, &|_, _, _| None, None);
        let json = serde_json::to_value(&report).unwrap_or_default();
        place.print(&json, &report.to_string());
        match report.problems.len() {
            0 => Ok(()),
            1 => Err(Exit::Failures("1 rule is broken: see the report".into())),
            count => Err(Exit::Failures(format!("{count} places break a rule: see the report"))),
        }
    }
}

fn operator_of(settings: Option<&Settings>) -> Result<(Operator, Zone), Exit> {
    let zone = settings.map_or("America/Chicago", |settings| &settings.line.zone);
    let zone = Zone::named(zone).map_err(|fault| Exit::Usage(fault.to_string()))?;
    let operator = settings.map(|settings| settings.operator.clone()).unwrap_or(Operator {
        kind: OperatorKind::LegalAid,
        name: "Lake Street Legal Aid (made up)".into(),
        shares_with: String::new(),
        hears_calls: String::new(),
    });
    Ok((operator, zone))
}
