//! What other processes changed that concerns open connections: sessions, chats, participants, users.

use tokio_postgres::Error;

use super::connections::Client;
use super::queries::People;
use crate::store::{Admission, Standing};
use crate::timestamp::Timestamp;

/// A text that differs whenever a transaction has ended that wrote anything, whoever's it was.
///
/// It names the transactions under way, so one that began before the last look and has ended since shows too.
/// It costs no table anything. It also moves with what is none of our business, messages and other databases
/// of the same server; then the connections are reviewed in vain, by the one query of [`standings`].
pub(super) async fn snapshot(db: &Client) -> Result<String, Error> {
    let statement = db
        .prepare_cached("SELECT pg_current_snapshot()::text")
        .await?;
    db.query_one(&statement, &[]).await?.try_get(0)
}

/// The standing of each admission, in order: one query, however many they are.
pub(super) async fn standings(
    db: &Client,
    admissions: &[Admission],
    now: Timestamp,
) -> Result<Vec<Standing>, Error> {
    let statement = db
        .prepare_cached(
            "SELECT u.id, u.username, u.email, u.user_type, s.expire_date, c.id IS NOT NULL, p.id IS NOT NULL \
             FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS a (session, usr, chat, place) \
             LEFT JOIN django_session s ON s.session_key = a.session AND s.expire_date > $4 \
             LEFT JOIN chat_user u ON u.id = a.usr AND u.is_active \
             LEFT JOIN chat_chat c ON c.id = a.chat \
             LEFT JOIN chat_chat_participants p ON p.chat_id = a.chat AND p.user_id = a.usr \
             ORDER BY a.place",
        )
        .await?;
    let sessions: Vec<&str> = admissions.iter().map(|own| &*own.session).collect();
    let users: Vec<i64> = admissions.iter().map(|own| own.user).collect();
    let chats: Vec<i64> = admissions.iter().map(|own| own.chat).collect();
    let rows = db
        .query(&statement, &[&sessions, &users, &chats, &now])
        .await?;
    let mut people = People::default();
    let mut standings = Vec::with_capacity(rows.len());
    for row in &rows {
        let user: Option<i64> = row.try_get(0)?;
        let expires: Option<Timestamp> = row.try_get(4)?;
        standings.push(
            match (user.and(expires), row.try_get(5)?, row.try_get(6)?) {
                (None, _, _) => Standing::SessionEnded,
                (Some(_), false, _) => Standing::ChatDeleted,
                (Some(_), true, false) => Standing::NotAParticipant,
                (Some(expires), true, true) => Standing::Holds {
                    user: people.person(row, 0)?,
                    expires,
                },
            },
        );
    }
    Ok(standings)
}
