//! The secret key that a server on loopback makes for itself and keeps beside its database.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rand::RngExt;
use rand::distr::Alphanumeric;

/// Characters of a made key; Django's own have 50.
const LENGTH: usize = 50;

/// The kept key can be neither read nor written.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep a secret key in {path}: {reason}")]
pub struct SecretKeyError {
    path: String,
    reason: std::io::Error,
}

/// `chat.sqlite3` → `chat.sqlite3.secret-key`.
pub(super) fn file_beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".secret-key");
    name.into()
}

/// Where the database is no file, there is no beside.
pub(super) fn homeless() -> SecretKeyError {
    SecretKeyError {
        path: "a Postgres database".to_owned(),
        reason: ErrorKind::Unsupported.into(),
    }
}

/// Whether what is kept there can be used; nothing is as good as a key.
pub(super) fn check_kept(database: &Path) -> Result<(), SecretKeyError> {
    let path = file_beside(database);
    read(&path).map(drop).map_err(|reason| SecretKeyError {
        path: path.display().to_string(),
        reason,
    })
}

/// The key kept there, or a new one that is kept from now on, readable by its owner alone.
pub(super) fn kept_beside(database: &Path) -> Result<String, SecretKeyError> {
    let path = file_beside(database);
    kept_in(&path).map_err(|reason| SecretKeyError {
        path: path.display().to_string(),
        reason,
    })
}

fn kept_in(path: &Path) -> std::io::Result<String> {
    if let Some(key) = read(path)? {
        return Ok(key);
    }
    let key: String = rand::rng()
        .sample_iter(Alphanumeric)
        .take(LENGTH)
        .map(char::from)
        .collect();
    // Written aside and linked into place: of several processes that start together one makes the key,
    // whole, and the others read it.
    let draft = path.with_extension(format!("secret-key.{:016x}", rand::random::<u64>()));
    let made = write_private(&draft, &key).and_then(|()| std::fs::hard_link(&draft, path));
    drop(std::fs::remove_file(&draft));
    match made {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Ok(std::fs::read_to_string(path)?.trim().to_owned())
        }
        Err(error) => Err(error),
    }
}

/// The key in the file; `None` if there is no file.
fn read(path: &Path) -> std::io::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(key) if !key.trim().is_empty() => Ok(Some(key.trim().to_owned())),
        Ok(_) => Err(std::io::Error::new(
            ErrorKind::InvalidData,
            "the file is empty",
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write_private(path: &Path, key: &str) -> std::io::Result<()> {
    let mut file: File = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{key}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("chat.sqlite3");
        let key = kept_beside(&database).unwrap();
        assert_eq!(key.len(), LENGTH);
        assert_eq!(kept_beside(&database).unwrap(), key);
        let mode = std::fs::metadata(file_beside(&database))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no draft stays behind"
        );
    }
}
