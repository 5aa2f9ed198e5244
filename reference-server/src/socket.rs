//! One WebSocket: authenticate → join → pump → leave.

pub(crate) mod connection;
mod handshake;
mod pump;

pub(crate) use self::handshake::{is_handshake, serve};
