//! What may be said, drawn by what the contract makes of it; by REST, too.

use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::any as anything;

/// Contents for REST, which trims them: blank and unstorable ones among them.
pub fn content_by_rest() -> BoxedStrategy<String> {
    let nul = anything::text().prop_map(|text| format!("{text}\0 "));
    prop_oneof![10 => anything::text(), 1 => nul, 1 => "[ \t\u{3000}\u{1f}]{0,3}"].boxed()
}

/// Contents for frames, which keep them as they are: blank ones among them.
pub fn content_by_socket() -> BoxedStrategy<String> {
    prop_oneof![10 => anything::text(), 1 => "[ \t\u{3000}\u{1f}]{1,3}"].boxed()
}

/// An object whose content is missing or empty (WS-5).
pub fn object_without_content() -> BoxedStrategy<String> {
    let empty = prop_oneof![Just(None), Just(Some(Value::Null)), Just(Some(json!("")))];
    (anything::object(), empty)
        .prop_map(|(mut object, content)| {
            object.remove("content");
            object.extend(content.map(|content| ("content".to_owned(), content)));
            Value::Object(object).to_string()
        })
        .boxed()
}

/// JSON, or what Python's parser takes for it, that is no object (WS-14).
pub fn no_object() -> BoxedStrategy<String> {
    let bare = select(vec![
        "NaN",
        "-Infinity",
        "1e309",
        "[NaN]",
        "{\"content\": NaN}",
    ]);
    let json = anything::json().prop_filter("no object", |json| !json.is_object());
    prop_oneof![
        5 => json.prop_map(|json| json.to_string()),
        1 => bare.prop_map(str::to_owned),
    ]
    .boxed()
}

/// A content that is a list, an object, or true (WS-15).
pub fn list_or_object_as_content() -> BoxedStrategy<String> {
    let inner = || proptest::collection::vec(anything::json(), 1..4);
    prop_oneof![
        inner().prop_map(Value::from),
        inner().prop_map(|values| json!({"values": values})),
        Just(Value::Bool(true)),
    ]
    .prop_map(|content| json!({"content": content}).to_string())
    .boxed()
}

/// A content that JSON can spell and no database keeps (WS-16).
pub fn not_storable() -> BoxedStrategy<String> {
    let text = "[ -!#-\\[\\]-~é]{0,8}";
    let bad = select(vec!["\\u0000", "\\ud800", "\\udfff", "\\udc00\\ud800"]);
    (text, bad, text)
        .prop_map(|(before, bad, after)| format!("{{\"content\": \"{before}{bad}{after}\"}}"))
        .boxed()
}

/// A frame of bytes: a message that would be a good one as text, or noise (WS-17).
pub fn bytes() -> BoxedStrategy<Vec<u8>> {
    let json = anything::text().prop_map(|text| json!({"content": text}).to_string().into());
    let noise = proptest::collection::vec(any::<u8>(), 0..60);
    prop_oneof![json, noise].boxed()
}
