//! The report of a search for people, as one HTML file without outside resources: the look of a run's page.

use serde::Serialize;

use super::{
    FindingReport, advice, pictures,
    rows::{self, ProbeRow},
};
use crate::{
    figure::{amount, rate},
    report::{
        html::{self, Figure},
        visible::{moment, visible},
    },
};

/// The report as a page. Whatever comes from elsewhere is text in it, never markup.
#[must_use]
pub fn render(report: &FindingReport) -> String {
    html::page(include_str!("page.html"), &Page::of(report))
}

#[derive(Serialize)]
struct Page {
    conclusion: String,
    tone: &'static str,
    exit_code: u8,
    look_next: String,
    tool: String,
    command: String,
    began: String,
    effort: String,
    scenario: String,
    label: Option<String>,
    asked: Option<String>,
    processes: Option<String>,
    targets: Vec<String>,
    machine: String,
    tiles: Vec<Tile>,
    limits: Vec<String>,
    range: Option<String>,
    knee: Option<String>,
    figures: Vec<Figure>,
    bottleneck: Option<String>,
    servers: Vec<String>,
    cells: Vec<&'static str>,
    probes: Vec<ProbeRow>,
    remarks: Vec<String>,
}

/// A figure that everybody asks for first.
#[derive(Serialize)]
struct Tile {
    label: &'static str,
    value: String,
    beside: String,
}

impl Page {
    fn of(report: &FindingReport) -> Self {
        let finding = &report.finding;
        let load = finding.load.as_ref();
        Self {
            conclusion: visible(&finding.sentence),
            tone: report.word(),
            exit_code: report.exit_code,
            look_next: visible(&advice::of(report)),
            tool: visible(&report.tool),
            command: visible(&report.command),
            began: moment(&report.began),
            effort: rows::effort(report),
            scenario: load.map_or_else(String::new, |load| visible(&load.scenario)),
            label: load.and_then(|load| load.label.as_deref()).map(visible),
            asked: load.map(rows::asked),
            processes: load.map(|load| amount(load.processes.into(), "process")),
            targets: report
                .targets
                .iter()
                .map(|target| visible(target))
                .collect(),
            machine: visible(&report.machine),
            tiles: tiles(report),
            limits: report
                .slo
                .iter()
                .map(|limit| visible(&limit.to_string()))
                .collect(),
            range: rows::range(report),
            knee: rows::knee(report),
            figures: pictures::of(report).iter().map(Figure::of).collect(),
            bottleneck: rows::bottleneck(report),
            servers: rows::servers(report),
            cells: rows::heads(report),
            probes: rows::probes(report),
            remarks: finding
                .remarks
                .iter()
                .map(|remark| visible(remark))
                .collect(),
        }
    }
}

fn tiles(report: &FindingReport) -> Vec<Tile> {
    let finding = &report.finding;
    let mut tiles = Vec::new();
    let at_capacity = finding
        .curve
        .iter()
        .rev()
        .find(|point| Some(point.load) == finding.capacity);
    if let Some(point) = at_capacity {
        let confirmed = finding.confirmed;
        let label = match finding.is_capacity() {
            true => "capacity",
            false => "at least",
        };
        tiles.push(Tile {
            label,
            value: rate(point.load),
            beside: format!(
                "messages; held again {} of {} times",
                confirmed.met, confirmed.of
            ),
        });
        tiles.push(Tile {
            label: "deliveries there",
            value: rate(point.deliveries),
            beside: "own echoes included".to_owned(),
        });
    }
    if let Some(missed) = finding.missed {
        let what = finding
            .broke
            .map_or_else(|| "the device".to_owned(), |broke| broke.to_string());
        tiles.push(Tile {
            label: "did not hold",
            value: rate(missed),
            beside: format!("what broke first: {what}"),
        });
    }
    if let Some(knee) = finding.knee {
        tiles.push(Tile {
            label: "knee",
            value: rate(knee.load),
            beside: "from there on deliveries take longer".to_owned(),
        });
    }
    tiles
}
