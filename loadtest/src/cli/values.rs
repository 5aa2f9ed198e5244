//! The values of options, read from their text; what cannot be meant is answered with what could.

use std::{ops::RangeInclusive, time::Duration};

use chat_fixtures::{arguments::positive_duration, output::Form};
use goose::GooseError;
use url::Url;

use crate::{
    report::{Format, ReportTo},
    scenario,
    test_plan::{NoTestPlan, TestPlan},
};

/// `200/s`, `200`, `12000/min`.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let (number, seconds) = match text.split_once('/') {
        None | Some((_, "s" | "sec" | "second")) => {
            (text.split('/').next().unwrap_or_default(), 1.0)
        }
        Some((number, "m" | "min" | "minute")) => (number, 60.0),
        Some((number, "h" | "hour")) => (number, 3600.0),
        Some((_, unit)) => return Err(format!("a rate is /s, /min or /h, not /{unit}")),
    };
    let number: f64 = number
        .trim()
        .parse()
        .map_err(|_| "it has to be a number a second, as in 200/s")?;
    if RATES.contains(&(number / seconds)) {
        return Ok(number / seconds);
    }
    Err("it has to be from 1/h to 1000000/s; more than one device can do is for several".to_owned())
}

/// A length of time that a clock can add to its own.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let duration = positive_duration(text)?;
    if duration > LONGEST {
        return Err("that is too long: 30days is the most".to_owned());
    }
    Ok(duration)
}

/// A time to wait, which may be none.
pub(super) fn wait(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if duration.is_zero() => Ok(duration),
        _ => duration(text),
    }
}

/// A difference in percent: less than everything.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(percent) if (0.0..100.0).contains(&percent) => Ok(percent),
        _ => Err("it has to be a number of percent from 0 to less than 100, as 5".to_owned()),
    }
}

/// Where a process tells its metrics.
pub(super) fn metrics(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        _ => Err("it has to be a URL as http://127.0.0.1:9000/metrics".to_owned()),
    }
}

/// A rule of Goose's. Its error says the option that it has itself.
pub(super) fn goose_rule(text: &str) -> Result<goose::threshold::Threshold, String> {
    text.parse().map_err(|error| match error {
        GooseError::InvalidOption { detail, .. } => detail,
        other => other.to_string(),
    })
}

/// The test plan of a run, no longer than a run may be.
pub(super) fn plan(text: &str) -> Result<TestPlan, String> {
    let plan: TestPlan = text
        .parse()
        .map_err(|error: NoTestPlan| error.to_string())?;
    if plan.duration() > LONGEST || i64::from(plan.most()) > MOST {
        return Err(format!(
            "that is too much: 30days and {MOST} rooms are the most"
        ));
    }
    Ok(plan)
}

/// How many there may be: more than that no device has, and their products stay what a machine can count.
pub(super) const AMOUNT: RangeInclusive<i64> = 1..=MOST;
/// How many messages may be under way in a room: so many are kept for one member's connection.
pub(super) const UNDER_WAY: RangeInclusive<i64> = 1..=10_000;
/// How long a content may be: from what a stamp takes up to what no chat has as one message.
pub(super) const PAYLOAD: RangeInclusive<i64> = 64..=1_048_576;
/// How many threads; no machine has more cores.
pub(super) const THREADS: RangeInclusive<i64> = 1..=1_024;

pub(super) fn scenario(text: &str) -> Result<String, String> {
    scenario::by_name(text)
        .map(|kind| kind.name.to_owned())
        .map_err(|error| error.to_string())
}

/// A report that a search for the capacity has.
pub(super) fn search_report(text: &str) -> Result<ReportTo, String> {
    let to: ReportTo = text.parse()?;
    if Format::of_searches().any(|form| form == to.format) {
        return Ok(to);
    }
    let known: Vec<_> = Format::of_searches().map(Form::name).collect();
    Err(format!(
        "{} shows one run, and a search is many: it has {}",
        to.format.name(),
        known.join(", ")
    ))
}

const RATES: RangeInclusive<f64> = 1.0 / 3_600.0..=1_000_000.0;
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const MOST: i64 = 1_000_000;

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_search_refuses_the_forms_that_show_one_run() {
        assert!(search_report("junit=out.xml").is_ok());
        for form in ["hdr=out.hlog", "prometheus"] {
            let error = search_report(form).err().unwrap_or_default();
            assert!(
                error.ends_with("a search is many: it has terminal, html, json, junit"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_difference_is_in_percent() {
        assert_eq!(percent("2.5"), Ok(2.5));
        for text in ["1e9", "100", "-1", "nan", "5%", ""] {
            assert!(percent(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rate_is_a_number_a_second() {
        assert_eq!(rate("200/s"), Ok(200.0));
        assert_eq!(rate("0.5"), Ok(0.5));
        assert_eq!(rate("90/min"), Ok(1.5));
        assert!(rate("1/h").is_ok() && rate("1e6").is_ok());
        for text in [
            "",
            "/s",
            "-1/s",
            "0",
            "nan",
            "inf",
            "5/fortnight",
            "five",
            "1e9/s",
            "1e-300/s",
        ] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_no_clock_can_add_to_its_time_is_too_long() {
        assert_eq!(duration("30days"), Ok(LONGEST));
        assert_eq!(wait("0s"), Ok(Duration::ZERO));
        for text in ["31days", "99999999999h"] {
            assert!(duration(text).is_err() && wait(text).is_err(), "{text}");
        }
        assert!(plan("5,10s;5,1m").is_ok());
        for text in ["5,99999999999h;5,99999999999h", "4000000000,1s"] {
            let error = plan(text).expect_err(text);
            assert!(error.contains("30days"), "{error}");
        }
    }
}
