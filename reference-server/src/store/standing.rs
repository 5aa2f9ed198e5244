//! What open connections were admitted with, and what has become of it.

use std::sync::Arc;

use super::User;
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
    /// It still holds.
    Holds {
        /// The user as it is now.
        user: Arc<User>,
        /// When the session ends by itself, as it is now.
        expires: Timestamp,
    },
    /// The session was deleted or has expired, or its user may no longer log in.
    SessionEnded,
    /// The chat was deleted.
    ChatDeleted,
    /// The user is no participant any more.
    NotAParticipant,
}
