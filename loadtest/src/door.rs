//! How connections come about: from which address, over TLS or not, with which headers, how many a second.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use http::{HeaderValue, Request, StatusCode, header};
use reqwest::Client;
use thiserror::Error;
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self,
        client::IntoClientRequest,
        handshake::{client::generate_key, derive_accept_key},
        protocol::{Role, WebSocketConfig},
    },
};

use crate::{
    clock::Clock,
    target::Target,
    wire::{Stream, Wire},
};

/// Opens WebSocket connections to one process of the deployment.
#[derive(Debug, Clone)]
pub struct Door {
    target: Arc<Target>,
    addresses: Arc<[SocketAddr]>,
    secure: Option<Client>,
    clock: Clock,
    patience: Duration,
    opened: Arc<AtomicU32>,
}

/// Why a connection did not come about.
#[derive(Debug, Error)]
pub enum Refusal {
    /// No TCP connection.
    #[error("no connection: {0}")]
    Unreachable(io::Error),
    /// No connection over TLS, or no answer on it.
    #[error("no connection: {0}")]
    Secure(reqwest::Error),
    /// A 101 that is none (RFC 6455 §4.1): its accept key is not ours.
    #[error("the handshake was accepted with another key")]
    Unaccepted,
    /// The handshake got another answer than 101.
    #[error("the handshake was answered with {0}")]
    Answered(StatusCode),
    /// The handshake broke down.
    #[error("the handshake failed: {0}")]
    Broken(Box<tungstenite::Error>),
    /// Nothing within the time given.
    #[error("no answer within {0:?}")]
    Late(Duration),
}

impl Door {
    /// The door of a target: its address is looked up once, so that name servers are not measured. `secure` is the
    /// HTTP client for a target over TLS.
    ///
    /// # Errors
    /// When the host has no address.
    pub async fn of(
        target: Arc<Target>,
        secure: Option<Client>,
        clock: Clock,
        patience: Duration,
    ) -> io::Result<Self> {
        let addresses: Arc<[SocketAddr]> =
            tokio::net::lookup_host((target.host.as_str(), target.port))
                .await?
                .collect();
        if addresses.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("{} has no address", target.host),
            ));
        }
        Ok(Self {
            target,
            addresses,
            secure,
            clock,
            patience,
            opened: Arc::default(),
        })
    }

    /// Opens a connection to a chat with this session's cookies.
    ///
    /// # Errors
    /// Why there is none; within the patience in any case.
    pub async fn opens(&self, chat: u64, cookies: &str) -> Result<WebSocketStream<Wire>, Refusal> {
        timeout(self.patience, self.shakes_hands(chat, cookies))
            .await
            .unwrap_or(Err(Refusal::Late(self.patience)))
    }

    async fn shakes_hands(
        &self,
        chat: u64,
        cookies: &str,
    ) -> Result<WebSocketStream<Wire>, Refusal> {
        if let Some(client) = &self.secure {
            return self.shakes_hands_over_tls(client, chat, cookies).await;
        }
        let stream = self.connects().await.map_err(Refusal::Unreachable)?;
        let wire = Wire::new(Stream::Plain(stream), self.clock);
        let request = self.request(chat, cookies).map_err(broken)?;
        match client_async_with_config(request, wire, Some(config())).await {
            Ok((socket, _)) => Ok(socket),
            Err(tungstenite::Error::Http(answer)) => Err(Refusal::Answered(answer.status())),
            Err(error) => Err(broken(error)),
        }
    }

    /// Over TLS the HTTP client opens the connection: whom it trusts is one question with one answer.
    async fn shakes_hands_over_tls(
        &self,
        client: &Client,
        chat: u64,
        cookies: &str,
    ) -> Result<WebSocketStream<Wire>, Refusal> {
        let key = generate_key();
        let answer = client
            .get(self.target.url(&format!("/ws/chat/{chat}/")))
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, &key)
            .header(header::COOKIE, cookies)
            .send()
            .await
            .map_err(Refusal::Secure)?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(Refusal::Answered(answer.status()));
        }
        let accepted = answer.headers().get(header::SEC_WEBSOCKET_ACCEPT);
        if accepted.is_none_or(|accepted| *accepted != derive_accept_key(key.as_bytes())) {
            return Err(Refusal::Unaccepted);
        }
        let upgraded = answer.upgrade().await.map_err(Refusal::Secure)?;
        let wire = Wire::new(Stream::Tls(upgraded), self.clock);
        Ok(WebSocketStream::from_raw_socket(wire, Role::Client, Some(config())).await)
    }

    async fn connects(&self) -> io::Result<TcpStream> {
        let turn = self.opened.fetch_add(1, Ordering::Relaxed);
        let Some(address) = self.addresses.get(turn as usize % self.addresses.len()) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        if let Some(source) = source(address, turn) {
            socket.bind(SocketAddr::new(source, 0))?;
        }
        let stream = socket.connect(*address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn request(&self, chat: u64, cookies: &str) -> Result<Request<()>, tungstenite::Error> {
        let mut request = self.target.socket_url(chat).into_client_request()?;
        for (name, value) in &self.target.headers {
            request.headers_mut().insert(name, value.clone());
        }
        if !cookies.is_empty() {
            let cookies = HeaderValue::from_str(cookies).map_err(http::Error::from)?;
            request.headers_mut().insert(header::COOKIE, cookies);
        }
        Ok(request)
    }
}

fn broken(error: tungstenite::Error) -> Refusal {
    Refusal::Broken(Box::new(error))
}

/// On loopback one source address has some 28,000 ports; 127.0.0.0/8 has sixteen million addresses. `None` where
/// the system's choice is right.
fn source(to: &SocketAddr, turn: u32) -> Option<IpAddr> {
    let IpAddr::V4(address) = to.ip() else {
        return None;
    };
    if !address.is_loopback() || turn < PORTS {
        return None;
    }
    let [_, high, middle, low] = (turn / PORTS + 1).to_be_bytes();
    Some(Ipv4Addr::new(127, high, middle, low).into())
}

/// Small buffers: a message of a chat fits, and ten thousand connections fit into memory.
fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST))
}

const PORTS: u32 = 20_000;
const READ_BUFFER: usize = 4 << 10;
const LARGEST: usize = 16 << 20;

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn source_addresses_are_spread_where_ports_would_run_out() {
        let loopback = "127.0.0.1:80".parse().expect("an address");
        assert_eq!(source(&loopback, 0), None);
        assert_eq!(
            source(&loopback, 20_000),
            Some("127.0.0.2".parse().expect("an address"))
        );
        assert_eq!(
            source(&loopback, 39_999),
            Some("127.0.0.2".parse().expect("an address"))
        );
        assert_eq!(
            source(&loopback, 40_000),
            Some("127.0.0.3".parse().expect("an address"))
        );
        assert_eq!(
            source(&"192.0.2.1:80".parse().expect("an address"), 50_000),
            None
        );
        assert_eq!(
            source(&"[::1]:80".parse().expect("an address"), 50_000),
            None
        );
    }
}
