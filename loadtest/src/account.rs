//! Somebody with an account and a session.

use serde::{Deserialize, Serialize};

/// An account of the deployment, with its session.
#[derive(Clone, Serialize, Deserialize)]
pub struct Account {
    /// The user's id.
    pub id: u64,
    /// The username.
    pub username: String,
    /// The password.
    pub password: String,
    /// The `Cookie` header: session and CSRF token.
    pub cookies: String,
    /// The CSRF token alone, as `X-CSRFToken` wants it.
    pub csrf_token: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither the password nor the session belongs into a log.
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}
