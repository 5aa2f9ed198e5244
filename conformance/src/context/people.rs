//! Who plays in a check: the run's people, newcomers, strangers.

use std::sync::atomic::Ordering;

use chat_fixtures::{client::Client, people::Person};

use super::{Context, number_of};
use crate::{cast, check::Failure};

impl Context {
    /// Some of the run's people, each with a session, all on one process of the deployment. Other checks
    /// play with them too: what must not be shared (a session to end) is for a [`Context::newcomer`].
    ///
    /// # Errors
    /// [`Failure::Untestable`] when the people could not be registered, or are fewer.
    pub async fn people<const N: usize>(&self) -> Result<[Person; N], Failure> {
        self.cast(|n| if self.apart { n } else { self.home })
    }

    /// The same with each person on another process, round: the first on the first.
    ///
    /// # Errors
    /// [`Failure::NotApplicable`] with a single process; as [`Context::people`].
    pub async fn people_across<const N: usize>(&self) -> Result<[Person; N], Failure> {
        self.needs_processes(2)?;
        self.cast(|n| n)
    }

    fn cast<const N: usize>(
        &self,
        process: impl Fn(usize) -> usize,
    ) -> Result<[Person; N], Failure> {
        let cast = self.run.cast.people()?;
        if N > cast.len() {
            return Err(Failure::Untestable(format!(
                "{N} people are needed, and there are {}",
                cast.len()
            )));
        }
        let first = number_of(&self.check.id(), cast.len());
        Ok(std::array::from_fn(|n| {
            let person = &cast[(first + n) % cast.len()];
            let person = person.on_process(process(n));
            let name = NAMES.get(n).copied().unwrap_or("somebody");
            self.transcript.introduces(name, &person);
            person.seen_by(self.transcript.of(name, &self.run))
        }))
    }

    /// Somebody new with an account and a session of their own; costs two password hashes.
    ///
    /// # Errors
    /// [`Failure::Untestable`] when that is refused, [`Failure::NotApplicable`] where registration is closed.
    pub async fn newcomer(&self, name: &str) -> Result<Person, Failure> {
        let person = self.registered(name).await?;
        self.logs_in(&person).await?;
        Ok(person)
    }

    /// Somebody new with an account, and no session yet; costs one password hash.
    ///
    /// # Errors
    /// As [`Context::newcomer`].
    pub async fn registered(&self, name: &str) -> Result<Person, Failure> {
        let client = self.client(name);
        let username = self.username(name);
        self.run.cast.registers(client, &username, "student").await
    }

    /// The same person with a second session of their own (another browser); costs one password hash.
    ///
    /// # Errors
    /// [`Failure::Untestable`] when that is refused.
    pub async fn another_session(&self, of: &Person) -> Result<Person, Failure> {
        let witness = self
            .transcript
            .of(&format!("{} (second session)", of.username), &self.run);
        let client = of.client.stranger().seen_by(witness);
        let other = of.with(client);
        self.logs_in(&other).await?;
        Ok(other)
    }

    async fn logs_in(&self, person: &Person) -> Result<(), Failure> {
        cast::logs_in(person).await
    }

    /// Somebody without account, session or token, on the check's own process.
    pub fn stranger(&self) -> Client {
        let n = self.strangers.fetch_add(1, Ordering::Relaxed);
        let name = if n == 0 {
            "stranger".to_owned()
        } else {
            format!("stranger {}", n + 1)
        };
        self.client(&name)
    }

    fn client(&self, name: &str) -> Client {
        let base = self.run.target.base(self.home);
        self.run
            .client_at(base)
            .seen_by(self.transcript.of(name, &self.run))
    }
}

/// How a check's people are called in its transcript, first to last.
const NAMES: [&str; 6] = ["alice", "bob", "carol", "dave", "erin", "frank"];
