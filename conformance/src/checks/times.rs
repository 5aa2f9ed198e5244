//! Every time has the contract's form: six digits of a fraction, or none. One alone does not tell, for who cuts
//! zeros off is right nine times in ten.

use chat_fixtures::{client::Ask, people::Connection};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::{
    chats::creates,
    messages::{sends, settled},
};
use crate::{
    accepted::accepted_list,
    check::{Failure, Verdict},
    checks,
    context::Context,
    paths,
    room::{Room, hears_all_until, speaks},
    shape::timestamp,
};

checks! {
    CHAT_1 => times_of_new_chats_have_six_digits_or_none,
    SEND_1 => times_of_answers_have_six_digits_or_none,
    HIST_1 => times_of_the_history_have_six_digits_or_none,
    WS_11 => times_of_frames_have_six_digits_or_none,
}

/// In the answers that make them and in the list; deleted afterwards, so that other checks' lists stay short.
async fn times_of_new_chats_have_six_digits_or_none(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    let body = &json!({"name": cx.name("times")});
    let mut made = Vec::new();
    for _ in (0..MANY).step_by(AT_A_TIME) {
        let chats = (0..AT_A_TIME).map(|_| creates(alice, body));
        made.extend(cx.given("make many chats", try_join_all(chats)).await?);
    }
    let ids: Vec<_> = made.iter().map(|chat| chat["id"].clone()).collect();
    let listed = cx.given("list the chats", async {
        accepted_list(&alice.client.get("/api/chats/").await?, "GET /api/chats/")
    });
    let mut listed = listed.await?;
    listed.retain(|chat| ids.contains(&chat["id"]));
    for some in ids.chunks(AT_A_TIME) {
        let deletions = some.iter().filter_map(Value::as_u64).map(|id| {
            let ask = Ask::new("DELETE", &paths::chat(id));
            alice.client.ask(ask)
        });
        cx.given("delete the chats", try_join_all(deletions))
            .await?;
    }
    expect_form(&made, "created_at", "the answer to a chat's creation")?;
    expect_form(&listed, "created_at", "the list of chats")
}

async fn times_of_answers_have_six_digits_or_none(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    let chat = &cx.chat_of(&[alice]).await?;
    let mut answered = Vec::new();
    for n in (0..MANY).step_by(AT_A_TIME) {
        let body = &json!({"content": format!("message {n}")});
        let sending = (0..AT_A_TIME).map(|_| sends(alice, chat, body));
        answered.extend(
            cx.given("send many messages", try_join_all(sending))
                .await?,
        );
    }
    expect_form(&answered, "timestamp", "the answer to a message")
}

/// Spoken, not sent by REST, for that is quick; the list of messages tells them too.
async fn times_of_the_history_have_six_digits_or_none(cx: &Context) -> Verdict {
    let room = Room::<1>::open(cx).await?;
    let [alice] = &room.people;
    let [mut speaker] = room.connections;
    for n in (0..MANY).step_by(AT_ONCE) {
        said_at_once(cx, &mut speaker, n).await?;
    }
    let stored = cx.given("read the history", async {
        settled(alice, &room.chat, |stored| stored.len() >= MANY).await
    });
    let stored = stored.await?;
    let all = cx.given("list all messages", async {
        let answer = alice.client.get("/api/messages/").await?;
        accepted_list(&answer, "GET /api/messages/")
    });
    let mut all = all.await?;
    all.retain(|message| message["chat"] == room.chat.id);
    expect_form(&stored, "timestamp", "the history")?;
    expect_form(&all, "timestamp", "the list of messages")
}

async fn times_of_frames_have_six_digits_or_none(cx: &Context) -> Verdict {
    let room = Room::<1>::open(cx).await?;
    let [mut speaker] = room.connections;
    let mut heard = Vec::new();
    // Some more where some were lost: the original may lose what is about to be heard when others leave its process
    // (channels_redis #366), and that is not asked here.
    for n in (0..2 * MANY).step_by(AT_ONCE) {
        if heard.len() < MANY {
            heard.extend(said_at_once(cx, &mut speaker, n).await?);
        }
    }
    expect_form(&heard, "timestamp", "what is heard live")
}

/// Says some words in one go, and listens until it has heard the last: the messages heard.
pub(super) async fn said_at_once(
    cx: &Context,
    speaker: &mut Connection,
    first: usize,
) -> Result<Vec<Value>, Failure> {
    let words: Vec<_> = (first..first + AT_ONCE)
        .map(|n| format!("message {n}"))
        .collect();
    for words in &words {
        cx.given("say something", speaks(speaker, words)).await?;
    }
    let last = words.last().map_or("", String::as_str);
    let heard = hears_all_until(speaker, last, "the speaker");
    let heard = cx.given("hear oneself", heard).await?;
    let messages = heard.iter().map(|event| event["message"].clone());
    Ok(messages.collect())
}

fn expect_form(entries: &[Value], field: &str, place: &str) -> Verdict {
    if entries.len() < MANY {
        let reason = format!("{place} has {} entries of {MANY}", entries.len());
        return Err(Failure::Untestable(reason));
    }
    let what = format!("a {field} in {place}");
    for entry in entries {
        timestamp(&entry[field], &what)?;
    }
    Ok(())
}

/// How many times are looked at: that none of them ends in a zero comes to pass once in six hundred runs.
const MANY: usize = 60;
/// How many requests are made side by side.
const AT_A_TIME: usize = 4;
/// How many messages are said in one go, far less than Channels keeps for a process that is slow to read.
pub(super) const AT_ONCE: usize = 20;
