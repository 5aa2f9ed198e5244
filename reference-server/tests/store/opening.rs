//! Which databases of a Postgres are taken, made ready, or left alone.

use std::ffi::OsString;

use chat_fixtures::launch::{Postgres, free_port};
use chat_reference_server::store::{Location, Store};
use futures_util::future::join_all;

use crate::ground::person;

/// PROC-2: of many processes that start at the same time on an empty database one makes the tables.
#[tokio::test]
async fn many_open_an_empty_database_at_once() {
    let url = Postgres::shared().await.unwrap().database().await.unwrap();
    let stores = join_all((0..8).map(|_| open(&url))).await;
    let stores: Vec<Store> = stores.into_iter().map(Result::unwrap).collect();

    let ana = person(&stores[0], "ana").await;

    for store in &stores {
        assert_eq!(*store.account(ana.id).await.unwrap().unwrap().user, *ana);
    }
    let again = open(&url).await.unwrap();
    assert!(again.account_named("ana").await.unwrap().is_some());
}

/// PROC-2: by its Unix socket it is the same database.
#[tokio::test]
async fn a_database_behind_a_unix_socket() {
    let postgres = Postgres::shared().await.unwrap();
    let url = postgres.database().await.unwrap();
    let name = url.rsplit('/').next().unwrap();
    let ana = person(&open(&postgres.socket_url(name)).await.unwrap(), "ana").await;
    let found = open(&url).await.unwrap().account(ana.id).await.unwrap();
    assert_eq!(*found.unwrap().user, *ana);
}

/// PROC-2: somebody else's database is left as it is.
#[tokio::test]
async fn a_database_of_something_else() {
    let postgres = Postgres::shared().await.unwrap();
    for (made, words) in [
        ("CREATE TABLE recipe (id int)", "no table chat_user"),
        (
            "CREATE TABLE django_migrations (id int); CREATE TABLE auth_user (id int)",
            "no table chat_user",
        ),
        (
            "CREATE TABLE chat_user (id bigint, username text)",
            "no column password",
        ),
    ] {
        let url = postgres.database().await.unwrap();
        postgres.run(&url, made).await.unwrap();
        let before = postgres.run(&url, TABLES).await.unwrap();

        refuses(&url, &[words, "left as it is"]).await;

        assert_eq!(postgres.run(&url, TABLES).await.unwrap(), before);
    }
    // A project that numbers its rows with four bytes.
    let url = postgres.database().await.unwrap();
    open(&url).await.unwrap();
    let older = "ALTER TABLE chat_message ALTER COLUMN id TYPE integer";
    postgres.run(&url, older).await.unwrap();
    refuses(&url, &["chat_message.id is integer", "bigint"]).await;
}

/// PROC-2: what the user may not do is found out at the start, and said.
#[tokio::test]
async fn a_user_without_rights() {
    let postgres = Postgres::shared().await.unwrap();
    let url = postgres.database().await.unwrap();
    let make = "CREATE ROLE guest LOGIN PASSWORD 'hunter2'; REVOKE ALL ON SCHEMA public FROM PUBLIC; \
                GRANT USAGE ON SCHEMA public TO guest";
    postgres.run(&url, make).await.unwrap();
    let guest = url.replace("chat:secret-of-the-tests@", "guest:hunter2@");
    refuses(&guest, &["permission denied for schema public"]).await;

    open(&url).await.unwrap();
    let read = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest";
    postgres.run(&url, read).await.unwrap();
    refuses(
        &guest,
        &["may not do all of SELECT, INSERT, UPDATE and DELETE"],
    )
    .await;

    let write = "GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest";
    postgres.run(&url, write).await.unwrap();
    person(&open(&guest).await.unwrap(), "ana").await;
}

/// PROC-2: one that cannot hold a chat.
#[tokio::test]
async fn a_database_that_cannot_be() {
    let postgres = Postgres::shared().await.unwrap();
    let url = postgres.database().await.unwrap();
    let latin = "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'";
    postgres.run("postgres", latin).await.unwrap();
    refuses(&postgres.url("latin"), &["LATIN1", "UTF8"]).await;
    refuses(&postgres.url("missing"), &["missing", "does not exist"]).await;
    let wrong = url.replace("secret-of-the-tests", "hunter2");
    refuses(&wrong, &["password authentication failed"]).await;
    let down = free_port().unwrap();
    let nobody = format!("postgres://chat:hunter2@127.0.0.1:{down}/chat");
    refuses(
        &nobody,
        &[&format!("chat@127.0.0.1:{down}/chat"), "refused"],
    )
    .await;
    let only_read = format!("{url}?options=-c%20default_transaction_read_only%3Don");
    refuses(&only_read, &["may only be read"]).await;
}

/// It is refused in one sentence with each of `words`, and without a password.
async fn refuses(url: &str, words: &[&str]) {
    let Err(error) = open(url).await else {
        panic!("{url} was opened");
    };
    let said = error.to_string();
    for word in words {
        assert!(said.contains(word), "{word:?} is missing: {said}");
    }
    assert!(!said.contains('\n'), "{said}");
    assert!(
        !said.contains("hunter2") && !said.contains("secret-of"),
        "{said}"
    );
}

async fn open(url: &str) -> Result<Store, chat_reference_server::store::OpenError> {
    Store::open(&Location::try_from(OsString::from(url)).unwrap()).await
}

const TABLES: &str =
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1";
