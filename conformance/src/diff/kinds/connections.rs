//! Handshakes and frames drawn at random.

use std::collections::BTreeMap;

use chat_fixtures::replay::{Case, Live, Request};
use proptest::{
    prelude::{Just, Strategy, any},
    prop_oneof,
    sample::select,
    strategy::BoxedStrategy,
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{a_chat, history, requests::odd_id};
use crate::{
    diff::step::{case, connects, makes_chat, says},
    property::any as anything,
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
    let empty = prop_oneof![Just(None), Just(Some(Value::Null)), Just(Some(json!("")))];
    (anything::object(), empty)
        .prop_map(|(mut object, content)| {
            object.remove("content");
            object.extend(content.map(|content| ("content".to_owned(), content)));
            said(Value::Object(object).to_string())
        })
        .boxed()
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
    prop_oneof![10 => anything::text(), 1 => "[ \t\u{3000}\u{1f}]{1,3}"]
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
    let bare = select(vec![
        "NaN",
        "-Infinity",
        "1e309",
        "[NaN]",
        "{\"content\": NaN}",
    ]);
    let json = anything::json().prop_filter("no object", |json| !json.is_object());
    prop_oneof![
        5 => json.prop_map(|json| json.to_string()),
        1 => bare.prop_map(str::to_owned),
    ]
    .prop_map(said)
    .boxed()
}

pub(super) fn lists() -> BoxedStrategy<Vec<Case>> {
    let inner = || proptest::collection::vec(anything::json(), 1..4);
    prop_oneof![
        inner().prop_map(Value::from),
        inner().prop_map(|values| json!({"values": values})),
        Just(Value::Bool(true)),
    ]
    .prop_map(|content| said(json!({"content": content}).to_string()))
    .boxed()
}

pub(super) fn not_storable() -> BoxedStrategy<Vec<Case>> {
    let text = "[ -!#-\\[\\]-~é]{0,8}";
    let bad = select(vec!["\\u0000", "\\ud800", "\\udfff", "\\udc00\\ud800"]);
    (text, bad, text)
        .prop_map(|(before, bad, after)| said(format!("{{\"content\": \"{before}{bad}{after}\"}}")))
        .boxed()
}

pub(super) fn bytes() -> BoxedStrategy<Vec<Case>> {
    let json = anything::text().prop_map(|text| json!({"content": text}).to_string().into_bytes());
    let noise = proptest::collection::vec(any::<u8>(), 0..60);
    prop_oneof![json, noise]
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
