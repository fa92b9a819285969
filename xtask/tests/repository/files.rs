//! The repository's own text files, walked without asking git, so that a fresh copy without history is held too.
//! What must hold in them is left to the tests.

use std::path::{Path, PathBuf};

/// Folders at the root that are made, not written.
const NOT_OURS: &[&str] = &["target", ".git", "data"];
/// Endings of files that a test run leaves behind for review.
const LEFT_BEHIND: &[&str] = &[".pending-snap", ".snap.new"];

/// One text file.
#[derive(Debug)]
pub struct TextFile {
    /// From the root, with `/`.
    pub path: String,
    /// Its content.
    pub text: String,
}

impl TextFile {
    /// Whether it is Rust source.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// The folder of the whole repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask stands below the root").to_owned()
}

/// Every file that is text, by path. Files that are no UTF-8 (sound, torture messages) are left out.
pub fn text_files() -> Vec<TextFile> {
    let root = root();
    let mut files = Vec::new();
    walk(&root, &root, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<TextFile>) {
    for entry in std::fs::read_dir(folder).expect("the repository can be read") {
        let entry = entry.expect("the repository can be read");
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let whole = entry.path();
        let kind = entry.file_type().expect("the repository can be read");
        if kind.is_dir() {
            if folder != root || !NOT_OURS.contains(&name) {
                walk(root, &whole, files);
            }
        } else if kind.is_file() && !LEFT_BEHIND.iter().any(|ending| name.ends_with(ending)) {
            // A file that somebody removes while we walk is no file of the repository.
            let Ok(bytes) = std::fs::read(&whole) else { continue };
            if let Ok(text) = String::from_utf8(bytes) {
                let path = whole.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
                files.push(TextFile { path, text });
            }
        }
    }
}
