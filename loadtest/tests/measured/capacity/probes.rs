//! What one probe shows, and which of its faults is said to have broken first.

use super::*;

fn measured(change: impl FnOnce(&mut Measurement)) -> Measurement {
    let mut run = Measurement {
        measured_s: 10.0,
        ..example::run()
    };
    run.tally.counts.due = 1000;
    run.tally.counts.sent = 1000;
    run.tally.counts.delivered = 9000;
    run.tally.counts.own_echoes = 1000;
    run.tally.counts.connected = 50;
    run.tally.record(Metric::SameProcess, 700);
    change(&mut run);
    run
}

/// What became of a run that kept to the limits of a search but for what `change` has made of it.
fn outcome(change: impl FnOnce(&mut Measurement)) -> Outcome {
    Outcome::of(&judge(
        &measured(change),
        &SLO.parse::<Thresholds>().unwrap().0,
    ))
}

const SLO: &str = "delivery p99 < 250ms, lost == 0";

#[test]
fn what_explains_the_rest_is_what_broke_first() {
    type Fault = fn(&mut Measurement);
    let faults: [(Fault, Broke); 5] = [
        (
            |run| run.tally.counts.connect_failures = 190,
            Broke::RefusedConnections,
        ),
        (|run| run.tally.counts.broken = 5, Broke::Errors),
        (|run| run.tally.counts.refused = 2, Broke::RefusedMessages),
        (|run| run.tally.counts.lost = 1, Broke::Loss),
        (
            |run| {
                for _ in 0..9_000 {
                    run.tally.record(Metric::SameProcess, 300_000);
                }
            },
            Broke::Latency,
        ),
    ];
    for (place, (_, first)) in faults.iter().enumerate() {
        let seen = outcome(|run| {
            for (fault, _) in &faults[place..] {
                fault(run);
            }
        });
        let Outcome::Missed { broke, .. } = seen else {
            panic!("{first:?}: {seen:?}");
        };
        assert_eq!(broke, *first);
    }
}

#[test]
fn what_a_run_shows_is_valid_before_it_is_good() {
    let run = measured(|_| {});
    let seen = Observation::of(&run, &judge(&run, &[]), PROBE);
    assert_eq!(seen.outcome, Outcome::Met);
    assert_eq!((seen.achieved, seen.deliveries), (100.0, 1000.0));
    assert_eq!((seen.p99_us, seen.took), (Some(700), PROBE));

    let late = |run: &mut Measurement| {
        run.device.invalid.push("late".to_owned());
        run.tally.record(Metric::SameProcess, 900_000_000);
        run.tally.counts.unsent = 500;
    };
    let invalid = outcome(late);
    assert!(matches!(invalid, Outcome::Invalid { .. }), "{invalid:?}");

    // No lateness hangs up on people.
    let Outcome::Missed { broke, limit } = outcome(|run| {
        late(run);
        run.tally.counts.broken = 45;
    }) else {
        panic!("not missed");
    };
    assert_eq!(broke, Broke::Errors);
    assert_eq!(
        limit,
        "45 of 50 connections were ended (and the device was late: late)"
    );
}

#[test]
fn a_load_that_was_not_taken_was_not_carried() {
    let unsent = |unsent| {
        outcome(|run| {
            run.tally.counts.unsent = unsent;
            run.tally.counts.sent -= unsent;
        })
    };
    assert_eq!(unsent(1), Outcome::Met);
    let Outcome::Missed { broke, limit } = unsent(2) else {
        panic!("met");
    };
    assert_eq!(broke, Broke::RefusedMessages);
    assert_eq!(limit, "2 of 1,000 messages that were due could not be sent");
}

/// As a server with `--max-connections 10` shows it: those who got in are served well.
#[test]
fn a_load_that_hardly_anybody_was_let_in_for_did_not_hold() {
    let seen = outcome(|run| {
        run.device.connections = 10;
        run.tally.counts.connected = 10;
        run.tally.counts.connect_failures = 190;
    });
    let mut search = Search::new(Limits::default());
    let finding = loop {
        match search.next() {
            Step::Done(finding) => break finding,
            Step::Probe(asked) => {
                let mut probe = Server::with_knee(1e9).probed(asked.load);
                probe.outcome = seen.clone();
                search.saw(asked.load, probe);
            }
        }
    };
    assert_eq!(finding.broke, Some(Broke::RefusedConnections));
    assert_eq!(
        finding.sentence,
        "Does not carry even the lowest load; at 1 connections (refused or failed) broke first: 190 of 200 connections \
         could not be opened."
    );
}
