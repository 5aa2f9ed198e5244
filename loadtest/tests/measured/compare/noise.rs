//! Times and rates are held against their noise.

use super::*;

#[test]
fn identical_runs_have_not_changed() {
    for seeds in [0..1, 0..3] {
        let before = runs(50_000.0, 3, seeds);
        let mut after = before.clone();
        for (n, run) in after.iter_mut().enumerate() {
            run.runs = vec![format!("the {n}th of another day")];
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
