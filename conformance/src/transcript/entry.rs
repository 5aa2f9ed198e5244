//! One line of a transcript, bounded in size.

use serde::Serialize;

use crate::transcript::secrets::Secrets;

/// One line of a transcript.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Milliseconds since the check began.
    pub at: f64,
    /// Who did or heard it: `alice`, `stranger`.
    pub who: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A request, or a WebSocket handshake.
    Request {
        /// `POST`.
        method: String,
        /// With scheme, host and query.
        url: String,
        /// Those a check chose; what every client sends of itself is left out.
        headers: Vec<(String, String)>,
        /// Whether the sender's session cookie went along.
        session: bool,
        /// Whether the CSRF token went along.
        csrf: bool,
        /// The media type and the body, if there is one.
        body: Option<(String, Text)>,
    },
    /// The answer to the last request of the same person.
    Answer {
        /// The status code.
        status: u16,
        /// All headers.
        headers: Vec<(String, String)>,
        /// The body.
        body: Text,
        /// Milliseconds from the request's first byte.
        took: f64,
    },
    /// No answer came.
    NoAnswer {
        /// Why.
        error: String,
    },
    /// A connection sent a frame.
    Sent {
        /// The connection's number.
        connection: u64,
        /// The frame.
        frame: Text,
    },
    /// A connection heard a frame, its end, or nothing in the time it waited.
    Heard {
        /// The connection's number.
        connection: u64,
        /// The frame.
        frame: Text,
    },
    /// Who it is that plays this part.
    Introduced {
        /// The name of the account.
        username: String,
        /// Its id.
        id: u64,
        /// The cookies it is logged in with.
        #[serde(skip)]
        cookies: Vec<(String, String)>,
    },
    /// The check's own words.
    Note {
        /// What it says.
        text: String,
    },
}

/// Text, cut when it is long.
#[derive(Debug, Clone, Serialize)]
pub struct Text {
    /// The text, or its beginning.
    pub text: String,
    /// How many bytes there were in all.
    pub bytes: usize,
    /// Whether something is missing at the end.
    pub cut: bool,
}

impl Entry {
    pub(super) fn masked(&self, secrets: &Secrets) -> Self {
        let mut entry = self.clone();
        let headers = |headers: &mut Vec<(String, String)>| {
            for (name, value) in headers {
                *value = secrets.masked_header(name, value);
            }
        };
        let hide = |text: &mut String| *text = secrets.masked(text, false);
        let hide_in = |text: &mut Text| text.text = secrets.masked(&text.text, text.cut);
        match &mut entry.event {
            Event::Request {
                url,
                headers: chosen,
                body,
                ..
            } => {
                hide(url);
                headers(chosen);
                if let Some((_, body)) = body {
                    hide_in(body);
                }
            }
            Event::Answer {
                headers: got, body, ..
            } => {
                headers(got);
                hide_in(body);
            }
            Event::NoAnswer { error: text } | Event::Note { text } => hide(text),
            Event::Sent { frame, .. } | Event::Heard { frame, .. } => hide_in(frame),
            Event::Introduced { cookies, .. } => {
                cookies.iter_mut().for_each(|(_, value)| hide(value))
            }
        }
        entry
    }
}

impl Event {
    /// Whether it asks for a WebSocket.
    pub(crate) fn is_handshake(&self) -> bool {
        matches!(self, Self::Request { headers, .. } if headers
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case("upgrade") && value.eq_ignore_ascii_case("websocket")))
    }
}

impl Text {
    /// At most so many characters of a text.
    pub fn of(text: &str, at_most: usize) -> Self {
        let start: String = text.chars().take(at_most).collect();
        Self {
            bytes: text.len(),
            cut: start.len() < text.len(),
            text: start,
        }
    }

    /// What a reader can take in of a body; bytes that are not UTF-8 become U+FFFD.
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        // A character has four bytes at most.
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * SHOWN)]);
        let text = Self::of(&start, SHOWN);
        Self {
            bytes: bytes.len(),
            cut: text.cut || bytes.len() > 4 * SHOWN,
            ..text
        }
    }

    /// In one piece, with how much is missing.
    pub(super) fn told(self) -> String {
        if self.cut {
            format!("{}… ({} bytes in all)", self.text, self.bytes)
        } else {
            self.text
        }
    }
}

/// How many characters of a body or a frame are kept.
pub(super) const SHOWN: usize = 2048;
/// How many characters of a header are kept.
pub(super) const HEADER: usize = 512;
