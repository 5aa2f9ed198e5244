//! How the command line is read, where the parser needs to be told.

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory as _, Error, FromArgMatches as _};

use super::{Config, hidden};
use crate::rest::is_host_pattern;

impl Config {
    /// From the command line and the environment, in which an empty variable is as good as none. What the parser
    /// refuses ends the process.
    pub fn from_command_line() -> Self {
        let command = Self::command().mut_args(|argument| {
            let given = argument.get_env().and_then(std::env::var_os);
            match given.is_some_and(|value| value.is_empty()) {
                true => argument.env(None::<&str>),
                false => argument,
            }
        });
        let matches = command.try_get_matches();
        let config = matches.and_then(|matches| Self::from_arg_matches(&matches));
        config.unwrap_or_else(|error| without_passwords(error).exit())
    }
}

/// A URL that stands where none is expected is shown, and not the password in it.
fn without_passwords(mut error: Error) -> Error {
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidValue] {
        if let Some(ContextValue::String(text)) = error.get(kind) {
            let shown = hidden::without_password(text);
            error.insert(kind, ContextValue::String(shown));
        }
    }
    error
}

/// The form that Django asks of a trusted origin.
pub(super) fn trusted_origin(text: &str) -> Result<String, String> {
    let (scheme, host) = text
        .split_once("://")
        .ok_or("an origin begins with http:// or https://")?;
    if !matches!(scheme, "http" | "https") {
        return Err("an origin begins with http:// or https://".to_owned());
    }
    if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) {
        return Err(
            "an origin ends with its host or port, without a path: https://chat.example".to_owned(),
        );
    }
    Ok(text.to_owned())
}

/// One of `ALLOWED_HOSTS`; what no `Host` header could ever match would turn everybody away.
pub(super) fn allowed_host(text: &str) -> Result<String, String> {
    if is_host_pattern(text) {
        return Ok(text.to_owned());
    }
    let said = if text.is_empty() {
        "it is empty"
    } else if text.contains("://") {
        "a host has no scheme: chat.example, not https://chat.example"
    } else if text.contains('/') {
        "a host has no path"
    } else if text.contains('*') {
        "* is for all hosts; a domain with its subdomains is .chat.example"
    } else if text.parse::<std::net::Ipv6Addr>().is_ok() {
        "an IPv6 address stands in brackets: [::1]"
    } else if text.contains(':') {
        "a host is given without its port, and answered to on any"
    } else {
        "a host has letters, digits, dots and dashes: chat.example (others as xn--…)"
    };
    Err(said.to_owned())
}

/// A switch in the environment; as a flag it takes no word.
pub(super) fn switch(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err("in the environment it is true or false, yes or no, on or off, 1 or 0"),
    }
}
