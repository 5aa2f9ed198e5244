//! What is written besides messages; each function runs within one transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::queries;
use crate::store::{Chat, NewUser, StoredSession, UnknownParticipant, User};
use crate::timestamp::Timestamp;

/// `None`: the name is taken.
pub(super) fn create_user(db: &Connection, user: NewUser) -> rusqlite::Result<Option<User>> {
    let NewUser {
        username,
        email,
        user_type,
        password,
    } = user;
    let id: Option<i64> = db
        .prepare_cached(
            "INSERT INTO chat_user (password, last_login, is_superuser, username, first_name, last_name, email, \
             is_staff, is_active, date_joined, user_type) VALUES (?1, NULL, 0, ?2, '', '', ?3, 0, 1, ?4, ?5) \
             ON CONFLICT (username) DO NOTHING RETURNING id",
        )?
        .query_row(params![password, username, email, Timestamp::now().to_sqlite(), user_type], |row| row.get(0))
        .optional()?;
    Ok(id.map(|id| User {
        id,
        username,
        email,
        user_type,
    }))
}

pub(super) fn record_login(
    db: &Connection,
    user: i64,
    rehashed: Option<&str>,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE chat_user SET last_login = ?2, password = coalesce(?3, password) WHERE id = ?1",
    )?
    .execute(params![user, Timestamp::now().to_sqlite(), rehashed])
    .map(drop)
}

pub(super) fn insert_session(
    db: &Connection,
    key: &str,
    session: &StoredSession,
    replaces: Option<&str>,
) -> rusqlite::Result<()> {
    if let Some(old) = replaces {
        delete_session(db, old)?;
    }
    db.prepare_cached(
        "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (?1, ?2, ?3)",
    )?
    .execute(params![key, session.data, session.expires.to_sqlite()])
    .map(drop)
}

pub(super) fn update_session(
    db: &Connection,
    key: &str,
    session: &StoredSession,
) -> rusqlite::Result<bool> {
    let rows = db
        .prepare_cached(
            "UPDATE django_session SET session_data = ?2, expire_date = ?3 WHERE session_key = ?1",
        )?
        .execute(params![key, session.data, session.expires.to_sqlite()])?;
    Ok(rows > 0)
}

pub(super) fn delete_session(db: &Connection, key: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM django_session WHERE session_key = ?1")?
        .execute([key])
        .map(drop)
}

/// Nothing is made if one of `others` does not exist (CHAT-8).
pub(super) fn create_chat(
    db: &Connection,
    name: &str,
    creator: i64,
    others: &[i64],
) -> rusqlite::Result<Result<Chat, UnknownParticipant>> {
    for other in others {
        if queries::account(db, *other)?.is_none() {
            return Ok(Err(UnknownParticipant(*other)));
        }
    }
    db.prepare_cached("INSERT INTO chat_chat (name, created_at) VALUES (?1, ?2)")?
        .execute(params![name, Timestamp::now().to_sqlite()])?;
    let chat = db.last_insert_rowid();
    let mut add = db.prepare_cached(
        "INSERT INTO chat_chat_participants (chat_id, user_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?;
    for participant in std::iter::once(&creator).chain(others) {
        add.execute([chat, *participant])?;
    }
    queries::chat(db, chat)?
        .map(Ok)
        .ok_or(rusqlite::Error::QueryReturnedNoRows)
}

pub(super) fn rename_chat(
    db: &Connection,
    id: i64,
    participant: i64,
    name: &str,
) -> rusqlite::Result<Option<Chat>> {
    if !queries::is_participant(db, id, participant)? {
        return Ok(None);
    }
    db.prepare_cached("UPDATE chat_chat SET name = ?2 WHERE id = ?1")?
        .execute(params![id, name])?;
    queries::chat(db, id)
}

/// Children first: Django cascades in Python, so must we (INTEROP §9). `false`: no such chat.
pub(super) fn delete_chat(db: &Connection, id: i64, participant: i64) -> rusqlite::Result<bool> {
    if !queries::is_participant(db, id, participant)? {
        return Ok(false);
    }
    for statement in [
        "DELETE FROM chat_message WHERE chat_id = ?1",
        "DELETE FROM chat_chat_participants WHERE chat_id = ?1",
        "DELETE FROM chat_chat WHERE id = ?1",
    ] {
        db.prepare_cached(statement)?.execute([id])?;
    }
    Ok(true)
}
