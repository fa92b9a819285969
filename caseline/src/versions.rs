//! Which flows, words and greeting callers hear from now on: written into the log when the line starts, as digests.
//! Reading them is `material`'s; publishing the digests, the store's.

use crate::exits::{Exit, with_causes};
use crate::material::Material;
use crate::settings::Settings;
use crate::world::MachineClock;
use caseline_conversation::Program;
use caseline_conversation::greeting::spoken_greeting;
use caseline_helpline::audit::{AuditEntry, AuditEvent, Versions};
use caseline_helpline::{Clock, Line};
use sha2::{Digest, Sha256};

/// The file in which the policy stands, beside the flows.
const POLICY: &str = "flows/policy.toml";

/// Writes the versions of a line that starts into its log.
///
/// # Errors
/// When the operator's own folder cannot be read, or the store does not answer.
pub async fn note_start(settings: &Settings, line: &Line) -> Result<(), Exit> {
    let material = match &settings.material {
        Some(folder) => Material::from_folder(folder).map_err(|fault| Exit::Usage(fault.to_string()))?,
        None => Material::shipped(),
    };
    let event = AuditEvent::LineStarted { versions: versions(&material, &line.program) };
    let entry = AuditEntry { at: MachineClock.now(), contact: None, case: None, event };
    line.store.append_audit(entry).await.map_err(|fault| Exit::Environment(with_causes(&fault)))?;
    Ok(())
}

/// The versions of a program and of what it was made from.
pub fn versions(material: &Material, program: &Program) -> Versions {
    let of = |is_it: &dyn Fn(&str) -> bool| digest(material.texts().filter(|(name, _)| is_it(name)));
    let greeting: Vec<(String, String)> = program
        .policy
        .first_menu
        .iter()
        .map(|language| {
            let phrases = spoken_greeting(&program.operator);
            let said = phrases.iter().filter_map(|phrase| program.words.spoken(*language, phrase).ok()).flatten();
            (language.tag().to_owned(), said.map(|said| said.text).collect::<Vec<_>>().join("\n"))
        })
        .collect();
    Versions {
        release: env!("CARGO_PKG_VERSION").into(),
        flows: of(&|name| name.starts_with("flows/") && name != POLICY),
        policy: of(&|name| name == POLICY),
        words: of(&|name| name.starts_with("words/")),
        knowledge: of(&|name| name.starts_with("knowledge/")),
        greeting: digest(greeting.iter().map(|(tag, text)| (tag.as_str(), text.as_str()))),
    }
}

/// SHA-256 over names and texts, each after its length.
fn digest<'t>(texts: impl Iterator<Item = (&'t str, &'t str)>) -> String {
    let mut hash = Sha256::new();
    for part in texts.flat_map(|(name, text)| [name, text]) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use caseline_conversation::operator::{Operator, OperatorKind};
    use caseline_model::Zone;

    fn of_operator(name: &str) -> Versions {
        let operator = Operator {
            kind: OperatorKind::LegalAid,
            name: name.into(),
            shares_with: String::new(),
            hears_calls: String::new(),
        };
        let material = Material::shipped();
        let program = material.program(operator, Zone::named("America/Chicago").unwrap()).unwrap();
        versions(&material, &program)
    }

    #[test]
    fn another_operator_has_another_greeting_and_the_same_flows() {
        let (one, other) = (of_operator("Lake Street Legal Aid"), of_operator("Open Door Legal Aid"));
        assert_ne!(one.greeting, other.greeting);
        assert_eq!((&one.flows, &one.words, &one.policy), (&other.flows, &other.words, &other.policy));
        assert!([&one.flows, &one.words, &one.policy, &one.knowledge].iter().all(|digest| digest.len() == 64));
        assert_eq!(one.rows().len(), 6);
    }

    #[test]
    fn a_text_that_moves_between_two_files_is_another_version() {
        assert_ne!(digest([("a", "bc")].into_iter()), digest([("ab", "c")].into_iter()));
    }
}
