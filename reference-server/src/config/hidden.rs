//! Texts of the command line that are shown nowhere: keys, and URLs with a password in them.

use std::fmt;
use std::ops::Deref;

/// A text that stays out of every log and error.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Deref for Hidden {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The text with `…` for what may be a password, if it holds a URL: all up to its `@`, and what it asks for.
pub(super) fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let shown = match (rest.rfind('@'), rest.find('?')) {
        (None, None) => rest.to_owned(),
        (Some(at), None) => format!("…{}", &rest[at..]),
        (None, Some(asked)) => format!("{}?…", &rest[..asked]),
        (Some(_), Some(_)) => "…".to_owned(),
    };
    format!("{scheme}://{shown}")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::without_password;
    use crate::config::Config;

    #[test]
    fn a_url_is_shown_without_what_may_be_a_password() {
        for (text, shown) in [
            ("--databse", "--databse"),
            ("me@example.org", "me@example.org"),
            ("https://chat.example/page", "https://chat.example/page"),
            ("redis://:hun@t/er2@h:1/0", "redis://…@h:1/0"),
            ("postgres:///d?password=hunter2", "postgres:///d?…"),
            ("postgres:///d?password=hunter@2", "postgres://…"),
        ] {
            assert_eq!(without_password(text), shown);
        }
    }

    #[test]
    fn no_secret_of_a_configuration_is_shown() {
        let config = Config::parse_from([
            "chat-reference-server",
            "--secret-key=hunter2",
            "--redis=redis://:hunter2@127.0.0.1",
            "--redis-key=hunter2",
            "--database=postgres://chat:hunter2@127.0.0.1/chat",
        ]);
        let shown = format!("{config:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(config.secret_key.is_some_and(|key| &*key == "hunter2"));
    }
}
