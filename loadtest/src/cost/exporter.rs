//! A process that tells its own figures at a URL.

use std::time::Duration;

use chat_fixtures::{
    client::{Ask, Client},
    reach::Reach,
};
use url::Url;

use super::{Reading, exposition};

/// The metrics of one process.
#[derive(Debug)]
pub(super) struct Exporter {
    client: Client,
    path: String,
}

impl Exporter {
    /// The exporter at this URL.
    ///
    /// # Errors
    /// Why it cannot be asked, in words.
    pub(super) fn of(url: &Url, reach: &Reach) -> Result<Self, String> {
        // Headers may be the target's credentials, and a proxy or a pace its own affair.
        let reach = Reach {
            authorities: reach.authorities.clone(),
            insecure: reach.insecure,
            ..Reach::default()
        };
        let mut base = url.clone();
        base.set_path("");
        base.set_query(None);
        base.set_fragment(None);
        let route = reach
            .open(&[base.as_str()])
            .map_err(|error| error.to_string())?;
        let query = url
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        Ok(Self {
            client: Client::over(route, base.as_str()),
            path: format!("{}{query}", url.path()),
        })
    }

    /// Asks for the figures.
    ///
    /// # Errors
    /// Why there are none, in words.
    pub(super) async fn reads(&self) -> Result<Reading, String> {
        let ask = Ask::new("GET", &self.path)
            .header("Accept", "text/plain;version=0.0.4")
            .within(PATIENCE);
        let answer = self
            .client
            .ask(ask)
            .await
            .map_err(|error| error.to_string())?;
        if answer.status != 200 {
            return Err(format!("the metrics were answered with {}", answer.status));
        }
        let text = answer.text();
        let value = |name| match exposition::sum(&text, name) {
            Ok(Some(value)) if value.is_finite() && value >= 0.0 => Ok(value),
            Ok(Some(value)) => Err(format!("{name} is {value}")),
            Ok(None) => Err(format!("the metrics have no {name}")),
            Err(malformed) => Err(malformed.to_string()),
        };
        Ok(Reading {
            cpu: value(CPU)?,
            memory: bytes(value(MEMORY)?),
        })
    }
}

/// The URL as reports show it: without a password.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Fails where there can be none.
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url.to_string()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "finite and not negative; more than 2^64 becomes 2^64"
)]
const fn bytes(value: f64) -> u64 {
    value as u64
}

const CPU: &str = "process_cpu_seconds_total";
const MEMORY: &str = "process_resident_memory_bytes";
/// Less than the second that two looks are apart.
const PATIENCE: Duration = Duration::from_millis(800);
