//! Where a chat's frames go: to each connection of a user, to no other chat, in the order sent.

use std::time::Duration;

use chat_fixtures::people::{Chat, Connection, Person};
use futures_util::future::join_all;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_eq},
    room::{Room, content_of, contents, hears, hears_all, hears_all_until, history, speaks},
};

checks! {
    WS_8 => frames_stay_in_their_chat,
    WS_8 => no_frame_comes_from_a_chat_of_others,
    WS_9 => each_connection_of_a_user_hears_others,
    WS_9 => each_connection_of_a_user_hears_the_user,
    WS_9 => each_session_of_a_user_hears_the_user,
    WS_9 => each_of_many_connections_of_a_user_hears_everything [Alone],
    WS_9 => closing_one_connection_leaves_the_rest [Alone],
    WS_10 => many_sent_at_once_arrive_in_order,
    WS_10 => the_history_keeps_that_order,
}

/// Two chats of the same people: what is said in one is not heard in the other, whoever says it.
pub(super) async fn frames_stay_in_their_chat(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [alice, bob] = &room.people;
    let other = cx.chat_of(&[alice, bob]).await?;
    let mut here = room.connections;
    let mut there = [
        cx.connected(alice, &other).await?,
        cx.connected(bob, &other).await?,
    ];

    for speaker in [0, 1] {
        for n in 0..3 {
            let said_there = format!("there {speaker}.{n}");
            let said_here = format!("here {speaker}.{n}");
            speaks(&mut there[speaker], &said_there).await?;
            speaks(&mut here[speaker], &said_here).await?;
            for listener in [0, 1] {
                let heard = hears_all_until(&mut there[listener], &said_there, "who is there");
                expect_none_begins(&cx.given("hear a message", heard).await?, "here")?;
                let heard = hears_all_until(&mut here[listener], &said_here, "who is here");
                expect_none_begins(&cx.given("hear a message", heard).await?, "there")?;
            }
        }
    }
    Ok(())
}

/// Carol has a chat that bob is not in, and shares another with him.
async fn no_frame_comes_from_a_chat_of_others(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let shared = cx.chat_of(&[&carol, &bob]).await?;
    let private = cx.chat_of(&[&carol, &alice]).await?;
    let mut bob = cx.connected(&bob, &shared).await?;
    let mut carol_shared = cx.connected(&carol, &shared).await?;
    let mut carol_private = cx.connected(&carol, &private).await?;
    let mut alice = cx.connected(&alice, &private).await?;

    for n in 0..3 {
        let (secret, open) = (format!("secret {n}"), format!("open {n}"));
        speaks(&mut carol_private, &secret).await?;
        cx.given("hear a message", hears(&mut alice, &secret, "alice"))
            .await?;
        speaks(&mut carol_shared, &open).await?;
        let heard = cx
            .given("hear a message", hears_all_until(&mut bob, &open, "bob"))
            .await?;
        expect_none_begins(&heard, "secret")?;
    }
    Ok(())
}

async fn each_connection_of_a_user_hears_others(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [_, listener] = &room.people;
    let [mut alice, first] = room.connections;
    let mut connections = vec![first];
    for _ in 0..2 {
        connections.push(another(listener, &room.chat, alice.patience).await?);
    }

    speaks(&mut alice, "to each").await?;

    expect_all_hear(&mut connections, "to each").await
}

/// Bob hears them too, so that a chat in which nobody is heard is not blamed on the number of connections.
async fn each_connection_of_a_user_hears_the_user(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [speaker, _] = &room.people;
    let [mut first, mut bob] = room.connections;
    let mut others = vec![
        another(speaker, &room.chat, bob.patience).await?,
        another(speaker, &room.chat, bob.patience).await?,
    ];

    speaks(&mut first, "from the first").await?;

    cx.given("hear a message", hears(&mut bob, "from the first", "bob"))
        .await?;
    for connection in &mut others {
        hears(connection, "from the first", "the user's other connection").await?;
    }
    Ok(())
}

/// As with one browser at home and another at work.
async fn each_session_of_a_user_hears_the_user(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [alice, _] = &room.people;
    let [mut home, mut bob] = room.connections;
    let elsewhere = cx.another_session(alice).await?;
    let mut work = another(&elsewhere, &room.chat, home.patience).await?;

    speaks(&mut home, "from home").await?;
    let heard = hears(&mut bob, "from home", "bob");
    cx.given("hear a message", heard).await?;
    hears(
        &mut work,
        "from home",
        "the user's connection of another session",
    )
    .await?;

    speaks(&mut work, "from work").await?;
    let heard = hears(&mut bob, "from work", "bob");
    cx.given("hear a message", heard).await?;
    hears(
        &mut home,
        "from work",
        "the user's connection of another session",
    )
    .await
    .map(drop)
}

/// What others say and what the user says on the latest connection; alone, for all of them end together, which
/// Channels lets other connections feel (channels_redis #366).
async fn each_of_many_connections_of_a_user_hears_everything(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [_, listener] = &room.people;
    let [mut alice, first] = room.connections;
    let mut connections = vec![first];
    while connections.len() < CONNECTIONS {
        connections.push(another(listener, &room.chat, alice.patience).await?);
    }

    speaks(&mut alice, "of another").await?;
    expect_all_hear(&mut connections, "of another").await?;

    if let Some(latest) = connections.last_mut() {
        speaks(latest, "of the user").await?;
    }
    let another = hears(&mut alice, "of the user", "alice");
    cx.given("hear a message", another).await?;
    expect_all_hear(&mut connections, "of the user").await?;

    let sockets = connections.into_iter().map(|connection| connection.socket);
    join_all(sockets.map(|socket| socket.close())).await;
    Ok(())
}

async fn closing_one_connection_leaves_the_rest(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [_, listener] = &room.people;
    let [mut alice, first] = room.connections;
    let second = cx.connected(listener, &room.chat).await?;
    let third = cx.connected(listener, &room.chat).await?;
    let mut rest = vec![first, third];
    speaks(&mut alice, "before").await?;
    let before = expect_all_hear(&mut rest, "before");
    cx.given("hear on each connection", before).await?;

    second.socket.close().await;
    // By then it is gone: in Channels a word said while somebody leaves may be lost (channels_redis #366).
    history(cx, listener, &room.chat).await?;
    speaks(&mut alice, "afterwards").await?;
    let herself = hears(&mut alice, "afterwards", "the sender");
    cx.given("hear oneself", herself).await?;

    for (n, connection) in rest.iter_mut().enumerate() {
        let who = format!("the user's connection {}, after another was closed,", n + 1);
        hears(connection, "afterwards", &who).await?;
    }
    Ok(())
}

pub(super) async fn many_sent_at_once_arrive_in_order(cx: &Context) -> Verdict {
    let room = Room::<3>::open(cx).await?;
    let [mut alice, mut bob, mut carol] = room.connections;

    let said = says_many(&mut alice).await?;

    // Side by side, for a connection that is not read answers no pings either.
    let heard = async {
        tokio::try_join!(
            hears_all(&mut alice, &said, "alice"),
            hears_all(&mut bob, &said, "bob"),
            hears_all(&mut carol, &said, "carol"),
        )
    };
    let (alice, bob, carol) = cx.given("hear every message", heard).await?;
    for (heard, who) in [(alice, "alice"), (bob, "bob"), (carol, "carol")] {
        expect_eq(&heard, &said, &format!("the messages as {who} hears them"))?;
    }
    Ok(())
}

/// Where the history does not even tell in order what was sent by REST, one after another, it is to blame.
async fn the_history_keeps_that_order(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [author, _] = &room.people;
    let [mut alice, mut bob] = room.connections;
    let posted: Vec<_> = (0..3).map(|n| format!("by REST {n}")).collect();
    for words in &posted {
        cx.given("send by REST", author.posts(&room.chat, words))
            .await?;
    }
    let told = history(cx, author, &room.chat).await?;
    let in_order = async {
        expect_eq(
            contents(&told),
            posted.iter().map(String::as_str).collect(),
            "the history",
        )
    };
    cx.given("read in order what was sent by REST", in_order)
        .await?;

    let said = says_many(&mut alice).await?;
    cx.given("hear every message", hears_all(&mut bob, &said, "bob"))
        .await?;

    let told = history(cx, author, &room.chat).await?;
    let mut told = contents(&told);
    told.retain(|words| said.iter().any(|said| said == words));
    // That each is stored, and once, is not what this is about.
    told.dedup();
    let due: Vec<_> = said
        .iter()
        .map(String::as_str)
        .filter(|words| told.contains(words))
        .collect();
    expect_eq(told, due, "the order of the messages in the history")
}

async fn says_many(alice: &mut Connection) -> Result<Vec<String>, Failure> {
    let said: Vec<_> = (0..MANY).map(|n| format!("number {n}")).collect();
    for words in &said {
        speaks(alice, words).await?;
    }
    Ok(said)
}

/// One more connection of somebody who has one: whether it opens is what the check is about.
async fn another(person: &Person, chat: &Chat, patience: Duration) -> Result<Connection, Failure> {
    let mut connection = person.connects(chat).await?;
    connection.patience = patience;
    Ok(connection)
}

/// Each connection hears it; where none at all does, it is not about their number.
async fn expect_all_hear(connections: &mut [Connection], words: &str) -> Verdict {
    let mut deaf = Vec::new();
    for (n, connection) in connections.iter_mut().enumerate() {
        let who = format!("the user's connection {}", n + 1);
        deaf.extend(hears(connection, words, &who).await.err());
    }
    let all = deaf.len() == connections.len();
    match deaf.into_iter().next() {
        None => Ok(()),
        Some(failure) if all => Err(failure.in_preparation("be heard at all")),
        Some(failure) => Err(failure),
    }
}

fn expect_none_begins(frames: &[serde_json::Value], with: &str) -> Verdict {
    let leaked = frames
        .iter()
        .filter_map(content_of)
        .find(|content| content.starts_with(with));
    expect(
        leaked.is_none(),
        "what is heard in a chat",
        "its own messages",
        format!("{:?} of another chat", leaked.unwrap_or_default()),
    )
}

/// How many connections one user has in a chat: as many tabs as somebody may well have open.
const CONNECTIONS: usize = 10;
/// How many messages are sent in one go, far less than Channels keeps for a process that is slow to read.
const MANY: usize = 25;
