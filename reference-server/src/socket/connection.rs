//! The half of a connection that others hold: what waits for it, how far it is, what it may have under way.

use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use futures_util::task::AtomicWaker;
use tokio::net::tcp::OwnedWriteHalf;
use tungstenite::protocol::frame::coding::{Control, OpCode};

use super::close_code::CloseCode;
use super::outbox::{Outbox, Phase};
use crate::channel_layer::{Permit, Window};
use crate::rooms::{frame, session_digest};
use crate::store::{Admission, User};
use crate::timestamp::Timestamp;

/// Seconds without a sign of life after which a peer is pinged, and after as many more given up: dead
/// peers are found within a minute (WS-23).
const SILENCE: u32 = 20;

/// Bytes that wait where a peer is slow to read: more than a ping and some frames.
const BACKLOG: usize = 4096;

/// Units a sender may have under way; see [`Connection::admit`].
const WINDOW: usize = 64;

/// Content bytes that cost one more unit of the window: it holds at most 1 MiB, or one longer message.
const UNIT: usize = 16 * 1024;

/// One WebSocket connection, as its room, the sweep and its messages under way see it.
#[derive(Debug)]
pub struct Connection {
    /// What it was admitted with.
    pub admission: Admission,
    /// How other processes name its session.
    pub(crate) session_digest: String,
    user: Mutex<Arc<User>>,
    /// When its session ends, in microseconds since the epoch, as far as is known.
    expires: AtomicI64,
    socket: OnceLock<OwnedWriteHalf>,
    outbox: Mutex<Outbox>,
    /// The task that reads, and writes what could not be written at once.
    waker: AtomicWaker,
    under_way: AtomicUsize,
    silence: AtomicU32,
    deaf: AtomicBool,
    queue_limit: usize,
}

/// What became of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// They are written, or wait.
    Taken,
    /// More bytes wait than may: they were dropped, and the connection is closed for it (WS-21).
    Overflowed,
    /// The connection is closing already.
    Gone,
}

impl Connection {
    /// A connection whose handshake is not over.
    pub(crate) fn new(admission: Admission, user: Arc<User>, queue_limit: usize) -> Self {
        Self {
            session_digest: session_digest(&admission.session),
            expires: AtomicI64::new(admission.expires.as_micros()),
            admission,
            user: Mutex::new(user),
            socket: OnceLock::new(),
            outbox: Mutex::default(),
            waker: AtomicWaker::new(),
            under_way: AtomicUsize::new(0),
            silence: AtomicU32::new(0),
            deaf: AtomicBool::new(false),
            queue_limit,
        }
    }

    /// The handshake is over: what waited is written by the connection's task.
    pub(super) fn open(&self, socket: OwnedWriteHalf) {
        drop(self.socket.set(socket));
        let mut outbox = self.outbox();
        if outbox.phase == Phase::Opening {
            outbox.phase = Phase::Open;
        }
    }

    /// Who speaks on this connection.
    pub(super) fn user(&self) -> Arc<User> {
        Arc::clone(&self.user.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What it was admitted with holds: the user as somebody changed it elsewhere, the session as somebody
    /// renewed it.
    pub(crate) fn confirm(&self, user: Arc<User>, expires: Timestamp) {
        self.expires.store(expires.as_micros(), Ordering::Relaxed);
        *self.user.lock().unwrap_or_else(PoisonError::into_inner) = user;
    }

    /// Sends whole frames: written at once if nothing waits before them, else queued.
    pub(crate) fn send(&self, frames: &Bytes) -> Sent {
        let mut outbox = self.outbox();
        if !outbox.is_open() {
            return Sent::Gone;
        }
        if outbox.bytes >= self.queue_limit {
            outbox.close(CloseCode::SlowReader);
            self.waker.wake();
            return Sent::Overflowed;
        }
        let mut rest = frames.clone();
        if outbox.phase == Phase::Open && outbox.is_empty() {
            // A broken socket shows itself to the task, which reads from it.
            if let Some(Ok(written)) = self.socket.get().map(|socket| socket.try_write(frames)) {
                rest.advance(written);
            }
        }
        if !rest.is_empty() {
            outbox.push(rest);
            self.waker.wake();
        }
        Sent::Taken
    }

    /// Bytes that the protocol itself answers with: pong, the answer to a close.
    pub(super) fn send_control(&self, bytes: &[u8]) {
        let mut outbox = self.outbox();
        if outbox.phase == Phase::Open {
            outbox.push(Bytes::copy_from_slice(bytes));
        }
    }

    /// Closes with a code, after what waits already. Only the first of several closes counts.
    pub(crate) fn close(&self, code: CloseCode) {
        self.outbox().close(code);
        self.waker.wake();
    }

    /// The closing handshake is done, or pointless: only what waits is still written.
    pub(super) fn finish(&self) {
        self.outbox().finish();
    }

    /// The stream is over: nothing more is written.
    pub(super) fn end(&self) {
        self.outbox().phase = Phase::Over;
    }

    /// Lets the task look again.
    pub(crate) fn wake(&self) {
        self.waker.wake();
    }

    /// Something came from the peer.
    pub(super) fn heard(&self) {
        self.silence.store(0, Ordering::Relaxed);
    }

    /// Whether its session has ended, unless somebody has renewed it.
    pub(crate) fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.load(Ordering::Relaxed) <= now.as_micros() && self.outbox().is_open()
    }

    /// A second has passed.
    pub(crate) fn tick(&self) {
        let mut outbox = self.outbox();
        match outbox.phase {
            Phase::Opening | Phase::Over => return,
            Phase::Closing(0) => outbox.phase = Phase::Over,
            Phase::Closing(left) => {
                outbox.phase = Phase::Closing(left - 1);
                return;
            }
            Phase::Open => {
                let silence = self.silence.fetch_add(1, Ordering::Relaxed) + 1;
                if silence >= 2 * SILENCE {
                    outbox.phase = Phase::Over;
                } else if silence == SILENCE {
                    outbox.push(frame(OpCode::Control(Control::Ping), b""));
                } else {
                    return;
                }
            }
        }
        drop(outbox);
        self.waker.wake();
    }

    /// Takes a place in the window for a message of `length` bytes under way; it is given back when the
    /// permit is dropped. Reading stops while the window is full ([`Connection::is_held_back`]), so a
    /// sender has no more under way than this and one read's worth.
    pub(super) fn admit(self: &Arc<Self>, length: usize) -> Permit {
        self.under_way
            .fetch_add(1 + length / UNIT, Ordering::AcqRel);
        Permit {
            window: Arc::clone(self) as Arc<dyn Window>,
            units: 1 + length / UNIT,
        }
    }

    /// Whether reading must wait: the window is full, or the peer does not take what it caused.
    pub(super) fn is_held_back(&self) -> bool {
        self.under_way.load(Ordering::Acquire) >= WINDOW || self.outbox().is_long()
    }

    /// Registers the task, and writes what waits. Ready when the connection is over.
    pub(super) fn poll_flush(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.waker.register(context.waker());
        let Some(socket) = self.socket.get() else {
            return Poll::Pending;
        };
        let mut outbox = self.outbox();
        let had_backlog = outbox.bytes > BACKLOG;
        loop {
            if outbox.phase == Phase::Over {
                return Poll::Ready(Ok(()));
            }
            if outbox.is_empty() {
                if let Phase::Closing(_) = outbox.phase {
                    // The peer sees the end of the stream behind the close frame and goes; what it
                    // still sends is read and dropped until then, for a reset could overtake the frame.
                    drop(socket2::SockRef::from(socket.as_ref()).shutdown(Shutdown::Write));
                }
                return Poll::Pending;
            }
            match outbox.write_to(socket) {
                // A backlog that drains is a sign of life: pongs may stand behind it.
                Ok(()) if had_backlog => self.heard(),
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match socket.as_ref().poll_write_ready(context) {
                        Poll::Ready(Ok(())) => {}
                        Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                        Poll::Pending => return Poll::Pending,
                    }
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Whatever the peer says from now on is dropped: the close that follows tells it so.
    pub(crate) fn stop_listening(&self) {
        self.deaf.store(true, Ordering::Relaxed);
    }

    /// Whether what the peer says still counts.
    pub(super) fn is_listening(&self) -> bool {
        !self.deaf.load(Ordering::Relaxed) && self.outbox().is_open()
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window for Connection {
    fn release(&self, units: usize) {
        let before = self.under_way.fetch_sub(units, Ordering::AcqRel);
        if before >= WINDOW && before - units < WINDOW {
            self.waker.wake();
        }
    }
}
