//! Comparisons find what changed, and hardly ever what did not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking, and its figures are small"
)]

use chat_loadtest::{
    compare::{Basis, CompareError, Comparison, Options, Row, Verdict, compare},
    measurement::{Device, Load, Measurement, Pace, Second, ServerCost},
    metric::Metric,
    tally::Tally,
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

/// A run of a minute whose times vary by a tenth, each second like the one before it, and from run to run by a
/// fiftieth.
fn run(p99_us: f64, lost: u64, seed: u64) -> Measurement {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut normal = move || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
    let of_run = 1.0 + 0.02 * normal();
    let mut tally = Tally::of(1);
    let mut state = normal();
    let mut seconds = Vec::new();
    for at in 0..60 {
        state = LIKE_BEFORE * state + (1.0 - LIKE_BEFORE * LIKE_BEFORE).sqrt() * normal();
        let p99 = p99_us * of_run * (1.0 + 0.1 * state);
        for share in 1..=100 {
            tally.record(Metric::SameProcess, (p99 * f64::from(share) / 99.0) as u64);
        }
        let delivered = (1000.0 + 10.0 * normal()) as u64;
        tally.counts.delivered += delivered;
        seconds.push(Second {
            at,
            delivered,
            p50_us: Some((p99 / 2.0) as u64),
            p99_us: Some(p99 as u64),
            ..Second::default()
        });
    }
    tally.counts.lost = lost;
    Measurement {
        load: Load {
            scenario: "live".to_owned(),
            rooms: 20,
            members: 10,
            senders: 10,
            payload: 64,
            pace: Pace::Fixed { per_second: 100.0 },
            seed,
            processes: 2,
            label: None,
        },
        targets: vec!["http://a".to_owned()],
        began: format!("2026-01-01T00:00:00.{seed:06}Z"),
        measured_s: 60.0,
        tally,
        seconds,
        device: Device::default(),
        servers: Vec::new(),
        workers: Vec::new(),
        remarks: Vec::new(),
    }
}

const LIKE_BEFORE: f64 = 0.4;

fn runs(p99_us: f64, lost: u64, seeds: std::ops::Range<u64>) -> Vec<Measurement> {
    seeds.map(|seed| run(p99_us, lost, seed)).collect()
}

fn compared(before: &[Measurement], after: &[Measurement]) -> Comparison {
    compare(before, after, &Options::default()).unwrap()
}

fn row<'a>(comparison: &'a Comparison, figure: &str) -> &'a Row {
    comparison
        .rows
        .iter()
        .find(|row| row.figure == figure)
        .unwrap()
}

#[test]
fn identical_runs_have_not_changed() {
    for seeds in [0..1, 0..3] {
        let before = runs(50_000.0, 3, seeds);
        let mut after = before.clone();
        for run in &mut after {
            run.began = "2026-01-02T00:00:00Z".to_owned();
        }
        let comparison = compared(&before, &after);
        let changed = |row: &&Row| matches!(row.verdict, Verdict::Better | Verdict::Worse);
        assert_eq!(comparison.rows.iter().find(changed), None);
        assert_eq!(comparison.exit_code(), 0);
        let text = comparison.to_string();
        assert!(
            text.starts_with("Nothing changed beyond the noise."),
            "{text}"
        );
    }
}

#[test]
fn a_fifth_slower_is_a_regression_and_a_fifth_faster_is_none() {
    for side in [1, 3, 5] {
        let (slow, fast) = (runs(60_000.0, 0, 0..side), runs(50_000.0, 0, 10..10 + side));
        let slower = compared(&fast, &slow);
        let p99 = row(&slower, "delivery p99");
        assert_eq!(p99.verdict, Verdict::Worse, "{slower}");
        let change = p99.change.unwrap();
        assert!(change.low < 0.2 && change.high.unwrap() > 0.2, "{slower}");
        assert_eq!(slower.exit_code(), 1);

        let faster = compared(&slow, &fast);
        assert_eq!(row(&faster, "delivery p99").verdict, Verdict::Better);
        assert_eq!(faster.exit_code(), 0, "{faster}");
    }
}

#[test]
fn a_change_that_does_not_matter_is_none() {
    let (before, after) = (runs(50_000.0, 0, 0..12), runs(51_500.0, 0, 20..32));
    let p99 = |options| {
        let comparison = compare(&before, &after, &options).unwrap();
        row(&comparison, "delivery p99").verdict
    };
    assert_eq!(p99(Options::default()), Verdict::Same);
    let relevant = 0.01;
    let strict = Options {
        relevant,
        ..Options::default()
    };
    assert_eq!(
        p99(strict),
        Verdict::Worse,
        "3 % are beyond the noise of twelve runs"
    );
}

/// With no least relevant difference to help: the stated rate of errors is that of the intervals themselves.
#[test]
fn noise_alone_is_found_no_more_often_than_stated() {
    let strict = Options {
        relevant: 0.0,
        ..Options::default()
    };
    let found = |before: &[Measurement], after: &[Measurement]| {
        [strict, Options::default()].map(|options| {
            let comparison = compare(before, after, &options).unwrap();
            let is_changed = |row: &Row| matches!(row.verdict, Verdict::Better | Verdict::Worse);
            usize::from(comparison.rows.iter().any(is_changed))
        })
    };
    // Within a run only its own noise is known: as if every run were the same one.
    let of_one = |seed| {
        let mut run = run(50_000.0, 20, seed);
        let share = of_run(seed);
        for second in &mut run.seconds {
            second.p50_us = second.p50_us.map(|us| (us as f64 / share) as u64);
            second.p99_us = second.p99_us.map(|us| (us as f64 / share) as u64);
        }
        [run]
    };
    let (mut several, mut single) = ([0; 2], [0; 2]);
    for seed in 0..200 {
        let (first, second) = (seed * 100, seed * 100 + 50);
        let before = runs(50_000.0, 20, first..first + 4);
        let after = runs(50_000.0, 20, second..second + 4);
        let more = found(&before, &after);
        several = [several[0] + more[0], several[1] + more[1]];
        let more = found(&of_one(first), &of_one(second));
        single = [single[0] + more[0], single[1] + more[1]];
    }
    for [strict, relevant] in [several, single] {
        assert!(
            strict <= 10,
            "{strict} of 200 comparisons of the same found a change"
        );
        assert!(relevant <= strict);
    }
}

/// What [`run`] drew for the whole of a run.
fn of_run(seed: u64) -> f64 {
    let mut random = SmallRng::seed_from_u64(seed);
    1.0 + 0.02 * ((0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0)
}

#[test]
fn losses_that_are_new_are_a_regression_and_single_ones_are_chance() {
    let verdict = |before, after| {
        let comparison = compared(&[run(50_000.0, before, 1)], &[run(50_000.0, after, 2)]);
        let lost = row(&comparison, "lost").clone();
        (lost.verdict, lost.change)
    };
    assert_eq!(verdict(0, 0), (Verdict::Same, None));
    assert_eq!(verdict(0, 2).0, Verdict::Same);
    let (judged, change) = verdict(0, 40);
    assert_eq!(judged, Verdict::Worse);
    assert_eq!(change.unwrap().by, None, "from nothing there is no share");
    assert_eq!(verdict(40, 0).0, Verdict::Better);
    assert_eq!(verdict(100, 110).0, Verdict::Same);
    assert_eq!(verdict(100, 200).0, Verdict::Worse);
}

#[test]
fn a_crowd_of_losses_in_one_of_several_runs_is_chance() {
    let calm = runs(50_000.0, 0, 0..3);
    let mut crowded = runs(50_000.0, 0, 10..13);
    crowded[1].tally.counts.lost = 60;
    assert_eq!(
        row(&compared(&calm, &crowded), "lost").verdict,
        Verdict::Same
    );
    for run in &mut crowded {
        run.tally.counts.lost = 60;
    }
    assert_eq!(
        row(&compared(&calm, &crowded), "lost").verdict,
        Verdict::Worse
    );
}

#[test]
fn a_stall_to_nothing_is_found() {
    let before = run(50_000.0, 0, 1);
    let mut after = run(50_000.0, 0, 2);
    for second in &mut after.seconds {
        second.delivered = 0;
    }
    let comparison = compared(&[before], &[after]);
    let delivered = row(&comparison, "deliveries to others");
    assert_eq!(delivered.verdict, Verdict::Worse, "{comparison}");
    assert_eq!(delivered.change.unwrap().by, Some(-1.0));
}

#[test]
fn what_one_run_cannot_tell_is_said_and_not_guessed() {
    let comparison = compared(&runs(50_000.0, 0, 0..1), &runs(99_000.0, 0, 1..2));
    assert_eq!(comparison.basis, Basis::Seconds);
    let rare = row(&comparison, "delivery p99.9");
    assert_eq!(rare.verdict, Verdict::Unjudged);
    assert!(rare.before.is_some() && rare.because.is_some());
    assert!(comparison.warnings[0].contains("With one run a side"));

    let several = compared(&runs(50_000.0, 0, 0..4), &runs(99_000.0, 0, 4..8));
    assert_eq!(several.basis, Basis::Runs);
    assert_eq!(row(&several, "delivery p99.9").verdict, Verdict::Worse);
}

#[test]
fn what_the_server_spends_counts_where_it_was_seen() {
    let seen = |cpu_s: f64, seeds| {
        let mut runs = runs(50_000.0, 0, seeds);
        for (run, wobble) in runs.iter_mut().zip([0.99, 1.0, 1.01]) {
            run.servers = vec![ServerCost {
                cpu_s: cpu_s * wobble,
                ..ServerCost::default()
            }];
        }
        runs
    };
    let comparison = compared(&seen(10.0, 0..3), &seen(20.0, 3..6));
    let cost = row(&comparison, "deliveries per server CPU-second");
    assert_eq!(cost.verdict, Verdict::Worse, "{comparison}");
    let unseen = compared(&seen(10.0, 0..3), &runs(50_000.0, 0, 3..6));
    let cost = row(&unseen, "deliveries per server CPU-second");
    assert_eq!(cost.because.as_deref(), Some("it was not measured after"));
}

#[test]
fn loads_that_differ_are_warned_of() {
    let before = run(50_000.0, 0, 1);
    let mut after = run(50_000.0, 0, 2);
    after.load.rooms = 40;
    after.load.pace = Pace::InFlight { per_room: 2 };
    let warnings = compared(&[before], &[after]).warnings.join("\n");
    assert!(warnings.contains("the number of rooms was 20 before and is 40 after"));
    assert!(
        warnings.contains("the pace was 100 messages a second before"),
        "{warnings}"
    );
}

#[test]
fn an_invalid_run_is_compared_only_when_forced() {
    let good = run(50_000.0, 0, 1);
    let mut bad = run(50_000.0, 0, 2);
    bad.device.invalid.push("sent 40 ms late".to_owned());
    let sides = ([good], [run(50_000.0, 0, 3), bad]);
    let refused = compare(&sides.0, &sides.1, &Options::default()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "run 2 of those after is invalid (sent 40 ms late), so that its times say nothing about the server, and \
         nothing that has to be 0 got worse; --force compares them all the same"
    );
    let force = true;
    let forced = Options {
        force,
        ..Options::default()
    };
    let comparison = compare(&sides.0, &sides.1, &forced).unwrap();
    assert!(
        comparison
            .warnings
            .iter()
            .any(|warning| warning.contains("forced"))
    );
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let one = [run(50_000.0, 0, 1)];
    assert_eq!(
        compare(&[], &one, &Options::default()),
        Err(CompareError::Nothing)
    );
    for confidence in [0.0, 1.0, 95.0, f64::NAN] {
        let options = Options {
            confidence,
            ..Options::default()
        };
        assert!(matches!(
            compare(&one, &one, &options),
            Err(CompareError::Share(..))
        ));
    }
}

/// As when the server dies: the device is late, and what was lost speaks for itself.
#[test]
fn what_an_invalid_run_lost_is_worse_all_the_same() {
    let good = run(50_000.0, 0, 1);
    let mut dead = run(900_000.0, 5_000, 2);
    (dead.tally.counts.due, dead.tally.counts.unsent) = (10_000, 5_000);
    dead.device.invalid.push("it could not send".to_owned());
    let comparison = compared(&[good], &[dead]);
    assert_eq!(row(&comparison, "lost").verdict, Verdict::Worse);
    assert_eq!(comparison.exit_code(), 1);
    for spoilt in ["delivery p99", "unsent"] {
        let because = row(&comparison, spoilt).because.as_deref();
        assert_eq!(because, Some("a run is invalid"), "{spoilt}");
    }
    let warnings = comparison.warnings.join("\n");
    assert!(
        warnings.contains("only what has to be 0 is judged"),
        "{warnings}"
    );
}

#[test]
fn a_run_counts_once() {
    let [a, b, c] = [1, 2, 3].map(|seed| run(50_000.0, 0, seed));
    // The same run, as another program wrote it.
    let mut again = a.clone();
    again.remarks.push("Written by the master.".to_owned());
    for (before, after, said) in [
        (
            vec![a.clone(), again],
            vec![b.clone(), c.clone()],
            "run 1 of those before and run 2 of those before are the same run: each counts once",
        ),
        (
            vec![a.clone(), b],
            vec![c, a],
            "run 1 of those before and run 2 of those after are the same run: each counts once",
        ),
    ] {
        let refused = compare(&before, &after, &Options::default()).unwrap_err();
        assert_eq!(refused.to_string(), said);
    }
}

#[test]
fn what_has_to_be_0_is_judged_however_short_a_run_is() {
    let short = |lost, seed| {
        let mut run = run(50_000.0, lost, seed);
        run.measured_s = 3.0;
        [run]
    };
    let comparison = compared(&short(0, 1), &short(300, 2));
    assert_eq!(row(&comparison, "lost").verdict, Verdict::Worse);
    assert_eq!(comparison.exit_code(), 1);
    let p99 = row(&comparison, "delivery p99");
    let because = "it takes 10 measured seconds of each run";
    assert_eq!(p99.because.as_deref(), Some(because));
    let text = comparison.to_string();
    assert!(text.contains("0 %") && !text.contains("ppm"), "{text}");
    // Better in that alone does not say that nothing got worse.
    let refused = compare(&short(300, 1), &short(0, 2), &Options::default());
    assert_eq!(refused, Err(CompareError::TooLittle));
}

/// Nothing judged is not the same as nothing changed.
#[test]
fn runs_that_say_nothing_are_refused() {
    let short = |seed| {
        let mut run = run(50_000.0, 0, seed);
        run.measured_s = 9.0;
        [run]
    };
    let refused = compare(&short(1), &short(2), &Options::default());
    assert_eq!(refused, Err(CompareError::TooLittle));
    let silent = |seed| {
        let mut run = run(50_000.0, 0, seed);
        run.tally = Tally::of(1);
        for second in &mut run.seconds {
            let at = second.at;
            *second = Second {
                at,
                ..Second::default()
            };
        }
        [run]
    };
    let refused = compare(&silent(1), &silent(2), &Options::default());
    assert_eq!(refused, Err(CompareError::TooLittle));
}

#[test]
fn a_comparison_can_be_written_and_read() {
    let comparison = compared(&runs(50_000.0, 0, 0..1), &runs(60_000.0, 40, 1..2));
    let json = serde_json::to_string(&comparison).unwrap();
    let read: Comparison = serde_json::from_str(&json).unwrap();
    assert_eq!(read.to_string(), comparison.to_string());
}
