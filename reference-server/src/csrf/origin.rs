//! Where a request comes from: `Origin` and `Referer` against the server's own host and the trusted origins.

use super::{Refusal, Shown};

/// The origins trusted besides the server's own, as `CSRF_TRUSTED_ORIGINS`.
#[derive(Debug, Clone, Default)]
pub struct TrustedOrigins {
    exact: Vec<String>,
    /// Scheme and `.example.org` of each `scheme://*.example.org`.
    subdomains: Vec<(String, String)>,
    /// Host and port, or `.example.org`, of every entry: all that counts for a `Referer`.
    hosts: Vec<String>,
}

impl TrustedOrigins {
    /// From entries like `https://example.org:8443` or `https://*.example.org`; what is not of that form
    /// matches nothing.
    pub fn new<T: AsRef<str>>(entries: &[T]) -> Self {
        let mut trusted = Self::default();
        for entry in entries.iter().map(AsRef::as_ref) {
            let Some(url) = Url::split(entry) else {
                continue;
            };
            let host = url.netloc.trim_start_matches('*').to_owned();
            if entry.contains('*') {
                trusted.subdomains.push((url.scheme, host.clone()));
            } else {
                trusted.exact.push(entry.to_owned());
            }
            trusted.hosts.push(host);
        }
        trusted
    }

    /// Whether a browser's `origin` is one of these, as the entries are written: no case is folded, no
    /// default port left out.
    pub fn contains(&self, origin: &str) -> bool {
        self.exact.iter().any(|entry| entry == origin)
            || Url::split(origin).is_some_and(|url| {
                let mut wild = self.subdomains.iter();
                wild.any(|(scheme, host)| {
                    *scheme == url.scheme && is_same_domain(&url.netloc, host)
                })
            })
    }

    pub(super) fn check_origin(&self, origin: &str, shown: &Shown<'_>) -> Result<(), Refusal> {
        let scheme = if shown.https { "https" } else { "http" };
        let own = shown
            .host
            .is_some_and(|host| origin == format!("{scheme}://{host}"));
        if own || self.contains(origin) {
            Ok(())
        } else {
            Err(Refusal::Origin(origin.to_owned()))
        }
    }

    pub(super) fn check_referer(&self, shown: &Shown<'_>) -> Result<(), Refusal> {
        let referer = shown.referer.ok_or(Refusal::NoReferer)?;
        let url = Url::split(referer).ok_or(Refusal::MalformedReferer)?;
        if url.scheme.is_empty() || url.netloc.is_empty() {
            return Err(Refusal::MalformedReferer);
        }
        if url.scheme != "https" {
            return Err(Refusal::InsecureReferer);
        }
        let mut good = self.hosts.iter().map(String::as_str).chain(shown.host);
        if good.any(|host| is_same_domain(&url.netloc, host)) {
            Ok(())
        } else {
            Err(Refusal::Referer(url.joined()))
        }
    }
}

/// As `django.utils.http.is_same_domain`: `.example.org` stands for itself and all below it.
fn is_same_domain(host: &str, pattern: &str) -> bool {
    let pattern = pattern.to_lowercase();
    match pattern.strip_prefix('.') {
        Some(apex) => host.ends_with(&pattern) || host == apex,
        None => !pattern.is_empty() && host == pattern,
    }
}

/// A URL as Python's `urlsplit` takes it apart: nothing decoded, the scheme in lower case.
struct Url {
    scheme: String,
    netloc: String,
    path: String,
    query: String,
    fragment: String,
}

impl Url {
    /// `None` where `urlsplit` raises: brackets that hold no IPv6 address.
    fn split(text: &str) -> Option<Self> {
        let text = text
            .trim_start_matches(|c: char| c <= ' ')
            .replace(['\t', '\r', '\n'], "");
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
            _ => (String::new(), text.as_str()),
        };
        let (netloc, rest) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
            None => ("", rest),
        };
        if !has_sound_brackets(netloc) {
            return None;
        }
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let [netloc, path, query, fragment] = [netloc, path, query, fragment].map(str::to_owned);
        Some(Self {
            scheme,
            netloc,
            path,
            query,
            fragment,
        })
    }

    /// As `geturl()` puts it together again, for a URL that has a scheme and a host.
    fn joined(&self) -> String {
        let mut text = format!("{}://{}{}", self.scheme, self.netloc, self.path);
        for (mark, part) in [('?', &self.query), ('#', &self.fragment)] {
            if !part.is_empty() {
                text.push(mark);
                text.push_str(part);
            }
        }
        text
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn has_sound_brackets(netloc: &str) -> bool {
    match (netloc.split_once('['), netloc.contains(']')) {
        (None, false) => true,
        (Some((_, rest)), true) => {
            let host = rest.split_once(']').map_or(rest, |(host, _)| host);
            match host.strip_prefix('v') {
                Some(future) => is_ip_of_the_future(future),
                None => is_ipv6(host),
            }
        }
        _ => false,
    }
}

/// What follows the `v` of RFC 3986's IPvFuture, as Python checks it.
fn is_ip_of_the_future(text: &str) -> bool {
    let known = |(version, address): (&str, &str)| {
        !version.is_empty()
            && version.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !address.is_empty()
    };
    text.split_once('.').is_some_and(known)
}

/// An address, perhaps with a zone after `%`.
fn is_ipv6(host: &str) -> bool {
    let (address, zone) = match host.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (host, None),
    };
    let zoned = zone.is_none_or(|zone| !zone.is_empty() && !zone.contains('%'));
    zoned && address.parse::<std::net::Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_are_taken_apart_as_python_does() {
        for (text, scheme, netloc, joined) in [
            (
                "HTTPS://Host:1/p?q#f",
                "https",
                "Host:1",
                "https://Host:1/p?q#f",
            ),
            (" \u{1}https://h\n/p?#", "https", "h", "https://h/p"),
            (
                "https://u@[::1]:8/",
                "https",
                "u@[::1]:8",
                "https://u@[::1]:8/",
            ),
            (
                "https://[fe80::1%eth0]/",
                "https",
                "[fe80::1%eth0]",
                "https://[fe80::1%eth0]/",
            ),
            ("https://[v1.x]/", "https", "[v1.x]", "https://[v1.x]/"),
            ("https:///p", "https", "", "https:///p"),
            ("1x://h", "", "", "://1x://h"),
        ] {
            let url = Url::split(text).unwrap();
            assert_eq!(
                (
                    url.scheme.as_str(),
                    url.netloc.as_str(),
                    url.joined().as_str()
                ),
                (scheme, netloc, joined)
            );
        }
        for text in [
            "https://[",
            "https://]",
            "https://[::1",
            "https://[1.2.3.4]",
            "https://[x]",
            "https://[v.x]",
            "//][",
        ] {
            assert!(Url::split(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_wildcard_counts_for_its_scheme_alone() {
        let trusted = TrustedOrigins::new(&["https://*.Example.org", "http://plain"]);
        assert!(
            trusted.contains("https://a.example.org") && trusted.contains("HTTPS://example.org")
        );
        assert!(trusted.contains("http://plain"));
        for origin in [
            "http://a.example.org",
            "https://badexample.org",
            "https://plain",
            "null",
            "",
            "https://[",
        ] {
            assert!(!trusted.contains(origin), "{origin}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(text in "(https?:)?(//)?[\\[\\]v.:%/?#a1]{0,12}|.*") {
            let _ = TrustedOrigins::new(&[&text]).contains(&text);
            let _ = Url::split(&text);
        }
    }
}
