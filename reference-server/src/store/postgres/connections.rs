//! Connections: pooled, each for one piece of work at a time, and no work without a deadline.

use std::error::Error as _;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, Object, Pool, PoolError, Runtime,
};
use tokio::sync::Semaphore;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, Error, NoTls};

use crate::store::StoreError;

/// What each piece of work is given: a connection, its statements prepared once.
pub(super) type Client = ClientWrapper;

/// How long anything may take, waiting for a connection included: as long as SQLite waits for a lock.
const DEADLINE: Duration = Duration::from_secs(5);

/// How often a change is tried that failed because of what others changed at the same time.
const ATTEMPTS: usize = 5;

/// What every connection is told first, whatever the role's and the database's own settings are. A statement
/// sees what others have committed before it, so that after a wait for a lock it sees what it waited for. A
/// slow server gives up before we do: then it is sure that nothing was done. Compiling a statement takes longer
/// than any of ours.
const SETTINGS: &str = "SET default_transaction_isolation = 'read committed'; SET statement_timeout = '4s'; \
     SET jit = off";

/// How many may wait for a connection; one more is refused, and told that the store is overloaded.
const WAITING: usize = 1024;

/// A pool of connections with one purpose.
pub(super) struct Connections {
    pool: Pool,
    waiting: Semaphore,
}

impl Connections {
    /// None yet, and never more than `size`.
    pub(super) fn new(config: &Config, size: usize) -> Result<Self, StoreError> {
        let mut config = config.clone();
        if config.get_application_name().is_none() {
            config.application_name("chat-reference-server");
        }
        let tell = Hook::async_fn(|client: &mut Client, _| {
            Box::pin(async {
                let told = client.batch_execute(SETTINGS).await;
                told.map_err(HookError::Backend)
            })
        });
        let pool = Pool::builder(Manager::new(config, NoTls))
            .runtime(Runtime::Tokio1)
            .max_size(size)
            .post_create(tell)
            .build()
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        let waiting = Semaphore::new(WAITING);
        Ok(Self { pool, waiting })
    }

    /// One of them, or a new one where fewer than allowed are there.
    pub(super) async fn lend(&self) -> Result<Lent, StoreError> {
        let _place = self
            .waiting
            .try_acquire()
            .map_err(|_| StoreError::Overloaded)?;
        let deadline = Instant::now() + DEADLINE;
        match timeout_at(deadline, self.pool.get()).await {
            Ok(connection) => Ok(Lent {
                connection: connection?,
                deadline,
                attempts: 1,
            }),
            Err(_) => Err(late()),
        }
    }
}

/// A connection lent for one piece of work; given back when it is dropped.
pub(super) struct Lent {
    connection: Object,
    /// When the work has to be done, the waiting for the connection included.
    deadline: Instant,
    attempts: usize,
}

impl Lent {
    /// What the work comes to, if it is done in time.
    pub(super) async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<Result<T, Error>, Elapsed> {
        timeout_at(self.deadline, work).await
    }

    /// Whether the same work may succeed when tried again: what it was about was changed under its hands.
    pub(super) fn may_try_again(&mut self, error: &Error) -> bool {
        self.attempts += 1;
        let passing = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::FOREIGN_KEY_VIOLATION,
        ];
        self.attempts <= ATTEMPTS && error.code().is_some_and(|code| passing.contains(code))
    }

    /// Nobody knows what it is still busy with: it is closed, not lent again.
    pub(super) fn give_up(self) -> StoreError {
        drop(Object::take(self.connection));
        late()
    }
}

impl Deref for Lent {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.connection
    }
}

/// Calls a function on a connection of a pool, until its deadline; again if others were in its way. A macro, as
/// the compiler cannot tell of every closure whose future borrows that the future is `Send`.
macro_rules! run {
    ($connections:expr, $function:path $(, $argument:expr)*) => {{
        let mut lent = $connections.lend().await?;
        loop {
            match lent.in_time($function(&lent $(, $argument)*)).await {
                Ok(Err(error)) if lent.may_try_again(&error) => {}
                Ok(outcome) => break outcome.map_err(StoreError::from),
                Err(_) => break Err(lent.give_up()),
            }
        }
    }};
}
pub(super) use run;

fn late() -> StoreError {
    StoreError::Failed(format!("no answer within {DEADLINE:?}"))
}

/// Postgres's words without its details, which quote what was stored: a session's key, a password's hash.
pub(super) fn words(error: &Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(told), _) => format!("{} (SQLSTATE {})", told.message(), told.code().code()),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        Self::Failed(words(&error))
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                error.into()
            }
            other => Self::Failed(other.to_string()),
        }
    }
}
