//! Any body, any id, any cookie, any token, any header: what holds whatever is asked.

use chat_fixtures::{
    client::{Ask, Client},
    people::Person,
};
use futures_util::{StreamExt, stream};
use proptest::{
    prelude::{Just, Strategy, any},
    prop_oneof,
    sample::select,
    strategy::BoxedStrategy,
};
use serde_json::{Map, Value, json};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_eq, expect_refused, shown},
    property::{
        Broken, any as anything,
        fields::{self, Field},
        holds_for_any,
    },
};

checks! {
    REG_5 => any_bad_fields_are_named_and_no_others [Generated],
    AUTH_5 => any_cookie_that_is_no_session_is_nobody [Generated],
    CSRF_2 => any_token_but_the_own_is_refused [Generated],
    CHAT_5 => any_body_follows_the_rules_of_chats [Generated],
    CHAT_5 => any_odd_id_is_unknown [Generated],
    CHAT_6 => any_change_follows_the_rules_of_chats [Generated],
    SEND_6 => any_body_follows_the_rules_of_messages [Generated],
    HTTP_5 => anything_gets_an_answer [Generated],
}

async fn any_bad_fields_are_named_and_no_others(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    let stranger = &cx.stranger();
    let form = || {
        (
            fields::username(),
            fields::email(),
            fields::password(),
            fields::password(),
            fields::user_type(),
        )
            .prop_map(|(username, email, password, confirm, user_type)| {
                let mut form = vec![
                    ("username", username),
                    ("email", email),
                    ("password", password),
                    ("password_confirm", confirm),
                    ("user_type", user_type),
                ];
                if form.iter().all(|(_, field)| field.is_good) {
                    form.pop();
                    form.push(("user_type", Field::bad("queen".into())));
                }
                Form(form)
            })
            .boxed()
    };
    holds_for_any(cx, form, BATCH, |forms| {
        side_by_side(forms, |Form(form)| async move {
            let mut body = Map::new();
            let mut bad = Vec::new();
            for (name, field) in form {
                if !field.is_good {
                    bad.push(name.to_owned());
                }
                let value = match field.value {
                    Some(Value::String(text)) if text == fields::FREE => cx.username("any").into(),
                    Some(Value::String(text)) if text == fields::TAKEN => {
                        alice.username.clone().into()
                    }
                    Some(value) => value,
                    None => continue,
                };
                body.insert(name.to_owned(), value);
            }
            let answer = stranger
                .post("/api/register/", &Value::Object(body))
                .await?;
            let named: Vec<_> = match answer.json() {
                Ok(Value::Object(errors)) => errors.keys().cloned().collect(),
                _ => Vec::new(),
            };
            let all = bad.iter().all(|name| named.contains(name)) && named.len() == bad.len();
            expect(
                answer.status == 400 && all,
                "the refusal of a registration",
                format!("400 and errors of {}", bad.join(", ")),
                shown(&answer),
            )
        })
    })
    .await
}

async fn any_cookie_that_is_no_session_is_nobody(cx: &Context) -> Verdict {
    let stranger = &cx.stranger();
    let cookie = || {
        let quoted = "\"[ !#-~]{0,40}\"".boxed();
        let key = "[a-z0-9]{32}".boxed();
        let junk = "[!-~]{0,300}".boxed();
        prop_oneof![
            3 => prop_oneof![quoted, key, junk].prop_map(|value| format!("sessionid={value}")),
            1 => "[!-~][ -~]{0,80}",
        ]
        .boxed()
    };
    holds_for_any(cx, cookie, BATCH, |cookies| {
        side_by_side(cookies, |cookie: String| async move {
            let ask = Ask::new("GET", "/api/me/").header("Cookie", &cookie);
            expect_refused(&stranger.ask(ask).await?, "the answer")
        })
    })
    .await
}

async fn any_token_but_the_own_is_refused(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    let chat = &cx.chat_of(&[alice]).await?;
    let path = &format!("/api/chats/{}/send_message/", chat.id);
    let token = || {
        let token = prop_oneof!["[a-zA-Z0-9]{32}", "[a-zA-Z0-9]{64}", "[!-~]{0,100}"];
        token.boxed()
    };
    holds_for_any(cx, token, BATCH, |tokens| async move {
        side_by_side(tokens, |token: String| async move {
            let ask = Ask::new("POST", path)
                .header("X-CSRFToken", &token)
                .json(&json!({"content": "forged"}));
            let answer = alice.client.ask(ask).await?;
            expect_eq(
                answer.status,
                403,
                "the status of a request with that token",
            )
        })
        .await?;
        let stored = alice.reads(chat).await.map_err(|error| (0, error.into()))?;
        expect(
            stored.is_empty(),
            "the history",
            "no message",
            Value::from(stored),
        )
        .map_err(|failure| (0, failure))
    })
    .await
}

async fn any_body_follows_the_rules_of_chats(cx: &Context) -> Verdict {
    let [alice, bob] = &cx.people().await?;
    holds_for_any(cx, chat_bodies, BATCH, |bodies| {
        side_by_side(bodies, |body: Value| async move {
            let body = naming(body, bob);
            let answer = alice.client.post("/api/chats/", &body).await?;
            let name = fields::text(body.get("name"), NAME);
            let bad = bad_fields(&body, name.is_none());
            if let Some(name) = name.filter(|_| bad.is_empty()) {
                let made = answer.status == 201 && answer.json()?["name"] == name;
                return expect(
                    made,
                    "the answer",
                    format!("201 and the name {name:?}"),
                    shown(&answer),
                );
            }
            names_errors(&answer, &bad)
        })
    })
    .await
}

async fn any_change_follows_the_rules_of_chats(cx: &Context) -> Verdict {
    let [alice, bob, carol] = &cx.people().await?;
    let chat = &cx.chat_of(&[alice, carol]).await?;
    let path = &format!("/api/chats/{}/", chat.id);
    let change = || (chat_bodies(), any::<bool>()).boxed();
    // One after the other: each is to be seen in its own answer.
    holds_for_any(
        cx,
        change,
        BATCH,
        |changes: Vec<(Value, bool)>| async move {
            for (n, (body, is_put)) in changes.into_iter().enumerate() {
                let method = if is_put { "PUT" } else { "PATCH" };
                let verdict = async {
                    let body = naming(body, bob);
                    let before = alice.client.get(path).await?.json()?;
                    let answer = alice.client.ask(Ask::new(method, path).json(&body)).await?;
                    let given = body.get("name");
                    let name = match fields::text(given, NAME) {
                        None if given.is_none() && method == "PATCH" => {
                            before["name"].as_str().map(str::to_owned)
                        }
                        name => name,
                    };
                    let bad = bad_fields(&body, name.is_none());
                    let Some(name) = name.filter(|_| bad.is_empty()) else {
                        return names_errors(&answer, &bad);
                    };
                    let after = answer.json()?;
                    let same = after["participants"] == before["participants"];
                    expect(
                        answer.status == 200 && after["name"] == name && same,
                        format!("the answer to {method}"),
                        format!("200, the name {name:?}, the same participants"),
                        shown(&answer),
                    )
                };
                verdict.await.map_err(|failure| (n, failure))?;
            }
            Ok(())
        },
    )
    .await
}

async fn any_body_follows_the_rules_of_messages(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    let chat = &cx.chat_of(&[alice]).await?;
    let path = &format!("/api/chats/{}/send_message/", chat.id);
    let body = || {
        let object = (anything::object(), anything::json()).prop_map(|(mut object, content)| {
            object.insert("content".to_owned(), content);
            Value::Object(object)
        });
        prop_oneof![5 => object, 1 => anything::object().prop_map(Value::Object), 1 => anything::json()].boxed()
    };
    holds_for_any(cx, body, BATCH, |bodies| {
        side_by_side(bodies, |body: Value| async move {
            let answer = alice.client.post(path, &body).await?;
            match fields::text(body.get("content"), usize::MAX) {
                None if body.is_object() => names_errors(&answer, &["content"]),
                None => names_errors(&answer, &["non_field_errors"]),
                Some(content) => {
                    let message = answer.json()?;
                    let stored = answer.status == 201
                        && message["content"] == content
                        && message["chat"] == chat.id
                        && message["sender"]["id"] == alice.id;
                    let due = format!("201, {content:?}, this chat, this sender");
                    expect(stored, "the answer", due, shown(&answer))
                }
            }
        })
    })
    .await
}

async fn any_odd_id_is_unknown(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    // With a letter in it, it is no number in any spelling.
    let id = || {
        let part = "[a-zA-Z0-9é٣🚀 _~@:,;*+-]{0,12}";
        let ask = select(vec![
            Address("GET", ""),
            Address("GET", "messages/"),
            Address("POST", "send_message/"),
        ]);
        (part, "[a-zA-Z]", part, ask)
            .prop_map(|(before, letter, after, ask)| (format!("{before}{letter}{after}"), ask))
            .boxed()
    };
    holds_for_any(cx, id, BATCH, |ids| {
        side_by_side(
            ids,
            |(id, Address(method, rest)): (String, Address)| async move {
                let path = format!("/api/chats/{}/{rest}", percent_encoded(&id));
                let mut ask = Ask::new(method, &path);
                if method == "POST" {
                    ask = ask.json(&json!({"content": "hello"}));
                }
                let answer = alice.client.ask(ask).await?;
                expect(
                    answer.status == 404,
                    format!("{method} {path}"),
                    404,
                    shown(&answer),
                )
            },
        )
    })
    .await
}

async fn anything_gets_an_answer(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    let chat = &cx.chat_of(&[alice]).await?;
    let stranger = &cx.stranger();
    let request = || (select(ADDRESSES), fields::raw_body(), fields::header()).boxed();
    holds_for_any(cx, request, BATCH, |requests| {
        side_by_side(
            requests,
            |(to, body, header): (Address, fields::Body, fields::Header)| async move {
                let Address(method, path) = to;
                let path = path.replace("CHAT", &chat.id.to_string());
                let mut ask = Ask::new(method, &path).header(header.name, &header.value);
                if method != "GET" {
                    ask = ask.body(body.media, body.bytes);
                }
                // Nobody's session ends by chance.
                let asks: &Client = if path.contains("logout") {
                    stranger
                } else {
                    &alice.client
                };
                let answer = asks.ask(ask).await?;
                expect(
                    answer.status < 500,
                    format!("{method} {path}"),
                    "no 5xx",
                    shown(&answer),
                )
            },
        )
    })
    .await
}

/// What may be sent where a chat is made or changed; [`fields::SOMEBODY`] stands for somebody's id.
fn chat_bodies() -> BoxedStrategy<Value> {
    let name = prop_oneof![
        4 => anything::text().prop_map(Value::from),
        3 => anything::json(),
    ];
    let name = prop_oneof![8 => name.prop_map(Some), 1 => Just(None)];
    let fields = (anything::object(), name, fields::participants());
    let object = fields.prop_map(|(mut object, name, ids)| {
        for (key, value) in [("name", name), ("participant_ids", ids)] {
            object.remove(key);
            if let Some(value) = value {
                object.insert(key.to_owned(), value);
            }
        }
        Value::Object(object)
    });
    let other = anything::json().prop_filter("no object", |json| !json.is_object());
    prop_oneof![10 => object, 1 => other].boxed()
}

/// The body with that person's id where somebody's is due.
fn naming(mut body: Value, person: &Person) -> Value {
    if let Some(ids) = body
        .get_mut("participant_ids")
        .and_then(Value::as_array_mut)
    {
        for id in ids.iter_mut().filter(|id| **id == fields::SOMEBODY) {
            *id = person.id.into();
        }
    }
    body
}

fn bad_fields(body: &Value, name_is_bad: bool) -> Vec<&'static str> {
    if !body.is_object() {
        return vec!["non_field_errors"];
    }
    let mut bad = Vec::new();
    if name_is_bad {
        bad.push("name");
    }
    let ids_are_good = match body.get("participant_ids") {
        None => true,
        Some(Value::Array(ids)) => ids.iter().all(Value::is_u64),
        Some(_) => false,
    };
    if !ids_are_good {
        bad.push("participant_ids");
    }
    bad
}

fn names_errors(answer: &chat_fixtures::answer::Answer, fields: &[&str]) -> Verdict {
    let mut named: Vec<_> = match answer.json() {
        Ok(Value::Object(errors)) => errors.keys().cloned().collect(),
        _ => Vec::new(),
    };
    named.sort_unstable();
    let due = format!("400 and errors of {}", fields.join(", "));
    expect(
        answer.status == 400 && named == fields,
        "the answer",
        due,
        shown(answer),
    )
}

/// Tries the inputs a few at a time: the first, in their order, that does not hold.
async fn side_by_side<T, F: Future<Output = Verdict>>(
    inputs: Vec<T>,
    holds: impl Fn(T) -> F,
) -> Result<(), Broken> {
    let verdicts = stream::iter(inputs)
        .map(holds)
        .buffered(AT_ONCE)
        .collect::<Vec<_>>();
    for (n, verdict) in verdicts.await.into_iter().enumerate() {
        verdict.map_err(|failure: Failure| (n, failure))?;
    }
    Ok(())
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .fold(String::new(), |encoded, byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                encoded + std::str::from_utf8(&[byte]).unwrap_or_default()
            }
            _ => encoded + &format!("%{byte:02X}"),
        })
}

/// A registration's fields, in the order of the contract.
#[derive(Debug, Clone)]
struct Form(Vec<(&'static str, Field)>);

/// A method and a path, or the end of one.
#[derive(Debug, Clone, Copy)]
struct Address(&'static str, &'static str);

/// Where anything is sent. Nothing here ends a session or removes what others need.
const ADDRESSES: &[Address] = &[
    Address("POST", "/api/register/"),
    Address("POST", "/api/login/"),
    Address("POST", "/api/logout/"),
    Address("GET", "/api/me/"),
    Address("POST", "/api/chats/"),
    Address("GET", "/api/chats/CHAT/"),
    Address("PUT", "/api/chats/CHAT/"),
    Address("PATCH", "/api/chats/CHAT/"),
    Address("DELETE", "/api/chats/0/"),
    Address("POST", "/api/chats/CHAT/send_message/"),
    Address("GET", "/api/chats/CHAT/messages/"),
    Address("POST", "/api/messages/"),
    Address("DELETE", "/api/messages/0/"),
    Address("BREW", "/api/chats/"),
    Address("POST", "/api/nowhere/"),
    Address("POST", "/ws/chat/CHAT/"),
];

/// How many inputs are drawn at a time.
const BATCH: usize = 50;
/// How many requests are under way at a time.
const AT_ONCE: usize = 4;
/// How long a chat's name may be, in characters.
const NAME: usize = 255;
