//! Sessions as Django writes them (INTEROP §6).

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value};

use crate::json_dumps;
use crate::signing::{self, base64url, from_base64url, random_text};
use crate::timestamp::Timestamp;

/// Seconds from a login to the session's end, as Django's `SESSION_COOKIE_AGE`: 14 days.
pub const COOKIE_AGE: i64 = 1_209_600;

/// What a session holds: a JSON object whose unknown keys are kept as they are, in their order.
///
/// It has no `Debug`: what lies in a session is nobody else's business.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SessionData(Map<String, Value>);

impl SessionData {
    /// Reads a `session_data` column; `None` if anything about it is wrong, which Django takes for an
    /// empty session. `secrets` are `SECRET_KEY` and then its fallbacks; the age does not matter.
    pub fn decode(stored: &str, secrets: &[&str]) -> Option<Self> {
        let (payload, _) = signing::unsign_at(SALT, stored, secrets).ok()?;
        let json = match payload.strip_prefix('.') {
            Some(packed) => inflate(&from_base64url(packed)?)?,
            None => from_base64url(payload)?,
        };
        serde_json::from_slice(&json).ok().map(Self)
    }

    /// The `session_data` column, signed at `now`, compressed where that is shorter.
    pub fn encode(&self, now: Timestamp, secret: &str) -> String {
        let json = self.to_json();
        let payload = match deflate(json.as_bytes()) {
            Some(packed) if packed.len() + 1 < json.len() => format!(".{}", base64url(&packed)),
            _ => base64url(json.as_bytes()),
        };
        signing::sign_at(SALT, &payload, now.as_seconds(), secret)
    }

    /// The compact, pure ASCII JSON that gets signed.
    pub fn to_json(&self) -> String {
        // Writing a JSON object to memory cannot fail; were it to, an empty session logs nobody in.
        json_dumps::compact(&self.0).unwrap_or_else(|_| "{}".to_owned())
    }

    /// Makes this the session of `user_id`, whose password column reads `password_field`; other keys stay.
    pub fn log_in(&mut self, user_id: i64, password_field: &str, secret: &str) {
        self.0
            .insert(USER_ID.to_owned(), Value::from(user_id.to_string()));
        self.0
            .insert(BACKEND.to_owned(), Value::from(MODEL_BACKEND));
        self.0.insert(
            HASH.to_owned(),
            Value::from(auth_hash(password_field, secret)),
        );
    }

    /// Whose session it claims to be, if Django's own backend made it. Only a claim: the user must
    /// exist and be active, and [`Self::is_vouched_for`] must hold.
    pub fn user_id(&self) -> Option<i64> {
        if self.0.get(BACKEND)?.as_str()? != MODEL_BACKEND {
            return None;
        }
        match self.0.get(USER_ID)? {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// Whether the session's hash belongs to the user's present password column under `secret`:
    /// it ends with every change of password. Compared in constant time.
    pub fn is_vouched_for(&self, password_field: &str, secret: &str) -> bool {
        match self.0.get(HASH) {
            Some(Value::String(stored)) => {
                signing::same(stored, &auth_hash(password_field, secret))
            }
            _ => false,
        }
    }

    /// All that it holds.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl From<Map<String, Value>> for SessionData {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

/// A fresh session of `user_id`, whose password column reads `password_field`.
pub fn login_data(user_id: i64, password_field: &str, secret: &str) -> SessionData {
    let mut data = SessionData::default();
    data.log_in(user_id, password_field, secret);
    data
}

/// The `_auth_user_hash` of a user with this password column: 64 hex digits.
pub fn auth_hash(password_field: &str, secret: &str) -> String {
    let mac = signing::salted_hmac(HASH_SALT, password_field, secret);
    mac.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A session key nobody can guess: 32 characters of `a-z0-9`.
pub fn new_key() -> String {
    random_text(KEY_ALPHABET, KEY_LENGTH)
}

/// Whether a client's session key is worth a look in the store: Django wants 8 characters, and the
/// column holds 40.
pub fn is_plausible_key(key: &str) -> bool {
    (8..=40).contains(&key.chars().count())
}

fn deflate(json: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(json).ok()?;
    encoder.finish().ok()
}

// The signature has vouched for the bytes, so a longer text is our own mistake and not an attack;
// the limit keeps it from taking the memory of the whole process.
fn inflate(packed: &[u8]) -> Option<Vec<u8>> {
    let mut json = Vec::new();
    let read = ZlibDecoder::new(packed)
        .take(LONGEST_JSON + 1)
        .read_to_end(&mut json)
        .ok()?;
    (read as u64 <= LONGEST_JSON).then_some(json)
}

const SALT: &str = "django.contrib.sessions.SessionStore";
const HASH_SALT: &str = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";
const USER_ID: &str = "_auth_user_id";
const BACKEND: &str = "_auth_user_backend";
const HASH: &str = "_auth_user_hash";
const MODEL_BACKEND: &str = "django.contrib.auth.backends.ModelBackend";
const KEY_ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const KEY_LENGTH: usize = 32;
const LONGEST_JSON: u64 = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn data(value: Value) -> SessionData {
        SessionData(value.as_object().unwrap().clone())
    }

    #[test]
    fn a_login_is_recognised_until_the_password_changes() {
        let mut session = data(json!({"cart": [1, 2]}));
        session.log_in(42, "pbkdf2_sha256$1$a$b", "secret");
        let stored = session.encode(Timestamp::from_micros(0), "secret");

        let read = SessionData::decode(&stored, &["newer", "secret"]).unwrap();

        assert_eq!(read.user_id(), Some(42));
        assert_eq!(read.as_map()["cart"], json!([1, 2]));
        assert!(read.is_vouched_for("pbkdf2_sha256$1$a$b", "secret"));
        assert!(!read.is_vouched_for("pbkdf2_sha256$1$a$c", "secret"));
        assert!(!read.is_vouched_for("pbkdf2_sha256$1$a$b", "newer"));
    }

    #[test]
    fn an_odd_session_is_nobodys() {
        let backend = "django.contrib.auth.backends.ModelBackend";
        for (value, user) in [
            (json!({}), None),
            (json!({"_auth_user_id": "42"}), None),
            (
                json!({"_auth_user_id": "42", "_auth_user_backend": "other"}),
                None,
            ),
            (
                json!({"_auth_user_id": "x", "_auth_user_backend": backend}),
                None,
            ),
            (
                json!({"_auth_user_id": null, "_auth_user_backend": backend}),
                None,
            ),
            (
                json!({"_auth_user_id": 42, "_auth_user_backend": backend}),
                Some(42),
            ),
        ] {
            assert_eq!(data(value.clone()).user_id(), user, "{value}");
            assert!(!data(value).is_vouched_for("", "secret"));
        }
    }

    #[test]
    fn an_array_is_not_a_session() {
        let stored = signing::sign_at(SALT, &base64url(b"[1]"), 0, "secret");
        assert!(SessionData::decode(&stored, &["secret"]).is_none());
    }

    #[test]
    fn keys_are_of_the_right_form_and_never_the_same() {
        let (one, other) = (new_key(), new_key());
        assert_ne!(one, other);
        assert_eq!(one.len(), 32);
        assert!(one.bytes().all(|byte| KEY_ALPHABET.contains(&byte)));
        assert!(!is_plausible_key("1234567") && is_plausible_key("12345678"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(map in proptest::collection::btree_map(".*", ".*", 0..8), seconds in 0i64..1 << 33) {
            let session = SessionData(map.into_iter().map(|(key, text)| (key, Value::from(text))).collect());
            let stored = session.encode(Timestamp::from_micros(seconds * 1_000_000), "secret");
            prop_assert!(SessionData::decode(&stored, &["secret"]) == Some(session));
        }

        #[test]
        fn any_text_gets_an_answer(text: String, payload: Vec<u8>, dot: bool) {
            prop_assert!(SessionData::decode(&text, &["secret"]).is_none());
            let payload = format!("{}{}", if dot { "." } else { "" }, base64url(&payload));
            let _ = SessionData::decode(&signing::sign_at(SALT, &payload, 0, "secret"), &["secret"]);
        }
    }
}
