//! Each kind of server has its kind of answer.

use super::*;

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
}
