//! The command line: one struct whose doc comments are the help, and what it comes to.
#![expect(
    rustdoc::bare_urls,
    reason = "the help is read in a terminal, where a URL is plain"
)]

use std::net::{IpAddr, SocketAddr};

use clap::Parser;

use crate::password::DJANGO_ITERATIONS;
use crate::store::Location;

mod command_line;
mod database;
mod hidden;
mod log;
mod redis;
mod secret;
mod settings;
mod size;
mod validate;

use self::command_line::{allowed_host, switch, trusted_origin};
use self::database::Database;
pub use self::hidden::Hidden;
pub use self::log::LogError;
pub use self::redis::{RedisKey, RedisLayer};
pub use self::secret::SecretKeyError;
pub use self::settings::Settings;
use self::size::{body_size, frame_size, queue_size};
pub use self::validate::ConfigError;

/// The chat contract of the Django original, served: REST and WebSocket, SQLite or Postgres, one process or many.
///
/// Without arguments it serves http://127.0.0.1:8000 from ./chat.sqlite3 with the in-memory channel
/// layer. Several processes share one database and one Redis.
#[derive(Debug, Clone, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Config {
    /// Address to listen on.
    #[arg(
        short,
        long,
        env = "CHAT_BIND",
        default_value = "127.0.0.1",
        value_name = "IP"
    )]
    pub bind: IpAddr,

    /// Port to listen on; 0 takes a free one, and the line on stdout names it.
    #[arg(short, long, env = "CHAT_PORT", default_value_t = 8000)]
    pub port: u16,

    /// SQLite file, or Postgres as postgres://user:password@host:port/name (the environment keeps the password
    /// from who lists processes). One that Django migrated is used as it is; a new or empty one is made ready.
    #[arg(long, env = "CHAT_DATABASE", hide_env_values = true, default_value = "chat.sqlite3", value_name = "FILE|URL", value_parser = Database)]
    pub database: Location,

    /// Redis of the channel layer, e.g. redis://127.0.0.1:6379/0. Without it messages reach only the
    /// connections of this process: the in-memory layer, for development and single processes.
    #[arg(long, env = "CHAT_REDIS", value_name = "URL", hide_env_values = true)]
    pub redis: Option<Hidden>,

    /// Channel layer on that Redis, the same on all processes, Django's included.
    #[arg(long, env = "CHAT_REDIS_LAYER", default_value = "core")]
    pub redis_layer: RedisLayer,

    /// Encrypts what goes through Redis, as symmetric_encryption_keys: the same on all processes
    /// (repeatable; comma-separated). The first key encrypts, each decrypts.
    #[arg(
        long,
        env = "CHAT_REDIS_KEY",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub redis_key: Vec<RedisKey>,

    /// Signs sessions, as Django's SECRET_KEY: the same on all processes. Needed with Postgres, and as soon as
    /// the server listens beyond loopback; else one is made and kept beside the SQLite file.
    #[arg(
        long,
        env = "CHAT_SECRET_KEY",
        value_name = "TEXT",
        hide_env_values = true
    )]
    pub secret_key: Option<Hidden>,

    /// Origin of a front end served elsewhere, e.g. https://chat.example or https://*.chat.example
    /// (repeatable; comma-separated in the environment): as CSRF_TRUSTED_ORIGINS, for WebSockets too. It is
    /// no CORS: a browser reaches /api through the page's own origin.
    #[arg(long, env = "CHAT_TRUSTED_ORIGIN", value_name = "ORIGIN", value_delimiter = ',', value_parser = trusted_origin)]
    pub trusted_origin: Vec<String>,

    /// Host names to answer to, without port: chat.example, .chat.example with its subdomains, an IPv6 address in
    /// brackets, or * for all (repeatable; comma-separated in the environment): as ALLOWED_HOSTS. None given: all.
    #[arg(
        long,
        env = "CHAT_ALLOWED_HOST",
        value_name = "HOST",
        value_delimiter = ',',
        value_parser = allowed_host
    )]
    pub allowed_host: Vec<String>,

    /// Believe the X-Forwarded-Proto of a proxy. Only behind one that sets it itself.
    #[arg(long, env = "CHAT_FORWARDED_PROTO", value_parser = switch)]
    pub forwarded_proto: bool,

    /// Send cookies with Secure: only over https.
    #[arg(long, env = "CHAT_SECURE_COOKIES", value_parser = switch)]
    pub secure_cookies: bool,

    /// PBKDF2 rounds of new password hashes. Hashes of other counts are renewed at the next login; use
    /// another than Django's only for tests.
    #[arg(long, env = "CHAT_PASSWORD_ITERATIONS", default_value_t = DJANGO_ITERATIONS, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub password_iterations: u32,

    /// Longest request body, in bytes or with KiB or MiB: 4 MiB to 32 MiB. Longer ones get 413.
    #[arg(long, env = "CHAT_MAX_BODY", default_value = "8MiB", value_name = "SIZE", value_parser = body_size)]
    pub max_body: usize,

    /// Longest WebSocket message, in bytes or with KiB or MiB: 8 MiB to 32 MiB. Longer ones close with 1009.
    #[arg(long, env = "CHAT_MAX_FRAME", default_value = "16MiB", value_name = "SIZE", value_parser = frame_size)]
    pub max_frame: usize,

    /// Bytes that may wait for one WebSocket connection that does not read; past it the connection is
    /// closed with 1013.
    #[arg(long, env = "CHAT_MAX_QUEUE", default_value = "16MiB", value_name = "SIZE", value_parser = queue_size)]
    pub max_queue: usize,

    /// WebSocket connections in all; the next handshake gets 503.
    #[arg(
        long,
        env = "CHAT_MAX_CONNECTIONS",
        default_value_t = 50_000,
        value_name = "N"
    )]
    pub max_connections: usize,

    /// WebSocket connections of one user; the next handshake gets 429. None given: as many as in all.
    #[arg(long, env = "CHAT_MAX_CONNECTIONS_PER_USER", value_name = "N")]
    pub max_connections_per_user: Option<usize>,

    /// Address of a second listener for the operator, e.g. 127.0.0.1:9000: /healthz, /readyz, /metrics.
    #[arg(long, env = "CHAT_ADMIN", value_name = "IP:PORT")]
    pub admin: Option<SocketAddr>,

    /// Serve /ws/echo/, which sends back what it gets, to anyone: for WebSocket conformance tests.
    #[arg(long, env = "CHAT_ENABLE_ECHO", value_parser = switch)]
    pub enable_echo: bool,

    /// Do not serve the test page, /websocket_test.html.
    #[arg(long, env = "CHAT_NO_TEST_PAGE", value_parser = switch)]
    pub no_test_page: bool,

    /// What is logged to stderr: error, warn, info, debug, or a filter such as info,chat_reference_server::store=debug.
    #[arg(long, env = "CHAT_LOG", default_value = "info", value_name = "FILTER")]
    pub log: String,

    /// Log JSON, one object a line.
    #[arg(long, env = "CHAT_LOG_JSON", value_parser = switch)]
    pub log_json: bool,

    /// Check the configuration and exit: nothing is opened, made or listened on.
    #[arg(long)]
    pub check: bool,
}

impl Config {
    /// Whether others can reach the server while its key could be guessed; Django's check asks for 50
    /// characters (security.W009).
    pub fn has_weak_secret(&self) -> bool {
        let short = |key: &Hidden| key.chars().count() < 50;
        !self.bind.is_loopback() && self.secret_key.as_ref().is_some_and(short)
    }

    /// Where to listen.
    pub const fn address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.port)
    }
}
