//! The command line: one struct whose doc comments are the help, and what it means.

/// What the handlers need to know of the configuration, already validated.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Signs sessions and their auth hashes, as Django's `SECRET_KEY`.
    pub secret_key: String,
    /// As `CSRF_TRUSTED_ORIGINS`: `scheme://host[:port]`, host perhaps `*.example.org`.
    pub trusted_origins: Vec<String>,
    /// As `ALLOWED_HOSTS`: `*`, `example.org`, `.example.org`; empty means all.
    pub allowed_hosts: Vec<String>,
    /// Believe `X-Forwarded-Proto` of a proxy (`SECURE_PROXY_SSL_HEADER`).
    pub forwarded_proto: bool,
    /// Cookies are sent with `Secure`.
    pub secure_cookies: bool,
    /// PBKDF2 rounds of new password hashes.
    pub password_iterations: u32,
    /// Longest request body in bytes; longer ones get 413.
    pub max_body: usize,
    /// Longest WebSocket message in bytes; longer ones close with 1009.
    pub max_frame: usize,
    /// `/ws/echo/` exists.
    pub enable_echo: bool,
    /// `/websocket_test.html` exists.
    pub test_page: bool,
}
