//! The times as an HdrHistogram interval log, for the tools that draw and merge those.
//!
//! Format: <https://hdrhistogram.github.io/HdrHistogram/JavaDoc/org/HdrHistogram/HistogramLogWriter.html>. Tags
//! are the names of the metrics and of the REST requests, with `_` for spaces, which a tag may not have.

use std::time::{Duration, SystemTime};

use hdrhistogram::serialization::{
    V2DeflateSerializer,
    interval_log::{IntervalLogWriterBuilder, Tag},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    histogram::Times,
    measurement::Interval,
    report::{Report, visible::visible},
    tally::Tally,
};

/// The whole run as one interval, a line for each kind of time.
#[must_use]
pub fn render(report: &Report) -> String {
    let measurement = &report.measurement;
    let length = Duration::try_from_secs_f64(measurement.measured_s).unwrap_or_default();
    let comments = [report.tool.as_str(), report.command.as_str()];
    head(&measurement.began, &comments) + &lines(&measurement.tally, Duration::ZERO, length)
}

/// What a log begins with: `began` in RFC 3339, to which the times of its intervals are relative.
#[must_use]
pub fn head(began: &str, comments: &[&str]) -> String {
    let mut builder = IntervalLogWriterBuilder::new();
    builder.add_comment("[Histogram log format version 1.3]");
    for comment in comments {
        builder.add_comment(&format!("[{}]", visible(comment)));
    }
    builder.add_comment("[Times are in microseconds]");
    if let Ok(began) = OffsetDateTime::parse(began, &Rfc3339) {
        builder.with_start_time(SystemTime::from(began));
        builder.with_base_time(SystemTime::from(began));
    }
    written(&builder, |_| Ok(())) + LEGEND
}

/// The lines of one second, to be appended to a log while a run goes on; the ramp before it has none.
#[must_use]
pub fn interval(interval: &Interval) -> String {
    match u64::try_from(interval.second.at) {
        Ok(at) => lines(
            &interval.tally,
            Duration::from_secs(at),
            Duration::from_secs(1),
        ),
        Err(_) => String::new(),
    }
}

/// The lines of one interval that began so long after the log did.
#[must_use]
pub fn lines(tally: &Tally, start: Duration, length: Duration) -> String {
    let delivery = tally.delivery();
    let metrics = tally
        .times
        .iter()
        .map(|(metric, times)| (metric.name(), times));
    let requests = tally
        .requests
        .iter()
        .map(|(name, kind)| (name.as_str(), &kind.times));
    let all = [("delivery", &delivery)]
        .into_iter()
        .chain(metrics)
        .chain(requests);
    let all: Vec<(String, &Times)> = all
        .filter(|(_, times)| times.count() > 0)
        .map(|(name, times)| (tag(name), times))
        .collect();
    written(&IntervalLogWriterBuilder::new(), |log| {
        for (name, times) in &all {
            log.write_histogram(times.as_hdr(), start, length, Tag::new(name))?;
        }
        Ok(())
    })
}

type Log<'a, 'b> = hdrhistogram::serialization::interval_log::IntervalLogWriter<
    'a,
    'b,
    Vec<u8>,
    V2DeflateSerializer,
>;
type LogError = hdrhistogram::serialization::interval_log::IntervalLogWriterError<
    hdrhistogram::serialization::V2DeflateSerializeError,
>;

fn written(
    builder: &IntervalLogWriterBuilder,
    write: impl FnOnce(&mut Log<'_, '_>) -> Result<(), LogError>,
) -> String {
    let (mut bytes, mut serializer) = (Vec::new(), V2DeflateSerializer::new());
    let done = builder
        .begin_log_with(&mut bytes, &mut serializer)
        .map_err(LogError::from)
        .and_then(|mut log| write(&mut log));
    // Memory takes all that is written, and histograms of these bounds can be.
    debug_assert!(done.is_ok(), "{:?}", done.err());
    String::from_utf8(bytes).unwrap_or_default()
}

/// A tag without the characters that separate.
fn tag(name: &str) -> String {
    visible(name).replace([' ', ','], "_")
}

const LEGEND: &str =
    "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n";
