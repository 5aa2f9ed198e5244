//! One run: the target, the people, the seed; and what has to be tidied up when it is over.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError, atomic::AtomicUsize},
};

use chat_fixtures::client::{Ask, Client};
use futures_util::{StreamExt, stream};

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
    chats: Mutex<BTreeMap<u64, Client>>,
}

impl Run {
    /// A run against `target`, with its people registered (or logged in) there.
    ///
    /// People that cannot be registered are no error here: the checks that need them say so.
    pub async fn begin(target: Target, seed: u64, cases: u32) -> Arc<Self> {
        let prefix = format!("ct-{:08x}-", rand::random::<u32>());
        let cast = Cast::assemble(&target, &prefix).await;
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

    /// Remembers a chat that `owner` may delete.
    pub(crate) fn remember_chat(&self, id: u64, owner: Client) {
        self.chats().insert(id, owner);
    }

    /// Forgets a chat that was deleted.
    pub(crate) fn forget_chat(&self, id: u64) {
        self.chats().remove(&id);
    }

    /// Deletes the chats that are left: how many could not be.
    pub async fn tidies_up(&self) -> usize {
        let chats = std::mem::take(&mut *self.chats());
        stream::iter(chats)
            .map(|(id, owner)| async move {
                let ask = Ask::new("DELETE", &format!("/api/chats/{id}/"));
                let gone = owner.ask(ask).await;
                usize::from(!gone.is_ok_and(|answer| matches!(answer.status, 200..300 | 404)))
            })
            .buffer_unordered(TIDYING)
            .fold(0, |left, one| async move { left + one })
            .await
    }

    fn chats(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Client>> {
        self.chats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many chats are deleted at a time.
const TIDYING: usize = 8;
