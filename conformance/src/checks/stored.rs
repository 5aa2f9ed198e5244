//! What is heard live is stored, and is what the history tells.

use chat_fixtures::{
    people::{Chat, Connection, LIVE_FRAME, Person},
    socket::Heard,
};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_json, in_json, shown},
    room::{Room, hears, history, speaks},
};

checks! {
    WS_3 => stores_the_message,
    WS_4 => is_in_the_history_when_heard,
    WS_4 => is_what_the_history_tells,
    WS_4 => is_never_missing_afterwards,
}

/// That it is stored before it is heard is WS-4's; here it only has to be found, wherever messages are shown.
async fn stores_the_message(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [author, _] = &room.people;
    let [mut alice, mut bob] = room.connections;

    speaks(&mut alice, "to be kept").await?;
    let event = cx
        .given("hear a message", hears(&mut bob, "to be kept", "bob"))
        .await?;

    let one = format!("/api/messages/{}/", event["message"]["id"]);
    let all = format!("/api/chats/{}/messages/", room.chat.id);
    let deadline = Instant::now() + LIVE_FRAME;
    loop {
        for path in [&all, &one] {
            let answer = author.client.get(path).await?;
            if answer.status == 200 && answer.text().contains("to be kept") {
                return Ok(());
            }
        }
        expect(
            Instant::now() < deadline,
            "the message that bob heard",
            format!("to be stored: in {all}, or at {one}"),
            format!("in neither within {LIVE_FRAME:?}"),
        )?;
    }
}

/// Both ask the moment they hear it, each where they are.
pub(super) async fn is_in_the_history_when_heard(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [author, listener] = &room.people;
    let [mut alice, mut bob] = room.connections;
    tells_what_was_posted(cx, author, &room.chat).await?;

    for n in 0..ROUNDS {
        let words = format!("just said {n}");
        speaks(&mut alice, &words).await?;

        let heard = cx
            .given("hear a message", hears(&mut bob, &words, "bob"))
            .await?;
        let told = history(cx, listener, &room.chat).await?;
        expect_told(&told, &heard, "the history as bob hears the message")?;

        let heard = cx
            .given("hear oneself", hears(&mut alice, &words, "alice"))
            .await?;
        let told = history(cx, author, &room.chat).await?;
        expect_told(&told, &heard, "the history as the sender hears the message")?;
    }
    Ok(())
}

pub(super) async fn is_what_the_history_tells(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [author, listener] = &room.people;
    let [mut alice, mut bob] = room.connections;
    let posted = tells_what_was_posted(cx, author, &room.chat).await?;
    speaks(&mut alice, SPECIAL).await?;
    // Whatever has become of the content, to be told as it was said is for WS-11.
    let heard = cx.given("hear a message", hears_any(&mut bob)).await?;
    let heard = &heard["message"];

    let told = history(cx, listener, &room.chat).await?;
    let told = told.iter().find(|told| told["id"] == heard["id"]);
    let Some(told) = told else {
        let reason = "the message that was heard is not in the history".to_owned();
        return Err(Failure::Untestable(reason));
    };
    expect_same(heard, told, "the history")?;

    // Where single messages cannot be read at all, it is not this one's fault.
    let alone = told_alone(listener, &posted).await;
    cx.given("read one message that was sent by REST", async { alone })
        .await?;
    told_alone(listener, heard).await
}

/// The next message, whatever it says.
async fn hears_any(connection: &mut Connection) -> Result<Value, Failure> {
    let patience = connection.patience;
    let heard = connection.socket.next_within(patience).await;
    let event = match &heard {
        Heard::Text(text) => serde_json::from_str(text).unwrap_or_default(),
        _ => Value::Null,
    };
    expect(
        event["message"].is_object(),
        "bob's next frame",
        "a message",
        heard,
    )?;
    Ok(event)
}

/// `/api/messages/{id}/` tells this message.
async fn told_alone(reader: &Person, message: &Value) -> Verdict {
    let path = format!("/api/messages/{}/", message["id"]);
    let answer = reader.client.get(&path).await?;
    let what = format!("GET {path}");
    expect(answer.status == 200, what, "the Message", shown(&answer))?;
    expect_same(message, &answer.json()?, &path)
}

async fn is_never_missing_afterwards(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [author, listener] = &room.people;
    let [mut alice, mut bob] = room.connections;
    tells_what_was_posted(cx, author, &room.chat).await?;

    let mut heard = Vec::new();
    for n in 0..ROUNDS {
        let words = format!("to last {n}");
        speaks(&mut alice, &words).await?;
        heard.push(
            cx.given("hear a message", hears(&mut bob, &words, "bob"))
                .await?,
        );
    }

    let told = history(cx, listener, &room.chat).await?;
    heard
        .iter()
        .try_for_each(|event| expect_told(&told, event, "the history afterwards"))
}

/// The preparation for all that compares with the history: it tells what was sent by REST, as it was answered.
async fn tells_what_was_posted(
    cx: &Context,
    author: &Person,
    chat: &Chat,
) -> Result<Value, Failure> {
    let posted = cx
        .given("send by REST", author.posts(chat, "by REST"))
        .await?;
    let told = history(cx, author, chat).await?;
    let told = told.iter().find(|told| told["id"] == posted["id"]);
    let compared = async { expect_same(&posted, told.unwrap_or(&Value::Null), "the history") };
    cx.given("read in the history what was sent by REST", compared)
        .await?;
    Ok(posted)
}

fn expect_told(history: &[Value], event: &Value, what: &str) -> Verdict {
    let id = &event["message"]["id"];
    if !id.is_u64() {
        let reason = format!("what was heard has no id to look for: {event}");
        return Err(Failure::Untestable(reason));
    }
    let ids: Vec<_> = history.iter().map(|message| &message["id"]).collect();
    expect(
        ids.contains(&id),
        what,
        format!("to hold the message {id}"),
        format!("the messages {}", in_json(&ids)),
    )
}

/// What WS-4 and HIST-2 name; other fields are not theirs.
fn expect_same(heard: &Value, told: &Value, place: &str) -> Verdict {
    for field in ["id", "chat", "sender", "content", "timestamp"] {
        let what = format!("the message's {field} in {place}, and as it was heard");
        expect_json(&told[field], &heard[field], &what)?;
    }
    Ok(())
}

/// What one way of telling may escape, trim or normalise, and the other not.
const SPECIAL: &str = " <b>R&amp;D</b> \"cafe\u{301}\"\n\t\u{1f600} ";
/// How many messages are looked for, each the moment it is heard.
const ROUNDS: usize = 6;
