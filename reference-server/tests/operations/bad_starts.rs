//! A start that cannot be says why in one sentence, and leaves everything as it was.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use chat_fixtures::launch::{Postgres, Redis, free_port};

use crate::run::{BINARY, Ended, Folder, make_database};

/// Runs the server as told; it must refuse, with a sentence that holds each of `words`, and touch nothing.
async fn refuses(folder: &Folder, args: &[&str], words: &[&str]) -> Ended {
    let before = folder.contents();
    let ended = folder.run(args, &[("CHAT_PORT", "0")]).await;
    says_one_sentence(&ended, words);
    assert_eq!(folder.contents(), before, "{args:?} changed the folder");
    ended
}

fn says_one_sentence(ended: &Ended, words: &[&str]) {
    let Ended {
        code,
        stdout,
        stderr,
    } = ended;
    assert!(matches!(code, Some(1 | 2)), "{ended:?}");
    assert_eq!(stdout, "");
    // What is wrong with a single argument is followed by where to find help.
    let (sentence, rest) = stderr.split_once('\n').unwrap();
    assert!(sentence.starts_with("error: "), "{stderr}");
    assert!(rest.is_empty() || rest.contains("try '--help'"), "{stderr}");
    for word in words {
        assert!(sentence.contains(word), "{word:?} is missing: {stderr}");
    }
}

/// HTTP, PROC-2: the ports come first, so a second start on the same port touches no database.
#[tokio::test]
async fn a_taken_port() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let port = address.port().to_string();
    for args in [
        ["--port", &port, "--database", "chat.sqlite3"],
        [
            "--admin",
            &address.to_string(),
            "--database",
            "chat.sqlite3",
        ],
    ] {
        let before = folder.contents();
        let ended = folder.run(&args, &[("CHAT_PORT", "0")]).await;
        says_one_sentence(&ended, &[&address.to_string(), "in use"]);
        assert_eq!(folder.contents(), before);
    }
}

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

/// PROC-6 is for a Redis that goes away; one that is not there at the start is a mistake to be told of.
#[tokio::test]
async fn a_redis_that_is_not_there() {
    let folder = Folder::new();
    let database = ["--database", "chat.sqlite3"];
    let refuses = async |url: &str, words: &[&str]| {
        let ended = refuses(&folder, &[&database[..], &["--redis", url]].concat(), words).await;
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    };
    for url in [
        "nonsense",
        "http://127.0.0.1:6379",
        "redis://",
        "redis://:hunter2@host:port/",
        "",
    ] {
        refuses(url, &["--redis"]).await;
    }
    let down = free_port().unwrap();
    refuses(
        &format!("redis://:hunter2@127.0.0.1:{down}"),
        &[&format!("127.0.0.1:{down}"), "refused"],
    )
    .await;

    let hanging = Redis::start().await.unwrap();
    hanging.pause().unwrap();
    refuses(&hanging.url(), &[&hanging.port().to_string(), "no reply"]).await;
    hanging.resume().unwrap();
    // It wants no password; a wrong database has no number.
    refuses(&format!("{}/99", hanging.url()), &["DB index"]).await;
}

/// A secret that would be everyone's, or differ between processes.
#[tokio::test]
async fn a_secret_that_is_none() {
    let folder = Folder::new();
    let database = ["--database", "chat.sqlite3"];
    for bind in ["0.0.0.0", "::", "192.0.2.1"] {
        refuses(
            &folder,
            &[&database[..], &["--bind", bind]].concat(),
            &["--secret-key", bind],
        )
        .await;
    }
    refuses(
        &folder,
        &[&database[..], &["--secret-key", " "]].concat(),
        &["--secret-key is empty"],
    )
    .await;
    fs::write(folder.path("chat.sqlite3.secret-key"), "\n").unwrap();
    refuses(&folder, &database, &["chat.sqlite3.secret-key", "empty"]).await;
}

/// HTTP-5, WS-19, CSRF-3: what the command line cannot mean.
#[tokio::test]
async fn settings_that_cannot_be() {
    let folder = Folder::new();
    for (args, words) in [
        (&["--no-such-flag"][..], &["--no-such-flag"][..]),
        (&["serve"], &["serve"]),
        (&["--port", "65536"], &["--port", "65536"]),
        (&["--bind", "localhost"], &["--bind", "localhost"]),
        (&["--admin", "9000"], &["--admin", "9000"]),
        (&["--max-body", "3MiB"], &["--max-body", "4 MiB to 32 MiB"]),
        (&["--max-body", "33MiB"], &["--max-body", "4 MiB to 32 MiB"]),
        (
            &["--max-frame", "7MiB"],
            &["--max-frame", "8 MiB to 32 MiB"],
        ),
        (&["--max-frame", "8 bananas"], &["--max-frame", "bananas"]),
        (&["--max-queue", "0"], &["--max-queue"]),
        (&["--max-queue", "-1"], &["-1"]),
        (&["--max-queue", "99999999999999999999"], &["--max-queue"]),
        (&["--max-connections", "0"], &["--max-connections"]),
        (
            &["--max-connections-per-user", "0"],
            &["--max-connections-per-user"],
        ),
        (&["--password-iterations", "0"], &["--password-iterations"]),
        (
            &["--trusted-origin", "chat.example"],
            &["--trusted-origin", "https://"],
        ),
        (
            &["--trusted-origin", "https://chat.example/page"],
            &["--trusted-origin", "path"],
        ),
        (&["--trusted-origin", "https://"], &["--trusted-origin"]),
        (&["--log", "loud=very=much"], &["--log"]),
        (&["--redis-layer", "queues"], &["--redis-layer", "queues"]),
        (
            &["--redis-layer", "pubsub"],
            &["--redis-layer", "without --redis"],
        ),
        (
            &["--redis-key", "a key"],
            &["--redis-key", "without --redis"],
        ),
        (
            &["--redis", "redis://127.0.0.1", "--redis-key", ""],
            &["--redis-key", "empty"],
        ),
    ] {
        let database = ["--database", "chat.sqlite3"];
        refuses(&folder, &[&database[..], args].concat(), words).await;
        // Checked alone, it is refused alike.
        refuses(
            &folder,
            &[&database[..], args, &["--check"]].concat(),
            words,
        )
        .await;
    }
}
