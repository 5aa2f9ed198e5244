//! From the handshake to the first frame: nothing is missed, nothing is chosen that was only offered.

use std::cell::Cell;

use chat_fixtures::client::Ask;
use chat_fixtures::people::Connection;
use chat_fixtures::socket::Offer;
use futures_util::{StreamExt, stream};

use crate::stage::{Stage, content};
use crate::wire::{TEXT, Wire, frame, handshake};

/// WS-1: alice counts aloud without a pause while one connection after the other is opened. Whatever she
/// begins to say after somebody's 101, that connection hears, and everything from there on.
#[tokio::test]
async fn nothing_is_missed_between_101_and_the_first_read() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut speaker = alice.connects(&chat).await.unwrap();
    let (begun, all_in) = (Cell::new(0_u64), Cell::new(false));

    let speaking = async {
        while !all_in.get() {
            begun.set(begun.get() + 1);
            speaker.says(&begun.get().to_string()).await.unwrap();
        }
        speaker.says("the end").await.unwrap();
    };
    let joining = async {
        let connecting = stream::iter(0..60).map(async |_| {
            let connection = bob.connects(&chat).await.unwrap();
            (begun.get() + 1, connection)
        });
        let joined: Vec<(u64, Connection)> = connecting.buffer_unordered(6).collect().await;
        all_in.set(true);
        joined
    };
    let ((), joined) = tokio::join!(speaking, joining);

    for (due, mut connection) in joined {
        let mut heard = Vec::new();
        loop {
            let event = connection.hears().await.unwrap();
            if content(&event) == "the end" {
                break;
            }
            heard.push(content(&event).parse::<u64>().unwrap());
        }
        let first = heard.first().copied().unwrap_or(due);
        assert!(first <= due, "{first} was the first heard, {due} was due");
        assert!(heard.iter().copied().eq(first..=begun.get()), "{heard:?}");
    }
}

/// WS-1: who speaks before having read the 101 is heard too.
#[tokio::test]
async fn a_frame_in_the_same_packet_as_the_handshake_counts() {
    let stage = Stage::open().await;
    let (alice, _, chat) = stage.two_in_a_chat().await;
    let mut bytes = handshake(&alice, &chat).into_bytes();
    bytes.extend(frame(TEXT, br#"{"content":"hurry"}"#));

    let mut wire = Wire::to(&stage).await;
    wire.writes(&bytes).await;

    let reply = wire.reads_reply().await;
    assert_eq!(reply.status(), 101);
    // The example of RFC 6455 §1.3.
    let accept = reply.header("sec-websocket-accept");
    assert_eq!(accept, Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    let (first, payload) = wire.reads_frame().await.unwrap();
    let event = serde_json::from_slice(&payload).unwrap();
    assert_eq!((first, content(&event)), (TEXT, "hurry"));
}

/// WS-12: subprotocols are not chosen, queries are ignored.
#[tokio::test]
async fn offers_and_queries_change_nothing() {
    let stage = Stage::open().await;
    let (alice, _, chat) = stage.two_in_a_chat().await;
    let mut listener = alice.connects(&chat).await.unwrap();
    let offer = Offer {
        subprotocols: vec!["chat".to_owned(), "v2.chat".to_owned()],
        ..Offer::default()
    };
    for query in ["", "?token=x&token=%FF", "?"] {
        let path = format!("/ws/chat/{}/{query}", chat.id);
        let handshake = alice.client.connect(&path, &offer).await.unwrap();
        let mut socket = handshake.opened().unwrap();
        assert_eq!(socket.subprotocol, None);
        socket.send_text(r#"{"content":"here"}"#).await.unwrap();
        assert_eq!(content(&listener.hears().await.unwrap()), "here");
    }
}

/// RFC 6455 §4.2: another version gets 426 and the one we speak, a key that is none 400, in both cases
/// before anybody is asked who they are. HTTP-2: without an upgrade there is nothing at this path.
#[tokio::test]
async fn a_handshake_that_is_none_is_refused() {
    const KEY: Option<&str> = Some("dGhlIHNhbXBsZSBub25jZQ==");
    let stage = Stage::open().await;
    let (alice, _, chat) = stage.two_in_a_chat().await;
    let ask = |upgrade: bool, version: Option<&str>, key: Option<&str>| {
        let mut ask = Ask::new("GET", &format!("/ws/chat/{}/", chat.id));
        if upgrade {
            ask = ask.header("Connection", "Upgrade");
            ask = ask.header("Upgrade", "websocket");
        }
        if let Some(version) = version {
            ask = ask.header("Sec-WebSocket-Version", version);
        }
        if let Some(key) = key {
            ask = ask.header("Sec-WebSocket-Key", key);
        }
        ask
    };
    for (ask, status) in [
        (ask(true, None, KEY), 426),
        (ask(true, Some("8"), KEY), 426),
        (ask(true, Some("13, 8"), KEY), 426),
        (ask(true, Some("13"), None), 400),
        (ask(true, Some("13"), Some("")), 400),
        (ask(true, Some("13"), Some("c2hvcnQ=")), 400),
        (ask(true, Some("13"), Some("dGhlIHNhbXBsZSBub25jZ!==")), 400),
        (ask(false, Some("13"), KEY), 404),
    ] {
        let answer = alice.client.ask(ask.clone()).await.unwrap();
        assert_eq!(answer.status, status, "{ask:?}");
        let speaks = answer.header("sec-websocket-version");
        assert_eq!(speaks, (status == 426).then_some("13"), "{ask:?}");
    }
}
