//! JSON, a form, a form in parts: three ways to put the same body.

use chat_fixtures::{
    answer::Answer,
    client::Ask,
    people::{Chat, Person},
};
use serde_json::json;

use super::chats::expect_participants;
use super::messages::{contents, expect_contents, has_said, history, settled};
use crate::{
    accepted::accepted,
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_answer, expect_json, shown},
    paths,
};

checks! {
    SEND_2 => read_only_fields_of_forms_are_ignored,
    SEND_7 => forms_mean_the_same,
    SEND_7 => forms_are_refused_in_the_same_words,
    SEND_7 => forms_carry_the_csrf_token,
    SEND_7 => forms_make_and_rename_chats,
}

/// A form may be read by other code than JSON. That forms are taken at all is SEND-7's.
async fn read_only_fields_of_forms_are_ignored(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let own = cx.chat_of(&[&alice, &bob]).await?;
    let foreign = cx.chat_of(&[&bob, &carol]).await?;
    let first = has_said(cx, &alice, &chat, "before").await?;
    for (answer, what) in by_forms(&alice, &chat, "plain", &[("content", "plain")]).await? {
        cx.given("send a form", async { accepted(&answer, &what) })
            .await?;
    }
    let mut expected = ["before", "plain", "plain"].map(str::to_owned).to_vec();
    for (field, value) in [
        ("chat", own.id.to_string()),
        ("chat", foreign.id.to_string()),
        ("chat", paths::unknown_id(cx).to_string()),
        ("chat", String::new()),
        ("chat", "nonsense".to_owned()),
        ("id", first["id"].to_string()),
        ("sender", bob.id.to_string()),
        ("timestamp", LONG_AGO.to_owned()),
    ] {
        let content = format!("with-{field}-{value}");
        let encoded = format!("{content}&{field}={value}");
        let parts = [("content", &*content), (field, &*value)];
        for (answer, what) in by_forms(&alice, &chat, &encoded, &parts).await? {
            let message = accepted(&answer, &what)?;
            let ignored = message["chat"] == chat.id
                && message["sender"]["id"] == alice.id
                && message["id"] != first["id"]
                && message["timestamp"] != LONG_AGO;
            expect(ignored, what, format!("`{field}` ignored"), &message)?;
        }
        expected.extend([content.clone(), content]);
    }
    let stored = settled(&alice, &chat, |stored| stored.len() == expected.len()).await?;
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    expect_contents(&stored, &expected, "the chat's contents")?;
    for (other, reader) in [(&own, &alice), (&foreign, &bob)] {
        let stored = contents(&history(reader, other).await?);
        expect_json(&stored, &json!([]), "the contents of the chats named")?;
    }
    Ok(())
}

async fn forms_mean_the_same(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    for (encoded, plain) in [
        ("formed", "formed"),
        ("++two+words++", "  two words  "),
        ("a%2Bb%26c%3Dd", "a+b&c=d"),
        ("%C3%B1%F0%9F%9A%80", "ñ\u{1f680}"),
        ("12.50", "12.50"),
        ("true", "true"),
        ("a%0Ab", "a\nb"),
    ] {
        let body = json!({"content": plain});
        let as_json = alice.client.post(&paths::sending(chat.id), &body).await?;
        let as_json = cx.given("send as JSON", async {
            accepted(&as_json, "sending as JSON")
        });
        let as_json = as_json.await?;
        for (answer, what) in by_forms(&alice, &chat, encoded, &[("content", plain)]).await? {
            let message = accepted(&answer, &what)?;
            expect_json(&message["content"], &as_json["content"], &what)?;
            expect_json(&message["chat"], &as_json["chat"], &what)?;
            expect_json(&message["sender"], &as_json["sender"], &what)?;
        }
    }
    Ok(())
}

async fn forms_are_refused_in_the_same_words(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    for (encoded, parts) in [
        ("", [("content", "")]),
        ("+", [("content", " ")]),
        ("a%00b", [("content", "a\0b")]),
        ("x&content=", [("content", "")]),
    ] {
        let body = json!({"content": parts[0].1});
        let as_json = alice.client.post(&paths::sending(chat.id), &body).await?;
        for (answer, what) in by_forms(&alice, &chat, encoded, &parts).await? {
            expect_alike(&answer, &as_json, &what)?;
        }
    }
    let path = paths::sending(chat.id);
    let as_json = alice.client.post(&path, &json!({})).await?;
    for ask in [
        Ask::new("POST", &path).body(FORM, "other=1"),
        Ask::new("POST", &path).multipart(&[("other", "1")]),
    ] {
        let answer = alice.client.ask(ask).await?;
        expect_alike(&answer, &as_json, "sending a form without content")?;
    }
    Ok(())
}

async fn forms_carry_the_csrf_token(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let path = paths::sending(chat.id);
    has_said(cx, &alice, &chat, "first").await?;
    let Some(token) = alice.client.csrf_token() else {
        return Err(Failure::Untestable("no login gave a CSRF token".to_owned()));
    };
    let encoded = format!("content=form&csrfmiddlewaretoken={token}");
    let parts = [("csrfmiddlewaretoken", &*token), ("content", "parts")];
    for (ask, content) in [
        (Ask::new("POST", &path).body(FORM, encoded), "form"),
        (Ask::new("POST", &path).multipart(&parts), "parts"),
    ] {
        let answer = alice.client.ask(ask.without_csrf()).await?;
        let what = format!("sending {content} with the token in the body");
        let message = accepted(&answer, &what)?;
        expect_json(&message["content"], &json!(content), &what)?;
    }
    Ok(())
}

async fn forms_make_and_rename_chats(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob, &carol]).await?;
    let (name, b, c) = (cx.name("formed"), bob.id.to_string(), carol.id.to_string());
    let encoded = format!("name={name}&participant_ids={b}&participant_ids={c}");
    let parts = [
        ("name", &*name),
        ("participant_ids", &*b),
        ("participant_ids", &*c),
    ];
    for ask in [
        Ask::new("POST", "/api/chats/").body(FORM, encoded),
        Ask::new("POST", "/api/chats/").multipart(&parts),
    ] {
        let made = accepted(&alice.client.ask(ask).await?, "a chat by form")?;
        expect_json(&made["name"], &json!(name), "the name of a chat by form")?;
        let everybody = [&alice, &bob, &carol];
        expect_participants(&made, &everybody, "participants by form")?;
    }
    for method in ["PUT", "PATCH"] {
        let name = cx.name(method);
        let path = paths::chat(chat.id);
        for ask in [
            Ask::new(method, &path).body(FORM, format!("name={name}")),
            Ask::new(method, &path).multipart(&[("name", &name)]),
        ] {
            let what = format!("{method} by form");
            let changed = accepted(&alice.client.ask(ask).await?, &what)?;
            expect_json(&changed["name"], &json!(name), &what)?;
        }
    }
    Ok(())
}

/// The same message sent as a form and as one in parts: the answers, and what was sent.
async fn by_forms(
    person: &Person,
    chat: &Chat,
    encoded: &str,
    parts: &[(&str, &str)],
) -> Result<[(Answer, String); 2], Failure> {
    let path = paths::sending(chat.id);
    let form = Ask::new("POST", &path).body(FORM, format!("content={encoded}"));
    let in_parts = Ask::new("POST", &path).multipart(parts);
    Ok([
        (
            person.client.ask(form).await?,
            format!("sending the form content={encoded}"),
        ),
        (
            person.client.ask(in_parts).await?,
            format!("sending {parts:?} in parts"),
        ),
    ])
}

/// A form is answered as the same in JSON, which is refused.
fn expect_alike(answer: &Answer, as_json: &Answer, what: &str) -> Verdict {
    let body = as_json
        .json()
        .map_err(|error| Failure::from(error).in_preparation("be refused as JSON"))?;
    if !(400..500).contains(&as_json.status) {
        let reason = format!("the same as JSON was not refused: {}", shown(as_json));
        return Err(Failure::Untestable(reason));
    }
    expect_answer(answer, as_json.status, &body, what)
}

const FORM: &str = "application/x-www-form-urlencoded";
/// A time that no server tells today.
const LONG_AGO: &str = "2001-02-03T04:05:06.789012Z";
