//! What a Postgres URL means, and its name without the password.

use std::error::Error as _;
use std::fmt;

use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, Host, SslMode, SslNegotiation};

/// A URL as libpq writes them. Its `Debug` is empty of everything it says, for it may hold a password.
#[derive(Clone)]
pub struct Url(String);

/// Why a URL names no database that could be used.
#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// Not of the form that libpq knows, or with a parameter that is not known here.
    #[error("{0}")]
    Unreadable(String),
    /// Of a password like that a part would be taken for the host, and shown.
    #[error("in a name or a password / is written %2F, ? %3F, and @ %40")]
    Ambiguous,
    /// TLS is asked for.
    #[error(
        "TLS to Postgres is not supported, so sslmode can only be disable or prefer: use a Unix socket or a network \
         that you trust"
    )]
    Tls,
    /// Nowhere to connect to.
    #[error("it names no host; that of a Unix socket is given as ?host=/var/run/postgresql")]
    NoHost,
    /// Nothing to use there.
    #[error("it names no database")]
    NoDatabase,
}

impl Url {
    /// Of a text that begins with `postgres://` or `postgresql://`.
    pub(in crate::store) const fn new(text: String) -> Self {
        Self(text)
    }

    /// What it means.
    ///
    /// # Errors
    /// [`UrlError`], whose words hold neither the URL nor its password.
    pub fn config(&self) -> Result<Config, UrlError> {
        if self.0.contains("sslmode=verify-") {
            return Err(UrlError::Tls);
        }
        if self.is_ambiguous() {
            return Err(UrlError::Ambiguous);
        }
        let config: Config = self.0.parse().map_err(|error: tokio_postgres::Error| {
            let cause = error.source().map(ToString::to_string);
            UrlError::Unreadable(cause.unwrap_or_else(|| error.to_string()))
        })?;
        if config.get_ssl_mode() == SslMode::Require
            || config.get_ssl_negotiation() == SslNegotiation::Direct
            || config.get_channel_binding() == ChannelBinding::Require
        {
            return Err(UrlError::Tls);
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(UrlError::NoHost);
        }
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(UrlError::NoDatabase);
        }
        Ok(config)
    }

    /// Whether the first `@` is not where the host begins: within a password, or a parameter.
    fn is_ambiguous(&self) -> bool {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let Some((before, after)) = rest.split_once('@') else {
            return false;
        };
        let user = before.split(':').next().unwrap_or_default();
        let host = after.split(['/', '?']).next().unwrap_or_default();
        user.contains(['/', '?']) || host.contains('@')
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Postgres URL")
    }
}

/// `postgres://user@host:port/name`: what a person needs to know where it is, and no password.
pub(super) fn name_of(config: &Config) -> String {
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    });
    let addresses = config.get_hostaddrs().iter().map(ToString::to_string);
    let hosts: Vec<String> = hosts.chain(addresses).collect();
    let user = config
        .get_user()
        .map_or_else(String::new, |user| format!("{user}@"));
    let port = config
        .get_ports()
        .first()
        .map_or_else(String::new, |port| format!(":{port}"));
    let database = config.get_dbname().unwrap_or_default();
    format!("postgres://{user}{}{port}/{database}", hosts.join(","))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn config(url: &str) -> Result<Config, UrlError> {
        Url::new(url.to_owned()).config()
    }

    #[test]
    fn what_libpq_knows_is_known() {
        for (url, name) in [
            (
                "postgres://chat:hunter2@db.example:5433/chat",
                "postgres://chat@db.example:5433/chat",
            ),
            (
                "postgresql://chat@%2Frun%2Fpg/chat?sslmode=disable",
                "postgres://chat@/run/pg:5432/chat",
            ),
            (
                "postgres:///chat?host=/run/pg&user=ana&password=hunter2&sslmode=prefer",
                "postgres://ana@/run/pg/chat",
            ),
            (
                "postgres://[::1]:5433/chat?connect_timeout=3&application_name=a",
                "postgres://::1:5433/chat",
            ),
        ] {
            assert_eq!(name_of(&config(url).unwrap()), name);
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_the_password() {
        for (url, words) in [
            ("postgres://chat:hunter2@db/chat?sslmode=require", "sslmode"),
            (
                "postgres://chat:hunter2@db/chat?sslmode=verify-full",
                "sslmode",
            ),
            ("postgres://chat:hunter2@db/chat?sslmode=maybe", "sslmode"),
            (
                "postgres://chat:hunter2@db/chat?sslrootcert=/ca",
                "sslrootcert",
            ),
            ("postgres://chat:hunter2@db:port/chat", "port"),
            ("postgres://chat:pass@hunter2@db/chat", "@ %40"),
            ("postgres://db/chat?user=me&password=hunter2@a/b", "@ %40"),
            ("postgres:///chat?password=hunter2", "host"),
            ("postgres://chat:hunter2@db", "no database"),
            ("postgres://chat:hunter2@db/", "no database"),
        ] {
            let said = config(url).unwrap_err().to_string();
            assert!(said.contains(words), "{url}: {said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
