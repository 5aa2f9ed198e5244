//! What Python accepts, refuses and says.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::*;

#[test]
fn faults_are_named_and_placed_as_by_python() {
    for (text, message) in [
        ("", "Expecting value: line 1 column 1 (char 0)"),
        (" \n x", "Expecting value: line 2 column 2 (char 3)"),
        (
            "\u{feff}1",
            "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)",
        ),
        (
            "{bad",
            "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        ),
        (
            "{\"é\":1,}",
            "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)",
        ),
        (
            "{\"a\" 1}",
            "Expecting ':' delimiter: line 1 column 6 (char 5)",
        ),
        ("[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"),
        ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
        ("[", "Expecting value: line 1 column 2 (char 1)"),
        ("-", "Expecting value: line 1 column 1 (char 0)"),
        ("01", "Extra data: line 1 column 2 (char 1)"),
        ("1.", "Extra data: line 1 column 2 (char 1)"),
        ("1e+", "Extra data: line 1 column 2 (char 1)"),
        ("1\u{a0}", "Extra data: line 1 column 2 (char 1)"),
        (
            "{\"content\": \"x",
            "Unterminated string starting at: line 1 column 13 (char 12)",
        ),
        (
            "\"a\nb\"",
            "Invalid control character at: line 1 column 3 (char 2)",
        ),
        ("\"\\x\"", "Invalid \\escape: line 1 column 2 (char 1)"),
        (
            "\"\\u12g4\"",
            "Invalid \\uXXXX escape: line 1 column 3 (char 2)",
        ),
        (
            "\"\\u+123\"",
            "Invalid \\uXXXX escape: line 1 column 3 (char 2)",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), message, "{text:?}");
    }
}

#[test]
fn what_is_not_finite_is_refused_as_a_word_and_on_request_as_a_number() {
    for text in ["NaN", "[Infinity]", "{\"a\":-Infinity}"] {
        assert!(parse(text).is_err(), "{text}");
    }
    assert!(parse("[1e999]").is_ok());
    assert!(parse_finite("[1e999]").is_err());
    assert!(parse_finite("[-1e999]").is_err());
    assert!(parse_finite("[1e308]").is_ok());
}

#[test]
fn surrogates_pair_up_or_are_remembered() {
    for (text, lossy, lone) in [
        (r#""\ud83d\ude80""#, "🚀", None),
        (r#""\uD83D\uDE80x""#, "🚀x", None),
        (r#""a\ud800""#, "a\u{fffd}", Some(0xd800)),
        (r#""\ude80\ud83d""#, "\u{fffd}\u{fffd}", Some(0xde80)),
        (r#""\ud83d\ud83d\ude80""#, "\u{fffd}🚀", Some(0xd83d)),
        (r#""\ud83d\u0041""#, "\u{fffd}A", Some(0xd83d)),
    ] {
        let Value::String(read) = parse(text).unwrap() else {
            unreachable!("a string was written")
        };
        assert_eq!((read.lossy(), read.surrogate()), (lossy, lone), "{text}");
        assert_eq!(read.as_str(), lone.is_none().then_some(lossy));
    }
}

#[test]
fn nesting_is_bounded_and_costs_no_stack() {
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    let deepest = parse(&nested(MAX_DEPTH)).unwrap();
    assert_eq!(deepest.python_str(), nested(MAX_DEPTH));
    assert!(parse(&nested(MAX_DEPTH + 1)).is_err());
    assert!(parse(&"[".repeat(1 << 20)).is_err());
    assert!(parse(&"{\"a\":".repeat(1 << 20)).is_err());
}

/// What two parsers agree on.
fn same(ours: &Value, theirs: &serde_json::Value) -> bool {
    use serde_json::Value as Theirs;
    match (ours, theirs) {
        (Value::Null, Theirs::Null) => true,
        (Value::Bool(ours), Theirs::Bool(theirs)) => ours == theirs,
        (Value::Number(ours), Theirs::Number(theirs)) => {
            ours.to_string().parse::<f64>().ok() == theirs.as_f64()
        }
        (Value::String(ours), Theirs::String(theirs)) => ours.as_str() == Some(theirs),
        (Value::Array(ours), Theirs::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same(a, b))
        }
        (Value::Object(ours), Theirs::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .zip(theirs)
                    .all(|((key, a), (name, b))| key.as_str() == Some(name) && same(a, b))
        }
        _ => false,
    }
}

fn documents() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        (-1e300..1e300).prop_map(serde_json::Value::from),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn documents_are_read_as_by_another_parser(document in documents(), pretty: bool) {
        let text = if pretty { format!("{document:#}") } else { document.to_string() };
        prop_assert!(same(&parse(&text).unwrap(), &document), "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn what_looks_like_json_is_refused_or_accepted_as_by_another_parser(
        text in r#"([\[\]{}:,"\\ \n]|[0-9.eE+-]{1,4}|"a"|"\\u00e9"|"é"|null|true|\\u)*"#
    ) {
        // The other parser refuses what no float holds.
        prop_assert_eq!(parse_finite(&text).is_ok(), serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
}
