//! The connection to a master's ZeroMQ ROUTER, made anew whenever it breaks.

use std::{fmt, str::FromStr, time::Duration};

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::BoxStream};
use thiserror::Error;
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use zeromq::{
    DealerSocket, Endpoint, Socket as _, SocketEvent, SocketOptions, SocketRecv as _,
    SocketSend as _, ZmqError, util::PeerIdentity,
};

/// Where a master listens for workers: `HOST:PORT`, or `HOST` for Locust's own port, 5557.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Master {
    host: String,
    port: u16,
}

/// Why a text names no master.
#[derive(Debug, Error)]
#[error("{0:?} is no HOST:PORT of a Locust master; as in 10.0.0.5:5557 or [::1]:5557")]
pub struct NoMaster(String);

/// What comes from a link.
#[derive(Debug)]
pub enum Heard {
    /// A message.
    Message(Bytes),
    /// There is a connection now.
    Connected,
    /// There is none any more, or still none; another attempt follows.
    Lost(String),
}

/// A connection that is made anew whenever it breaks.
pub struct Link {
    master: Master,
    identity: PeerIdentity,
    state: State,
}

enum State {
    Connecting(BoxFuture<'static, Result<Connection, ZmqError>>),
    Connected(Box<Connection>),
}

struct Connection {
    socket: DealerSocket,
    events: BoxStream<'static, SocketEvent>,
}

impl Link {
    /// One for the worker of this name, which is what the master's ROUTER knows it by.
    ///
    /// # Errors
    /// When the name is longer than 255 bytes.
    pub fn new(master: Master, node: &str) -> Result<Self, ZmqError> {
        let identity: PeerIdentity = node.parse()?;
        let state =
            State::Connecting(connect(master.clone(), identity.clone(), Duration::ZERO).boxed());
        Ok(Self {
            master,
            identity,
            state,
        })
    }

    /// Whether there is a connection.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected(_))
    }

    /// The next that happens. Whoever stops waiting for it loses nothing.
    pub async fn next(&mut self) -> Heard {
        match &mut self.state {
            State::Connecting(connecting) => match connecting.await {
                Ok(connection) => {
                    self.state = State::Connected(Box::new(connection));
                    Heard::Connected
                }
                Err(error) => self.lost(error.to_string()),
            },
            State::Connected(connection) => match connection.next().await {
                Ok(message) => Heard::Message(message),
                Err(reason) => self.lost(reason),
            },
        }
    }

    /// Sends a message; without a connection, or where nothing is taken any more, it says so and connects anew.
    ///
    /// # Errors
    /// The reason.
    pub async fn send(&mut self, message: Vec<u8>) -> Result<(), String> {
        let State::Connected(connection) = &mut self.state else {
            return Err("not connected".to_owned());
        };
        let reason = match timeout(SEND, connection.socket.send(message.into())).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("nothing was taken for {SEND:?}"),
        };
        self.reconnect();
        Err(reason)
    }

    /// Drops the connection for another.
    pub fn reconnect(&mut self) {
        self.state =
            State::Connecting(connect(self.master.clone(), self.identity.clone(), PAUSE).boxed());
    }

    /// Ends it. The library does not tell when its queue is written, so the last words get a moment.
    pub async fn close(self) {
        let was_connected = self.is_connected();
        drop(self);
        if was_connected {
            sleep(LINGER).await;
        }
    }

    fn lost(&mut self, reason: String) -> Heard {
        self.reconnect();
        Heard::Lost(reason)
    }
}

impl Connection {
    async fn next(&mut self) -> Result<Bytes, String> {
        loop {
            tokio::select! {
                message = self.socket.recv() => match message {
                    // A master sends one frame, the address taken off; anything else is found garbled.
                    Ok(message) => return Ok(message.get(0).cloned().unwrap_or_default()),
                    Err(error) => return Err(error.to_string()),
                },
                event = self.events.next() => match event {
                    Some(SocketEvent::Disconnected(_) | SocketEvent::Closed) | None => {
                        return Err("the connection was closed".to_owned());
                    }
                    Some(_) => {}
                },
            }
        }
    }
}

async fn connect(
    master: Master,
    identity: PeerIdentity,
    pause: Duration,
) -> Result<Connection, ZmqError> {
    sleep(pause).await;
    let mut options = SocketOptions::default();
    options.peer_identity(identity).connect_timeout(CONNECT);
    let mut socket = DealerSocket::with_options(options);
    let events = socket.monitor().boxed();
    socket.connect(&master.endpoint()).await?;
    Ok(Connection { socket, events })
}

impl Master {
    fn endpoint(&self) -> String {
        format!("tcp://{self}")
    }

    /// What is wrong with one that nothing was heard of: the library tries again, and does not tell why.
    pub(super) async fn why_silent(&self) -> String {
        let address = (self.host.trim_matches(['[', ']']), self.port);
        match timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(_)) => "it takes connections, and does not speak as a Locust master".to_owned(),
            Ok(Err(error)) => format!("nothing listens there: {error}"),
            Err(_) => format!("no connection within {CONNECT:?}"),
        }
    }
}

impl FromStr for Master {
    type Err = NoMaster;

    fn from_str(text: &str) -> Result<Self, NoMaster> {
        let no_master = || NoMaster(text.to_owned());
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port))
                if !host.ends_with(':') && (!host.contains(':') || host.ends_with(']')) =>
            {
                (host, port.parse().map_err(|_| no_master())?)
            }
            Some(_) if !text.ends_with(']') => return Err(no_master()),
            _ => (text, LOCUST_PORT),
        };
        let master = Self {
            host: host.to_owned(),
            port,
        };
        let is_named = !host.is_empty() && !host.contains(['/', ' ']) && port > 0;
        let endpoint = master.endpoint().parse::<Endpoint>();
        if is_named && endpoint.is_ok() {
            Ok(master)
        } else {
            Err(no_master())
        }
    }
}

impl fmt::Display for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("master", &self.master)
            .field("is_connected", &self.is_connected())
            .finish_non_exhaustive()
    }
}

/// `--master-bind-port` where nothing else is said.
const LOCUST_PORT: u16 = 5557;
const CONNECT: Duration = Duration::from_secs(5);
const SEND: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_secs(1);
const LINGER: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests;
