//! The generated questions: each kind draws stories of a few steps from what the suite's properties draw from.

use proptest::{
    prelude::{Just, Strategy, any},
    prop_oneof,
    sample::select,
    strategy::BoxedStrategy,
};
use serde_json::{Map, Value, json};
use tokio_tungstenite::tungstenite::Message;

use chat_fixtures::replay::{Case, Lines, Request};

use super::step::{PASSWORD, case, connects, makes_chat, registers, rest, says, sends};
use crate::property::{
    any as anything,
    fields::{self, FREE, Field, TAKEN},
};

/// One kind of generated question.
#[derive(Debug)]
pub(super) struct Kind {
    /// The clauses it is about: the first gives it its name.
    pub(super) clauses: &'static [&'static str],
    /// What is drawn.
    pub(super) name: &'static str,
    /// Every how many cases one is drawn; where passwords are hashed, more.
    pub(super) every: u32,
    /// The strategy.
    pub(super) draws: fn() -> BoxedStrategy<Vec<Case>>,
}

/// Every kind that draws single questions, in the contract's order.
#[rustfmt::skip]
pub(super) const KINDS: &[Kind] = &[
    Kind { clauses: &["REG-5", "REG-7"], name: "any_registration", every: 3, draws: registrations },
    Kind { clauses: &["AUTH-8", "AUTH-10"], name: "any_login", every: 10, draws: logins },
    Kind { clauses: &["AUTH-5"], name: "any_cookie", every: 3, draws: cookies },
    Kind { clauses: &["CSRF-2"], name: "any_token", every: 3, draws: tokens },
    Kind { clauses: &["CHAT-5", "HTTP-5"], name: "any_chat", every: 3, draws: chats },
    Kind { clauses: &["CHAT-6", "HTTP-5"], name: "any_change_of_a_chat", every: 3, draws: changes },
    Kind { clauses: &["CHAT-5"], name: "any_odd_id", every: 3, draws: odd_ids },
    Kind { clauses: &["SEND-6", "HTTP-5"], name: "any_body_of_a_message", every: 3, draws: bodies },
    Kind { clauses: &["SEND-6"], name: "any_content_by_rest", every: 3, draws: contents_by_rest },
    Kind { clauses: &["HTTP-1", "HTTP-5", "AUTH-10"], name: "any_request", every: 2, draws: requests },
    Kind { clauses: &["WS-18"], name: "any_address_of_a_connection", every: 3, draws: addresses },
    Kind { clauses: &["WS-5"], name: "any_object_without_content", every: 3, draws: objects_without_content },
    Kind { clauses: &["WS-6", "WS-14"], name: "any_text_that_is_no_json", every: 3, draws: no_json },
    Kind { clauses: &["WS-7"], name: "any_other_fields", every: 3, draws: other_fields },
    Kind { clauses: &["WS-11"], name: "any_content_by_socket", every: 3, draws: contents_by_socket },
    Kind { clauses: &["WS-11"], name: "any_number", every: 3, draws: numbers },
    Kind { clauses: &["WS-14"], name: "any_json_that_is_no_object", every: 3, draws: no_objects },
    Kind { clauses: &["WS-15"], name: "any_list_or_object_as_content", every: 3, draws: lists },
    Kind { clauses: &["WS-16"], name: "what_cannot_be_stored", every: 3, draws: not_storable },
    Kind { clauses: &["WS-17"], name: "any_bytes", every: 10, draws: bytes },
];

impl Kind {
    /// `generated/WS-14/any_json_that_is_no_object`.
    pub(super) fn id(&self) -> String {
        format!(
            "generated/{}/{}",
            self.clauses.first().copied().unwrap_or_default(),
            self.name
        )
    }
}

fn registrations() -> BoxedStrategy<Vec<Case>> {
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

fn logins() -> BoxedStrategy<Vec<Case>> {
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

fn cookies() -> BoxedStrategy<Vec<Case>> {
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

fn tokens() -> BoxedStrategy<Vec<Case>> {
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

fn chats() -> BoxedStrategy<Vec<Case>> {
    chat_bodies()
        .prop_map(|body| vec![sends("alice", "POST", "/api/chats/", &body)])
        .boxed()
}

fn changes() -> BoxedStrategy<Vec<Case>> {
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

fn odd_ids() -> BoxedStrategy<Vec<Case>> {
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
fn odd_id() -> BoxedStrategy<String> {
    let part = "[a-zA-Z0-9é٣🚀 _~@:,;*+-]{0,12}";
    (part, "[a-zA-Z]", part)
        .prop_map(|(before, letter, after)| {
            let id = format!("{before}{letter}{after}");
            percent_encoding::utf8_percent_encode(&id, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        })
        .boxed()
}

fn bodies() -> BoxedStrategy<Vec<Case>> {
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

fn contents_by_rest() -> BoxedStrategy<Vec<Case>> {
    let nul = anything::text().prop_map(|text| format!("{text}\0 "));
    prop_oneof![10 => anything::text(), 1 => nul, 1 => "[ \t\u{3000}\u{1f}]{0,3}"]
        .prop_map(|text| {
            let body = json!({"content": text});
            vec![a_chat(&[]), sends("alice", "POST", SEND, &body), history()]
        })
        .boxed()
}

fn requests() -> BoxedStrategy<Vec<Case>> {
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

fn addresses() -> BoxedStrategy<Vec<Case>> {
    let end = select(vec!["/", "", "/more/"]);
    (odd_id(), end)
        .prop_map(|(id, end)| {
            let request = Request::Handshake {
                websocket: format!("/ws/chat/{id}{end}"),
                r#as: "alice".to_owned(),
                origin: None,
                subprotocols: Vec::new(),
                headers: std::collections::BTreeMap::new(),
            };
            vec![case(request, Value::Null)]
        })
        .boxed()
}

fn objects_without_content() -> BoxedStrategy<Vec<Case>> {
    let empty = prop_oneof![Just(None), Just(Some(Value::Null)), Just(Some(json!("")))];
    (anything::object(), empty)
        .prop_map(|(mut object, content)| {
            object.remove("content");
            object.extend(content.map(|content| ("content".to_owned(), content)));
            said(Value::Object(object).to_string())
        })
        .boxed()
}

fn no_json() -> BoxedStrategy<Vec<Case>> {
    anything::no_json().prop_map(said).boxed()
}

fn other_fields() -> BoxedStrategy<Vec<Case>> {
    (anything::object(), anything::text())
        .prop_map(|(mut object, content)| {
            object.insert("content".to_owned(), content.into());
            said(Value::Object(object).to_string())
        })
        .boxed()
}

fn contents_by_socket() -> BoxedStrategy<Vec<Case>> {
    prop_oneof![10 => anything::text(), 1 => "[ \t\u{3000}\u{1f}]{1,3}"]
        .prop_map(|text| {
            let mut steps = said(json!({"content": text}).to_string());
            steps.push(history());
            steps
        })
        .boxed()
}

fn numbers() -> BoxedStrategy<Vec<Case>> {
    anything::number()
        .prop_map(|number| said(format!("{{\"content\": {number}}}")))
        .boxed()
}

fn no_objects() -> BoxedStrategy<Vec<Case>> {
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

fn lists() -> BoxedStrategy<Vec<Case>> {
    let inner = || proptest::collection::vec(anything::json(), 1..4);
    prop_oneof![
        inner().prop_map(Value::from),
        inner().prop_map(|values| json!({"values": values})),
        Just(Value::Bool(true)),
    ]
    .prop_map(|content| said(json!({"content": content}).to_string()))
    .boxed()
}

fn not_storable() -> BoxedStrategy<Vec<Case>> {
    let text = "[ -!#-\\[\\]-~é]{0,8}";
    let bad = select(vec!["\\u0000", "\\ud800", "\\udfff", "\\udc00\\ud800"]);
    (text, bad, text)
        .prop_map(|(before, bad, after)| said(format!("{{\"content\": \"{before}{bad}{after}\"}}")))
        .boxed()
}

fn bytes() -> BoxedStrategy<Vec<Case>> {
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

fn a_chat(with: &[&str]) -> Case {
    makes_chat("alice", 1, "chat", with)
}

fn history() -> Case {
    rest("alice", "GET", "/api/chats/<chat 1>/messages/", |_| {})
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Who has no session.
pub(super) const NOBODY: &str = "anonymous";
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use chat_fixtures::contract::clause;
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    use super::*;

    #[test]
    fn every_kind_is_about_clauses_that_there_are_and_draws() {
        let mut runner = TestRunner::deterministic();
        for kind in KINDS {
            assert!(
                kind.clauses.iter().all(|id| clause(id).is_some()),
                "{kind:?}"
            );
            let steps = (kind.draws)().new_tree(&mut runner).unwrap().current();
            assert!(!steps.is_empty(), "{kind:?}");
        }
    }
}
