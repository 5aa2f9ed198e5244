//! A `Set-Cookie` line, taken apart without correcting anything.

use std::collections::BTreeMap;

use chat_fixtures::answer::Answer;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// One cookie that an answer sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SetCookie {
    /// As the server calls it.
    pub name: String,
    /// As it stands in the line, quotes included.
    pub value: String,
    /// Names in small letters; an attribute without a value has an empty one.
    pub attributes: BTreeMap<String, String>,
}

impl SetCookie {
    /// Every cookie that the answer sets, in its order.
    pub(crate) fn all(answer: &Answer) -> Vec<Self> {
        answer
            .headers_named("set-cookie")
            .iter()
            .map(|line| Self::read(line))
            .collect()
    }

    /// The one of that name, if there is exactly one.
    pub(crate) fn of(answer: &Answer, name: &str) -> Option<Self> {
        let mut named = Self::all(answer)
            .into_iter()
            .filter(|cookie| cookie.name == name);
        let only = named.next();
        if named.next().is_some() { None } else { only }
    }

    fn read(line: &str) -> Self {
        let mut parts = line.split(';').map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (name.trim().to_owned(), value.trim().to_owned())
        });
        let (name, value) = parts.next().unwrap_or_default();
        Self {
            name,
            value,
            attributes: parts
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect(),
        }
    }

    /// The attributes but `expires`, sorted and in one line.
    pub(crate) fn terms(&self) -> String {
        let terms: Vec<_> = self
            .attributes
            .iter()
            .filter(|(name, _)| *name != "expires")
            .map(|(name, value)| match value.as_str() {
                "" => name.clone(),
                value => format!("{name}={value}"),
            })
            .collect();
        terms.join("; ")
    }

    /// When it ends, if it says so in the form of HTTP.
    pub(crate) fn expires(&self) -> Option<OffsetDateTime> {
        self.attributes.get("expires").and_then(|at| instant(at))
    }
}

/// A date as HTTP headers have it.
pub(crate) fn instant(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )]

    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let cookie = SetCookie::read(
            "sessionid=abc; expires=Mon, 07 Dec 2026 00:00:10 GMT; HttpOnly; Max-Age=1209600; Path=/; SameSite=Lax",
        );

        assert_eq!((&*cookie.name, &*cookie.value), ("sessionid", "abc"));
        assert_eq!(
            cookie.terms(),
            "httponly; max-age=1209600; path=/; samesite=Lax"
        );
        assert_eq!(cookie.expires().unwrap().unix_timestamp(), 1_796_601_610);
    }

    #[test]
    fn a_line_of_nonsense_is_no_reason_to_panic() {
        for line in ["", ";", "=", "a", "é=ü;;=;x=y=z", "expires=never"] {
            assert_eq!(SetCookie::read(line).expires(), None);
        }
    }
}
