//! Where a story takes place: a new database, whoever uses it, and a hand that reaches into its tables.

use std::ffi::OsString;
use std::sync::Arc;

use chat_fixtures::launch::Postgres;
use chat_reference_server::store::{Chat, Location, NewMessage, NewUser, Store, User};
use tempfile::TempDir;

/// A new database of one kind.
pub(crate) enum Ground {
    Sqlite(TempDir),
    Postgres(String),
}

impl Ground {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) async fn postgres() -> Self {
        Self::Postgres(Postgres::shared().await.unwrap().database().await.unwrap())
    }

    /// The store, as one more process has it.
    pub(crate) async fn store(&self) -> Store {
        let place: OsString = match self {
            Self::Sqlite(folder) => folder.path().join("chat.sqlite3").into(),
            Self::Postgres(url) => url.into(),
        };
        Store::open(&Location::try_from(place).unwrap())
            .await
            .unwrap()
    }

    /// Runs statements as a stranger to our processes; the rows, a line each.
    pub(crate) async fn sql(&self, text: &str) -> String {
        match self {
            Self::Sqlite(folder) => {
                let database =
                    rusqlite::Connection::open(folder.path().join("chat.sqlite3")).unwrap();
                let mut statement = database.prepare(text).unwrap();
                if statement.column_count() == 0 {
                    statement.execute([]).unwrap();
                    return String::new();
                }
                statement
                    .query_row([], |row| row.get::<_, i64>(0))
                    .unwrap()
                    .to_string()
            }
            Self::Postgres(url) => {
                let postgres = Postgres::shared().await.unwrap();
                postgres.run(url, text).await.unwrap()
            }
        }
    }
}

/// A person with this name, newly made.
pub(crate) async fn person(store: &Store, name: &str) -> Arc<User> {
    let new = NewUser {
        username: name.to_owned(),
        email: String::new(),
        user_type: "student".to_owned(),
        password: "!".to_owned(),
    };
    Arc::new(store.create_user(new).await.unwrap().unwrap())
}

/// A chat of these people, made by the first.
pub(crate) async fn chat(store: &Store, people: &[&Arc<User>]) -> Chat {
    let others = people[1..].iter().map(|person| person.id).collect();
    let made = store.create_chat("talk".to_owned(), people[0].id, others);
    made.await.unwrap().unwrap()
}

/// What somebody wants stored.
pub(crate) fn says(sender: &Arc<User>, chat: i64, content: &str) -> NewMessage {
    NewMessage {
        chat,
        sender: Arc::clone(sender),
        content: content.to_owned(),
    }
}
