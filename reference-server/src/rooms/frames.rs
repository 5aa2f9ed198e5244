//! What connections of a chat hear, as WebSocket frames: built once, written to many.

use bytes::Bytes;
use serde::Serialize;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::channel_layer::Event;
use crate::store::{Message, User};

/// Room for a small message and its frame header: most buffers are allocated once.
const TYPICAL_FRAME: usize = 320;

/// A message as the contract shows it.
#[derive(Serialize)]
struct Shown<'a> {
    id: i64,
    chat: i64,
    sender: &'a User,
    content: &'a str,
    timestamp: Moment<'a>,
}

/// Writes a timestamp without a string of its own.
struct Moment<'a>(&'a Message);

impl Serialize for Moment<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.timestamp)
    }
}

/// The frames of `events`, one after the other, in one buffer.
pub(super) fn of_events(events: &[Event]) -> Bytes {
    let mut frames = Vec::with_capacity(events.len() * TYPICAL_FRAME);
    let mut payload = Vec::with_capacity(TYPICAL_FRAME);
    for event in events {
        payload.clear();
        payload.extend_from_slice(br#"{"type":"message","message":"#);
        match event {
            Event::Own(message) => write_json(&mut payload, &Shown::of(message)),
            Event::Foreign(message) => write_json(&mut payload, &**message),
        }
        payload.push(b'}');
        push_frame(&mut frames, OpCode::Data(Data::Text), &payload);
    }
    frames.into()
}

/// An error that only its causer hears.
pub(crate) fn error_frame(words: &str) -> Bytes {
    let mut payload = Vec::with_capacity(64);
    write_json(
        &mut payload,
        &serde_json::json!({"type": "error", "message": words}),
    );
    frame(OpCode::Data(Data::Text), &payload)
}

/// One unfragmented, unmasked frame (RFC 6455 §5.2).
pub(crate) fn frame(opcode: OpCode, payload: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(payload.len() + FRAME_HEADER);
    push_frame(&mut frame, opcode, payload);
    frame.into()
}

/// The longest header a server sends.
const FRAME_HEADER: usize = 10;

fn push_frame(out: &mut Vec<u8>, opcode: OpCode, payload: &[u8]) {
    let header = FrameHeader {
        opcode,
        ..FrameHeader::default()
    };
    // Writing to a vector cannot fail.
    drop(header.format(payload.len() as u64, out));
    out.extend_from_slice(payload);
}

fn write_json(out: &mut Vec<u8>, value: &impl Serialize) {
    // Nor can turning these plain values into JSON.
    drop(serde_json::to_writer(out, value));
}

impl<'a> Shown<'a> {
    fn of(message: &'a Message) -> Self {
        let Message {
            id,
            chat,
            sender,
            content,
            ..
        } = message;
        Self {
            id: *id,
            chat: *chat,
            sender,
            content,
            timestamp: Moment(message),
        }
    }
}
