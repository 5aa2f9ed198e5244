//! What is told while a run or a search goes on: a line that moves on a terminal, a line now and then elsewhere.

use std::{
    fmt,
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    figure::{amount, as_f64, count, rate, time},
    measurement::Interval,
    tally::Tally,
};

/// The progress of one run or one search, on stderr.
pub struct Progress(Told);

enum Told {
    Nothing,
    Moving(ProgressBar),
    Lines(Box<Lines<std::io::Stderr>>),
}

/// A line for every so many seconds, with all that came in them.
struct Lines<W> {
    to: W,
    gathered: Tally,
    seconds: u64,
    /// What was being done beside the measuring when a line last said so, and when that was.
    beside: Option<(String, Instant)>,
}

impl Progress {
    /// For a run that measures so long; nothing is told when `quiet`.
    #[must_use]
    pub fn new(measured: Duration, quiet: bool) -> Self {
        Self::with(measured, quiet, RUN)
    }

    /// For a search that may take so long.
    #[must_use]
    pub fn of_search(budget: Duration, quiet: bool) -> Self {
        Self::with(budget, quiet, SEARCH)
    }

    fn with(length: Duration, quiet: bool, template: &str) -> Self {
        if quiet {
            return Self(Told::Nothing);
        }
        if !std::io::stderr().is_terminal() {
            return Self(Told::Lines(Box::new(Lines::new(std::io::stderr()))));
        }
        let bar =
            ProgressBar::with_draw_target(Some(length.as_secs()), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message("connecting");
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(Told::Moving(bar))
    }

    /// The same in lines, also on a terminal: for a run of which nobody knows how long it will be.
    #[must_use]
    pub fn in_lines(quiet: bool) -> Self {
        if quiet {
            return Self(Told::Nothing);
        }
        Self(Told::Lines(Box::new(Lines::new(std::io::stderr()))))
    }

    /// A second is over.
    pub fn tells(&mut self, interval: &Interval) {
        match &mut self.0 {
            Told::Nothing => {}
            Told::Moving(bar) => {
                // The ramp has negative seconds, and no part in what is measured.
                bar.set_position(u64::try_from(interval.second.at + 1).unwrap_or(0));
                bar.set_message(line(interval, &interval.tally, 1));
            }
            Told::Lines(lines) => lines.tells(interval),
        }
    }

    /// A second of a probe is over, so long after the search began. Where nothing can move, a probe is told when
    /// it is over ([`keeps`](Self::keeps)).
    pub fn tells_probe(&mut self, probe: &str, interval: &Interval, since: Duration) {
        if let Told::Moving(bar) = &self.0 {
            bar.set_position(since.as_secs());
            bar.set_message(format!("{probe} · {}", line(interval, &interval.tally, 1)));
        }
    }

    /// A line that stays: what a probe has seen.
    pub fn keeps(&mut self, text: &str) {
        match &mut self.0 {
            Told::Nothing => {}
            Told::Moving(bar) => bar.println(text),
            Told::Lines(lines) => lines.line(text),
        }
    }

    /// What is being done beside the measuring: `registering people: 3 of 20`, `draining`. Where nothing can move,
    /// the same thing (what stands before the colon) is told again only every few seconds.
    pub fn says(&mut self, text: &str) {
        match &mut self.0 {
            Told::Nothing => {}
            Told::Moving(bar) => bar.set_message(text.to_owned()),
            Told::Lines(lines) => lines.says(text, Instant::now()),
        }
    }

    /// Takes the line away.
    pub fn ends(self) {
        if let Told::Moving(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

impl<W: Write> Lines<W> {
    fn new(to: W) -> Self {
        Self {
            to,
            gathered: Tally::default(),
            seconds: 0,
            beside: None,
        }
    }

    fn says(&mut self, text: &str, now: Instant) {
        let what = text.split(':').next().unwrap_or_default();
        let is_told = self
            .beside
            .as_ref()
            .is_some_and(|(told, at)| told == what && now.saturating_duration_since(*at) < BESIDE);
        if !is_told {
            self.beside = Some((what.to_owned(), now));
            self.line(text);
        }
    }

    fn tells(&mut self, interval: &Interval) {
        self.gathered.absorb(&interval.tally);
        self.seconds += 1;
        if self.seconds == EVERY {
            let text = line(interval, &self.gathered, self.seconds);
            self.line(&format!("{:>4} s: {text}", interval.second.at + 1));
            self.gathered = Tally::default();
            self.seconds = 0;
        }
    }

    fn line(&mut self, text: &str) {
        // A reader of stderr that has gone does not keep a run from its end.
        let _ = writeln!(self.to, "{text}");
    }
}

/// What came in so many seconds, in one line.
fn line(interval: &Interval, tally: &Tally, seconds: u64) -> String {
    let counts = &tally.counts;
    let each = |n: u64| rate(as_f64(n) / as_f64(seconds));
    let delivery = tally.delivery();
    let latency = match (delivery.at(0.5), delivery.at(0.99)) {
        (Some(p50), Some(p99)) => format!("delivery p50 {} p99 {}", time(p50), time(p99)),
        _ => "no deliveries".to_owned(),
    };
    let mut parts = vec![
        format!("{} sent", each(counts.sent)),
        format!("{} heard", each(counts.delivered + counts.own_echoes)),
        latency,
        format!("{} lost", count(counts.lost)),
        amount(interval.second.connections, "connection"),
    ];
    if counts.requests > 0 {
        parts.push(format!("{} requests", each(counts.requests)));
    }
    parts.join(" · ")
}

/// Seconds between the lines where nothing can move.
const EVERY: u64 = 10;
/// Between two lines about the same thing beside the measuring.
const BESIDE: Duration = Duration::from_secs(5);
const RUN: &str = "{spinner} {pos} of {len} s · {wide_msg}";
const SEARCH: &str = "[{bar:20}] {pos} of {len} s · {wide_msg}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Metric;

    fn second(at: i64) -> Interval {
        let mut interval = Interval::default();
        interval.second.at = at;
        interval.second.connections = 20;
        interval.tally.counts.sent = 100;
        interval.tally.counts.delivered = 900;
        interval.tally.counts.lost = 1;
        interval.tally.record(Metric::OtherProcess, 3_000);
        interval
    }

    #[test]
    fn where_nothing_can_move_ten_seconds_make_a_line() {
        let mut lines = Lines::new(Vec::new());
        for at in 0..25 {
            lines.tells(&second(at));
        }
        assert_eq!(
            String::from_utf8_lossy(&lines.to),
            "  10 s: 100/s sent · 900/s heard · delivery p50 3.00 ms p99 3.00 ms · 10 lost · 20 connections\n  \
             20 s: 100/s sent · 900/s heard · delivery p50 3.00 ms p99 3.00 ms · 10 lost · 20 connections\n"
        );
    }

    #[test]
    fn a_crowd_that_is_registered_is_no_crowd_of_lines() {
        let mut lines = Lines::new(Vec::new());
        let began = Instant::now();
        for person in 0..30 {
            let text = format!("registering people: {person} of 30");
            lines.says(&text, began + Duration::from_millis(500) * person);
        }
        lines.says(
            "logging people in: 0 of 30",
            began + Duration::from_secs(15),
        );
        assert_eq!(
            String::from_utf8_lossy(&lines.to),
            "registering people: 0 of 30\nregistering people: 10 of 30\nregistering people: 20 of 30\n\
             logging people in: 0 of 30\n"
        );
    }

    #[test]
    fn a_second_without_deliveries_says_so() {
        let told = line(&Interval::default(), &Tally::default(), 1);
        assert_eq!(
            told,
            "0/s sent · 0/s heard · no deliveries · 0 lost · 0 connections"
        );
    }
}
