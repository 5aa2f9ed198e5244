//! What every load needs: a deployment, what people do there, and this device.

use std::{path::PathBuf, time::Duration};

use chat_fixtures::arguments::{base_url, header};
use clap::Args;
use http::{HeaderName, HeaderValue};
use url::Url;

use super::{Shape, values};

/// What every load needs.
#[derive(Debug, Clone, Args)]
pub struct Setup {
    /// Whom to load.
    #[command(flatten)]
    pub deployment: Deployment,
    /// What people do.
    #[command(flatten)]
    pub shape: Shape,
    /// The device itself.
    #[command(flatten)]
    pub device: Device,
}

/// Whom to load.
#[derive(Debug, Clone, Args)]
pub struct Deployment {
    /// Base URLs of the deployment, one a process (or its balancer's)
    #[arg(value_name = "URL", required = true, value_parser = base_url)]
    pub urls: Vec<String>,

    /// One URL stands for this many processes behind a balancer
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(values::AMOUNT), help_heading = WHOM)]
    pub behind_balancer: Option<u32>,

    /// A name for this deployment in reports and comparisons
    #[arg(long, value_name = "NAME", help_heading = WHOM)]
    pub label: Option<String>,

    /// Send this header with every request and handshake; repeatable
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header, help_heading = WHOM)]
    pub headers: Vec<(HeaderName, HeaderValue)>,

    /// Trust these certificate authorities (PEM) and no others
    #[arg(long, value_name = "FILE", help_heading = WHOM)]
    pub cacert: Option<PathBuf>,

    /// Trust any certificate
    #[arg(long, conflicts_with = "cacert", help_heading = WHOM)]
    pub insecure: bool,

    /// Keep trying until the deployment answers, at most this long: 30s, 2m
    #[arg(long, value_name = "DURATION", value_parser = values::wait, help_heading = WHOM)]
    pub wait: Option<Duration>,

    /// Show what this process of the server costs beside the load; repeatable
    #[arg(long, value_name = "PID", help_heading = WHOM)]
    pub server_pid: Vec<u32>,

    /// The same from its Prometheus metrics; repeatable
    #[arg(long, value_name = "URL", value_parser = values::metrics, help_heading = WHOM)]
    pub server_metrics: Vec<Url>,

    /// The people who take part, kept in this file with their sessions for the next run
    ///
    /// Missing people are registered, and new ones for those whom the server at the same URL has forgotten. Where
    /// registration is closed: a file of lines username:password.
    #[arg(long, value_name = "FILE", help_heading = WHOM)]
    pub accounts: Option<PathBuf>,

    /// How many people take part [default: as many as a room has members, 100 at least if there are as many seats]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(values::AMOUNT), help_heading = WHOM)]
    pub people: Option<u32>,
}

/// The device itself.
#[derive(Debug, Clone, Args)]
pub struct Device {
    /// How many threads drive connections [default: half of the cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(values::THREADS), help_heading = DEVICE)]
    pub threads: Option<u16>,

    /// How long a message may take before it is lost
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = values::duration, help_heading = DEVICE)]
    pub patience: Duration,

    /// How long a request or a handshake may take
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = values::duration, help_heading = DEVICE)]
    pub timeout: Duration,

    /// How many rooms are compared with their history at the end
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = DEVICE)]
    pub samples: u32,

    /// How late the device itself may be, 99 times of 100, before the run is invalid
    #[arg(long, value_name = "DURATION", default_value = "10ms", value_parser = values::duration, help_heading = DEVICE)]
    pub max_lateness: Duration,
}

const WHOM: &str = "Whom to load";
const DEVICE: &str = "The device";
