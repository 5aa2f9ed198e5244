//! What may stand in a field of a request, and whether the contract's rules take it.

use std::fmt;

use proptest::{
    prelude::{Just, Strategy, any},
    prop_oneof,
    sample::select,
    strategy::BoxedStrategy,
};
use serde_json::{Value, json};

use super::any as anything;
use crate::python;

/// A field of a registration; without a value it is left out.
#[derive(Debug, Clone)]
pub struct Field {
    /// What is sent; [`FREE`] and [`TAKEN`] stand for names that the check fills in.
    pub value: Option<Value>,
    /// Whether that is accepted.
    pub is_good: bool,
}

/// A request's body.
#[derive(Clone)]
pub struct Body {
    /// The `Content-Type`; empty for none.
    pub media: &'static str,
    /// The body.
    pub bytes: Vec<u8>,
}

/// One header.
#[derive(Debug, Clone)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => write!(f, "{} {text:?}", self.media),
            Err(_) => write!(f, "{} {:?}", self.media, self.bytes),
        }
    }
}

impl Field {
    /// One that is refused.
    pub fn bad(value: Value) -> Self {
        Self {
            value: Some(value),
            is_good: false,
        }
    }
}

/// A user name (REG-5).
pub fn username() -> BoxedStrategy<Field> {
    let bad = ["with space", "a!b", "tab\tinside", "🚀", TAKEN, " ", ""];
    let long = json!("u".repeat(151));
    chosen(
        &[Some(json!(FREE))],
        bad.map(Value::from).into_iter().chain([long, Value::Null]),
        true,
    )
}

/// An e-mail address (REG-5).
pub fn email() -> BoxedStrategy<Field> {
    let bad = ["nobody", "a@", "@example.com", "a b@example.com", "a@b"];
    let long = json!(format!("{}@example.com", "e".repeat(250)));
    chosen(
        &[None, Some(json!("")), Some(json!("any@example.com"))],
        bad.map(Value::from).into_iter().chain([long, Value::Null]),
        false,
    )
}

/// A password, or its repetition (REG-5).
pub fn password() -> BoxedStrategy<Field> {
    let bad = [json!(""), json!("  "), json!("\u{3000}"), Value::Null];
    chosen(&[Some(json!("correct-horse-9"))], bad, true)
}

/// The kind of user (REG-5).
pub fn user_type() -> BoxedStrategy<Field> {
    let good = [
        None,
        Some(json!("owner")),
        Some(json!("student")),
        Some(json!("staff")),
    ];
    let bad = [
        json!("queen"),
        json!(""),
        json!("Owner"),
        json!(5),
        Value::Null,
    ];
    chosen(&good, bad, false)
}

fn chosen(
    good: &[Option<Value>],
    bad: impl IntoIterator<Item = Value>,
    is_needed: bool,
) -> BoxedStrategy<Field> {
    let good = select(good.to_vec()).prop_map(|value| Field {
        value,
        is_good: true,
    });
    let bad = select(bad.into_iter().collect::<Vec<_>>()).prop_map(Field::bad);
    let missing = Just(Field {
        value: None,
        is_good: !is_needed,
    });
    let other = anything::json()
        .prop_filter("no text and no number", |json| {
            json.is_boolean() || json.is_array() || json.is_object()
        })
        .prop_map(Field::bad);
    prop_oneof![3 => good, 3 => bad, 1 => missing, 2 => other].boxed()
}

/// What a text field keeps of a value: trimmed, numbers as text; `None`, when it refuses it (SEND-6, CHAT-5).
pub fn text(value: Option<&Value>, longest: usize) -> Option<String> {
    let text = match value? {
        Value::String(text) => text.clone(),
        Value::Number(number) => python::number(&number.to_string())?,
        _ => return None,
    };
    let text = python::stripped(&text);
    let is_good = !text.is_empty() && !text.contains('\0') && text.chars().count() <= longest;
    is_good.then(|| text.to_owned())
}

/// The `participant_ids` of a chat, left out now and then. What is no id in them can be none in any spelling:
/// unknown ids are for CHAT-8.
pub fn participants() -> BoxedStrategy<Option<Value>> {
    let no_id = anything::json().prop_filter("an id, perhaps", |json| match json {
        Value::Number(number) => number.as_f64().is_some_and(|number| number.fract() != 0.0),
        Value::String(text) => !text.contains(char::is_numeric),
        _ => true,
    });
    let somebody = || Just(json!(SOMEBODY));
    let good = proptest::collection::vec(somebody(), 0..3);
    let mixed = proptest::collection::vec(prop_oneof![somebody().boxed(), no_id.boxed()], 1..4);
    let no_list = anything::json().prop_filter("no list", |json| !json.is_array());
    prop_oneof![
        3 => Just(None),
        4 => good.prop_map(|ids| Some(ids.into())),
        3 => mixed.prop_map(|ids| Some(ids.into())),
        2 => no_list.prop_map(Some),
    ]
    .boxed()
}

/// Any body with any media type: JSON, nearly JSON, beyond any parser, or noise.
pub fn raw_body() -> BoxedStrategy<Body> {
    let hostile = select(HOSTILE).prop_map(str::to_owned);
    let field = select(vec![
        "content",
        "name",
        "username",
        "password",
        "participant_ids",
    ]);
    let in_field =
        (field, select(HOSTILE)).prop_map(|(key, value)| format!("{{\"{key}\":{value}}}"));
    let deep = (
        select(vec!["[", "{\"content\":", "{\"name\":["]),
        100..50_000_usize,
    )
        .prop_map(|(open, depth)| open.repeat(depth));
    let text = prop_oneof![
        4 => anything::json().prop_map(|json| json.to_string()),
        2 => anything::no_json(),
        2 => hostile,
        3 => in_field,
        1 => deep,
    ];
    let noise = proptest::collection::vec(any::<u8>(), 0..200);
    let body = prop_oneof![4 => text.prop_map(String::into_bytes), 1 => noise];
    let media = prop_oneof![6 => Just("application/json"), 4 => select(MEDIA)];
    (media, body)
        .prop_map(|(media, bytes)| Body { media, bytes })
        .boxed()
}

/// Any value for a header that a server may look at.
pub fn header() -> BoxedStrategy<Header> {
    (select(HEADERS), "[ -~é]{0,60}")
        .prop_map(|(name, value)| Header { name, value })
        .boxed()
}

/// Stands for a user name that nobody has.
pub const FREE: &str = "<free>";
/// Stands for a user name that somebody has.
pub const TAKEN: &str = "<taken>";
/// Stands for the id of somebody.
pub const SOMEBODY: &str = "<somebody>";

/// JSON that parsers differ about.
const HOSTILE: &[&str] = &[
    "NaN",
    "-Infinity",
    "1e999",
    "-0",
    "99999999999999999999999999999999",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\u0000\"",
    "{\"a\":1,\"a\":2}",
    "\u{feff}{}",
    "[[],[[]],{}]",
    "[NaN]",
    "[\"\\ud800\"]",
];

const MEDIA: &[&str] = &[
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/json; charset=utf-16",
    "application/json; charset=nonsense",
    "text/plain",
    "nonsense",
    "",
];

const HEADERS: &[&str] = &[
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Language",
    "Forwarded",
    "If-Modified-Since",
    "Origin",
    "Referer",
    "User-Agent",
    "X-Forwarded-For",
    "X-HTTP-Method-Override",
    "X-Requested-With",
];
