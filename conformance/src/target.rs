//! Whom a run asks: the URLs of a deployment, and whether it is a chat server at all.

use chat_fixtures::client::{Client, ClientError};

use crate::fleet::Recipe;

/// A deployment to be judged.
#[derive(Debug, Clone)]
pub struct Target {
    /// The base URLs, one a process, or a balancer's. One at least.
    pub bases: Vec<String>,
    /// How many processes there are behind them.
    pub processes: usize,
    /// How to start another one like it, if the suite may.
    pub recipe: Option<Recipe>,
    client: Client,
}

impl Target {
    /// The deployment at these URLs.
    ///
    /// # Errors
    /// [`ClientError`] without a URL, or when the HTTP client cannot be set up.
    pub fn new(
        bases: Vec<String>,
        processes: usize,
        recipe: Option<Recipe>,
    ) -> Result<Self, ClientError> {
        let Some(first) = bases.first() else {
            return Err(ClientError::Unsendable {
                what: "a run".to_owned(),
                reason: "no base URL".to_owned(),
            });
        };
        Ok(Self {
            client: Client::new(first)?.keeping_connections(),
            processes: processes.max(bases.len()),
            bases,
            recipe,
        })
    }

    /// The `n`-th process's base URL, round.
    pub fn base(&self, n: usize) -> &str {
        self.bases
            .get(n % self.bases.len().max(1))
            .map_or("", String::as_str)
    }

    /// The client that all others of the run are made of: it holds the connections.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}
