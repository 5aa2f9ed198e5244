//! What is stored, as the rest of the server sees it.

use std::sync::Arc;

use serde::Serialize;

use crate::timestamp::Timestamp;

/// What everyone may see of a user: the contract's `User`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The primary key.
    pub id: i64,
    /// Unique, NFKC-normalised.
    pub username: String,
    /// Empty if there is none.
    pub email: String,
    /// `owner`, `student` or `staff`.
    pub user_type: String,
}

/// A user with what only the server may see.
#[derive(Clone)]
pub struct Account {
    /// The public part.
    pub user: Arc<User>,
    /// Django's encoded password, e.g. `pbkdf2_sha256$1000000$…`.
    pub password: String,
    /// Inactive accounts cannot log in and their sessions are anonymous.
    pub is_active: bool,
}

/// A user to be made.
#[derive(Clone)]
pub struct NewUser {
    /// Already normalised.
    pub username: String,
    /// Already normalised; empty if none.
    pub email: String,
    /// `owner`, `student` or `staff`.
    pub user_type: String,
    /// Already encoded.
    pub password: String,
}

/// A row of `django_session` that has not expired.
#[derive(Clone)]
pub struct StoredSession {
    /// Signed, perhaps compressed; see [`crate::session`].
    pub data: String,
    /// When it ends by itself.
    pub expires: Timestamp,
}

/// A chat with all that the contract shows of it.
#[derive(Debug, Clone)]
pub struct Chat {
    /// The primary key.
    pub id: i64,
    /// 1–255 characters.
    pub name: String,
    /// By id.
    pub participants: Vec<Arc<User>>,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A message as it is in the history.
#[derive(Debug, Clone)]
pub struct Message {
    /// The primary key.
    pub id: i64,
    /// The chat's id.
    pub chat: i64,
    /// Who said it.
    pub sender: Arc<User>,
    /// What was said; never contains NUL.
    pub content: String,
    /// When it was stored.
    pub timestamp: Timestamp,
}

/// A message that somebody wants stored.
#[derive(Debug)]
pub struct NewMessage {
    /// The chat's id.
    pub chat: i64,
    /// Who says it; not stored unless a participant.
    pub sender: Arc<User>,
    /// Without NUL; the caller has applied the rules of its door (SEND-6, WS-11).
    pub content: String,
}
