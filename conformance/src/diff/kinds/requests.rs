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
        any as anything,
        fields::{self, FREE, Field, TAKEN},
    },
};

pub(super) fn registrations() -> BoxedStrategy<Vec<Case>> {
    let fields = (
        fields::username(),
        fields::email(),
        fields::password(),
        fields::password(),
        fields::user_type(),
    );
    fields
        .prop_map(|(username, email, password, confirm, user_type)| {
            let mut form = vec![
                ("username", username),
                ("email", email),
                ("password", password),
                ("password_confirm", confirm),
                ("user_type", user_type),
            ];
            // A good one takes a password's hash, and is in every story.
            if form.iter().all(|(_, field)| field.is_good) {
                form.pop();
                form.push(("user_type", Field::bad("queen".into())));
            }
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
            3 => anything::json(),
            2 => Just(json!("nobody-of-this-name")),
            1 => Just(json!(PASSWORD)),
        ]
    };
    let pair = (field(), field())
        .prop_map(|(username, password)| json!({"username": username, "password": password}));
    prop_oneof![3 => pair, 1 => anything::json()]
        .prop_map(|body| vec![sends(NOBODY, "POST", "/api/login/", &body)])
        .boxed()
}

pub(super) fn cookies() -> BoxedStrategy<Vec<Case>> {
    let cookie = prop_oneof![
        "\"[ !#-~]{0,40}\"".prop_map(|value| format!("sessionid={value}")),
        "[a-z0-9]{32}".prop_map(|value| format!("sessionid={value}")),
        "[!-~]{0,300}".prop_map(|value| format!("sessionid={value}")),
        "[!-~][ -~]{0,80}",
    ];
    cookie
        .prop_map(|cookie| {
            vec![rest(NOBODY, "GET", "/api/me/", |rest| {
                rest.headers.insert("Cookie".to_owned(), Lines::One(cookie));
            })]
        })
        .boxed()
}

pub(super) fn tokens() -> BoxedStrategy<Vec<Case>> {
    prop_oneof!["[a-zA-Z0-9]{32}", "[a-zA-Z0-9]{64}", "[!-~]{0,100}"]
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
    chat_bodies()
        .prop_map(|body| vec![sends("alice", "POST", "/api/chats/", &body)])
        .boxed()
}

pub(super) fn changes() -> BoxedStrategy<Vec<Case>> {
    (chat_bodies(), select(vec!["PUT", "PATCH"]))
        .prop_map(|(body, method)| vec![a_chat(&["carol"]), sends("alice", method, CHAT, &body)])
        .boxed()
}

/// What may be sent where a chat is made or changed.
fn chat_bodies() -> BoxedStrategy<Value> {
    let name = prop_oneof![
        4 => anything::text().prop_map(Value::from),
        3 => anything::json(),
    ];
    let name = prop_oneof![8 => name.prop_map(Some), 1 => Just(None)];
    let object = (anything::object(), name, fields::participants()).prop_map(
        |(mut object, name, participants)| {
            for (key, value) in [("name", name), ("participant_ids", participants)] {
                object.remove(key);
                if let Some(value) = value {
                    object.insert(key.to_owned(), naming(value));
                }
            }
            Value::Object(object)
        },
    );
    prop_oneof![8 => object, 1 => anything::json()].boxed()
}

/// With bob's symbol in the place of somebody's id.
fn naming(value: Value) -> Value {
    match value {
        Value::String(text) if text == fields::SOMEBODY => "<bob>".into(),
        Value::Array(values) => values.into_iter().map(naming).collect(),
        other => other,
    }
}

pub(super) fn odd_ids() -> BoxedStrategy<Vec<Case>> {
    let of = select(vec![
        ("GET", ""),
        ("GET", "messages/"),
        ("POST", "send_message/"),
    ]);
    (odd_id(), of)
        .prop_map(|(id, (method, rest_of_it))| {
            let path = format!("/api/chats/{id}/{rest_of_it}");
            vec![rest("alice", method, &path, |rest| {
                if method == "POST" {
                    rest.json = Some(json!({"content": "hello"}).to_string());
                }
            })]
        })
        .boxed()
}

/// With a letter in it, it is no number in any spelling; percent-encoded.
pub(super) fn odd_id() -> BoxedStrategy<String> {
    let part = "[a-zA-Z0-9é٣🚀 _~@:,;*+-]{0,12}";
    (part, "[a-zA-Z]", part)
        .prop_map(|(before, letter, after)| {
            let id = format!("{before}{letter}{after}");
            percent_encoding::utf8_percent_encode(&id, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        })
        .boxed()
}

pub(super) fn bodies() -> BoxedStrategy<Vec<Case>> {
    let object = (anything::object(), anything::json()).prop_map(|(mut object, content)| {
        object.insert("content".to_owned(), content);
        Value::Object(object)
    });
    prop_oneof![
        5 => object,
        1 => anything::object().prop_map(Value::Object),
        1 => anything::json(),
    ]
    .prop_map(|body| vec![a_chat(&[]), sends("alice", "POST", SEND, &body)])
    .boxed()
}

pub(super) fn contents_by_rest() -> BoxedStrategy<Vec<Case>> {
    let nul = anything::text().prop_map(|text| format!("{text}\0 "));
    prop_oneof![10 => anything::text(), 1 => nul, 1 => "[ \t\u{3000}\u{1f}]{0,3}"]
        .prop_map(|text| {
            let body = json!({"content": text});
            vec![a_chat(&[]), sends("alice", "POST", SEND, &body), history()]
        })
        .boxed()
}

pub(super) fn requests() -> BoxedStrategy<Vec<Case>> {
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
