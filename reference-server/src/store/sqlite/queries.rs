//! What is read, and how rows become users, chats and messages.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row};

use crate::store::{Account, Chat, Message, StoredSession, User};
use crate::timestamp::Timestamp;

const ACCOUNT: &str = "SELECT id, username, email, user_type, password, is_active FROM chat_user";

/// Every message query selects these, the sender's columns last.
const MESSAGE: &str = "SELECT m.id, m.chat_id, m.content, m.timestamp, u.id, u.username, u.email, u.user_type \
     FROM chat_message m JOIN chat_user u ON u.id = m.sender_id";

pub(super) fn account_named(db: &Connection, username: &str) -> rusqlite::Result<Option<Account>> {
    db.prepare_cached(&format!("{ACCOUNT} WHERE username = ?1"))?
        .query_row([username], account_of)
        .optional()
}

pub(super) fn account(db: &Connection, id: i64) -> rusqlite::Result<Option<Account>> {
    db.prepare_cached(&format!("{ACCOUNT} WHERE id = ?1"))?
        .query_row([id], account_of)
        .optional()
}

/// The session with this key if it is alive at `now`. Django compares the text in the same way.
pub(super) fn session(
    db: &Connection,
    key: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<StoredSession>> {
    let row = db
        .prepare_cached("SELECT session_data, expire_date FROM django_session WHERE session_key = ?1 AND expire_date > ?2")?
        .query_row([key, &now.to_sqlite()], |row| {
            Ok(StoredSession { data: row.get(0)?, expires: timestamp_of(row, 1)? })
        })
        .optional()?;
    Ok(row)
}

pub(super) fn is_participant(db: &Connection, chat: i64, user: i64) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM chat_chat_participants WHERE chat_id = ?1 AND user_id = ?2")?
        .exists([chat, user])
}

pub(super) fn chat_exists(db: &Connection, chat: i64) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM chat_chat WHERE id = ?1")?
        .exists([chat])
}

/// The chat with everything in it, without asking who wants to know.
pub(super) fn chat(db: &Connection, id: i64) -> rusqlite::Result<Option<Chat>> {
    let chat = db
        .prepare_cached("SELECT id, name, created_at FROM chat_chat WHERE id = ?1")?
        .query_row([id], chat_of)
        .optional()?;
    let Some(mut chat) = chat else {
        return Ok(None);
    };
    chat.participants = db
        .prepare_cached(
            "SELECT u.id, u.username, u.email, u.user_type FROM chat_chat_participants p \
             JOIN chat_user u ON u.id = p.user_id WHERE p.chat_id = ?1 ORDER BY u.id",
        )?
        .query_map([id], |row| user_of(row, 0).map(Arc::new))?
        .collect::<Result<_, _>>()?;
    chat.messages = messages_of_chat(db, id)?;
    Ok(Some(chat))
}

/// The chats of `participant`, by id, each with everything in it, in three queries.
pub(super) fn chats_of(db: &Connection, participant: i64) -> rusqlite::Result<Vec<Chat>> {
    let mut chats = db
        .prepare_cached(
            "SELECT c.id, c.name, c.created_at FROM chat_chat c JOIN chat_chat_participants mine \
             ON mine.chat_id = c.id WHERE mine.user_id = ?1 ORDER BY c.id",
        )?
        .query_map([participant], chat_of)?
        .collect::<Result<Vec<_>, _>>()?;
    let places: HashMap<i64, usize> = chats
        .iter()
        .enumerate()
        .map(|(place, chat)| (chat.id, place))
        .collect();
    let mut people = People::default();

    let mut statement = db.prepare_cached(
        "SELECT p.chat_id, u.id, u.username, u.email, u.user_type FROM chat_chat_participants mine \
         JOIN chat_chat_participants p ON p.chat_id = mine.chat_id JOIN chat_user u ON u.id = p.user_id \
         WHERE mine.user_id = ?1 ORDER BY p.chat_id, u.id",
    )?;
    let mut rows = statement.query([participant])?;
    while let Some(row) = rows.next()? {
        if let Some(place) = places.get(&row.get(0)?) {
            chats[*place].participants.push(people.known(row, 1)?);
        }
    }
    for message in messages_of(db, participant)? {
        if let Some(place) = places.get(&message.chat) {
            chats[*place].messages.push(message);
        }
    }
    Ok(chats)
}

pub(super) fn messages_of_chat(db: &Connection, chat: i64) -> rusqlite::Result<Vec<Message>> {
    let mut statement = db.prepare_cached(&format!(
        "{MESSAGE} WHERE m.chat_id = ?1 ORDER BY m.timestamp, m.id"
    ))?;
    collect_messages(statement.query([chat])?)
}

pub(super) fn messages_of(db: &Connection, participant: i64) -> rusqlite::Result<Vec<Message>> {
    let mut statement = db.prepare_cached(&format!(
        "{MESSAGE} JOIN chat_chat_participants mine ON mine.chat_id = m.chat_id WHERE mine.user_id = ?1 \
         ORDER BY m.timestamp, m.id"
    ))?;
    collect_messages(statement.query([participant])?)
}

pub(super) fn message(
    db: &Connection,
    id: i64,
    participant: i64,
) -> rusqlite::Result<Option<Message>> {
    let mut statement = db.prepare_cached(&format!(
        "{MESSAGE} JOIN chat_chat_participants mine ON mine.chat_id = m.chat_id WHERE m.id = ?1 AND mine.user_id = ?2"
    ))?;
    Ok(collect_messages(statement.query([id, participant])?)?.pop())
}

fn collect_messages(mut rows: rusqlite::Rows<'_>) -> rusqlite::Result<Vec<Message>> {
    let mut people = People::default();
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        messages.push(Message {
            id: row.get(0)?,
            chat: row.get(1)?,
            content: row.get(2)?,
            timestamp: timestamp_of(row, 3)?,
            sender: people.known(row, 4)?,
        });
    }
    Ok(messages)
}

/// The users of one answer, each read from its columns once however often it appears.
#[derive(Default)]
struct People(HashMap<i64, Arc<User>>);

impl People {
    fn known(&mut self, row: &Row<'_>, first: usize) -> rusqlite::Result<Arc<User>> {
        let id = row.get(first)?;
        if let Some(user) = self.0.get(&id) {
            return Ok(Arc::clone(user));
        }
        let user = Arc::new(user_of(row, first)?);
        self.0.insert(id, Arc::clone(&user));
        Ok(user)
    }
}

/// A user whose four columns begin at `first`.
fn user_of(row: &Row<'_>, first: usize) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(first)?,
        username: row.get(first + 1)?,
        email: row.get(first + 2)?,
        user_type: row.get(first + 3)?,
    })
}

fn account_of(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        user: Arc::new(user_of(row, 0)?),
        password: row.get(4)?,
        is_active: row.get(5)?,
    })
}

fn chat_of(row: &Row<'_>) -> rusqlite::Result<Chat> {
    Ok(Chat {
        id: row.get(0)?,
        name: row.get(1)?,
        created_at: timestamp_of(row, 2)?,
        participants: Vec::new(),
        messages: Vec::new(),
    })
}

fn timestamp_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let text: String = row.get(column)?;
    Timestamp::from_sqlite(&text).ok_or_else(|| {
        let error = format!("not a moment: {text:?}").into();
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error)
    })
}
