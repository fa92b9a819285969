//! Flows, words, articles and the directory as named texts, made into one program for one operator.
//! Where the texts come from (a folder, the program itself) is left to whoever hands them in.

use crate::flow::Flow;
use crate::operator::Operator;
use crate::policy::Policy;
use crate::program::Program;
use crate::words::Words;
use crate::words::read::WordsFile;
use caseline_knowledge::Library;
use caseline_model::{Language, Zone};
use std::collections::BTreeMap;

/// The folders that a program is read from, below the folder of an operator or of the repository.
pub const FOLDERS: [&str; 3] = ["flows", "words", "knowledge"];

/// All that cannot be read, a text for each, with file and row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct MaterialFault(pub Vec<String>);

impl Program {
    /// Reads a program from its texts, each by its name below the folder: `flows/main.toml`, `words/es/case.ftl`,
    /// `knowledge/articles/appeal.toml`.
    ///
    /// # Errors
    /// All that cannot be read, and texts that stand where no text is looked for.
    pub fn read<'t>(
        texts: impl IntoIterator<Item = (&'t str, &'t str)>,
        operator: Operator,
        zone: Zone,
    ) -> Result<Self, MaterialFault> {
        let mut faults: Vec<String> = Vec::new();
        let mut flows = BTreeMap::new();
        let mut policy = None;
        let mut library = Library::default();
        let mut words = Vec::new();
        for (name, text) in texts {
            let fault = match name.split('/').collect::<Vec<_>>().as_slice() {
                ["flows", "policy.toml"] => {
                    Policy::read(name, text).map(|read| policy = Some(read)).err().map(|fault| fault.to_string())
                }
                ["flows", _] => Flow::read(name, text)
                    .map(|flow| drop(flows.insert(flow.name.clone(), flow)))
                    .err()
                    .map(|fault| fault.to_string()),
                ["words", language, _] => language
                    .parse::<Language>()
                    .map(|language| words.push(WordsFile { language, file: name, text }))
                    .err()
                    .map(|fault| format!("{name}: {fault}")),
                ["knowledge", "articles", _] => library.add_article(name, text).err().map(|fault| fault.to_string()),
                ["knowledge", "directory.toml"] => {
                    library.add_directory(name, text).err().map(|fault| fault.to_string())
                }
                _ => Some(format!(
                    "{name}: nothing is read from here; flows stand in flows/, words in words/<language>/, answers in \
                     knowledge/articles/, providers in knowledge/directory.toml"
                )),
            };
            faults.extend(fault);
        }
        let words = Words::read(&words).unwrap_or_else(|errors| {
            faults.extend(errors.iter().map(ToString::to_string));
            Words::default()
        });
        match policy {
            Some(policy) if faults.is_empty() => Ok(Self { flows, words, policy, operator, library, zone }),
            Some(_) => Err(MaterialFault(faults)),
            None if faults.iter().any(|fault| fault.starts_with("flows/policy.toml")) => Err(MaterialFault(faults)),
            None => {
                faults.push("flows/policy.toml is missing: every line needs a policy".into());
                Err(MaterialFault(faults))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::OperatorKind;

    const FLOW: &str = "flow = \"main\"\nversion = 1\nnote = \"new\"\nstart = \"over\"\n[step.over]\nkind = \"end\"\n";
    const POLICY: &str = "main = \"main\"\nperson = \"main.over\"\nurgent = \"main.over\"\nfirst-menu = [\"en\"]\nfinder = [\"en\"]\n\
        lifeline = []\nsilences = 2\nattempts = 3\nsilence-seconds = 8\nbetween-keys-seconds = 4\nidle-minutes = 30\n\
        drafts = \"spoken\"\n[languages]\nen = \"full\"\n[privacy]\n";

    fn read(texts: &[(&str, &str)]) -> Result<Program, MaterialFault> {
        let operator = Operator {
            kind: OperatorKind::LegalAid,
            name: "Open Door".into(),
            shares_with: String::new(),
            hears_calls: String::new(),
        };
        Program::read(texts.iter().copied(), operator, Zone::utc())
    }

    #[test]
    fn texts_become_a_program() {
        let words = ("words/en/line.ftl", "goodbye = Goodbye.\n");
        let program = read(&[("flows/main.toml", FLOW), ("flows/policy.toml", POLICY), words]).unwrap();
        assert!(program.step("main", "over").is_some());
        assert!(program.words.key(Language::ENGLISH, "goodbye").is_some());
    }

    #[test]
    fn all_that_cannot_be_read_is_said_at_once() {
        let fault = read(&[
            ("flows/main.toml", "flow = 1\n"),
            ("words/klingon/line.ftl", "goodbye = Qapla\n"),
            ("knowledge/articles/empty.toml", ""),
            ("knowledge/article/lost.toml", ""),
        ])
        .unwrap_err();
        for file in
            ["flows/main.toml:", "words/klingon/line.ftl:", "knowledge/articles/empty.toml:", "policy.toml is missing"]
        {
            assert!(fault.0.iter().any(|text| text.contains(file)), "{file} is not named in\n{fault}");
        }
        assert!(fault.to_string().contains("knowledge/article/lost.toml: nothing is read from here"), "{fault}");
    }

    #[test]
    fn a_policy_that_cannot_be_read_is_not_said_to_be_missing() {
        let fault = read(&[("flows/policy.toml", "main = 1\n")]).unwrap_err();
        assert_eq!(fault.0.len(), 1, "{fault}");
    }
}
