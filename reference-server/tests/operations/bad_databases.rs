//! A start on a database that cannot be says why in one sentence, and leaves everything as it was.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use chat_fixtures::launch::{Postgres, free_port};

use crate::refusal::{refuses, says_one_sentence};
use crate::run::{BINARY, Folder, make_database};

/// PROC-2: a database that cannot be made or is none.
#[tokio::test]
async fn a_database_that_cannot_be() {
    let folder = Folder::new();
    fs::create_dir(folder.path("folder")).unwrap();
    fs::write(
        folder.path("text"),
        "This is a letter and no database.\n".repeat(100),
    )
    .unwrap();

    refuses(
        &folder,
        &["--database", "missing/chat.sqlite3"],
        &["missing/chat.sqlite3", "unable to open"],
    )
    .await;
    refuses(&folder, &["--database", "folder"], &["\"folder\""]).await;
    refuses(&folder, &["--database", ""], &["--database"]).await;
    refuses(
        &folder,
        &["--database", "text"],
        &["text", "not a database"],
    )
    .await;
}

/// PROC-2: somebody else's database is left as it is, to the byte.
#[tokio::test]
async fn a_database_of_something_else() {
    let folder = Folder::new();
    make_database(
        &folder.path("other"),
        "CREATE TABLE recipe (id INTEGER PRIMARY KEY, title TEXT)",
    );
    // Another Django project, and a chat whose users have no type.
    make_database(
        &folder.path("django"),
        "CREATE TABLE django_migrations (id INTEGER PRIMARY KEY); CREATE TABLE auth_user (id INTEGER PRIMARY KEY)",
    );
    make_database(
        &folder.path("older"),
        "CREATE TABLE chat_user (id INTEGER PRIMARY KEY, password TEXT, last_login TEXT, is_superuser BOOL, \
         username TEXT, first_name TEXT, last_name TEXT, email TEXT, is_staff BOOL, is_active BOOL, date_joined TEXT)",
    );

    refuses(
        &folder,
        &["--database", "other"],
        &["other", "no table chat_user", "left as it is"],
    )
    .await;
    refuses(
        &folder,
        &["--database", "django"],
        &["django", "no table chat_user"],
    )
    .await;
    refuses(
        &folder,
        &["--database", "older"],
        &["older", "chat_user", "no column user_type"],
    )
    .await;
}

/// PROC-2: a Postgres that cannot be meant, or is not there; whatever is said of it, its password is not.
#[tokio::test]
async fn a_postgres_that_cannot_be() {
    let folder = Folder::new();
    let refuses = async |url: &str, words: &[&str]| {
        let args = ["--database", url, "--secret-key", "a key"];
        let ended = refuses(&folder, &args, words).await;
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    };
    for (url, words) in [
        ("postgres://chat:hunter2@", &["--database", "no host"][..]),
        (
            "postgresql:///chat?password=hunter2",
            &["--database", "no host", "?host="],
        ),
        (
            "postgres://chat:hunter2@127.0.0.1",
            &["--database", "no database"],
        ),
        (
            "postgres://chat:hunter2@127.0.0.1:port/chat",
            &["--database", "port"],
        ),
        (
            "postgres://chat:hunter2@127.0.0.1/chat?sslmode=require",
            &["--database", "TLS", "sslmode"],
        ),
        (
            "postgres://chat:hunter2@127.0.0.1/chat?sslmode=verify-full",
            &["--database", "TLS"],
        ),
        (
            "postgres://chat:hunter2@127.0.0.1/chat?pool=3",
            &["--database", "pool"],
        ),
    ] {
        refuses(url, words).await;
    }
    let down = free_port().unwrap();
    let nobody = format!("postgres://chat:hunter2@127.0.0.1:{down}/chat");
    refuses(
        &nobody,
        &[&format!("postgres://chat@127.0.0.1:{down}/chat"), "refused"],
    )
    .await;
    let wrong = Postgres::shared().await.unwrap().url("missing");
    refuses(&wrong, &["missing", "does not exist"]).await;
    // There is no file beside which a key could be kept.
    let ended = folder
        .run(&["--database", &nobody], &[("CHAT_PORT", "0")])
        .await;
    says_one_sentence(&ended, &["--secret-key", "Postgres"]);
}

/// PROC-2: a database of another kind, or written as elsewhere, is no file of that name; nor is its password shown.
#[tokio::test]
async fn a_database_of_no_known_kind() {
    let folder = Folder::new();
    for (database, words) in [
        ("mysql://chat:hunter2@db/chat", &["mysql:// is not"][..]),
        ("sqlite:///srv/hunter2", &["give the path alone"]),
        ("file:hunter2", &["give the path alone"]),
        ("'postgres://chat:hunter2@db/chat'", &["a quote"]),
        ("host=db password=hunter2", &["password="]),
        ("postgres://chat:pass@hunter2@db/chat", &["%40"]),
    ] {
        let due = [&["--database", "postgres://user"], words].concat();
        for check in [&[][..], &["--check"]] {
            let args = [&["--secret-key", "a key", "--database", database], check].concat();
            let ended = refuses(&folder, &args, &due).await;
            assert_eq!(ended.code, Some(2));
            assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
        }
        let ended = folder.run(&[], &[("CHAT_DATABASE", database)]).await;
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    }
    // The case of a scheme means nothing.
    let down = free_port().unwrap();
    let url = format!("PostgreS://chat:hunter2@127.0.0.1:{down}/chat");
    let args = ["--secret-key", "a key", "--database", &url];
    let ended = refuses(&folder, &args, &["postgres://chat@127.0.0.1", "refused"]).await;
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

/// PROC-2: a database or a folder that may not be written.
#[tokio::test]
async fn a_read_only_database() {
    let folder = Folder::new();
    folder.starts(&[]).await.ends().await;
    fs::set_permissions(folder.path("chat.sqlite3"), Permissions::from_mode(0o444)).unwrap();
    fs::create_dir(folder.path("folder")).unwrap();
    fs::set_permissions(folder.path("folder"), Permissions::from_mode(0o555)).unwrap();

    for (database, words) in [
        ("chat.sqlite3", "may only be read"),
        ("folder/chat.sqlite3", "unable to open"),
    ] {
        let before = folder.contents();
        let args = ["-p", "0", "--database", database];
        // Root writes wherever it likes, unless it gives up its privileges.
        let ended = if rustix::process::geteuid().is_root() {
            let all = [
                &["--bounding-set=-all", "--inh-caps=-all", BINARY][..],
                &args,
            ]
            .concat();
            folder.run_as("setpriv", &all, &[]).await
        } else {
            folder.run(&args, &[]).await
        };
        says_one_sentence(&ended, &[database, words]);
        assert_eq!(folder.contents(), before);
    }
}
