//! Many speaking at once, on all processes: one order for all, nothing lost, nothing repeated.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chat_fixtures::{
    people::{Connection, Person},
    socket::Heard,
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::expect,
    listening::message_in,
};

// Alone, all of them: the original drops what others say while many speak.
checks! {
    PROC_4 => all_processes_show_one_order [Alone],
    PROC_4 => one_process_shows_the_order_of_the_history [Alone],
    PROC_5 => nothing_is_lost_while_many_speak [Alone],
    PROC_5 => nothing_is_repeated_while_many_speak [Alone],
}

async fn all_processes_show_one_order(cx: &Context) -> Verdict {
    cx.needs_processes(2)?;
    let people: [Person; 2] = cx.people().await?;
    let chat = cx.chat_of(&[&people[0], &people[1]]).await?;
    let mut connections = Vec::new();
    for person in &people {
        for process in 0..cx.processes() {
            connections.push(cx.connected(&person.on_process(process), &chat).await?);
        }
    }

    let records = all_speak(connections, CALM).await;

    let [first, others @ ..] = records.as_slice() else {
        return Err(Failure::Broken("nobody spoke".to_owned()));
    };
    for (n, other) in others.iter().enumerate() {
        expect_one_order(&first.heard, &other.heard, &format!("connection {}", n + 1))?;
    }
    Ok(())
}

async fn one_process_shows_the_order_of_the_history(cx: &Context) -> Verdict {
    if cx.behind_balancer() {
        return Err(Failure::NotApplicable(
            "needs the URL of a single process: within it the order is that of the history"
                .to_owned(),
        ));
    }
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut connections = Vec::new();
    for person in [&alice, &bob, &alice, &bob] {
        connections.push(cx.connected(person, &chat).await?);
    }

    let records = all_speak(connections, CALM).await;

    let history = cx.given("read the history", alice.reads(&chat)).await?;
    let history: Vec<_> = history.iter().filter_map(id_of).collect();
    for (n, record) in records.iter().enumerate() {
        expect_one_order(&history, &record.heard, &format!("connection {n}"))?;
    }
    Ok(())
}

async fn nothing_is_lost_while_many_speak(cx: &Context) -> Verdict {
    for room in crowded_rooms(cx).await? {
        let mut all = room.stored;
        all.extend(room.records.iter().flat_map(|record| &record.heard));
        for (n, record) in room.records.iter().enumerate() {
            let heard: BTreeSet<u64> = record.heard.iter().copied().collect();
            let lost: Vec<_> = all.difference(&heard).collect();
            let first = lost.first().map_or_else(String::new, ToString::to_string);
            expect(
                lost.is_empty() || !record.open,
                format!("connection {n} of a room, open all along"),
                format!(
                    "each of the {} messages that were stored or seen",
                    all.len()
                ),
                format!("{} of them are missing, from the id {first} on", lost.len()),
            )?;
        }
    }
    Ok(())
}

async fn nothing_is_repeated_while_many_speak(cx: &Context) -> Verdict {
    for room in crowded_rooms(cx).await? {
        for (n, record) in room.records.iter().enumerate() {
            let mut times = BTreeMap::new();
            for id in &record.heard {
                *times.entry(id).or_insert(0) += 1;
            }
            let repeated = times.iter().find(|(_, times)| **times > 1);
            expect(
                repeated.is_none(),
                format!("connection {n} of a room"),
                "each message once",
                format!("the message and how often: {repeated:?}"),
            )?;
        }
    }
    Ok(())
}

/// What one connection heard while all spoke.
struct Record {
    /// The ids, in the order they came.
    heard: Vec<u64>,
    /// Whether it was open to the end.
    open: bool,
    /// Whose last message it has not heard yet.
    awaits: BTreeSet<String>,
}

/// A room after all have spoken.
struct Room {
    records: Vec<Record>,
    /// The ids in its history.
    stored: BTreeSet<u64>,
}

/// Three rooms, each with several connections on each process, and all of them speak at once: more than the
/// hundred messages that the original queues for a process.
async fn crowded_rooms(cx: &Context) -> Result<Vec<Room>, Failure> {
    let people: [Person; 3] = cx.people().await?;
    let mut rooms = Vec::new();
    for _ in 0..ROOMS {
        let chat = cx.chat_of(&[&people[0], &people[1], &people[2]]).await?;
        let mut connections = Vec::new();
        for person in &people {
            for process in 0..cx.processes().max(2) {
                connections.push(cx.connected(&person.on_process(process), &chat).await?);
            }
        }
        rooms.push((chat, connections));
    }
    let rooms = rooms.into_iter().map(async |(chat, connections)| {
        let records = all_speak(connections, BURST).await;
        // One who was closed was told; but where all were, nothing is left to compare.
        if records.iter().filter(|record| record.open).count() < 2 {
            let reason = "the connections did not stay open".to_owned();
            return Err(Failure::Untestable(reason));
        }
        let history = cx.given("read the history", people[0].reads(&chat)).await?;
        let stored = history.iter().filter_map(id_of).collect();
        Ok(Room { records, stored })
    });
    join_all(rooms).await.into_iter().collect()
}

/// Each connection says so many messages, all at once, and listens until it has heard everybody's last one:
/// messages of one connection keep their order (WS-10), so behind that nothing is to come. Where one's last was
/// lost, each says one more when it has become quiet, and that is the last.
async fn all_speak(mut connections: Vec<Connection>, each: usize) -> Vec<Record> {
    let mut records: Vec<Record> = connections
        .iter()
        .map(|_| Record {
            heard: Vec::new(),
            open: true,
            awaits: BTreeSet::new(),
        })
        .collect();
    for (said, quiet) in [(0..each, QUIET), (each..each + 1, SILENCE)] {
        let speakers = 0..connections.len();
        let last: BTreeSet<String> = speakers.map(|n| content(n, said.end - 1)).collect();
        let all = connections.iter_mut().zip(&mut records).enumerate();
        join_all(all.map(|(speaker, (connection, record))| {
            let contents = said.clone().map(move |n| content(speaker, n));
            record.awaits.clone_from(&last);
            speaks_and_listens(connection, contents.collect(), record, quiet)
        }))
        .await;
        if records.iter().all(|record| record.awaits.is_empty()) {
            break;
        }
    }
    records
}

async fn speaks_and_listens(
    connection: &mut Connection,
    contents: Vec<String>,
    record: &mut Record,
    quiet: Duration,
) {
    let frames = contents
        .iter()
        .map(|content| Message::text(json!({"content": content}).to_string()))
        .collect();
    record.open &= connection.socket.send_all(frames).await.is_ok();
    while record.open && !record.awaits.is_empty() {
        match connection.socket.next_within(quiet).await {
            Heard::Text(text) => {
                if let Some(message) = message_in(&text) {
                    record.heard.extend(id_of(&message));
                    let content = message["content"].as_str().unwrap_or_default();
                    record.awaits.remove(content);
                }
            }
            Heard::Closed(..) => record.open = false,
            Heard::Nothing => return,
            Heard::Binary(_) | Heard::Pong(_) => {}
        }
    }
}

/// What both hold comes in the same order in both.
fn expect_one_order(one: &[u64], other: &[u64], what: &str) -> Verdict {
    let common = |ids: &[u64], among: &[u64]| {
        let among: BTreeSet<u64> = among.iter().copied().collect();
        let mut seen = BTreeSet::new();
        ids.iter()
            .copied()
            .filter(|id| among.contains(id) && seen.insert(*id))
            .collect::<Vec<_>>()
    };
    let (one, other) = (common(one, other), common(other, one));
    match one.iter().zip(&other).position(|(one, other)| one != other) {
        None => Ok(()),
        Some(place) => Err(Failure::violation(
            format!(
                "the message that {what} heard in place {place} of {}",
                one.len()
            ),
            format!("message {:?}", one.get(place)),
            format!("message {:?}", other.get(place)),
        )),
    }
}

fn id_of(message: &Value) -> Option<u64> {
    message["id"].as_u64()
}

fn content(speaker: usize, n: usize) -> String {
    format!("{n} of speaker {speaker}")
}

/// How many messages each says where only the order matters.
const CALM: usize = 20;
/// How many each of a crowd says at once.
const BURST: usize = 40;
/// How many rooms are crowded at a time.
const ROOMS: usize = 3;
/// Where nothing came for as long, something may be missing.
const QUIET: Duration = Duration::from_secs(1);
/// What has not come by then will not, and is not waited for unless something is missing.
const SILENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::expect_one_order;

    #[test]
    fn orders_are_compared_where_both_have_seen_it() {
        assert!(expect_one_order(&[1, 2, 3], &[1, 3], "one who missed a message").is_ok());
        assert!(expect_one_order(&[1, 2], &[1, 1, 2], "one who heard a message twice").is_ok());
        assert!(expect_one_order(&[1, 2, 3], &[1, 3, 2], "one who heard otherwise").is_err());
    }
}
