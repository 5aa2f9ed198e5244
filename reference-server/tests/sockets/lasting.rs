//! What must be done to its end, or given back, whoever has gone meanwhile.

use std::time::Duration;

use chat_fixtures::client::Ask;
use rusqlite::params;

use crate::stage::{Stage, close_code, history, row};

/// AUTH-9: alice's logout is under way when her browser hangs up. Her connections are closed all the same.
#[tokio::test]
async fn a_logout_whose_asker_has_gone_is_told() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut alices = alice.connects(&chat).await.unwrap();
    let mut bobs = bob.connects(&chat).await.unwrap();
    let writing = stage.somebody_else();
    writing.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ask = Ask::new("POST", "/api/logout/").within(Duration::from_millis(300));
    assert!(
        alice.client.ask(ask).await.is_err(),
        "nobody is answered while somebody else writes"
    );
    writing.execute_batch("ROLLBACK").unwrap();
    assert_eq!(close_code(&mut alices.socket).await, 4401);
    bobs.says("is she gone?").await.unwrap();
    assert_eq!(history(&bob, &chat).await, ["is she gone?"]);
}

/// HTTP-5: a chat whose row somebody deleted without its participants fails for those who write to it, and
/// for nobody else.
#[tokio::test]
async fn a_dangling_chat_harms_nobody_else() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let broken = alice.creates_chat_with(&[&bob]).await.unwrap();
    let somebody = stage.somebody_else();
    somebody.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let deleted = somebody.execute(
        "DELETE FROM chat_chat WHERE id = ?1",
        params![row(broken.id)],
    );
    assert_eq!(deleted, Ok(1));
    let path = format!("/api/chats/{}/send_message/", broken.id);
    let answer = alice
        .client
        .post(&path, &serde_json::json!({"content": "into nothing"}))
        .await
        .unwrap();
    assert_eq!(answer.status, 404);
    alice.posts(&chat, "still here").await.unwrap();
    assert_eq!(history(&bob, &chat).await, ["still here"]);
}
