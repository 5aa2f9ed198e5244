//! The values of options, read from their text; what cannot be meant is answered with what could.

use std::{
    fmt,
    num::{NonZeroU32, NonZeroUsize},
    str::FromStr,
    time::Duration,
};

use chat_fixtures::{contract::Level, output};
use http::{HeaderName, HeaderValue};
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

pub(super) fn command_line(text: &str) -> Result<CommandLine, String> {
    match shlex::split(text) {
        Some(words) if !words.is_empty() => Ok(CommandLine { words }),
        Some(_) => Err("the command is empty".to_owned()),
        None => Err("a quote is not closed".to_owned()),
    }
}

pub(super) fn base_url(text: &str) -> Result<String, String> {
    let url = match Url::parse(text) {
        Ok(url) if url.has_host() => url,
        Err(error) if text.contains("://") => return Err(format!("it is no URL: {error}")),
        _ => return Err(format!("it has to be a URL, perhaps http://{text}")),
    };
    match url.scheme() {
        "http" | "https" => {}
        "ws" => return Err("it has to be the http:// URL; sockets follow from it".to_owned()),
        "wss" => return Err("it has to be the https:// URL; sockets follow from it".to_owned()),
        other => return Err(format!("http:// or https://, not {other}://")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("no name and password here: --header 'Authorization: …' sends them".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("a base URL has neither ? nor #".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
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

pub(super) fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("it has to be 'Name: value'")?;
    let name = name
        .trim()
        .parse()
        .map_err(|_| format!("{:?} is no name of a header", name.trim()))?;
    let mut value: HeaderValue = value
        .trim()
        .parse()
        .map_err(|_| "a header has no such value".to_owned())?;
    value.set_sensitive(true);
    Ok((name, value))
}

pub(super) fn level(text: &str) -> Result<Level, String> {
    match text {
        "required" => Ok(Level::Required),
        "parity" => Ok(Level::Parity),
        "hardened" => Ok(Level::Hardened),
        _ => Err("the levels are required, parity and hardened".to_owned()),
    }
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
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

pub(super) fn positive_duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if duration > Duration::ZERO => Ok(duration),
        Ok(_) => Err("it has to be longer than nothing".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
