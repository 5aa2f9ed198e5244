//! How much of its base URL a server can know.

use chat_fixtures::base::origin;

/// The ways in which a server can tell the URL: whole, and without what a proxy may keep from it, that there is
/// a path before `/api/`, or that it is TLS.
pub(crate) fn as_told(base: &str) -> Vec<String> {
    let mut ways = Vec::new();
    for way in [as_sent(base), as_sent(origin(base))] {
        let plain = way.replacen("https:", "http:", 1);
        ways.extend([way, plain]);
    }
    ways
}

/// The URL as a request says it, by the `Host` header, in which a scheme's own port does not stand.
fn as_sent(base: &str) -> String {
    let Ok(uri) = base.parse::<http::Uri>() else {
        return base.to_owned();
    };
    let scheme = uri.scheme_str().unwrap_or("http");
    let host = uri.host().unwrap_or_default().to_lowercase();
    let port = uri.port_u16();
    let port = port.filter(|port| !matches!((scheme, port), ("http", 80) | ("https", 443)));
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!(
        "{scheme}://{host}{port}{}",
        uri.path().trim_end_matches('/')
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_may_keep_something_from_the_server() {
        assert_eq!(as_told("http://Host:80")[0], "http://host");
        let told = as_told("https://host:8443/chat");
        for way in [
            "https://host:8443/chat",
            "http://host:8443/chat",
            "https://host:8443",
            "http://host:8443",
        ] {
            assert!(told.iter().any(|told| told == way), "{told:?}");
        }
        assert!(!told.iter().any(|told| told.contains("/chat/")));
    }

    #[test]
    fn a_base_is_told_as_the_host_header_has_it() {
        for (base, sent) in [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://Chat.Example:80", "http://chat.example"),
            (
                "https://chat.example:443/under",
                "https://chat.example/under",
            ),
            ("http://[::1]:8000", "http://[::1]:8000"),
        ] {
            assert_eq!(as_sent(base), sent);
        }
    }
}
