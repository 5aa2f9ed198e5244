//! One database, two owners: what Django made is used as it is, and Django accepts what was made here.

use std::path::{Path, PathBuf};
use std::slice;
use std::time::Duration;

use chat_fixtures::launch::{Postgres, Program, Server};
use chat_fixtures::people::People;
use rusqlite::Connection;
use tokio::process::Command;

use crate::run::{Folder, Running, at};

/// PROC-2 (INTEROP §9): a database that Django migrated is served without a change to its tables, and what the
/// people of before have is theirs.
#[tokio::test]
async fn a_database_that_django_made_is_served_as_it_is() {
    served_as_it_is(&Place::file()).await;
}

/// PROC-2 (INTEROP §9.2): the same in a Postgres.
#[tokio::test]
async fn a_postgres_that_django_migrated_is_served_as_it_is() {
    served_as_it_is(&Place::postgres().await).await;
}

/// PROC-2 (INTEROP §9.1): a database made here passes `migrate --fake-initial`, and Django serves it.
#[tokio::test]
async fn a_database_that_was_made_here_is_accepted_by_django() {
    accepted_by_django(&Place::file()).await;
}

/// PROC-2 (INTEROP §9.2): the same in a Postgres; its tables are then those of a Django that made them all itself.
#[tokio::test]
async fn a_postgres_that_was_made_here_is_accepted_by_django() {
    let (ours, theirs) = (Place::postgres().await, Place::postgres().await);
    accepted_by_django(&ours).await;
    daphne(&theirs).await.stop().await;
    assert_eq!(ours.schema().await, theirs.schema().await);
}

async fn served_as_it_is(place: &Place) {
    let django = daphne(place).await;
    let people = People::new(&[django.url()]).unwrap();
    let alice = people.person("alice").await.unwrap();
    let chat = alice.creates_chat_with(&[]).await.unwrap();
    let posted = alice.posts(&chat, "from the days of Django").await.unwrap();
    django.stop().await;
    let schema = place.schema().await;

    let mut ours = place.starts().await;
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

    assert_eq!(place.schema().await, schema);
    let django = daphne(place).await;
    let alice = at(&alice, django.url());
    let history = alice.reads(&chat).await.unwrap();
    assert_eq!(history, [posted, said["message"].clone()]);
    django.stop().await;
}

async fn accepted_by_django(place: &Place) {
    let mut ours = place.starts().await;
    let people = People::new(&[ours.url()]).unwrap();
    let alice = people.person("alice").await.unwrap();
    let chat = alice.creates_chat_with(&[]).await.unwrap();
    let posted = alice.posts(&chat, "before Django came").await.unwrap();
    ours.ends().await;

    // Its first start anywhere installs what Django needs.
    daphne(&Place::file()).await.stop().await;
    let migrated = Command::new(venv().join("bin/python"))
        .arg(fixture().join("manage.py"))
        .args(["migrate", "--fake-initial", "--verbosity", "1"])
        .env("CHAT_DATABASE", &place.database)
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
        .env("CHAT_DATABASE", &place.database)
        .output()
        .await
        .unwrap();
    assert!(
        missing.status.success(),
        "{}",
        String::from_utf8_lossy(&missing.stdout)
    );

    let django = daphne(place).await;
    let there = at(&alice, django.url());
    assert_eq!(there.reads(&chat).await.unwrap(), *slice::from_ref(&posted));
    let there = there.login().await.unwrap();
    let answered = there.posts(&chat, "and after").await.unwrap();
    django.stop().await;

    let ours = place.starts().await;
    let history = at(&there, ours.url()).reads(&chat).await.unwrap();
    assert_eq!(history, [posted, answered]);
}

/// A new database, and a folder for what the server logs.
struct Place {
    folder: Folder,
    database: String,
}

impl Place {
    fn file() -> Self {
        let folder = Folder::new();
        let database = folder.path("chat.sqlite3").display().to_string();
        Self { folder, database }
    }

    async fn postgres() -> Self {
        let postgres = Postgres::shared().await.unwrap();
        Self {
            folder: Folder::new(),
            database: postgres.database().await.unwrap(),
        }
    }

    async fn starts(&self) -> Running {
        let args = ["--secret-key", SECRET_KEY];
        self.folder.starts_on(&self.database, &args).await
    }

    /// Tables, constraints and indexes as the database keeps them.
    async fn schema(&self) -> Vec<String> {
        if self.database.starts_with("postgres:") {
            let postgres = Postgres::shared().await.unwrap();
            let rows = postgres.run(&self.database, POSTGRES_SCHEMA).await.unwrap();
            return rows.lines().map(str::to_owned).collect();
        }
        let database = Connection::open(&self.database).unwrap();
        let mut statement = database
            .prepare("SELECT name || coalesce(sql, '') FROM sqlite_master ORDER BY name")
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }
}

/// The Django original on this database.
async fn daphne(place: &Place) -> Server {
    Program::new(fixture().join("serve"))
        .args(["-p", "{port}", "--database", &place.database])
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

const SECRET_KEY: &str = "the key of both";
const POSTGRES_SCHEMA: &str = "SELECT concat_ws(' ', table_name, ordinal_position, column_name, data_type, \
    character_maximum_length, is_nullable, column_default, identity_generation) AS line \
    FROM information_schema.columns WHERE table_schema = 'public' \
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' \
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint \
    WHERE connamespace = 'public'::regnamespace ORDER BY line";
