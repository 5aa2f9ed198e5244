//! What held or failed by chance does not become the answer.

use super::*;

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
