//! Connections that stop reading, and what the others notice of it: nothing.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::operator::Operator;
use crate::stage::{Stage, content, history};
use crate::wire::{CLOSE, TEXT, Wire, frame};

const MIB: u64 = 1024 * 1024;

/// WS-21: two connections stop reading while 48 MiB are said. The others hear all of it at once, the
/// server holds little of it, and whoever was too slow finds, when it reads again, an unbroken beginning
/// and the 1013 that sends it to the history.
#[tokio::test]
async fn a_stalled_reader_disturbs_nobody() {
    const SAID: usize = 192;
    let stage = Stage::with(&[&["--max-queue", "1MiB"][..], &Operator::ARGUMENTS].concat()).await;
    let operator = Operator::of(&stage).await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut speaker = alice.connects(&chat).await.unwrap();
    let mut listener = bob.connects(&chat).await.unwrap();
    let mut stalled = Vec::new();
    for person in [&alice, &bob] {
        stalled.push(Wire::narrow_to(&stage).await.enters(person, &chat).await);
    }
    speaker.says("warm").await.unwrap();
    listener.hears().await.unwrap();
    let before = stage.peak_memory();

    let padding = "x".repeat(256 * 1024);
    let mut longest = Duration::ZERO;
    for n in 0..SAID {
        let begun = Instant::now();
        let said = speaker.says(&format!("{n} {padding}")).await.unwrap();
        assert!(listener.hears().await.unwrap() == said);
        longest = longest.max(begun.elapsed());
    }
    assert!(
        longest < Duration::from_secs(4),
        "one message took {longest:?}"
    );
    let grown = stage.peak_memory() - before;
    assert!(grown < 24 * MIB, "{grown} bytes");
    assert_eq!(operator.counts_dropped("slow_reader").await, 2);

    for mut wire in stalled {
        let mut heard = 0;
        let code = loop {
            let (first, payload) = wire.reads_frame().await.unwrap();
            if first == CLOSE {
                break u16::from_be_bytes([payload[0], payload[1]]);
            }
            let event: Value = serde_json::from_slice(&payload).unwrap();
            let due = if heard == 0 {
                "warm"
            } else {
                &format!("{} ", heard - 1)
            };
            assert!(content(&event).starts_with(due), "{due} was due");
            heard += 1;
        };
        assert_eq!(code, 1013);
        assert!(heard < SAID, "it never stalled");
        assert!(
            wire.reads_frame().await.is_none(),
            "something behind the close"
        );
    }
    operator.comes_to_connections(2).await;
    assert_eq!(history(&bob, &chat).await.len(), SAID + 1);
}

/// WS-21: who speaks without reading the answers is not read either, and so fills no memory; once it
/// reads, every frame has got its answer.
#[tokio::test]
async fn who_does_not_read_is_not_read() {
    const FRAMES: usize = 400_000;
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut speaker = bob.connects(&chat).await.unwrap();
    let mut mute = Wire::narrow_to(&stage).await.enters(&alice, &chat).await;
    let before = stage.peak_memory();

    let writing = mute.writes_meanwhile(frame(TEXT, b"").repeat(FRAMES));
    for n in 0..100 {
        speaker.says(&n.to_string()).await.unwrap();
    }
    let grown = stage.peak_memory() - before;
    assert!(grown < 16 * MIB, "{grown} bytes");

    let (mut errors, mut messages) = (0, 0);
    while errors < FRAMES || messages < 100 {
        let (_, payload) = mute.reads_frame().await.unwrap();
        let event: Value = serde_json::from_slice(&payload).unwrap();
        match event["type"].as_str().unwrap() {
            "error" => errors += 1,
            _ => {
                assert_eq!(content(&event), messages.to_string());
                messages += 1;
            }
        }
    }
    writing.await.unwrap().unwrap();
    mute.writes(&frame(TEXT, br#"{"content":"done"}"#)).await;
    let (_, payload) = mute.reads_frame().await.unwrap();
    assert_eq!(content(&serde_json::from_slice(&payload).unwrap()), "done");
}
