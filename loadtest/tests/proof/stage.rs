//! A deployment to measure (real servers, proxies before them, people) and runs of the device against it.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use chat_fixtures::{
    launch::{Redis, Server},
    reach::Reach,
    saboteur::{Saboteur, World, fault},
};
use chat_loadtest::{
    accounts::{Account, Options, Pool, Registrar},
    attack,
    device::Rules,
    measurement::{Interval, Load, Measurement, Pace},
    plan::{Plan, Watch},
};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::people::reference_server;

/// A deployment, gone with its owner.
pub(crate) struct Stage {
    pub(crate) servers: Vec<Server>,
    /// Where it is reached: proxies, if there are any.
    pub(crate) bases: Vec<String>,
    proxies: Vec<Saboteur>,
    pub(crate) redis: Option<Redis>,
    _folder: TempDir,
}

impl Stage {
    /// One server, as it is.
    pub(crate) async fn sound() -> Self {
        Self::with(&[]).await
    }

    /// One server with these options.
    pub(crate) async fn with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = reference_server(folder.path(), options).await;
        Self {
            bases: vec![server.url().to_owned()],
            servers: vec![server],
            proxies: Vec::new(),
            redis: None,
            _folder: folder,
        }
    }

    /// One server behind a proxy that plays a fault, or none.
    pub(crate) async fn behind_a_proxy(name: Option<&str>) -> Self {
        let fault = name.map(|name| fault(name).expect("a fault of that name"));
        let mut stage = Self::sound().await;
        let any = "127.0.0.1:0".parse().unwrap();
        let proxy = Saboteur::start(any, &stage.bases[0], fault, &World::new())
            .await
            .unwrap();
        stage.bases = vec![proxy.url().to_owned()];
        stage.proxies.push(proxy);
        stage
    }

    /// Two processes that share a database and a Redis.
    pub(crate) async fn of_two() -> Self {
        let redis = Redis::start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut servers = Vec::new();
        for _ in 0..2 {
            servers.push(reference_server(folder.path(), &["--redis", &redis.url()]).await);
        }
        Self {
            bases: servers
                .iter()
                .map(|server| server.url().to_owned())
                .collect(),
            servers,
            proxies: Vec::new(),
            redis: Some(redis),
            _folder: folder,
        }
    }

    /// People with accounts.
    pub(crate) async fn people(&self, count: u32) -> Arc<[Account]> {
        let route = Reach::default().open(&self.bases).unwrap();
        let registrar = Registrar::new(&route, &self.bases, Options::default());
        let mut pool = Pool::open(None).unwrap();
        let gathered = pool.at_least(count as usize, &registrar, |_| {}).await;
        gathered.unwrap().accounts
    }

    /// A run of that scenario for three quarters of a second; tests change what they need.
    pub(crate) async fn plan(&self, scenario: &str, rooms: u32, members: u32, pace: Pace) -> Plan {
        let targets = self
            .bases
            .iter()
            .map(|base| Arc::new(base.parse().unwrap()));
        Plan {
            targets: targets.collect(),
            is_balanced: false,
            load: Load {
                scenario: scenario.to_owned(),
                rooms,
                members,
                senders: members,
                payload: 64,
                pace,
                seed: 1,
                processes: u32::try_from(self.bases.len()).unwrap(),
                label: None,
            },
            duration: Some(Duration::from_millis(750)),
            ramp: 100.0,
            test_plan: None,
            connect_rate: 1_000.0,
            patience: Duration::from_secs(1),
            timeout: Duration::from_secs(5),
            threads: NonZeroUsize::MIN,
            accounts: self.people(rooms * members).await,
            reach: Reach::default(),
            goose_thresholds: Vec::new(),
            samples: rooms,
        }
    }
}

/// Runs it to its end.
pub(crate) async fn measured(plan: Plan) -> Measurement {
    let (intervals, _) = mpsc::channel(64);
    runs(plan, intervals).await
}

/// Runs it to its end, and tells each second.
pub(crate) async fn runs(plan: Plan, intervals: mpsc::Sender<Interval>) -> Measurement {
    let watch = Watch {
        sources: Vec::new(),
        reach: Reach::default(),
        rules: Rules::of(plan.load.pace),
    };
    attack::run(plan, watch, intervals, CancellationToken::new())
        .await
        .unwrap()
}

/// What is wrong with the server, by the report: every count that is not zero.
pub(crate) fn found(run: &Measurement) -> Vec<(&'static str, u64)> {
    let counts = run.tally.counts.by_name().into_iter();
    counts
        .filter(|(name, count)| WRONG.contains(name) && *count > 0)
        .collect()
}

/// So many messages a second.
pub(crate) const fn every_second(messages: u32) -> Pace {
    Pace::Fixed {
        per_second: messages as f64,
    }
}

const WRONG: [&str; 13] = [
    "unsent",
    "refused",
    "lost",
    "too_late",
    "repeated",
    "out_of_order",
    "leaked",
    "altered",
    "foreign",
    "missing_in_history",
    "connect_failures",
    "broken",
    "failed_requests",
];
