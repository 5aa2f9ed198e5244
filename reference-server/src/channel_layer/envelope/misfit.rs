//! Why bytes of another process cannot be read, as far as the bytes tell: what its operator would want to know.

use super::fernet::is_token;
use super::{Codec, DecodeError, Envelope, PREFIX, TokenError};

/// What does not fit. Its text is one sentence for the operator; nothing of the bytes is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Encrypted with a key that is not among ours.
    #[error(
        "symmetric_encryption_keys differ: another process encrypts with a key that --redis-key does not name. \
         {KEPT_FROM}"
    )]
    OtherKeys,
    /// Encrypted, and we have no keys.
    #[error(
        "another process encrypts its messages (symmetric_encryption_keys), and no --redis-key is given here. \
         {KEPT_FROM}"
    )]
    Encrypted,
    /// In the clear, and we have keys.
    #[error(
        "another process does not encrypt its messages: --redis-key is given here, and symmetric_encryption_keys \
         are not set there. {KEPT_FROM}"
    )]
    InTheClear,
    /// Encrypted too long ago, or in the future, by the clock of whoever did.
    #[error(
        "a message of another process was encrypted more than a minute ago or ahead, by Redis' clock: \
         the clock of that process is wrong"
    )]
    OtherTime,
    /// JSON where msgpack is written, or the other way round.
    #[error(
        "another process uses another serializer (serializer_format): this server reads and writes msgpack. \
         {KEPT_FROM}"
    )]
    OtherSerializer,
    /// An entry of the core layer where the pub/sub layer is, or the other way round.
    #[error(
        "another process uses another channel layer (channels_redis.core or channels_redis.pubsub): --redis-layer \
         must be the one that all processes use"
    )]
    OtherLayer,
    /// Nothing that a channel layer writes.
    #[error("something that no channel layer writes was sent to this process and dropped")]
    Damaged,
}

impl Misfit {
    /// For the log's fields.
    pub fn name(self) -> &'static str {
        match self {
            Self::OtherKeys => "other keys",
            Self::Encrypted => "encrypted",
            Self::InTheClear => "in the clear",
            Self::OtherTime => "another time",
            Self::OtherSerializer => "another serializer",
            Self::OtherLayer => "another layer",
            Self::Damaged => "damaged",
        }
    }

    /// Whether its writer can read nothing of what we write, either.
    pub fn is_of_another_form(self) -> bool {
        matches!(
            self,
            Self::OtherKeys | Self::Encrypted | Self::InTheClear | Self::OtherSerializer
        )
    }
}

impl Envelope {
    /// Why an entry of the core layer was refused with `error`.
    pub fn misfit_of_entry(&self, stored: &[u8], error: &DecodeError) -> Misfit {
        let body = stored.get(PREFIX..).unwrap_or_default();
        self.misfit(body, error, || self.reads(stored))
    }

    /// Why a payload of the pub/sub layer was refused with `error`.
    pub fn misfit_of_payload(&self, payload: &[u8], error: &DecodeError) -> Misfit {
        let within = || payload.get(PREFIX..).is_some_and(|body| self.reads(body));
        self.misfit(payload, error, within)
    }

    fn misfit(&self, body: &[u8], error: &DecodeError, other_layer: impl Fn() -> bool) -> Misfit {
        if matches!(error, DecodeError::Token(TokenError::Expired)) {
            Misfit::OtherTime
        } else if other_layer() {
            Misfit::OtherLayer
        } else if is_token(body) {
            match self.is_sealed() {
                true if matches!(error, DecodeError::Token(_)) => Misfit::OtherKeys,
                true => Misfit::Damaged,
                false => Misfit::Encrypted,
            }
        } else if self.is_sealed() && in_the_clear(self.codec, body) {
            Misfit::InTheClear
        } else if in_the_clear(self.codec.other(), body) {
            Misfit::OtherSerializer
        } else {
            Misfit::Damaged
        }
    }

    fn reads(&self, payload: &[u8]) -> bool {
        self.decode_published(payload).is_ok()
    }
}

impl Codec {
    fn other(self) -> Self {
        match self {
            Self::Msgpack => Self::Json,
            Self::Json => Self::Msgpack,
        }
    }
}

fn in_the_clear(codec: Codec, body: &[u8]) -> bool {
    Envelope::new(codec, None).reads(body)
}

const KEPT_FROM: &str = "Until a minute after the last such message nothing is sent to Django's processes, whose \
                         sockets would close over it";

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )]

    use serde_json::json;

    use super::super::Keys;
    use super::*;
    use crate::timestamp::Timestamp;

    const NOW: Timestamp = Timestamp::from_micros(1_760_428_800_000_000);

    fn with(codec: Codec, keys: &[&str]) -> Envelope {
        Envelope::new(codec, Keys::new(keys))
    }

    #[test]
    fn what_does_not_fit_is_called_by_its_name() {
        let event = json!({"type": "chat_message", "message": {"id": 1}});
        let clear = with(Codec::Msgpack, &[]);
        let sealed = with(Codec::Msgpack, &["ours"]);
        let strange = with(Codec::Msgpack, &["theirs"]);
        let json = with(Codec::Json, &[]);
        for (here, there, expected) in [
            (&sealed, &strange, Misfit::OtherKeys),
            (&clear, &strange, Misfit::Encrypted),
            (&sealed, &clear, Misfit::InTheClear),
            (&clear, &json, Misfit::OtherSerializer),
            (&json, &clear, Misfit::OtherSerializer),
        ] {
            let entry = there.encode(&event, NOW).unwrap();
            let Err(error) = here.decode(&entry, NOW, 60) else {
                panic!("{expected:?} is read")
            };
            assert_eq!(here.misfit_of_entry(&entry, &error), expected);
            let payload = &entry[PREFIX..];
            let Err(error) = here.decode_published(payload) else {
                panic!("{expected:?} is read")
            };
            assert_eq!(here.misfit_of_payload(payload, &error), expected);
        }
    }

    #[test]
    fn the_other_layer_is_told_from_damage_in_the_clear_and_encrypted() {
        let event = json!({"type": "chat_message", "message": {"id": 1, "content": "long enough"}});
        for form in [with(Codec::Msgpack, &[]), with(Codec::Msgpack, &["ours"])] {
            let entry = form.encode(&event, NOW).unwrap();
            let error = form.decode_published(&entry).unwrap_err();
            assert_eq!(form.misfit_of_payload(&entry, &error), Misfit::OtherLayer);
            let payload = &entry[PREFIX..];
            let error = form.decode(payload, NOW, 60).unwrap_err();
            assert_eq!(form.misfit_of_entry(payload, &error), Misfit::OtherLayer);
            for damaged in [&b"short"[..], b"twelve bytes and no message"] {
                let error = form.decode(damaged, NOW, 60).unwrap_err();
                assert_eq!(form.misfit_of_entry(damaged, &error), Misfit::Damaged);
            }
        }
    }

    #[test]
    fn a_wrong_clock_is_blamed_for_an_old_token() {
        let sealed = with(Codec::Msgpack, &["ours"]);
        let entry = sealed.encode(&json!({"type": "t"}), NOW).unwrap();
        let error = sealed.decode(&entry, NOW.plus_seconds(71), 60).unwrap_err();
        assert_eq!(sealed.misfit_of_entry(&entry, &error), Misfit::OtherTime);
    }
}
