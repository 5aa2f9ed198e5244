//! What cannot be compared is refused, and what hardly can is warned of.

use super::*;

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
