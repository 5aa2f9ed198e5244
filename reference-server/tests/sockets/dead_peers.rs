//! Peers that are gone without a word.

use std::time::{Duration, Instant};

use chat_fixtures::socket::{Heard, Socket};
use tokio::sync::oneshot;

use crate::operator::Operator;
use crate::stage::{Stage, content};
use crate::wire::{PING, Wire};

/// WS-23: one peer acknowledges every packet and answers no ping, another does not even read. Both are
/// gone within a minute and their places free, while one that only answers pings stays.
#[tokio::test]
async fn a_peer_that_answers_no_ping_is_given_up_within_a_minute() {
    let stage = Stage::with(&Operator::ARGUMENTS).await;
    let operator = Operator::of(&stage).await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let begun = Instant::now();
    let mut silent = Wire::to(&stage).await.enters(&alice, &chat).await;
    let frozen = alice.connects(&chat).await.unwrap();
    let listener = bob.connects(&chat).await.unwrap().socket;
    operator.comes_to_connections(3).await;
    let (over, mut is_over) = oneshot::channel();
    let listening = tokio::spawn(async move { answers_pings(listener, &mut is_over).await });

    let (first, payload) = silent.reads_frame_within(MINUTE).await.unwrap();
    assert_eq!((first, payload.as_slice()), (PING, &b""[..]));
    assert!(
        silent.reads_frame_within(MINUTE).await.is_none(),
        "it was given up"
    );
    operator.comes_to_connections(1).await;
    assert!(begun.elapsed() < MINUTE, "{:?}", begun.elapsed());
    drop(frozen);

    over.send(()).unwrap();
    let mut listener = listening.await.unwrap();
    listener.send_text(r#"{"content":"alone"}"#).await.unwrap();
    assert_eq!(content(&crate::stage::event(&mut listener).await), "alone");
}

/// Reads, and so answers pings, until it is called.
async fn answers_pings(mut socket: Socket, is_over: &mut oneshot::Receiver<()>) -> Socket {
    loop {
        tokio::select! {
            heard = socket.next_within(MINUTE) => {
                assert_eq!(heard, Heard::Nothing);
            }
            _ = &mut *is_over => return socket,
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);
