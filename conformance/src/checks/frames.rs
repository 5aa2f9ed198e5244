//! Frames that are no message, and fields that do not count: what their sender is told, and nobody else.

use chat_fixtures::people::Connection;
use serde_json::{Value, json};

use crate::{
    check::Verdict,
    checks,
    context::Context,
    expect::{expect, expect_fields, in_json},
    room::{
        Room, content_of, contents, hears, hears_until, history, next_frame, sends, shortened,
        speaks,
    },
};

checks! {
    WS_5 => the_sender_is_told_that_it_is_empty,
    WS_5 => nobody_else_hears_of_an_empty_message,
    WS_5 => no_other_connection_of_the_sender_hears_of_it,
    WS_5 => nothing_empty_is_stored,
    WS_5 => the_connection_goes_on_after_an_empty_message,
    WS_6 => the_sender_is_told_that_it_is_no_json,
    WS_6 => nobody_else_hears_of_what_is_no_json,
    WS_6 => no_other_connection_of_the_sender_hears_of_bad_json,
    WS_6 => the_connection_goes_on_after_what_is_no_json,
}

async fn the_sender_is_told_that_it_is_empty(cx: &Context) -> Verdict {
    tells_the_sender(cx, &EMPTY).await
}

pub(super) async fn nobody_else_hears_of_an_empty_message(cx: &Context) -> Verdict {
    tells_nobody_else(cx, &EMPTY).await
}

async fn no_other_connection_of_the_sender_hears_of_it(cx: &Context) -> Verdict {
    tells_no_other_connection(cx, &EMPTY).await
}

/// A message follows each, so that what is stored late would be there as well when the history is read.
async fn nothing_empty_is_stored(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [author, _] = &room.people;
    let [mut alice, mut bob] = room.connections;
    let mut said = Vec::new();
    for (n, (frame, _)) in EMPTY.frames.iter().enumerate() {
        sends(&mut alice, frame).await?;
        let words = format!("after empty {n}");
        speaks(&mut alice, &words).await?;
        cx.given("hear a message", hears(&mut bob, &words, "bob"))
            .await?;
        said.push(words);
    }

    let told = history(cx, author, &room.chat).await?;
    let strange = told.iter().find(|message| {
        let content = message["content"].as_str();
        content.is_none_or(|content| !said.iter().any(|words| words == content))
    });
    expect(
        strange.is_none(),
        "the history after empty messages",
        format!("nothing but {said:?}"),
        in_json(&contents(&told)),
    )
}

pub(super) async fn the_connection_goes_on_after_an_empty_message(cx: &Context) -> Verdict {
    goes_on(cx, &EMPTY).await
}

async fn the_sender_is_told_that_it_is_no_json(cx: &Context) -> Verdict {
    tells_the_sender(cx, &NO_JSON).await
}

pub(super) async fn nobody_else_hears_of_what_is_no_json(cx: &Context) -> Verdict {
    tells_nobody_else(cx, &NO_JSON).await
}

async fn no_other_connection_of_the_sender_hears_of_bad_json(cx: &Context) -> Verdict {
    tells_no_other_connection(cx, &NO_JSON).await
}

pub(super) async fn the_connection_goes_on_after_what_is_no_json(cx: &Context) -> Verdict {
    goes_on(cx, &NO_JSON).await
}

/// Frames that are answered with an error, and its words.
struct Refused {
    /// Each with a name for the reader.
    frames: &'static [(&'static str, &'static str)],
    error: &'static str,
}

async fn tells_the_sender(cx: &Context, refused: &Refused) -> Verdict {
    let room = Room::<1>::open(cx).await?;
    let [mut alice] = room.connections;
    let due = json!({"type": "error", "message": refused.error});
    for (frame, name) in refused.frames {
        sends(&mut alice, frame).await?;
        let what = format!("the answer to a frame with {name}, {}", shortened(frame));
        let answer = next_frame(&mut alice, &what).await?;
        expect_fields(&answer, &due, &what)?;
    }
    Ok(())
}

async fn tells_nobody_else(cx: &Context, refused: &Refused) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [mut alice, mut bob] = room.connections;
    stays_silent(cx, &mut alice, &mut bob, "bob", refused).await
}

async fn tells_no_other_connection(cx: &Context, refused: &Refused) -> Verdict {
    let room = Room::<1>::open(cx).await?;
    let [person] = &room.people;
    let mut other = cx.connected(person, &room.chat).await?;
    let [mut alice] = room.connections;
    let who = "the sender's other connection";
    stays_silent(cx, &mut alice, &mut other, who, refused).await
}

/// The listener hears the message that follows each frame, and nothing of the frame.
async fn stays_silent(
    cx: &Context,
    speaker: &mut Connection,
    listener: &mut Connection,
    who: &str,
    refused: &Refused,
) -> Verdict {
    let mut said: Vec<String> = Vec::new();
    for (n, (frame, name)) in refused.frames.iter().enumerate() {
        sends(speaker, frame).await?;
        said.push(format!("marker {n}"));
        speaks(speaker, &said[n]).await?;
        let heard = cx
            .given("hear a message", hears_until(listener, &said[n], who))
            .await?;
        let strange = heard.iter().find(|event| {
            content_of(event).is_none_or(|content| !said.iter().any(|words| words == content))
        });
        expect(
            strange.is_none(),
            format!(
                "what {who} hears of a frame with {name}, {}",
                shortened(frame)
            ),
            "nothing",
            strange.unwrap_or(&Value::Null),
        )?;
    }
    Ok(())
}

async fn goes_on(cx: &Context, refused: &Refused) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [mut alice, mut bob] = room.connections;
    speaks(&mut alice, "before").await?;
    cx.given("hear a message", hears(&mut bob, "before", "bob"))
        .await?;
    speaks(&mut bob, "before too").await?;
    let answer = hears(&mut alice, "before too", "alice");
    cx.given("hear a message", answer).await?;
    for (n, (frame, name)) in refused.frames.iter().enumerate() {
        let words = format!("afterwards {n}");
        let who = format!("bob, after alice sent a frame with {name},");
        sends(&mut alice, frame).await?;
        // Before she says anything else: one may be listened to and yet hear nobody.
        let others = format!("meanwhile {n}");
        speaks(&mut bob, &others).await?;
        let listener = format!("alice, after her frame with {name},");
        hears(&mut alice, &others, &listener).await?;
        speaks(&mut alice, &words).await?;
        hears(&mut bob, &words, &who).await?;
    }
    Ok(())
}

const EMPTY: Refused = Refused {
    frames: &[
        (r#"{"content": ""}"#, "empty content"),
        (r#"{"content": null}"#, "null for content"),
        ("{}", "no content"),
        (r#"{"message": "x"}"#, "another field than content"),
    ],
    error: "Content cannot be empty",
};

const NO_JSON: Refused = Refused {
    frames: &[
        ("hello", "bare text"),
        ("", "nothing in it"),
        ("   ", "white space"),
        ("{", "a brace"),
        (r#"{"content": "x""#, "no end"),
        (r#"{"content": "x}"#, "a string without an end"),
        (r#"{"content": "x",}"#, "a comma too many"),
        (r#"{"content": 'x'}"#, "single quotes"),
        (r#"{content: "x"}"#, "a bare key"),
        (r#"{"content": "x"}{"content": "y"}"#, "two objects"),
        ("{\"content\": \"x\ny\"}", "a raw newline in a string"),
        (r#"{"content": "\x41"}"#, "an escape that JSON has not"),
        (r#"{"content": 01}"#, "a number with a leading zero"),
        (r#"{"content": True}"#, "Python's True"),
    ],
    error: "Invalid JSON",
};
