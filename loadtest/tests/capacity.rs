//! The search for the capacity finds the knees of simulated servers, in the time it was given.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{convert::Infallible, time::Duration};

use chat_loadtest::{
    capacity::{
        self, Answer, Asked, Broke, Finding, Limits, LimitsError, Observation, Outcome, Point,
        Purpose, Search, Step,
    },
    measurement::{Device, Load, Measurement, Pace},
    metric::Metric,
    tally::Tally,
    threshold::Thresholds,
    verdict::judge,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng, rngs::SmallRng};

fn measured(change: impl FnOnce(&mut Measurement)) -> Measurement {
    let mut run = Measurement {
        load: Load {
            scenario: "live".to_owned(),
            rooms: 1,
            members: 10,
            senders: 10,
            payload: 64,
            pace: Pace::Fixed { per_second: 100.0 },
            seed: 1,
            processes: 1,
            label: None,
        },
        targets: vec!["http://a".to_owned()],
        began: "2026-01-01T00:00:00Z".to_owned(),
        measured_s: 10.0,
        tally: Tally::of(1),
        seconds: Vec::new(),
        device: Device::default(),
        servers: Vec::new(),
        workers: Vec::new(),
        remarks: Vec::new(),
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

/// The probes of this load so far, and nothing else to ask about.
fn asked_about_10(confirmations: u32, probes: &[bool]) -> (Search, Option<Asked>) {
    let limits = Limits {
        start: 10.0,
        lowest: 10.0,
        highest: 10.0,
        confirmations,
        ..Limits::default()
    };
    let mut search = Search::new(limits);
    for held in probes {
        let mut server = Server::with_knee(1e6);
        server.cliff = if *held { 1e6 } else { 1.0 };
        search.saw(10.0, server.probed(10.0));
    }
    let asked = match search.next() {
        Step::Probe(asked) => Some(asked),
        Step::Done(_) => None,
    };
    (search, asked)
}

#[test]
fn a_load_that_failed_once_and_held_once_is_asked_a_third_time() {
    for confirmations in [0, 1, 3] {
        let (_, again) = asked_about_10(confirmations, &[false, true]);
        assert_eq!(again.map(|asked| asked.load), Some(10.0), "{confirmations}");
    }
    let decided = |third| match asked_about_10(1, &[false, true, third]).0.next() {
        Step::Done(finding) => (finding.answer, finding.capacity),
        Step::Probe(asked) => panic!("{asked:?}"),
    };
    assert_eq!(decided(true), (Answer::NothingBroke, Some(10.0)));
    assert_eq!(decided(false), (Answer::NothingHeld, None));
}

#[test]
fn a_load_that_nobody_has_time_to_decide_is_called_undecided() {
    let (search, _) = asked_about_10(1, &[false, true]);
    let finding = search.broken_off().unwrap();
    assert_eq!((finding.capacity, finding.missed), (None, None));
    assert_eq!(
        finding.sentence,
        "Broken off before any load held; 10 is undecided: it held 1 of 2 times."
    );
}

/// A server as queueing theory has it: 99 of 100 take base + ln(100) / (mu − load), as for an M/M/1 queue.
struct Server {
    mu: f64,
    /// Above that it loses messages.
    cliff: f64,
    /// Above that the device is too slow.
    device: f64,
    /// A time may be this share more or less.
    noise: f64,
    /// One probe in so many fails for no reason.
    hiccups: f64,
    random: SmallRng,
}

const BASE_S: f64 = 0.005;
const SLO_S: f64 = 0.250;

impl Server {
    fn with_knee(mu: f64) -> Self {
        Self {
            mu,
            cliff: f64::INFINITY,
            device: f64::INFINITY,
            noise: 0.0,
            hiccups: 0.0,
            random: SmallRng::seed_from_u64(7),
        }
    }

    /// The most it carries when every time is `factor` times as long.
    fn capacity(&self, factor: f64) -> f64 {
        self.mu - 100_f64.ln() / (SLO_S / factor - BASE_S)
    }

    fn probed(&mut self, load: f64) -> Observation {
        let served = load.min(self.mu * (1.0 - 1e-9));
        let noise = 1.0 + self.noise * self.random.random_range(-1.0..=1.0);
        let p99 = (BASE_S + 100_f64.ln() / (self.mu - served)) * noise;
        let lost = if load > self.cliff { 17 } else { 0 };
        let missed = |broke, limit: &str| Outcome::Missed {
            limit: limit.to_owned(),
            broke,
        };
        let outcome = if load > self.device {
            Outcome::Invalid {
                reason: "sent 12 ms late".to_owned(),
            }
        } else if self.random.random::<f64>() < self.hiccups {
            missed(Broke::Errors, "broken == 0: was 1")
        } else if lost > 0 {
            missed(Broke::Loss, "lost == 0: was 17")
        } else if load > self.mu || p99 > SLO_S {
            missed(Broke::Latency, "delivery p99 < 250ms")
        } else {
            Outcome::Met
        };
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a time"
        )]
        let micros = |s: f64| (s * 1e6) as u64;
        Observation {
            achieved: load,
            deliveries: (served * 10.0).round(),
            p50_us: Some(micros(p99 / 6.6)),
            p99_us: Some(micros(p99)),
            lost,
            servers: Vec::new(),
            outcome,
            took: PROBE,
        }
    }
}

const PROBE: Duration = Duration::from_secs(20);

fn unhurried() -> Limits {
    Limits {
        budget: PROBE * 100,
        ..Limits::default()
    }
}

/// The finding, with everything that was asked for it.
fn found(limits: Limits, server: &mut Server) -> (Finding, Vec<Asked>) {
    let most = limits.budget.as_secs() / limits.probe.as_secs();
    let mut search = Search::new(limits);
    let mut asked = Vec::new();
    loop {
        match search.next() {
            Step::Probe(next) => {
                assert!(
                    (asked.len() as u64) < most,
                    "more probes than there is time for"
                );
                asked.push(next);
                search.saw(next.load, server.probed(next.load));
            }
            Step::Done(finding) => return (*finding, asked),
        }
    }
}

#[test]
fn a_queue_has_its_knee_found_within_the_precision() {
    let mut server = Server::with_knee(1234.0);
    let (finding, asked) = found(Limits::default(), &mut server);

    assert_eq!(finding.answer, Answer::Found);
    let (capacity, truth) = (finding.capacity.unwrap(), server.capacity(1.0));
    assert!(
        truth / 1.051 <= capacity && capacity <= truth,
        "{finding:?}"
    );
    assert!(finding.missed.unwrap() > truth, "{finding:?}");
    assert_eq!(finding.broke, Some(Broke::Latency));
    assert_eq!((finding.confirmed.met, finding.confirmed.of), (3, 3));
    // 50 … 1600 is five doublings, then four halvings of the ratio, then both ends again.
    assert_eq!(asked.len(), 6 + 4 + 4, "{finding:?}");
    assert!(
        finding.sentence.contains("latency broke first"),
        "{finding:?}"
    );
}

#[test]
fn a_cliff_is_found_and_called_loss() {
    let mut server = Server::with_knee(1e6);
    server.cliff = 777.0;
    let (finding, _) = found(Limits::default(), &mut server);

    assert_eq!(finding.answer, Answer::Found);
    let capacity = finding.capacity.unwrap();
    assert!((777.0 / 1.051..=777.0).contains(&capacity), "{finding:?}");
    assert_eq!(finding.broke, Some(Broke::Loss));
    assert_eq!(finding.knee, None, "its times never left their floor");
}

#[test]
fn a_device_that_is_too_slow_gives_a_lower_bound_and_never_a_capacity() {
    let mut server = Server::with_knee(5000.0);
    server.device = 900.0;
    let (finding, _) = found(Limits::default(), &mut server);

    assert_eq!(finding.answer, Answer::DeviceBrokeFirst);
    assert!(!finding.is_capacity());
    assert_eq!(finding.broke, None, "nothing of the server broke");
    assert!((900.0 / 1.051..=900.0).contains(&finding.capacity.unwrap()));
    assert!(finding.sentence.contains("at least"), "{finding:?}");
    assert!(finding.sentence.contains("sent 12 ms late"), "{finding:?}");
}

#[test]
fn a_device_that_fails_at_once_says_nothing_about_the_deployment() {
    let mut server = Server::with_knee(5000.0);
    server.device = 0.5;
    let (finding, _) = found(Limits::default(), &mut server);

    assert_eq!(finding.answer, Answer::DeviceBrokeFirst);
    assert_eq!(finding.capacity, None);
    assert!(
        finding.sentence.contains("nothing about the deployment"),
        "{finding:?}"
    );
}

#[test]
fn a_start_that_is_too_much_is_searched_downwards() {
    let mut server = Server::with_knee(60.0);
    let limits = Limits {
        start: 5000.0,
        ..Limits::default()
    };
    let (finding, _) = found(limits, &mut server);

    assert_eq!(finding.answer, Answer::Found);
    let (capacity, truth) = (finding.capacity.unwrap(), server.capacity(1.0));
    assert!(
        truth / 1.051 <= capacity && capacity <= truth,
        "{finding:?}"
    );
}

#[test]
fn what_never_breaks_carries_at_least_the_most_that_is_tried() {
    let limits = Limits {
        highest: 3000.0,
        ..Limits::default()
    };
    let (finding, asked) = found(limits, &mut Server::with_knee(1e9));

    assert_eq!(finding.answer, Answer::NothingBroke);
    assert_eq!((finding.capacity, finding.missed), (Some(3000.0), None));
    assert_eq!(finding.confirmed.met, 3);
    assert!(asked.iter().all(|asked| asked.load <= 3000.0));
}

#[test]
fn what_holds_nothing_is_asked_down_to_the_lowest_load_and_twice_there() {
    let mut server = Server::with_knee(0.01);
    server.cliff = 0.0;
    let (finding, asked) = found(Limits::default(), &mut server);

    assert_eq!(finding.answer, Answer::NothingHeld);
    assert_eq!((finding.capacity, finding.missed), (None, Some(1.0)));
    assert_eq!(asked.iter().filter(|asked| asked.load == 1.0).count(), 2);
    assert!(finding.sentence.contains("not carry even"), "{finding:?}");
}

#[test]
fn a_load_that_held_by_luck_is_left_by_one_step_down() {
    let mut search = Search::new(unhurried());
    // Carries 100; 109 holds once, when the range is narrowed, and never again.
    let mut lucky = true;
    let mut steps = Vec::new();
    let finding = loop {
        match search.next() {
            Step::Done(finding) => break finding,
            Step::Probe(asked) => {
                let is_lucky = (105.0..115.0).contains(&asked.load) && std::mem::take(&mut lucky);
                if asked.purpose == Purpose::StepDown {
                    steps.push(asked.load);
                }
                let mut server = Server::with_knee(1e6);
                server.cliff = if is_lucky { 1e5 } else { 100.0 };
                search.saw(asked.load, server.probed(asked.load));
            }
        }
    };
    assert!(!lucky);
    assert_eq!(finding.answer, Answer::Found);
    assert!(
        (100.0 / 1.051..=100.0).contains(&finding.capacity.unwrap()),
        "{finding:?}"
    );
    assert!(!steps.is_empty(), "{finding:?}");
    assert_eq!(finding.confirmed.met, 3);
}

#[test]
fn one_hiccup_on_the_way_up_does_not_become_the_answer() {
    let mut search = Search::new(unhurried());
    let mut server = Server::with_knee(1e6);
    server.cliff = 5000.0;
    let mut hiccup = true;
    let finding = loop {
        match search.next() {
            Step::Done(finding) => break finding,
            Step::Probe(asked) => {
                let mut seen = server.probed(asked.load);
                if asked.load == 200.0 && std::mem::take(&mut hiccup) {
                    seen.outcome = Outcome::Invalid {
                        reason: "a backup ran".to_owned(),
                    };
                }
                search.saw(asked.load, seen);
            }
        }
    };
    assert!(!hiccup);
    assert!(
        (5000.0 / 1.051..=5000.0).contains(&finding.capacity.unwrap()),
        "{finding:?}"
    );
}

#[test]
fn servers_with_hiccups_are_still_measured_nearly_always() {
    let within = |seed| {
        let mut server = Server::with_knee(2000.0);
        server.hiccups = 0.05;
        server.noise = 0.1;
        server.random = SmallRng::seed_from_u64(seed);
        let truth = server.capacity(1.0);
        let capacity = found(unhurried(), &mut server).0.capacity.unwrap();
        (capacity / truth - 1.0).abs() <= 0.05
    };
    let good = (0..200).filter(|seed| within(*seed)).count();
    assert!(good >= 190, "{good} of 200 within 5 %");
}

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

#[test]
fn the_knee_is_where_the_times_leave_their_floor() {
    let mut server = Server::with_knee(1000.0);
    let limits = Limits {
        start: 100.0,
        ..Limits::default()
    };
    let (finding, _) = found(limits, &mut server);
    let knee = finding.knee.unwrap();
    assert!((500.0..=960.0).contains(&knee.load), "{knee:?}");
    assert!(knee.p99_us < 5 * knee.floor_us, "{knee:?}");
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
    assert_eq!(with(|limits| limits.highest = 10.0), LimitsError::Order);
    assert_eq!(
        with(|limits| limits.precision = 0.0),
        LimitsError::Precision(0.0)
    );
    let short = with(|limits| limits.budget = Duration::from_secs(3)).to_string();
    assert!(
        short.contains("3 s do not do for one probe of 20 s"),
        "{short}"
    );
    assert!(Limits::default().checked().is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// Whatever the knee, the noise and the start: what is found is within 5 % of what the noise leaves open.
    #[test]
    fn every_knee_is_found(mu in 40_f64..100_000.0, noise in 0_f64..0.2, start in 1_f64..50_000.0, seed: u64) {
        let mut server = Server::with_knee(mu);
        server.noise = noise;
        server.random = SmallRng::seed_from_u64(seed);
        let limits = Limits { start, ..unhurried() };
        let (finding, asked) = found(limits, &mut server);

        let (surely, at_best) = (server.capacity(1.0 + noise), server.capacity(1.0 - noise));
        let capacity = finding.capacity.unwrap();
        prop_assert_eq!(finding.answer, Answer::Found);
        prop_assert!(surely / 1.0511 <= capacity && capacity <= at_best, "{} … {}: {}", surely, at_best, finding.sentence);
        // Doublings to the knee and back, five halvings, and repeats where the noise contradicts itself.
        prop_assert!(asked.len() <= 17 + 5 + 20, "{} probes: {}", asked.len(), finding.sentence);
    }

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

/// The last load before the limit may lie farthest below the diagonal, long after the floor was left.
#[test]
fn a_knee_is_where_the_floor_is_left_and_not_where_the_limit_is_near() {
    let seen = [
        (50.0, 5_700),
        (3_200.0, 15_700),
        (6_400.0, 37_900),
        (9_051.0, 176_000),
        (12_260.0, 187_000),
        (12_800.0, 621_000),
    ];
    let curve: Vec<Point> = seen.map(point).into();
    let knee = capacity::knee(&curve, Some(12_800.0)).unwrap();
    assert!((3_200.0..=6_400.0).contains(&knee.load), "{knee:?}");
    assert_eq!(knee.floor_us, 5_700);
}

/// A search asks low loads close together; what noise does there is no knee.
#[test]
fn a_knee_is_not_where_low_loads_differ_by_noise() {
    let seen = [
        (50.0, 1_980),
        (100.0, 3_120),
        (200.0, 1_530),
        (400.0, 1_590),
        (800.0, 3_510),
        (1_600.0, 4_660),
        (3_200.0, 7_490),
        (6_400.0, 11_700),
        (12_800.0, 16_200),
        (25_600.0, 113_000),
        (29_150.0, 448_000),
    ];
    let curve: Vec<Point> = seen.map(point).into();
    let knee = capacity::knee(&curve, Some(29_150.0)).unwrap();
    assert!((6_400.0..=12_800.0).contains(&knee.load), "{knee:?}");
}

fn point((load, p99_us): (f64, u64)) -> Point {
    Point {
        load,
        achieved: load,
        deliveries: load,
        p50_us: None,
        p99_us: Some(p99_us),
        lost: 0,
        servers: Vec::new(),
        outcome: Outcome::Met,
    }
}
