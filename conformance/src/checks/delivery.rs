//! A message reaches every connection of its chat, once.

use std::collections::{BTreeMap, BTreeSet};

use chat_fixtures::{client::Ask, people::LIVE_FRAME};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    accepted::accepted,
    check::Verdict,
    checks,
    context::Context,
    expect::{expect, expect_eq, expect_fields, in_json},
    paths,
    room::{Room, content_of, hears, hears_all, hears_until, history, speaks},
    shape::expect_message,
};

checks! {
    WS_3 => sender_hears_own_message,
    WS_3 => who_is_alone_in_a_chat_hears_own_messages,
    WS_3 => reaches_every_participant,
    WS_3 => any_participant_may_speak,
    WS_3 => carries_the_message,
    WS_3 => reaches_each_exactly_once,
    WS_3 => loses_none_of_many,
    WS_3 => takes_the_same_words_again_for_another_message,
    WS_3 => reaches_who_came_before_and_after_a_rename,
    WS_3 => goes_on_when_others_leave [Alone],
    WS_3 => arrives_within_five_seconds [Alone],
}

async fn sender_hears_own_message(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [mut alice, _bob] = room.connections;

    speaks(&mut alice, "hello").await?;

    hears(&mut alice, "hello", "the sender").await.map(drop)
}

async fn who_is_alone_in_a_chat_hears_own_messages(cx: &Context) -> Verdict {
    let room = Room::<1>::open(cx).await?;
    let [mut alice] = room.connections;

    speaks(&mut alice, "is anybody here").await?;

    hears(&mut alice, "is anybody here", "the only participant")
        .await
        .map(drop)
}

async fn reaches_every_participant(cx: &Context) -> Verdict {
    let room = Room::<3>::open(cx).await?;
    let [mut alice, mut bob, mut carol] = room.connections;

    speaks(&mut alice, "hello").await?;

    hears(&mut bob, "hello", "bob").await?;
    hears(&mut carol, "hello", "carol").await.map(drop)
}

/// Whoever made the chat and whoever was invited: all of them speak, all of them are heard.
async fn any_participant_may_speak(cx: &Context) -> Verdict {
    let mut connections = Room::<3>::open(cx).await?.connections;

    for speaker in 0..connections.len() {
        let words = format!("word of {}", NAMES[speaker]);
        speaks(&mut connections[speaker], &words).await?;
        for listener in (0..connections.len()).filter(|one| *one != speaker) {
            hears(&mut connections[listener], &words, NAMES[listener]).await?;
        }
    }
    Ok(())
}

async fn carries_the_message(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [author, _] = room.people;
    let [mut alice, mut bob] = room.connections;

    speaks(&mut alice, "hello").await?;
    let event = hears(&mut bob, "hello", "bob").await?;

    let sender = json!({"id": author.id, "username": author.username});
    let message = json!({"chat": room.chat.id, "sender": sender, "content": "hello"});
    let due = json!({"type": "message", "message": message});
    expect_fields(&event, &due, "the frame that bob hears")?;
    expect_message(&event["message"], "the Message that bob hears")
}

/// A repetition need not follow at once, so more is said before it is counted.
pub(super) async fn reaches_each_exactly_once(cx: &Context) -> Verdict {
    let mut connections = Room::<3>::open(cx).await?.connections;
    let mut heard: [Vec<Value>; 3] = Default::default();

    for round in 0..ROUNDS {
        let words = format!("round {round}");
        speaks(&mut connections[round % 3], &words).await?;
        for ((connection, heard), who) in connections.iter_mut().zip(&mut heard).zip(NAMES) {
            let frames = hears_until(connection, &words, who);
            heard.extend(cx.given("hear a message", frames).await?);
        }
    }

    for (frames, who) in heard.iter().zip(NAMES) {
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for content in frames.iter().filter_map(content_of) {
            *times.entry(content).or_default() += 1;
        }
        times.retain(|_, times| *times > 1);
        expect(
            times.is_empty(),
            format!("how often {who} hears each message"),
            "once",
            in_json(&times),
        )?;
    }
    Ok(())
}

/// What one connection says in one go is all heard, by another and by itself.
pub(super) async fn loses_none_of_many(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [mut alice, mut bob] = room.connections;
    speaks(&mut alice, "first").await?;
    cx.given("hear a message", hears(&mut bob, "first", "bob"))
        .await?;
    cx.given("hear oneself", hears(&mut alice, "first", "alice"))
        .await?;

    let said: Vec<_> = (0..MANY).map(|n| format!("one of many, {n}")).collect();
    for words in &said {
        speaks(&mut alice, words).await?;
    }

    // Side by side, for a connection that is not read answers no pings either.
    let bob = hears_all(&mut bob, &said, "bob");
    let alice = hears_all(&mut alice, &said, "the sender");
    tokio::try_join!(bob, alice).map(drop)
}

async fn takes_the_same_words_again_for_another_message(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [mut alice, mut bob] = room.connections;
    for words in ["ok", "ok", "ok", "that is all"] {
        speaks(&mut alice, words).await?;
    }
    let heard = hears_until(&mut bob, "that is all", "bob").await?;
    let again = heard.iter().filter(|frame| content_of(frame) == Some("ok"));
    let ids: BTreeSet<_> = again
        .filter_map(|frame| frame["message"]["id"].as_u64())
        .collect();
    let what = "how many messages of the same words bob hears, each with an id of its own";
    expect_eq(ids.len(), 3, what)
}

async fn reaches_who_came_before_and_after_a_rename(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [alice, bob] = &room.people;
    let [mut before, _] = room.connections;
    for method in ["PUT", "PATCH"] {
        let ask = Ask::new(method, &paths::chat(room.chat.id));
        let name = json!({"name": cx.name(&format!("renamed by {method}"))});
        cx.given("rename a chat", async {
            accepted(&alice.client.ask(ask.json(&name)).await?, "a rename")
        })
        .await?;
        let mut after = cx.connected(bob, &room.chat).await?;

        let words = format!("before {method}");
        speaks(&mut before, &words).await?;
        let who = "who connected after the chat was renamed";
        hears(&mut after, &words, who).await?;
        let words = format!("after {method}");
        speaks(&mut after, &words).await?;
        let who = "who connected before the chat was renamed";
        hears(&mut before, &words, who).await?;
    }
    Ok(())
}

/// One leaves with a goodbye, one without; the others are heard as before. Not each word at that very moment:
/// what Channels is about to hand over as somebody leaves it may lose (channels_redis #366).
async fn goes_on_when_others_leave(cx: &Context) -> Verdict {
    let room = Room::<4>::open(cx).await?;
    let [mut alice, mut bob, carol, dave] = room.connections;
    speaks(&mut alice, "before").await?;
    cx.given("hear a message", hears(&mut bob, "before", "bob"))
        .await?;

    carol.socket.close().await;
    dave.socket.hangs_up();
    for n in 0..3 {
        speaks(&mut alice, &format!("afterwards {n}")).await?;
        history(cx, &room.people[0], &room.chat).await?;
    }

    hears(&mut bob, "afterwards 2", "bob, after others have left,")
        .await
        .map(drop)
}

/// The deployment is calm: this runs while hardly any other check does.
async fn arrives_within_five_seconds(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [mut alice, mut bob] = room.connections;
    for n in 0..3 {
        let words = format!("quick {n}");
        let said = Instant::now();
        speaks(&mut alice, &words).await?;
        cx.given("hear a message", hears(&mut bob, &words, "bob"))
            .await?;
        let took = said.elapsed();
        expect(
            took <= LIVE_FRAME,
            "the time until bob hears a message",
            format!("at most {LIVE_FRAME:?}"),
            format!("{took:?}"),
        )?;
    }
    Ok(())
}

const NAMES: [&str; 3] = ["alice", "bob", "carol"];
/// How many messages are said one by one to find repetitions.
const ROUNDS: usize = 9;
/// How many messages are said in one go, far less than Channels keeps for a process that is slow to read.
const MANY: usize = 30;
