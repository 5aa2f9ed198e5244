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

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::config::Config;

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
