//! The hardened clauses of the REST half by name, and the parity clauses that no recorded answer shows.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use chat_fixtures::answer::Answer;
use chat_fixtures::client::Ask;
use chat_fixtures::launch::{Program, Server};
use chat_fixtures::people::People;
use serde_json::{Value, json};

/// REG-7: a username that is taken only after NFKC is taken.
#[tokio::test]
async fn a_name_in_other_letters_is_the_same_name() {
    let (_server, people) = deployment(1000).await;
    let alice = people.person("alice").await.unwrap();
    let wide: String = alice.username.chars().map(full_width).collect();
    assert_ne!(wide, alice.username);
    let body = json!({"username": wide, "password": "x", "password_confirm": "x"});
    let answer = people
        .stranger()
        .post("/api/register/", &body)
        .await
        .unwrap();
    let words = json!({"username": ["A user with that username already exists."]});
    assert_eq!(said(&answer), (400, words));
}

/// AUTH-10: login with any JSON gets an answer, and never another than any wrong pair gets.
#[tokio::test]
async fn login_takes_any_json() {
    let (_server, people) = deployment(1000).await;
    let alice = people.person("alice").await.unwrap();
    let dictionary = |kind: &str| {
        let words = format!("Invalid data. Expected a dictionary, but got {kind}.");
        (400, json!({"non_field_errors": [words]}))
    };
    let invalid = || (401, json!({"error": "Invalid credentials"}));
    let name = &alice.username;
    let cases = [
        ("[]".to_owned(), dictionary("list")),
        ("\"x\"".to_owned(), dictionary("str")),
        ("5".to_owned(), dictionary("int")),
        ("5.5".to_owned(), dictionary("float")),
        ("true".to_owned(), dictionary("bool")),
        (
            "null".to_owned(),
            (400, json!({"non_field_errors": ["No data provided"]})),
        ),
        (
            json!({"username": name, "password": 5}).to_string(),
            invalid(),
        ),
        (
            json!({"username": 5, "password": "x"}).to_string(),
            invalid(),
        ),
        (
            json!({"username": [name], "password": {"a": true}}).to_string(),
            invalid(),
        ),
        (
            r#"{"username": "\ud800", "password": "x"}"#.to_owned(),
            invalid(),
        ),
        (
            format!(r#"{{"username": "{name}", "password": "\udfff"}}"#),
            invalid(),
        ),
    ];
    for (body, due) in cases {
        let ask = Ask::new("POST", "/api/login/").body("application/json", body.clone());
        let answer = people.stranger().ask(ask).await.unwrap();
        assert_eq!(said(&answer), due, "{body}");
    }
}

/// AUTH-2p: the time of a refusal does not tell an unknown user from a wrong password.
#[tokio::test]
async fn refusals_take_equally_long() {
    let (_server, people) = deployment(20_000).await;
    let alice = people.person("alice").await.unwrap();
    let stranger = people.stranger();
    let refused = async |username: &str| -> Duration {
        let body = json!({"username": username, "password": "wrong"});
        let answer = stranger.post("/api/login/", &body).await.unwrap();
        assert_eq!(answer.status, 401);
        answer.elapsed
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    // In turn, so that whatever else the machine does falls on both alike.
    for _ in 0..31 {
        known.push(refused(&alice.username).await);
        unknown.push(refused("nobody").await);
    }
    let (known, unknown) = (median(known), median(unknown));
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    assert!(
        (0.5..=2.0).contains(&ratio),
        "known {known:?}, unknown {unknown:?}"
    );
}

/// CHAT-8: an unknown participant is named, and no chat is made.
#[tokio::test]
async fn nobody_unknown_takes_part() {
    let (_server, people) = deployment(1000).await;
    let alice = people.person("alice").await.unwrap();
    let bob = people.person("bob").await.unwrap();
    let long = "9".repeat(30);
    for (ids, first) in [
        (json!([bob.id, 99_999_999, 88_888_888]), "99999999"),
        (json!([0]), "0"),
        (json!([-1]), "-1"),
        (json!([long]), long.as_str()),
    ] {
        let body = json!({"name": "ghost", "participant_ids": ids});
        let answer = alice.client.post("/api/chats/", &body).await.unwrap();
        let words = format!("Invalid pk \"{first}\" - object does not exist.");
        assert_eq!(said(&answer), (400, json!({"participant_ids": [words]})));
    }
    let chats = alice.client.get("/api/chats/").await.unwrap();
    assert_eq!(said(&chats), (200, json!([])));
}

/// CHAT-2p: chats and participants are listed by id, whoever was named first.
#[tokio::test]
async fn lists_are_by_id() {
    let (_server, people) = deployment(1000).await;
    let alice = people.person("alice").await.unwrap();
    let bob = people.person("bob").await.unwrap();
    let carol = people.person("carol").await.unwrap();
    let first = carol.creates_chat_with(&[&bob, &alice]).await.unwrap();
    let second = alice.creates_chat_with(&[&carol, &bob]).await.unwrap();
    let (_, chats) = said(&bob.client.get("/api/chats/").await.unwrap());
    assert_eq!(ids(&chats), [first.id, second.id]);
    for chat in chats.as_array().unwrap() {
        assert_eq!(ids(&chat["participants"]), [alice.id, bob.id, carol.id]);
    }
}

/// One process on a new database, both gone with it.
struct Deployment {
    _server: Server,
    _folder: tempfile::TempDir,
}

async fn deployment(iterations: u32) -> (Deployment, People) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("chat.sqlite3");
    let server = Program::new(env!("CARGO_BIN_EXE_chat-reference-server"))
        .args([
            "-p",
            "0",
            "--log",
            "warn",
            "--database",
            &database.to_string_lossy(),
        ])
        .args(["--password-iterations", &iterations.to_string()])
        .start()
        .await
        .unwrap();
    let people = People::new(&[server.url()]).unwrap();
    (
        Deployment {
            _server: server,
            _folder: folder,
        },
        people,
    )
}

fn said(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json().unwrap())
}

fn ids(list: &Value) -> Vec<u64> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_u64().unwrap())
        .collect()
}

/// ASCII letters in their full-width forms, which NFKC folds back.
fn full_width(c: char) -> char {
    match c {
        'a'..='z' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
        other => other,
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
