//! Any body: the rules of its fields hold whatever they are.

use chat_fixtures::{client::Ask, people::Person};
use proptest::prelude::{Strategy, any};
use serde_json::{Map, Value};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, shown},
    property::{
        at,
        bodies::{self, Form},
        fields, holds_for_any, side_by_side,
        talk::BATCH,
    },
};

checks! {
    REG_5 => any_bad_fields_are_named_and_no_others [Generated],
    CHAT_5 => any_body_follows_the_rules_of_chats [Generated],
    CHAT_6 => any_change_follows_the_rules_of_chats [Generated],
    SEND_6 => any_body_follows_the_rules_of_messages [Generated],
}

async fn any_bad_fields_are_named_and_no_others(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    let stranger = &cx.stranger();
    holds_for_any(cx, bodies::registration, BATCH, |forms| {
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

async fn any_body_follows_the_rules_of_chats(cx: &Context) -> Verdict {
    let [alice, bob] = &cx.people().await?;
    holds_for_any(cx, bodies::chat, BATCH, |bodies| {
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
    let change = || (bodies::chat(), any::<bool>()).boxed();
    let at_first = &cx.given("see the chat", alice.client.get(path)).await?;
    let people = &cx.given("see the chat", async { at_first.json() }).await?["participants"];
    holds_for_any(cx, change, BATCH, |changes| async move {
        // One after the other: each is to be seen in its own answer.
        let seen = alice.client.get(path).await.map_err(Failure::from);
        let seen = seen.and_then(|answer| Ok(answer.json()?));
        let mut name = seen.map_err(at(0))?["name"].clone();
        for (n, (body, is_put)) in changes.into_iter().enumerate() {
            let method = if is_put { "PUT" } else { "PATCH" };
            let body = naming(body, bob);
            let answer = alice.client.ask(Ask::new(method, path).json(&body)).await;
            let answer = answer.map_err(|error| (n, error.into()))?;

            let given = body.get("name");
            let new = match fields::text(given, NAME) {
                None if given.is_none() && !is_put => Some(name.clone()),
                new => new.map(Value::from),
            };
            let bad = bad_fields(&body, new.is_none());
            let Some(new) = new.filter(|_| bad.is_empty()) else {
                names_errors(&answer, &bad).map_err(at(n))?;
                continue;
            };
            name = new;
            let after = answer.json().unwrap_or_default();
            let same = after["participants"] == *people;
            expect(
                answer.status == 200 && after["name"] == name && same,
                format!("the answer to {method}"),
                format!("200, the name {name}, the same participants"),
                shown(&answer),
            )
            .map_err(at(n))?;
        }
        Ok(())
    })
    .await
}

async fn any_body_follows_the_rules_of_messages(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    let chat = &cx.chat_of(&[alice]).await?;
    let path = &format!("/api/chats/{}/send_message/", chat.id);
    holds_for_any(cx, bodies::message, BATCH, |bodies| {
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

/// How long a chat's name may be, in characters.
const NAME: usize = 255;
