//! What a check is given: people to play with, chats of its own, a seed, and what it may break.

mod people;

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use chat_fixtures::people::{Chat, Connection, Person};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::{
    check::{Check, Failure},
    crowd::Crowds,
    fleet::Fleet,
    run::Run,
    transcript::Transcript,
};

/// One check's view of the run.
///
/// The methods here are preparations: where one is not possible the check is untestable, for it is about
/// something else. What a check is about it does itself, with the verbs of a [`Person`] or by asking.
#[derive(Debug, Clone)]
pub struct Context {
    run: Arc<Run>,
    check: &'static Check,
    transcript: Arc<Transcript>,
    /// The process its stories happen on, unless they say otherwise.
    home: usize,
    /// Whether its people sit at a process each instead.
    apart: bool,
    strangers: Arc<AtomicUsize>,
}

impl Context {
    /// The view of one check on a run.
    pub(crate) fn new(run: Arc<Run>, check: &'static Check, transcript: Arc<Transcript>) -> Self {
        let home = number_of(&check.id(), run.target.bases.len());
        Self {
            run,
            check,
            transcript,
            home,
            apart: false,
            strangers: Arc::default(),
        }
    }

    /// The same check with its people at a process each, for a story that is told on one process as well.
    ///
    /// # Errors
    /// [`Failure::NotApplicable`] with a single process.
    pub fn apart(&self) -> Result<Self, Failure> {
        self.needs_processes(2)?;
        Ok(Self {
            apart: true,
            ..self.clone()
        })
    }

    /// A chat of these people, made by the first; it is removed at the end of the run.
    ///
    /// # Errors
    /// [`Failure::Untestable`] when that is refused.
    pub async fn chat_of(&self, people: &[&Person]) -> Result<Chat, Failure> {
        let [creator, others @ ..] = people else {
            return Err(Failure::Broken("a chat of nobody".to_owned()));
        };
        let ids: Vec<_> = others.iter().map(|other| other.id).collect();
        let body = json!({"name": self.name("chat"), "participant_ids": ids});
        let preparation = async {
            let answer = creator.client.post("/api/chats/", &body).await?;
            let body = answer.json()?;
            // A chat that forgot somebody is no stage for a story about something else.
            let everybody_in = people.iter().all(|person| {
                let members = body["participants"].as_array();
                members.is_none_or(|members| members.iter().any(|user| user["id"] == person.id))
            });
            match body.get("id").and_then(Value::as_u64) {
                Some(id) if (200..300).contains(&answer.status) && everybody_in => {
                    Ok(Chat { id, body })
                }
                _ => Err(Failure::violation(
                    "the new chat",
                    "201 and a Chat of everybody",
                    crate::expect::shown(&answer),
                )),
            }
        };
        preparation
            .await
            .map_err(|failure: Failure| failure.in_preparation("make a chat"))
    }

    /// A connection of this person to the chat.
    ///
    /// # Errors
    /// [`Failure::Untestable`] when that is refused.
    pub async fn connected(&self, person: &Person, chat: &Chat) -> Result<Connection, Failure> {
        let mut connection = person
            .connects(chat)
            .await
            .map_err(|error| Failure::from(error).in_preparation("connect to the chat"))?;
        connection.patience = self.run.patience();
        Ok(connection)
    }

    /// Runs a step that the check needs and is not about: a violation in it makes the check untestable.
    ///
    /// # Errors
    /// What the step says, as a preparation.
    pub async fn given<T, E: Into<Failure>>(
        &self,
        what: &str,
        step: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        step.await
            .map_err(|error| error.into().in_preparation(what))
    }

    /// That the deployment has this many processes, or that the check does not apply.
    ///
    /// # Errors
    /// [`Failure::NotApplicable`], saying what would make it testable.
    pub fn needs_processes(&self, n: usize) -> Result<(), Failure> {
        if self.processes() >= n {
            return Ok(());
        }
        Err(Failure::NotApplicable(format!(
            "needs {n} processes: give more URLs, --processes, or --behind-balancer"
        )))
    }

    /// That the target takes new accounts, or that the check, which asks for some itself, does not apply.
    ///
    /// # Errors
    /// [`Failure::NotApplicable`] where registration is closed.
    pub fn needs_registration(&self) -> Result<(), Failure> {
        self.run.cast.takes_newcomers()
    }

    /// How many processes the deployment has, as far as it was told.
    pub fn processes(&self) -> usize {
        self.run.target.processes
    }

    /// Whether one URL stands for several processes, so that a request cannot choose its process.
    pub fn behind_balancer(&self) -> bool {
        self.run.target.processes > self.run.target.bases.len()
    }

    /// The base URLs of the deployment, one a process (or the balancer's).
    pub fn bases(&self) -> &[String] {
        &self.run.target.bases
    }

    /// Where the test page may be: the path that was told, or else those where one would look.
    pub fn test_pages(&self) -> Vec<&str> {
        let told = self.run.target.test_page.as_deref();
        told.map_or_else(|| TEST_PAGES.to_vec(), |path| vec![path])
    }

    /// The process that this check's people and strangers ask, as an index into [`Context::bases`].
    pub fn home(&self) -> usize {
        self.home
    }

    /// A deployment of its own, of `n` processes on one Redis and one database, that the check may stop,
    /// freeze and kill. Its people come from [`Fleet::cx`].
    ///
    /// # Errors
    /// [`Failure::NotApplicable`] without `--launch`, [`Failure::Untestable`] when it does not start.
    pub async fn fleet(&self, n: usize) -> Result<Fleet, Failure> {
        let run = self.run.launched(n).await?;
        let cx = Self::new(run.run.clone(), self.check, self.transcript.clone());
        Ok(Fleet::new(run, cx))
    }

    /// A name of this run: what it is given to (users, chats) is recognised by its prefix.
    pub fn name(&self, of: &str) -> String {
        format!("{}{of}", self.run.prefix)
    }

    /// A user name that nobody has: letters, digits and hyphens, at most 60 characters.
    pub fn username(&self, of: &str) -> String {
        let n = self.run.names.fetch_add(1, Ordering::Relaxed);
        format!("{}{of}-{n}", self.run.prefix)
    }

    /// A source of random numbers: the same for the same seed and check.
    pub fn rng(&self) -> StdRng {
        StdRng::seed_from_u64(self.seed())
    }

    /// This check's own seed, made of the run's and the check's id.
    pub fn seed(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.run.seed, self.check.id()).hash(&mut hasher);
        hasher.finish()
    }

    /// How many cases a generated check makes, more or less: `--cases`.
    pub fn cases(&self) -> u32 {
        self.run.cases
    }

    /// The check's id: `WS-3/reaches_every_participant`.
    pub fn check_id(&self) -> String {
        self.check.id()
    }

    /// Keeps a plan as a file, if the run keeps plans: where it is.
    pub(crate) fn keeps_plan(&self, plan: &str) -> Option<PathBuf> {
        let check = self.check_id().replace('/', "-");
        let name = format!("chat-conformance-plan-{check}-{}.json", self.seed());
        let path = self.run.plans.get()?.join(name);
        std::fs::write(&path, plan).ok()?;
        Some(path)
    }

    /// What came of the run's crowds, once they have talked.
    pub(crate) fn crowds(&self) -> &Crowds {
        &self.run.crowds
    }

    /// Keeps a line for the transcript: where a generated check has come to, what it tried.
    pub fn notes(&self, text: impl Into<String>) {
        self.transcript.note(text.into());
    }
}

/// The same choice for the same text, below `n`.
fn number_of(text: &str, n: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    usize::try_from(hasher.finish() % n.max(1) as u64).unwrap_or(0)
}

/// The name that the test page has in the guide, and the root.
const TEST_PAGES: [&str; 2] = ["/websocket_test.html", "/"];
