//! How much one process carries: deliveries per second of server CPU, messages a second, round trips,
//! memory of idle connections.
//!
//! `cargo bench -p chat-reference-server --bench fan_out [-- NAME…]`; `-- sqlite` and `-- postgres` are names
//! too. Every message is stored: in SQLite (WAL, synchronous=NORMAL), or in a Postgres of its own with its own
//! settings. Where it says pinned, the server has one core and the device the other; Postgres has both.

#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "the figures are what the program is for, and far from 2^52"
)]

mod device;
mod subject;

use std::time::Duration;

use device::{Load, Measured};
use subject::{Keeping, Subject};

/// How long each load is measured, after as long again to warm up.
const MEASURED: Duration = Duration::from_secs(5);

/// Connections held while nobody speaks.
const IDLE: usize = 10_000;

fn main() -> anyhow::Result<()> {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|want| name.contains(want.as_str()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        println!(
            "{} · contents of {} bytes · every message stored",
            machine(),
            device::CONTENT
        );
        for (name, measure) in MEASUREMENTS {
            for (keeping, place) in measure.stores() {
                let name = format!("{name} {place}");
                if is_wanted(&name) {
                    println!("{name:<32} {}", measure.run(*keeping).await?);
                }
            }
        }
        Ok(())
    })
}

/// What is measured, in the order printed.
const MEASUREMENTS: [(&str, Measurement); 7] = [
    (
        "1x100-16-pinned",
        Measurement::Efficiency {
            rooms: 1,
            members: 100,
            in_flight: 16,
            idle: 0,
            goal: 1_000_000.0,
        },
    ),
    (
        "20x10-8-pinned",
        Measurement::Efficiency {
            rooms: 20,
            members: 10,
            in_flight: 8,
            idle: 0,
            goal: 500_000.0,
        },
    ),
    (
        "20x10-8-both-cores",
        Measurement::Throughput {
            rooms: 20,
            members: 10,
            in_flight: 8,
            goal: 40_000.0,
        },
    ),
    ("1x10-1-pinned", Measurement::RoundTrip { goal: 0.2 }),
    (
        "1x10-1-two-processes",
        Measurement::TwoProcesses { goal: 1.0 },
    ),
    ("idle-10000", Measurement::Memory { goal: 8.0 }),
    (
        "1x100-16-beside-10000",
        Measurement::Efficiency {
            rooms: 1,
            members: 100,
            in_flight: 16,
            idle: IDLE,
            goal: 1_000_000.0,
        },
    ),
];

enum Measurement {
    /// Deliveries per second of server CPU, pinned.
    Efficiency {
        rooms: usize,
        members: usize,
        in_flight: usize,
        idle: usize,
        goal: f64,
    },
    /// Messages a second, stored and delivered, with all cores free.
    Throughput {
        rooms: usize,
        members: usize,
        in_flight: usize,
        goal: f64,
    },
    /// Milliseconds from saying to hearing, one message in flight, pinned.
    RoundTrip { goal: f64 },
    /// The same until a listener on another process has heard it, through Redis.
    TwoProcesses { goal: f64 },
    /// KiB of resident memory per idle connection.
    Memory { goal: f64 },
}

impl Measurement {
    /// Both where it is about messages; where it is about connections one is enough.
    const fn stores(&self) -> &'static [(Keeping, &'static str)] {
        const BOTH: [(Keeping, &str); 2] =
            [(Keeping::Sqlite, "sqlite"), (Keeping::Postgres, "postgres")];
        match self {
            Self::Memory { .. } | Self::Efficiency { idle: 1.., .. } => BOTH.split_at(1).0,
            _ => &BOTH,
        }
    }

    async fn run(&self, keeping: Keeping) -> anyhow::Result<String> {
        match *self {
            Self::Efficiency {
                rooms,
                members,
                in_flight,
                idle,
                goal,
            } => {
                let subject = Subject::start(keeping, true, None).await?;
                let held = device::hold(&subject, idle).await?;
                let found = device::load(
                    &[&subject],
                    &Load {
                        rooms,
                        members,
                        in_flight,
                        measured: MEASURED,
                    },
                )
                .await?;
                drop(held);
                let Measured {
                    deliveries,
                    server_cpu,
                    ..
                } = &found;
                let value = *deliveries as f64 / server_cpu.as_secs_f64();
                Ok(format!(
                    "{value:>12.0} deliveries per server-CPU-second (goal {goal:.0}) · {found}"
                ))
            }
            Self::Throughput {
                rooms,
                members,
                in_flight,
                goal,
            } => {
                let subject = Subject::start(keeping, false, None).await?;
                let found = device::load(
                    &[&subject],
                    &Load {
                        rooms,
                        members,
                        in_flight,
                        measured: MEASURED,
                    },
                )
                .await?;
                let value = found.messages as f64 / found.elapsed.as_secs_f64();
                Ok(format!(
                    "{value:>12.0} messages a second (goal {goal:.0}) · {found}"
                ))
            }
            Self::RoundTrip { goal } => {
                let subject = Subject::start(keeping, true, None).await?;
                let load = Load {
                    rooms: 1,
                    members: 10,
                    in_flight: 1,
                    measured: MEASURED,
                };
                let found = device::load(&[&subject], &load).await?;
                Ok(format!(
                    "{:>12.3} ms p50 round trip (goal {goal}) · {found}",
                    found.p50()
                ))
            }
            Self::TwoProcesses { goal } => {
                let redis = subject::Redis::start().await?;
                let first = Subject::start(keeping, false, Some(&redis)).await?;
                let second = Subject::beside(&first, &redis).await?;
                let load = Load {
                    rooms: 1,
                    members: 10,
                    in_flight: 1,
                    measured: MEASURED,
                };
                let found = device::load(&[&first, &second], &load).await?;
                Ok(format!(
                    "{:>12.3} ms p50 until the other process's connections have heard (goal {goal}) · {found}",
                    found.p50()
                ))
            }
            Self::Memory { goal } => {
                let subject = Subject::start(keeping, false, None).await?;
                let before = subject.resident_kib()?;
                let held = device::hold(&subject, IDLE).await?;
                let after = subject.resident_kib()?;
                drop(held);
                let each = (after - before) as f64 / IDLE as f64;
                Ok(format!(
                    "{each:>12.2} KiB per idle connection (goal {goal}) · {before} KiB before, {after} KiB with {IDLE}"
                ))
            }
        }
    }
}

fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("unknown");
    let cores = cpus
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    format!("{} × {}", cores, model.trim_start_matches([' ', '\t', ':']))
}
