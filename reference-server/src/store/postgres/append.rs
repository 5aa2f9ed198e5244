//! Messages, a group in one transaction, sent in one go: lock the chats, insert, commit.
//!
//! The chats' rows are locked in the order of their ids, so that processes of ours store one after another in
//! each chat and never wait for each other in a circle. The lock lets a Django store beside us (it takes the
//! weaker `FOR KEY SHARE`), and holds off whoever deletes the chat.
//!
//! The time is Postgres's, taken once the locks are held: one clock for all processes, so that a message is
//! later than those stored before it in its chat. Each message of a group is a microsecond later than the one
//! before; storing it takes longer than that. Where the clock was put back, or a Django's is ahead, the group
//! follows the message stored last, unless that is a minute ahead.

use std::collections::HashSet;

use futures_util::future::join4;
use tokio_postgres::Error;

use super::connections::Client;
use crate::store::{NewMessage, NotAParticipant};
use crate::timestamp::Timestamp;

/// A message is stored if its sender is a participant, and chat and sender exist.
///
/// The rows are numbered in the order of the group: the identity's value is drawn after the sorting.
const INSERT: &str = "\
    WITH start AS MATERIALIZED (\
        SELECT greatest(clock_timestamp(), (\
            SELECT timestamp FROM (SELECT timestamp FROM chat_message ORDER BY id DESC LIMIT 1) AS last \
            WHERE timestamp < clock_timestamp() + interval '1 minute')) AS time), \
    said AS MATERIALIZED (\
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS s (content, chat, sender, place)), \
    allowed AS MATERIALIZED (\
        SELECT p.chat_id, p.user_id FROM (SELECT DISTINCT chat, sender FROM said) AS pair \
        JOIN chat_chat_participants p ON p.chat_id = pair.chat AND p.user_id = pair.sender \
        JOIN chat_chat c ON c.id = pair.chat JOIN chat_user u ON u.id = pair.sender) \
    INSERT INTO chat_message (content, timestamp, chat_id, sender_id) \
    SELECT said.content, start.time + said.place * interval '1 microsecond', said.chat, said.sender \
    FROM start, said JOIN allowed ON allowed.chat_id = said.chat AND allowed.user_id = said.sender \
    ORDER BY said.place \
    RETURNING id, timestamp, chat_id, sender_id";

const LOCK: &str = "SELECT FROM chat_chat WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE";

/// Where in the history a message is.
pub(super) struct Place {
    pub(super) id: i64,
    pub(super) timestamp: Timestamp,
}

/// Each message's fate, in order. What is checked holds at the commit: there the foreign keys are.
pub(super) async fn append(
    db: &Client,
    group: &[NewMessage],
) -> Result<Vec<Result<Place, NotAParticipant>>, Error> {
    let lock = db.prepare_cached(LOCK).await?;
    let insert = db.prepare_cached(INSERT).await?;
    let contents: Vec<&str> = group.iter().map(|new| new.content.as_str()).collect();
    let chats: Vec<i64> = group.iter().map(|new| new.chat).collect();
    let senders: Vec<i64> = group.iter().map(|new| new.sender.id).collect();
    let (begun, locked, stored, ended) = join4(
        db.batch_execute("BEGIN"),
        db.execute(&lock, &[&chats]),
        db.query(&insert, &[&contents, &chats, &senders]),
        db.batch_execute("COMMIT"),
    )
    .await;
    begun?;
    locked?;
    let stored = stored?;
    ended?;

    // Whoever takes part had everything stored that it said, in the order of the group.
    let mut speakers = HashSet::new();
    let mut places = Vec::with_capacity(stored.len());
    for row in &stored {
        speakers.insert((row.try_get(2)?, row.try_get(3)?));
        places.push(Place {
            id: row.try_get(0)?,
            timestamp: row.try_get(1)?,
        });
    }
    let mut places = places.into_iter();
    let fates = group.iter().map(|new| {
        let takes_part = speakers.contains(&(new.chat, new.sender.id));
        let place = takes_part.then(|| places.next()).flatten();
        place.ok_or(NotAParticipant)
    });
    Ok(fates.collect())
}
