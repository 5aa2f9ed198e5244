//! The way to the servers, as a command line says it.

use std::{num::NonZeroU32, path::PathBuf, time::Duration};

use anyhow::{Context, bail};
use chat_fixtures::{reach::Reach, userinfo};
use clap::Args;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{WAY, again::Again, values};

/// What is sent along, whom to trust, through which proxy, how fast.
#[derive(Debug, Clone, Default, Args)]
pub struct Access {
    /// Send this header with every request and handshake; repeatable
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = values::header, help_heading = WAY)]
    pub headers: Vec<(HeaderName, HeaderValue)>,

    /// Trust these certificate authorities (PEM) and no others
    #[arg(long, value_name = "FILE", help_heading = WAY)]
    pub cacert: Option<PathBuf>,

    /// Trust any certificate
    #[arg(long, conflicts_with = "cacert", help_heading = WAY)]
    pub insecure: bool,

    /// Send everything through this HTTP proxy; those named in the environment are not used
    ///
    /// https:// URLs are tunnelled. For http:// ones the proxy has to pass WebSocket upgrades on.
    #[arg(long, value_name = "URL", value_parser = values::proxy, help_heading = WAY)]
    pub proxy: Option<String>,

    /// At most this many requests and handshakes a second
    #[arg(long, value_name = "N", value_parser = values::rate, help_heading = WAY)]
    pub rate: Option<NonZeroU32>,

    /// How long an answer may take [default: 10s to find out whom it asks, then 30s, handshakes 15s]
    #[arg(long, value_name = "DURATION", value_parser = values::positive_duration, help_heading = WAY)]
    pub timeout: Option<Duration>,
}

impl Access {
    /// The way that the options describe.
    ///
    /// # Errors
    /// A sentence, when the certificates cannot be read, or a header is one that every request has already.
    pub fn reach(&self) -> anyhow::Result<Reach> {
        let mut authorities = Vec::new();
        if let Some(path) = &self.cacert {
            let pem = std::fs::read(path)
                .with_context(|| format!("cannot read the certificates in {}", path.display()))?;
            authorities.push(pem);
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            if ["cookie", "host", "content-length"].contains(&name.as_str()) {
                bail!("--header {name}: the suite has its own");
            }
            headers.append(name.clone(), value.clone());
        }
        Ok(Reach {
            authorities,
            insecure: self.insecure,
            proxy: self.proxy.clone(),
            headers,
            rate: self.rate,
            timeout: self.timeout,
            connect_timeout: self.timeout,
        })
    }

    /// How long whoever is asked may take to show that it is a chat server.
    pub(crate) fn patience(&self) -> Duration {
        self.timeout.unwrap_or(PROBE)
    }

    /// The same options once more. The values of headers and a proxy's password may be secret.
    pub(super) fn again(&self, line: &mut Again) {
        for (name, _) in &self.headers {
            line.option("--header", Some(format!("{name}: …")));
        }
        line.path("--cacert", self.cacert.as_deref());
        line.option("--proxy", self.proxy.as_deref().map(userinfo::hidden));
        line.option("--rate", self.rate.map(|rate| rate.to_string()));
        let timeout = self.timeout.map(humantime::format_duration);
        let timeout = timeout.map(|time| time.to_string().replace(' ', ""));
        line.option("--timeout", timeout);
        line.flag("--insecure", self.insecure);
    }
}

const PROBE: Duration = Duration::from_secs(10);
