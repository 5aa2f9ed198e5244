//! What must not reach a report: session keys, tokens and passwords, wherever a check or a server puts them.

use std::collections::HashSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
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

    /// Learns what a request's or an answer's header gives away.
    pub(crate) fn learn_header(&mut self, name: &str, value: &str) {
        if name.eq_ignore_ascii_case("cookie") {
            for (name, value) in value
                .split(';')
                .filter_map(|pair| pair.trim().split_once('='))
            {
                self.learn(kind_of_cookie(name), unquoted(value));
            }
        } else if name.eq_ignore_ascii_case("set-cookie") {
            let pair = value.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.learn(kind_of_cookie(name.trim()), unquoted(value));
            }
        } else if is_secret(name) {
            let kind = if name.to_ascii_lowercase().contains("csrf") {
                Kind::Csrf
            } else {
                Kind::Header
            };
            self.learn(kind, value);
            // `Basic dXNlcjpwYXNz`: the word before is none of it.
            if let Some((_, credentials)) = value.split_once(' ') {
                self.learn(kind, credentials.trim());
            }
        }
    }

    /// Learns the passwords and tokens of a body that is sent, in whichever of the three forms.
    pub(crate) fn learn_body(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        if let Ok(body) = serde_json::from_str::<Value>(&text) {
            self.learn_json(&body);
            return;
        }
        for (name, value) in text
            .split(['&', '\n'])
            .filter_map(|field| field.split_once('='))
        {
            if let Some(kind) = kind_of_field(name) {
                let value = value.trim_end_matches('\r').replace('+', " ");
                self.learn(kind, &percent_decode_str(&value).decode_utf8_lossy());
            }
        }
        // A multipart body that a check has written itself.
        for part in text.split("name=\"").skip(1) {
            let field = part
                .split_once('"')
                .and_then(|(name, rest)| Some((name, rest.split_once("\r\n\r\n")?.1)));
            if let Some((name, value)) = field
                && let Some(kind) = kind_of_field(name)
            {
                self.learn(kind, value.split("\r\n").next().unwrap_or_default());
            }
        }
    }

    fn learn_json(&mut self, body: &Value) {
        match body {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match (kind_of_field(name), value) {
                        (Some(kind), Value::String(value)) => self.learn(kind, value),
                        _ => self.learn_json(value),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn_json(item)),
            _ => {}
        }
    }

    /// Learns the token that a page has in its form.
    pub(crate) fn learn_page(&mut self, text: &str) {
        for rest in text.split("csrfmiddlewaretoken").skip(1) {
            let near: String = rest.chars().take(120).collect();
            let token = near
                .split(|c: char| !c.is_ascii_alphanumeric())
                .find(|run| run.len() >= 32);
            if let Some(token) = token {
                self.learn(Kind::Csrf, token);
            }
        }
    }

    /// Learns the name and password that a URL carries.
    pub(crate) fn learn_url(&mut self, url: &str) {
        let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
        if let Some((user, _)) = authority.rsplit_once('@') {
            self.learn(
                Kind::Password,
                user.split_once(':').map_or(user, |(_, password)| password),
            );
        }
    }

    /// The text without any of the secrets known so far, nor the beginning of one at its end.
    pub(crate) fn masked(&self, text: &str, cut: bool) -> String {
        let mut text = text.to_owned();
        if cut {
            for spelling in self.spellings() {
                let partial = (PARTIAL..spelling.len())
                    .rev()
                    .find(|n| spelling.is_char_boundary(*n) && text.ends_with(&spelling[..*n]));
                if let Some(partial) = partial {
                    text.truncate(text.len() - partial);
                }
            }
        }
        // The longest first: one may be a part of another.
        let mut secrets: Vec<_> = self
            .known
            .iter()
            .flat_map(|secret| {
                secret
                    .spellings
                    .iter()
                    .map(move |spelling| (spelling, &secret.name))
            })
            .collect();
        secrets.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        for (spelling, name) in secrets {
            if text.contains(spelling.as_str()) {
                text = text.replace(spelling.as_str(), name);
            }
        }
        text
    }

    /// A header's value without secrets, however short they are.
    pub(crate) fn masked_header(&self, name: &str, value: &str) -> String {
        let mut masked = self.masked(value, false);
        for (own, value) in &self.own {
            if name.eq_ignore_ascii_case(own) && masked.contains(value.as_str()) {
                let hidden = format!("<{} characters>", value.chars().count());
                masked = masked.replace(value.as_str(), &hidden);
            }
        }
        if name.eq_ignore_ascii_case("cookie") {
            let pairs: Vec<_> = masked.split("; ").map(masked_pair).collect();
            pairs.join("; ")
        } else if name.eq_ignore_ascii_case("set-cookie") {
            match masked.split_once(';') {
                Some((pair, attributes)) => format!("{};{attributes}", masked_pair(pair)),
                None => masked_pair(&masked),
            }
        } else if is_secret(name) && masked == value && !value.is_empty() {
            format!("<{} characters>", value.chars().count())
        } else {
            masked
        }
    }

    fn spellings(&self) -> impl Iterator<Item = &String> {
        self.known.iter().flat_map(|secret| &secret.spellings)
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

fn kind_of_cookie(name: &str) -> Kind {
    let name = name.to_ascii_lowercase();
    if name.contains("csrf") {
        Kind::Csrf
    } else if name.contains("sess") {
        Kind::Session
    } else {
        Kind::Cookie
    }
}

fn kind_of_field(name: &str) -> Option<Kind> {
    let name = name.to_ascii_lowercase();
    if name.contains("csrf") || name.contains("token") {
        Some(Kind::Csrf)
    } else if name.contains("password") {
        Some(Kind::Password)
    } else if name == "sessionid" {
        Some(Kind::Session)
    } else {
        None
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

/// `name=value` with the value hidden, unless it is hidden or empty already.
fn masked_pair(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, value)) if !unquoted(value).is_empty() && !value.contains('<') => {
            format!("{name}=<{} characters>", unquoted(value).chars().count())
        }
        _ => pair.to_owned(),
    }
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
/// So much of a secret's beginning, at the end of a text that was cut, is taken off.
const PARTIAL: usize = 4;
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
