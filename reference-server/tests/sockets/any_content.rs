//! Any text that Unicode has, said on either way.

use std::cell::RefCell;

use chat_fixtures::socket::Heard;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::stage::{PATIENCE, Stage, content, event, history};

/// SEND-6, WS-11, HIST-2: by REST content comes back trimmed as Python trims, by WebSocket untouched, and
/// the history says the same as the answer. NUL is refused on both ways, so is what trimming leaves empty
/// by REST.
#[test]
fn any_unicode_content_comes_back() {
    let runtime = Runtime::new().unwrap();
    let _guard = runtime.enter();
    let stage = runtime.block_on(Stage::open());
    let (alice, bob, chat) = runtime.block_on(stage.two_in_a_chat());
    let speaker = runtime.block_on(alice.connects(&chat)).unwrap().socket;
    let speaker = RefCell::new(speaker);
    let listener = RefCell::new(runtime.block_on(bob.connects(&chat)).unwrap());
    let said = RefCell::new(Vec::new());

    proptest!(config(64), |(text in texts())| {
        let by_rest = runtime.block_on(alice.posts(&chat, &text));
        let trimmed = text.trim_matches(is_python_space);
        if trimmed.is_empty() || text.contains('\0') {
            prop_assert!(by_rest.is_err());
        } else {
            let message = by_rest.unwrap();
            prop_assert_eq!(&message["content"], trimmed);
            said.borrow_mut().push(trimmed.to_owned());
        }

        let frame = json!({"content": text}).to_string();
        runtime.block_on(speaker.borrow_mut().send_text(frame)).unwrap();
        let event = runtime.block_on(event(&mut speaker.borrow_mut()));
        if text.is_empty() {
            prop_assert_eq!(&event["message"], "Content cannot be empty");
        } else if text.contains('\0') {
            prop_assert_eq!(&event["message"], "Content contains characters that are not allowed");
        } else {
            prop_assert_eq!(content(&event), &text);
            prop_assert_eq!(runtime.block_on(listener.borrow_mut().hears()).unwrap(), event);
            said.borrow_mut().push(text);
        }
    });

    assert_eq!(runtime.block_on(history(&bob, &chat)), said.into_inner());
}

/// WS-17: any bytes as binary end the connection with 1003.
#[test]
fn any_binary_frame_closes_with_1003() {
    let runtime = Runtime::new().unwrap();
    let _guard = runtime.enter();
    let stage = runtime.block_on(Stage::open());
    let (alice, bob, chat) = runtime.block_on(stage.two_in_a_chat());
    let mut listener = runtime.block_on(bob.connects(&chat)).unwrap();

    proptest!(config(64), |(bytes in prop::collection::vec(any::<u8>(), 0..300))| {
        let mut socket = runtime.block_on(alice.connects(&chat)).unwrap().socket;
        runtime.block_on(socket.send(bytes.into())).unwrap();
        let heard = runtime.block_on(socket.next_within(PATIENCE));
        prop_assert!(matches!(heard, Heard::Closed(1003, _)), "{}", heard);
    });

    runtime.block_on(listener.says("only this")).unwrap();
    assert_eq!(runtime.block_on(history(&bob, &chat)), ["only this"]);
}

/// Text with white space, NUL and the edges of Unicode more often than chance would have it.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    let odd = "\0\t\n\u{b}\u{c}\r\u{1c}\u{1d}\u{1e}\u{1f} \u{7f}\u{85}\u{a0}\u{180e}\u{200b}\u{2028}\u{2029}\u{202e}\
               \u{202f}\u{3000}\u{d7ff}\u{e000}\u{feff}\u{fffd}\u{ffff}\u{10ffff}\"\\/<&'";
    let character = prop_oneof![
        4 => any::<char>(),
        2 => select(odd.chars().skip(1).collect::<Vec<_>>()),
        1 => prop::char::range(' ', '~'),
    ];
    let text = prop::collection::vec(character, 0..24).prop_map(String::from_iter);
    let space = select(vec!["", " ", "\n", "\u{3000}\u{1f}"]);
    let with_nul = (text.clone(), text.clone()).prop_map(|(a, b)| format!("{a}\0{b}"));
    prop_oneof![
        8 => (space.clone(), text, space).prop_map(|(a, b, c)| format!("{a}{b}{c}")),
        1 => with_nul,
    ]
}

/// What `str.strip` takes off: `str.isspace` of Python 3.12.
fn is_python_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{1c}'..=' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}'
        | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// A failure is printed whole; nothing is written beside the sources.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
