//! A search ends: in its time, when somebody breaks it off, and whatever its probes say.

use super::*;

#[test]
fn when_time_runs_out_the_answer_is_the_range_and_says_so() {
    let limits = Limits {
        budget: PROBE * 8,
        ..Limits::default()
    };
    let (finding, asked) = found(limits, &mut Server::with_knee(1234.0));

    assert_eq!(finding.answer, Answer::OutOfTime);
    assert_eq!(asked.len(), 8);
    assert_eq!(finding.capacity, Some(800.0), "{finding:?}");
    assert_eq!(
        finding.confirmed.of, 3,
        "the last probes are for confirming"
    );
    assert!(finding.sentence.starts_with("Time ran out"), "{finding:?}");
    assert!(!finding.remarks.is_empty());
}

#[test]
fn probes_that_take_longer_than_planned_are_planned_with() {
    let mut search = Search::new(Limits::default());
    let mut server = Server::with_knee(1234.0);
    let mut spent = Duration::ZERO;
    while let Step::Probe(asked) = search.next() {
        let mut seen = server.probed(asked.load);
        // By the plan of 20 s a probe, a fourteenth would still fit after 455 s.
        seen.took = Duration::from_secs(35);
        spent += seen.took;
        search.saw(asked.load, seen);
    }
    assert!(spent <= Limits::default().budget, "{spent:?}");
}

#[tokio::test]
async fn the_same_search_can_be_driven_by_a_probe() {
    let mut server = Server::with_knee(1234.0);
    let finding = capacity::search(Limits::default(), async |asked: Asked| {
        Ok::<_, Infallible>(Some(server.probed(asked.load)))
    });
    let finding = finding.await.unwrap().unwrap();
    assert_eq!(
        finding,
        found(Limits::default(), &mut Server::with_knee(1234.0)).0
    );

    let json = serde_json::to_string(&finding).unwrap();
    assert_eq!(serde_json::from_str::<Finding>(&json).unwrap(), finding);
}

#[tokio::test]
async fn a_search_that_is_broken_off_says_what_it_has() {
    let broken_off_after = async |mut probes: usize, knee| {
        let mut server = Server::with_knee(knee);
        let search = capacity::search(Limits::default(), async |asked: Asked| {
            let goes_on = probes > 0;
            probes = probes.saturating_sub(1);
            Ok::<_, Infallible>(goes_on.then(|| server.probed(asked.load)))
        });
        search.await.unwrap()
    };
    assert_eq!(broken_off_after(0, 1234.0).await, None);
    let finding = broken_off_after(3, 1234.0).await.unwrap();
    assert_eq!(
        (finding.answer, finding.capacity, finding.missed),
        (Answer::Interrupted, Some(200.0), None)
    );
    assert_eq!(finding.curve.len(), 3);
    assert!(finding.remarks[0].contains("broken off"), "{finding:?}");
    let finding = broken_off_after(1, 20.0).await.unwrap();
    assert_eq!(
        (finding.answer, finding.capacity, finding.missed),
        (Answer::Interrupted, None, Some(50.0))
    );
}

#[test]
fn limits_that_no_search_can_keep_to_are_refused() {
    let with = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits.checked().unwrap_err()
    };
    assert_eq!(with(|limits| limits.start = f64::NAN), LimitsError::Load);
    assert_eq!(
        with(|limits| limits.highest = 10.0),
        LimitsError::Order(50.0, 1.0, 10.0)
    );
    assert_eq!(
        with(|limits| limits.precision = 0.0),
        LimitsError::Precision(0.0)
    );
    let short = with(|limits| limits.budget = Duration::from_secs(3)).to_string();
    assert!(
        short.contains("3 s do not do for one probe, which takes 20 s"),
        "{short}"
    );
    assert!(Limits::default().checked().is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// Whatever the probes say, the search ends in time, with an order in its answer.
    #[test]
    fn nonsense_ends_too(outcomes in prop::collection::vec(0_u8..3, 24), start in 1_f64..1e6) {
        let mut search = Search::new(Limits { start, ..Limits::default() });
        let mut outcomes = outcomes.into_iter();
        let finding = loop {
            match search.next() {
                Step::Done(finding) => break finding,
                Step::Probe(asked) => {
                    let outcome = match outcomes.next().expect("more than 24 probes") {
                        0 => Outcome::Met,
                        1 => Outcome::Missed { limit: "lost == 0".into(), broke: Broke::Loss },
                        _ => Outcome::Invalid { reason: "late".into() },
                    };
                    let mut seen = Server::with_knee(1e9).probed(asked.load);
                    seen.outcome = outcome;
                    search.saw(asked.load, seen);
                }
            }
        };
        if let (Some(held), Some(missed)) = (finding.capacity, finding.missed) {
            prop_assert!(held < missed);
        }
        prop_assert!(!finding.sentence.is_empty());
    }
}
