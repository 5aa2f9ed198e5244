//! The task of one connection: reads frames, hands what they say to its listener, writes what waits.
//!
//! Tungstenite keeps the protocol (masks, fragments, control frames, UTF-8); reading and writing are
//! done here. A connection that is silent holds a one-KiB buffer and nothing else: bytes are read into a
//! buffer that all connections of the thread share, and most frames are written by whoever sends them.

use std::cell::RefCell;
use std::future::Future;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tungstenite::error::{CapacityError, Error};
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Message, Utf8Bytes};

use super::close_code::CloseCode;
use super::connection::Connection;
use crate::rooms::Membership;

/// What tungstenite keeps for one connection; a longer frame gets its own buffer while it arrives.
const READ_BUFFER: usize = 1024;

/// A message longer than this makes the protocol's buffer worth giving back.
const BULKY: usize = 64 * 1024;

/// One system call reads at most this much.
const SHARED_BUFFER: usize = 64 * 1024;

thread_local! {
    static SHARED: RefCell<Vec<u8>> = RefCell::new(vec![0; SHARED_BUFFER]);
}

/// What is done with the messages of a connection.
pub(super) trait Listener: Send + Unpin + 'static {
    /// A text message.
    fn text(&mut self, connection: &Arc<Connection>, text: Utf8Bytes);

    /// A binary message.
    fn binary(&mut self, connection: &Arc<Connection>, bytes: Bytes);

    /// Whether reading must wait for others; the connection is woken when it need not.
    fn holds_back(&self, connection: &Arc<Connection>) -> bool;
}

/// Runs until the connection is over; then the membership is dropped, and with it the place in the room.
pub(super) struct Pump<L> {
    membership: Membership,
    reader: OwnedReadHalf,
    protocol: WebSocketContext,
    max_frame: usize,
    /// Bytes handed to the protocol that no message has accounted for yet: none, and it is between frames.
    unaccounted: usize,
    /// Whether the protocol's buffer has grown for a long message.
    bulky: bool,
    listener: L,
}

impl<L: Listener> Pump<L> {
    /// Opens the connection on `socket`; `first` is what came behind the handshake.
    pub(super) fn new(
        membership: Membership,
        socket: TcpStream,
        first: &[u8],
        max_frame: usize,
        listener: L,
    ) -> Self {
        let (reader, writer) = socket.into_split();
        membership.connection.open(writer);
        let mut pump = Self {
            membership,
            reader,
            protocol: protocol(max_frame),
            max_frame,
            unaccounted: 0,
            bulky: false,
            listener,
        };
        pump.take_in(first);
        pump
    }

    /// One read. Ready when nothing more will come.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<()> {
        SHARED.with_borrow_mut(|shared| {
            let mut buffer = ReadBuf::new(shared);
            match Pin::new(&mut self.reader).poll_read(context, &mut buffer) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    self.take_in(buffer.filled());
                    Poll::Ready(())
                }
                Poll::Ready(Ok(()) | Err(_)) => {
                    self.membership.connection.end();
                    Poll::Ready(())
                }
            }
        })
    }

    /// What came from the peer; after a close only the end of the stream still matters.
    fn take_in(&mut self, input: &[u8]) {
        let connection = &self.membership.connection;
        connection.heard();
        self.unaccounted += input.len();
        let mut io = Memory { input, connection };
        while connection.is_listening() {
            let read = self.protocol.read(&mut io);
            if let Ok(message) = &read {
                self.unaccounted = self.unaccounted.saturating_sub(on_the_wire(message.len()));
                self.bulky |= message.len() > BULKY;
            }
            match read {
                Ok(Message::Text(text)) => self.listener.text(connection, text),
                Ok(Message::Binary(bytes)) => self.listener.binary(connection, bytes),
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(Error::ConnectionClosed) => connection.finish(),
                Err(Error::Utf8(_)) => connection.close(CloseCode::NotUtf8),
                Err(Error::Capacity(CapacityError::MessageTooLong { .. })) => {
                    connection.close(CloseCode::TooBig)
                }
                Err(_) => connection.close(CloseCode::Protocol),
            }
        }
        if self.bulky && self.unaccounted == 0 {
            // The protocol would keep the buffer of its longest message for as long as it lives.
            self.protocol = protocol(self.max_frame);
            self.bulky = false;
        }
    }
}

fn protocol(max_frame: usize) -> WebSocketContext {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(max_frame))
        .max_frame_size(Some(max_frame));
    WebSocketContext::new(Role::Server, Some(config))
}

/// The length of a client's frame around so many bytes (RFC 6455 §5.2): in one piece and with the shortest
/// header, so that no message is ever taken for longer than it was.
const fn on_the_wire(payload: usize) -> usize {
    const HEAD_AND_MASK: usize = 6;
    let length = match payload {
        0..126 => 0,
        126..65_536 => 2,
        _ => 8,
    };
    HEAD_AND_MASK + length + payload
}

impl<L: Listener> Future for Pump<L> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let pump = self.get_mut();
        loop {
            if pump.membership.connection.poll_flush(context).is_ready() {
                return Poll::Ready(());
            }
            let connection = &pump.membership.connection;
            if connection.is_held_back() || pump.listener.holds_back(connection) {
                return Poll::Pending;
            }
            if pump.poll_read(context).is_pending() {
                // Reading may have left something to write, or ended the connection.
                return match pump.membership.connection.poll_flush(context) {
                    Poll::Ready(_) => Poll::Ready(()),
                    Poll::Pending => Poll::Pending,
                };
            }
        }
    }
}

/// The stream that tungstenite sees: what has been read, and the outbox.
struct Memory<'a> {
    input: &'a [u8],
    connection: &'a Connection,
}

impl Read for Memory<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.input.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.input.read(buffer)
    }
}

impl Write for Memory<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.connection.send_control(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
