//! HTTP written by hand, byte by byte: for requests that no client would form.

use std::{fmt, time::Duration};

use chat_fixtures::client::Client;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};

use crate::check::Failure;

/// A bare connection to one process of the deployment.
#[derive(Debug)]
pub(crate) struct Wire {
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
}

/// Where a bare connection leads.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// For the `Host` header: `127.0.0.1:8000`.
    pub(crate) host: String,
    /// What stands before the paths of the contract, without a slash at its end.
    pub(crate) prefix: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A status line: its code, and the first bytes of the answer.
    Answered(u16, String),
    /// The end of the connection, or something that is not HTTP.
    Closed(String),
    /// Nothing in the time given.
    Nothing,
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(status, start) => {
                let start: String = start.escape_debug().take(300).collect();
                write!(f, "{status}: {start}")
            }
            Self::Closed(how) => write!(f, "the end of the connection ({how})"),
            Self::Nothing => f.write_str("no answer"),
        }
    }
}

impl Place {
    /// The place of a base URL.
    ///
    /// # Errors
    /// [`Failure::NotApplicable`] where it is not plain HTTP: TLS would have to be spoken by hand as well.
    pub(crate) fn of(base: &str) -> Result<Self, Failure> {
        let Some(rest) = base.strip_prefix("http://") else {
            return Err(Failure::NotApplicable(
                "needs a URL that begins with http://".to_owned(),
            ));
        };
        let (host, prefix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Ok(Self {
            host: host.to_owned(),
            prefix: prefix.trim_end_matches('/').to_owned(),
        })
    }

    /// A new connection to it.
    ///
    /// # Errors
    /// A violation when none can be had.
    pub(crate) async fn connects(&self) -> Result<Wire, Failure> {
        let end = self.host.rsplit(']').next().unwrap_or_default();
        let address = if end.contains(':') {
            self.host.clone()
        } else {
            format!("{}:80", self.host)
        };
        let refused = |reason: String| Failure::violation(&self.host, "a connection", reason);
        let stream = timeout(CONNECTING, TcpStream::connect(&address))
            .await
            .map_err(|_| refused(format!("none within {CONNECTING:?}")))?
            .map_err(|error| refused(error.to_string()))?;
        let (reader, writer) = stream.into_split();
        Ok(Wire { reader, writer })
    }

    /// The lines of a request up to its end, but for the empty line: `Host`, the session, the CSRF token.
    pub(crate) fn head(&self, client: &Client, method: &str, path: &str) -> String {
        let cookies = ["sessionid", "csrftoken"].map(|name| {
            let value = client.cookie(name).unwrap_or_default();
            format!("{name}={value}")
        });
        format!(
            "{method} {}{path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nX-CSRFToken: {}\r\n",
            self.prefix,
            self.host,
            cookies.join("; "),
            client.csrf_token().unwrap_or_default(),
        )
    }
}

impl Wire {
    /// Sends the bytes, and waits for what comes back. That they cannot all be sent is no error: a server may
    /// have heard enough.
    pub(crate) async fn exchange(self, bytes: &[u8], patience: Duration) -> Reply {
        self.sends_while_listening(std::iter::once(bytes.to_vec()), patience)
            .await
    }

    /// Sends piece after piece until something comes back; when all are sent, waits for it.
    pub(crate) async fn sends_while_listening(
        self,
        pieces: impl Iterator<Item = Vec<u8>>,
        patience: Duration,
    ) -> Reply {
        let Self {
            mut reader,
            mut writer,
        } = self;
        let sending = async {
            for piece in pieces {
                if !matches!(timeout(SENDING, writer.write_all(&piece)).await, Ok(Ok(()))) {
                    break;
                }
            }
        };
        let listening = reply(&mut reader);
        tokio::pin!(listening);
        tokio::select! {
            reply = &mut listening => reply,
            () = sending => timeout(patience, listening).await.unwrap_or(Reply::Nothing),
        }
    }
}

async fn reply(reader: &mut OwnedReadHalf) -> Reply {
    let mut read = Vec::new();
    let mut buffer = [0; 1024];
    while !read.windows(2).any(|two| two == b"\r\n") && read.len() < LONGEST_LINE {
        match reader.read(&mut buffer).await {
            Ok(0) => return Reply::Closed(format!("the end after {} bytes", read.len())),
            Ok(n) => read.extend(buffer.iter().take(n)),
            Err(error) => return Reply::Closed(error.to_string()),
        }
    }
    let text = String::from_utf8_lossy(&read).into_owned();
    let mut words = text.split_whitespace();
    let version = words.next().unwrap_or_default();
    match words.next().and_then(|code| code.parse().ok()) {
        Some(status) if version.starts_with("HTTP/") => Reply::Answered(status, text),
        _ => Reply::Closed(format!("no HTTP: {text:?}")),
    }
}

const CONNECTING: Duration = Duration::from_secs(15);
const SENDING: Duration = Duration::from_secs(30);
const LONGEST_LINE: usize = 16 << 10;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_place_is_read_from_a_base_url() {
        let place = Place::of("http://127.0.0.1:8000/under/").unwrap();
        assert_eq!((&*place.host, &*place.prefix), ("127.0.0.1:8000", "/under"));
        assert!(Place::of("https://chat.example").is_err());
    }

    #[tokio::test]
    async fn a_reply_is_a_status_an_end_or_nothing() {
        for (answer, expected) in [
            (&b"HTTP/1.1 413 Too Large\r\n\r\n"[..], Some(413)),
            (b"HTTP/1.1 4", None),
            (b"what?\r\n", None),
        ] {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let base = format!("http://{}", listener.local_addr().unwrap());
            let serving = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(answer).await.unwrap();
            };
            let asking = async {
                let wire = Place::of(&base).unwrap().connects().await.unwrap();
                wire.exchange(b"GET / HTTP/1.1\r\n\r\n", SENDING).await
            };
            let ((), reply) = tokio::join!(serving, asking);
            let status = match reply {
                Reply::Answered(status, _) => Some(status),
                _ => None,
            };
            assert_eq!(status, expected);
        }
    }
}
