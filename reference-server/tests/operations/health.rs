//! The operator's listener: alive, ready, and apart from the contract's port.

use std::time::Duration;

use chat_fixtures::client::Client;
use chat_fixtures::launch::Redis;
use chat_fixtures::people::People;

use crate::run::{Folder, comes};

/// PROC-6: not ready while Redis hangs or is gone, ready again when it is back; alive throughout.
#[tokio::test]
async fn readiness_follows_redis() {
    let (folder, mut redis) = (Folder::new(), Redis::start().await.unwrap());
    let running = folder.starts(&["--redis", &redis.url()]).await;
    let admin = running.admin().await;
    assert_eq!(answers(&admin, "/readyz").await, 200);

    redis.pause().unwrap();
    becomes(&admin, 503).await;
    assert_eq!(answers(&admin, "/healthz").await, 200);
    redis.resume().unwrap();
    becomes(&admin, 200).await;

    redis.kill().await.unwrap();
    becomes(&admin, 503).await;
    assert_eq!(answers(&admin, "/healthz").await, 200);
    redis.restart().await.unwrap();
    becomes(&admin, 200).await;
}

/// HTTP-5: not ready when the store fails, and what needs it says so; alive still.
#[tokio::test]
async fn readiness_follows_the_store() {
    let folder = Folder::new();
    let running = folder.starts(&[]).await;
    let admin = running.admin().await;
    let people = People::new(&[running.url()]).unwrap();
    let alice = people.person("alice").await.unwrap();
    assert_eq!(answers(&admin, "/readyz").await, 200);

    let database = rusqlite::Connection::open(folder.path("chat.sqlite3")).unwrap();
    database
        .execute_batch("ALTER TABLE django_session RENAME TO elsewhere")
        .unwrap();
    assert_eq!(answers(&admin, "/readyz").await, 503);
    assert_eq!(answers(&admin, "/healthz").await, 200);
    assert_eq!(answers(&alice.client, "/api/me/").await, 503);

    database
        .execute_batch("ALTER TABLE elsewhere RENAME TO django_session")
        .unwrap();
    assert_eq!(answers(&admin, "/readyz").await, 200);
    assert_eq!(answers(&alice.client, "/api/me/").await, 200);
}

/// HTTP-5: while somebody else holds the database's write lock, what is written waits; reading, health and other
/// people's requests do not.
#[tokio::test]
async fn a_locked_database_delays_only_what_is_written() {
    let folder = Folder::new();
    let running = folder.starts(&[]).await;
    let admin = running.admin().await;
    let people = People::new(&[running.url()]).unwrap();
    let alice = people.person("alice").await.unwrap();
    let chat = alice.creates_chat_with(&[]).await.unwrap();
    let mut connection = alice.connects(&chat).await.unwrap();

    let database = rusqlite::Connection::open(folder.path("chat.sqlite3")).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let frame = serde_json::json!({"content": "wait for it"}).to_string();
    connection.socket.send_text(frame).await.unwrap();
    for (client, path) in [
        (&alice.client, "/api/me/"),
        (&alice.client, "/api/chats/"),
        (&admin, "/readyz"),
    ] {
        let answer = client.get(path).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer.elapsed < Duration::from_secs(1),
            "{path}: {:?}",
            answer.elapsed
        );
    }
    assert_eq!(alice.reads(&chat).await.unwrap().len(), 0);
    database.execute_batch("ROLLBACK").unwrap();

    let heard = connection.hears().await.unwrap();
    assert_eq!(
        alice.reads(&chat).await.unwrap(),
        [heard["message"].clone()]
    );
}

/// HTTP-2: the operator's paths are unknown to the contract's port, and the contract's to the operator's.
#[tokio::test]
async fn operator_and_contract_are_apart() {
    let folder = Folder::new();
    let running = folder.starts(&[]).await;
    let admin = running.admin().await;
    let public = Client::new(running.url()).unwrap();
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(answers(&admin, path).await, 200, "{path}");
        for path in [path.to_owned(), format!("{path}/"), format!("/{path}")] {
            assert_eq!(answers(&public, &path).await, 404, "{path}");
        }
    }
    for path in ["/api/me/", "/api/", "/ws/chat/1/", "/websocket_test.html"] {
        assert_eq!(answers(&admin, path).await, 404, "{path}");
    }
    let other = folder.starts(&[]).await;
    assert_ne!(other.admin().await.base(), admin.base());
}

async fn answers(client: &Client, path: &str) -> u16 {
    let ask = chat_fixtures::client::Ask::new("GET", path).within(Duration::from_secs(5));
    client.ask(ask).await.unwrap().status
}

async fn becomes(admin: &Client, status: u16) {
    comes(&format!("/readyz {status}"), async || {
        (answers(admin, "/readyz").await == status).then_some(())
    })
    .await;
}
