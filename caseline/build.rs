//! Lists the flows, words, articles and the directory of the repository, so that the program carries them in itself.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("..");
    let mut files = Vec::new();
    for folder in ["flows", "words", "knowledge"] {
        println!("cargo:rerun-if-changed={}", root.join(folder).display());
        collect(&root.join(folder), &mut files);
    }
    files.sort();
    let mut out = String::from("pub(super) const SHIPPED: &[(&str, &str)] = &[\n");
    for file in files {
        let name = file.strip_prefix(&root).expect("below the root").display().to_string();
        let whole = file.canonicalize().expect("it was just listed");
        let _ = writeln!(out, "    ({name:?}, include_str!({:?})),", whole.display().to_string());
    }
    out.push_str("];\n");
    let to = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it")).join("shipped.rs");
    std::fs::write(to, out).expect("the build folder can be written");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            println!("cargo:rerun-if-changed={}", path.display());
            collect(&path, files);
        } else if path.extension().is_some_and(|kind| kind == "toml" || kind == "ftl") {
            files.push(path);
        }
    }
}
