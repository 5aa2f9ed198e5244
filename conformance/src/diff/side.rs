//! One of the two servers: running somewhere, or started for the comparison.

use std::time::Duration;

use anyhow::Context;
use chat_fixtures::{
    replay::{Patience, Player},
    userinfo,
};

use crate::{
    cli::Origin,
    fleet::{Deployment, Recipe, STARTUP},
    probe,
    target::Target,
};

/// A server that is asked.
#[derive(Debug)]
pub(super) struct Side {
    /// Its URL.
    pub(super) url: String,
    deployment: Option<Deployment>,
}

impl Side {
    /// The server, once it answers as a chat server does.
    ///
    /// # Errors
    /// A sentence that says which of the two it is about.
    pub(super) async fn begin(name: &str, origin: &Origin) -> anyhow::Result<Self> {
        let side = Self::started(origin)
            .await
            .with_context(|| format!("the {name}"))?;
        let target = Target::new(vec![side.url.clone()], 1, None)?;
        probe::probe(&target, PROBE)
            .await
            .with_context(|| format!("the {name}"))?;
        Ok(side)
    }

    async fn started(origin: &Origin) -> anyhow::Result<Self> {
        let command = match origin {
            Origin::Url(url) => {
                return Ok(Self {
                    url: url.clone(),
                    deployment: None,
                });
            }
            Origin::Launch(command) => command,
        };
        let recipe = Recipe {
            command: command.words.clone(),
            startup: STARTUP,
        };
        let deployment = Box::pin(recipe.start(1)).await?;
        let url = deployment.urls().into_iter().next();
        Ok(Self {
            url: url.context("no process was started")?,
            deployment: Some(deployment),
        })
    }

    /// Whether it was started for the comparison, and so knows nobody yet.
    pub(super) fn is_new(&self) -> bool {
        self.deployment.is_some()
    }

    /// Its URL as a report may show it.
    pub(super) fn shown(&self) -> String {
        userinfo::hidden(&self.url)
    }

    /// The server as it is asked in the language of recordings.
    ///
    /// # Errors
    /// When it does not answer any more.
    pub(super) async fn player(&self, suffix: &str) -> anyhow::Result<Player> {
        let patience = Patience {
            silence: SILENCE,
            ..Patience::default()
        };
        let player = Player::new(&[&self.url], suffix).await?;
        Ok(player.patient(patience))
    }

    /// Ends what was started.
    pub(super) async fn end(self) {
        if let Some(deployment) = self.deployment {
            deployment.stop().await;
        }
    }
}

/// How long a server may take to show that it is a chat server.
const PROBE: Duration = Duration::from_secs(10);
/// How long silence has to last: a frame that both servers owe is waited for longer, so this is for what only one of
/// them says.
const SILENCE: Duration = Duration::from_millis(150);
