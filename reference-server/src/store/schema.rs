//! What a database has to hold to be ours, and why one cannot be used.

/// Why a database cannot be used; each is one sentence for the person who started the server.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be opened for writing.
    #[error("cannot open the database {database}: {reason}")]
    Unusable {
        /// As given.
        database: String,
        /// The database's own words.
        reason: String,
    },
    /// A database of something else, or of another schema.
    #[error("{database} is a database, but not of this chat: {reason}; it was left as it is")]
    Foreign {
        /// As given.
        database: String,
        /// What is missing.
        reason: String,
    },
}

/// What the server reads and writes: a database without these is not ours.
const NEEDED: [(&str, &[&str]); 5] = [
    (
        "chat_user",
        &[
            "id",
            "password",
            "last_login",
            "is_superuser",
            "username",
            "first_name",
            "last_name",
            "email",
            "is_staff",
            "is_active",
            "date_joined",
            "user_type",
        ],
    ),
    ("chat_chat", &["id", "name", "created_at"]),
    ("chat_chat_participants", &["id", "chat_id", "user_id"]),
    (
        "chat_message",
        &["id", "content", "timestamp", "chat_id", "sender_id"],
    ),
    (
        "django_session",
        &["session_key", "session_data", "expire_date"],
    ),
];

/// The first table or column that is needed and not among these pairs of both, in words.
pub(super) fn first_missing(present: &[(String, String)]) -> Option<String> {
    NEEDED.iter().find_map(|(table, columns)| {
        let there: Vec<&str> = present
            .iter()
            .filter(|(name, _)| name == table)
            .map(|(_, column)| column.as_str())
            .collect();
        if there.is_empty() {
            return Some(format!("it has no table {table}"));
        }
        let missing = columns.iter().find(|column| !there.contains(column))?;
        Some(format!("its table {table} has no column {missing}"))
    })
}
