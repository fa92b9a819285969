//! Vetted articles and the legal-help directory: find, rank, and know when one is too old to speak.
//! How an answer is drawn is left to `conversation`; its words live in the catalogues under `article-<id>`.

pub mod article;
pub mod directory;
pub mod find;
pub mod fuzzing;
pub mod library;

pub use article::{Article, ArticleState, Grade, Risk};
pub use directory::{Cost, Intake, Provider};
pub use library::{Library, LibraryFault};
