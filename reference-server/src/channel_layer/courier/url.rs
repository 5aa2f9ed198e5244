//! What the URL of a Redis means.

use redis::Client;

/// Why a URL names no Redis that could be used; it is not repeated, for it may hold a password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedisUrlError {
    /// Of something else, or no URL.
    #[error("it does not begin with redis://")]
    Scheme,
    /// TLS is asked for.
    #[error(
        "TLS to Redis is not supported: use redis:// on a network that you trust, or through a tunnel"
    )]
    Tls,
    /// By the rules of URLs.
    #[error(
        "its host or port cannot be read; in a name or a password / is written %2F, ? %3F, # %23 and @ %40"
    )]
    Unreadable,
    /// Nowhere to connect to.
    #[error("it names no host")]
    NoHost,
    /// In the library's words.
    #[error("{0}")]
    Refused(String),
}

/// Whether `url` can be the URL of a Redis (`redis://[user:password@]host[:port][/db]`, `redis+unix:///path`);
/// nobody is asked.
///
/// # Errors
/// [`RedisUrlError`]
pub fn check_url(url: &str) -> Result<(), RedisUrlError> {
    client(url).map(drop)
}

/// Who connects to it.
pub(super) fn client(url: &str) -> Result<Client, RedisUrlError> {
    let scheme = url.split(':').next().unwrap_or_default();
    let is_socket = match scheme.to_ascii_lowercase().as_str() {
        "redis" | "valkey" => false,
        "redis+unix" | "valkey+unix" | "unix" => true,
        "rediss" | "valkeys" => return Err(RedisUrlError::Tls),
        _ => return Err(RedisUrlError::Scheme),
    };
    let url = redis::parse_redis_url(url).ok_or(RedisUrlError::Unreadable)?;
    if !is_socket && url.host_str().is_none_or(str::is_empty) {
        return Err(RedisUrlError::NoHost);
    }
    // What follows its description may quote the URL.
    Client::open(url).map_err(|error| {
        let said = error.to_string();
        let description = said.split(" - ").next().unwrap_or_default();
        RedisUrlError::Refused(description.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_redis_is() {
        for url in [
            "redis://127.0.0.1",
            "Redis://me:hunter2@redis.example:6380/3",
            "valkey://[::1]:6379",
            "redis+unix:///run/redis.sock?db=1",
            "unix:/run/redis.sock",
        ] {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_told_without_it() {
        for (url, due) in [
            ("hunter2", "begin with redis://"),
            ("127.0.0.1:6379", "begin with redis://"),
            ("http://hunter2", "begin with redis://"),
            ("'redis://:hunter2@h'", "begin with redis://"),
            ("REDISS://:hunter2@h:6379", "TLS to Redis is not supported"),
            ("valkeys://:hunter2@h", "TLS to Redis is not supported"),
            ("redis://:hunter2@h:port", "port cannot be read"),
            ("redis://:hun/ter2@h", "/ is written %2F"),
            ("redis://", "names no host"),
            ("redis:hunter2", "names no host"),
            ("redis:///hunter2", "names no host"),
            ("redis://h/hunter2", "database number"),
            ("redis://h/?protocol=hunter2", "protocol version"),
        ] {
            let said = check_url(url).map_err(|error| error.to_string());
            let said = said.err().unwrap_or_default();
            assert!(said.contains(due), "{url}: {said:?}");
            assert!(!said.contains("ter2"), "{said}");
        }
    }
}
