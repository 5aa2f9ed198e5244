//! From a command line to a plan: whom to load, with which people, and whether this machine can.

use std::{net::ToSocketAddrs, num::NonZeroUsize, sync::Arc, thread, time::Duration};

use anyhow::{Context, bail};
use chat_fixtures::reach::Reach;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::watch::watch;
use crate::{
    accounts::{Options, Pool, Progress, Registrar, Step},
    cli::{self, Deployment, Device, Setup, Shape},
    cost::Sampler,
    limits,
    measurement::{Load, Pace},
    plan::Plan,
    scenario,
    target::Target,
};

/// What a run needs, whatever its pace and length.
pub(super) struct Prepared {
    pub(super) plan: Plan,
    /// What a reader of the report has to know.
    pub(super) remarks: Vec<String>,
    /// Keeps the file of people ours until the end.
    _pool: Pool,
}

/// Who says how many rooms there are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rooms {
    /// The command line; the scenario where it does not.
    Here(cli::Rooms),
    /// A master, later; [`fits`] is to be asked then.
    Elsewhere,
}

/// Finds the targets, gathers the people, and sees to it that this machine lets us. `says` is told what is going on.
pub(super) async fn prepares(
    setup: &Setup,
    rooms: Rooms,
    stop: &CancellationToken,
    mut says: impl FnMut(&str),
) -> anyhow::Result<Prepared> {
    let Setup {
        deployment,
        shape,
        device,
    } = setup;
    let reach = reach(deployment, device)?;
    let targets = targets(deployment)?;
    let bases: Vec<String> = targets.iter().map(|target| target.base.clone()).collect();
    let load = load(deployment, shape, rooms)?;
    let route = reach.open(&bases)?;
    answers(&route, &bases, deployment.wait, &mut says).await?;
    let watch = watch(setup, load.pace);
    let seen = Sampler::begin(&watch.sources, &watch.reach).await;
    if let Some(complaint) = seen.complaint() {
        bail!("what the server costs cannot be seen: {complaint}");
    }

    let mut remarks = Vec::new();
    if let Rooms::Here(_) = rooms {
        remarks.extend(fits(&load, &targets)?);
    }
    if deployment.behind_balancer.is_some() {
        remarks.push(
            "behind a balancer nobody can tell which process a connection goes through: deliveries within a process \
             and between two are one figure"
                .to_owned(),
        );
    }

    let people = people(deployment, &load, rooms)?;
    let mut pool = Pool::open(deployment.accounts.as_deref())?;
    let registrar = Registrar::new(&route, &bases, Options::default());
    let gathering = pool.at_least(people, &registrar, |progress| says(&told(progress)));
    let gathered = tokio::select! {
        gathered = gathering => gathered?,
        () = stop.cancelled() => bail!("stopped while the people were gathered; those there are kept"),
    };
    if let (Some(path), 1..) = (&deployment.accounts, gathered.forgotten) {
        remarks.push(format!(
            "the server knew {} of the people in {} no more, as after its database was made anew: as many were \
             registered in their places",
            gathered.forgotten,
            path.display()
        ));
    }
    if gathered.retried > 0 {
        remarks.push(format!(
            "{} requests had to be repeated to gather the people",
            gathered.retried
        ));
    }
    Ok(Prepared {
        plan: Plan {
            targets: targets.into(),
            is_balanced: deployment.behind_balancer.is_some(),
            load,
            duration: None,
            ramp: shape.ramp,
            test_plan: None,
            connect_rate: shape.connect_rate,
            patience: device.patience,
            timeout: device.timeout,
            threads: threads(device),
            accounts: gathered.accounts,
            reach,
            goose_thresholds: Vec::new(),
            samples: device.samples,
        },
        remarks,
        _pool: pool,
    })
}

/// Sees to it that this machine lets us open so many connections; says what a reader of the report has to know.
pub(super) fn fits(load: &Load, targets: &[Arc<Target>]) -> anyhow::Result<Option<String>> {
    if !scenario::by_name(&load.scenario)?.has_sockets {
        return Ok(None);
    }
    let connections = u64::from(load.rooms) * u64::from(load.members);
    limits::raise_open_files(connections)?;
    let addresses: Vec<_> = targets
        .iter()
        .filter_map(|target| (target.host.as_str(), target.port).to_socket_addrs().ok())
        .flatten()
        .collect();
    Ok(limits::too_few_ports(connections, &addresses))
}

fn reach(deployment: &Deployment, device: &Device) -> anyhow::Result<Reach> {
    let mut reach = Reach {
        insecure: deployment.insecure,
        timeout: Some(device.timeout),
        connect_timeout: Some(device.timeout),
        ..Reach::default()
    };
    if let Some(path) = &deployment.cacert {
        let pem = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        reach.authorities.push(pem);
    }
    for (name, value) in &deployment.headers {
        reach.headers.append(name, value.clone());
    }
    Ok(reach)
}

/// Where the load goes.
pub(super) fn targets(deployment: &Deployment) -> anyhow::Result<Vec<Arc<Target>>> {
    if deployment.behind_balancer.is_some() && deployment.urls.len() > 1 {
        bail!("--behind-balancer goes with one URL, the balancer's");
    }
    let mut targets: Vec<Arc<Target>> = Vec::new();
    for url in &deployment.urls {
        let mut target: Target = url.parse()?;
        if targets.iter().any(|known| known.base == target.base) {
            bail!("{url} is given twice; one URL for each process");
        }
        for (name, value) in &deployment.headers {
            target.headers.append(name, value.clone());
        }
        targets.push(Arc::new(target));
    }
    Ok(targets)
}

fn load(deployment: &Deployment, shape: &Shape, rooms: Rooms) -> anyhow::Result<Load> {
    let kind = scenario::by_name(&shape.scenario)?;
    let rooms = match rooms {
        Rooms::Here(rooms) => rooms.rooms.unwrap_or(kind.defaults.rooms),
        Rooms::Elsewhere => 0,
    };
    let members = shape.members.unwrap_or(kind.defaults.members);
    let senders = shape.senders.or(kind.defaults.senders).unwrap_or(members);
    if senders > members {
        bail!("--senders {senders} is more than there are members, {members}");
    }
    let processes = deployment
        .behind_balancer
        .unwrap_or_else(|| u32::try_from(deployment.urls.len()).unwrap_or(u32::MAX));
    Ok(Load {
        scenario: kind.name.to_owned(),
        rooms,
        members,
        senders,
        payload: shape.payload,
        pace: kind
            .defaults
            .rate
            .map_or(Pace::Silent, |per_second| Pace::Fixed { per_second }),
        seed: shape.seed,
        processes,
        label: deployment.label.clone(),
    })
}

/// Each member of a room is somebody else; who there are more of takes part in several rooms.
fn people(deployment: &Deployment, load: &Load, rooms: Rooms) -> anyhow::Result<usize> {
    let seats = match rooms {
        Rooms::Here(_) => load.rooms.saturating_mul(load.members),
        Rooms::Elsewhere => u32::MAX,
    };
    let people = deployment
        .people
        .unwrap_or_else(|| seats.min(load.members.max(ENOUGH)));
    if people < load.members {
        bail!(
            "--people {people} is too few: the {} members of a room are different people",
            load.members
        );
    }
    Ok(people as usize)
}

/// Waits until every target answers at all, as long as asked for.
async fn answers(
    route: &chat_fixtures::reach::Route,
    bases: &[String],
    wait: Option<Duration>,
    says: &mut impl FnMut(&str),
) -> anyhow::Result<()> {
    let deadline = Instant::now() + wait.unwrap_or_default();
    for base in bases {
        let client = chat_fixtures::client::Client::over(route.clone(), base);
        loop {
            let asked = client.get("/api/me/").await;
            let error = match asked {
                // A stranger is told 401 or 403 by a chat server (AUTH-5).
                Ok(answer) if matches!(answer.status, 401 | 403) => break,
                Ok(answer) => format!(
                    "GET /api/me/ was answered with {}: that is no chat server",
                    answer.status
                ),
                Err(error) => error.in_short(),
            };
            if Instant::now() >= deadline {
                bail!("{base}: {error}");
            }
            says(&format!("waiting for {base}"));
            sleep(BETWEEN).await;
        }
    }
    Ok(())
}

fn told(progress: Progress) -> String {
    let what = match progress.step {
        Step::Checking => "checking sessions",
        Step::LoggingIn => "logging people in",
        Step::Entering => "registering people",
    };
    let repeated = match progress.retried {
        0 => String::new(),
        retried => format!(", {retried} requests repeated"),
    };
    format!("{what}: {} of {}{repeated}", progress.done, progress.of)
}

/// Half of the cores, where nothing else is said: the other half is for Goose, the kernel, and perhaps the server.
fn threads(device: &Device) -> NonZeroUsize {
    let half = || thread::available_parallelism().map_or(1, NonZeroUsize::get) / 2;
    let threads = device.threads.map_or_else(half, usize::from);
    NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN)
}

/// So many people are a crowd; more only cost hashes.
const ENOUGH: u32 = 100;
const BETWEEN: Duration = Duration::from_millis(250);
