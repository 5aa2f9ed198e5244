//! The file of a pool: one run at a time has it, and it is whole at every moment.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use chat_fixtures::output::Beside;

use super::{book::Book, error::NoPeople, file};

/// Keeps a pool's file as long as it lives.
#[derive(Debug)]
pub(super) struct Keeper {
    path: PathBuf,
    /// Held, not read: the lock goes with the process, however the run ends.
    lock: File,
}

impl Keeper {
    /// Takes hold of the file and reads it, if it is there. What is locked is `<file>.lock` beside it, for the file
    /// itself is replaced by every save.
    pub(super) fn opens(path: &Path) -> Result<(Self, Option<Book>), NoPeople> {
        let failed = |what| {
            move |reason| NoPeople::File {
                what,
                path: path.to_owned(),
                reason,
            }
        };
        let mut beside = path.as_os_str().to_owned();
        beside.push(".lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(SECRET)
            .open(beside)
            .map_err(failed("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(NoPeople::InUse(path.to_owned())),
            Err(TryLockError::Error(reason)) => return Err(failed("lock")(reason)),
        }
        let book = match file::text(path)? {
            Some(text) => Some(Book::read(&text).map_err(|reason| NoPeople::Corrupt {
                path: path.to_owned(),
                reason,
            })?),
            None => None,
        };
        let keeper = Self {
            path: path.to_owned(),
            lock,
        };
        Ok((keeper, book))
    }

    /// Where the file is.
    pub(super) fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// Replaces the file by a new one that its owner alone may read: there are passwords in it.
    pub(super) fn saves(&self, book: &Book) -> Result<(), NoPeople> {
        self.replaces(book).map_err(|reason| NoPeople::File {
            what: "write",
            path: self.path.clone(),
            reason,
        })
    }

    fn replaces(&self, book: &Book) -> io::Result<()> {
        Beside::new(&self.path, SECRET)?.replaces(&book.write()?)
    }
}

impl Drop for Keeper {
    /// Closing the file is not enough: a program that is just being started shares it until its `exec`.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}

const SECRET: u32 = 0o600;
