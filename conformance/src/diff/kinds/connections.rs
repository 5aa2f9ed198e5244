//! Handshakes and frames drawn at random.

use std::collections::BTreeMap;

use chat_fixtures::replay::{Case, Live, Request};
use proptest::{prelude::Strategy, sample::select, strategy::BoxedStrategy};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{a_chat, history};
use crate::{
    diff::step::{case, connects, makes_chat, says},
    property::{any as anything, frames, requests::odd_id},
};

pub(super) fn addresses() -> BoxedStrategy<Vec<Case>> {
    let end = select(vec!["/", "", "/more/"]);
    (odd_id(), end)
        .prop_map(|(id, end)| {
            let request = Request::Handshake {
                websocket: format!("/ws/chat/{id}{end}"),
                r#as: "alice".to_owned(),
                origin: None,
                subprotocols: Vec::new(),
                headers: BTreeMap::new(),
            };
            vec![case(request, Value::Null)]
        })
        .boxed()
}

pub(super) fn objects_without_content() -> BoxedStrategy<Vec<Case>> {
    frames::object_without_content().prop_map(said).boxed()
}

pub(super) fn no_json() -> BoxedStrategy<Vec<Case>> {
    anything::no_json().prop_map(said).boxed()
}

pub(super) fn other_fields() -> BoxedStrategy<Vec<Case>> {
    (anything::object(), anything::text())
        .prop_map(|(mut object, content)| {
            object.insert("content".to_owned(), content.into());
            said(Value::Object(object).to_string())
        })
        .boxed()
}

pub(super) fn contents_by_socket() -> BoxedStrategy<Vec<Case>> {
    frames::content_by_socket()
        .prop_map(|text| {
            let mut steps = said(json!({"content": text}).to_string());
            steps.push(history());
            steps
        })
        .boxed()
}

/// What is said in one chat while somebody listens in another.
pub(super) fn beside_another_chat() -> BoxedStrategy<Vec<Case>> {
    anything::text()
        .prop_map(|text| {
            let frame = json!({"content": text}).to_string();
            vec![
                a_chat(&["bob"]),
                makes_chat("alice", 2, "another chat", &["bob"]),
                connects("alice", 1, 1),
                connects("bob", 2, 2),
                says(1, Message::text(frame)),
                case(Request::Live(Live::Listens), Value::Null),
            ]
        })
        .boxed()
}

pub(super) fn numbers() -> BoxedStrategy<Vec<Case>> {
    anything::number()
        .prop_map(|number| said(format!("{{\"content\": {number}}}")))
        .boxed()
}

pub(super) fn no_objects() -> BoxedStrategy<Vec<Case>> {
    frames::no_object().prop_map(said).boxed()
}

pub(super) fn lists() -> BoxedStrategy<Vec<Case>> {
    frames::list_or_object_as_content().prop_map(said).boxed()
}

pub(super) fn not_storable() -> BoxedStrategy<Vec<Case>> {
    frames::not_storable().prop_map(said).boxed()
}

pub(super) fn bytes() -> BoxedStrategy<Vec<Case>> {
    frames::bytes()
        .prop_map(|bytes| framed(Message::binary(bytes)))
        .boxed()
}

/// A frame of text, said in a new chat by the only one in it.
fn said(text: String) -> Vec<Case> {
    framed(Message::text(text))
}

fn framed(frame: Message) -> Vec<Case> {
    vec![a_chat(&[]), connects("alice", 1, 1), says(1, frame)]
}
