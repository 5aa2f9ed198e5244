//! What the parser cannot see of one argument alone.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use super::{Config, LogError, RedisLayer};
use crate::channel_layer::{self, RedisUrlError};
use crate::store::{Location, UrlError};

impl Config {
    /// What the parser cannot see of one argument alone.
    ///
    /// # Errors
    /// One sentence for the person who started the server.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if !self.bind.is_loopback() && self.secret_key.is_none() {
            return Err(ConfigError::SecretKeyMissing(self.bind));
        }
        if self
            .secret_key
            .as_ref()
            .is_some_and(|key| key.trim().is_empty())
        {
            return Err(ConfigError::SecretKeyEmpty);
        }
        match &self.database {
            Location::File(path) => {
                if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" || path.is_dir() {
                    return Err(ConfigError::NoDatabaseFile(path.clone()));
                }
            }
            Location::Postgres(url) => {
                url.config()?;
                if self.secret_key.is_none() {
                    return Err(ConfigError::SecretKeyHomeless);
                }
            }
        }
        if let Some(url) = &self.redis {
            channel_layer::check_url(url)?;
        } else if self.redis_layer != RedisLayer::Core || !self.redis_key.is_empty() {
            return Err(ConfigError::NoRedis);
        }
        if self.max_connections == 0 || self.max_connections_per_user == Some(0) {
            return Err(ConfigError::NoConnections);
        }
        if let Some(admin) = self.admin
            && is_one_port(self.address(), admin)
        {
            return Err(ConfigError::OneAddress(admin));
        }
        self.log_filter()?;
        Ok(())
    }
}

/// Whether nobody could listen on both. An address of IPv6 for all takes those of IPv4 too, as Linux has it.
fn is_one_port(one: SocketAddr, other: SocketAddr) -> bool {
    let (a, b) = (one.ip().to_canonical(), other.ip().to_canonical());
    let takes = |all: IpAddr, ip: IpAddr| all.is_unspecified() && (all.is_ipv6() || ip.is_ipv4());
    one.port() == other.port() && one.port() != 0 && (a == b || takes(a, b) || takes(b, a))
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A made-up key would end all sessions with the process, and differ between processes.
    #[error("--secret-key (or CHAT_SECRET_KEY) is needed to listen on {0}, which others can reach")]
    SecretKeyMissing(IpAddr),
    /// An empty key signs nothing.
    #[error("--secret-key is empty")]
    SecretKeyEmpty,
    /// There is no file beside which one could be kept.
    #[error("--secret-key (or CHAT_SECRET_KEY) is needed with a Postgres database")]
    SecretKeyHomeless,
    /// A folder, or nothing.
    #[error("--database must name a file: {0:?} is none")]
    NoDatabaseFile(PathBuf),
    /// Not the URL of a Postgres database that could be used.
    #[error("--database: {0}; it is written postgres://user:password@host:port/name")]
    Postgres(#[from] UrlError),
    /// Not the URL of a Redis.
    #[error("--redis: {0}; it is written redis://[user:password@]host[:port][/db]")]
    Redis(#[from] RedisUrlError),
    /// A layer on no Redis.
    #[error("--redis-layer and --redis-key are of no use without --redis")]
    NoRedis,
    /// Nobody could connect.
    #[error("--max-connections and --max-connections-per-user must be at least 1")]
    NoConnections,
    /// The operator's listener, and the one for clients.
    #[error(
        "--admin {0} is the address that clients connect to (--bind, --port): it needs another port"
    )]
    OneAddress(SocketAddr),
    /// Not a filter.
    #[error("--log: {0}")]
    Log(#[from] LogError),
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn two_listeners_need_two_addresses() {
        for (one, other, due) in [
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "127.0.0.1:81", false),
            ("127.0.0.1:80", "127.0.0.2:80", false),
            ("127.0.0.1:80", "[::1]:80", false),
            ("127.0.0.1:80", "0.0.0.0:80", true),
            ("127.0.0.1:80", "[::ffff:127.0.0.1]:80", true),
            ("127.0.0.1:80", "[::]:80", true),
            ("[::1]:80", "[::]:80", true),
            ("[::1]:80", "0.0.0.0:80", false),
            ("127.0.0.1:0", "127.0.0.1:0", false),
        ] {
            let (one, other) = (one.parse().unwrap(), other.parse().unwrap());
            assert_eq!(is_one_port(one, other), due, "{one} {other}");
            assert_eq!(is_one_port(other, one), due, "{other} {one}");
        }
    }
}
