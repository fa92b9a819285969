//! Flows, words, articles and the directory of a repository folder, made into the program that scripts are played on.
//! What they mean is left to `conversation` and `knowledge`; the program itself carries its own copy.

use caseline_conversation::operator::Operator;
use caseline_conversation::words::read::WordsFile;
use caseline_conversation::{Flow, Policy, Program, Words};
use caseline_knowledge::Library;
use caseline_model::{Language, Zone};
use std::collections::BTreeMap;
use std::path::Path;

/// Texts by their name, such as `flows/main.toml`.
#[derive(Clone, Debug)]
pub struct Material {
    texts: Vec<(String, String)>,
}

/// What cannot be read, a text for each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct MaterialFault(pub Vec<String>);

impl Material {
    /// From names and texts.
    pub fn of(texts: &[(&str, &str)]) -> Self {
        Self { texts: texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect() }
    }

    /// From the folders `flows`, `words` and `knowledge` below a folder.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub fn from_folder(root: &Path) -> Result<Self, MaterialFault> {
        let mut texts = Vec::new();
        for part in ["flows", "words", "knowledge"] {
            read_folder(&root.join(part), part, &mut texts)?;
        }
        texts.sort();
        Ok(Self { texts })
    }

    /// All of it as one program for one operator.
    ///
    /// # Errors
    /// All that cannot be read, with file and row.
    pub fn program(&self, operator: Operator, zone: Zone) -> Result<Program, MaterialFault> {
        let mut faults: Vec<String> = Vec::new();
        let mut flows = BTreeMap::new();
        let mut policy = None;
        let mut library = Library::default();
        let mut words = Vec::new();
        for (name, text) in &self.texts {
            match name.split('/').collect::<Vec<_>>().as_slice() {
                ["flows", "policy.toml"] => match Policy::read(name, text) {
                    Ok(read) => policy = Some(read),
                    Err(fault) => faults.push(fault.to_string()),
                },
                ["flows", _] => match Flow::read(name, text) {
                    Ok(flow) => drop(flows.insert(flow.name.clone(), flow)),
                    Err(fault) => faults.push(fault.to_string()),
                },
                ["words", language, _] => match language.parse::<Language>() {
                    Ok(language) => words.push(WordsFile { language, file: name, text }),
                    Err(fault) => faults.push(format!("{name}: {fault}")),
                },
                ["knowledge", "articles", _] => {
                    faults.extend(library.add_article(name, text).err().map(|fault| fault.to_string()));
                }
                ["knowledge", "directory.toml"] => {
                    faults.extend(library.add_directory(name, text).err().map(|fault| fault.to_string()));
                }
                _ => {}
            }
        }
        let words = Words::read(&words).unwrap_or_else(|errors| {
            faults.extend(errors.iter().map(ToString::to_string));
            Words::default()
        });
        match policy {
            Some(policy) if faults.is_empty() => Ok(Program { flows, words, policy, operator, library, zone }),
            Some(_) => Err(MaterialFault(faults)),
            None => {
                faults.push("flows/policy.toml is missing: every line needs a policy".into());
                Err(MaterialFault(faults))
            }
        }
    }
}

fn read_folder(folder: &Path, name: &str, texts: &mut Vec<(String, String)>) -> Result<(), MaterialFault> {
    let fault = |error: std::io::Error| MaterialFault(vec![format!("{} cannot be read: {error}", folder.display())]);
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let path = entry.path();
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            read_folder(&path, &name, texts)?;
        } else if path.extension().is_some_and(|kind| kind == "toml" || kind == "ftl") {
            texts.push((name, std::fs::read_to_string(&path).map_err(fault)?));
        }
    }
    Ok(())
}
