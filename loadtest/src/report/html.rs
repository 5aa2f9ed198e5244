//! The report for people, as one HTML file without outside resources.

use serde::Serialize;

use crate::{
    figure,
    report::{
        Report, advice,
        chart::{Size, Style},
        pictures::{self, Picture},
        rows::{self, Bad, CELLS, PROCESS_CELLS, ProcessRow, TimesRow},
        visible::{moment, visible},
    },
};

/// The report as a page. Whatever comes from elsewhere is text in it, never markup.
#[must_use]
pub fn render(report: &Report) -> String {
    page(include_str!("page.html"), &Page::of(report))
}

/// A page of this program from its template; a test renders all of each.
pub(super) fn page(template: &'static str, page: &impl Serialize) -> String {
    chat_fixtures::page::page(
        &[
            ("page.html", template),
            ("head.html", include_str!("head.html")),
            ("page.css", include_str!("page.css")),
            ("figures.html", include_str!("figures.html")),
            ("foot.html", include_str!("foot.html")),
        ],
        page,
    )
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
    scenario: String,
    label: Option<String>,
    measured: String,
    asked: String,
    seed: u64,
    processes: String,
    targets: Vec<String>,
    tiles: Vec<Tile>,
    limits: Vec<Limit>,
    traffic: Vec<(&'static str, String)>,
    bad: Vec<Bad>,
    absent: Vec<&'static str>,
    figures: Vec<Figure>,
    cells: [&'static str; 6],
    times: Vec<TimesRow>,
    process_cells: [&'static str; 6],
    by_process: Vec<ProcessRow>,
    device: Vec<(&'static str, String)>,
    servers: Vec<(String, String)>,
    workers: Vec<(String, String)>,
    remarks: Vec<String>,
}

/// A figure that everybody asks for first.
#[derive(Serialize)]
struct Tile {
    label: &'static str,
    value: String,
    beside: String,
    is_bad: bool,
}

#[derive(Serialize)]
struct Limit {
    asked: String,
    measured: String,
    is_met: bool,
}

/// A chart on a page.
#[derive(Serialize)]
pub(super) struct Figure {
    title: &'static str,
    reading: String,
    is_full: bool,
    legend: Vec<Key>,
    /// Drawn by this program, with all text in it escaped.
    desk: String,
    phone: String,
}

#[derive(Serialize)]
struct Key {
    name: String,
    class: String,
}

impl Page {
    fn of(report: &Report) -> Self {
        let run = &report.measurement;
        let (bad, absent) = rows::bad(run);
        Self {
            conclusion: visible(&report.verdict.conclusion()),
            tone: report.verdict.word(),
            exit_code: report.verdict.exit_code,
            look_next: visible(&advice::of(report)),
            tool: visible(&report.tool),
            command: visible(&report.command),
            began: moment(&run.began),
            scenario: visible(&run.load.scenario),
            label: run.load.label.as_deref().map(visible),
            measured: figure::number(run.measured_s),
            asked: rows::asked(&run.load),
            seed: run.load.seed,
            processes: figure::amount(run.load.processes.into(), "process"),
            targets: run.targets.iter().map(|target| visible(target)).collect(),
            tiles: tiles(report, &bad),
            limits: report
                .verdict
                .thresholds
                .iter()
                .map(|judged| Limit {
                    asked: visible(&judged.threshold.to_string()),
                    measured: visible(&rows::stands_at(judged)),
                    is_met: judged.is_met,
                })
                .chain(report.verdict.goose.iter().map(|rule| Limit {
                    asked: visible(&rows::of_goose(rule)),
                    measured: visible(rule.told()),
                    is_met: rule.is_met,
                }))
                .collect(),
            traffic: rows::traffic(run),
            bad,
            absent,
            figures: pictures::of(report).iter().map(Figure::of).collect(),
            cells: CELLS,
            times: rows::times(run),
            process_cells: PROCESS_CELLS,
            by_process: rows::processes(run),
            device: rows::device(run),
            servers: rows::servers(run),
            workers: rows::workers(run),
            remarks: run.remarks.iter().map(|remark| visible(remark)).collect(),
        }
    }
}

fn tiles(report: &Report, bad: &[Bad]) -> Vec<Tile> {
    let run = &report.measurement;
    let is_missed = |figures: &[&str]| {
        let mut missed = report.verdict.missed();
        missed.any(|judged| figures.contains(&judged.threshold.subject.figure().as_str()))
    };
    let mut tiles = Vec::new();
    let delivery = run.tally.delivery();
    if let (Some(p50), Some(p99), Some(max)) = (delivery.at(0.5), delivery.at(0.99), delivery.max())
    {
        tiles.push(Tile {
            label: "delivery p99",
            value: figure::time(p99),
            beside: format!("p50 {}, max {}", figure::time(p50), figure::time(max)),
            is_bad: is_missed(&["delivery"]),
        });
    }
    if run.heard() > 0 {
        tiles.push(Tile {
            label: "deliveries",
            value: figure::rate(run.deliveries_per_second()),
            beside: format!("{} sent", figure::rate(run.sent_per_second())),
            is_bad: false,
        });
    }
    let wrong: Vec<_> = bad.iter().filter(|bad| bad.is_wrong).collect();
    if run.heard() + run.tally.counts.lost > 0 {
        tiles.push(Tile {
            label: "promises broken",
            value: match wrong.first() {
                None => "none".to_owned(),
                Some(worst) => worst.text.split(" (").next().unwrap_or_default().to_owned(),
            },
            beside: match wrong.len() {
                0 => "nothing lost, repeated, out of order, leaked".to_owned(),
                1 => "nothing else".to_owned(),
                n => format!("and {} more", figure::amount(n as u64 - 1, "kind")),
            },
            is_bad: !wrong.is_empty(),
        });
    }
    let broken = run.tally.counts.broken + run.tally.counts.connect_failures;
    tiles.push(Tile {
        label: "connections",
        value: figure::count(run.device.connections),
        beside: format!("{} failed or broken", figure::count(broken)),
        is_bad: is_missed(&["connect_failures", "broken"]),
    });
    tiles
}

impl Figure {
    pub(super) fn of(picture: &Picture) -> Self {
        let series = picture.chart.series.iter().enumerate();
        Self {
            title: picture.title,
            reading: picture.reading.clone(),
            is_full: picture.size == Size::Full,
            legend: series
                .map(|(place, series)| Key {
                    name: series.name.clone(),
                    class: match series.style {
                        Style::Flags => "flag".to_owned(),
                        Style::Line | Style::Dots => format!("s{}", place % 6),
                    },
                })
                .collect(),
            desk: picture.chart.svg(picture.size),
            phone: picture.chart.svg(Size::Phone),
        }
    }
}
