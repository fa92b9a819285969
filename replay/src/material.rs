//! Flows, words, articles and the directory of a repository folder, made into the program that scripts are played on.
//! Making a program of them is left to `conversation`; the program itself carries its own copy.

use caseline_conversation::Program;
use caseline_conversation::material::FOLDERS;
use caseline_conversation::operator::Operator;
use caseline_model::Zone;
use std::path::Path;

pub use caseline_conversation::MaterialFault;

/// Texts by their name, such as `flows/main.toml`.
#[derive(Clone, Debug)]
pub struct Material {
    texts: Vec<(String, String)>,
}

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
        for part in FOLDERS {
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
        let texts = self.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        Program::read(texts, operator, zone)
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
