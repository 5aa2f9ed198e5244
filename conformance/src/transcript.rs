//! What a check sent and got, with times, kept for the reader of a failure. Secrets are redacted on the way in.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use chat_fixtures::{
    answer::Answer,
    client::{Ask, Client},
    socket::Heard,
    witness::{Seen, Witness},
};
use serde::Serialize;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use crate::run::Run;

/// One check's transcript.
#[derive(Debug)]
pub struct Transcript {
    began: Instant,
    entries: Mutex<Vec<Entry>>,
}

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
}

/// One person's part in a transcript.
#[derive(Debug)]
struct Part {
    who: String,
    transcript: Arc<Transcript>,
    run: Arc<Run>,
}

impl Transcript {
    /// An empty one that begins now.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            entries: Mutex::default(),
        })
    }

    /// The witness of one person's clients.
    pub(crate) fn of(self: &Arc<Self>, who: &str, run: &Arc<Run>) -> Arc<dyn Witness> {
        Arc::new(Part {
            who: who.to_owned(),
            transcript: self.clone(),
            run: run.clone(),
        })
    }

    /// Adds a line in the check's own words.
    pub(crate) fn note(&self, text: String) {
        self.push("", Event::Note { text });
    }

    /// The entries so far.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn push(&self, who: &str, event: Event) {
        let at = self.began.elapsed().as_secs_f64() * 1000.0;
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        // A long story's beginning says less than its end.
        if entries.len() >= KEPT {
            entries.drain(..KEPT / 4);
        }
        entries.push(Entry {
            at,
            who: who.to_owned(),
            event,
        });
    }
}

impl Witness for Part {
    fn sees(&self, seen: &Seen<'_>) {
        let event = match *seen {
            Seen::Asked { client, ask } => request(client, ask),
            Seen::Answered {
                client,
                ask,
                answer,
            } => {
                self.minds_what_stays(client, ask, answer);
                Event::Answer {
                    status: answer.status,
                    headers: answer
                        .headers
                        .iter()
                        .map(|(name, value)| {
                            let value = String::from_utf8_lossy(value.as_bytes());
                            (
                                name.as_str().to_owned(),
                                redacted_header(name.as_str(), &value),
                            )
                        })
                        .collect(),
                    body: Text::of(&answer.text()),
                    took: answer.elapsed.as_secs_f64() * 1000.0,
                }
            }
            Seen::Unanswered { error, .. } => Event::NoAnswer {
                error: error.to_string(),
            },
            Seen::Said {
                connection,
                message,
            } => Event::Sent {
                connection,
                frame: frame(message),
            },
            Seen::Heard { connection, heard } => Event::Heard {
                connection,
                frame: match heard {
                    Heard::Text(text) => Text::of(text),
                    other => Text::of(&other.to_string()),
                },
            },
        };
        self.transcript.push(&self.who, event);
    }
}

impl Part {
    /// A chat that was made has to be removed at the end, one that was deleted has not; an account stays.
    fn minds_what_stays(&self, client: &Client, ask: &Ask, answer: &Answer) {
        let path = ask.path();
        let made = ask.method() == "POST" && (200..300).contains(&answer.status);
        if made && path.ends_with("/api/chats/") {
            let id = answer.json().ok().and_then(|body| body.get("id")?.as_u64());
            if let Some(id) = id {
                self.run.remember_chat(id, client.clone());
            }
        } else if made && path.ends_with("/api/register/") {
            let name = answer.json().ok();
            let name = name
                .as_ref()
                .and_then(|body| body.get("username")?.as_str());
            if let Some(name) = name {
                self.run.remember_account(name.to_owned());
            }
        } else if ask.method() == "DELETE" && answer.status == 204 {
            let id = path
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .and_then(|id| id.parse().ok());
            if let Some(id) = id {
                self.run.forget_chat(id);
            }
        }
    }
}

impl Text {
    /// `text`, cut to what a reader can take in.
    pub fn of(text: &str) -> Self {
        Self {
            text: text.chars().take(SHOWN).collect(),
            bytes: text.len(),
        }
    }

    /// Whether something was cut off.
    pub fn is_cut(&self) -> bool {
        self.text.len() < self.bytes
    }
}

fn request(client: &Client, ask: &Ask) -> Event {
    Event::Request {
        method: ask.method().to_owned(),
        url: format!("{}{}", client.base(), ask.path()),
        headers: ask
            .headers()
            .iter()
            .filter(|(name, _)| !name.starts_with("Sec-WebSocket-Key"))
            .map(|(name, value)| (name.clone(), redacted_header(name, value)))
            .collect(),
        session: client.session().is_some()
            && !ask
                .headers()
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("cookie")),
        csrf: ask.sends_csrf() && client.csrf_token().is_some(),
        body: ask
            .payload()
            .map(|(media, bytes)| (media.to_owned(), redacted_body(media, &bytes))),
    }
}

fn frame(message: &Message) -> Text {
    match message {
        Message::Text(text) => Text::of(text.as_str()),
        Message::Binary(bytes) => Text::of(&format!("(binary, {} bytes)", bytes.len())),
        Message::Ping(_) => Text::of("(ping)"),
        Message::Pong(_) => Text::of("(pong)"),
        Message::Close(close) => Text::of(&format!("(close {close:?})")),
        Message::Frame(frame) => Text::of(&format!("(a single frame: {frame})")),
    }
}

/// Cookies and tokens are somebody's session: whoever reads a report must not get it.
fn redacted_header(name: &str, value: &str) -> String {
    let secret = [
        "cookie",
        "set-cookie",
        "x-csrftoken",
        "authorization",
        "proxy-authorization",
    ];
    if !secret
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
    {
        return value.to_owned();
    }
    let mut parts: Vec<_> = value.split("; ").map(str::to_owned).collect();
    for part in &mut parts {
        if let Some((name @ ("sessionid" | "csrftoken"), secret)) = part.split_once('=') {
            *part = format!("{name}=<{} characters>", secret.trim_matches('"').len());
        }
    }
    let redacted = parts.join("; ");
    if redacted == value && !value.is_empty() && !name.eq_ignore_ascii_case("set-cookie") {
        return format!("<{} characters>", value.len());
    }
    redacted
}

fn redacted_body(media: &str, bytes: &[u8]) -> Text {
    let text = String::from_utf8_lossy(bytes);
    let Ok(Value::Object(mut fields)) = serde_json::from_str(&text) else {
        let secret = media != "application/json" && text.contains("password");
        return Text::of(if secret {
            "(a form with a password)"
        } else {
            &text
        });
    };
    for (name, value) in &mut fields {
        if name.starts_with("password") && value.as_str().is_some_and(|secret| !secret.is_empty()) {
            *value = "<password>".into();
        }
    }
    Text {
        bytes: bytes.len(),
        ..Text::of(&Value::Object(fields).to_string())
    }
}

/// How many entries a transcript keeps.
const KEPT: usize = 400;
/// How many characters of a body or a frame are kept.
const SHOWN: usize = 4096;
