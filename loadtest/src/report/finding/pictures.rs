//! The charts of a search: what deliveries take at each load, and whether the load was reached.

use super::{FindingReport, rows};
use crate::{
    capacity::{Outcome, Point},
    figure::{as_f64, number, rate},
    report::{
        chart::{Chart, Mark, Scale, Series, Size, Style},
        pictures::{Picture, axis, limits, micros},
    },
};

/// Those that there is something to draw for, in the order of the page.
pub(super) fn of(report: &FindingReport) -> Vec<Picture> {
    let loads = loads(&report.finding.curve);
    [
        times(report, &loads),
        reached(report, &loads),
        server_cpu(report, &loads),
    ]
    .into_iter()
    .filter(|picture| !picture.chart.is_empty())
    .collect()
}

/// A load with the medians of its probes.
struct Level {
    load: f64,
    achieved: f64,
    p50_us: Option<f64>,
    p99_us: Option<f64>,
    /// Of each process of the server that was watched.
    cores: Vec<Option<f64>>,
    holds: bool,
}

fn loads(curve: &[Point]) -> Vec<Level> {
    let mut points: Vec<&Point> = curve.iter().collect();
    points.sort_by(|a, b| a.load.total_cmp(&b.load));
    let watched = points.iter().map(|point| point.servers.len()).max();
    let watched = watched.unwrap_or_default();
    points
        .chunk_by(|a, b| a.load.total_cmp(&b.load).is_eq())
        .filter_map(|probes| {
            let first = probes.first()?;
            let met = probes.iter().filter(|probe| probe.outcome == Outcome::Met);
            Some(Level {
                load: first.load,
                achieved: median(probes, |probe| Some(probe.achieved)).unwrap_or_default(),
                p50_us: median(probes, |probe| probe.p50_us.map(as_f64)),
                p99_us: median(probes, |probe| probe.p99_us.map(as_f64)),
                cores: (0..watched)
                    .map(|server| median(probes, |probe| Some(probe.servers.get(server)?.cores)))
                    .collect(),
                holds: met.count() * 2 > probes.len(),
            })
        })
        .collect()
}

fn median(probes: &[&Point], of: impl Fn(&Point) -> Option<f64>) -> Option<f64> {
    let mut values: Vec<f64> = probes.iter().filter_map(|probe| of(probe)).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

fn times(report: &FindingReport, loads: &[Level]) -> Picture {
    let missed = |level: &Level| level.p99_us.filter(|_| !level.holds);
    let mut marks = limits(report.slo.iter());
    marks.extend(upwards(report));
    Picture {
        title: "Delivery times by load",
        reading: "Each dot is a load that was tried, with the median of its probes. Up to the knee more load costs nobody \
                  time; the capacity is the most that kept every limit, also when it was asked again."
            .to_owned(),
        size: Size::Full,
        chart: Chart {
            title: "Delivery times at each load".to_owned(),
            x: axis("messages asked for a second, logarithmic", Scale::Log, number),
            y: axis("delivery time, logarithmic", Scale::Log, micros),
            series: vec![
                series("p50", loads, |level| level.p50_us),
                series("p99", loads, |level| level.p99_us),
                series("p99 where the load did not hold", loads, missed),
            ],
            marks,
        },
    }
}

fn reached(report: &FindingReport, loads: &[Level]) -> Picture {
    Picture {
        title: "Asked and sent",
        reading: "Where sent leaves the line of what was asked, the deployment took no more messages, or the device could \
                  send no more: its probes say which."
            .to_owned(),
        size: Size::Full,
        chart: Chart {
            title: "Messages sent for messages asked, a second".to_owned(),
            x: axis("messages asked for a second, logarithmic", Scale::Log, number),
            y: axis("messages a second, logarithmic", Scale::Log, number),
            series: vec![
                series("sent", loads, |level| Some(level.achieved)),
                series("asked", loads, |level| Some(level.load)),
            ],
            marks: upwards(report),
        },
    }
}

fn server_cpu(report: &FindingReport, loads: &[Level]) -> Picture {
    let servers = rows::servers(report);
    let series = servers
        .iter()
        .enumerate()
        .map(|(server, name)| series(name, loads, |level| level.cores.get(server).copied()?));
    Picture {
        title: "Server CPU by load",
        reading: "How many cores each process of the server used. A process that does one thing after the other ends at \
                  one core."
            .to_owned(),
        size: Size::Full,
        chart: Chart {
            title: "Cores that each process of the server used at each load".to_owned(),
            x: axis("messages asked for a second, logarithmic", Scale::Log, number),
            y: axis("cores", Scale::Zero, number),
            series: series.collect(),
            marks: upwards(report),
        },
    }
}

fn upwards(report: &FindingReport) -> Vec<Mark> {
    let finding = &report.finding;
    let capacity = finding.capacity;
    let is_bound = !finding.is_capacity();
    let capacity = capacity.map(|load| {
        let word = if is_bound { "at least" } else { "capacity" };
        Mark::Upwards(load, format!("{word} {}", rate(load)))
    });
    let knee = finding
        .knee
        .map(|knee| Mark::Upwards(knee.load, format!("knee {}", rate(knee.load))));
    knee.into_iter().chain(capacity).collect()
}

fn series(name: &str, loads: &[Level], of: impl Fn(&Level) -> Option<f64>) -> Series {
    Series {
        name: name.to_owned(),
        style: Style::Dots,
        points: loads.iter().map(|level| (level.load, of(level))).collect(),
    }
}
