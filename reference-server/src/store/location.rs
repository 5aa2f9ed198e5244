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

/// Why a text names no database. The words hold nothing of the text but a scheme: there may be a password in it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// The URL of something else.
    #[error("{0}:// is not supported")]
    Scheme(String),
    /// A file, written as other programs want it; how many slashes make a path absolute differs among them.
    #[error("{0}: does not belong there, give the path alone")]
    FileUrl(String),
    /// Something before the scheme of a URL, as in a file of variables whose quotes are kept.
    #[error("it has a URL in it, and something before that; perhaps a quote")]
    NotAlone,
    /// As libpq takes it besides URLs.
    #[error("it is a list of host=, dbname=, password=")]
    Words,
    /// A URL that is no text.
    #[error("it is a URL that is not UTF-8")]
    NotText,
}

impl TryFrom<OsString> for Location {
    type Error = LocationError;

    /// Whatever cannot be meant as a URL is a path.
    fn try_from(given: OsString) -> Result<Self, LocationError> {
        let text = given.to_string_lossy();
        if let Some((before, _)) = text.split_once("://") {
            let scheme = before.to_ascii_lowercase();
            return match scheme.as_str() {
                "postgres" | "postgresql" if given.to_str().is_none() => {
                    Err(LocationError::NotText)
                }
                "postgres" | "postgresql" => {
                    let rest = &text[before.len()..];
                    Ok(Self::Postgres(Url::new(format!("{scheme}{rest}"))))
                }
                name if FILES.contains(&name) => Err(LocationError::FileUrl(scheme)),
                name if is_scheme(name) => Err(LocationError::Scheme(scheme)),
                _ => Err(LocationError::NotAlone),
            };
        }
        let scheme = text.split(':').next().unwrap_or_default();
        let scheme = scheme.to_ascii_lowercase();
        if text.contains(':') && FILES.contains(&scheme.as_str()) {
            return Err(LocationError::FileUrl(scheme));
        }
        if text.split_whitespace().any(is_word_of_libpq) {
            return Err(LocationError::Words);
        }
        Ok(Self::File(given.into()))
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

/// Schemes of what is a file here.
const FILES: [&str; 3] = ["sqlite", "sqlite3", "file"];

/// By RFC 3986, and short: no long word is shown for what only seems one.
fn is_scheme(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(known)
}

fn is_word_of_libpq(word: &str) -> bool {
    ["host=", "dbname=", "password="]
        .iter()
        .any(|key| word.starts_with(key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn location(text: &str) -> Result<Location, LocationError> {
        Location::try_from(OsString::from(text))
    }

    #[test]
    fn a_path_is_a_file() {
        for path in [
            "chat.sqlite3",
            "/srv/chat",
            "a:b",
            "./sqlite:x",
            "a=b c",
            "",
        ] {
            assert!(matches!(location(path), Ok(Location::File(file)) if file.as_os_str() == path));
        }
        let path = OsString::from_vec(b"/srv/\xff".to_vec());
        assert!(matches!(Location::try_from(path), Ok(Location::File(_))));
    }

    #[test]
    fn the_case_of_a_scheme_means_nothing() {
        for scheme in ["postgres", "Postgres", "POSTGRESQL"] {
            let url = format!("{scheme}://Chat:hunter2@db/Chat");
            let Ok(Location::Postgres(url)) = location(&url) else {
                unreachable!("{url} is a Postgres");
            };
            let config = url.config().unwrap();
            assert_eq!(
                (config.get_user(), config.get_dbname()),
                (Some("Chat"), Some("Chat"))
            );
        }
    }

    #[test]
    fn what_is_neither_is_told_without_the_password() {
        for (text, due) in [
            ("mysql://u:hunter2@h/d", "mysql:// is not"),
            ("Oracle+OCI://u:hunter2@h", "oracle+oci:// is not"),
            ("sqlite:////srv/hunter2", "sqlite: does not belong"),
            ("SQLite:hunter2", "sqlite: does not belong"),
            ("file:hunter2?mode=ro", "file: does not belong"),
            ("\"postgres://u:hunter2@h/d\"", "a quote"),
            (" postgres://u:hunter2@h/d", "before that"),
            ("hunter2@h://", "before that"),
            ("host=h password=hunter2", "a list of host="),
        ] {
            let said = location(text).unwrap_err().to_string();
            assert!(said.contains(due), "{text}: {said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
        let url = OsString::from_vec(b"postgres://u:\xff@h/d".to_vec());
        assert_eq!(Location::try_from(url).unwrap_err(), LocationError::NotText);
    }
}
