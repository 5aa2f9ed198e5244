//! A start that cannot be says why in one sentence, and leaves everything as it was: ports, Redis, secrets, settings.

use std::fs;
use std::net::TcpListener;

use chat_fixtures::launch::{Redis, free_port};
use chat_reference_server::config::Config;
use clap::CommandFactory;

use crate::refusal::{refuses, says_one_sentence};
use crate::run::Folder;

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

/// PROC-6 is for a Redis that goes away; one that is not there at the start is a mistake to be told of.
#[tokio::test]
async fn a_redis_that_is_not_there() {
    let folder = Folder::new();
    let database = ["--database", "chat.sqlite3"];
    let refuses = async |url: &str, words: &[&str]| {
        let ended = refuses(&folder, &[&database[..], &["--redis", url]].concat(), words).await;
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    };
    for (url, words) in [
        ("nonsense", "begin with redis://"),
        ("http://:hunter2@127.0.0.1:6379", "begin with redis://"),
        ("rediss://:hunter2@127.0.0.1:6379", "TLS to Redis is not"),
        ("redis://", "names no host"),
        ("redis://:hunter2@host:port/", "port cannot be read"),
        ("redis://:hunter2@host/first", "database number"),
        ("", "begin with redis://"),
    ] {
        refuses(url, &["--redis", words, "it is written redis://"]).await;
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
        (
            &["--allowed-host", "https://chat.example"],
            &["--allowed-host", "no scheme"],
        ),
        (
            &["--allowed-host", "chat.example/page"],
            &["--allowed-host", "no path"],
        ),
        (
            &["--allowed-host", "chat.example:8000"],
            &["--allowed-host", "port"],
        ),
        (
            &["--allowed-host", "*.chat.example"],
            &["--allowed-host", ".chat.example"],
        ),
        (&["--allowed-host", "::1"], &["--allowed-host", "[::1]"]),
        (
            &["--allowed-host", "chat.example, other.example"],
            &["--allowed-host", "dots and dashes"],
        ),
        (&["--allowed-host", "chat.example,"], &["it is empty"]),
        (
            &["--port", "8000", "--admin", "0.0.0.0:8000"],
            &["--admin", "0.0.0.0:8000", "another port"],
        ),
        (&["--log", "loud=very=much"], &["--log", "info"]),
        (&["--log", "verbose"], &["--log", "verbose", "debug"]),
        (&["--log", "info,verbose"], &["--log", "MODULE=LEVEL"]),
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

/// A switch of the environment that is neither on nor off is nothing to guess at.
#[tokio::test]
async fn a_switch_that_is_neither() {
    let folder = Folder::new();
    let config = Config::command();
    let switches: Vec<&str> = config
        .get_arguments()
        .filter(|argument| !argument.get_action().takes_values())
        .filter_map(|argument| argument.get_env()?.to_str())
        .collect();
    assert!(switches.len() >= 5, "{switches:?}");
    for switch in switches {
        for word in ["true", "0", "No", "ON", ""] {
            let ended = folder.run(&["--check"], &[(switch, word)]).await;
            assert_eq!(ended.code, Some(0), "{switch}={word}: {}", ended.stderr);
        }
        let ended = folder.run(&["--check"], &[(switch, "maybe")]).await;
        assert_eq!(ended.code, Some(2), "{switch}: {ended:?}");
        says_one_sentence(&ended, &["maybe", "true or false"]);
    }
}
