//! What is written besides messages: each change is one statement, or a few that are sent in one go.

use futures_util::future::join4;
use tokio_postgres::Error;

use super::connections::Client;
use super::queries;
use crate::store::{Chat, NewUser, StoredSession, UnknownParticipant, User};
use crate::timestamp::Timestamp;

/// `None`: the name is taken.
pub(super) async fn create_user(db: &Client, user: &NewUser) -> Result<Option<User>, Error> {
    let NewUser {
        username,
        email,
        user_type,
        password,
    } = user;
    let statement = db
        .prepare_cached(
            "INSERT INTO chat_user (password, last_login, is_superuser, username, first_name, last_name, email, \
             is_staff, is_active, date_joined, user_type) VALUES ($1, NULL, false, $2, '', '', $3, false, true, $4, $5) \
             ON CONFLICT (username) DO NOTHING RETURNING id, username, email, user_type",
        )
        .await?;
    let now = Timestamp::now();
    let row = db
        .query_opt(&statement, &[password, username, email, &now, user_type])
        .await?;
    row.map(|row| queries::user_of(&row, 0)).transpose()
}

pub(super) async fn record_login(
    db: &Client,
    user: i64,
    rehashed: Option<&str>,
) -> Result<(), Error> {
    let statement = db
        .prepare_cached(
            "UPDATE chat_user SET last_login = $2, password = coalesce($3, password) WHERE id = $1",
        )
        .await?;
    db.execute(&statement, &[&user, &Timestamp::now(), &rehashed])
        .await
        .map(drop)
}

pub(super) async fn insert_session(
    db: &Client,
    key: &str,
    session: &StoredSession,
    replaces: Option<&str>,
) -> Result<(), Error> {
    let statement = db
        .prepare_cached(
            "WITH replaced AS (DELETE FROM django_session WHERE session_key = $4) \
             INSERT INTO django_session (session_key, session_data, expire_date) VALUES ($1, $2, $3)",
        )
        .await?;
    db.execute(
        &statement,
        &[&key, &session.data, &session.expires, &replaces],
    )
    .await
    .map(drop)
}

pub(super) async fn update_session(
    db: &Client,
    key: &str,
    session: &StoredSession,
) -> Result<bool, Error> {
    let statement = db
        .prepare_cached(
            "UPDATE django_session SET session_data = $2, expire_date = $3 WHERE session_key = $1",
        )
        .await?;
    let rows = db
        .execute(&statement, &[&key, &session.data, &session.expires])
        .await?;
    Ok(rows > 0)
}

pub(super) async fn delete_session(db: &Client, key: &str) -> Result<(), Error> {
    let statement = db
        .prepare_cached("DELETE FROM django_session WHERE session_key = $1")
        .await?;
    db.execute(&statement, &[&key]).await.map(drop)
}

/// Nothing is made if one of `others` does not exist (CHAT-8); the first such is named.
pub(super) async fn create_chat(
    db: &Client,
    name: &str,
    creator: i64,
    others: &[i64],
) -> Result<Result<Chat, UnknownParticipant>, Error> {
    let statement = db
        .prepare_cached(
            "WITH wanted AS (\
                 SELECT id, min(place) AS place FROM unnest($3::bigint[]) WITH ORDINALITY AS w (id, place) GROUP BY id), \
             made AS (\
                 INSERT INTO chat_chat (name, created_at) SELECT $1, $2 WHERE NOT EXISTS (\
                     SELECT FROM wanted WHERE id NOT IN (SELECT u.id FROM chat_user u JOIN wanted USING (id))) \
                 RETURNING id), \
             added AS (\
                 INSERT INTO chat_chat_participants (chat_id, user_id) \
                 SELECT made.id, wanted.id FROM made, wanted ORDER BY wanted.place) \
             SELECT (SELECT id FROM made), wanted.id, u.id, u.username, u.email, u.user_type \
             FROM wanted LEFT JOIN chat_user u USING (id) ORDER BY u.id NULLS FIRST, wanted.place",
        )
        .await?;
    let now = Timestamp::now();
    let everyone: Vec<i64> = std::iter::once(creator)
        .chain(others.iter().copied())
        .collect();
    let rows = db.query(&statement, &[&name, &now, &everyone]).await?;
    let mut people = queries::People::default();
    let mut chat = Chat {
        id: 0,
        name: name.to_owned(),
        participants: Vec::with_capacity(rows.len()),
        messages: Vec::new(),
        created_at: now,
    };
    for row in &rows {
        match row.try_get(0)? {
            Some(made) => chat.id = made,
            // Those who do not exist come first, in the order in which they were named.
            None => return Ok(Err(UnknownParticipant(row.try_get(1)?))),
        }
        chat.participants.push(people.person(row, 2)?);
    }
    Ok(Ok(chat))
}

pub(super) async fn rename_chat(
    db: &Client,
    id: i64,
    participant: i64,
    name: &str,
) -> Result<Option<Chat>, Error> {
    let statement = db
        .prepare_cached(
            "UPDATE chat_chat SET name = $3 WHERE id = $1 AND EXISTS (\
             SELECT FROM chat_chat_participants WHERE chat_id = $1 AND user_id = $2)",
        )
        .await?;
    if db.execute(&statement, &[&id, &participant, &name]).await? == 0 {
        return Ok(None);
    }
    Ok(queries::chats_of(db, participant, Some(id)).await?.pop())
}

/// Children and all: Django cascades in Python, so must we (INTEROP §9). `false`: no such chat.
///
/// The chat's row is locked first, against those who store in it: ours wait for the lock (`append`), and a
/// Django waits for it at its commit, where its message's foreign key is checked. So what is committed before
/// is deleted, and what comes after finds no chat.
pub(super) async fn delete_chat(db: &Client, id: i64, participant: i64) -> Result<bool, Error> {
    let lock = db
        .prepare_cached(
            "SELECT FROM chat_chat c JOIN chat_chat_participants p ON p.chat_id = c.id \
             WHERE c.id = $1 AND p.user_id = $2 FOR UPDATE OF c",
        )
        .await?;
    let delete = db
        .prepare_cached(
            "WITH mine AS (SELECT chat_id AS id FROM chat_chat_participants WHERE chat_id = $1 AND user_id = $2), \
             messages AS (DELETE FROM chat_message USING mine WHERE chat_id = mine.id), \
             participants AS (DELETE FROM chat_chat_participants USING mine WHERE chat_id = mine.id) \
             DELETE FROM chat_chat USING mine WHERE chat_chat.id = mine.id",
        )
        .await?;
    let (begun, locked, deleted, ended) = join4(
        db.batch_execute("BEGIN"),
        db.execute(&lock, &[&id, &participant]),
        db.execute(&delete, &[&id, &participant]),
        db.batch_execute("COMMIT"),
    )
    .await;
    begun?;
    locked?;
    let deleted = deleted?;
    ended?;
    Ok(deleted > 0)
}
