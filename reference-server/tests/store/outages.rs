//! A Postgres that hangs, dies, comes back.

use std::ffi::OsString;
use std::sync::Arc;

use chat_fixtures::launch::Postgres;
use chat_reference_server::store::{Location, Store, StoreError, User};
use futures_util::future::join_all;

use crate::ground::{chat, person};

/// PROC-7: nobody waits for ever for one that hangs, and no more wait than may; when it goes on, so do we.
#[tokio::test]
async fn postgres_hangs_and_goes_on() {
    let story = Story::begins().await;
    story.postgres.pause().unwrap();

    let asked = (0..1_200).map(|_| story.says());
    let outcomes = join_all(asked).await;

    let overloaded =
        |outcome: &&Result<(), StoreError>| matches!(outcome, Err(StoreError::Overloaded));
    let failed = |outcome: &&Result<(), StoreError>| matches!(outcome, Err(StoreError::Failed(_)));
    assert!(outcomes.iter().filter(overloaded).count() > 100);
    assert!(outcomes.iter().filter(failed).count() >= 1_024);
    assert!(story.store.messages_of(story.ana.id).await.is_err());
    assert!(story.store.changed_by_others().await.is_err());

    story.postgres.resume().unwrap();
    story.is_well_again().await;
}

/// PROC-7: while one is dead everything fails at once; once it is back all is there, without a restart of ours.
#[tokio::test]
async fn postgres_dies_and_is_started_again() {
    let mut story = Story::begins().await;
    story.says().await.unwrap();
    story.postgres.kill().unwrap();

    for _ in 0..20 {
        assert!(matches!(story.says().await, Err(StoreError::Failed(_))));
        assert!(story.store.account(story.ana.id).await.is_err());
    }

    story.postgres.restart().await.unwrap();
    story.is_well_again().await;
}

/// PROC-7: an administrator who cuts every connection costs the next askers one answer each at most.
#[tokio::test]
async fn postgres_cuts_every_connection() {
    let story = Story::begins().await;
    story.says().await.unwrap();
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    assert_ne!(story.postgres.run("postgres", cut).await.unwrap(), "0");
    story.is_well_again().await;
}

/// A Postgres of its own, with a person in a chat.
struct Story {
    store: Store,
    ana: Arc<User>,
    chat: i64,
    postgres: Postgres,
}

impl Story {
    async fn begins() -> Self {
        let postgres = Postgres::start().await.unwrap();
        let url = OsString::from(postgres.database().await.unwrap());
        let store = Store::open(&Location::try_from(url).unwrap())
            .await
            .unwrap();
        let ana = person(&store, "ana").await;
        let chat = chat(&store, &[&ana]).await.id;
        Self {
            store,
            ana,
            chat,
            postgres,
        }
    }

    async fn says(&self) -> Result<(), StoreError> {
        let said = self
            .store
            .append(self.chat, Arc::clone(&self.ana), "a word".to_owned());
        said.await?.unwrap();
        Ok(())
    }

    /// What was stored before is there; what is said now is stored once, and read.
    async fn is_well_again(&self) {
        while self.says().await.is_err() {}
        let before = loop {
            if let Ok(messages) = self.store.messages_of(self.ana.id).await {
                break messages.len();
            }
        };
        self.says().await.unwrap();
        assert!(self.store.changed_by_others().await.unwrap());
        let after = self.store.messages_of(self.ana.id).await.unwrap();
        assert_eq!(after.len(), before + 1);
    }
}
