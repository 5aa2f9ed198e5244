//! A fresh chat with everybody in it connected, and how they speak and listen there.

use chat_fixtures::{
    client::Ask,
    people::{Chat, Connection, Person},
    socket::Heard,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    check::{Failure, Verdict},
    context::Context,
    paths,
};

/// A chat of `N` people, each with one connection to it, in the order of the people.
#[derive(Debug)]
pub struct Room<const N: usize> {
    /// Its participants; the first made it.
    pub people: [Person; N],
    /// The chat.
    pub chat: Chat,
    /// Their connections.
    pub connections: [Connection; N],
}

impl<const N: usize> Room<N> {
    /// Makes the chat and connects everybody.
    ///
    /// # Errors
    /// [`Failure::Untestable`] when that is refused.
    pub async fn open(cx: &Context) -> Result<Self, Failure> {
        let people = cx.people::<N>().await?;
        let chat = cx.chat_of(&people.each_ref()).await?;
        let mut connections = Vec::new();
        for person in &people {
            connections.push(cx.connected(person, &chat).await?);
        }
        let connections = connections
            .try_into()
            .map_err(|_| Failure::Broken("a room has one connection a person".to_owned()))?;
        Ok(Self {
            people,
            chat,
            connections,
        })
    }
}

/// Deletes a chat that has become too large to be listed by everybody who takes part in it.
///
/// # Errors
/// [`Failure::Untestable`] when there is no answer.
pub async fn deletes(cx: &Context, participant: &Person, chat: &Chat) -> Verdict {
    let deletion = Ask::new("DELETE", &paths::chat(chat.id));
    let answered = participant.client.ask(deletion);
    cx.given("delete a chat", answered).await.map(drop)
}

/// Sends a message, and does not wait for its echo.
///
/// # Errors
/// A violation when the connection does not take it.
pub async fn speaks(from: &mut Connection, content: &str) -> Verdict {
    sends(from, &json!({"content": content}).to_string()).await
}

/// Sends a text frame as it stands, and does not wait for an answer.
///
/// # Errors
/// A violation when the connection does not take it.
pub async fn sends(from: &mut Connection, frame: &str) -> Verdict {
    Ok(from.socket.send_text(frame).await?)
}

/// Listens until the message with this content comes: its Event. What comes before it is passed over.
///
/// # Errors
/// A violation when it does not come within the connection's patience.
pub async fn hears(
    connection: &mut Connection,
    content: &str,
    who: &str,
) -> Result<Value, Failure> {
    let mut frames = hears_until(connection, content, who).await?;
    Ok(frames.pop().unwrap_or_default())
}

/// Listens until the message with this content comes: every frame of this chat so far, that one the last.
/// What leaks from other chats is WS-8's, and passed over.
///
/// # Errors
/// A violation when it does not come within the connection's patience.
pub async fn hears_until(
    connection: &mut Connection,
    content: &str,
    who: &str,
) -> Result<Vec<Value>, Failure> {
    let mut frames = hears_all_until(connection, content, who).await?;
    frames.retain(|frame| !is_from_elsewhere(connection, frame));
    Ok(frames)
}

/// The same with the frames of other chats, if any come.
///
/// # Errors
/// As [`hears_until`].
pub async fn hears_all_until(
    connection: &mut Connection,
    content: &str,
    who: &str,
) -> Result<Vec<Value>, Failure> {
    let mut frames = Vec::new();
    let deadline = Instant::now() + connection.patience;
    loop {
        let patience = deadline.saturating_duration_since(Instant::now());
        let frame = match connection.socket.next_within(patience).await {
            Heard::Text(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            Heard::Binary(_) | Heard::Pong(_) if frames.len() < MOST => continue,
            end => {
                let expected = format!("the message {:?}", shortened(content));
                return Err(Failure::violation(
                    format!("what {who} hears"),
                    expected,
                    after(&end, &frames),
                ));
            }
        };
        let due = content_of(&frame) == Some(content) && !is_from_elsewhere(connection, &frame);
        frames.push(frame);
        if due {
            return Ok(frames);
        }
    }
}

/// Listens until each of these messages has come, in whatever order: their contents as they came first.
///
/// # Errors
/// A violation that names those that are missing when nothing comes within the connection's patience.
pub async fn hears_all(
    connection: &mut Connection,
    said: &[String],
    who: &str,
) -> Result<Vec<String>, Failure> {
    let mut heard: Vec<String> = Vec::new();
    while heard.len() < said.len() {
        match connection.socket.next_within(connection.patience).await {
            Heard::Text(text) => {
                let event: Value = serde_json::from_str(&text).unwrap_or_default();
                let content = content_of(&event).map(str::to_owned);
                heard.extend(content.filter(|new| said.contains(new) && !heard.contains(new)));
            }
            Heard::Binary(_) | Heard::Pong(_) => {}
            end => {
                let missing: Vec<_> = said.iter().filter(|one| !heard.contains(one)).collect();
                return Err(Failure::violation(
                    format!("what {who} hears of {} messages", said.len()),
                    "all of them",
                    format!("{} of them, then {end}; missing: {missing:?}", heard.len()),
                ));
            }
        }
    }
    Ok(heard)
}

/// The next text frame of this chat, as JSON; text that is none is a string.
///
/// # Errors
/// A violation when something else comes, or nothing.
pub async fn next_frame(connection: &mut Connection, what: &str) -> Result<Value, Failure> {
    loop {
        match connection.socket.next_within(connection.patience).await {
            Heard::Text(text) => {
                let frame = serde_json::from_str(&text).unwrap_or(Value::String(text));
                if !is_from_elsewhere(connection, &frame) {
                    return Ok(frame);
                }
            }
            other => return Err(Failure::violation(what, "a text frame", other)),
        }
    }
}

/// The next text frame that is none of those heard before, which it then joins: where a server repeats
/// itself, the answer to the next question is not the repetition.
///
/// # Errors
/// As [`next_frame`].
pub async fn next_new(
    connection: &mut Connection,
    heard: &mut Vec<Value>,
    what: &str,
) -> Result<Value, Failure> {
    loop {
        let frame = next_frame(connection, what).await?;
        if !frame["message"].is_object() || !heard.contains(&frame) {
            heard.push(frame.clone());
            return Ok(frame);
        }
    }
}

/// The content of an Event that carries a Message.
pub fn content_of(event: &Value) -> Option<&str> {
    event.pointer("/message/content").and_then(Value::as_str)
}

/// The messages of the chat as REST tells them, oldest first; what it says of other chats is left out.
///
/// # Errors
/// [`Failure::Untestable`] when they cannot be read: what the history promises is not for a check that only
/// looks something up in it.
pub async fn history(cx: &Context, reader: &Person, chat: &Chat) -> Result<Vec<Value>, Failure> {
    let mut messages = cx.given("read the history", reader.reads(chat)).await?;
    messages.retain(|message| message["chat"].as_u64().is_none_or(|id| id == chat.id));
    Ok(messages)
}

/// The contents of messages, in their order.
pub fn contents(messages: &[Value]) -> Vec<&str> {
    let content = |message| Value::get(message, "content").and_then(Value::as_str);
    messages.iter().filter_map(content).collect()
}

/// Whether the frame carries a message of another chat than the connection's.
fn is_from_elsewhere(connection: &Connection, frame: &Value) -> bool {
    let chat = frame.pointer("/message/chat").and_then(Value::as_u64);
    chat.is_some_and(|chat| chat != connection.chat)
}

/// What ended the listening, and how much had come before.
fn after(end: &Heard, frames: &[Value]) -> String {
    let last = frames.last().map(ToString::to_string).unwrap_or_default();
    match frames.len() {
        0 => end.to_string(),
        n => format!(
            "{n} other frames (the last: {}), then {end}",
            shortened(&last)
        ),
    }
}

/// The text, cut to what fits a line or two.
pub fn shortened(text: &str) -> String {
    let start: String = text.chars().take(SHOWN).collect();
    if start.len() == text.len() {
        start
    } else {
        format!("{start}… ({} bytes)", text.len())
    }
}

/// How many characters of a text are shown.
const SHOWN: usize = 200;
/// How many frames a listener takes before it stops waiting for the one it wants.
const MOST: usize = 10_000;
