//! A Postgres that a Django writes at the same time: it locks nothing, and checks its foreign keys at the commit.

use std::sync::Arc;

use chat_fixtures::launch::Postgres;
use chat_reference_server::store::{Location, Store, User};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

use crate::ground::{chat, person};

/// CHAT-7: a Django whose message is not committed when the chat goes finds at its commit that it is gone.
#[tokio::test]
async fn a_message_that_comes_too_late_is_refused_to_django() {
    let story = Story::begins().await;
    story.django.batch_execute("BEGIN").await.unwrap();
    story.django_says("too late").await;

    assert!(story.deletes_the_chat().await);

    let refused = story.django.batch_execute("COMMIT").await.unwrap_err();
    assert_eq!(refused.code(), Some(&SqlState::FOREIGN_KEY_VIOLATION));
    story.nothing_is_left().await;
}

/// CHAT-7: a Django that is about to commit its message is waited for, and the message goes with the chat.
#[tokio::test]
async fn a_message_that_comes_just_in_time_is_deleted_with_its_chat() {
    let story = Story::begins().await;
    story.django.batch_execute("BEGIN").await.unwrap();
    story.django_says("just in time").await;
    let checked = story
        .django
        .batch_execute("SET CONSTRAINTS ALL IMMEDIATE")
        .await;
    checked.unwrap();

    let deleting = tokio::spawn(story.clone().deletes());
    story.somebody_waits().await;
    story.django.batch_execute("COMMIT").await.unwrap();

    assert!(deleting.await.unwrap());
    story.nothing_is_left().await;
}

/// SEND-1, CHAT-7: what is said while a Django deletes the chat is refused once it has, and stored if it does not.
#[tokio::test]
async fn what_is_said_while_django_deletes_the_chat_waits_for_the_outcome() {
    for (outcome, is_stored) in [("ROLLBACK", true), ("COMMIT", false)] {
        let story = Story::begins().await;
        let chat = story.chat;
        let deletion = format!(
            "BEGIN; DELETE FROM chat_chat_participants WHERE chat_id = {chat}; DELETE FROM chat_chat WHERE id = {chat}"
        );
        story.django.batch_execute(&deletion).await.unwrap();

        let said = tokio::spawn(story.clone().says());
        story.somebody_waits().await;
        story.django.batch_execute(outcome).await.unwrap();

        assert_eq!(said.await.unwrap(), is_stored, "{outcome}");
    }
}

/// SEND-1: a Django that stores a message in the same chat holds nobody up, and is not held up.
#[tokio::test]
async fn a_django_and_we_store_in_one_chat_at_the_same_time() {
    let story = Story::begins().await;
    story.django.batch_execute("BEGIN").await.unwrap();
    story.django_says("slowly").await;
    let checked = story
        .django
        .batch_execute("SET CONSTRAINTS ALL IMMEDIATE")
        .await;
    checked.unwrap();

    assert!(story.clone().says().await);

    story.django.batch_execute("COMMIT").await.unwrap();
    let history = story.store.messages_of(story.ana.id).await.unwrap();
    assert_eq!(history.len(), 2);
}

/// REG-3, SEND-1: a sender whom a Django deletes while the message is under way is no participant any more.
#[tokio::test]
async fn a_sender_who_is_deleted_meanwhile_is_no_participant() {
    let story = Story::begins().await;
    let ana = story.ana.id;
    let deletion = format!(
        "BEGIN; DELETE FROM chat_chat_participants WHERE user_id = {ana}; DELETE FROM chat_user WHERE id = {ana}"
    );
    story.django.batch_execute(&deletion).await.unwrap();

    let said = tokio::spawn(story.clone().says());
    story.somebody_waits().await;
    story.django.batch_execute("COMMIT").await.unwrap();

    assert!(!said.await.unwrap());
    story.nothing_is_left().await;
}

/// A person in a chat, our store, and a connection as Django has it.
#[derive(Clone)]
struct Story {
    store: Store,
    django: Arc<Client>,
    watcher: Arc<Client>,
    ana: Arc<User>,
    chat: i64,
}

impl Story {
    async fn begins() -> Self {
        let postgres = Postgres::shared().await.unwrap();
        let url = postgres.database().await.unwrap();
        let location = Location::try_from(std::ffi::OsString::from(&url)).unwrap();
        let store = Store::open(&location).await.unwrap();
        let ana = person(&store, "ana").await;
        let chat = chat(&store, &[&ana]).await.id;
        Self {
            store,
            django: Arc::new(connection(&url).await),
            watcher: Arc::new(connection(&url).await),
            ana,
            chat,
        }
    }

    async fn django_says(&self, content: &str) {
        let sql = "INSERT INTO chat_message (content, timestamp, chat_id, sender_id) VALUES ($1, now(), $2, $3)";
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
            [&content, &self.chat, &self.ana.id];
        self.django.execute(sql, &parameters).await.unwrap();
    }

    async fn deletes_the_chat(&self) -> bool {
        self.store
            .delete_chat(self.chat, self.ana.id)
            .await
            .unwrap()
    }

    async fn deletes(self) -> bool {
        self.deletes_the_chat().await
    }

    /// Whether what was said is stored.
    async fn says(self) -> bool {
        let said = self
            .store
            .append(self.chat, self.ana, "while you are at it".to_owned());
        said.await.unwrap().is_ok()
    }

    /// Returns once one connection to the database waits for another.
    async fn somebody_waits(&self) {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        loop {
            let row = self.watcher.query_one(sql, &[]).await.unwrap();
            if row.get::<_, i64>(0) > 0 {
                return;
            }
        }
    }

    async fn nothing_is_left(&self) {
        let row = self
            .watcher
            .query_one("SELECT count(*) FROM chat_message", &[])
            .await;
        assert_eq!(row.unwrap().get::<_, i64>(0), 0);
    }
}

async fn connection(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
