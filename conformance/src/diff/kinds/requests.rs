//! Requests drawn at random: what may stand in a body, a header, a path.

use chat_fixtures::replay::{Case, Lines};
use proptest::{
    prelude::{Just, Strategy},
    prop_oneof,
    sample::select,
    strategy::BoxedStrategy,
};
use serde_json::{Map, Value, json};

use super::{NOBODY, a_chat, history};
use crate::{
    diff::step::{PASSWORD, hex, registers, rest, sends},
    property::{
        any,
        bodies::{self, Form},
        fields::{self, FREE, TAKEN},
        frames,
        requests::{self, OfAChat},
    },
};

pub(super) fn registrations() -> BoxedStrategy<Vec<Case>> {
    bodies::registration()
        .prop_map(|Form(form)| {
            let mut steps = Vec::new();
            let mut body = Map::new();
            for (name, field) in form {
                let value = match field.value {
                    Some(Value::String(text)) if text == FREE => NEWCOMER.into(),
                    Some(Value::String(text)) if text == TAKEN => {
                        steps.push(registers(NEWCOMER));
                        NEWCOMER.into()
                    }
                    Some(value) if name == "user_type" => in_old_characters(value),
                    Some(value) => value,
                    None => continue,
                };
                body.insert(name.to_owned(), value);
            }
            steps.push(sends(NOBODY, "POST", "/api/register/", &body.into()));
            steps
        })
        .boxed()
}

/// What is no user type is quoted as Python writes it, and which of the younger characters it escapes depends on its
/// version.
fn in_old_characters(value: Value) -> Value {
    let old = |text: String| -> String {
        let young = |c: char| c > LATIN;
        text.chars()
            .map(|c| if young(c) { '?' } else { c })
            .collect()
    };
    match value {
        Value::String(text) => old(text).into(),
        Value::Array(values) => values.into_iter().map(in_old_characters).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (old(key), in_old_characters(value)))
            .collect(),
        other => other,
    }
}

pub(super) fn logins() -> BoxedStrategy<Vec<Case>> {
    let field = || {
        prop_oneof![
            3 => any::json(),
            2 => Just(json!("nobody-of-this-name")),
            1 => Just(json!(PASSWORD)),
        ]
    };
    let pair = (field(), field())
        .prop_map(|(username, password)| json!({"username": username, "password": password}));
    prop_oneof![3 => pair, 1 => any::json()]
        .prop_map(|body| vec![sends(NOBODY, "POST", "/api/login/", &body)])
        .boxed()
}

pub(super) fn cookies() -> BoxedStrategy<Vec<Case>> {
    requests::cookie()
        .prop_map(|cookie| {
            vec![rest(NOBODY, "GET", "/api/me/", |rest| {
                rest.headers.insert("Cookie".to_owned(), Lines::One(cookie));
            })]
        })
        .boxed()
}

pub(super) fn tokens() -> BoxedStrategy<Vec<Case>> {
    requests::token()
        .prop_map(|token| {
            let sends = rest("alice", "POST", SEND, |rest| {
                rest.json = Some(json!({"content": "forged"}).to_string());
                rest.headers
                    .insert("X-CSRFToken".to_owned(), Lines::One(token));
            });
            vec![a_chat(&[]), sends, history()]
        })
        .boxed()
}

pub(super) fn chats() -> BoxedStrategy<Vec<Case>> {
    bodies::chat()
        .prop_map(|body| vec![sends("alice", "POST", "/api/chats/", &naming(body))])
        .boxed()
}

pub(super) fn changes() -> BoxedStrategy<Vec<Case>> {
    (bodies::chat(), select(vec!["PUT", "PATCH"]))
        .prop_map(|(body, method)| {
            let change = sends("alice", method, CHAT, &naming(body));
            vec![a_chat(&["carol"]), change]
        })
        .boxed()
}

/// The body with bob's symbol in the place of somebody's id.
fn naming(mut body: Value) -> Value {
    let ids = body
        .get_mut("participant_ids")
        .and_then(Value::as_array_mut);
    for id in ids.into_iter().flatten() {
        if *id == fields::SOMEBODY {
            *id = "<bob>".into();
        }
    }
    body
}

pub(super) fn odd_ids() -> BoxedStrategy<Vec<Case>> {
    (requests::odd_id(), requests::of_a_chat())
        .prop_map(|(id, OfAChat { method, ending })| {
            let path = format!("/api/chats/{id}/{ending}");
            vec![rest("alice", method, &path, |rest| {
                if method == "POST" {
                    rest.json = Some(json!({"content": "hello"}).to_string());
                }
            })]
        })
        .boxed()
}

pub(super) fn messages() -> BoxedStrategy<Vec<Case>> {
    bodies::message()
        .prop_map(|body| vec![a_chat(&[]), sends("alice", "POST", SEND, &body)])
        .boxed()
}

pub(super) fn contents_by_rest() -> BoxedStrategy<Vec<Case>> {
    frames::content_by_rest()
        .prop_map(|text| {
            let body = json!({"content": text});
            vec![a_chat(&[]), sends("alice", "POST", SEND, &body), history()]
        })
        .boxed()
}

pub(super) fn anything() -> BoxedStrategy<Vec<Case>> {
    (select(ADDRESSES), fields::raw_body(), fields::header())
        .prop_map(|((method, path), body, header)| {
            // Nobody's session ends by chance.
            let who = if path.contains("logout") {
                NOBODY
            } else {
                "alice"
            };
            let request = rest(who, method, path, |rest| {
                let header = (header.name.to_owned(), Lines::One(header.value));
                rest.headers.extend([header]);
                if method != "GET" {
                    let media = ("Content-Type".to_owned(), Lines::One(body.media.to_owned()));
                    rest.headers
                        .extend(Some(media).filter(|_| !body.media.is_empty()));
                    rest.bytes = Some(hex(&body.bytes));
                }
            });
            match path.contains("<chat 1>") {
                true => vec![a_chat(&[]), request],
                false => vec![request],
            }
        })
        .boxed()
}

/// Who registers in a story.
const NEWCOMER: &str = "nina";
/// The last character that every version of Unicode knows with all those before it.
const LATIN: char = '\u{24f}';
const CHAT: &str = "/api/chats/<chat 1>/";
const SEND: &str = "/api/chats/<chat 1>/send_message/";
const ADDRESSES: &[(&str, &str)] = &[
    ("POST", "/api/register/"),
    ("POST", "/api/login/"),
    ("POST", "/api/logout/"),
    ("GET", "/api/me/"),
    ("POST", "/api/me/"),
    ("POST", "/api/chats/"),
    ("PUT", "/api/chats/<chat 1>/"),
    ("PATCH", "/api/chats/<chat 1>/"),
    ("POST", "/api/chats/<chat 1>/send_message/"),
    ("GET", "/api/chats/<chat 1>/messages/"),
    ("POST", "/api/messages/"),
];
