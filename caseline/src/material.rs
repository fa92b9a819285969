//! Flows, words, articles and the directory: those that the program carries, or those of the operator's own folder.
//! Making a program of them is left to `conversation`.

use caseline_conversation::Program;
use caseline_conversation::material::FOLDERS;
use caseline_conversation::operator::Operator;
use caseline_model::Zone;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use caseline_conversation::MaterialFault;

mod shipped {
    include!(concat!(env!("OUT_DIR"), "/shipped.rs"));
}

/// Texts by their name, such as `flows/main.toml`.
#[derive(Clone, Debug)]
pub struct Material {
    texts: BTreeMap<String, String>,
}

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
        for part in FOLDERS {
            read_folder(folder, &folder.join(part), &mut texts)
                .map_err(|(path, error)| MaterialFault(vec![format!("{} cannot be read: {error}", path.display())]))?;
        }
        Ok(Self { texts })
    }

    /// Names and texts, in order.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Everything as one program for one operator.
    ///
    /// # Errors
    /// All that cannot be read, with file and row.
    pub fn program(&self, operator: Operator, zone: Zone) -> Result<Program, MaterialFault> {
        let texts = self.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        Program::read(texts, operator, zone)
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
