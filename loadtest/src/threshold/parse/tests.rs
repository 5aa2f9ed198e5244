//! What is a limit and what is none.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::*;
use crate::threshold::Thresholds;

#[test]
fn limits_are_read_and_told_as_they_were_written() {
    for text in [
        "delivery p99 < 250ms",
        "lost == 0",
        "lost ratio < 0.01%",
        "lost ratio <= 0.0001",
        "connect p95 < 1s",
        "POST /api/login/ p99 < 2s",
        "GET /api/chats/{id}/ max < 1.5s",
        "failed_requests ratio < 1%",
        "delivered per second > 5000",
        "fan-out max < 1s",
        "tick-lag mean <= 800us",
        "own-echo p99.9 >= 0.5ms",
    ] {
        assert_eq!(text.parse::<Threshold>().unwrap().to_string(), text);
    }
    let several: Thresholds = " delivery  p99<250 ms ,lost==0".parse().unwrap();
    assert_eq!(several.to_string(), "delivery p99 < 250ms, lost == 0");
    assert_eq!(several.0[0].limit.to_bits(), 250_000_f64.to_bits());
}

#[test]
fn what_cannot_be_meant_is_answered_with_what_could() {
    for (text, told) in [
        ("", "a limit is missing here"),
        ("lost == 0,", "a limit is missing here"),
        ("delivery p99", "there is no <, <=, >, >= or =="),
        (
            "lost = 0",
            "\"=\" is no comparison; there are <, <=, >, >= and ==",
        ),
        ("lost != 0", "\"!=\" is no comparison"),
        ("< 5ms", "before the < has to stand what is limited"),
        (
            "delivery < 5ms",
            "after delivery has to stand one of p50, p90, p95, p99, p99.9, max, mean",
        ),
        (
            "delivery p98 < 5ms",
            "there is no statistic \"p98\"; there are p50",
        ),
        ("delivery ratio < 5%", "delivery are times: they have p50"),
        (
            "delivry p99 < 5ms",
            "nothing is called \"delivry\"; perhaps delivery is meant",
        ),
        ("other_process p99 < 5ms", "perhaps other-process is meant"),
        ("Lost == 0", "perhaps lost is meant"),
        (
            "xyzzy == 0",
            "nothing is called \"xyzzy\"; there are delivery, own-echo",
        ),
        ("lost p99 < 5ms", "lost is a count"),
        (
            "due ratio < 5%",
            "there is no whole that due were a ratio of",
        ),
        (
            "delivery p99 < 250",
            "\"250\" has to be a time, in us, ms or s, as 250ms",
        ),
        ("delivery p99 < 250%", "has to be a time"),
        (
            "delivery p99 < fast",
            "\"fast\" does not begin with a number",
        ),
        ("delivery p99 < -1ms", "does not begin with a number"),
        ("lost < 1%", "'lost ratio' is what is limited by it"),
        ("lost < 1ms", "has to be a number without a unit"),
        ("lost ratio < 1ms", "has to be a part, as 0.01% or 0.0001"),
        ("lost < 1.2.3", "does not begin with a number"),
    ] {
        let error = text.parse::<Thresholds>().unwrap_err().to_string();
        assert!(error.contains(told), "{text:?}: {error}");
    }
    let endless = format!("lost < {}", "9".repeat(400));
    assert!(endless.parse::<Threshold>().is_err());
}

fn any_subject() -> impl Strategy<Value = String> {
    let names = [DELIVERY]
        .into_iter()
        .chain(Metric::ALL.iter().map(|metric| metric.name()))
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let times = prop_oneof![
        prop::sample::select(names),
        (prop::sample::select(&METHODS[..]), "/[a-z{}/]{0,12}")
            .prop_map(|(method, path)| format!("{method} {path}")),
    ];
    let statistic = prop::sample::select(&Statistic::ALL[..]);
    (times, statistic).prop_map(|(times, statistic)| format!("{times} {}", statistic.name()))
}

fn any_threshold() -> impl Strategy<Value = String> {
    let sign = || prop::sample::select(&Comparison::ALL[..]).prop_map(Comparison::sign);
    let number = || prop_oneof![(0_u32..100_000).prop_map(f64::from), 0.0..1e6_f64];
    let counts: Vec<_> = counted::COUNTED.iter().collect();
    let ratios: Vec<_> = counts
        .iter()
        .copied()
        .filter(|row| row.of.is_some())
        .collect();
    prop_oneof![
        (
            any_subject(),
            sign(),
            number(),
            prop::sample::select(&["us", "ms", "s"][..])
        )
            .prop_map(|(subject, sign, n, unit)| format!("{subject} {sign} {n}{unit}")),
        (
            prop::sample::select(ratios),
            sign(),
            number(),
            prop::sample::select(&["", "%"][..])
        )
            .prop_map(|(row, sign, n, unit)| format!("{} ratio {sign} {n}{unit}", row.name)),
        (
            prop::sample::select(counts),
            prop::sample::select(&["", " per second"][..]),
            sign(),
            number()
        )
            .prop_map(|(row, of, sign, n)| format!("{}{of} {sign} {n}", row.name)),
    ]
}

proptest! {
    #[test]
    fn every_limit_comes_back_from_its_own_words(text in any_threshold()) {
        let threshold: Threshold = text.parse().unwrap();
        prop_assert_eq!(threshold.to_string(), text.clone());
        prop_assert_eq!(threshold.to_string().parse::<Threshold>().unwrap(), threshold);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", words in "(lost|delivery| |p99|<|=|é|1|ms|%){0,8}") {
        let _ = text.parse::<Thresholds>();
        let _ = words.parse::<Thresholds>();
    }
}
