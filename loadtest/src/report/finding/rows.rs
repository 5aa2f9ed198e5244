//! What the reports of a search tell, in words: the same in the terminal and on the page.

use serde::Serialize;

use super::FindingReport;
use crate::{
    capacity::{Outcome, Point},
    figure::{amount, count, number, rate, time},
    measurement::{Load, Pace},
    report::visible::visible,
};

/// One probe as a row.
#[derive(Debug, Serialize)]
pub(super) struct ProbeRow {
    /// Asked, sent, deliveries, p50, p99, lost.
    pub(super) cells: [String; 6],
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
pub(super) const CELLS: [&str; 6] = ["asked", "sent", "deliveries", "p50", "p99", "lost"];

/// Every probe, the lowest load first, and those of one load in the order of asking.
pub(super) fn probes(report: &FindingReport) -> Vec<ProbeRow> {
    let mut points: Vec<&Point> = report.finding.curve.iter().collect();
    points.sort_by(|a, b| a.load.total_cmp(&b.load));
    let row = |point: &Point| {
        let told = |micros: Option<u64>| micros.map_or_else(|| "–".to_owned(), time);
        let (word, tone, why) = match &point.outcome {
            Outcome::Met => ("held", "within", String::new()),
            Outcome::Missed { limit, .. } => ("missed", "missed", visible(limit)),
            Outcome::Invalid { reason } => ("device too slow", "invalid", visible(reason)),
        };
        ProbeRow {
            cells: [
                rate(point.load),
                rate(point.achieved),
                rate(point.deliveries),
                told(point.p50_us),
                told(point.p99_us),
                count(point.lost),
            ],
            word,
            tone,
            why,
            is_answer: report.finding.capacity == Some(point.load),
        }
    };
    points.into_iter().map(row).collect()
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
    Some(format!(
        "above {} messages a second deliveries begin to take longer: p99 is {} there and {} at the lowest load",
        number(knee.load),
        time(knee.p99_us),
        time(knee.floor_us)
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
