//! One database, two owners: what Django made is used as it is, and Django accepts what was made here.

use std::path::{Path, PathBuf};
use std::slice;
use std::time::Duration;

use chat_fixtures::launch::{Program, Server};
use chat_fixtures::people::People;
use rusqlite::Connection;
use tokio::process::Command;

use crate::run::{Folder, at};

/// PROC-2 (INTEROP §9): a database that Django migrated is served without a change to its tables, and what the
/// people of before have is theirs.
#[tokio::test]
async fn a_database_that_django_made_is_served_as_it_is() {
    let folder = Folder::new();
    let django = daphne(&folder).await;
    let people = People::new(&[django.url()]).unwrap();
    let alice = people.person("alice").await.unwrap();
    let chat = alice.creates_chat_with(&[]).await.unwrap();
    let posted = alice.posts(&chat, "from the days of Django").await.unwrap();
    django.stop().await;
    let schema = schema_of(&folder);

    let mut ours = folder.starts(&["--secret-key", SECRET_KEY]).await;
    let alice = at(&alice, ours.url());
    assert_eq!(
        alice.reads(&chat).await.unwrap(),
        *slice::from_ref(&posted),
        "with the session of before"
    );
    let alice = alice.login().await.unwrap();
    let said = alice
        .connects(&chat)
        .await
        .unwrap()
        .says("from today")
        .await
        .unwrap();
    ours.ends().await;

    assert_eq!(schema_of(&folder), schema);
    let django = daphne(&folder).await;
    let alice = at(&alice, django.url());
    let history = alice.reads(&chat).await.unwrap();
    assert_eq!(history, [posted, said["message"].clone()]);
    django.stop().await;
}

/// PROC-2 (INTEROP §9.1): a database made here passes `migrate --fake-initial`, and Django serves it.
#[tokio::test]
async fn a_database_that_was_made_here_is_accepted_by_django() {
    let folder = Folder::new();
    let mut ours = folder.starts(&["--secret-key", SECRET_KEY]).await;
    let people = People::new(&[ours.url()]).unwrap();
    let alice = people.person("alice").await.unwrap();
    let chat = alice.creates_chat_with(&[]).await.unwrap();
    let posted = alice.posts(&chat, "before Django came").await.unwrap();
    ours.ends().await;

    // Its first start anywhere installs what Django needs.
    daphne(&Folder::new()).await.stop().await;
    let migrated = Command::new(venv().join("bin/python"))
        .arg(fixture().join("manage.py"))
        .args(["migrate", "--fake-initial", "--verbosity", "1"])
        .env("CHAT_DATABASE", folder.path("chat.sqlite3"))
        .output()
        .await
        .unwrap();
    assert!(
        migrated.status.success(),
        "{}",
        String::from_utf8_lossy(&migrated.stderr)
    );
    let missing = Command::new(venv().join("bin/python"))
        .arg(fixture().join("manage.py"))
        .args(["migrate", "--check"])
        .env("CHAT_DATABASE", folder.path("chat.sqlite3"))
        .output()
        .await
        .unwrap();
    assert!(
        missing.status.success(),
        "{}",
        String::from_utf8_lossy(&missing.stdout)
    );

    let django = daphne(&folder).await;
    let there = at(&alice, django.url());
    assert_eq!(there.reads(&chat).await.unwrap(), *slice::from_ref(&posted));
    let there = there.login().await.unwrap();
    let answered = there.posts(&chat, "and after").await.unwrap();
    django.stop().await;

    let ours = folder.starts(&["--secret-key", SECRET_KEY]).await;
    let history = at(&there, ours.url()).reads(&chat).await.unwrap();
    assert_eq!(history, [posted, answered]);
}

/// The Django original on the folder's database.
async fn daphne(folder: &Folder) -> Server {
    Program::new(fixture().join("serve"))
        .args([
            "-p",
            "{port}",
            "--database",
            &folder.path("chat.sqlite3").display().to_string(),
        ])
        .env("CHAT_SECRET_KEY", SECRET_KEY)
        .env("CHAT_PASSWORD_ITERATIONS", "1000")
        .ready_when_answering("/api/me/")
        .within(Duration::from_secs(300))
        .start()
        .await
        .unwrap()
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/django")
}

/// Where `serve` installs.
fn venv() -> PathBuf {
    std::env::var_os("CHAT_DJANGO_VENV")
        .map_or_else(|| fixture().join("../../target/django-venv"), PathBuf::from)
}

/// Tables and indexes as SQLite keeps them.
fn schema_of(folder: &Folder) -> Vec<(String, Option<String>)> {
    let database = Connection::open(folder.path("chat.sqlite3")).unwrap();
    let mut statement = database
        .prepare("SELECT name, sql FROM sqlite_master ORDER BY name")
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

const SECRET_KEY: &str = "the key of both";
