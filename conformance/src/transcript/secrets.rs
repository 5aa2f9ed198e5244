//! What must not reach a report: session keys, tokens and passwords, wherever a check or a server puts them.

mod learning;
mod masking;

use std::collections::HashSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// The secrets of one transcript, each with the name it goes by instead. A second one of a kind has another
/// name, so that a reader still sees which is which.
#[derive(Default)]
pub(crate) struct Secrets {
    known: Vec<Secret>,
    values: HashSet<String>,
    /// Headers of the command line: their names in lower case, and what they say.
    own: Vec<(String, String)>,
}

struct Secret {
    /// As it was learned, and as JSON, URLs and forms spell it.
    spellings: Vec<String>,
    kind: Kind,
    name: String,
}

/// What sort of secret it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Session,
    Csrf,
    Password,
    Cookie,
    Header,
}

impl Secrets {
    /// Learns a secret. One of less than six characters, or that is a word of the contract, is none:
    /// taken out everywhere it would make the report unreadable.
    pub(crate) fn learn(&mut self, kind: Kind, value: &str) {
        if value.chars().count() < SHORTEST
            || WORDS.contains(&value)
            || !self.values.insert(value.to_owned())
        {
            return;
        }
        let before = self
            .known
            .iter()
            .filter(|secret| secret.kind == kind)
            .count();
        let name = if before == 0 {
            kind.name().to_owned()
        } else {
            format!("{} {}", kind.name(), before + 1)
        };
        self.known.push(Secret {
            spellings: spellings(value),
            kind,
            name: format!("<{name}>"),
        });
    }

    /// Learns a header that the command line sends along: hidden in headers of that name, however short it is.
    pub(crate) fn learn_own(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.own.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Session => "session key",
            Self::Csrf => "CSRF token",
            Self::Password => "password",
            Self::Cookie => "cookie",
            Self::Header => "secret",
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.known.len())
    }
}

/// Whether a header of that name carries a secret, going by the name.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let public = [
        "sec-websocket-",
        "access-control-",
        "www-authenticate",
        "proxy-authenticate",
    ];
    SECRET_HEADERS.iter().any(|part| name.contains(part))
        && !public.iter().any(|start| name.starts_with(start))
}

fn unquoted(value: &str) -> &str {
    value.trim().trim_matches('"')
}

/// As JSON, Python's `json.dumps`, URLs and forms spell it.
fn spellings(value: &str) -> Vec<String> {
    let json = Value::from(value).to_string();
    let json = json.trim_matches('"').to_owned();
    let ascii: String = json
        .encode_utf16()
        .map(|unit| match char::from_u32(u32::from(unit)) {
            Some(c) if c.is_ascii() => c.to_string(),
            _ => format!("\\u{unit:04x}"),
        })
        .collect();
    let html = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let url = utf8_percent_encode(value, URL).to_string();
    let form = url.replace("%20", "+");
    let mut all = vec![value.to_owned(), json, ascii, html, url, form];
    all.sort_unstable();
    all.dedup();
    all
}

/// What secrets go by.
pub(crate) const SECRETS: [&str; 5] = ["session key", "CSRF token", "password", "cookie", "secret"];
const URL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// A secret has this many characters at least.
const SHORTEST: usize = 6;
/// What nobody can keep secret: names in the contract that a bad password may equal.
const WORDS: [&str; 5] = [
    "password",
    "password_confirm",
    "username",
    "student",
    "content",
];
const SECRET_HEADERS: [&str; 9] = [
    "auth",
    "token",
    "key",
    "secret",
    "cookie",
    "csrf",
    "session",
    "password",
    "credential",
];
