//! What a configuration comes to: what the handlers need to know of it.

use super::{Config, SecretKeyError, secret};
use crate::csrf::TrustedOrigins;
use crate::store::Location;

/// What the handlers need to know of the configuration.
#[derive(Clone)]
pub struct Settings {
    /// Signs sessions and their auth hashes, as Django's `SECRET_KEY`.
    pub secret_key: String,
    /// As `CSRF_TRUSTED_ORIGINS`.
    pub trusted_origins: TrustedOrigins,
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

impl Config {
    /// Whether the key that is kept beside the database, if one is, can be used: found out before a
    /// database is made.
    ///
    /// # Errors
    /// If it can not.
    pub fn check_kept_key(&self) -> Result<(), SecretKeyError> {
        match (&self.secret_key, &self.database) {
            (None, Location::File(path)) => secret::check_kept(path),
            _ => Ok(()),
        }
    }

    /// The settings; makes and keeps a secret key beside the database if none was given.
    ///
    /// # Errors
    /// If the kept key can be neither read nor written.
    pub fn settings(&self) -> Result<Settings, SecretKeyError> {
        let secret_key = match (&self.secret_key, &self.database) {
            (Some(key), _) => key.to_string(),
            (None, Location::File(path)) => secret::kept_beside(path)?,
            (None, Location::Postgres(_)) => return Err(secret::homeless()),
        };
        Ok(Settings {
            secret_key,
            trusted_origins: TrustedOrigins::new(&self.trusted_origin),
            allowed_hosts: self.allowed_host.clone(),
            forwarded_proto: self.forwarded_proto,
            secure_cookies: self.secure_cookies,
            password_iterations: self.password_iterations,
            max_body: self.max_body,
            max_frame: self.max_frame,
            enable_echo: self.enable_echo,
            test_page: !self.no_test_page,
        })
    }
}
