//! What has to be 0 is compared however short and however late the runs are.

use super::*;

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
