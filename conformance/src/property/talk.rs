//! Two people of a new chat, frames of any kind, and what each is answered.

use std::collections::BTreeSet;

use chat_fixtures::people::{Chat, Connection, Person};
use proptest::strategy::BoxedStrategy;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use super::{Broken, at, holds_for_any};
use crate::{
    check::{Failure, Verdict},
    context::Context,
    expect::{expect, expect_eq},
    shape::core_of,
};

/// Each frame is answered with an error in these words, to its sender alone; nothing is stored, and the
/// connection goes on.
pub(crate) async fn all_are_refused(
    cx: &Context,
    frames: fn() -> BoxedStrategy<String>,
    words: &str,
) -> Verdict {
    let [alice, bob] = &cx.people().await?;
    holds_for_any(cx, frames, BATCH, |frames| async move {
        let (chat, mut speaking, mut listening) = prepared(cx, alice, bob).await.map_err(at(0))?;
        let messages = frames.iter().map(Message::text);
        let sent = speaking.socket.send_all(messages.collect()).await;
        sent.map_err(|error| (0, error.into()))?;
        for n in 0..frames.len() {
            let event = speaking.hears().await.map_err(|error| (n, error.into()))?;
            let refused = event["type"] == "error" && event["message"] == words;
            expect(refused, "the answer", format!("the error {words:?}"), event).map_err(at(n))?;
        }
        let last = frames.len().saturating_sub(1);
        let marker = both_hear(&mut speaking, &mut listening, "still there").await;
        let marker = marker.map_err(at(last))?;
        let history = bob
            .reads(&chat)
            .await
            .map_err(|error| (last, error.into()))?;
        let others = history.len().saturating_sub(PREPARED);
        let kept = history.iter().any(|one| core_of(one) == core_of(&marker));
        expect(
            kept && others == 1,
            "the history",
            "what was said before and after, and nothing else",
            Value::from(history),
        )
        .map_err(at(last))
    })
    .await
}

/// Sends the frames in one go; `is_right` judges the event that comes for each.
pub(crate) async fn answers<T: ToString>(
    cx: &Context,
    alice: &Person,
    bob: &Person,
    frames: &[T],
    is_right: impl Fn(&Chat, usize, &Value) -> Verdict,
) -> Result<(), Broken> {
    let (chat, mut speaking, _listening) = prepared(cx, alice, bob).await.map_err(at(0))?;
    let messages = frames.iter().map(|frame| Message::text(frame.to_string()));
    let sent = speaking.socket.send_all(messages.collect()).await;
    sent.map_err(|error| (0, error.into()))?;
    let mut seen = BTreeSet::new();
    for n in 0..frames.len() {
        // Whether one comes twice is for other checks.
        let event = loop {
            let event = speaking.hears().await.map_err(|error| (n, error.into()))?;
            let id = event["message"]["id"].as_u64();
            if id.is_none_or(|id| seen.insert(id)) {
                break event;
            }
        };
        expect(
            event["type"] == "message",
            "the answer",
            "a message",
            &event,
        )
        .map_err(at(n))?;
        is_right(&chat, n, &event).map_err(at(n))?;
    }
    Ok(())
}

/// A new chat of two, each connected; both have heard two messages, each once: what is wrong from here on has to
/// do with what is said.
pub(crate) async fn prepared(
    cx: &Context,
    alice: &Person,
    bob: &Person,
) -> Result<(Chat, Connection, Connection), Failure> {
    let chat = cx.chat_of(&[alice, bob]).await?;
    let mut speaking = cx.connected(alice, &chat).await?;
    let mut listening = cx.connected(bob, &chat).await?;
    for n in 0..PREPARED {
        let text = format!("hello {n}");
        let talking = both_hear(&mut speaking, &mut listening, &text);
        cx.given("talk", talking).await?;
    }
    Ok((chat, speaking, listening))
}

/// One says something, and both hear it next: the Message.
pub(crate) async fn both_hear(
    speaking: &mut Connection,
    listening: &mut Connection,
    text: &str,
) -> Result<Value, Failure> {
    let event = speaking.says(text).await?;
    let heard = listening.hears().await?;
    expect_eq(
        core_of(&heard["message"]),
        core_of(&event["message"]),
        "the listener's frame",
    )?;
    Ok(event["message"].clone())
}

/// How many inputs are tried on one connection.
pub(crate) const BATCH: usize = 50;
/// How many messages a prepared chat holds.
const PREPARED: usize = 2;
