//! The log: whatever its level, nobody's secrets and nobody's words.

use chat_fixtures::client::Ask;
use chat_fixtures::launch::{Postgres, Redis};
use chat_fixtures::people::People;
use serde_json::{Value, json};

use crate::run::{Folder, Running};

const WORDS: &str = "the-words-of-a-message";
const SECRET_KEY: &str = "the-key-that-signs-the-sessions";

/// AUTH-6, AUTH-7, CSRF-2, REG-4: at every level, with Redis and without, no session key, password, CSRF token,
/// secret key or message text is logged.
#[tokio::test]
async fn no_secrets_and_no_words_are_logged() {
    let redis = Redis::start().await.unwrap();
    for args in [
        &["--log", "trace"][..],
        &["--log", "debug", "--redis", &redis.url()],
        &["--log", "trace", "--redis", &redis.url(), "--log-json"],
        &[
            "--log",
            "trace",
            "--redis",
            &redis.url(),
            "--redis-layer",
            "pubsub",
            "--redis-key",
            SECRET_KEY,
        ],
    ] {
        let folder = Folder::new();
        let all = [args, &["--secret-key", SECRET_KEY]].concat();
        keeps_secrets(folder.starts(&all).await).await;
    }
}

/// The same in a Postgres, whose library writes down the parameters of each statement where it is asked to.
#[tokio::test]
async fn no_secrets_and_no_words_are_logged_with_postgres() {
    let postgres = Postgres::shared().await.unwrap();
    for level in ["trace", "info,tokio_postgres::query=trace"] {
        let folder = Folder::new();
        let database = postgres.database().await.unwrap();
        let args = ["--log", level, "--secret-key", SECRET_KEY];
        keeps_secrets(folder.starts_on(&database, &args).await).await;
    }
}

async fn keeps_secrets(mut running: Running) {
    let secrets = a_busy_day(&running).await;
    running.ends().await;
    let log = running.log();
    assert!(log.contains("shutting down"), "{log}");
    for secret in secrets {
        if let Some(at) = log.find(&secret) {
            let line = log[..at].rfind('\n').map_or(0, |end| end + 1);
            panic!("{secret} is in the log: {}", &log[line..at + secret.len()]);
        }
    }
}

/// With `--log-json` every line is an object with a time, a level and what happened.
#[tokio::test]
async fn json_lines_are_json() {
    let folder = Folder::new();
    let mut running = folder.starts(&["--log-json", "--log", "debug"]).await;
    a_busy_day(&running).await;
    running.ends().await;
    let log = running.log();
    assert!(log.lines().count() >= 2, "{log}");
    for line in log.lines() {
        let entry: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for field in ["timestamp", "level", "target"] {
            assert!(entry[field].is_string(), "{field}: {line}");
        }
        assert!(entry["fields"]["message"].is_string(), "{line}");
    }
}

/// Does a bit of everything, well and badly; gives what nobody may read in the log.
async fn a_busy_day(running: &Running) -> Vec<String> {
    let people = People::new(&[running.url()]).unwrap();
    let alice = people.person("alice").await.unwrap();
    let bob = people.person("bob").await.unwrap();
    let mut secrets = vec![
        WORDS.to_owned(),
        SECRET_KEY.to_owned(),
        alice.password.clone(),
    ];
    for client in [&alice.client, &bob.client] {
        secrets.extend([client.session().unwrap(), client.csrf_token().unwrap()]);
    }
    let stranger = people.stranger();
    let wrong = json!({"username": alice.username, "password": "a-wrong-password"});
    assert_eq!(
        stranger.post("/api/login/", &wrong).await.unwrap().status,
        401
    );
    secrets.push("a-wrong-password".to_owned());

    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    alice.posts(&chat, WORDS).await.unwrap();
    let path = format!("/api/chats/{}/send_message/", chat.id);
    for body in [
        format!("{{\"content\": \"{WORDS}"),
        format!("[\"{WORDS}\"]"),
    ] {
        let ask = Ask::new("POST", &path).body("application/json", body);
        assert_eq!(alice.client.ask(ask).await.unwrap().status, 400);
    }
    let ask = Ask::new("POST", &path)
        .json(&json!({"content": WORDS}))
        .header("X-CSRFToken", "not-a-token");
    assert_eq!(alice.client.ask(ask).await.unwrap().status, 403);

    let mut connection = alice.connects(&chat).await.unwrap();
    let mut listener = bob.connects(&chat).await.unwrap();
    connection.says(WORDS).await.unwrap();
    listener.hears().await.unwrap();
    for frame in [
        WORDS.to_owned(),
        format!("[\"{WORDS}\"]"),
        json!({"content": {WORDS: 1}}).to_string(),
        json!({"content": format!("{WORDS}\0")}).to_string(),
    ] {
        connection.socket.send_text(frame).await.unwrap();
        assert_eq!(connection.hears().await.unwrap()["type"], "error");
    }
    let unknown =
        Ask::new("GET", "/api/me/").header("Cookie", "sessionid=abcdefghijklmnopqrstuvwxyz012345");
    assert_eq!(stranger.ask(unknown).await.unwrap().status, 403);
    secrets.push("abcdefghijklmnopqrstuvwxyz012345".to_owned());
    alice.logout().await.unwrap();
    secrets
}
