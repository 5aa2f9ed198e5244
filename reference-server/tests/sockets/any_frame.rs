//! Any text frame, JSON or not: one answer, and the connection goes on.

use std::cell::RefCell;

use chat_fixtures::socket::Socket;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::any_content::{config, texts};
use crate::stage::{Stage, content, event, history};

/// WS-3, WS-5, WS-6, WS-14 to WS-16: whatever is sent, there is one message or one error for it and the
/// connection goes on; a well-formed frame gets the answer that the contract names, and the history holds
/// what was heard as messages and nothing else.
#[test]
fn any_text_frame_gets_one_answer() {
    let runtime = Runtime::new().unwrap();
    let _guard = runtime.enter();
    let stage = runtime.block_on(Stage::open());
    let (alice, bob, chat) = runtime.block_on(stage.two_in_a_chat());
    let socket = RefCell::new(runtime.block_on(alice.connects(&chat)).unwrap().socket);
    let stored = RefCell::new(Vec::new());

    proptest!(config(256), |(frame in frames())| {
        let answer = runtime.block_on(asks(&mut socket.borrow_mut(), &frame));
        match due(&frame) {
            Some(Ok(said)) => prop_assert_eq!(content(&answer), &said),
            Some(Err(words)) => prop_assert_eq!(&answer["message"], words),
            None => prop_assert!(answer["type"] == "error" || answer["type"] == "message"),
        }
        if answer["type"] == "message" {
            stored.borrow_mut().push(content(&answer).to_owned());
        } else {
            prop_assert!(ERRORS.contains(&answer["message"].as_str().unwrap()), "{}", answer);
        }

        // Had there been a second answer, it would come before this one.
        let next = runtime.block_on(asks(&mut socket.borrow_mut(), r#"{"content":"next"}"#));
        prop_assert_eq!(content(&next), "next");
        stored.borrow_mut().push("next".to_owned());
    });

    assert_eq!(runtime.block_on(history(&bob, &chat)), stored.into_inner());
}

async fn asks(socket: &mut Socket, frame: &str) -> Value {
    socket.send_text(frame).await.unwrap();
    event(socket).await
}

/// What the contract says of a frame that another parser of JSON can judge; of numbers, which Python spells
/// in its own way, and of lone surrogates, which that parser refuses, it says nothing here.
fn due(frame: &str) -> Option<Result<String, &'static str>> {
    let Ok(value) = serde_json::from_str::<Value>(frame) else {
        // Where the parsers differ: what Python takes and this one does not.
        let lenient = frame.contains("\\u") || frame.chars().any(|c| c.is_ascii_digit());
        return (!lenient).then_some(Err(INVALID));
    };
    let Value::Object(object) = value else {
        return Some(Err(INVALID));
    };
    match object.get("content") {
        None | Some(Value::Null | Value::Bool(false)) => Some(Err(EMPTY)),
        Some(Value::Bool(true)) => Some(Err(NO_TEXT)),
        Some(Value::Number(_)) => None,
        Some(Value::String(text)) if text.is_empty() => Some(Err(EMPTY)),
        Some(Value::String(text)) if text.contains('\0') => Some(Err(CHARACTERS)),
        Some(Value::String(text)) => Some(Ok(text.clone())),
        Some(Value::Array(items)) => Some(Err(if items.is_empty() { EMPTY } else { NO_TEXT })),
        Some(Value::Object(fields)) => Some(Err(if fields.is_empty() { EMPTY } else { NO_TEXT })),
    }
}

/// Any text; JSON of any shape; frames of the right shape with any value; and such frames broken somewhere.
fn frames() -> impl Strategy<Value = String> {
    let shaped = || {
        (select(vec!["content", "Content", "type", ""]), values())
            .prop_map(|(key, value)| serde_json::json!({key: value, "n": [value]}).to_string())
    };
    let broken = (
        shaped(),
        any::<prop::sample::Index>(),
        select(vec!["", "\"", "{", "]", ",", "\\", "1", "NaN"]),
    )
        .prop_map(|(frame, at, piece)| {
            let mut characters: Vec<String> = frame.chars().map(String::from).collect();
            let at = at.index(characters.len());
            piece.clone_into(&mut characters[at]);
            characters.concat()
        });
    prop_oneof![
        1 => texts(),
        1 => values().prop_map(|value| value.to_string()),
        3 => shaped(),
        2 => broken,
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(texts(), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

const INVALID: &str = "Invalid JSON";
const EMPTY: &str = "Content cannot be empty";
const NO_TEXT: &str = "Content must be a string";
const CHARACTERS: &str = "Content contains characters that are not allowed";
const ERRORS: [&str; 4] = [INVALID, EMPTY, NO_TEXT, CHARACTERS];
