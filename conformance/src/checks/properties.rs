//! Any content and any frame: what holds whatever is said.
//!
//! Those that wait for many messages run alone: Channels loses one now and then when another connection of the
//! process ends at the same moment, as connections of other checks do all the time.

use std::collections::BTreeMap;

use chat_fixtures::socket::Heard;
use futures_util::{StreamExt, stream};
use proptest::prelude::Strategy;
use serde_json::{Map, Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_eq, shown},
    property::{
        AT_ONCE, Broken, any as anything, at, frames, holds_for_any,
        talk::{BATCH, all_are_refused, answers, both_hear, prepared},
    },
    python,
    shape::core_of,
};

checks! {
    SEND_6 => any_content_by_rest_is_trimmed [Generated],
    HIST_2 => any_content_is_in_the_history_as_it_was_told [Generated, Alone],
    WS_5 => any_object_without_content_is_refused [Generated],
    WS_6 => any_text_that_is_no_json_is_refused [Generated],
    WS_7 => any_other_fields_are_ignored [Generated, Alone],
    WS_11 => any_content_by_socket_stays_as_it_is [Generated, Alone],
    WS_11 => any_number_becomes_text [Generated, Alone],
    WS_14 => any_json_that_is_no_object_is_refused [Generated],
    WS_15 => any_list_or_object_as_content_is_refused [Generated],
    WS_16 => what_cannot_be_stored_is_refused_anywhere [Generated],
    WS_17 => any_bytes_close_the_connection [Generated],
}

async fn any_content_by_rest_is_trimmed(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = &cx.chat_of(&[&alice]).await?;
    let path = &format!("/api/chats/{}/send_message/", chat.id);
    let alice = &alice;
    holds_for_any(cx, frames::content_by_rest, BATCH, |texts| async move {
        let answers = stream::iter(texts)
            .map(|text| async move {
                let answer = alice.client.post(path, &json!({"content": text})).await?;
                let trimmed = python::stripped(&text);
                if trimmed.is_empty() || trimmed.contains('\0') {
                    let refused = answer.status == 400
                        && answer.json().is_ok_and(|body| body["content"].is_array());
                    return expect(
                        refused,
                        "the answer",
                        "400 {\"content\": […]}",
                        shown(&answer),
                    );
                }
                let content = answer.json()?.get("content").cloned();
                let kept = answer.status == 201 && content == Some(Value::from(trimmed));
                expect(
                    kept,
                    "the answer",
                    format!("201 and the content {trimmed:?}"),
                    shown(&answer),
                )
            })
            .buffered(AT_ONCE)
            .collect::<Vec<_>>();
        first_of(answers.await)
    })
    .await
}

async fn any_content_is_in_the_history_as_it_was_told(cx: &Context) -> Verdict {
    let [alice, bob] = &cx.people().await?;
    holds_for_any(cx, anything::text, BATCH, |texts| async move {
        // White space at the ends is for SEND-6 and WS-11 to judge.
        let texts: Vec<_> = texts.iter().map(|text| format!("<{text}>")).collect();
        let (chat, mut speaking, mut listening) = prepared(cx, alice, bob)
            .await
            .map_err(|failure| (0, failure))?;
        let mut told: BTreeMap<u64, Value> = BTreeMap::new();
        for (n, text) in texts.iter().enumerate() {
            let message = if n % 2 == 0 {
                cx.given("send by REST", alice.posts(&chat, text)).await
            } else {
                cx.given("speak", both_hear(&mut speaking, &mut listening, text))
                    .await
            };
            let message = message.map_err(|failure| (n, failure))?;
            told.insert(
                message["id"].as_u64().unwrap_or_default(),
                core_of(&message),
            );
        }
        let history = bob.reads(&chat).await.map_err(|error| (0, error.into()))?;
        let mut kept: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
        for message in history {
            let id = message["id"].as_u64().unwrap_or_default();
            kept.entry(id).or_default().push(core_of(&message));
        }
        for (n, (id, message)) in told.into_iter().enumerate() {
            let kept = kept.remove(&id).unwrap_or_default();
            expect_eq(kept, vec![message], "the history's messages of one id").map_err(at(n))?;
        }
        Ok(())
    })
    .await
}

async fn any_object_without_content_is_refused(cx: &Context) -> Verdict {
    let words = "Content cannot be empty";
    all_are_refused(cx, frames::object_without_content, words).await
}

async fn any_text_that_is_no_json_is_refused(cx: &Context) -> Verdict {
    all_are_refused(cx, anything::no_json, "Invalid JSON").await
}

async fn any_other_fields_are_ignored(cx: &Context) -> Verdict {
    let object = || {
        let lie = (0..LIES.len(), 0..6_usize);
        let lies = proptest::collection::vec(lie, 1..7);
        (anything::object(), anything::text(), lies).boxed()
    };
    let [alice, bob] = &cx.people().await?;
    let elsewhere = &cx.chat_of(&[alice, bob]).await?;
    holds_for_any(cx, object, BATCH, |objects: Vec<Lying>| async move {
        let somebody = [
            json!(bob.id),
            json!(bob.id.to_string()),
            json!(bob.username),
            json!({"id": bob.id, "username": bob.username}),
            json!(elsewhere.id),
            json!(elsewhere.id.to_string()),
        ];
        let frames: Vec<_> = objects
            .into_iter()
            .map(|(mut object, content, lies)| {
                for (key, value) in lies {
                    object.insert(LIES[key].to_owned(), somebody[value].clone());
                }
                object.insert("content".to_owned(), content.into());
                Value::Object(object)
            })
            .collect();
        answers(cx, alice, bob, &frames, |chat, _, event| {
            let message = &event["message"];
            let own = message["chat"] == chat.id && message["sender"]["id"] == alice.id;
            expect(
                own,
                "the message",
                "its chat and sender those of the connection",
                event,
            )
        })
        .await
    })
    .await
}

async fn any_content_by_socket_stays_as_it_is(cx: &Context) -> Verdict {
    let [alice, bob] = &cx.people().await?;
    holds_for_any(
        cx,
        frames::content_by_socket,
        BATCH,
        |texts: Vec<String>| async move {
            let frames: Vec<_> = texts.iter().map(|text| json!({"content": text})).collect();
            answers(cx, alice, bob, &frames, |_, n, event| {
                let content = &event["message"]["content"];
                expect(
                    *content == texts[n],
                    "the content",
                    format!("{:?}", texts[n]),
                    content,
                )
            })
            .await
        },
    )
    .await
}

async fn any_number_becomes_text(cx: &Context) -> Verdict {
    let [alice, bob] = &cx.people().await?;
    holds_for_any(
        cx,
        anything::number,
        BATCH,
        |numbers: Vec<String>| async move {
            let frame = |number: &String| format!("{{\"content\": {number}}}");
            let frames: Vec<_> = numbers.iter().map(frame).collect();
            answers(cx, alice, bob, &frames, |_, n, event| {
                let content = event["message"]["content"].as_str();
                let text = python::number(&numbers[n]);
                expect_eq(content, text.as_deref(), "the content")
            })
            .await
        },
    )
    .await
}

async fn any_json_that_is_no_object_is_refused(cx: &Context) -> Verdict {
    all_are_refused(cx, frames::no_object, "Invalid JSON").await
}

async fn any_list_or_object_as_content_is_refused(cx: &Context) -> Verdict {
    let words = "Content must be a string";
    all_are_refused(cx, frames::list_or_object_as_content, words).await
}

async fn what_cannot_be_stored_is_refused_anywhere(cx: &Context) -> Verdict {
    let words = "Content contains characters that are not allowed";
    all_are_refused(cx, frames::not_storable, words).await
}

async fn any_bytes_close_the_connection(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    let chat = &cx.chat_of(&[alice]).await?;
    holds_for_any(
        cx,
        frames::bytes,
        BATCH,
        |inputs: Vec<Vec<u8>>| async move {
            // A connection for each: a few tell as much as many.
            let ends = stream::iter(inputs.into_iter().step_by(RARELY))
                .map(|bytes| async move {
                    let mut connection = cx.connected(alice, chat).await?;
                    connection.socket.send(Message::binary(bytes)).await?;
                    let patience = connection.patience;
                    match connection.socket.next_within(patience).await {
                        Heard::Closed(1003, _) => Ok(()),
                        other => Err(Failure::violation("what comes", "the end (1003)", other)),
                    }
                })
                .buffered(AT_ONCE)
                .collect::<Vec<_>>();
            first_of(ends.await).map_err(|(n, failure)| (n * RARELY, failure))
        },
    )
    .await
}

/// A frame's other fields, its content, and which lies it tells.
type Lying = (Map<String, Value>, String, Vec<(usize, usize)>);

fn first_of(verdicts: Vec<Verdict>) -> Result<(), Broken> {
    verdicts
        .into_iter()
        .enumerate()
        .try_for_each(|(n, verdict)| verdict.map_err(at(n)))
}

/// Every how many inputs one gets a connection of its own.
const RARELY: usize = 10;
/// Fields by which somebody may pretend to be another, or elsewhere.
const LIES: [&str; 9] = [
    "chat",
    "chat_id",
    "room",
    "sender",
    "sender_id",
    "user",
    "user_id",
    "username",
    "id",
];
