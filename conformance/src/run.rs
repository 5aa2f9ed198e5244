//! One run: the target, the people, the seed; and what has to be tidied up when it is over.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chat_fixtures::{
    client::{Ask, Client},
    people::Person,
};
use futures_util::{StreamExt, stream};
use serde_json::Value;

use crate::{cast::Cast, check::Failure, crowd::Crowds, fleet::Launched, target::Target};

/// What all checks of a run share.
#[derive(Debug)]
pub struct Run {
    /// Whom it asks.
    pub target: Target,
    /// The people who play the stories.
    pub cast: Cast,
    /// What every name of the run begins with.
    pub prefix: String,
    /// Where all randomness comes from.
    pub seed: u64,
    /// How many cases a generated check makes.
    pub cases: u32,
    pub(crate) names: AtomicUsize,
    /// Where the plans of generated sequences that differ from the model are kept; nowhere, unless set.
    pub plans: OnceLock<PathBuf>,
    /// What came of the crowds that several checks look at.
    pub(crate) crowds: Crowds,
    chats: Mutex<BTreeMap<u64, Left>>,
    accounts: Mutex<BTreeSet<String>>,
    disappointments: AtomicUsize,
}

impl Run {
    /// A run against `target`, with its people registered (or logged in) there.
    ///
    /// People that cannot be registered are no error here: the checks that need them say so.
    pub async fn begin(target: Target, seed: u64, cases: u32) -> Arc<Self> {
        Self::begin_with(target, seed, cases, CAST).await
    }

    /// The same with so many people: each costs two password hashes.
    pub(crate) async fn begin_with(
        target: Target,
        seed: u64,
        cases: u32,
        people: usize,
    ) -> Arc<Self> {
        let prefix = format!("ct-{:08x}-", rand::random::<u32>());
        let cast = Cast::assemble(&target, &prefix, people).await;
        let registered = cast.people().unwrap_or_default().iter();
        let accounts = match target.accounts {
            Some(_) => BTreeSet::new(),
            None => registered.map(|person| person.username.clone()).collect(),
        };
        Arc::new(Self {
            target,
            cast,
            prefix,
            seed,
            cases,
            names: AtomicUsize::new(0),
            plans: OnceLock::new(),
            crowds: Crowds::default(),
            chats: Mutex::default(),
            accounts: Mutex::new(accounts),
            disappointments: AtomicUsize::new(0),
        })
    }

    /// Somebody without cookies at one of the deployment's URLs.
    pub fn client_at(&self, base: &str) -> Client {
        self.target.client().at(base).stranger()
    }

    /// A deployment of its own beside the target, as [`crate::context::Context::fleet`] has it.
    pub(crate) async fn launched(&self, n: usize) -> Result<Launched, Failure> {
        Launched::start(self, n).await
    }

    /// How long a frame that is due may take. Where several checks have waited in vain already, frames get lost,
    /// and the next one that does not come is not waited for as long.
    pub(crate) fn patience(&self) -> Duration {
        if self.disappointments.load(Ordering::Relaxed) < ENOUGH {
            self.target.patience
        } else {
            self.target.patience.min(self.target.impatience)
        }
    }

    /// Says that a check has waited in vain.
    pub(crate) fn is_disappointed(&self) {
        self.disappointments.fetch_add(1, Ordering::Relaxed);
    }

    /// Remembers a chat of the story of that number, which `owner` may delete.
    pub(crate) fn remember_chat(&self, id: u64, owner: Client, story: u64) {
        self.chats().insert(id, Left { owner, story });
    }

    /// Forgets a chat that was deleted.
    pub(crate) fn forget_chat(&self, id: u64) {
        self.chats().remove(&id);
    }

    /// Remembers an account that was registered: there is no way to delete one.
    pub(crate) fn remember_account(&self, username: String) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.insert(username);
    }

    /// How many accounts the run has registered, as far as was seen.
    pub fn accounts_left(&self) -> usize {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.len()
    }

    /// How many chats the run has made and not deleted yet, as far as was seen.
    pub fn chats_left(&self) -> usize {
        self.chats().len()
    }

    /// Deletes the chats that a story has left, so that the lists of the shared people stay short; those that
    /// cannot be deleted are tried again at the end.
    pub(crate) async fn tidies_up_after(&self, story: u64) {
        let left: BTreeMap<_, _> = self
            .chats()
            .iter()
            .filter(|(_, chat)| chat.story == story)
            .map(|(id, chat)| (*id, chat.owner.clone()))
            .collect();
        for (id, owner) in left {
            if is_deleted(id, &owner).await {
                self.forget_chat(id);
            }
        }
    }

    /// Deletes the chats that are left: how many could not be. Also those that nobody knows of, because the
    /// run was interrupted, or an error was answered, while they were made.
    pub async fn tidies_up(&self) -> usize {
        let known = std::mem::take(&mut *self.chats());
        let known = known.into_iter().map(|(id, chat)| (id, chat.owner));
        let left = deletes(known.collect()).await;
        let mut unknown = BTreeMap::new();
        for person in self.cast.people().unwrap_or_default() {
            for id in self.chats_of(person).await {
                unknown.insert(id, person.client.clone());
            }
        }
        left + deletes(unknown).await
    }

    /// The chats a person has of this run. Whom the run has registered has no others; for an account that was
    /// there before, the name tells.
    async fn chats_of(&self, person: &Person) -> Vec<u64> {
        let asked = person
            .client
            .ask(Ask::new("GET", "/api/chats/").within(TIDY));
        let Ok(Value::Array(chats)) = asked.await.map(|answer| answer.json().unwrap_or_default())
        else {
            return Vec::new();
        };
        let mine = |chat: &&Value| {
            let name = chat.get("name").and_then(Value::as_str).unwrap_or_default();
            self.target.accounts.is_none() || name.starts_with(&self.prefix)
        };
        chats
            .iter()
            .filter(mine)
            .filter_map(|chat| chat.get("id")?.as_u64())
            .collect()
    }

    fn chats(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Left>> {
        self.chats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A chat that is to be deleted.
#[derive(Debug)]
struct Left {
    owner: Client,
    /// The number of the transcript in which it was made.
    story: u64,
}

async fn is_deleted(id: u64, owner: &Client) -> bool {
    let ask = Ask::new("DELETE", &format!("/api/chats/{id}/")).within(TIDY);
    let gone = owner.ask(ask).await;
    gone.is_ok_and(|answer| matches!(answer.status, 200..300 | 404))
}

/// Deletes chats: how many are there still.
async fn deletes(chats: BTreeMap<u64, Client>) -> usize {
    stream::iter(chats)
        .map(|(id, owner)| async move { usize::from(!is_deleted(id, &owner).await) })
        .buffer_unordered(TIDYING)
        .fold(0, |left, one| async move { left + one })
        .await
}

/// After how many checks that waited in vain patience gets shorter.
const ENOUGH: usize = 3;
/// How long the answer to one request of tidying up may take.
const TIDY: Duration = Duration::from_secs(10);
/// How many people share the stories of a run.
const CAST: usize = 6;
/// How many chats are deleted at a time.
const TIDYING: usize = 8;
