//! What other processes changed that concerns open connections: sessions, chats, participants, users.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;

use super::queries;
use crate::store::{Admission, Standing, User};
use crate::timestamp::Timestamp;

/// The standing of each admission, in order. Sessions, users and chats that many share are read once.
pub(super) fn standings(
    db: &Connection,
    admissions: &[Admission],
    now: Timestamp,
) -> rusqlite::Result<Vec<Standing>> {
    let mut sessions = HashMap::new();
    let mut users = HashMap::new();
    let mut chats = HashMap::new();
    let mut standings = Vec::with_capacity(admissions.len());
    for Admission {
        session,
        user,
        chat,
        ..
    } in admissions
    {
        let alive = once(&mut sessions, &**session, || {
            let stored = queries::session(db, session, now)?;
            Ok(stored.map(|stored| stored.expires))
        })?;
        let known: Option<Arc<User>> = once(&mut users, *user, || {
            let account = queries::account(db, *user)?;
            Ok(account
                .filter(|account| account.is_active)
                .map(|account| account.user))
        })?;
        let there = once(&mut chats, *chat, || queries::chat_exists(db, *chat))?;
        standings.push(match (known, alive) {
            (Some(_), Some(_)) if !there => Standing::ChatDeleted,
            (Some(user), Some(expires)) if queries::is_participant(db, *chat, user.id)? => {
                Standing::Holds { user, expires }
            }
            (Some(_), Some(_)) => Standing::NotAParticipant,
            _ => Standing::SessionEnded,
        });
    }
    Ok(standings)
}

/// What `read` says of `key`, read the first time it is asked.
fn once<K: Eq + std::hash::Hash, V: Clone>(
    known: &mut HashMap<K, V>,
    key: K,
    read: impl FnOnce() -> rusqlite::Result<V>,
) -> rusqlite::Result<V> {
    if let Some(value) = known.get(&key) {
        return Ok(value.clone());
    }
    let value = read()?;
    known.insert(key, value.clone());
    Ok(value)
}
