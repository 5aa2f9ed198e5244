//! Reads a file of people: a regular one of a size that people can make up.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::error::NoPeople;

/// What is in it; `None` where there is no such file. A device or a pipe nobody writes into would be read without end.
pub(super) fn text(path: &Path) -> Result<Option<String>, NoPeople> {
    match path.metadata() {
        Ok(found) if !found.is_file() => return Err(NoPeople::NoFile(path.to_owned())),
        Ok(found) if found.len() > MOST => {
            return Err(NoPeople::TooLarge(path.to_owned(), found.len()));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(reason) => return Err(cannot_read(path, reason)),
    }
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MOST).read_to_string(&mut text))
        .map_err(|reason| cannot_read(path, reason))?;
    Ok(Some(text))
}

fn cannot_read(path: &Path, reason: io::Error) -> NoPeople {
    NoPeople::File {
        what: "read",
        path: path.to_owned(),
        reason,
    }
}

/// A hundred thousand people, each with a session, are some 40 MB.
pub(super) const MOST: u64 = 64 << 20;
