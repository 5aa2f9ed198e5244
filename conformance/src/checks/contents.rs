//! What counts as content, and what becomes of it on the way.

use chat_fixtures::people::{Chat, Person};
use serde_json::Value;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_eq, expect_json},
    room::{Room, content_of, hears, history, next_frame, next_new, sends, shortened, speaks},
    shape::expect_keys,
};

checks! {
    WS_11 => content_is_not_trimmed,
    WS_11 => white_space_alone_is_content,
    WS_11 => numbers_become_text,
    WS_11 => whole_numbers_keep_every_digit,
    WS_11 => what_is_false_counts_as_empty,
    WS_11 => text_that_looks_false_is_content,
    WS_11 => the_last_of_repeated_keys_wins,
    WS_11 => text_arrives_as_it_was_meant,
    WS_11 => frames_have_these_fields_and_no_more,
}

async fn content_is_not_trimmed(cx: &Context) -> Verdict {
    let padded = [
        (r#"{"content": "  x"}"#, "  x"),
        (r#"{"content": "x  "}"#, "x  "),
        (r#"{"content": "  x\n"}"#, "  x\n"),
        (r#"{"content": "\t x \r\n"}"#, "\t x \r\n"),
        (r#"{"content": "\u00a0x\u3000"}"#, "\u{a0}x\u{3000}"),
    ];
    becomes(cx, &padded).await
}

async fn white_space_alone_is_content(cx: &Context) -> Verdict {
    let blank = [
        (r#"{"content": " "}"#, " "),
        (r#"{"content": "   "}"#, "   "),
        (r#"{"content": "\n"}"#, "\n"),
        (
            r#"{"content": "\t\n\r\u00a0\u2028"}"#,
            "\t\n\r\u{a0}\u{2028}",
        ),
    ];
    becomes(cx, &blank).await
}

/// As Python spells what it reads.
async fn numbers_become_text(cx: &Context) -> Verdict {
    let numbers = [
        (r#"{"content": 1}"#, "1"),
        (r#"{"content": -1}"#, "-1"),
        (r#"{"content": 1.0}"#, "1.0"),
        (r#"{"content": 12.50}"#, "12.5"),
        (r#"{"content": 1e3}"#, "1000.0"),
        (r#"{"content": 1E+3}"#, "1000.0"),
        (r#"{"content": 1e-4}"#, "0.0001"),
        (r#"{"content": 1e-5}"#, "1e-05"),
        (r#"{"content": 1e15}"#, "1000000000000000.0"),
        (r#"{"content": 1e16}"#, "1e+16"),
        (r#"{"content": 1e22}"#, "1e+22"),
        (r#"{"content": 0.30000000000000004}"#, "0.30000000000000004"),
        (r#"{"content": 5e-324}"#, "5e-324"),
        (
            r#"{"content": 1.7976931348623157e308}"#,
            "1.7976931348623157e+308",
        ),
        (
            r#"{"content": 12345678901234567.8}"#,
            "1.2345678901234568e+16",
        ),
        (r#"{"content": 9007199254740993.0}"#, "9007199254740992.0"),
    ];
    becomes(cx, &numbers).await
}

async fn whole_numbers_keep_every_digit(cx: &Context) -> Verdict {
    let long = "7".repeat(300);
    let longer = "7".repeat(4300);
    for digits in [
        "9007199254740993",
        "18446744073709551616",
        "-123456789012345678901234567890",
        &long,
        &longer,
    ] {
        let frame = format!(r#"{{"content": {digits}}}"#);
        becomes(cx, &[(&frame, digits)]).await?;
    }
    Ok(())
}

async fn what_is_false_counts_as_empty(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let due = answer_to(cx, &alice, &chat, r#"{"content": ""}"#).await;
    let due = cx
        .given("be told that content is empty", async { due })
        .await?;
    for falsy in [
        "0", "-0", "0.0", "-0.0", "0e5", "1e-400", "false", "[]", "{}", "null",
    ] {
        let frame = format!(r#"{{"content": {falsy}}}"#);
        let answer = answer_to(cx, &alice, &chat, &frame).await?;
        let what = format!("the answer to {frame}, beside empty content's");
        expect_json(&answer, &due, &what)?;
    }
    Ok(())
}

async fn text_that_looks_false_is_content(cx: &Context) -> Verdict {
    let text = [
        (r#"{"content": "0"}"#, "0"),
        (r#"{"content": "false"}"#, "false"),
        (r#"{"content": "null"}"#, "null"),
        (r#"{"content": "[]"}"#, "[]"),
        (r#"{"content": "\"\""}"#, "\"\""),
    ];
    becomes(cx, &text).await
}

async fn the_last_of_repeated_keys_wins(cx: &Context) -> Verdict {
    let repeated = [
        (r#"{"content": "a", "content": "b"}"#, "b"),
        (r#"{"content": "", "content": "c"}"#, "c"),
        (r#"{"content": null, "content": "d", "x": 1}"#, "d"),
        (r#"{"content": "e", "\u0063ontent": "f"}"#, "f"),
    ];
    becomes(cx, &repeated).await?;

    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    for last in ["\"\"", "null"] {
        let frame = format!(r#"{{"content": "a", "content": {last}}}"#);
        let answer = answer_to(cx, &alice, &chat, &frame).await?;
        let what = format!("the type of the answer to {frame}");
        expect_eq(answer["type"].as_str(), Some("error"), &what)?;
    }
    Ok(())
}

/// Escapes mean what JSON says, nothing is escaped, normalised or left out on the way.
async fn text_arrives_as_it_was_meant(cx: &Context) -> Verdict {
    let text = [
        (
            r#"{"content": "\"\\\/\b\f\n\r\t\u0041"}"#,
            "\"\\/\u{8}\u{c}\n\r\tA",
        ),
        (
            r#"{"content": "\u0001\u001b\u007f\u0085."}"#,
            "\u{1}\u{1b}\u{7f}\u{85}.",
        ),
        (r#"{"content": "\ud83d\ude80 \uD83D\uDE80 🚀"}"#, "🚀 🚀 🚀"),
        (r#"{"content": "héllo 日本 \u65e5"}"#, "héllo 日本 日"),
        (r#"{"content": "e\u0301 é ﬁ Å"}"#, "e\u{301} é ﬁ Å"),
        (
            r#"{"content": "<script>alert(1)</script>&amp;'"}"#,
            "<script>alert(1)</script>&amp;'",
        ),
        (
            r#"{"content": "a\u2028b\u202ec\ufeffd\ufffe"}"#,
            "a\u{2028}b\u{202e}c\u{feff}d\u{fffe}",
        ),
        (
            r#"{"content": "{\"content\": \"x\"} %s {} \\u0041"}"#,
            "{\"content\": \"x\"} %s {} \\u0041",
        ),
    ];
    becomes(cx, &text).await
}

/// What the shapes of the contract list, exactly: `required` allows more of them, `parity` does not.
async fn frames_have_these_fields_and_no_more(cx: &Context) -> Verdict {
    let [mut alice] = Room::<1>::open(cx).await?.connections;
    speaks(&mut alice, "hello").await?;
    let event = cx
        .given("hear oneself", hears(&mut alice, "hello", "alice"))
        .await?;
    let (message, sender) = (&event["message"], &event["message"]["sender"]);
    expect_keys(&event, &["type", "message"], "the Event")?;
    expect_keys(
        message,
        &["id", "chat", "sender", "content", "timestamp"],
        "the Message in it",
    )?;
    expect_keys(
        sender,
        &["id", "username", "email", "user_type"],
        "the sender in it",
    )?;
    crate::shape::timestamp(&message["timestamp"], "the timestamp in it")?;

    sends(&mut alice, "{}").await?;
    let error = next_frame(&mut alice, "the answer to a frame without content");
    let error = cx.given("be told of an error", error).await?;
    expect_keys(&error, &["type", "message"], "the error")
}

/// The answer to one frame on a connection of its own: that one goes on after an error is WS-5's.
async fn answer_to(cx: &Context, who: &Person, chat: &Chat, frame: &str) -> Result<Value, Failure> {
    let mut connection = cx.connected(who, chat).await?;
    sends(&mut connection, frame).await?;
    next_frame(&mut connection, &format!("the answer to {frame}")).await
}

/// Each frame becomes a message with this content, as it is heard and as it is stored.
async fn becomes(cx: &Context, frames: &[(&str, &str)]) -> Verdict {
    let room = Room::<1>::open(cx).await?;
    let [author] = &room.people;
    let [mut alice] = room.connections;
    speaks(&mut alice, "plain").await?;
    let plain = cx
        .given("hear oneself", hears(&mut alice, "plain", "alice"))
        .await?;
    let mut due = vec![("plain", plain["message"]["id"].clone())];
    let mut heard = vec![plain];
    for (frame, content) in frames {
        let what = format!("what becomes of {}", shortened(frame));
        sends(&mut alice, frame).await?;
        let event = next_new(&mut alice, &mut heard, &what).await?;
        let actual = content_of(&event);
        let shown = actual.map_or_else(
            || event.to_string(),
            |text| format!("{:?}", shortened(text)),
        );
        expect(
            actual == Some(content),
            &what,
            format!("the content {:?}", shortened(content)),
            shown,
        )?;
        due.push((content, event["message"]["id"].clone()));
    }

    let told = history(cx, author, &room.chat).await?;
    let stored = |id: &Value| told.iter().find(|message| message["id"] == *id);
    for (content, id) in &due {
        // A history that leaves messages out is not what this is about.
        let Some(message) = stored(id) else { continue };
        let what = format!("the stored content of the message {id}");
        expect(
            message["content"] == *content,
            &what,
            format!("{:?}", shortened(content)),
            format!("{:?}", shortened(&message["content"].to_string())),
        )?;
    }
    Ok(())
}
