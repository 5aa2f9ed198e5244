//! Whom to load: the base URLs of a deployment's processes, or one URL in front of several.

use std::str::FromStr;

use http::HeaderMap;
use thiserror::Error;
use url::Url;

/// The base URL of one process, taken apart.
#[derive(Debug, Clone)]
pub struct Target {
    /// The base URL as reports show it: without a user or a slash at the end.
    pub base: String,
    /// The host's name or address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether it is reached over TLS.
    pub is_secure: bool,
    /// Headers that go with every request and handshake.
    pub headers: HeaderMap,
}

/// Why a text is no target.
#[derive(Debug, Error)]
pub enum NoTarget {
    /// Not a URL.
    #[error("{0:?} is no URL: {1}; as in http://127.0.0.1:8000")]
    Unreadable(String, url::ParseError),
    /// A URL, but not of a server like ours.
    #[error("{0:?} has to begin with http:// or https:// and a host")]
    Unsuitable(String),
}

impl Target {
    /// The URL of a REST path, as `/api/chats/`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The URL of a chat's WebSocket.
    #[must_use]
    pub fn socket_url(&self, chat: u64) -> String {
        // `http` becomes `ws`, `https` becomes `wss`.
        format!("ws{}/ws/chat/{chat}/", self.base.trim_start_matches("http"))
    }
}

impl FromStr for Target {
    type Err = NoTarget;

    fn from_str(text: &str) -> Result<Self, NoTarget> {
        let url = Url::parse(text).map_err(|error| NoTarget::Unreadable(text.to_owned(), error))?;
        let unsuitable = || NoTarget::Unsuitable(text.to_owned());
        if !matches!(url.scheme(), "http" | "https")
            || !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
        {
            return Err(unsuitable());
        }
        let host = match url.host().ok_or_else(unsuitable)? {
            url::Host::Domain(name) => name.to_owned(),
            url::Host::Ipv4(address) => address.to_string(),
            url::Host::Ipv6(address) => address.to_string(),
        };
        Ok(Self {
            base: url.as_str().trim_end_matches('/').to_owned(),
            host,
            port: url.port_or_known_default().ok_or_else(unsuitable)?,
            is_secure: url.scheme() == "https",
            headers: HeaderMap::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_base_url_may_have_a_path() {
        let target: Target = "https://chat.example/base/".parse().expect("a target");
        assert_eq!(
            (target.host.as_str(), target.port, target.is_secure),
            ("chat.example", 443, true)
        );
        assert_eq!(
            target.url("/api/chats/"),
            "https://chat.example/base/api/chats/"
        );
        assert_eq!(target.socket_url(7), "wss://chat.example/base/ws/chat/7/");
        let local: Target = "http://[::1]:8000".parse().expect("a target");
        assert_eq!((local.host.as_str(), local.port), ("::1", 8000));
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for text in [
            "",
            "127.0.0.1:8000",
            "ftp://a",
            "http://",
            "http://a/?b",
            "http://u:p@a",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
