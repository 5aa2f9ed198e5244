//! Cookie headers as Django reads and writes them (INTEROP §6.6–6.8, §8.4).

use std::collections::HashMap;

use http::HeaderMap;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::session;
use crate::timestamp::Timestamp;

/// Seconds a `csrftoken` cookie lasts, as Django's `CSRF_COOKIE_AGE`: 52 weeks.
pub const CSRF_COOKIE_AGE: i64 = 31_449_600;
/// The name of the session cookie.
pub const SESSION_COOKIE: &str = "sessionid";
/// The name of the CSRF cookie.
pub const CSRF_COOKIE: &str = "csrftoken";

/// The cookies of a request. Of equal names the last one counts.
#[derive(Clone, Default)]
pub struct Cookies(HashMap<String, String>);

impl Cookies {
    /// Reads one `Cookie` header; nothing in it is ever an error. What has no `=` is a value without name.
    pub fn parse(header: &str) -> Self {
        let pairs = header
            .split(';')
            .map(|chunk| chunk.split_once('=').unwrap_or(("", chunk)));
        let named = pairs
            .map(|(name, value)| (name.trim(), value.trim()))
            .filter(|(name, value)| !name.is_empty() || !value.is_empty());
        Self(
            named
                .map(|(name, value)| (name.to_owned(), unquote(value)))
                .collect(),
        )
    }

    /// Reads every `Cookie` line of a request, joined with `,` as Django's ASGI handler joins any header.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(http::header::COOKIE).iter();
        let texts: Vec<String> = lines.map(|line| latin1(line.as_bytes())).collect();
        Self::parse(&texts.join(","))
    }

    /// The value of the cookie `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// How many different names there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The text of a header as Django sees it: each byte one character of Latin-1.
pub fn latin1(value: &[u8]) -> String {
    value.iter().copied().map(char::from).collect()
}

/// The `Set-Cookie` line that opens a session, or renews it, at `now`.
pub fn session(key: &str, now: Timestamp, secure: bool) -> String {
    let expires = http_date(now.plus_seconds(session::COOKIE_AGE));
    let age = session::COOKIE_AGE;
    secured(
        format!(
            "{SESSION_COOKIE}={key}; expires={expires}; HttpOnly; Max-Age={age}; Path=/; SameSite=Lax"
        ),
        secure,
    )
}

/// The line of a session that ends with the browser.
pub fn session_until_browser_closes(key: &str, secure: bool) -> String {
    secured(
        format!("{SESSION_COOKIE}={key}; HttpOnly; Path=/; SameSite=Lax"),
        secure,
    )
}

/// The line that takes the session cookie away; Django never marks it `Secure`.
pub fn delete_session() -> String {
    format!(
        "{SESSION_COOKIE}=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax"
    )
}

/// The line that hands out a CSRF secret at `now`. Scripts may read it.
pub fn csrf(secret: &str, now: Timestamp, secure: bool) -> String {
    let expires = http_date(now.plus_seconds(CSRF_COOKIE_AGE));
    secured(
        format!(
            "{CSRF_COOKIE}={secret}; expires={expires}; Max-Age={CSRF_COOKIE_AGE}; Path=/; SameSite=Lax"
        ),
        secure,
    )
}

fn secured(line: String, secure: bool) -> String {
    if secure { line + "; Secure" } else { line }
}

/// RFC 9110 §5.6.7, e.g. `Tue, 28 Oct 2025 08:00:00 GMT`.
fn http_date(moment: Timestamp) -> String {
    let epoch = OffsetDateTime::UNIX_EPOCH;
    let moment = OffsetDateTime::from_unix_timestamp(moment.as_seconds()).unwrap_or(epoch);
    moment.format(IMF_FIXDATE).unwrap_or_default()
}

/// As `http.cookies._unquote`: a value in double quotes loses them, and in it `\ooo` is the character
/// with that octal number, `\c` any other character itself.
fn unquote(value: &str) -> String {
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let Some(mut rest) = inner else {
        return value.to_owned();
    };
    let mut text = String::with_capacity(rest.len());
    while let Some((plain, escaped)) = rest.split_once('\\') {
        text.push_str(plain);
        let (character, tail) = match escaped.as_bytes() {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
                let number = (a - b'0') * 64 + (b - b'0') * 8 + (c - b'0');
                (char::from(number), escaped.get(3..).unwrap_or_default())
            }
            _ => {
                let mut characters = escaped.chars();
                (characters.next().unwrap_or('\\'), characters.as_str())
            }
        };
        text.push(character);
        rest = tail;
    }
    text.push_str(rest);
    text
}

const IMF_FIXDATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_are_undone_as_python_does() {
        for (header, value) in [
            (r#"a="\"\\x\101""#, "\"\\xA"),
            (r#"a="\777""#, "777"),
            (r#"a="\"#, r#""\"#),
            (r#"a="\""#, "\\"),
            (r#"a=""#, "\""),
            (r#"a="""#, ""),
            (r#"a=b"c""#, r#"b"c""#),
        ] {
            assert_eq!(Cookies::parse(header).get("a"), Some(value), "{header}");
        }
    }

    #[test]
    fn several_lines_are_read_as_one() {
        let mut headers = HeaderMap::new();
        headers.append("cookie", HeaderValue::from_static("a=1; b=2"));
        headers.append("cookie", HeaderValue::from_static("a=3; c=4"));
        let cookies = Cookies::from_headers(&headers);
        assert_eq!(
            (cookies.get("a"), cookies.get("b"), cookies.get("c")),
            (Some("1"), Some("2,a=3"), Some("4"))
        );
    }

    proptest! {
        #[test]
        fn any_header_gets_an_answer(header: Vec<u8>) {
            let _ = Cookies::parse(&latin1(&header));
        }
    }
}
