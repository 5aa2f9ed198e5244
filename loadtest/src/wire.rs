//! The bytes beneath a connection: TCP or TLS, and the moment when the last of them were read.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use reqwest::Upgraded;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use crate::clock::Clock;

/// A TCP or TLS stream that remembers when it last read something. All frames that came with one read were heard
/// at that time: looking at the clock for each of them would time this device, not the server.
#[derive(Debug)]
pub struct Wire {
    stream: Stream,
    clock: Clock,
    read_at: u64,
}

/// What it runs over.
#[derive(Debug)]
pub enum Stream {
    /// Plain TCP.
    Plain(TcpStream),
    /// TLS, as the HTTP client has opened it.
    Tls(Upgraded),
}

impl Wire {
    /// A stream on this clock.
    #[must_use]
    pub const fn new(stream: Stream, clock: Clock) -> Self {
        Self {
            stream,
            clock,
            read_at: 0,
        }
    }

    /// When bytes were last read, in µs since the run's beginning.
    #[must_use]
    pub const fn read_at(&self) -> u64 {
        self.read_at
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        if polled.is_ready() {
            self.read_at = self.clock.now();
        }
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
