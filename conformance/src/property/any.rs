//! Anything: texts, numbers and JSON as they may come from a client that nobody has foreseen.

use proptest::{prelude::*, sample::select, string::string_regex};
use serde_json::{Map, Value, json};

/// Any text but the empty one, NUL excepted: what may be stored.
pub fn text() -> BoxedStrategy<String> {
    let long = proptest::collection::vec(character(), 500..2000);
    prop_oneof![
        20 => proptest::collection::vec(character(), 1..40),
        1 => long,
    ]
    .prop_map(String::from_iter)
    .boxed()
}

/// Any character but NUL; those that programs stumble over come often.
fn character() -> BoxedStrategy<char> {
    prop_oneof![
        4 => any::<char>().prop_filter("NUL is refused", |c| *c != '\0'),
        3 => proptest::char::range(' ', '~'),
        3 => select(SPACES),
        2 => select(TRAPS),
    ]
    .boxed()
}

/// A whole number or a fraction as JSON may spell it, neither zero nor infinite.
pub fn number() -> BoxedStrategy<String> {
    let digits = string_regex("-?[1-9][0-9]{0,60}")
        .map_or_else(|_| Just("7".to_owned()).boxed(), |digits| digits.boxed());
    let float = any::<f64>().prop_map(|number| format!("{number:?}"));
    let spelled = (1..9_999_999_i64, 0..4_usize, -30..30_i32, any::<bool>()).prop_map(
        |(number, zeros, exponent, capital)| {
            let e = if capital { 'E' } else { 'e' };
            let sign = if number % 3 == 0 { "-" } else { "" };
            format!("{sign}{number}.{number}{}{e}{exponent}", "0".repeat(zeros))
        },
    );
    prop_oneof![digits, float, spelled]
        .prop_filter(
            "neither zero nor beyond what there are numbers for",
            |text| {
                text.parse::<f64>()
                    .is_ok_and(|number| number.is_finite() && number != 0.0)
            },
        )
        .boxed()
}

/// Any JSON, names that mean something to the server among its keys.
///
/// It holds no whole number between 1 and a billion, and texts of digits hardly ever: at an address where one
/// is an id it would be that of somebody who is not of this run.
pub fn json() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        select(NUMBERS).prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        prop_oneof![Just(String::new()), text()].prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((key(), inner), 0..6)
                .prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
    .boxed()
}

/// Any JSON object.
pub fn object() -> BoxedStrategy<Map<String, Value>> {
    proptest::collection::vec((key(), json()), 0..6)
        .prop_map(Map::from_iter)
        .boxed()
}

fn key() -> BoxedStrategy<String> {
    prop_oneof![
        3 => select(KEYS).prop_map(str::to_owned),
        1 => text(),
    ]
    .boxed()
}

/// Text that is not JSON, often by a hair; nor what Python's parser takes for it (`NaN`, numbers without end).
pub fn no_json() -> BoxedStrategy<String> {
    let torn = (json(), any::<prop::sample::Index>(), character()).prop_map(|(json, at, other)| {
        let mut characters: Vec<char> = json.to_string().chars().collect();
        let at = at.index(characters.len());
        match characters.len() % 3 {
            0 => characters.truncate(at),
            1 => characters.insert(at, other),
            _ => characters[at] = other,
        }
        String::from_iter(characters)
    });
    prop_oneof![text(), torn, Just(String::new())]
        .prop_filter("no parser may take it for JSON", |text| {
            let beyond = text.contains("NaN") || text.contains("Infinity") || text.contains("\\u");
            let nearly_a_number = serde_json::from_str::<Value>(text)
                .is_err_and(|error| error.to_string().starts_with("number out of range"));
            !beyond && !nearly_a_number && serde_json::from_str::<Value>(text).is_err()
        })
        .boxed()
}

/// What Python takes for white space, and other programs perhaps not; and what looks like it and is none.
const SPACES: &[char] = &[
    ' ', '\t', '\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{1f}', '\u{85}',
    '\u{a0}', '\u{1680}', '\u{2000}', '\u{2003}', '\u{200a}', '\u{2028}', '\u{2029}', '\u{202f}',
    '\u{205f}', '\u{3000}', '\u{200b}', '\u{feff}', '\u{180e}', '\u{2060}',
];

/// Controls, directions, joiners, what has no glyph, what changes under normalisation, the last of each plane.
const TRAPS: &[char] = &[
    '\u{1}',
    '\u{7}',
    '\u{8}',
    '\u{1b}',
    '\u{7f}',
    '\u{80}',
    '\u{9f}',
    '"',
    '\\',
    '/',
    '<',
    '&',
    '\'',
    '%',
    '{',
    '\u{301}',
    '\u{e9}',
    '\u{df}',
    '\u{130}',
    '\u{1e9e}',
    '\u{fb01}',
    '\u{202e}',
    '\u{200d}',
    '\u{fe0f}',
    '\u{d7ff}',
    '\u{e000}',
    '\u{fffd}',
    '\u{fffe}',
    '\u{ffff}',
    '\u{10000}',
    '\u{1f600}',
    '\u{1f1e9}',
    '\u{10ffff}',
];

const NUMBERS: &[i64] = &[
    0,
    -1,
    -2_147_483_649,
    4_294_967_296,
    9_007_199_254_740_993,
    i64::MAX,
    i64::MIN,
];

const KEYS: &[&str] = &[
    "chat",
    "content",
    "created_at",
    "email",
    "id",
    "message",
    "messages",
    "name",
    "participant_ids",
    "participants",
    "password",
    "password_confirm",
    "sender",
    "text",
    "timestamp",
    "type",
    "user_type",
    "username",
];
