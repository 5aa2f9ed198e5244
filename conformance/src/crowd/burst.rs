//! Connections that all say many messages at once, and what each of them hears.

use std::{collections::BTreeSet, time::Duration};

use chat_fixtures::{
    people::{Connection, Person},
    socket::Heard,
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{check::Failure, context::Context, listening::message_in};

/// What one connection heard while all spoke.
#[derive(Debug)]
pub(crate) struct Record {
    /// The ids, in the order they came.
    pub(crate) heard: Vec<u64>,
    /// Whether it was open to the end.
    pub(crate) open: bool,
    /// Whose last message it has not heard yet.
    awaits: BTreeSet<String>,
}

/// A room after all have spoken.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) records: Vec<Record>,
    /// The ids in its history.
    pub(crate) stored: BTreeSet<u64>,
}

impl Room {
    /// Three rooms, each with several connections on each process, and all of them speak at once: more than the
    /// hundred messages that the original queues for a process.
    pub(crate) async fn in_which_all_speak(cx: &Context) -> Result<Vec<Self>, Failure> {
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
            Ok(Self { records, stored })
        });
        join_all(rooms).await.into_iter().collect()
    }
}

/// Each connection says so many messages, all at once, and listens until it has heard everybody's last one:
/// messages of one connection keep their order (WS-10), so behind that nothing is to come. Where one's last was
/// lost, each says one more when it has become quiet, and that is the last.
pub(crate) async fn all_speak(mut connections: Vec<Connection>, each: usize) -> Vec<Record> {
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

/// The id of a message.
pub(crate) fn id_of(message: &Value) -> Option<u64> {
    message["id"].as_u64()
}

fn content(speaker: usize, n: usize) -> String {
    format!("{n} of speaker {speaker}")
}

/// How many each of a crowd says at once.
const BURST: usize = 40;
/// How many rooms are crowded at a time.
const ROOMS: usize = 3;
/// Where nothing came for as long, something may be missing.
const QUIET: Duration = Duration::from_secs(1);
/// What has not come by then will not, and is not waited for unless something is missing.
const SILENCE: Duration = Duration::from_secs(10);
