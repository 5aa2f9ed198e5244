//! Pings, fragments and goodbyes.

use bytes::Bytes;
use chat_fixtures::socket::Heard;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::stage::{PATIENCE, Stage, content, event};
use crate::wire::{PING, TEXT, frame};

/// WS-12: a ping gets its payload back, in its turn, also in the middle of a fragmented message.
#[tokio::test]
async fn a_ping_gets_a_pong() {
    let stage = Stage::open().await;
    let (alice, _, chat) = stage.two_in_a_chat().await;
    let mut socket = alice.connects(&chat).await.unwrap().socket;
    for payload in [&b""[..], b"are you there?", &[0xff; 125]] {
        let payload = Bytes::copy_from_slice(payload);
        socket.send(Message::Ping(payload.clone())).await.unwrap();
        assert_eq!(socket.next_within(PATIENCE).await, Heard::Pong(payload));
    }

    // The message is cut within the four bytes of its rocket.
    let text = r#"{"content":"🚀"}"#.as_bytes();
    let fragments = [
        frame(0x01, &text[..13]),
        frame(PING, b"one"),
        frame(0x00, &text[13..14]),
        frame(0x00, b""),
        frame(PING, b"two"),
        frame(0x80, &text[14..]),
    ];
    socket.write_raw(&fragments.concat()).await.unwrap();
    for payload in ["one", "two"] {
        assert_eq!(
            socket.next_within(PATIENCE).await,
            Heard::Pong(payload.into())
        );
    }
    assert_eq!(content(&event(&mut socket).await), "🚀");
}

/// WS-12: a close is answered with its own code, after what was said before it has been heard.
#[tokio::test]
async fn a_close_is_answered() {
    let stage = Stage::open().await;
    let (alice, _, chat) = stage.two_in_a_chat().await;
    for code in [1000_u16, 1001, 1011, 3000, 4000, 4999] {
        let mut socket = alice.connects(&chat).await.unwrap().socket;
        let goodbye = CloseFrame {
            code: code.into(),
            reason: "bye".into(),
        };
        socket.send(Message::Close(Some(goodbye))).await.unwrap();
        match socket.next_within(PATIENCE).await {
            Heard::Closed(answered, _) => assert_eq!(answered, code),
            other => panic!("{code} was answered with {other}"),
        }
    }
    let mut socket = alice.connects(&chat).await.unwrap().socket;
    socket.send(Message::Close(None)).await.unwrap();
    let bare = Heard::Closed(1005, String::new());
    assert_eq!(socket.next_within(PATIENCE).await, bare, "without a code");
}

/// WS-12, WS-4: what was said just before the goodbye is stored and heard; what comes behind it is not.
#[tokio::test]
async fn the_last_words_count_and_nothing_after_the_goodbye() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut listener = bob.connects(&chat).await.unwrap();
    let mut socket = alice.connects(&chat).await.unwrap().socket;
    let farewell = [
        frame(TEXT, br#"{"content":"last words"}"#),
        frame(0x88, &1000_u16.to_be_bytes()),
        frame(TEXT, br#"{"content":"a ghost"}"#),
    ];

    socket.write_raw(&farewell.concat()).await.unwrap();

    assert_eq!(content(&listener.hears().await.unwrap()), "last words");
    listener.says("she left").await.unwrap();
    let history = crate::stage::history(&bob, &chat).await;
    assert_eq!(history, ["last words", "she left"]);
}
