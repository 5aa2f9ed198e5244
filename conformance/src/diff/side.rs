//! One of the two servers: running somewhere, or started for the comparison.

use std::time::Duration;

use anyhow::Context;
use chat_fixtures::{
    client::Client,
    replay::{Patience, Player},
    userinfo,
};

use crate::{
    cli::{Access, Origin},
    fleet::{Deployment, Recipe, STARTUP},
    probe,
    target::{Target, on_this_machine},
};

/// A server that is asked.
#[derive(Debug)]
pub(super) struct Side {
    client: Client,
    deployment: Option<Deployment>,
}

impl Side {
    /// The server, once it answers as a chat server does.
    ///
    /// # Errors
    /// A sentence that says which of the two it is about.
    pub(super) async fn begin(
        name: &str,
        origin: &Origin,
        access: &Access,
    ) -> anyhow::Result<Self> {
        let begun = Self::begun(origin, access).await;
        begun.with_context(|| format!("the {name}"))
    }

    async fn begun(origin: &Origin, access: &Access) -> anyhow::Result<Self> {
        let (url, deployment, reach) = match origin {
            Origin::Url(url) => (url.clone(), None, access.reach()?),
            Origin::Launch(command) => {
                let recipe = Recipe {
                    command: command.words.clone(),
                    startup: STARTUP,
                };
                let deployment = Box::pin(recipe.start(1)).await?;
                let url = deployment.urls().into_iter().next();
                let url = url.context("no process was started")?;
                (url, Some(deployment), on_this_machine(&access.reach()?))
            }
        };
        let client = Client::over(reach.open(&[&url])?, &url);
        let target = Target::reached(vec![url], 1, None, reach)?;
        probe::probe(&target, access.patience()).await?;
        Ok(Self { client, deployment })
    }

    /// Whether it was started for the comparison, and so knows nobody yet.
    pub(super) fn is_new(&self) -> bool {
        self.deployment.is_some()
    }

    pub(super) fn base(&self) -> &str {
        self.client.base()
    }

    /// Its URL as a report may show it.
    pub(super) fn shown(&self) -> String {
        userinfo::hidden(self.client.base())
    }

    /// The server as it is asked in the language of recordings.
    pub(super) fn player(&self, suffix: &str) -> Player {
        let patience = Patience {
            silence: SILENCE,
            ..Patience::default()
        };
        Player::over(&self.client, suffix).patient(patience)
    }

    /// Ends what was started.
    pub(super) async fn end(self) {
        if let Some(deployment) = self.deployment {
            deployment.stop().await;
        }
    }
}

/// How long silence has to last: a frame that is due of one of them is waited for longer, so this is for what nobody
/// owes. Two hundred questions wait so, one after the other.
const SILENCE: Duration = Duration::from_millis(50);
