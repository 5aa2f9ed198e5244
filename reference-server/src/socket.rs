//! One WebSocket: authenticate → join → pump → leave.

pub(crate) mod close_code;
pub(crate) mod connection;
mod handshake;
mod listener;
mod outbox;
mod pump;
mod request;

pub(crate) use self::handshake::serve;
pub(crate) use self::request::is_handshake;
