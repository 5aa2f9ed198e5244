//! A message sent by REST: who may send it, where it is found, and who hears of it.

use std::time::{Duration, Instant};

use chat_fixtures::people::{Chat, Connection, Person};
use serde_json::{Value, json};

use crate::{
    accepted::{accepted, accepted_list},
    check::{Failure, Verdict},
    checks,
    context::Context,
    everywhere::everywhere,
    expect::{expect, expect_json, expect_refused, expect_status},
    outsiders::closed_chats,
    paths,
    room::deletes,
    shape::{expect_message, timestamp},
};

checks! {
    SEND_1 => answers_201_and_the_message,
    SEND_1 => needs_no_chat_in_the_body,
    SEND_1 => takes_long_content,
    SEND_4 => refuses_strangers_and_stores_nothing,
    SEND_4 => refuses_strangers_who_name_a_chat_of_their_own,
    SEND_5 => refuses_empty_content_and_stores_nothing,
    SEND_8 => is_in_the_history_at_once_everywhere,
    SEND_8 => no_connection_hears_it,
}

async fn answers_201_and_the_message(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    for person in [&alice, &bob] {
        let body = json!({"content": "Hello"});
        let answer = person.client.post(&paths::sending(chat.id), &body).await?;
        let message = expect_status(&answer, 201, "sending a message")?;
        expect_message(&message, "the message")?;
        expect_json(&message["chat"], &json!(chat.id), "the message's chat")?;
        expect_json(&message["content"], &json!("Hello"), "its content")?;
        timestamp(&message["timestamp"], "its timestamp")?;
    }
    Ok(())
}

async fn needs_no_chat_in_the_body(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let message = sends(&alice, &chat, &json!({"content": "no chat named"})).await?;
    expect_json(&message["chat"], &json!(chat.id), "the message's chat")?;
    let stored = settled(&alice, &chat, |stored| stored.len() == 1).await?;
    expect_json(
        &contents(&stored),
        &json!(["no chat named"]),
        "the chat's contents",
    )
}

/// The chat goes afterwards, so that nobody has to read it who lists chats.
async fn takes_long_content(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let content = "long ".repeat(26_000) + "and 🚀";
    sends(&alice, &chat, &json!({"content": content})).await?;
    let stored = settled(&alice, &chat, |stored| !stored.is_empty()).await?;
    deletes(cx, &alice, &chat).await?;
    let is_there = stored.iter().any(|message| message["content"] == content);
    let what = "a long message in the history";
    expect(
        is_there,
        what,
        "all of it",
        "it is not there, or not all of it",
    )
}

async fn refuses_strangers_and_stores_nothing(cx: &Context) -> Verdict {
    let body = json!({"content": "from outside"});
    for closed in closed_chats(cx).await? {
        has_said(cx, &closed.insider, &closed.chat, "inside").await?;
        for outsider in &closed.outsiders {
            let path = paths::sending(closed.chat.id);
            let answer = outsider.client.post(&path, &body).await?;
            expect_refused(&answer, "sending by somebody who takes no part in the chat")?;
            let path = paths::sending(paths::unknown_id(cx));
            let answer = outsider.client.post(&path, &body).await?;
            expect_refused(&answer, "sending to an unknown chat")?;
        }
        let stored = contents(&history(&closed.insider, &closed.chat).await?);
        expect_json(&stored, &json!(["inside"]), "the chat's contents")?;
    }
    Ok(())
}

async fn refuses_strangers_who_name_a_chat_of_their_own(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let own = cx.chat_of(&[&carol]).await?;
    let body = json!({"content": "from outside", "chat": own.id});
    let answer = carol.client.post(&paths::sending(chat.id), &body).await?;
    expect_refused(&answer, "sending with a chat of one's own in the body")?;
    for (chat, reader) in [(&chat, &alice), (&own, &carol)] {
        let stored = contents(&history(reader, chat).await?);
        expect_json(&stored, &json!([]), "the contents of both chats")?;
    }
    Ok(())
}

async fn refuses_empty_content_and_stores_nothing(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    has_said(cx, &alice, &chat, "said").await?;
    for body in [
        json!({"content": ""}),
        json!({}),
        json!({"content": null}),
        json!({"message": "x", "text": "x"}),
    ] {
        let answer = alice.client.post(&paths::sending(chat.id), &body).await?;
        expect_refused(&answer, &format!("sending {body}"))?;
        let stored = contents(&history(&alice, &chat).await?);
        let what = format!("the chat's contents after {body}");
        expect_json(&stored, &json!(["said"]), &what)?;
    }
    Ok(())
}

async fn is_in_the_history_at_once_everywhere(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    has_said(cx, &alice, &chat, "first").await?;
    for (n, place) in everywhere(cx, &alice).iter().enumerate() {
        let content = format!("message {n}");
        sends(place, &chat, &json!({"content": content})).await?;
        // Bob's processes are asked the other way round: the first is not the one that stored it.
        for reader in everywhere(cx, &bob).iter().rev() {
            let stored = history(reader, &chat).await?;
            expect(
                stored
                    .iter()
                    .any(|message| message["content"] == content.as_str()),
                "the history right after the answer",
                format!("{content:?} in it"),
                contents(&stored),
            )?;
        }
    }
    Ok(())
}

async fn no_connection_hears_it(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    has_said(cx, &alice, &chat, "first").await?;
    let mut connections = vec![cx.connected(&alice, &chat).await?];
    for place in everywhere(cx, &bob) {
        connections.push(cx.connected(&place, &chat).await?);
    }

    sends(&alice, &chat, &json!({"content": SILENT})).await?;
    sends(&bob, &chat, &json!({"content": SILENT})).await?;

    // Whoever is to hear of it late hears it before the second of two words that are spoken afterwards.
    for (speaker, content) in [(0, "spoken first"), (1, "spoken second")] {
        if let Some(speaker) = connections.get_mut(speaker) {
            let frame = json!({"content": content}).to_string();
            cx.given("say something", speaker.socket.send_text(frame))
                .await?;
        }
        for connection in &mut connections {
            hears_only(cx, connection, content).await?;
        }
    }
    Ok(())
}

/// The next thing the connection hears is `content`. Only the message sent by REST is a violation: what else
/// may go wrong with the word that was spoken is another clause's.
async fn hears_only(cx: &Context, connection: &mut Connection, content: &str) -> Verdict {
    let event = cx.given("hear what is said", connection.hears()).await?;
    let heard = &event["message"]["content"];
    expect(
        *heard != SILENT,
        "a connection's next frame after a REST send",
        format!("nothing of it, but {content:?}, said later"),
        &event,
    )?;
    if *heard == content {
        return Ok(());
    }
    Err(Failure::Untestable(format!(
        "to hear {content:?} was not possible: {event} came"
    )))
}

/// Says something by WebSocket that a check needs and is not about, and sees that it is in the history.
pub(super) async fn has_spoken(cx: &Context, person: &Person, chat: &Chat, words: &str) -> Verdict {
    let mut connection = cx.connected(person, chat).await?;
    cx.given("say something", connection.says(words)).await?;
    connection.socket.close().await;
    given_in_the_history(cx, person, chat, words).await
}

/// The first part of a story: somebody sends a message, and it is found in the history, at once or a little
/// later, for only SEND-8 asks how soon.
pub(super) async fn has_said(
    cx: &Context,
    person: &Person,
    chat: &Chat,
    content: &str,
) -> Result<Value, Failure> {
    let message = cx
        .given("send a message", person.posts(chat, content))
        .await?;
    given_in_the_history(cx, person, chat, content).await?;
    Ok(message)
}

async fn given_in_the_history(
    cx: &Context,
    person: &Person,
    chat: &Chat,
    content: &str,
) -> Verdict {
    let is_there = |stored: &[Value]| stored.iter().any(|m| m["content"] == content.trim());
    let stored = cx.given("read the history", settled(person, chat, is_there));
    if is_there(&stored.await?) {
        return Ok(());
    }
    Err(Failure::Untestable(format!(
        "the message {content:?} that was sent is not in the history"
    )))
}

/// The history as soon as it is as expected, or as it is after a while.
pub(super) async fn settled(
    person: &Person,
    chat: &Chat,
    is_as_expected: impl Fn(&[Value]) -> bool,
) -> Result<Vec<Value>, Failure> {
    let patience = Instant::now() + SETTLING;
    loop {
        let stored = history(person, chat).await?;
        if is_as_expected(&stored) || Instant::now() > patience {
            return Ok(stored);
        }
    }
}

/// Sends a message with this body: the answer, a success.
pub(super) async fn sends(person: &Person, chat: &Chat, body: &Value) -> Result<Value, Failure> {
    let answer = person.client.post(&paths::sending(chat.id), body).await?;
    accepted(&answer, &format!("sending {body}"))
}

/// The messages of the chat.
pub(super) async fn history(person: &Person, chat: &Chat) -> Result<Vec<Value>, Failure> {
    let answer = person.client.get(&paths::history(chat.id)).await?;
    accepted_list(&answer, "the chat's history")
}

/// The messages have these contents, in whatever order: that it is the order of time is a clause of its own.
pub(super) fn expect_contents(stored: &[Value], expected: &[&str], what: &str) -> Verdict {
    let mut actual: Vec<_> = stored
        .iter()
        .map(|message| message["content"].as_str().unwrap_or_default())
        .collect();
    let mut expected = expected.to_vec();
    actual.sort_unstable();
    expected.sort_unstable();
    expect_json(&json!(actual), &json!(expected), what)
}

/// Their contents, in a list.
pub(super) fn contents(messages: &[Value]) -> Value {
    let contents = messages.iter().map(|message| message["content"].clone());
    contents.collect()
}

/// What is sent by REST while connections listen.
const SILENT: &str = "sent by REST";
/// How long a message may take to show in a history where that is not the question.
const SETTLING: Duration = Duration::from_secs(2);
