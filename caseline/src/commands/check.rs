//! `caseline check`: proves flows and words safe and prints the proof report.
//! The sixteen rules stand in `conversation`.

use super::Place;
use crate::exits::Exit;
use crate::material::Material;
use crate::settings::Settings;
use crate::wiring;
use crate::world::MachineClock;
use caseline_conversation::Program;
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
        let settings = settings_if_there(place)?;
        let program = program_of(place, self.folder.as_ref())?;
        let today = MachineClock.now().date_in(&program.zone);
        let recorded = settings.as_ref().map(wiring::recorded_seconds).transpose()?.unwrap_or_default();
        let report = checker::check(&program, today, &|_, id, _| recorded.get(id).copied(), None);
        let json = serde_json::to_value(&report).unwrap_or_default();
        place.print(&json, &report.to_string());
        match report.problems.len() {
            0 => Ok(()),
            1 => Err(Exit::Failures("1 rule is broken: see the report".into())),
            count => Err(Exit::Failures(format!("{count} places break a rule: see the report"))),
        }
    }
}

fn settings_if_there(place: &Place) -> Result<Option<Settings>, Exit> {
    if place.config.exists() { place.settings().map(Some) } else { Ok(None) }
}

/// The material of a folder, of the settings, or what the program carries, for the operator of the settings.
pub fn program_of(place: &Place, folder: Option<&PathBuf>) -> Result<Program, Exit> {
    let settings = settings_if_there(place)?;
    let folder = folder.cloned().or_else(|| settings.as_ref().and_then(|settings| settings.material.clone()));
    let material = match folder {
        Some(folder) => Material::from_folder(&folder).map_err(|fault| Exit::Usage(fault.to_string()))?,
        None => Material::shipped(),
    };
    let (operator, zone) = operator_of(settings.as_ref())?;
    material.program(operator, zone).map_err(|fault| Exit::Failures(fault.to_string()))
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
