//! What the reports for people say of the machines: this device, the server, the other workers.

use super::Fact;
use crate::{
    figure::{amount, bytes, count, number, share, time},
    measurement::Measurement,
    metric::Metric,
    report::visible::{shortened, visible},
};

/// How the device itself did.
pub(in crate::report) fn device(run: &Measurement) -> Vec<Fact> {
    let device = &run.device;
    let late = |metric| match run
        .tally
        .times(metric)
        .and_then(|times| Some((times.at(0.99)?, times.max()?)))
    {
        Some((p99, max)) => format!("p99 {}, at most {}", time(p99), time(max)),
        None => "not measured".to_owned(),
    };
    let mut facts = vec![
        ("sent late by", late(Metric::Lateness)),
        ("clock late by", late(Metric::TickLag)),
        (
            "processor",
            format!(
                "{} s of CPU in {}, the busiest {} of its time",
                number(device.cpu_s),
                amount(device.threads.into(), "thread"),
                share(device.busiest)
            ),
        ),
    ];
    let mut memory = format!("{} at most", bytes(device.memory));
    let grown = device.memory.saturating_sub(device.memory_before);
    if let Some(each) = for_each_connection(grown, run) {
        memory = format!("{memory}, {each}");
    }
    facts.push(("memory", memory));
    if run.heard() > 0 && device.cpu_s > 0.0 {
        let judged = number(run.deliveries_per_device_cpu_second());
        facts.push((
            "judged",
            format!("{judged} deliveries for each second of CPU"),
        ));
    }
    if device.goose.users > 0 {
        let asked = device.goose.requests.values().sum();
        let users = amount(device.goose.users, "user");
        facts.push((
            "Goose",
            format!("{users}, {} by its own count", amount(asked, "request")),
        ));
    }
    if !device.machine.is_empty() {
        facts.push(("machine", visible(&device.machine)));
    }
    facts
}

/// What the run cost each process of the server, a line each, and all of them.
pub(in crate::report) fn servers(run: &Measurement) -> Vec<(String, String)> {
    let mut lines: Vec<_> = run
        .servers
        .iter()
        .map(|server| {
            let grown = server.memory.saturating_sub(server.memory_before);
            let of_a_core = if run.measured_s > 0.0 {
                server.cpu_s / run.measured_s
            } else {
                0.0
            };
            let quota = server
                .quota
                .map(|quota| format!(", of a quota of {}", share(quota)));
            let mut told = format!(
                "{} s of CPU ({} of a core{}), {} of memory, {} more than before",
                number(server.cpu_s),
                share(of_a_core),
                quota.unwrap_or_default(),
                bytes(server.memory),
                bytes(grown)
            );
            if let Some(remark) = &server.remark {
                told = format!("{told}; {}", visible(remark));
            }
            (shortened(&server.name, 48), told)
        })
        .collect();
    if let Some(each) = run.deliveries_per_server_cpu_second() {
        let grown: u64 = run
            .servers
            .iter()
            .map(|server| server.memory.saturating_sub(server.memory_before))
            .sum();
        let memory = for_each_connection(grown, run).map(|each| format!(", {each} of memory"));
        lines.push((
            "together".to_owned(),
            format!(
                "{} deliveries for each second of CPU{}",
                number(each),
                memory.unwrap_or_default()
            ),
        ));
    }
    lines
}

/// What grew, shared among the connections; not among a few of them, where what a process needs once is most of it.
fn for_each_connection(grown: u64, run: &Measurement) -> Option<String> {
    let connections = run.device.connections;
    let each = grown
        .checked_div(connections)
        .filter(|_| connections >= MANY)?;
    Some(format!("{} for each connection", bytes(each)))
}

/// Who took part in measuring, a line each.
pub(in crate::report) fn workers(run: &Measurement) -> Vec<(String, String)> {
    run.workers
        .iter()
        .map(|worker| {
            let ended = worker.ended.as_deref().map(visible);
            let told = format!(
                "{} sent, {} judged; {}",
                count(worker.sent),
                count(worker.delivered),
                ended.as_deref().unwrap_or("ended in order")
            );
            (shortened(&worker.name, 48), told)
        })
        .collect()
}

/// From so many connections on, what each takes can be told from what a process needs once.
const MANY: u64 = 1_000;
