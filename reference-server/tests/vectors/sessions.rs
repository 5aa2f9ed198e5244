//! Sessions (INTEROP §6).

use chat_reference_server::session::{self, SessionData};
use chat_reference_server::signing;
use chat_reference_server::timestamp::Timestamp;
use serde_json::Value;

use crate::{SECRET, at, each, same, text, unhex};

pub(crate) fn signer_salt(salt: &Value) -> usize {
    same(salt, SALT)
}

pub(crate) fn hmac_salt(salt: &Value) -> usize {
    same(salt, format!("{SALT}signer"))
}

pub(crate) fn session_key_alphabet(alphabet: &Value) -> usize {
    assert!(
        session::new_key()
            .chars()
            .all(|c| text(alphabet).contains(c))
    );
    1
}

pub(crate) fn min_accepted_key_length(length: &Value) -> usize {
    let shortest = usize::try_from(length.as_u64().unwrap()).unwrap();
    assert!(session::is_plausible_key(&"k".repeat(shortest)));
    assert!(!session::is_plausible_key(&"k".repeat(shortest - 1)));
    1
}

pub(crate) fn valid(cases: &Value) -> usize {
    each(cases, |case| {
        let name = text(&case["name"]);
        let stored = text(&case["session_data"]);
        let secret = case["auth"]["secret"].as_str().unwrap_or(SECRET);
        assert_eq!(
            SessionData::decode(stored, &[SECRET]).is_some(),
            secret == SECRET,
            "{name}"
        );
        let data = SessionData::decode(stored, &[SECRET, secret]).expect(name);
        assert_eq!(data.to_json(), case["payload_json"], "{name}");
        assert_eq!(
            Value::from(data.as_map().clone()).to_string(),
            case["decoded"].to_string(),
            "{name}"
        );
        let signed = stored.rsplit(':').collect::<Vec<_>>();
        assert_eq!(
            (signed[0], signed[1]),
            (text(&case["signature"]), text(&case["timestamp_b62"]))
        );
        assert_eq!(
            signing::base62(case["timestamp_unix"].as_i64().unwrap()),
            signed[1]
        );

        let written = data.encode(at(case["timestamp_unix"].as_i64().unwrap()), secret);
        let read = SessionData::decode(&written, &[secret]).expect(name);
        assert!(read == data, "{name}");
        // What a compressor makes of it is its own affair, and one case was never compressed by Django.
        if case["compressed"] == false && !name.contains("WITHOUT") {
            assert_eq!(written, stored, "{name}");
        } else {
            assert!(
                written.starts_with('.') && written.len() <= stored.len(),
                "{name}"
            );
        }
        assert!(session::is_plausible_key(text(&case["session_key"])));

        let Some(auth) = case["auth"].as_object() else {
            return;
        };
        let (user, field) = (
            auth["user_id"].as_i64().unwrap(),
            text(&auth["user_password_field"]),
        );
        assert_eq!(data.user_id(), Some(user), "{name}");
        assert!(data.is_vouched_for(field, secret), "{name}");
        assert_eq!(
            data.is_vouched_for(field, SECRET),
            secret == SECRET,
            "{name}"
        );
        let login = session::login_data(user, field, secret);
        assert!(
            login
                .as_map()
                .iter()
                .all(|(key, value)| data.as_map()[key] == *value),
            "{name}"
        );
    })
}

pub(crate) fn rejected(cases: &Value) -> usize {
    each(cases, |case| {
        assert_eq!(
            SessionData::decode(text(&case["session_data"]), &[SECRET]).is_none(),
            case["decodes_to_empty"],
            "{case}"
        );
    })
}

pub(crate) fn auth_hashes(part: &Value) -> usize {
    each(&part["cases"], |case| {
        let hash = session::auth_hash(text(&case["user_password_field"]), text(&case["secret"]));
        assert_eq!(hash, case["session_auth_hash"]);
        let mac = signing::salted_hmac(
            text(&part["salt"]),
            text(&case["user_password_field"]),
            text(&case["secret"]),
        );
        assert_eq!(mac.to_vec(), unhex(&case["session_auth_hash"]));
    })
}

pub(crate) fn expire_dates(cases: &Value) -> usize {
    each(cases, |case| {
        let micros = (case["unix"].as_f64().unwrap() * 1e6).round() as i64;
        assert_eq!(case["cookie_age"], session::COOKIE_AGE);
        let expires = Timestamp::from_micros(micros)
            .plus_seconds(session::COOKIE_AGE)
            .to_sqlite();
        assert_eq!(expires, case["sqlite_text"]);
        assert_eq!(format!("{expires}+00"), case["postgres_text_utc"]);
    })
}

const SALT: &str = "django.contrib.sessions.SessionStore";
