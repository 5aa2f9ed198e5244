//! One WebSocket: authenticate → join → pump → leave.

pub(crate) mod connection;
mod handshake;
mod pump;

pub use self::handshake::{chat, echo, is_handshake};
