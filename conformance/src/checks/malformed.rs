//! Frames that break the original or slip through it: what a sound server answers, and that it goes on.

use chat_fixtures::socket::Heard;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    check::Verdict,
    checks,
    context::Context,
    expect::{expect, expect_eq, expect_json},
    room::{Room, contents, hears, history, next_new, sends, shortened, speaks},
};

checks! {
    WS_14 => json_that_is_no_object_is_invalid,
    WS_14 => numbers_that_are_none_are_invalid,
    WS_14 => what_the_parser_cannot_take_is_invalid,
    WS_15 => true_lists_and_objects_are_no_content,
    WS_16 => characters_that_cannot_be_stored_are_refused,
    WS_17 => a_binary_frame_ends_the_connection [Alone],
    WS_17 => a_binary_frame_ends_no_other_connection [Alone],
}

async fn json_that_is_no_object_is_invalid(cx: &Context) -> Verdict {
    let frames = [
        "[]",
        r#"[{"content": "x"}]"#,
        r#"["content", "x"]"#,
        r#""content""#,
        r#""""#,
        "5",
        "1.5",
        "0",
        "true",
        "false",
        "null",
    ];
    refused(cx, &frames, "Invalid JSON").await
}

/// Python reads and writes them; JSON has no such numbers.
async fn numbers_that_are_none_are_invalid(cx: &Context) -> Verdict {
    let frames = [
        r#"{"content": NaN}"#,
        r#"{"content": Infinity}"#,
        r#"{"content": -Infinity}"#,
        r#"{"content": 1e309}"#,
        r#"{"content": -1e309}"#,
        r#"{"content": [NaN]}"#,
        r#"{"content": "x", "y": NaN}"#,
        r#"{"content": "x", "y": 1e999}"#,
        r#"{"content": "x", "y": {"z": [-Infinity]}}"#,
        r#"{"y": NaN}"#,
        "NaN",
        "-Infinity",
    ];
    refused(cx, &frames, "Invalid JSON").await
}

async fn what_the_parser_cannot_take_is_invalid(cx: &Context) -> Verdict {
    let digits = "7".repeat(4301);
    let frames = [
        format!(r#"{{"content": {digits}}}"#),
        format!(r#"{{"content": "x", "y": {digits}}}"#),
        digits,
        format!(r#"{{"content": "x", "y": {}"#, "[".repeat(100_000)),
        format!(
            r#"{{"content": "x", "y": {}{}}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        ),
        r#"{"a":"#.repeat(100_000),
    ];
    refused(cx, &frames, "Invalid JSON").await
}

async fn true_lists_and_objects_are_no_content(cx: &Context) -> Verdict {
    let frames = [
        r#"{"content": true}"#,
        r#"{"content": [[]]}"#,
        r#"{"content": ["x"]}"#,
        r#"{"content": [1, 2.50, "x", null, true]}"#,
        r#"{"content": {"a": {"b": []}}}"#,
        r#"{"content": ["\u0000"]}"#,
        r#"{"content": ["\ud800"]}"#,
    ];
    refused(cx, &frames, "Content must be a string").await
}

async fn characters_that_cannot_be_stored_are_refused(cx: &Context) -> Verdict {
    let frames = [
        r#"{"content": "a\u0000b"}"#,
        r#"{"content": "\u0000"}"#,
        r#"{"content": "a\ud800b"}"#,
        r#"{"content": "\udfff"}"#,
        r#"{"content": "\udc00\ud800"}"#,
        r#"{"content": "\u0000\ud800"}"#,
    ];
    refused(
        cx,
        &frames,
        "Content contains characters that are not allowed",
    )
    .await
}

async fn a_binary_frame_ends_the_connection(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    for payload in [&br#"{"content": "x"}"#[..], b"", b"\x00\xff"] {
        let mut connection = cx.connected(&alice, &chat).await?;
        connection
            .socket
            .send(Message::binary(payload.to_vec()))
            .await?;
        let heard = connection.socket.next_within(connection.patience).await;
        let what = format!("the answer to a binary frame of {} bytes", payload.len());
        expect(
            matches!(heard, Heard::Closed(1003, _)),
            what,
            "closed with 1003",
            heard,
        )?;
    }
    expect_eq(
        contents(&history(cx, &alice, &chat).await?),
        Vec::new(),
        "the history after binary frames",
    )
}

async fn a_binary_frame_ends_no_other_connection(cx: &Context) -> Verdict {
    let room = Room::<3>::open(cx).await?;
    let [mut alice, mut bob, mut carol] = room.connections;
    speaks(&mut alice, "before").await?;
    cx.given("hear a message", hears(&mut bob, "before", "bob"))
        .await?;

    carol.socket.send(Message::binary(b"{}".to_vec())).await?;
    carol.socket.next_within(carol.patience).await;
    // By then carol is gone: in Channels a word said while somebody leaves may be lost (channels_redis #366).
    history(cx, &room.people[0], &room.chat).await?;

    speaks(&mut alice, "we go on").await?;
    hears(&mut bob, "we go on", "bob, after carol's binary frame,")
        .await
        .map(drop)
}

/// Each is answered with exactly this error, none is stored, and a message passes after each.
async fn refused(cx: &Context, frames: &[impl AsRef<str>], error: &str) -> Verdict {
    let room = Room::<1>::open(cx).await?;
    let [author] = &room.people;
    let [mut alice] = room.connections;
    let due = json!({"type": "error", "message": error});
    let mut said = Vec::new();
    let mut heard = Vec::new();
    for (n, frame) in frames.iter().enumerate() {
        let frame = frame.as_ref();
        sends(&mut alice, frame).await?;
        let what = format!("the answer to {}", shortened(frame));
        expect_json(&next_new(&mut alice, &mut heard, &what).await?, &due, &what)?;
        said.push(format!("afterwards {n}"));
        speaks(&mut alice, &said[n]).await?;
        let who = format!("the sender, after {},", shortened(frame));
        heard.push(hears(&mut alice, &said[n], &who).await?);
    }

    // In which order, and that none is missing, is for the clauses of the history.
    let told = history(cx, author, &room.chat).await?;
    let mut told = contents(&told);
    told.retain(|words| !said.iter().any(|said| said == words));
    expect_eq(
        told,
        Vec::new(),
        "what the history holds of frames that were refused",
    )
}
