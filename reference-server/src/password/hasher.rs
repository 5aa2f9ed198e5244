//! Hashing off the async threads: so many at once as there are cores, and a bounded number waiting.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task;

use super::{Stored, encode, matches, must_update, new_salt, random_text};
use crate::signing::LETTERS_AND_DIGITS;

/// Runs PBKDF2 for the whole process; clones share its bounds.
///
/// Whatever the column holds, a refusal takes the time of a full hash, so that the clock tells an
/// unknown user from a wrong password in nothing (AUTH-2p).
#[derive(Debug, Clone)]
pub struct Hasher {
    iterations: u32,
    running: Arc<Semaphore>,
    queued: Arc<Semaphore>,
}

/// What came of a check.
#[derive(Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is the password.
    pub matches: bool,
    /// The same password encoded as it should be by now, to be stored; only after a match. It changes
    /// the session hash and so ends the user's other sessions.
    pub rehashed: Option<String>,
}

/// Why nothing was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// More are waiting than the bound allows: to be answered with 503.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// The process is shutting down.
    #[error("the password hasher has stopped")]
    Stopped,
}

impl Hasher {
    /// Hashes at `iterations` rounds on as many threads as there are cores; 1024 may wait.
    pub fn new(iterations: u32) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_bounds(iterations, cores, WAITING)
    }

    /// Hashes `at_once` passwords at a time while at most `waiting` more wait.
    pub fn with_bounds(iterations: u32, at_once: usize, waiting: usize) -> Self {
        let at_once = at_once.max(1);
        Self {
            iterations: iterations.max(1),
            running: Arc::new(Semaphore::new(at_once)),
            queued: Arc::new(Semaphore::new(
                at_once.saturating_add(waiting).min(Semaphore::MAX_PERMITS),
            )),
        }
    }

    /// Checks `password` against a password column.
    ///
    /// # Errors
    /// [`HashError`]; nothing was decided then.
    pub async fn verify(&self, password: &str, encoded: &str) -> Result<Verdict, HashError> {
        let (iterations, password, encoded) =
            (self.iterations, password.to_owned(), encoded.to_owned());
        self.run(move || verify(&password, &encoded, iterations))
            .await
    }

    /// Encodes a new password.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn hash(&self, password: &str) -> Result<String, HashError> {
        let (iterations, password) = (self.iterations, password.to_owned());
        self.run(move || encode(&password, &new_salt(), iterations))
            .await
    }

    /// Takes the time of a check, for a user who does not exist.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn waste(&self, password: &str) -> Result<(), HashError> {
        self.hash(password).await.map(drop)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let place = Arc::clone(&self.queued)
            .try_acquire_owned()
            .map_err(|_| HashError::Busy)?;
        let core = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| HashError::Stopped)?;
        let permits: [OwnedSemaphorePermit; 2] = [core, place];
        // The permits go with the work: a client that hangs up does not free a core that is still busy.
        let worked = task::spawn_blocking(move || {
            let result = work();
            drop(permits);
            result
        });
        worked.await.map_err(|_| HashError::Stopped)
    }
}

fn verify(password: &str, encoded: &str, iterations: u32) -> Verdict {
    let Some(stored) = Stored::parse(encoded) else {
        let _ = encode(
            &random_text(LETTERS_AND_DIGITS, 40),
            &new_salt(),
            iterations,
        );
        return Verdict {
            matches: false,
            rehashed: None,
        };
    };
    let matches = matches(password, encoded);
    if !matches {
        let missing = iterations.saturating_sub(stored.iterations);
        if missing > 0 {
            let _ = encode(password, stored.salt, missing);
        }
    }
    let rehashed = (matches && must_update(encoded, iterations))
        .then(|| encode(password, &new_salt(), iterations));
    Verdict { matches, rehashed }
}

/// How many passwords may wait before the next is refused.
const WAITING: usize = 1024;

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )]

    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn an_old_hash_is_replaced_after_a_match_only() {
        let hasher = Hasher::with_bounds(3, 1, 1);
        let old = encode("open", "short", 2);

        let wrong = hasher.verify("shut", &old).await.unwrap();
        assert!(!wrong.matches && wrong.rehashed.is_none());

        let right = hasher.verify("open", &old).await.unwrap();
        let new = right.rehashed.unwrap();
        assert!(right.matches && new.starts_with("pbkdf2_sha256$3$"));

        let again = hasher.verify("open", &new).await.unwrap();
        assert!(again.matches && again.rehashed.is_none());
    }

    #[tokio::test]
    async fn what_never_matches_is_refused_after_a_hash() {
        let hasher = Hasher::with_bounds(1, 1, 1);
        for column in ["", "!", "open", "pbkdf2_sha512$1$salt$x"] {
            let verdict = hasher.verify("open", column).await.unwrap();
            assert!(!verdict.matches && verdict.rehashed.is_none(), "{column}");
        }
        hasher.waste("open").await.unwrap();
    }

    #[tokio::test]
    async fn one_too_many_is_refused_and_the_place_comes_back() {
        let hasher = Hasher::with_bounds(1, 1, 1);
        let busy = Arc::clone(&hasher.running).acquire_owned().await.unwrap();
        let mut first = Box::pin(hasher.hash("a"));
        let mut second = Box::pin(hasher.hash("b"));
        assert!((&mut first).now_or_never().is_none());
        assert!((&mut second).now_or_never().is_none());

        assert_eq!(hasher.hash("c").await, Err(HashError::Busy));

        drop(second);
        drop(busy);
        assert!(matches("a", &first.await.unwrap()));
        assert!(hasher.hash("c").await.is_ok());
    }
}
