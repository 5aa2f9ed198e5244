//! A password is in no answer.

use chat_fixtures::{answer::Answer, people::Person};
use rand::RngExt;
use serde_json::{Value, json};

use crate::{
    check::Verdict,
    checks,
    context::Context,
    expect::expect,
    registration::{accepted, logs_in, registers, with},
};

checks! {
    REG_4 => tells_nobody_a_password,
}

async fn tells_nobody_a_password(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    cx.needs_registration()?;
    // Two words that are in an answer only if the server puts them there.
    let mut rng = cx.rng();
    let mut word = || format!("sesame-{:016x}", rng.random::<u64>());
    let (password, other) = (word(), word());
    let form = json!({
        "username": cx.username("nora"), "password": password, "password_confirm": password,
    });
    let nora = cx.stranger();
    let mut said = Vec::new();

    let forms = [
        ("passwords that differ", json!({"password_confirm": other})),
        ("a bad user type", json!({"user_type": "admin"})),
        ("a bad username", json!({"username": "has space!"})),
        ("a missing confirmation", json!({"password_confirm": null})),
        ("a good registration", json!({})),
        ("a taken username", json!({})),
    ];
    let mut id = 0;
    for (what, changes) in &forms {
        let answer = registers(&nora, &with(form.clone(), changes)).await?;
        let user = answer.json().unwrap_or_default();
        id = user["id"].as_u64().unwrap_or(id);
        said.push(Said::by(what, &answer));
    }
    let name = form["username"].as_str().unwrap_or_default();
    let answer = logs_in(&nora, name, &other).await?;
    said.push(Said::by("a wrong password", &answer));
    let answer = logs_in(&nora, name, &password).await?;
    said.push(Said::by("a login", &answer));
    let nora = Person::known(nora, cx.bases(), id, name, &password);
    let chat = cx.chat_of(&[&alice, &nora]).await?;
    let sent = cx
        .given("send a message", nora.posts(&chat, "hello"))
        .await?;
    said.push(Said::of("a message by REST", &sent));
    let event = cx.connected(&nora, &chat).await?.says("hello").await;
    let event = cx.given("send a message", async { event }).await?;
    said.push(Said::of("a message by WebSocket", &event));
    for (what, path) in [
        ("who one is", "/api/me/".to_owned()),
        ("a chat with them", format!("/api/chats/{}/", chat.id)),
        ("the history", format!("/api/chats/{}/messages/", chat.id)),
        ("all messages", "/api/messages/".to_owned()),
        ("all chats", "/api/chats/".to_owned()),
    ] {
        said.push(Said::by(what, &nora.client.get(&path).await?));
    }
    let answer = nora.client.post("/api/logout/", &json!({})).await?;
    said.push(Said::by("a logout", &answer));

    for Said { what, text, fields } in said {
        let tells = [&*password, &*other, "pbkdf2_", "$argon2", "$2b$"]
            .into_iter()
            .any(|secret| text.contains(secret));
        expect(
            !tells && !has_password(&fields),
            format!("the answer to {what}"),
            "no password in it, nor a hash of one",
            text,
        )?;
    }
    Ok(())
}

/// What a server said, all of it.
struct Said {
    what: String,
    text: String,
    /// The body of what succeeded: an error may be about the field `password`, nothing else has one.
    fields: Value,
}

impl Said {
    fn by(what: &str, answer: &Answer) -> Self {
        Self {
            what: what.to_owned(),
            text: format!("{} {} {:?}", answer.status, answer.text(), answer.headers),
            fields: if accepted(answer) {
                answer.json().unwrap_or_default()
            } else {
                Value::Null
            },
        }
    }

    fn of(what: &str, body: &Value) -> Self {
        Self {
            what: what.to_owned(),
            text: body.to_string(),
            fields: body.clone(),
        }
    }
}

fn has_password(body: &Value) -> bool {
    match body {
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains("password") || has_password(value)),
        Value::Array(items) => items.iter().any(has_password),
        _ => false,
    }
}
