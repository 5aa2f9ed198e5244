//! What Goose saw: its users, its requests, and the rules that it judged them by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What Goose counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Goose {
    /// Users it ran.
    pub users: u64,
    /// Requests by their Goose name (`POST /api/login/`, `WEBSOCKET message`) → how many, failed ones included.
    pub requests: BTreeMap<String, u64>,
    /// The rules that it was given (`--goose-threshold`), as it judged them at the end of the run.
    pub rules: Vec<Rule>,
}

/// A limit in Goose's own words, judged by Goose from its own figures: of several machines each has judged its own, as
/// what Goose keeps cannot be merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// As it was given: `p99<2s for POST /api/chats/`.
    pub rule: String,
    /// What it is held against, in Goose's words (`812ms`); `None` when there was no such request.
    pub observed: Option<String>,
    /// Whether it is kept. Without a request it is not.
    pub is_met: bool,
}

impl Rule {
    /// What was measured, or that nothing was.
    #[must_use]
    pub fn told(&self) -> &str {
        self.observed.as_deref().unwrap_or("not measured")
    }
}
