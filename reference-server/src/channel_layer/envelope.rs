//! The stored message of `channels_redis`: what lies in a queue for a process (INTEROP §1.4).

mod event;
mod fernet;
mod misfit;
mod msgpack;
mod route;

use std::borrow::Cow;

use rand::RngExt as _;
use serde::Serialize;
use serde_json::{Map, Value};

pub use event::{CHAT_EVENT, ChatEvent};
pub use fernet::{Keys, TokenError};
pub use misfit::Misfit;
pub use msgpack::MsgpackError;
pub use route::{Received, Route};

use crate::json_dumps;
use crate::timestamp::Timestamp;

/// How bodies are written, as the layer's `serializer_format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Codec {
    /// The default.
    #[default]
    Msgpack,
    /// As Python's `json.dumps` writes by default.
    Json,
}

/// The form all processes on one Redis must share.
#[derive(Debug, Clone, Default)]
pub struct Envelope {
    codec: Codec,
    keys: Option<Keys>,
}

/// Why an entry could not be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The event does not serialise to msgpack.
    #[error("the event cannot be written as msgpack: {0}")]
    Msgpack(#[from] rmp_serde::encode::Error),
    /// The event does not serialise to JSON.
    #[error("the event cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Why an entry could not be opened: it is to be counted and dropped. No text of it is shown.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Shorter than its random prefix.
    #[error("the entry is shorter than its random prefix")]
    TooShort,
    /// Not a token of any known key, or too old.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Not one msgpack map with text for keys.
    #[error("not a msgpack event: {0}")]
    Msgpack(#[from] MsgpackError),
    /// Not one JSON object; the text says no more than where.
    #[error("not a JSON event, at column {0}")]
    Json(usize),
    /// `__asgi_channel__` is neither a text nor an array of texts.
    #[error("the routing key is neither a channel nor a list of channels")]
    Route,
}

impl Envelope {
    /// With `symmetric_encryption_keys`, or in the clear.
    pub fn new(codec: Codec, keys: Option<Keys>) -> Self {
        Self { codec, keys }
    }

    /// How bodies are written before they are encrypted.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Whether bodies are encrypted.
    pub fn is_sealed(&self) -> bool {
        self.keys.is_some()
    }

    /// An entry at `now`: 12 random bytes, which keep equal bodies apart in the set, and the body.
    ///
    /// # Errors
    /// Those of `event`'s own `Serialize`.
    pub fn encode(&self, event: &impl Serialize, now: Timestamp) -> Result<Vec<u8>, EncodeError> {
        let mut stored = rand::rng().random::<[u8; PREFIX]>().to_vec();
        stored.extend(self.seal(self.body(event)?, now));
        Ok(stored)
    }

    /// The body alone, in the clear.
    ///
    /// # Errors
    /// Those of `event`'s own `Serialize`.
    pub fn body(&self, event: &impl Serialize) -> Result<Vec<u8>, EncodeError> {
        Ok(match self.codec {
            Codec::Msgpack => rmp_serde::to_vec_named(event)?,
            Codec::Json => json_dumps::spaced(event)?.into_bytes(),
        })
    }

    /// Encrypts at `now` if there are keys.
    pub fn seal(&self, body: Vec<u8>, now: Timestamp) -> Vec<u8> {
        match &self.keys {
            Some(keys) => keys
                .seal(&body, now.as_seconds(), rand::rng().random())
                .into_bytes(),
            None => body,
        }
    }

    /// Undoes [`Self::seal`], whenever it was done.
    ///
    /// # Errors
    /// [`TokenError::Invalid`].
    pub fn unseal<'a>(&self, sealed: &'a [u8]) -> Result<Cow<'a, [u8]>, TokenError> {
        Ok(match &self.keys {
            Some(keys) => keys.open_of_any_age(sealed)?.into(),
            None => sealed.into(),
        })
    }

    /// Opens an entry at `now`; an encrypted one at most `expiry` + 10 seconds after it was made.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(
        &self,
        stored: &[u8],
        now: Timestamp,
        expiry: i64,
    ) -> Result<Received, DecodeError> {
        let (_, body) = stored
            .split_at_checked(PREFIX)
            .ok_or(DecodeError::TooShort)?;
        let event = match &self.keys {
            Some(keys) => {
                self.read(&keys.open(body, now.as_seconds(), expiry.saturating_add(GRACE))?)?
            }
            None => self.read(body)?,
        };
        route::routed(event)
    }

    /// The event in a payload of the pub/sub layer: a body without anything around it (INTEROP §3).
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode_published(&self, payload: &[u8]) -> Result<Map<String, Value>, DecodeError> {
        self.read(&self.unseal(payload)?)
    }

    fn read(&self, body: &[u8]) -> Result<Map<String, Value>, DecodeError> {
        match self.codec {
            Codec::Msgpack => Ok(msgpack::read_map(body)?),
            Codec::Json => {
                serde_json::from_slice(body).map_err(|error| DecodeError::Json(error.column()))
            }
        }
    }
}

const PREFIX: usize = 12;
/// Seconds by which a token may outlive the expiry of its entry.
const GRACE: i64 = 10;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::store::{Message, User};

    const NOW: Timestamp = Timestamp::from_micros(1_760_428_800_000_000);

    fn forms() -> [Envelope; 4] {
        let keys = Keys::new(&["new", "old"]);
        [
            Envelope::new(Codec::Msgpack, None),
            Envelope::new(Codec::Msgpack, keys.clone()),
            Envelope::new(Codec::Json, None),
            Envelope::new(Codec::Json, keys),
        ]
    }

    fn message(content: String) -> Message {
        let [username, email, user_type] = ["ana", "", "student"].map(str::to_owned);
        let sender = Arc::new(User {
            id: 3,
            username,
            email,
            user_type,
        });
        Message {
            id: 7,
            chat: 1,
            sender,
            content,
            timestamp: NOW,
        }
    }

    #[test]
    fn equal_events_are_different_entries() {
        let message = message("twice".to_owned());
        for form in forms() {
            let event = ChatEvent::unrouted(&message);
            assert_ne!(
                form.encode(&event, NOW).unwrap(),
                form.encode(&event, NOW).unwrap()
            );
        }
    }

    #[test]
    fn an_older_secret_still_opens_and_an_unknown_one_does_not() {
        let event = json!({"type": "t"});
        let old = Envelope::new(Codec::Msgpack, Keys::new(&["old"]))
            .encode(&event, NOW)
            .unwrap();
        let [_, both, ..] = forms();
        assert_eq!(
            both.decode(&old, NOW, 60).unwrap().event,
            *event.as_object().unwrap()
        );
        let stranger = Envelope::new(Codec::Msgpack, Keys::new(&["other"]));
        assert!(matches!(
            stranger.decode(&old, NOW, 60),
            Err(DecodeError::Token(_))
        ));
    }

    #[test]
    fn an_odd_routing_key_is_refused() {
        let [clear, ..] = forms();
        for odd in [json!(1), json!(null), json!([1]), json!({})] {
            let stored = clear
                .encode(&json!({"__asgi_channel__": odd}), NOW)
                .unwrap();
            assert!(matches!(
                clear.decode(&stored, NOW, 60),
                Err(DecodeError::Route)
            ));
        }
    }

    proptest! {
        #[test]
        fn what_is_sent_is_received(content: String, members in proptest::collection::vec("[a-z!]{1,40}", 0..4)) {
            let message = message(content.clone());
            let names: Vec<&str> = members.iter().map(String::as_str).collect();
            for form in forms() {
                let stored = form.encode(&ChatEvent::to_members(&message, &names), NOW).unwrap();
                let received = form.decode(&stored, NOW, 60).unwrap();
                prop_assert_eq!(received.route, Route::Members(members.clone()));
                let sender = json!({"id": 3, "username": "ana", "email": "", "user_type": "student"});
                let expected = json!({"type": "chat_message", "message": {
                    "id": 7, "chat": 1, "sender": sender, "content": content, "timestamp": "2025-10-14T08:00:00Z",
                }});
                prop_assert_eq!(Value::from(received.event).to_string(), expected.to_string());
            }
        }

        #[test]
        fn any_bytes_get_an_answer(bytes: Vec<u8>) {
            for form in forms() {
                let _ = form.decode(&bytes, NOW, 60);
                let _ = form.decode_published(&bytes);
            }
        }
    }
}
