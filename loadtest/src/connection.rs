//! One open connection: writes what its member has to say, and gives what it hears to the room's judge.

use std::{
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, Utf8Bytes},
};

use crate::{
    metric::Metric,
    room::{Farewell, Room},
    wire::Wire,
};

/// Serves a member's connection until it ends, from either side.
pub(crate) async fn serves(
    room: Rc<Room>,
    number: u32,
    socket: WebSocketStream<Wire>,
    opened: u64,
) {
    let mut connection = Connection {
        socket,
        opened: Some(opened),
        content: String::new(),
        is_flushed: true,
    };
    let farewell = poll_fn(|cx| connection.turns(&room, number, cx)).await;
    if farewell == Some(Farewell::Closing) {
        // As long as the other side takes part in the closing handshake.
        let _ = timeout(FAREWELL, connection.socket.close(None)).await;
    }
    room.has_left(number);
}

struct Connection {
    socket: WebSocketStream<Wire>,
    /// Until the first frame is heard: when the handshake was over.
    opened: Option<u64>,
    content: String,
    is_flushed: bool,
}

impl Connection {
    /// Does what can be done without waiting. Ready when it is over: says how the member leaves,
    /// if it does.
    fn turns(&mut self, room: &Room, number: u32, cx: &mut Context<'_>) -> Poll<Option<Farewell>> {
        let Some(seat) = room.seat(number) else {
            return Poll::Ready(None);
        };
        if !seat
            .waker
            .borrow()
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            *seat.waker.borrow_mut() = Some(cx.waker().clone());
        }
        if !self.speaks(room, number, cx) {
            return Poll::Ready(None);
        }
        loop {
            match Pin::new(&mut self.socket).poll_next(cx) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(message))) => self.hears(room, number, &message),
                Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(None),
            }
        }
        // What was heard may have made something due.
        if !self.speaks(room, number, cx) {
            return Poll::Ready(None);
        }
        match room.farewell(number) {
            Some(farewell) => Poll::Ready(Some(farewell)),
            None => Poll::Pending,
        }
    }

    fn hears(&mut self, room: &Room, number: u32, message: &Message) {
        let at = self.socket.get_ref().read_at();
        match message {
            Message::Text(text) => {
                if let Some(opened) = self.opened.take() {
                    let mut recorder = room.here().recorder.borrow_mut();
                    recorder.record(Metric::FirstFrame, at.saturating_sub(opened));
                }
                room.hears(number, text, at);
            }
            Message::Binary(_) => room.here().recorder.borrow_mut().counts.foreign += 1,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }

    /// Says what is due, as far as the socket takes it. `false` when it is broken.
    fn speaks(&mut self, room: &Room, number: u32, cx: &mut Context<'_>) -> bool {
        let Some(seat) = room.seat(number) else {
            return true;
        };
        while !seat.due.borrow().is_empty() {
            match Pin::new(&mut self.socket).poll_ready(cx) {
                Poll::Pending => return true,
                Poll::Ready(Err(_)) => return false,
                Poll::Ready(Ok(())) => {}
            }
            let Some(due) = seat.due.borrow_mut().pop_front() else {
                break;
            };
            self.content.clear();
            room.says(number, due, &mut self.content);
            let frame = Message::Text(frame(&self.content));
            if Pin::new(&mut self.socket).start_send(frame).is_err() {
                return false;
            }
            self.is_flushed = false;
        }
        if !self.is_flushed {
            match Pin::new(&mut self.socket).poll_flush(cx) {
                Poll::Pending => {}
                Poll::Ready(Err(_)) => return false,
                Poll::Ready(Ok(())) => self.is_flushed = true,
            }
        }
        true
    }
}

/// The frame that says it. A stamp has no characters that JSON would escape, but the writer decides that.
fn frame(content: &str) -> Utf8Bytes {
    let text = json!({ "content": content }).to_string();
    Utf8Bytes::try_from(Bytes::from(text)).unwrap_or_default()
}

const FAREWELL: Duration = Duration::from_secs(2);
