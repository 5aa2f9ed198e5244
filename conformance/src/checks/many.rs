//! What is many or long is told whole: people of a chat, chats of a list, messages, and what they say.

use chat_fixtures::people::{Chat, Person};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::{
    chat_list::chats_of,
    chats::{creates, expect_participants, path_of},
    history::{messages_of, says},
    messages::{has_said, settled},
};
use crate::{
    accepted::accepted,
    check::{Failure, Verdict},
    checks,
    context::Context,
    essence,
    expect::{expect, expect_eq},
    paths,
    room::{Room, content_of, deletes, hears_all, hears_all_until, speaks},
    shape::expect_message,
};

checks! {
    CHAT_1 => takes_many_participants,
    CHAT_2 => lists_every_chat_of_many,
    CHAT_2 => lists_long_messages_whole,
    CHAT_3 => shows_long_messages_whole,
    HIST_1 => holds_every_message_of_the_chat,
    HIST_3 => lists_every_message_of_many,
    HIST_3 => tells_long_messages_whole,
    WS_8 => frames_stay_in_their_chat_among_many,
}

/// More than a dozen hands: each costs a password hash.
async fn takes_many_participants(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let [alice, bob, carol, dave] = cx.people().await?;
    let newcomers = try_join_all((0..NEWCOMERS).map(|_| cx.registered("nora"))).await?;
    let mut people = vec![&alice, &bob, &carol, &dave];
    people.extend(&newcomers);
    let named: Vec<_> = people.iter().skip(1).map(|person| person.id).collect();
    let body = json!({"name": cx.name("crowd"), "participant_ids": named});
    let chat = creates(&alice, &body).await?;
    expect_participants(&chat, &people, "a new chat of many")?;
    let read = accepted(&dave.client.get(&path_of(&chat)?).await?, "the chat")?;
    expect_participants(&read, &people, "a chat of many, as it is read")
}

/// Of somebody new: nobody else has to read so long a list.
async fn lists_every_chat_of_many(cx: &Context) -> Verdict {
    let nora = cx.newcomer("nora").await?;
    let mut made = Vec::new();
    for _ in 0..CHATS / AT_A_TIME {
        let people = [&nora];
        let some = try_join_all((0..AT_A_TIME).map(|_| cx.chat_of(&people))).await?;
        made.extend(some.iter().map(|chat| Some(chat.id)));
    }
    made.sort_unstable();

    let mut listed = essence::ids(&chats_of(&nora).await?);

    listed.sort_unstable();
    expect_eq(
        listed,
        made,
        "the ids of the chats listed to who made many, sorted",
    )
}

async fn lists_long_messages_whole(cx: &Context) -> Verdict {
    tell_a_long_message_whole(cx, |_, _| vec!["/api/chats/".to_owned()]).await
}

async fn shows_long_messages_whole(cx: &Context) -> Verdict {
    tell_a_long_message_whole(cx, |chat, _| vec![paths::chat(chat)]).await
}

async fn holds_every_message_of_the_chat(cx: &Context) -> Verdict {
    let long = LongChat::fill(cx).await?;
    let [_, bob] = &long.people;
    let stored = settled(bob, &long.chat, |stored| stored.len() == MANY).await?;
    for message in &stored {
        expect_message(message, "a message of the history")?;
    }
    expect_eq(
        sorted_contents(&stored),
        long.said,
        "the contents of the history, sorted",
    )?;
    let [alice, _] = &long.people;
    deletes(cx, alice, &long.chat).await
}

async fn lists_every_message_of_many(cx: &Context) -> Verdict {
    let long = LongChat::fill(cx).await?;
    for person in &long.people {
        let mut listed = messages_of(person).await?;
        listed.retain(|message| message["chat"] == long.chat.id);
        let what = "the contents listed of a long chat, sorted";
        expect_eq(sorted_contents(&listed), long.said.clone(), what)?;
    }
    let [alice, _] = &long.people;
    deletes(cx, alice, &long.chat).await
}

async fn tells_long_messages_whole(cx: &Context) -> Verdict {
    let told = |chat, message| {
        vec![
            paths::message(message),
            "/api/messages/".to_owned(),
            paths::history(chat),
        ]
    };
    tell_a_long_message_whole(cx, told).await
}

/// At the paths that tell of a message, given its chat's id and its own.
async fn tell_a_long_message_whole(
    cx: &Context,
    paths: impl Fn(u64, u64) -> Vec<String>,
) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let content = format!("{}end", "long and ñ ".repeat(1_000));
    let sent = has_said(cx, &alice, &chat, &content).await?;
    let id = sent["id"].as_u64().unwrap_or_default();
    for path in paths(chat.id, id) {
        let answer = alice.client.get(&path).await?;
        let told = accepted(&answer, &format!("GET {path}"))?;
        // Where it is not told at all, that is no matter of length.
        let Some(told) = content_within(&told, id) else {
            let what = format!("{path} tells nothing of the message");
            return Err(Failure::Untestable(what));
        };
        expect(
            told == content,
            format!(
                "a message of {} characters in {path}",
                content.chars().count()
            ),
            "all of it",
            format!("{} characters", told.chars().count()),
        )?;
    }
    deletes(cx, &alice, &chat).await
}

/// The content of the message of that id, wherever it stands.
fn content_within(told: &Value, id: u64) -> Option<&str> {
    match told {
        Value::Object(fields) if fields.contains_key("content") => {
            fields["content"].as_str().filter(|_| fields["id"] == id)
        }
        Value::Object(fields) => fields.values().find_map(|inner| content_within(inner, id)),
        Value::Array(items) => items.iter().find_map(|inner| content_within(inner, id)),
        _ => None,
    }
}

/// A chat in which much was said.
struct LongChat {
    people: [Person; 2],
    chat: Chat,
    /// What, sorted.
    said: Vec<String>,
}

impl LongChat {
    /// Most of it is spoken, which costs a server less than what is sent.
    async fn fill(cx: &Context) -> Result<Self, Failure> {
        let room = Room::<2>::open(cx).await?;
        let [alice, bob] = &room.people;
        let [mut speaker, _] = room.connections;
        let mut said: Vec<_> = (0..MANY).map(|n| format!("message {n:03}")).collect();
        let (spoken, sent) = said.split_at(MANY - SENT);
        // Some at a time, for a queue of a hundred is all that Channels has.
        for some in spoken.chunks(SPOKEN_AT_A_TIME) {
            for content in some {
                cx.given("say something", speaks(&mut speaker, content))
                    .await?;
            }
            let heard = hears_all(&mut speaker, some, "the speaker");
            cx.given("hear oneself", heard).await?;
        }
        let sending = try_join_all(sent.iter().map(|content| says(bob, &room.chat, content)));
        cx.given("send some messages", sending).await?;
        said.sort_unstable();
        Ok(Self {
            people: [alice.clone(), bob.clone()],
            chat: room.chat,
            said,
        })
    }
}

fn sorted_contents(messages: &[Value]) -> Vec<String> {
    let contents = messages.iter().map(|message| message["content"].as_str());
    let mut contents: Vec<_> = contents
        .map(|content| content.unwrap_or_default().to_owned())
        .collect();
    contents.sort_unstable();
    contents
}

/// As where chats share the groups of a channel layer. Whoever leaks the first round is found out in the second.
async fn frames_stay_in_their_chat_among_many(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let people = [&alice];
    let mut connections = Vec::new();
    for _ in 0..ROOMS / AT_A_TIME {
        let opening = (0..AT_A_TIME).map(|_| async {
            let chat = cx.chat_of(&people).await?;
            cx.connected(&alice, &chat).await
        });
        connections.extend(try_join_all(opening).await?);
    }
    for round in ["first", "second"] {
        let words = |room| format!("{round} word in room {room}");
        for (room, connection) in connections.iter_mut().enumerate() {
            speaks(connection, &words(room)).await?;
        }
        for (room, connection) in connections.iter_mut().enumerate() {
            let said = words(room);
            let heard = hears_all_until(connection, &said, "who is there");
            let heard = cx.given("hear a message", heard).await?;
            let end = format!(" in room {room}");
            let own = |frame: &Value| content_of(frame).is_some_and(|said| said.ends_with(&end));
            let leaked = heard.iter().find(|frame| !own(frame));
            expect(
                leaked.is_none(),
                format!("what is heard in one of {ROOMS} chats"),
                "what is said there",
                leaked.unwrap_or(&Value::Null),
            )?;
        }
    }
    Ok(())
}

/// So many are new in a chat of many: thirteen in all.
const NEWCOMERS: usize = 9;
/// More than a page of any list that comes in pages.
const CHATS: usize = 104;
/// How many of them are made side by side.
const AT_A_TIME: usize = 4;
/// More chats than a channel layer would have groups, if they were numbered.
const ROOMS: usize = 36;
/// More than two such pages.
const MANY: usize = 208;
/// How many are spoken before they are listened for.
const SPOKEN_AT_A_TIME: usize = 26;
/// How many are sent, side by side: the order is not the question there.
const SENT: usize = 4;
