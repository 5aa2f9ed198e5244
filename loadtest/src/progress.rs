//! What is told while a run goes on: a line that moves on a terminal, a line every ten seconds elsewhere.

use std::{
    fmt,
    io::{IsTerminal, Write},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    figure::{amount, as_f64, count, rate, time},
    measurement::Interval,
    tally::Tally,
};

/// The progress of one run, on stderr.
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
    /// What is being counted.
    counting: String,
}

impl Progress {
    /// For a run that measures so long; nothing is told when `quiet`.
    #[must_use]
    pub fn new(measured: Duration, quiet: bool) -> Self {
        if quiet {
            return Self(Told::Nothing);
        }
        if !std::io::stderr().is_terminal() {
            return Self(Told::Lines(Box::new(Lines::new(std::io::stderr()))));
        }
        let bar =
            ProgressBar::with_draw_target(Some(measured.as_secs()), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
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

    /// What is being done beside the measuring: `making accounts`, `draining`.
    pub fn says(&mut self, text: &str) {
        match &mut self.0 {
            Told::Nothing => {}
            Told::Moving(bar) => bar.set_message(text.to_owned()),
            Told::Lines(lines) => lines.line(text),
        }
    }

    /// How far something has come, as `registering people: 3 of 100`: told again and again where it can move, and once
    /// where it cannot.
    pub fn counts(&mut self, text: &str) {
        match &mut self.0 {
            Told::Lines(lines) => lines.counts(text),
            Told::Nothing | Told::Moving(_) => self.says(text),
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
            counting: String::new(),
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

    fn counts(&mut self, text: &str) {
        let what = text.split(": ").next().unwrap_or_default();
        if what != self.counting {
            what.clone_into(&mut self.counting);
            self.line(text);
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
const TEMPLATE: &str = "{spinner} {pos} of {len} s · {wide_msg}";

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
    fn where_nothing_can_move_a_count_is_told_once() {
        let mut lines = Lines::new(Vec::new());
        for done in 0..3 {
            lines.counts(&format!("registering people: {done} of 3"));
        }
        lines.counts("checking sessions: 0 of 3");
        assert_eq!(
            String::from_utf8_lossy(&lines.to),
            "registering people: 0 of 3\nchecking sessions: 0 of 3\n"
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
