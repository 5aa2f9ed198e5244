//! What one process is told, the connections of all processes hear, as if they were one.

use std::slice;

use chat_fixtures::people::Person;
use chat_fixtures::stage::{Line, lines};
use serde_json::{Value, json};

use crate::deployment;

/// PROC-1 with WS-3, WS-4, WS-9: whoever speaks, wherever, every connection of the chat hears it once, and
/// hears what the history says on every process.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_connection_of_every_process_hears_every_message_once() {
    let fleet = deployment::of(3).await;
    let [alice, bob, carol] = fleet.people(["alice", "bob", "carol"]).await;
    let chat = alice.creates_chat_with(&[&bob, &carol]).await.unwrap();
    let lines = lines(&[&alice, &bob, &carol], 3, &chat).await;

    for (number, speaker) in lines.iter().enumerate() {
        let said = format!("I am line {number}");
        speaker.says(&said);
        for line in &lines {
            line.hears(&said).await;
        }
    }

    let history = alice.reads(&chat).await.unwrap();
    assert_eq!(history.len(), lines.len());
    for process in 0..3 {
        assert_eq!(bob.on_process(process).reads(&chat).await.unwrap(), history);
    }
    for line in &lines {
        assert_eq!(bodies(line), history);
    }
}

/// PROC-1 with WS-5, WS-6, WS-7: what is refused concerns its sender alone, and a frame speaks for nobody
/// else and into no other chat.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn refusals_and_foreign_fields_stay_where_they_are() {
    let fleet = deployment::of(2).await;
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    let other = alice.creates_chat_with(&[&bob]).await.unwrap();
    let speaker = Line::open(&alice, &chat).await;
    let listener = Line::open(&bob.on_process(1), &chat).await;
    let elsewhere = Line::open(&bob.on_process(1), &other).await;

    for frame in [
        "not JSON",
        "{}",
        r#"{"content": ""}"#,
        r#"{"content": null}"#,
    ] {
        speaker.sends(frame);
    }
    let foreign = json!({"content": "for whom?", "chat": other.id, "sender": bob.id, "type": "error", "id": 1});
    speaker.sends(&foreign.to_string());
    let heard = listener.hears("for whom?").await;

    assert_eq!(heard.body["sender"]["id"], alice.id);
    assert_eq!(heard.body["chat"], chat.id);
    assert_eq!(
        speaker.errors(4).await,
        ["Invalid JSON"]
            .into_iter()
            .chain(["Content cannot be empty"; 3])
            .collect::<Vec<_>>()
    );
    assert!(listener.record().errors.is_empty());
    // Nothing of it went into the other chat: the next message there is the first.
    Line::open(&alice, &other).await.says("only this");
    elsewhere.hears("only this").await;
    assert_eq!(elsewhere.heard(), ["only this"]);
    assert_eq!(alice.reads(&chat).await.unwrap(), [heard.body]);
}

/// PROC-1 with WS-8, WS-2: chats side by side on two processes share nothing, and nobody is let in
/// anywhere who is no participant.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn chats_side_by_side_share_nothing() {
    let fleet = deployment::of(2).await;
    let [alice, bob, eve] = fleet.people(["alice", "bob", "eve"]).await;
    let mut rooms = Vec::new();
    for _ in 0..4 {
        let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
        let lines = (
            Line::open(&alice, &chat).await,
            Line::open(&bob.on_process(1), &chat).await,
        );
        for process in 0..2 {
            let refused = eve.on_process(process).tries_to_connect(&chat).await;
            assert_eq!(refused.unwrap().status(), 403);
        }
        rooms.push((chat, lines));
    }

    for (chat, (here, there)) in &rooms {
        here.says_all((0..20).map(|number| format!("{} to and {number}", chat.id)));
        there.says_all((0..20).map(|number| format!("{} fro {number}", chat.id)));
    }

    for (chat, (here, there)) in &rooms {
        for line in [here, there] {
            line.hears_as_many_as(40).await;
            let mine = format!("{} ", chat.id);
            assert!(
                line.heard()
                    .iter()
                    .all(|content| content.starts_with(&mine))
            );
        }
    }
    for (chat, (here, there)) in &rooms {
        assert_eq!(here.heard(), there.heard(), "chat {}", chat.id);
        assert_eq!(here.heard().len(), 40, "chat {}", chat.id);
    }
}

/// PROC-2: accounts, sessions, chats and history are the same on every process, at the next request.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_one_process_did_every_process_knows() {
    let fleet = deployment::of(3).await;
    let registered = fleet.people.register("alice", "staff").await.unwrap();
    let alice = registered.on_process(1).login().await.unwrap();
    let [bob] = fleet.people(["bob"]).await;
    let chat = alice
        .on_process(2)
        .creates_chat_with(&[&bob])
        .await
        .unwrap();
    let posted = alice.posts(&chat, "by REST").await.unwrap();

    for process in 0..3 {
        let (alice, bob) = (alice.on_process(process), bob.on_process(process));
        assert_eq!(get(&alice, "/api/me/").await["username"], alice.username);
        let chats = get(&bob, "/api/chats/").await;
        assert_eq!(chats[0]["id"], chat.id);
        assert_eq!(chats[0]["messages"], json!([posted]));
        assert_eq!(bob.reads(&chat).await.unwrap(), *slice::from_ref(&posted));
    }

    let renamed = json!({"name": "another name"});
    let path = format!("/api/chats/{}/", chat.id);
    let ask = chat_fixtures::client::Ask::new("PATCH", &path).json(&renamed);
    assert_eq!(bob.on_process(1).client.ask(ask).await.unwrap().status, 200);
    assert_eq!(
        get(&alice.on_process(2), &path).await["name"],
        "another name"
    );
}

async fn get(person: &Person, path: &str) -> Value {
    person.client.get(path).await.unwrap().json().unwrap()
}

fn bodies(line: &Line) -> Vec<Value> {
    line.heard();
    let messages = line.record().messages.into_iter();
    messages.map(|message| message.body).collect()
}
