//! Which `Host` headers are answered, and what the server believes of its own URL.

use http::HeaderMap;
use http::header::HOST;

use crate::config::Settings;
use crate::rest::headers::joined;

/// The server as the client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Site {
    /// `http`, or `https` where a trusted proxy says so.
    pub(crate) scheme: &'static str,
    /// The `Host` header as sent.
    pub(crate) host: String,
}

impl Site {
    /// `None`: the host is malformed or not one of `ALLOWED_HOSTS`; Django answers 400.
    pub(crate) fn of(headers: &HeaderMap, settings: &Settings) -> Option<Self> {
        // A request of HTTP/1.0 may lack it; only absolute URLs in answers would tell.
        let host = joined(headers, &HOST).unwrap_or_else(|| "localhost".to_owned());
        let lower = host.to_lowercase();
        let domain = domain(&lower)?;
        let allowed = &settings.allowed_hosts;
        let known = allowed.is_empty() || allowed.iter().any(|pattern| matches(domain, pattern));
        known.then(|| Self {
            scheme: scheme(headers, settings),
            host,
        })
    }

    /// The absolute URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.host)
    }

    /// Whether the request came by https.
    pub(crate) fn is_secure(&self) -> bool {
        self.scheme == "https"
    }
}

fn scheme(headers: &HeaderMap, settings: &Settings) -> &'static str {
    let forwarded = headers
        .get("x-forwarded-proto")
        .and_then(|value| value.to_str().ok());
    let first = forwarded
        .and_then(|value| value.split(',').next())
        .map(str::trim);
    if settings.forwarded_proto && first == Some("https") {
        "https"
    } else {
        "http"
    }
}

/// The name without port and trailing dot; `None` if it is not valid by Django's `host_validation_re`.
fn domain(host: &str) -> Option<&str> {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            let (first, others) = address.split_once(':')?;
            let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            let valid = first.bytes().all(hex)
                && !others.is_empty()
                && others
                    .bytes()
                    .all(|byte| hex(byte) || byte == b'.' || byte == b':');
            if !valid {
                return None;
            }
            (
                host.get(..address.len() + 2)?,
                rest.strip_prefix(':')
                    .or_else(|| rest.is_empty().then_some("0"))?,
            )
        }
        None => {
            let (name, port) = host.split_once(':').unwrap_or((host, "0"));
            let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
            if name.is_empty() || !name.bytes().all(valid) {
                return None;
            }
            (name, port)
        }
    };
    let numeric = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let name = name.strip_suffix('.').unwrap_or(name);
    (numeric && !name.is_empty()).then_some(name)
}

/// Whether some `Host` header could match the pattern.
pub(crate) fn is_host_pattern(pattern: &str) -> bool {
    let lower = pattern.to_lowercase();
    let name = lower.strip_prefix('.').unwrap_or(&lower);
    pattern == "*" || domain(name) == Some(name)
}

fn matches(domain: &str, pattern: &str) -> bool {
    let pattern = pattern.to_lowercase();
    match pattern.strip_prefix('.') {
        _ if pattern == "*" => true,
        Some(apex) => domain == apex || domain.ends_with(&pattern),
        None => domain == pattern,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn names_and_addresses_are_read_with_and_without_port() {
        for (host, name) in [
            ("example.org", Some("example.org")),
            ("example.org:8000", Some("example.org")),
            ("example.org.", Some("example.org")),
            ("127.0.0.1:1", Some("127.0.0.1")),
            ("[::1]:8000", Some("[::1]")),
            ("[::1]", Some("[::1]")),
            ("", None),
            (".", None),
            ("a b", None),
            ("a/b", None),
            ("a_b", None),
            ("example.org:", None),
            ("example.org:x", None),
            ("[::1]x", None),
            ("[1]", None),
            ("a,b", None),
            ("é", None),
        ] {
            assert_eq!(domain(host), name, "{host}");
        }
    }

    #[test]
    fn a_pattern_is_what_a_header_could_match() {
        for pattern in [
            "*",
            "Example.org",
            ".example.org",
            "127.0.0.1",
            "[::1]",
            "localhost",
        ] {
            assert!(is_host_pattern(pattern), "{pattern}");
        }
        for pattern in [
            "",
            ".",
            "*.example.org",
            "https://example.org",
            "example.org/",
        ] {
            assert!(!is_host_pattern(pattern), "{pattern}");
        }
        for pattern in [
            "example.org:80",
            "[::1]:80",
            "::1",
            "example.org.",
            " a",
            "a_b",
            "é",
        ] {
            assert!(!is_host_pattern(pattern), "{pattern}");
        }
    }

    #[test]
    fn a_leading_dot_means_the_subdomains_too() {
        assert!(matches("example.org", ".Example.org"));
        assert!(matches("a.example.org", ".example.org"));
        assert!(!matches("badexample.org", ".example.org"));
        assert!(!matches("a.example.org", "example.org"));
        assert!(matches("whatever", "*"));
    }
}
