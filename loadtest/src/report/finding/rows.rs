//! What the reports of a search tell, in words: the same in the terminal and on the page.

use serde::Serialize;

use super::FindingReport;
use crate::{
    capacity::{Outcome, Point},
    figure::{amount, count, number, rate, time},
    measurement::{Load, Pace, ServerShare},
    report::visible::visible,
};

/// One probe as a row.
#[derive(Debug, Serialize)]
pub(super) struct ProbeRow {
    /// Asked, sent, deliveries, p50, p99, lost; and how much of a core each process of the server used, where that
    /// was watched.
    pub(super) cells: Vec<String>,
    /// `held`, `missed` or `device too slow`.
    pub(super) word: &'static str,
    /// `within`, `missed` or `invalid`.
    pub(super) tone: &'static str,
    /// Why it did not hold.
    pub(super) why: String,
    /// Whether it is the load that is the answer.
    pub(super) is_answer: bool,
}

/// The heads of those cells.
pub(super) fn heads(report: &FindingReport) -> Vec<&'static str> {
    let mut heads = vec!["asked", "sent", "deliveries", "p50", "p99", "lost"];
    heads.extend((!servers(report).is_empty()).then_some("server CPU"));
    heads
}

/// The processes of the server that were watched, in the order of their shares.
pub(super) fn servers(report: &FindingReport) -> Vec<String> {
    let curve = report.finding.curve.iter();
    let most = curve.max_by_key(|point| point.servers.len());
    let servers = most.into_iter().flat_map(|point| &point.servers);
    servers.map(|server| visible(&server.name)).collect()
}

/// Which process of the server could do no more, as far as that was watched.
pub(super) fn bottleneck(report: &FindingReport) -> Option<String> {
    let finding = &report.finding;
    let missed = finding.broke.and(finding.missed).map(rate)?;
    match &finding.bottleneck {
        Some(full) => Some(format!("{} at {missed}", visible(&full.to_string()))),
        None if servers(report).is_empty() => None,
        None => Some(format!(
            "none of the processes that were watched: none had used up a core for a thread, or its CPU quota, at {missed}"
        )),
    }
}

/// Every probe, the lowest load first, and those of one load in the order of asking.
pub(super) fn probes(report: &FindingReport) -> Vec<ProbeRow> {
    let mut points: Vec<&Point> = report.finding.curve.iter().collect();
    points.sort_by(|a, b| a.load.total_cmp(&b.load));
    let watched = servers(report);
    let row = |point: &Point| {
        let told = |micros: Option<u64>| micros.map_or_else(|| "–".to_owned(), time);
        let (word, tone, why) = match &point.outcome {
            Outcome::Met => ("held", "within", String::new()),
            Outcome::Missed { limit, .. } => ("missed", "missed", visible(limit)),
            Outcome::Invalid { reason } => ("device too slow", "invalid", visible(reason)),
        };
        let mut cells = vec![
            rate(point.load),
            rate(point.achieved),
            rate(point.deliveries),
            told(point.p50_us),
            told(point.p99_us),
            count(point.lost),
        ];
        cells.extend((!watched.is_empty()).then(|| shares(&point.servers)));
        ProbeRow {
            cells,
            word,
            tone,
            why,
            is_answer: report.finding.capacity == Some(point.load),
        }
    };
    points.into_iter().map(row).collect()
}

/// `93 % + 41 %` of a core.
fn shares(servers: &[ServerShare]) -> String {
    let each: Vec<_> = servers
        .iter()
        .map(|server| format!("{:.0} %", server.cores * 100.0))
        .collect();
    match each.is_empty() {
        true => "–".to_owned(),
        false => each.join(" + "),
    }
}

/// What was asked beside the pace, in one line.
pub(super) fn asked(load: &Load) -> String {
    let rooms = match load.rooms {
        1 => "1 room of".to_owned(),
        rooms => format!("{} rooms ×", count(rooms.into())),
    };
    let speaking = match load.senders >= load.members {
        true => "all of them speaking".to_owned(),
        false => format!("{} of them speaking", count(load.senders.into())),
    };
    let distances = match load.pace {
        Pace::Poisson { .. } => "random",
        _ => "even",
    };
    format!(
        "{rooms} {}, {speaking}; messages of {} at {distances} distances",
        amount(load.members.into(), "member"),
        amount(load.payload.into(), "byte"),
    )
}

/// Where deliveries begin to take longer.
pub(super) fn knee(report: &FindingReport) -> Option<String> {
    let knee = report.finding.knee?;
    let best = match knee.p99_us > knee.floor_us {
        true => format!(", after {} at best", time(knee.floor_us)),
        false => String::new(),
    };
    Some(format!(
        "above {} messages a second deliveries begin to take longer: p99 is {} there{best}",
        number(knee.load),
        time(knee.p99_us),
    ))
}

/// The range of the answer: what held, and what did not.
pub(super) fn range(report: &FindingReport) -> Option<String> {
    let (low, high) = (report.finding.capacity?, report.finding.missed?);
    Some(format!(
        "{} held and {} did not: {:.1} % lie between them",
        rate(low),
        rate(high),
        (high / low - 1.0) * 100.0
    ))
}

/// How many probes there were, and how long they took.
pub(super) fn effort(report: &FindingReport) -> String {
    let probes = report.finding.curve.len() as u64;
    let seconds = number(report.finding.took_s.round());
    format!("{} in {seconds} s", amount(probes, "probe"))
}
