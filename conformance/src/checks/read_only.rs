//! Whose a message is, which chat it belongs to and when it was sent is not for the sender to say.

use std::time::Duration;

use serde_json::{Value, json};
use time::{PrimitiveDateTime, macros::format_description};

use super::messages::{contents, expect_contents, has_said, history, sends, settled};
use crate::{
    accepted::accepted,
    check::{Failure, Verdict},
    checks,
    context::Context,
    essence,
    expect::{expect, expect_eq, expect_json},
    paths,
};

checks! {
    SEND_2 => ignores_the_chat_of_the_body,
    SEND_2 => ignores_the_other_read_only_fields,
    SEND_3 => sender_is_the_user_of_the_session,
    SEND_3 => timestamp_is_of_the_servers_clock,
}

async fn ignores_the_chat_of_the_body(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let own = cx.chat_of(&[&alice, &bob]).await?;
    let foreign = cx.chat_of(&[&bob, &carol]).await?;
    has_said(cx, &alice, &chat, "before").await?;
    let mut expected = vec!["before".to_owned()];
    for named in [
        json!(own.id),
        json!(own.id.to_string()),
        json!(foreign.id),
        json!(paths::unknown_id(cx)),
        json!(null),
        json!("nonsense"),
        json!(true),
        json!([own.id]),
        json!({"id": own.id}),
    ] {
        let content = format!("with chat {named}");
        let body = json!({"content": content, "chat": named});
        let message = sends(&alice, &chat, &body).await?;
        let what = format!("the chat of a message sent with {body}");
        expect_json(&message["chat"], &json!(chat.id), &what)?;
        expected.push(content);
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

async fn ignores_the_other_read_only_fields(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let first = has_said(cx, &bob, &chat, "the first").await?;
    let path = paths::message(first["id"].as_u64().unwrap_or_default());
    let before = cx.given("read a message", async {
        accepted(&alice.client.get(&path).await?, "the first message")
    });
    let before = before.await?;
    let mut ids = vec![first["id"].clone()];
    for (field, value) in [
        ("id", first["id"].clone()),
        ("id", json!(paths::unknown_id(cx))),
        ("id", json!("x")),
        ("sender", json!(bob.id)),
        ("sender", json!({"id": bob.id, "username": bob.username})),
        ("sender", json!(null)),
        ("timestamp", json!("2001-02-03T04:05:06.789012Z")),
        ("timestamp", json!("never")),
    ] {
        let mut body = json!({"content": "Hello"});
        body[field] = value;
        let message = sends(&alice, &chat, &body).await?;
        let what = format!("a message sent with {body}");
        let ignored = match field {
            "sender" => message["sender"]["id"] == alice.id,
            "id" => message["id"] != body["id"] && !ids.contains(&message["id"]),
            _ => message[field] != body[field],
        };
        expect(ignored, what, format!("`{field}` ignored"), &message)?;
        ids.push(message["id"].clone());
    }
    let after = accepted(&alice.client.get(&path).await?, "the first message")?;
    expect_json(&after, &before, "the message whose id was named")?;
    let stored = settled(&alice, &chat, |stored| stored.len() == ids.len()).await?;
    expect_eq(stored.len(), ids.len(), "how many messages the chat has")?;
    for message in stored.iter().filter(|message| message["id"] != first["id"]) {
        let what = "the sender of a stored message";
        expect_json(&message["sender"]["id"], &json!(alice.id), what)?;
        let year = message["timestamp"].as_str().unwrap_or_default();
        expect(
            !year.starts_with("2001"),
            "a stored message's timestamp",
            "not the body's",
            year,
        )?;
    }
    Ok(())
}

async fn sender_is_the_user_of_the_session(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    has_said(cx, &alice, &chat, "first").await?;
    for (person, other) in [(&alice, &bob), (&bob, &alice)] {
        let me = cx.given("read who somebody is", async {
            accepted(&person.client.get("/api/me/").await?, "GET /api/me/")
        });
        let me = essence::of_user(&me.await?);
        for body in [
            json!({"content": "mine"}),
            json!({"content": "mine", "sender": {"id": other.id, "username": other.username}}),
            json!({"content": "mine", "sender": other.id, "user": other.id, "sender_id": other.id}),
        ] {
            let message = sends(person, &chat, &body).await?;
            let what = format!("the sender of a message sent with {body}");
            expect_json(&essence::of_user(&message["sender"]), &me, &what)?;
        }
    }
    Ok(())
}

async fn timestamp_is_of_the_servers_clock(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    has_said(cx, &alice, &chat, "first").await?;
    let mut last = None;
    for content in ["first", "second"] {
        let path = paths::sending(chat.id);
        let body = json!({"content": content});
        let answer = alice.client.post(&path, &body).await?;
        let message = accepted(&answer, "sending a message")?;
        let read = read_time(&message["timestamp"])?;
        let now = answer.header("date").and_then(http_date);
        let made = read_time(&chat.body["created_at"]).ok();
        for (near, what) in [(now, "own `Date`"), (made, "time of making the chat")] {
            let away = near.map(|near| (read - near).unsigned_abs());
            expect(
                away.is_none_or(|away| away < SKEW),
                "a message's timestamp",
                format!("near the server's {what}: {near:?}"),
                read,
            )?;
        }
        expect(
            last != Some(read),
            "the timestamps of two messages, one sent after the other",
            "different",
            read,
        )?;
        last = Some(read);
    }
    Ok(())
}

/// A time in whatever ISO form, for its form is not the question here.
fn read_time(value: &Value) -> Result<PrimitiveDateTime, Failure> {
    let text = value.as_str().unwrap_or_default();
    let whole = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let (seconds, _) = text.split_at_checked(19).unwrap_or((text, ""));
    let read = PrimitiveDateTime::parse(seconds, &whole);
    let read = read.map_err(|_| Failure::violation("a message's timestamp", "a time", value))?;
    let fraction = text.get(19..).unwrap_or_default();
    let digits: String = fraction.chars().filter(char::is_ascii_digit).collect();
    let micros = format!("{digits:0<6}")
        .get(..6)
        .and_then(|d| d.parse().ok());
    Ok(read + Duration::from_micros(micros.unwrap_or_default()))
}

fn http_date(text: &str) -> Option<PrimitiveDateTime> {
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    PrimitiveDateTime::parse(text, &form).ok()
}

/// How far the clocks of a proxy that writes `Date` and of the server behind it may be apart.
const SKEW: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn times_are_read_in_both_forms() {
        let date = http_date("Mon, 23 Nov 2026 00:34:46 GMT").unwrap();
        for (text, micros) in [
            ("2026-11-23T00:34:46Z", 0),
            ("2026-11-23T00:34:46.5Z", 500_000),
            ("2026-11-23T00:34:46.000001Z", 1),
        ] {
            let read = read_time(&json!(text)).unwrap();
            assert_eq!(read, date + Duration::from_micros(micros));
        }
        assert!(read_time(&json!("yesterday")).is_err());
    }
}
