//! Who hears what, and in which order.

use chat_fixtures::socket::Socket;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::stage::{Stage, content, event, history};

/// WS-8: alice is in two chats and speaks in both by turns; each connection hears its own chat alone.
#[tokio::test]
async fn a_chat_is_heard_by_its_own_connections_only() {
    let stage = Stage::open().await;
    let (alice, bob, work) = stage.two_in_a_chat().await;
    let home = alice.creates_chat_with(&[&bob]).await.unwrap();
    let mut at_work = alice.connects(&work).await.unwrap();
    let mut at_home = alice.connects(&home).await.unwrap();
    let mut bob_at_work = bob.connects(&work).await.unwrap();
    let mut bob_at_home = bob.connects(&home).await.unwrap();

    for turn in 0..20 {
        // `says` fails if anything but its own message is heard first.
        let said = at_work.says(&format!("work {turn}")).await.unwrap();
        assert_eq!(bob_at_work.hears().await.unwrap(), said);
        assert_eq!(said["message"]["chat"], work.id);
        let said = at_home.says(&format!("home {turn}")).await.unwrap();
        assert_eq!(bob_at_home.hears().await.unwrap(), said);
        assert_eq!(said["message"]["chat"], home.id);
    }
}

/// WS-9, WS-3: every connection of a user hears every message once, whichever of them speaks.
#[tokio::test]
async fn one_user_holds_several_connections() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut connections = Vec::new();
    for person in [&alice, &alice, &alice, &bob, &bob] {
        connections.push(person.connects(&chat).await.unwrap());
    }
    for speaker in 0..connections.len() {
        let said = connections[speaker]
            .says(&format!("I am {speaker}"))
            .await
            .unwrap();
        for (listener, connection) in connections.iter_mut().enumerate() {
            if listener != speaker {
                assert_eq!(connection.hears().await.unwrap(), said);
            }
        }
    }
    let last = connections.pop().unwrap();
    last.socket.close().await;
    let said = connections[0].says("one less").await.unwrap();
    for connection in &mut connections[1..] {
        assert_eq!(connection.hears().await.unwrap(), said);
    }
}

/// WS-10, HIST-2: two speak at once as fast as they can; each one's messages keep their order, all
/// connections hear the same, and the history says it too.
#[tokio::test]
async fn messages_of_one_connection_keep_their_order() {
    const EACH: usize = 1000;
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut of_alice = alice.connects(&chat).await.unwrap().socket;
    let mut of_bob = bob.connects(&chat).await.unwrap().socket;
    let words = |who: &str| {
        let frames = (0..EACH).map(|n| json!({"content": format!("{who} {n}")}).to_string());
        frames.map(Message::text).collect::<Vec<_>>()
    };

    let (a, b) = tokio::join!(
        of_alice.send_all(words("alice")),
        of_bob.send_all(words("bob"))
    );
    a.unwrap();
    b.unwrap();

    let heard = all(&mut of_alice, 2 * EACH).await;
    assert_eq!(all(&mut of_bob, 2 * EACH).await, heard);
    for who in ["alice", "bob"] {
        let own = heard.iter().filter(|content| content.starts_with(who));
        assert!(
            own.eq((0..EACH)
                .map(|n| format!("{who} {n}"))
                .collect::<Vec<_>>()
                .iter())
        );
    }
    assert_eq!(history(&alice, &chat).await, heard);
}

async fn all(socket: &mut Socket, count: usize) -> Vec<String> {
    let mut heard = Vec::with_capacity(count);
    for _ in 0..count {
        let event: Value = event(socket).await;
        heard.push(content(&event).to_owned());
    }
    heard
}
