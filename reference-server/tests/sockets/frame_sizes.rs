//! How long a message may be, in one frame or in many.

use std::iter;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::sized::{MIB, content_of, json_of};
use crate::stage::{Stage, close_code, content, event, history};
use crate::wire::{TEXT, frame};

/// WS-19: a message of 8 MiB passes, in one frame and in fragments.
#[tokio::test]
async fn eight_mebibytes_pass() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut speaker = alice.connects(&chat).await.unwrap().socket;
    let mut listener = bob.connects(&chat).await.unwrap().socket;
    let text = json_of(8 * MIB);
    let due = content_of(&text);

    speaker.send_text(text.as_str()).await.unwrap();
    assert!(content(&event(&mut speaker).await) == due);
    speaker.send_all(fragments(&text, MIB)).await.unwrap();
    assert!(content(&event(&mut speaker).await) == due);

    for _ in 0..2 {
        assert!(content(&event(&mut listener).await) == due);
    }
    assert!(history(&bob, &chat).await == [due, due]);
}

/// WS-19: one over 32 MiB closes with 1009, which its sender gets to see, in one frame and in fragments;
/// nothing of it is stored, the others notice nothing, and the server never holds what it refuses.
#[tokio::test]
async fn more_than_thirty_two_mebibytes_close_with_1009() {
    let stage = Stage::with(&["--max-frame", "8MiB"]).await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut listener = bob.connects(&chat).await.unwrap();
    let text = json_of(32 * MIB + 1);
    let before = stage.peak_memory();

    for _ in 0..3 {
        let mut socket = alice.connects(&chat).await.unwrap().socket;
        socket.send_text(text.as_str()).await.unwrap();
        assert_eq!(close_code(&mut socket).await, 1009, "in one frame");

        for size in [MIB, 4 * MIB] {
            let mut socket = alice.connects(&chat).await.unwrap().socket;
            socket.send_all(fragments(&text, size)).await.unwrap();
            assert_eq!(
                close_code(&mut socket).await,
                1009,
                "in fragments of {size}"
            );
        }
    }
    let grown = stage.peak_memory() - before;
    assert!(grown < 32 * MIB as u64, "{grown} bytes");

    listener.says("anything?").await.unwrap();
    assert_eq!(history(&bob, &chat).await, ["anything?"]);
}

/// WS-19: the length that a frame announces is enough; nobody waits for the rest. The limit is exact.
#[tokio::test]
async fn a_length_is_judged_when_it_is_announced() {
    let stage = Stage::with(&["--max-frame", "9MiB"]).await;
    let (alice, _, chat) = stage.two_in_a_chat().await;
    for length in [
        9 * MIB as u64 + 1,
        32 * MIB as u64 + 1,
        1 << 40,
        (1 << 63) - 1,
    ] {
        let mut socket = alice.connects(&chat).await.unwrap().socket;
        let announced = [&[TEXT, 0xff][..], &length.to_be_bytes(), &[0; 4]].concat();
        socket.write_raw(&announced).await.unwrap();
        assert_eq!(close_code(&mut socket).await, 1009, "{length}");
    }
    let mut socket = alice.connects(&chat).await.unwrap().socket;
    let text = json_of(9 * MIB);
    socket
        .write_raw(&frame(TEXT, text.as_bytes()))
        .await
        .unwrap();
    assert!(content(&event(&mut socket).await) == content_of(&text));
}

fn fragments(text: &str, size: usize) -> Vec<Message> {
    let chunks: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
    let last = chunks.len() - 1;
    let opcodes = iter::once(Data::Text).chain(iter::repeat(Data::Continue));
    let frames = chunks.into_iter().zip(opcodes).enumerate();
    frames
        .map(|(n, (chunk, opcode))| {
            let payload = Bytes::copy_from_slice(chunk);
            Message::Frame(Frame::message(payload, OpCode::Data(opcode), n == last))
        })
        .collect()
}
