//! What `--log` means.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, ParseError};

use super::Config;

/// Why a text is no filter of the log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The library would take it for the name of a module, and log nothing of all others.
    #[error(
        "{0:?} is no level: off, error, warn, info, debug or trace; of one module it is MODULE=LEVEL"
    )]
    NoLevel(String),
    /// In the library's words.
    #[error(
        "{0}; it is a level, as info, or levels of modules beside it, as info,chat_reference_server::store=debug"
    )]
    Unreadable(#[from] ParseError),
}

impl Config {
    /// What is logged.
    ///
    /// # Errors
    /// [`LogError`] if that cannot be meant.
    pub fn log_filter(&self) -> Result<EnvFilter, LogError> {
        filter(&self.log)
    }
}

fn filter(text: &str) -> Result<EnvFilter, LogError> {
    for directive in text.split(',').map(str::trim) {
        if !directive.contains(['=', '[']) && directive.parse::<LevelFilter>().is_err() {
            return Err(LogError::NoLevel(directive.to_owned()));
        }
    }
    Ok(text.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_alone_is_a_level() {
        for text in [
            "info",
            "WARN",
            "off",
            "",
            "info,a::b=debug",
            "a=5",
            "[span]=trace",
            "info,",
        ] {
            assert!(filter(text).is_ok(), "{text}");
        }
        for text in [
            "verbose",
            "info,verbose",
            "warning",
            "a::b",
            "a=loud",
            "loud=very=much",
        ] {
            assert!(filter(text).is_err(), "{text}");
        }
    }
}
