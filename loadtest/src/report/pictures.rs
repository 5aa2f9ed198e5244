//! The charts of one run.

use crate::{
    figure::{self, as_f64},
    histogram::Times,
    measurement::{Measurement, Second},
    metric::Metric,
    report::{
        Report,
        chart::{Axis, Chart, Mark, Scale, Series, Size, Style},
        rows::process_name,
        visible::visible,
    },
    threshold::{Comparison, Statistic, Subject, Threshold, Timed},
};

mod thinned;

use thinned::Thinned;

/// A chart with what is said beside it.
pub(super) struct Picture {
    pub(super) title: &'static str,
    pub(super) reading: String,
    pub(super) size: Size,
    pub(super) chart: Chart,
}

/// Those that there is something to draw for, in the order of the page.
pub(super) fn of(report: &Report) -> Vec<Picture> {
    let run = &report.measurement;
    let seconds = Thinned::of(&run.seconds);
    let all = [
        delivery_over_time(report, &seconds),
        percentiles(run),
        rates(&seconds),
        by_process(run),
        connections(&Thinned::of(&while_measured(run))),
        lateness(&seconds),
    ];
    all.into_iter()
        .filter(|picture| !picture.chart.is_empty())
        .collect()
}

fn delivery_over_time(report: &Report, seconds: &Thinned) -> Picture {
    let mut chart = seconds.chart(
        "Delivery times, second by second",
        axis("delivery time, logarithmic", Scale::Log, micros),
        vec![
            seconds.series("p50", |second| second.p50_us),
            seconds.series("p99", |second| second.p99_us),
            seconds.series("max", |second| second.max_us),
        ],
    );
    let thresholds = report.verdict.thresholds.iter();
    chart
        .marks
        .extend(limits(thresholds.map(|judged| &judged.threshold)));
    Picture {
        title: "Delivery times, second by second",
        reading: format!(
            "From the time a message was due to its arrival at another participant. A flat line is steady; one that rises is a \
             load that is not carried; a spike is a stall; a gap is a second in which nothing arrived.{}",
            seconds.note()
        ),
        size: Size::Full,
        chart,
    }
}

/// The limits on deliveries, as lines across.
pub(super) fn limits<'a>(thresholds: impl Iterator<Item = &'a Threshold>) -> Vec<Mark> {
    thresholds
        .filter(|threshold| {
            matches!(threshold.subject, Subject::Times(Timed::Delivery, statistic) if statistic != Statistic::Mean)
                && matches!(threshold.comparison, Comparison::Less | Comparison::AtMost)
        })
        .map(|threshold| Mark::Across(threshold.limit, format!("limit: {threshold}")))
        .collect()
}

fn percentiles(run: &Measurement) -> Picture {
    let kinds = [
        Metric::SameProcess,
        Metric::OtherProcess,
        Metric::UnknownProcess,
        Metric::OwnEcho,
        Metric::FanOut,
        Metric::Service,
        Metric::CatchUp,
    ];
    let series = kinds
        .into_iter()
        .filter_map(|metric| Some(line(metric.name(), curve(run.tally.times(metric)?))))
        .collect();
    Picture {
        title: "How long at worst, by kind",
        reading: "Of all times of a kind, the part on the axis below took no longer than the curve says. Each step to the right \
                  is ten times rarer. Where service lies far below the others, a closed loop would have hidden the difference."
            .to_owned(),
        size: Size::Half,
        chart: percentile_chart("Percentiles of each kind of time", series),
    }
}

fn by_process(run: &Measurement) -> Picture {
    let processes = run.tally.processes.iter().enumerate();
    let series = match run.tally.processes.len() {
        0 | 1 => Vec::new(),
        _ => processes
            .take(PROCESSES)
            .map(|(place, process)| line(&process_name(run, place), curve(&process.heard)))
            .collect(),
    };
    let of = match run.tally.processes.len() {
        n if n > PROCESSES => format!(" The first {PROCESSES} of {n}."),
        _ => String::new(),
    };
    Picture {
        title: "How long at worst, by process",
        reading: format!(
            "Deliveries by the process that the hearer is connected to. Curves that lie on each other: no process is slower than \
             the others.{of}"
        ),
        size: Size::Half,
        chart: percentile_chart("Percentiles of deliveries by process", series),
    }
}

fn percentile_chart(title: &str, series: Vec<Series>) -> Chart {
    Chart {
        title: title.to_owned(),
        x: axis("part that took no longer", Scale::Tail, figure::share),
        y: axis("time, logarithmic", Scale::Log, micros),
        series,
        marks: Vec::new(),
    }
}

/// The curve as HdrHistogram steps through it: the rarer, the finer.
fn curve(times: &Times) -> Vec<(f64, Option<f64>)> {
    // The longest of all stands where one in all of them does.
    let last = 1.0 - 1.0 / as_f64(times.count().max(2));
    times
        .as_hdr()
        .iter_quantiles(STEPS)
        .map(|step| {
            (
                step.quantile_iterated_to().min(last),
                Some(as_f64(step.value_iterated_to())),
            )
        })
        .collect()
}

fn rates(seconds: &Thinned) -> Picture {
    let mut series = vec![
        seconds.series("deliveries", |second| Some(second.delivered)),
        seconds.series("sent", |second| Some(second.sent)),
        seconds.series("due", |second| Some(second.due)),
    ];
    if seconds.seconds.iter().any(|second| second.requests > 0) {
        series.push(seconds.series("REST requests", |second| Some(second.requests)));
    }
    let nothing = series
        .iter()
        .flat_map(|series| &series.points)
        .all(|(_, y)| *y == Some(0.0));
    if nothing {
        series.clear();
    }
    let mut wrong = seconds.series("lost, repeated, out of order or leaked", |second| {
        Some(second.wrong)
    });
    wrong.style = Style::Flags;
    if wrong.points.iter().any(|(_, y)| *y > Some(0.0)) {
        series.push(wrong);
    }
    Picture {
        title: "Deliveries and sends",
        reading: format!(
            "In each second. Where sent lies below due, the sender could not keep up.{}",
            seconds.note()
        ),
        size: Size::Half,
        chart: seconds.chart(
            "Deliveries and sends, second by second",
            axis("in each second", Scale::Zero, figure::number),
            series,
        ),
    }
}

/// Without the end of the run, when everybody leaves: that is no server that hangs up.
fn while_measured(run: &Measurement) -> Vec<Second> {
    let seconds = run.seconds.iter();
    let measured = seconds.filter(|second| is_before(second.at + 1, run.measured_s));
    measured.cloned().collect()
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
fn is_before(at: i64, end: f64) -> bool {
    at as f64 <= end
}

fn connections(seconds: &Thinned) -> Picture {
    let open = seconds.series("open", |second| Some(second.connections));
    Picture {
        title: "Connections",
        reading: "Open at the end of each second, until the run ends and everybody leaves. A step down that was not asked for is a \
                  server that hangs up: but for the scenario reconnect, nobody comes back."
            .to_owned(),
        size: Size::Half,
        chart: seconds.chart(
            "Open connections, second by second",
            axis("connections", Scale::Zero, figure::number),
            vec![open],
        ),
    }
}

fn lateness(seconds: &Thinned) -> Picture {
    let late = seconds.series("p99 of lateness", |second| second.lateness_p99_us);
    Picture {
        title: "This device: how late it sent",
        reading: "The part of the delivery times that this device may have made itself. It has to lie far below them.".to_owned(),
        size: Size::Half,
        chart: seconds.chart(
            "How late the device sent, second by second",
            axis("lateness, logarithmic", Scale::Log, micros),
            vec![late],
        ),
    }
}

fn line(name: &str, points: Vec<(f64, Option<f64>)>) -> Series {
    Series {
        name: visible(name),
        style: Style::Line,
        points,
    }
}

pub(super) fn axis(label: &str, scale: Scale, said: fn(f64) -> String) -> Axis {
    Axis {
        label: label.to_owned(),
        scale,
        said,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "microseconds, within an hour"
)]
pub(super) fn micros(value: f64) -> String {
    figure::time(value.round() as u64)
}

/// How many processes have a curve of their own.
const PROCESSES: usize = 6;
/// Points of a percentile curve for each halving of what lies beyond.
const STEPS: u32 = 6;
