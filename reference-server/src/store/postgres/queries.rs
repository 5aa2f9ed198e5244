//! What is read, and how rows become users, chats and messages.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::{join4, join5};
use tokio_postgres::{Error, Row};

use super::connections::Client;
use crate::store::{Account, Chat, Message, StoredSession, User};
use crate::timestamp::Timestamp;

const ACCOUNT: &str = "SELECT id, username, email, user_type, password, is_active FROM chat_user";

/// Every message query selects these, the sender's columns last.
const MESSAGE: &str = "SELECT m.id, m.chat_id, m.content, m.timestamp, u.id, u.username, u.email, u.user_type \
     FROM chat_message m JOIN chat_user u ON u.id = m.sender_id";

/// The part of whoever asks ($1) in the chat of a message; where it has none there is nothing to see.
const OF_MINE: &str =
    "JOIN chat_chat_participants mine ON mine.chat_id = m.chat_id WHERE mine.user_id = $1";

const IS_PARTICIPANT: &str =
    "SELECT 1 FROM chat_chat_participants WHERE chat_id = $1 AND user_id = $2";

pub(super) async fn account_named(db: &Client, username: &str) -> Result<Option<Account>, Error> {
    let statement = db
        .prepare_cached(&format!("{ACCOUNT} WHERE username = $1"))
        .await?;
    let row = db.query_opt(&statement, &[&username]).await?;
    row.as_ref().map(account_of).transpose()
}

pub(super) async fn account(db: &Client, id: i64) -> Result<Option<Account>, Error> {
    let statement = db
        .prepare_cached(&format!("{ACCOUNT} WHERE id = $1"))
        .await?;
    let row = db.query_opt(&statement, &[&id]).await?;
    row.as_ref().map(account_of).transpose()
}

/// The session with this key if it is alive at `now`.
pub(super) async fn session(
    db: &Client,
    key: &str,
    now: Timestamp,
) -> Result<Option<StoredSession>, Error> {
    let statement = db
        .prepare_cached("SELECT session_data, expire_date FROM django_session WHERE session_key = $1 AND expire_date > $2")
        .await?;
    let row = db.query_opt(&statement, &[&key, &now]).await?;
    row.map(|row| {
        Ok(StoredSession {
            data: row.try_get(0)?,
            expires: row.try_get(1)?,
        })
    })
    .transpose()
}

pub(super) async fn is_participant(db: &Client, chat: i64, user: i64) -> Result<bool, Error> {
    let statement = db.prepare_cached(IS_PARTICIPANT).await?;
    let row = db.query_opt(&statement, &[&chat, &user]).await?;
    Ok(row.is_some())
}

/// The chats of `participant`, by id, each with everything in it, or of these only the one called `only`: three
/// queries of one snapshot, asked in one go.
pub(super) async fn chats_of(
    db: &Client,
    participant: i64,
    only: Option<i64>,
) -> Result<Vec<Chat>, Error> {
    // The same two parameters either way.
    let picked = match only {
        Some(_) => "AND mine.chat_id = $2",
        None => "AND $2::bigint IS NULL",
    };
    let chats = db
        .prepare_cached(&format!(
            "SELECT c.id, c.name, c.created_at FROM chat_chat c JOIN chat_chat_participants mine \
             ON mine.chat_id = c.id WHERE mine.user_id = $1 {picked} ORDER BY c.id"
        ))
        .await?;
    let people = db
        .prepare_cached(&format!(
            "SELECT p.chat_id, u.id, u.username, u.email, u.user_type FROM chat_chat_participants mine \
             JOIN chat_chat_participants p ON p.chat_id = mine.chat_id JOIN chat_user u ON u.id = p.user_id \
             WHERE mine.user_id = $1 {picked} ORDER BY p.chat_id, u.id"
        ))
        .await?;
    let messages = db
        .prepare_cached(&format!(
            "{MESSAGE} {OF_MINE} {picked} ORDER BY m.timestamp, m.id"
        ))
        .await?;
    let (begun, chats, people, messages, ended) = join5(
        db.batch_execute(SNAPSHOT),
        db.query(&chats, &[&participant, &only]),
        db.query(&people, &[&participant, &only]),
        db.query(&messages, &[&participant, &only]),
        db.batch_execute("COMMIT"),
    )
    .await;
    begun?;
    ended?;
    assembled(&chats?, &people?, &messages?)
}

/// `None`: `participant` is none.
pub(super) async fn messages_of_chat(
    db: &Client,
    chat: i64,
    participant: i64,
) -> Result<Option<Vec<Message>>, Error> {
    let takes_part = db.prepare_cached(IS_PARTICIPANT).await?;
    let messages = db
        .prepare_cached(&format!(
            "{MESSAGE} WHERE m.chat_id = $1 AND EXISTS ({IS_PARTICIPANT}) ORDER BY m.timestamp, m.id"
        ))
        .await?;
    let (begun, takes_part, messages, ended) = join4(
        db.batch_execute(SNAPSHOT),
        db.query_opt(&takes_part, &[&chat, &participant]),
        db.query(&messages, &[&chat, &participant]),
        db.batch_execute("COMMIT"),
    )
    .await;
    begun?;
    ended?;
    let messages = collect_messages(&messages?)?;
    Ok(takes_part?.map(|_| messages))
}

pub(super) async fn messages_of(db: &Client, participant: i64) -> Result<Vec<Message>, Error> {
    let statement = db
        .prepare_cached(&format!("{MESSAGE} {OF_MINE} ORDER BY m.timestamp, m.id"))
        .await?;
    collect_messages(&db.query(&statement, &[&participant]).await?)
}

pub(super) async fn message(
    db: &Client,
    id: i64,
    participant: i64,
) -> Result<Option<Message>, Error> {
    let statement = db
        .prepare_cached(&format!("{MESSAGE} {OF_MINE} AND m.id = $2"))
        .await?;
    let rows = db.query(&statement, &[&participant, &id]).await?;
    Ok(collect_messages(&rows)?.pop())
}

fn assembled(chats: &[Row], people: &[Row], messages: &[Row]) -> Result<Vec<Chat>, Error> {
    let mut chats = chats.iter().map(chat_of).collect::<Result<Vec<_>, _>>()?;
    let places: HashMap<i64, usize> = chats
        .iter()
        .enumerate()
        .map(|(place, chat)| (chat.id, place))
        .collect();
    let mut known = People::default();
    for row in people {
        if let Some(place) = places.get(&row.try_get(0)?) {
            chats[*place].participants.push(known.person(row, 1)?);
        }
    }
    for message in collect_messages(messages)? {
        if let Some(place) = places.get(&message.chat) {
            chats[*place].messages.push(message);
        }
    }
    Ok(chats)
}

fn collect_messages(rows: &[Row]) -> Result<Vec<Message>, Error> {
    let mut people = People::default();
    let message = |row: &Row| {
        Ok(Message {
            id: row.try_get(0)?,
            chat: row.try_get(1)?,
            content: row.try_get(2)?,
            timestamp: row.try_get(3)?,
            sender: people.person(row, 4)?,
        })
    };
    rows.iter().map(message).collect()
}

/// The users of one answer, each made from its columns once however often it appears.
#[derive(Default)]
pub(super) struct People(HashMap<i64, Arc<User>>);

impl People {
    pub(super) fn person(&mut self, row: &Row, first: usize) -> Result<Arc<User>, Error> {
        let id = row.try_get(first)?;
        if let Some(user) = self.0.get(&id) {
            return Ok(Arc::clone(user));
        }
        let user = Arc::new(user_of(row, first)?);
        self.0.insert(id, Arc::clone(&user));
        Ok(user)
    }
}

/// A user whose four columns begin at `first`.
pub(super) fn user_of(row: &Row, first: usize) -> Result<User, Error> {
    Ok(User {
        id: row.try_get(first)?,
        username: row.try_get(first + 1)?,
        email: row.try_get(first + 2)?,
        user_type: row.try_get(first + 3)?,
    })
}

fn account_of(row: &Row) -> Result<Account, Error> {
    Ok(Account {
        user: Arc::new(user_of(row, 0)?),
        password: row.try_get(4)?,
        is_active: row.try_get(5)?,
    })
}

fn chat_of(row: &Row) -> Result<Chat, Error> {
    Ok(Chat {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        created_at: row.try_get(2)?,
        participants: Vec::new(),
        messages: Vec::new(),
    })
}

/// Queries that belong together see the same.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
