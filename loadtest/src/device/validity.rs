//! Whether the device was fit to measure: a run that shows the device's own limits is no measurement of the server.
//! What was due and could not be sent is no matter of the device's as long as it was in time: the connection was not
//! there, or took nothing. That is for the verdict ([`always`](crate::threshold::always)).

use std::time::Duration;

use crate::{
    measurement::{Device, Pace},
    metric::Metric,
    tally::Tally,
};

/// What a device has to keep to, as data; `None` where something does not matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The longest that 99 of 100 messages may be sent after they were due. 10 ms: a tenth of what people still take
    /// for at once (Nielsen, *Usability Engineering*, 1993, ch. 5), so that what the device adds to such a figure is
    /// less than anybody notices.
    pub lateness_p99: Option<Duration>,
    /// The longest that 99 of 100 of the device's clock ticks may come late. The same 10 ms: a thread that comes to
    /// its timer so late comes to what it hears as late.
    pub tick_lag_p99: Option<Duration>,
    /// The share of its time that a thread may be on a core, 0 to 1. 0.95: a queue before a thread busier than
    /// that is twenty times as long as what it holds takes (M/M/1: ρ / (1 − ρ)), and that time would be counted
    /// as the server's.
    pub busiest: Option<f64>,
}

impl Rules {
    /// The rules for a pace. In the closed model nothing is due but what comes of an answer, and a full core is what
    /// one asks for: there [`remarks`] says so.
    #[must_use]
    pub const fn of(pace: Pace) -> Self {
        let open = Self {
            lateness_p99: Some(LATE),
            tick_lag_p99: Some(LATE),
            busiest: Some(BUSY),
        };
        match pace {
            Pace::Fixed { .. } | Pace::Poisson { .. } => open,
            Pace::InFlight { .. } => Self {
                lateness_p99: None,
                tick_lag_p99: None,
                busiest: None,
            },
            Pace::Silent => Self {
                lateness_p99: None,
                ..open
            },
        }
    }
}

/// Why a run is no measurement of the server, a sentence each with the figure and the limit; empty when it is one.
#[must_use]
pub fn validity(tally: &Tally, device: &Device, rules: &Rules) -> Vec<String> {
    let counts = &tally.counts;
    let mut reasons = Vec::new();
    if let Some(limit) = rules.lateness_p99 {
        match p99(tally, Metric::Lateness) {
            Some(late) if late > limit => reasons.push(format!(
                "the device sent late: 99 of 100 messages went out within {} of when they were due, {} is the limit",
                shown(late),
                shown(limit)
            )),
            None if counts.sent > 0 => {
                reasons.push("nobody knows how late the device sent: it was not timed".to_owned());
            }
            _ => {}
        }
    }
    if let Some(limit) = rules.tick_lag_p99 {
        match p99(tally, Metric::TickLag) {
            Some(lag) if lag > limit => reasons.push(format!(
                "the device's own clock lagged: 99 of 100 ticks came within {}, {} is the limit",
                shown(lag),
                shown(limit)
            )),
            Some(_) => {}
            None => reasons.push(
                "nobody knows how late the device's clock ticked: it was not timed".to_owned(),
            ),
        }
    }
    if let Some(limit) = rules.busiest
        && device.busiest > limit
    {
        reasons.push(format!(
            "the device was full: its busiest thread was on a core for {:.1} % of the time, {:.0} % is the limit; \
             more threads or more machines help",
            device.busiest * 100.0,
            limit * 100.0
        ));
    }
    reasons
}

/// What a reader has to know about the device although the run is valid.
#[must_use]
pub fn remarks(device: &Device, pace: Pace) -> Vec<String> {
    let mut remarks = Vec::new();
    if matches!(pace, Pace::InFlight { .. }) && device.busiest > BUSY {
        remarks.push(format!(
            "the device's busiest thread was on a core for {:.1} % of the time: the closed model goes as fast as the \
             slower of the two sides, and here that may have been the device",
            device.busiest * 100.0
        ));
    }
    remarks
}

fn p99(tally: &Tally, metric: Metric) -> Option<Duration> {
    tally.times(metric)?.at(0.99).map(Duration::from_micros)
}

fn shown(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

const LATE: Duration = Duration::from_millis(10);
const BUSY: f64 = 0.95;

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: Pace = Pace::Fixed { per_second: 10.0 };
    const CLOSED: Pace = Pace::InFlight { per_room: 16 };

    /// 1,000 messages and ticks, of which 11 were this late (µs), the others not at all.
    fn late(metric: Metric, by: u64) -> Tally {
        let mut tally = fit();
        for _ in 0..11 {
            tally.record(metric, by);
        }
        tally
    }

    fn fit() -> Tally {
        let mut tally = Tally::of(1);
        for _ in 0..989 {
            tally.record(Metric::Lateness, 50);
            tally.record(Metric::TickLag, 50);
        }
        tally.counts.due = 1_000;
        tally.counts.sent = 1_000;
        tally
    }

    fn busy(busiest: f64) -> Device {
        Device {
            busiest,
            ..Device::default()
        }
    }

    fn judged(tally: &Tally, device: &Device, pace: Pace) -> String {
        validity(tally, device, &Rules::of(pace)).join("\n")
    }

    #[test]
    fn a_device_that_kept_to_all_limits_is_fit() {
        assert_eq!(judged(&fit(), &busy(0.95), OPEN), "");
        assert_eq!(judged(&late(Metric::Lateness, 9_990), &busy(0.5), OPEN), "");
    }

    #[test]
    fn each_limit_is_named_with_the_figure() {
        let said = judged(&late(Metric::Lateness, 25_000), &busy(0.5), OPEN);
        assert!(
            said.contains("25.0 ms") && said.contains("10.0 ms is the limit"),
            "{said}"
        );
        let said = judged(&late(Metric::TickLag, 12_000), &busy(0.5), OPEN);
        assert!(
            said.contains("clock lagged") && said.contains("12.0 ms"),
            "{said}"
        );
        let said = judged(&fit(), &busy(0.97), OPEN);
        assert!(
            said.contains("97.0 %") && said.contains("95 % is the limit"),
            "{said}"
        );
    }

    #[test]
    fn several_reasons_are_all_told() {
        let reasons = validity(&late(Metric::TickLag, 12_000), &busy(1.0), &Rules::of(OPEN));
        assert_eq!(reasons.len(), 2, "{reasons:?}");
    }

    #[test]
    fn a_full_core_is_what_the_closed_model_asks_for() {
        assert_eq!(
            judged(&late(Metric::TickLag, 12_000), &busy(1.0), CLOSED),
            ""
        );
        assert_eq!(remarks(&busy(1.0), CLOSED).len(), 1);
        assert_eq!(remarks(&busy(0.9), CLOSED), Vec::<String>::new());
        assert_eq!(
            remarks(&busy(1.0), OPEN),
            Vec::<String>::new(),
            "invalid is enough"
        );
    }

    #[test]
    fn what_was_not_timed_is_not_taken_for_good() {
        let mut tally = Tally::of(1);
        assert!(judged(&tally, &busy(0.1), Pace::Silent).contains("was not timed"));
        tally.record(Metric::TickLag, 1);
        assert_eq!(judged(&tally, &busy(0.1), Pace::Silent), "");
        tally.counts.sent = 1;
        assert!(judged(&tally, &busy(0.1), OPEN).contains("how late the device sent"));
    }
}
