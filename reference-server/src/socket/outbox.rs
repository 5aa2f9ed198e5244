//! What waits to be written to one connection.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::{Buf, Bytes};
use tokio::net::tcp::OwnedWriteHalf;
use tungstenite::protocol::frame::coding::{Control, OpCode};

use super::close_code::CloseCode;
use crate::rooms::frame;

/// Whole frames that wait, and how far the connection is.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Bytes>,
    /// How many bytes they are.
    pub(super) bytes: usize,
    pub(super) phase: Phase,
}

/// How far a connection is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Frames wait for the handshake to be over.
    #[default]
    Opening,
    Open,
    /// The close frame is in the outbox; nothing may follow it. Seconds left to go.
    Closing(u32),
    /// Over; the task ends when it sees this.
    Over,
}

impl Outbox {
    /// Whether more waits than one who still sends should cause.
    pub(super) fn is_long(&self) -> bool {
        self.bytes > LONG || self.waiting.len() > LONG_QUEUE
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether frames may still be added.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Opening | Phase::Open)
    }

    /// Nothing is added any more; what waits is still written.
    pub(super) fn finish(&mut self) {
        if self.is_open() {
            self.phase = Phase::Closing(FAREWELL);
        }
    }

    /// Queues frames behind what waits.
    pub(super) fn push(&mut self, frames: Bytes) {
        self.bytes += frames.len();
        self.waiting.push_back(frames);
    }

    /// Queues the close frame, behind which nothing comes. Only the first close counts.
    pub(super) fn close(&mut self, code: CloseCode) {
        if !self.is_open() {
            return;
        }
        let (number, reason) = code.code_and_reason();
        let mut payload = number.to_be_bytes().to_vec();
        payload.extend_from_slice(reason.as_bytes());
        self.push(frame(OpCode::Control(Control::Close), &payload));
        self.phase = Phase::Closing(if code == CloseCode::SlowReader {
            LONG_FAREWELL
        } else {
            FAREWELL
        });
    }

    /// One gathered write of what waits.
    pub(super) fn write_to(&mut self, socket: &OwnedWriteHalf) -> io::Result<()> {
        let slices: Vec<IoSlice<'_>> = self
            .waiting
            .iter()
            .take(GATHERED)
            .map(|frames| IoSlice::new(frames))
            .collect();
        let mut written = socket.try_write_vectored(&slices)?;
        self.bytes -= written;
        while let Some(first) = self.waiting.front_mut() {
            if written < first.len() {
                first.advance(written);
                break;
            }
            written -= first.len();
            self.waiting.pop_front();
        }
        if self.waiting.is_empty() {
            // An idle connection holds no queue.
            self.waiting = VecDeque::new();
        }
        Ok(())
    }
}

/// Seconds a closing connection has to take its last frames and go.
const FAREWELL: u32 = 5;

/// The same for one that was closed because it did not read (1013): it has a backlog before it.
const LONG_FAREWELL: u32 = 30;

/// Bytes, and buffers, past which a connection is not read until some of them have been written.
const LONG: usize = 1024 * 1024;
const LONG_QUEUE: usize = 4096;

/// Buffers of one gathered write; what remains goes with the next.
const GATHERED: usize = 64;
