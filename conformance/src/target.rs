//! Whom a run asks: the URLs of a deployment, the way there, and what it may do with it.

use std::time::Duration;

use chat_fixtures::{
    client::{Client, ClientError},
    reach::Reach,
};

use crate::{accounts::Account, fleet::Recipe};

/// A deployment to be judged.
#[derive(Debug, Clone)]
pub struct Target {
    /// The base URLs, one a process, or a balancer's. One at least.
    pub bases: Vec<String>,
    /// How many processes there are behind them.
    pub processes: usize,
    /// How to start another one like it, if the suite may.
    pub recipe: Option<Recipe>,
    /// Who plays, where nobody can be registered.
    pub accounts: Option<Vec<Account>>,
    reach: Reach,
    /// How long a frame that is due may take while the suite itself keeps the deployment busy; the five
    /// seconds of the contract are measured by a check that runs alone.
    pub patience: Duration,
    /// How long it may take once several have been waited for in vain.
    pub impatience: Duration,
    /// Where its test page is served, when it is not where one would look.
    pub test_page: Option<String>,
    client: Client,
}

impl Target {
    /// The deployment at these URLs, reached directly.
    ///
    /// # Errors
    /// As [`Target::reached`].
    pub fn new(
        bases: Vec<String>,
        processes: usize,
        recipe: Option<Recipe>,
    ) -> Result<Self, ClientError> {
        Self::reached(bases, processes, recipe, Reach::default())
    }

    /// The deployment at these URLs, by the way given.
    ///
    /// # Errors
    /// [`ClientError`] without a URL, or when the way cannot be opened.
    pub fn reached(
        bases: Vec<String>,
        processes: usize,
        recipe: Option<Recipe>,
        reach: Reach,
    ) -> Result<Self, ClientError> {
        let Some(first) = bases.first() else {
            return Err(ClientError::Unsendable {
                what: "a run".to_owned(),
                reason: "no base URL".to_owned(),
            });
        };
        Ok(Self {
            client: Client::over(reach.open(&bases)?, first).keeping_connections(),
            processes: processes.max(bases.len()),
            bases,
            recipe,
            accounts: None,
            reach,
            patience: PATIENCE,
            impatience: IMPATIENCE,
            test_page: None,
        })
    }

    /// Another deployment of the same servers, which stands on this machine: neither proxy nor pace are for it.
    ///
    /// # Errors
    /// As [`Target::reached`].
    pub(crate) fn beside(&self, bases: Vec<String>) -> Result<Self, ClientError> {
        let processes = bases.len();
        let reach = on_this_machine(&self.reach);
        Self::reached(bases, processes, self.recipe.clone(), reach)
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

    /// The way there.
    pub(crate) fn reach(&self) -> &Reach {
        &self.reach
    }
}

/// The way to what was started here, where that to others is this one.
pub(crate) fn on_this_machine(reach: &Reach) -> Reach {
    Reach {
        headers: reach.headers.clone(),
        timeout: reach.timeout,
        ..Reach::default()
    }
}

/// Enough for a slow server under all the checks at once.
const PATIENCE: Duration = Duration::from_secs(10);
/// Enough to tell a slow frame from a lost one, where others were lost before.
const IMPATIENCE: Duration = Duration::from_secs(2);
