//! Where a database is, as `--database` names it.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use super::postgres::Url;

/// A SQLite file, or a database of a Postgres.
#[derive(Clone)]
pub enum Location {
    /// The path of a file, which need not be there yet.
    File(PathBuf),
    /// `postgres://…` or `postgresql://…`, not yet looked at.
    Postgres(Url),
}

impl From<OsString> for Location {
    /// Whatever is no Postgres URL is a path.
    fn from(given: OsString) -> Self {
        match given.to_str().and_then(Url::recognised) {
            Some(url) => Self::Postgres(url),
            None => Self::File(given.into()),
        }
    }
}

impl fmt::Debug for Location {
    /// Without the password of a URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}
