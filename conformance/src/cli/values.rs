//! The values of options, read from their text; what cannot be meant is answered with what could.

use std::{
    fmt,
    num::{NonZeroU32, NonZeroUsize},
    str::FromStr,
};

pub(crate) use chat_fixtures::arguments::{base_url, header, positive_duration};
use chat_fixtures::{contract::Level, output};
use url::Url;

use crate::report::Format;

/// A command line, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// Its words, the first is the program.
    pub words: Vec<String>,
}

/// One form of report, and where it goes.
pub type ReportTo = output::ReportTo<Format>;

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = shlex::try_join(self.words.iter().map(String::as_str));
        f.write_str(&line.unwrap_or_else(|_| self.words.join(" ")))
    }
}

pub(crate) fn command_line(text: &str) -> Result<CommandLine, String> {
    match shlex::split(text) {
        Some(words) if !words.is_empty() => Ok(CommandLine { words }),
        Some(_) => Err("the command is empty".to_owned()),
        None => Err("a quote is not closed".to_owned()),
    }
}

pub(super) fn proxy(text: &str) -> Result<String, String> {
    match Url::parse(text) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => {
            Ok(text.to_owned())
        }
        _ => Err("it has to be http://host:port".to_owned()),
    }
}

pub(super) fn path(text: &str) -> Result<String, String> {
    match text.starts_with('/') {
        true => Ok(text.to_owned()),
        false => Err(format!("it has to begin with /, perhaps /{text}")),
    }
}

pub(super) fn level(text: &str) -> Result<Level, String> {
    match text {
        "required" => Ok(Level::Required),
        "parity" => Ok(Level::Parity),
        "hardened" => Ok(Level::Hardened),
        _ => Err("the levels are required, parity and hardened".to_owned()),
    }
}

pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    let n: NonZeroUsize = nonzero(text)?;
    Ok(n.get())
}

pub(super) fn rate(text: &str) -> Result<NonZeroU32, String> {
    nonzero(text)
}

pub(super) fn cases(text: &str) -> Result<u32, String> {
    rate(text).map(NonZeroU32::get)
}

fn nonzero<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse()
        .map_err(|_| "it has to be 1 or more".to_owned())
}
