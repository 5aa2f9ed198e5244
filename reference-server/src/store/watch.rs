//! What other processes changed that concerns open connections: sessions, chats, participants, users.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;

use super::{User, queries};
use crate::timestamp::Timestamp;

/// What one open connection was admitted with.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The session key of the handshake.
    pub session: Arc<str>,
    /// Whose session it is.
    pub user: i64,
    /// The chat that was entered.
    pub chat: i64,
    /// When the session ends by itself.
    pub expires: Timestamp,
}

/// What has become of an [`Admission`].
#[derive(Debug, Clone)]
pub enum Standing {
    /// It still holds; the user as it is now.
    Holds(Arc<User>),
    /// The session was deleted or has expired, or its user may no longer log in.
    SessionEnded,
    /// The chat was deleted.
    ChatDeleted,
    /// The user is no participant any more.
    NotAParticipant,
}

/// The standing of each admission, in order. Sessions, users and chats that many share are read once.
pub(super) fn standings(
    db: &Connection,
    admissions: &[Admission],
    now: Timestamp,
) -> rusqlite::Result<Vec<Standing>> {
    let mut sessions: HashMap<&str, bool> = HashMap::new();
    let mut users: HashMap<i64, Option<Arc<User>>> = HashMap::new();
    let mut chats: HashMap<i64, bool> = HashMap::new();
    let mut standings = Vec::with_capacity(admissions.len());
    for Admission {
        session,
        user,
        chat,
        ..
    } in admissions
    {
        let alive = match sessions.get(&**session) {
            Some(alive) => *alive,
            None => {
                let alive = queries::session(db, session, now)?.is_some();
                sessions.insert(session, alive);
                alive
            }
        };
        let known = match users.get(user) {
            Some(known) => known.clone(),
            None => {
                let account = queries::account(db, *user)?.filter(|account| account.is_active);
                let known = account.map(|account| account.user);
                users.insert(*user, known.clone());
                known
            }
        };
        let there = match chats.get(chat) {
            Some(there) => *there,
            None => {
                let there = queries::chat_exists(db, *chat)?;
                chats.insert(*chat, there);
                there
            }
        };
        standings.push(match known {
            Some(user) if alive => {
                if !there {
                    Standing::ChatDeleted
                } else if queries::is_participant(db, *chat, user.id)? {
                    Standing::Holds(user)
                } else {
                    Standing::NotAParticipant
                }
            }
            _ => Standing::SessionEnded,
        });
    }
    Ok(standings)
}
