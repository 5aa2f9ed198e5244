//! Who does not take part in a chat gets what an unknown id gets: nobody learns which chats exist.

use std::collections::BTreeSet;

use chat_fixtures::{answer::Answer, client::Ask};
use serde_json::json;

use super::{
    messages::{has_said, has_spoken, settled},
    times::{AT_ONCE, said_at_once},
};
use crate::{
    accepted::accepted,
    check::{Failure, Verdict},
    checks,
    context::Context,
    essence,
    expect::{expect, expect_eq, expect_json, expect_refused, in_json, shown},
    outsiders::closed_chats,
    paths,
    room::{Room, deletes},
    shape::expect_chat,
};

checks! {
    CHAT_3 => shows_a_participant_the_chat,
    CHAT_3 => shows_its_messages_oldest_first,
    CHAT_3 => shows_all_of_a_long_chat,
    CHAT_3 => refuses_everybody_else,
    CHAT_3 => answers_others_as_for_an_unknown_chat,
    CHAT_3 => changes_tell_nobody_that_it_exists,
    CHAT_3 => sub_resources_tell_nobody_that_it_exists,
}

async fn shows_a_participant_the_chat(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut members = vec![alice.id, bob.id];
    members.sort_unstable();
    for person in [&alice, &bob] {
        let answer = person.client.get(&paths::chat(chat.id)).await?;
        let read = accepted(&answer, "the chat, read by a participant")?;
        expect_chat(&read, "the chat")?;
        expect_json(&read["id"], &json!(chat.id), "the chat's id")?;
        expect_json(&read["name"], &json!(cx.name("chat")), "the chat's name")?;
        let mut shown: Vec<_> = essence::participants(&read);
        shown.sort_unstable();
        expect_json(&json!(shown), &json!(members), "the chat's participants")?;
    }
    Ok(())
}

async fn shows_its_messages_oldest_first(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    for (person, content) in [(&bob, "z"), (&alice, "a"), (&bob, "m")] {
        has_said(cx, person, &chat, content).await?;
    }
    has_spoken(cx, &alice, &chat, "b").await?;
    let read = accepted(&bob.client.get(&paths::chat(chat.id)).await?, "the chat")?;
    let messages = read["messages"].as_array().into_iter().flatten();
    let contents: Vec<_> = messages.map(|message| &message["content"]).collect();
    let what = "the contents of the chat's messages";
    expect_json(&json!(contents), &json!(["z", "a", "m", "b"]), what)
}

/// Spoken, not sent, for that is quick. The chat goes afterwards.
async fn shows_all_of_a_long_chat(cx: &Context) -> Verdict {
    let room = Room::<1>::open(cx).await?;
    let ([alice], [mut speaker]) = (&room.people, room.connections);
    let said: Vec<_> = (0..MANY).map(|n| format!("message {n}")).collect();
    for first in (0..MANY).step_by(AT_ONCE) {
        said_at_once(cx, &mut speaker, first).await?;
    }
    cx.given("find all of it in the history", async {
        let stored = settled(alice, &room.chat, |stored| stored.len() == MANY).await?;
        expect_eq(stored.len(), MANY, "how many messages the history holds")
    })
    .await?;

    let read = accepted(
        &alice.client.get(&paths::chat(room.chat.id)).await?,
        "the chat",
    )?;
    deletes(cx, alice, &room.chat).await?;
    let messages = read["messages"].as_array().into_iter().flatten();
    let shown: BTreeSet<_> = messages.filter_map(|m| m["content"].as_str()).collect();
    let missing = said.iter().filter(|words| !shown.contains(words.as_str()));
    let missing: Vec<_> = missing.collect();
    let what = "what a long chat does not show of its messages";
    expect(missing.is_empty(), what, "nothing", in_json(&missing))
}

async fn refuses_everybody_else(cx: &Context) -> Verdict {
    for closed in closed_chats(cx).await? {
        for outsider in &closed.outsiders {
            let answer = outsider.client.get(&paths::chat(closed.chat.id)).await?;
            expect_refused(&answer, "a chat, read by somebody who takes no part in it")?;
        }
    }
    Ok(())
}

async fn answers_others_as_for_an_unknown_chat(cx: &Context) -> Verdict {
    let asks = |chat| {
        ["GET", "HEAD"].map(|method| {
            let what = format!("{method} of a chat by somebody who takes no part in it");
            (what, Ask::new(method, &paths::chat(chat)))
        })
    };
    for (what, foreign, unknown) in both(cx, asks).await? {
        expect_alike(&foreign, &unknown, &what)?;
    }
    Ok(())
}

async fn changes_tell_nobody_that_it_exists(cx: &Context) -> Verdict {
    let asks = |chat| {
        let path = paths::chat(chat);
        let named = json!({"name": "taken over"});
        [
            ("PUT", Some(named.clone())),
            ("PATCH", Some(named)),
            ("PUT", Some(json!({}))),
            ("PATCH", Some(json!({"name": ""}))),
            ("DELETE", None),
        ]
        .map(|(method, body)| {
            let what = format!("{method} by somebody who takes no part in the chat");
            let ask = Ask::new(method, &path);
            (what, body.map_or(ask.clone(), |body| ask.json(&body)))
        })
    };
    for (what, foreign, unknown) in both(cx, asks).await? {
        // What succeeds for a stranger breaks another promise; that of this clause is about refusals.
        if (200..300).contains(&foreign.status) {
            break;
        }
        expect_alike(&foreign, &unknown, &what)?;
    }
    Ok(())
}

async fn sub_resources_tell_nobody_that_it_exists(cx: &Context) -> Verdict {
    let asks = |chat| {
        let send = |body| Ask::new("POST", &paths::sending(chat)).json(&body);
        [
            ("the history", Ask::new("GET", &paths::history(chat))),
            ("sending", send(json!({"content": "x"}))),
            ("sending nothing", send(json!({}))),
        ]
        .map(|(what, ask)| {
            let what = format!("{what}, asked for by somebody who takes no part in the chat");
            (what, ask)
        })
    };
    for (what, foreign, unknown) in both(cx, asks).await? {
        // What succeeds for a stranger breaks another promise; that of this clause is about refusals.
        if (200..300).contains(&foreign.status) {
            break;
        }
        expect_alike(&foreign, &unknown, &what)?;
    }
    Ok(())
}

/// Puts the same requests for a chat of others and for one that is not: what was asked, and both answers.
async fn both<const N: usize>(
    cx: &Context,
    asks: impl Fn(u64) -> [(String, Ask); N],
) -> Result<Vec<(String, Told, Told)>, Failure> {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let nowhere = paths::unknown_id(cx);
    let mut answers = Vec::new();
    for ((what, foreign), (_, unknown)) in asks(chat.id).into_iter().zip(asks(nowhere)) {
        let foreign = carol.client.ask(foreign).await?;
        let unknown = carol.client.ask(unknown).await?;
        answers.push((
            what,
            Told::of(&foreign, chat.id),
            Told::of(&unknown, nowhere),
        ));
    }
    Ok(answers)
}

/// All that an answer tells, the id that was asked for aside.
#[derive(PartialEq, Eq)]
struct Told {
    status: u16,
    shown: String,
    body: String,
    headers: Vec<(String, String)>,
}

impl Told {
    fn of(answer: &Answer, asked: u64) -> Self {
        let blank = |text: &str| text.replace(&asked.to_string(), "<id>");
        let mut headers: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| !OF_THE_MOMENT.contains(&name.as_str()))
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                // What an id of a request or a cookie says is another each time; that it is there tells.
                let telling = TELLING.contains(&name.as_str());
                let value = if telling {
                    blank(&value)
                } else {
                    String::new()
                };
                (name.as_str().to_owned(), value)
            })
            .collect();
        headers.sort_unstable();
        Self {
            status: answer.status,
            shown: shown(answer),
            body: blank(&answer.text()),
            headers,
        }
    }
}

fn expect_alike(foreign: &Told, unknown: &Told, what: &str) -> Verdict {
    let same = foreign.status == unknown.status && foreign.body == unknown.body;
    let expected = format!("as for an unknown chat: {}", unknown.shown);
    expect(same, what, expected, &foreign.shown)?;
    expect(
        foreign.headers == unknown.headers,
        format!("the headers of {what}"),
        format!("as for an unknown chat: {:?}", unknown.headers),
        format!("{:?}", foreign.headers),
    )
}

/// Headers that say something of the moment or the connection.
const OF_THE_MOMENT: [&str; 7] = [
    "date",
    // A balancer's; the server's own do not depend on a chat.
    "set-cookie",
    "content-length",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "age",
];
/// Headers whose values say something of the resource.
const TELLING: [&str; 4] = ["allow", "vary", "content-type", "location"];
/// More than a page of any list that comes in pages.
const MANY: usize = 6 * AT_ONCE;
