//! Frames that no client may send: the connection is closed for it, and nobody else notices.

use crate::stage::{Stage, close_code, history};
use crate::wire::{CLOSE, TEXT, frame};

const BINARY: u8 = 0x82;
const CONTINUATION: u8 = 0x80;
const WORDS: &[u8] = br#"{"content":"x"}"#;

/// RFC 6455 §5, §7.4, §8.1 and WS-17: each breach has its code.
#[tokio::test]
async fn a_breach_of_the_protocol_has_its_code() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut listener = bob.connects(&chat).await.unwrap();
    let close = |code: u16, reason: &[u8]| frame(CLOSE, &[&code.to_be_bytes(), reason].concat());
    let unmasked = [&[TEXT, u8::try_from(WORDS.len()).unwrap()], WORDS].concat();
    for (breach, bytes, code) in [
        ("an unmasked frame", unmasked, 1002),
        ("the first reserved bit", frame(0xc1, WORDS), 1002),
        ("the second reserved bit", frame(0xa1, WORDS), 1002),
        ("the third reserved bit", frame(0x91, WORDS), 1002),
        ("a reserved opcode", frame(0x83, WORDS), 1002),
        ("a reserved control opcode", frame(0x8b, b""), 1002),
        ("a fragmented ping", frame(0x09, b""), 1002),
        ("a long ping", frame(0x89, &[0; 126]), 1002),
        (
            "a continuation of nothing",
            frame(CONTINUATION, WORDS),
            1002,
        ),
        (
            "a message within another",
            [frame(0x01, WORDS), frame(TEXT, WORDS)].concat(),
            1002,
        ),
        ("half a close code", frame(CLOSE, &[3]), 1002),
        ("close code 999", close(999, b""), 1002),
        ("close code 1005", close(1005, b""), 1002),
        ("close code 1006", close(1006, b""), 1002),
        ("close code 1015", close(1015, b""), 1002),
        ("close code 5000", close(5000, b""), 1002),
        (
            "a close reason that is not UTF-8",
            close(1000, b"\xff"),
            1007,
        ),
        (
            "a byte that is never UTF-8",
            frame(TEXT, b"{\"content\":\"\xff\"}"),
            1007,
        ),
        (
            "a surrogate in UTF-8",
            frame(TEXT, b"{\"content\":\"\xed\xa0\x80\"}"),
            1007,
        ),
        (
            "an overlong slash",
            frame(TEXT, b"{\"content\":\"\xc0\xaf\"}"),
            1007,
        ),
        (
            "beyond U+10FFFF",
            frame(TEXT, b"{\"content\":\"\xf4\x90\x80\x80\"}"),
            1007,
        ),
        (
            "half a character",
            frame(TEXT, "é".as_bytes().split_last().unwrap().1),
            1007,
        ),
        (
            "half a character in fragments",
            [frame(0x01, b"\xc3"), frame(CONTINUATION, b"x")].concat(),
            1007,
        ),
        ("binary", frame(BINARY, WORDS), 1003),
        ("binary of no length", frame(BINARY, b""), 1003),
        (
            "binary in fragments",
            [frame(0x02, b"\0"), frame(CONTINUATION, b"\xff")].concat(),
            1003,
        ),
    ] {
        let mut socket = alice.connects(&chat).await.unwrap().socket;
        // What comes behind the breach no longer counts.
        let bytes = [bytes, frame(TEXT, WORDS)].concat();
        socket.write_raw(&bytes).await.unwrap();
        assert_eq!(close_code(&mut socket).await, code, "{breach}");
    }
    listener.says("what was that?").await.unwrap();
    assert_eq!(history(&bob, &chat).await, ["what was that?"]);
}
