//! Why this server closes a connection, and what it tells the peer with it.

/// Why this server closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloseCode {
    /// 1001: the server is going away.
    GoingAway,
    /// 1002: the peer broke RFC 6455.
    Protocol,
    /// 1003: a binary frame (WS-17).
    Unsupported,
    /// 1007: text that is not UTF-8.
    NotUtf8,
    /// 1009: a frame over the limit (WS-19).
    TooBig,
    /// 1012: messages may have been missed; read the history (PROC-6).
    Resync,
    /// 1013: the connection stopped reading (WS-21).
    SlowReader,
    /// 4401: the session ended (AUTH-9).
    SessionEnded,
    /// 4403: the user is no participant any more.
    NotAParticipant,
    /// 4404: the chat was deleted (WS-22).
    ChatDeleted,
}

impl CloseCode {
    /// The status code of RFC 6455 §7.4 and the reason sent with it.
    pub(super) const fn code_and_reason(self) -> (u16, &'static str) {
        match self {
            Self::GoingAway => (1001, "the server is going away"),
            Self::Protocol => (1002, "protocol error"),
            Self::Unsupported => (1003, "only text is understood"),
            Self::NotUtf8 => (1007, "not UTF-8"),
            Self::TooBig => (1009, "the message is too big"),
            Self::Resync => (1012, "messages may have been missed, read the history"),
            Self::SlowReader => (1013, "too slow, reconnect and read the history"),
            Self::SessionEnded => (4401, "the session ended"),
            Self::NotAParticipant => (4403, "not a participant any more"),
            Self::ChatDeleted => (4404, "the chat was deleted"),
        }
    }
}
