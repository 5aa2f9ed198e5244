//! Why a file could not be taken, each a sentence that names it.

use std::path::PathBuf;

/// Why a file could not be taken. What a reader of files said is the error's source.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no JSON.
    #[error("{}:{}: this is no JSON", .path.display(), .source.line())]
    Json {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// It is JSON, and something else.
    #[error("{}: {found}; expected {expected}", .path.display())]
    Other {
        /// Which file.
        path: PathBuf,
        /// What it seems to be.
        found: &'static str,
        /// What was wanted.
        expected: &'static str,
    },
    /// It is what was expected, in a form that this program does not know.
    #[error("{}: it is of version {version}, and this program reads version {known}", .path.display())]
    Version {
        /// Which file.
        path: PathBuf,
        /// What it says.
        version: String,
        /// What would be right.
        known: u32,
    },
    /// It is what was expected, but not whole.
    #[error("{}:{}: this is not {what} as this version writes it", .path.display(), .source.line())]
    Shape {
        /// Which file.
        path: PathBuf,
        /// What was expected.
        what: &'static str,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A figure that no run can have.
    #[error("{}: {figure} is {value}, which no run can have", .path.display())]
    Figure {
        /// Which file.
        path: PathBuf,
        /// Which figure.
        figure: String,
        /// What it says.
        value: String,
    },
    /// Two figures that every run has alike.
    #[error("{}: the record is damaged: {one} has {count}, and {other} {too}", .path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// The first.
        one: &'static str,
        /// What it says.
        count: u64,
        /// The other.
        other: &'static str,
        /// What that says.
        too: u64,
    },
}
