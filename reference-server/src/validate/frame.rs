//! The content of a WebSocket frame: what may be said, and the words of a refusal (WS-5, WS-6, WS-11, WS-14 to WS-16).

use crate::json::{self, Value};

/// Why nothing is said. `Display` is the text of the error event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Not an object in JSON, or a number in it is infinite.
    #[error("Invalid JSON")]
    InvalidJson,
    /// Missing, or false in Python: null, false, zero, `""`, `[]`, `{}`.
    #[error("Content cannot be empty")]
    Empty,
    /// `true`, a list or an object.
    #[error("Content must be a string")]
    NotText,
    /// NUL or a lone surrogate.
    #[error("Content contains characters that are not allowed")]
    BadCharacters,
}

/// What a frame says: its `content` as it is, numbers as text. All other keys are ignored (WS-7).
///
/// # Errors
/// What the sender alone is told; the connection goes on.
pub fn frame_content(text: &str) -> Result<String, FrameError> {
    let Ok(Value::Object(mut frame)) = json::parse_finite(text) else {
        return Err(FrameError::InvalidJson);
    };
    let content = frame.remove("content").filter(Value::is_truthy);
    match content.ok_or(FrameError::Empty)? {
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) => text
            .into_string()
            .filter(|text| !text.contains('\0'))
            .ok_or(FrameError::BadCharacters),
        _ => Err(FrameError::NotText),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn content_is_taken_as_it_is() {
        for (frame, content) in [
            (r#"{"content":"Hello!"}"#, "Hello!"),
            (r#"{"content":"  "}"#, "  "),
            (r#"{"content":"a","content":" p "}"#, " p "),
            (r#"{"content":12.50}"#, "12.5"),
            (r#"{"content":1e16}"#, "1e+16"),
            (
                r#"{"content":123456789012345678901234567890}"#,
                "123456789012345678901234567890",
            ),
            (r#"{"content":"\ud83d\ude80"}"#, "🚀"),
            (r#"{"content":"x","sender":"\ud800","type":null}"#, "x"),
        ] {
            assert_eq!(frame_content(frame).unwrap(), content);
        }
    }

    #[test]
    fn refusals_have_the_contracts_words() {
        for (frame, words) in [
            ("", "Invalid JSON"),
            ("{bad", "Invalid JSON"),
            ("[1]", "Invalid JSON"),
            ("null", "Invalid JSON"),
            (r#"{"content":NaN}"#, "Invalid JSON"),
            (r#"{"content":"x","n":-Infinity}"#, "Invalid JSON"),
            (r#"{"content":"x","n":[1e999]}"#, "Invalid JSON"),
            ("{}", "Content cannot be empty"),
            (r#"{"content":""}"#, "Content cannot be empty"),
            (r#"{"content":null}"#, "Content cannot be empty"),
            (r#"{"content":0}"#, "Content cannot be empty"),
            (r#"{"content":-0.0}"#, "Content cannot be empty"),
            (r#"{"content":false}"#, "Content cannot be empty"),
            (r#"{"content":[]}"#, "Content cannot be empty"),
            (r#"{"content":{}}"#, "Content cannot be empty"),
            (r#"{"content":true}"#, "Content must be a string"),
            (r#"{"content":[0]}"#, "Content must be a string"),
            (r#"{"content":{"a":1}}"#, "Content must be a string"),
            (
                r#"{"content":"a\u0000"}"#,
                "Content contains characters that are not allowed",
            ),
            (
                r#"{"content":"\udc00x"}"#,
                "Content contains characters that are not allowed",
            ),
        ] {
            assert_eq!(
                frame_content(frame).unwrap_err().to_string(),
                words,
                "{frame}"
            );
        }
        let deep = format!("{{\"content\":\"x\",\"d\":{}1", "[".repeat(100_000));
        assert_eq!(frame_content(&deep), Err(FrameError::InvalidJson));
    }
}
