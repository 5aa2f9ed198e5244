//! The server as a process, asked from outside: sockets, sizes, limits, and whatever else anyone may send.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod admission;
mod any_content;
mod any_frame;
mod body_sizes;
mod content;
mod control_frames;
mod dead_peers;
mod endings;
mod frame_sizes;
mod handshake;
mod lasting;
mod limits;
mod operator;
mod origins;
mod rooms;
mod sized;
mod slow_readers;
mod stage;
mod violations;
mod wire;
