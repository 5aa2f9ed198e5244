//! What else may stand in a request: a cookie, a token, an id that is none.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::{prelude::Strategy, prop_oneof, sample::select, strategy::BoxedStrategy};

/// A `Cookie` header that is nobody's session (AUTH-5).
pub fn cookie() -> BoxedStrategy<String> {
    let quoted = "\"[ !#-~]{0,40}\"".boxed();
    let key = "[a-z0-9]{32}".boxed();
    let junk = "[!-~]{0,300}".boxed();
    prop_oneof![
        3 => prop_oneof![quoted, key, junk].prop_map(|value| format!("sessionid={value}")),
        1 => "[!-~][ -~]{0,80}",
    ]
    .boxed()
}

/// A CSRF token that is nobody's (CSRF-2).
pub fn token() -> BoxedStrategy<String> {
    prop_oneof!["[a-zA-Z0-9]{32}", "[a-zA-Z0-9]{64}", "[!-~]{0,100}"].boxed()
}

/// An id for a path, percent-encoded: with a letter in it, it is no number in any spelling (CHAT-5).
pub fn odd_id() -> BoxedStrategy<String> {
    let part = "[a-zA-Z0-9é٣🚀 _~@:,;*+-]{0,12}";
    (part, "[a-zA-Z]", part)
        .prop_map(|(before, letter, after)| {
            let id = format!("{before}{letter}{after}");
            utf8_percent_encode(&id, IN_A_PATH).to_string()
        })
        .boxed()
}

/// A request for a chat.
#[derive(Debug, Clone, Copy)]
pub struct OfAChat {
    /// Its method.
    pub method: &'static str,
    /// What its path ends with, after the chat's id.
    pub ending: &'static str,
}

/// One of three that look for the chat first.
pub fn of_a_chat() -> BoxedStrategy<OfAChat> {
    let all = [("GET", ""), ("GET", "messages/"), ("POST", "send_message/")];
    select(
        all.map(|(method, ending)| OfAChat { method, ending })
            .to_vec(),
    )
    .boxed()
}

/// What is encoded in a path.
const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');
