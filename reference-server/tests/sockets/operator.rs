//! The operator's listener, from which the server's own count of connections is read.

use std::time::Duration;

use chat_fixtures::client::Client;

use crate::stage::{PATIENCE, Stage};

pub(crate) struct Operator(Client);

impl Operator {
    /// Of a server started with [`Operator::ARGUMENTS`].
    pub(crate) async fn of(stage: &Stage) -> Self {
        let address = comes_to("the address of the operator's listener", async || {
            let log = stage.server.stderr();
            let (_, rest) = log.split_once("admin=")?;
            rest.split_whitespace().next().map(str::to_owned)
        })
        .await;
        Self(Client::new(&format!("http://{address}")).unwrap())
    }

    pub(crate) const ARGUMENTS: [&str; 2] = ["--admin", "127.0.0.1:0"];

    /// A metric without labels.
    pub(crate) async fn reads(&self, metric: &str) -> Option<u64> {
        self.sees(&format!("{metric} ")).await
    }

    /// How many frames were dropped for a cause.
    pub(crate) async fn counts_dropped(&self, cause: &str) -> u64 {
        let line = format!("chat_drops_total{{cause=\"{cause}\"}} ");
        self.sees(&line).await.unwrap_or(0)
    }

    /// Returns when the server holds so many connections.
    pub(crate) async fn comes_to_connections(&self, count: u64) {
        comes_to(&format!("{count} connections"), async || {
            (self.reads("chat_connections").await == Some(count)).then_some(())
        })
        .await;
    }

    async fn sees(&self, start: &str) -> Option<u64> {
        let page = self.0.get("/metrics").await.unwrap().text();
        let value = page.lines().find_map(|line| line.strip_prefix(start))?;
        Some(value.parse().unwrap())
    }
}

/// Asks again until there is an answer: for what nobody announces.
async fn comes_to<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(BETWEEN).await;
        }
    };
    let answer = tokio::time::timeout(PATIENCE, asking).await;
    answer.unwrap_or_else(|_| panic!("it never came to {what}"))
}

const BETWEEN: Duration = Duration::from_millis(10);
