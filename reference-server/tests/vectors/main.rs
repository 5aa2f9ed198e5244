//! Every test vector that Django, Channels and channels_redis wrote, against our own formats.
//!
//! Two parts of the file need a running Redis and are told in `tests/redis_layer`:
//! `channel_layer.redis_walkthrough` and `channel_layer.wire_observed` (see [`ELSEWHERE`]).
//! A part of the file that is in neither table fails the test, and so does an empty one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells how much it checked"
)]

mod channel_layer;
mod cookies;
mod csrf;
mod passwords;
mod sessions;
mod signing;

use chat_reference_server::session::new_key;
use chat_reference_server::timestamp::Timestamp;
use serde_json::{Map, Value};

/// Checks a part of the file and answers how many vectors it holds.
type Check = fn(&Value) -> usize;

/// What checks each part of the file.
const SECTIONS: &[(&str, Check)] = &[
    ("meta", meta),
    ("passwords.hasher", passwords::hasher),
    ("passwords.valid", passwords::valid),
    ("passwords.non_matching", passwords::non_matching),
    ("passwords.unusable_form", passwords::unusable),
    ("signing.hmac_key_rule", signing::hmac_key_rule),
    ("signing.cases", signing::cases),
    ("signing.base62", signing::base62),
    ("sessions.signer_salt", sessions::signer_salt),
    ("sessions.hmac_salt", sessions::hmac_salt),
    (
        "sessions.session_key_alphabet",
        sessions::session_key_alphabet,
    ),
    ("sessions.session_key_length", |length| {
        same(length, new_key().len())
    }),
    (
        "sessions.min_accepted_key_length",
        sessions::min_accepted_key_length,
    ),
    ("sessions.valid", sessions::valid),
    ("sessions.rejected", sessions::rejected),
    ("sessions.fallback_secret_accepts_k6", |accepts| {
        same(accepts, true)
    }),
    ("sessions.auth_hash", sessions::auth_hashes),
    ("sessions.expire_date", sessions::expire_dates),
    ("cookies", cookies::set_cookie_lines),
    ("cookie_header_parsing", cookies::headers),
    ("csrf.alphabet", csrf::alphabet),
    ("csrf.secret_length", csrf::secret_length),
    ("csrf.masked_length", csrf::masked_length),
    ("csrf.masking", csrf::masking),
    ("csrf.cases", csrf::cases),
    ("csrf.http_matrix_observed", csrf::over_http),
    ("csrf.https_matrix_observed", csrf::over_https),
    ("csrf.precedence_observed", csrf::precedence),
    ("channel_layer.defaults", channel_layer::defaults),
    ("channel_layer.messages", channel_layer::messages),
    ("channel_layer.encrypted", channel_layer::encrypted),
    (
        "channel_layer.json_serializer",
        channel_layer::json_serializer,
    ),
    ("channel_layer.undecodable", channel_layer::undecodable),
    ("channel_layer.group_keys", channel_layer::group_keys),
    ("channel_layer.queue_keys", channel_layer::queue_keys),
    ("channel_layer.names", channel_layer::names_of_both_kinds),
    ("channel_layer.sharding", channel_layer::sharding),
    ("timestamps", timestamps),
];

/// What is checked by another file.
const ELSEWHERE: &[(&str, &str)] = &[
    ("channel_layer.redis_walkthrough", "tests/redis_layer"),
    ("channel_layer.wire_observed", "tests/redis_layer"),
];

#[test]
fn every_vector_holds() {
    let file = vectors();
    let parts = parts(&file);
    for (name, _) in &parts {
        let known = SECTIONS.iter().any(|(section, _)| section == name)
            || ELSEWHERE.iter().any(|(section, _)| section == name);
        assert!(known, "nothing checks {name}");
    }
    let failed: Vec<&str> = std::thread::scope(|scope| {
        let run = |&(name, check): &(&'static str, Check)| {
            let (_, part) = parts.iter().find(|(part, _)| part == name).expect(name);
            (name, scope.spawn(move || check(part)))
        };
        let running: Vec<_> = SECTIONS.iter().map(run).collect();
        let checked = running
            .into_iter()
            .map(|(name, thread)| (name, thread.join().unwrap_or(0)));
        checked
            .inspect(|(name, count)| println!("{count:4}  {name}"))
            .filter(|(_, count)| *count == 0)
            .map(|(name, _)| name)
            .collect()
    });
    for (name, file) in ELSEWHERE {
        println!("   –  {name}: {file}");
    }
    assert!(failed.is_empty(), "failed or empty: {failed:?}");
}

fn meta(meta: &Value) -> usize {
    assert_eq!(text(&meta["secret_key"]), SECRET);
    assert_eq!(meta["reference_time"]["unix"], NOW);
    same(&meta["reference_time"]["iso"], at(NOW).to_string())
}

fn timestamps(part: &Value) -> usize {
    assert_eq!(part["time_zone"], "UTC");
    // Another TIME_ZONE changes what Django shows, not what it stores; we show UTC.
    assert!(part["if_TIME_ZONE_is_Europe/Madrid"]["drf_json"].is_string());
    each(&part["cases"], |case| {
        let moment = Timestamp::from_sqlite(text(&case["sqlite_text"])).unwrap();
        assert_eq!(moment.to_string(), case["drf_json"]);
        assert_eq!(moment.to_sqlite(), case["written_by_django"]);
    })
}

fn vectors() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/recordings/vectors.json"
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The parts of the file by name: the big sections' parts one by one, the others whole.
fn parts(file: &Value) -> Vec<(String, &Value)> {
    let split = ["passwords", "signing", "sessions", "csrf", "channel_layer"];
    let sections: &Map<String, Value> = file.as_object().unwrap();
    let parts = sections
        .iter()
        .flat_map(|(section, value)| match value.as_object() {
            Some(parts) if split.contains(&section.as_str()) => parts
                .iter()
                .map(|(part, value)| (format!("{section}.{part}"), value))
                .collect(),
            _ => vec![(section.clone(), value)],
        });
    parts.collect()
}

fn each(cases: &Value, check: impl FnMut(&Value)) -> usize {
    let cases = cases.as_array().unwrap();
    cases.iter().for_each(check);
    cases.len()
}

fn same<T: std::fmt::Debug>(recorded: &Value, ours: T) -> usize
where
    Value: From<T>,
{
    assert_eq!(*recorded, Value::from(ours));
    1
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a text: {value}"))
}

fn unhex(value: &Value) -> Vec<u8> {
    let digits = text(value).as_bytes();
    let pairs = digits
        .chunks_exact(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

/// `meta.secret_key`.
const SECRET: &str = "test-secret-key-for-vectors-0123456789";
/// `meta.reference_time.unix`.
const NOW: i64 = 1_760_428_800;
/// The secret of most CSRF vectors.
const CSRF_SECRET: &str = "JAHUcn29hpMEtiwlev9NyHZqxXZQ4Kg1";
