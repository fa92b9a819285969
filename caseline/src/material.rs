//! Flows, words, articles and the directory: those that the program carries, or those of the operator's own folder.
//! What they mean is left to `conversation` and `knowledge`.

use caseline_conversation::operator::Operator;
use caseline_conversation::words::read::WordsFile;
use caseline_conversation::{Flow, Policy, Program, Words};
use caseline_knowledge::Library;
use caseline_model::{Language, Zone};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

mod shipped {
    include!(concat!(env!("OUT_DIR"), "/shipped.rs"));
}

/// Texts by their name, such as `flows/main.toml`.
#[derive(Clone, Debug)]
pub struct Material {
    texts: BTreeMap<String, String>,
}

/// What cannot be read, each with file and row.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct MaterialFault(pub Vec<String>);

impl Material {
    /// What the program carries.
    pub fn shipped() -> Self {
        Self { texts: shipped::SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect() }
    }

    /// The folders `flows`, `words` and `knowledge` below a folder of the operator's.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub fn from_folder(folder: &Path) -> Result<Self, MaterialFault> {
        let mut texts = BTreeMap::new();
        for part in ["flows", "words", "knowledge"] {
            read_folder(folder, &folder.join(part), &mut texts)
                .map_err(|(path, error)| MaterialFault(vec![format!("{} cannot be read: {error}", path.display())]))?;
        }
        Ok(Self { texts })
    }

    /// Everything as one program for one operator.
    ///
    /// # Errors
    /// All that cannot be read, with file and row.
    pub fn program(&self, operator: Operator, zone: Zone) -> Result<Program, MaterialFault> {
        let mut faults = Vec::new();
        let mut flows = BTreeMap::new();
        let mut policy = None;
        let mut library = Library::default();
        let mut words_files = Vec::new();
        for (name, text) in &self.texts {
            match name.split('/').collect::<Vec<_>>().as_slice() {
                ["flows", "policy.toml"] => match Policy::read(name, text) {
                    Ok(read) => policy = Some(read),
                    Err(fault) => faults.push(fault.to_string()),
                },
                ["flows", _] => match Flow::read(name, text) {
                    Ok(flow) => {
                        flows.insert(flow.name.clone(), flow);
                    }
                    Err(fault) => faults.push(fault.to_string()),
                },
                ["words", language, _] => match language.parse::<Language>() {
                    Ok(language) => words_files.push(WordsFile { language, file: name, text }),
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
        let words = match Words::read(&words_files) {
            Ok(words) => words,
            Err(errors) => {
                faults.extend(errors.iter().map(ToString::to_string));
                Words::default()
            }
        };
        if policy.is_none() && faults.is_empty() {
            faults.push("flows/policy.toml is missing: every line needs a policy".into());
        }
        match policy {
            Some(policy) if faults.is_empty() => Ok(Program { flows, words, policy, operator, library, zone }),
            _ => Err(MaterialFault(faults)),
        }
    }
}

type ReadFault = (PathBuf, std::io::Error);

fn read_folder(root: &Path, folder: &Path, texts: &mut BTreeMap<String, String>) -> Result<(), ReadFault> {
    let fault = |error| (folder.to_owned(), error);
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.is_dir() {
            read_folder(root, &path, texts)?;
        } else if path.extension().is_some_and(|kind| kind == "toml" || kind == "ftl") {
            let text = std::fs::read_to_string(&path).map_err(|error| (path.clone(), error))?;
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            texts.insert(name, text);
        }
    }
    Ok(())
}
