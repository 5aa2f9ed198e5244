//! The people of a run: registered once, many at a time, and kept in a file with their sessions for the next one.
//!
//! The original takes a quarter of a second of CPU for each password, so a thousand people cost its processes four
//! minutes once, and the next run a few hundred quick requests.

mod book;
mod error;
mod file;
mod gather;
mod given;
mod keeper;
mod registrar;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use self::{book::Book, keeper::Keeper};
pub use self::{
    error::NoPeople,
    registrar::{Options, Registrar},
};
pub use crate::account::Account;

/// The people of one deployment, and the file they are kept in.
#[derive(Debug)]
pub struct Pool {
    book: Book,
    keeper: Option<Keeper>,
    /// The file that named the people, where registration is closed.
    given: Option<PathBuf>,
    is_saved: bool,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// How many of them it is done for.
    pub done: usize,
    /// How many there are.
    pub of: usize,
    /// How many requests had to be repeated so far, because the server was busy (429, 503) or gave no answer.
    pub retried: u64,
}

/// What is done for people, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Kept sessions are tried.
    Checking,
    /// Those whose session has ended log in again, those who were given for the first time.
    LoggingIn,
    /// New people register and log in.
    Entering,
}

/// People for a run.
#[derive(Debug, Clone)]
pub struct Gathered {
    /// As many as were asked for, each with a session.
    pub accounts: Arc<[Account]>,
    /// How many of them are new, and were entered in this run.
    pub entered: usize,
    /// How many of those kept from earlier runs had to log in again.
    pub logged_in: usize,
    /// How many of those kept from earlier runs the deployment knows no more, as after its database was made anew;
    /// as many of the new ones came in their places.
    pub forgotten: usize,
    /// How many requests had to be repeated.
    pub retried: u64,
}

impl Pool {
    /// Opens the pool kept in a file. Where there is none yet, one is made there; without a path, the people are
    /// this run's alone. A file of `username:password` lines, as `chat-conformance --accounts` takes, gives the
    /// people of a deployment whose registration is closed: it is never written to, and their sessions are kept
    /// beside it, in `<file>.sessions.json`.
    ///
    /// # Errors
    /// [`NoPeople::File`], [`NoPeople::NoFile`], [`NoPeople::TooLarge`], [`NoPeople::Corrupt`], or [`NoPeople::InUse`] while another run has it open.
    pub fn open(path: Option<&Path>) -> Result<Self, NoPeople> {
        let Some(path) = path else {
            return Ok(Self::of(Book::new(), None));
        };
        let Some(people) = given::read(path)? else {
            let (keeper, book) = Keeper::opens(path)?;
            return Ok(Self::of(book.unwrap_or_else(Book::new), Some(keeper)));
        };
        let mut sessions = path.as_os_str().to_owned();
        sessions.push(".sessions.json");
        let (keeper, kept) = Keeper::opens(Path::new(&sessions))?;
        let mut pool = Self::of(kept.unwrap_or_else(Book::new), Some(keeper));
        pool.book.holds_only(people);
        pool.given = Some(path.to_owned());
        Ok(pool)
    }

    /// Sees to it that there are so many people with live sessions, and keeps them. What is done is saved every
    /// second, and when the pool is dropped. Whoever is about to be registered is written down before: a run that
    /// is broken off, even by a `kill -9`, loses nobody, and the next one goes on where it was.
    ///
    /// # Errors
    /// [`NoPeople`]; those gathered by then are kept.
    pub async fn at_least(
        &mut self,
        count: usize,
        registrar: &Registrar,
        mut progress: impl FnMut(Progress),
    ) -> Result<Gathered, NoPeople> {
        self.belongs_to(registrar)?;
        let gathered = self.gathers(count, registrar, &mut progress).await;
        // A failure leaves behind what had been done before it.
        let saved = self.saves();
        let came = gathered?;
        saved?;
        Ok(Gathered {
            accounts: self.book.accounts.iter().take(count).cloned().collect(),
            entered: came.entered,
            logged_in: came.logged_in,
            forgotten: came.forgotten,
            retried: registrar.retried(),
        })
    }

    fn of(book: Book, keeper: Option<Keeper>) -> Self {
        Self {
            book,
            keeper,
            given: None,
            is_saved: true,
        }
    }

    fn belongs_to(&mut self, registrar: &Registrar) -> Result<(), NoPeople> {
        if !self.book.is_of(registrar.bases()) {
            if self.given.is_some() {
                // The people were given for this run; only the sessions are another deployment's.
                self.book.forgets_sessions();
            } else {
                return Err(NoPeople::OtherDeployment {
                    path: self.keeper.as_ref().map(Keeper::path).unwrap_or_default(),
                    known: self.book.deployment.join(", "),
                    asked: registrar.bases().join(", "),
                });
            }
        }
        self.book.is_used_at(registrar.bases());
        Ok(())
    }

    /// Writes down who is to come, before the deployment hears of them.
    fn plans(&mut self, count: usize) -> Result<(), NoPeople> {
        let known = self.book.accounts.len() + self.book.planned.len();
        if let Some(path) = &self.given
            && known < count
        {
            return Err(NoPeople::TooFew {
                needed: count,
                given: known,
                path: path.clone(),
            });
        }
        self.book.plans(count.saturating_sub(known));
        self.is_saved = false;
        self.saves()
    }

    fn saves(&mut self) -> Result<(), NoPeople> {
        if let (false, Some(keeper)) = (self.is_saved, &self.keeper) {
            keeper.saves(&self.book)?;
            self.is_saved = true;
        }
        Ok(())
    }
}

impl Drop for Pool {
    /// A run that is broken off drops its pool on the way.
    fn drop(&mut self) {
        // There is nobody left to tell, and the file holds what was planned anyway.
        let _ = self.saves();
    }
}
