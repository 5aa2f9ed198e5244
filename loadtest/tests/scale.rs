//! The fit of the Universal Scalability Law gives back what it was made from, and says where it ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use chat_loadtest::{
    capacity::{Answer, Broke, Finding, Limits, Observation, Outcome, Search, Step},
    measurement::{Load, Pace},
    record::Search as Searched,
    scale::{Errors, Fit, FitError, Law, Model, Point, Points, fit},
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng, rngs::SmallRng};

const CHAT: Law = Law {
    lambda: 1000.0,
    sigma: 0.05,
    kappa: 0.005,
};

fn points(of: impl IntoIterator<Item = (u32, f64)>) -> Points {
    let points = of.into_iter().map(|(processes, capacity)| Point {
        name: format!("{processes}.json"),
        processes,
        capacity,
    });
    Points {
        points: points.collect(),
        remarks: Vec::new(),
    }
}

fn measured(law: Law, sizes: &[u32]) -> Points {
    points(sizes.iter().map(|n| (*n, law.at(f64::from(*n)))))
}

fn law_of(fit: &Fit) -> (Law, Option<Errors>, f64, f64) {
    match fit.model {
        Model::Law {
            law,
            errors,
            r_squared,
            residual,
        } => (law, errors, r_squared.unwrap_or(1.0), residual),
        Model::Line { .. } => panic!("a line: {fit}"),
    }
}

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * b.abs().max(1e-9)
}

#[test]
fn without_noise_the_parameters_come_back() {
    let fit = fit(measured(CHAT, &[1, 2, 4, 8, 16])).unwrap();
    let (law, errors, r_squared, residual) = law_of(&fit);
    assert!(near(law.lambda, 1000.0, 1e-6), "{law:?}");
    assert!(near(law.sigma, 0.05, 1e-6), "{law:?}");
    assert!(near(law.kappa, 0.005, 1e-6), "{law:?}");
    assert!(r_squared > 0.999_999 && residual < 1e-6);
    assert!(errors.unwrap().kappa.unwrap() < 1e-6);
    assert!(fit.remarks.is_empty());
}

#[test]
fn with_noise_the_parameters_are_within_their_errors() {
    let mut within = 0;
    for seed in 0..100 {
        let mut random = SmallRng::seed_from_u64(seed);
        let sizes = [1, 1, 2, 2, 4, 4, 8, 8, 16, 16];
        let noisy = sizes.map(|n: u32| {
            let noise = 1.0 + 0.03 * random.random_range(-1.0..=1.0);
            (n, CHAT.at(f64::from(n)) * noise)
        });
        let fit = fit(points(noisy)).unwrap();
        let (law, errors, ..) = law_of(&fit);
        assert!(near(law.lambda, CHAT.lambda, 0.06), "{law:?}");
        assert!((law.sigma - CHAT.sigma).abs() < 0.03, "{law:?}");
        assert!((law.kappa - CHAT.kappa).abs() < 0.003, "{law:?}");
        // Where it is held at its bound it has no error.
        let of_kappa = errors.unwrap().kappa;
        let is_within = |error| (law.kappa - CHAT.kappa).abs() <= 2.4 * error;
        within += u32::from(of_kappa.is_none_or(is_within));
    }
    // 2.4 is the 95 % quantile of Student's t with seven degrees of freedom.
    assert!((88..=100).contains(&within), "{within} of 100");
}

#[test]
fn what_scales_better_than_linearly_is_held_at_the_bounds() {
    let fit = fit(points([(1, 100.0), (2, 210.0), (4, 440.0), (8, 900.0)])).unwrap();
    let (law, errors, ..) = law_of(&fit);
    assert_eq!((law.sigma, law.kappa), (0.0, 0.0));
    assert_eq!(errors.unwrap().sigma, None);
    let most = fit.most().unwrap();
    assert_eq!((most.processes, most.carry), (None, None));
    assert!(fit.to_string().contains("at its bound"), "{fit}");
}

#[test]
fn it_says_how_many_processes_a_load_needs_and_where_more_stop_helping() {
    let fit = fit(measured(CHAT, &[1, 2, 4, 8])).unwrap();
    for n in 1..=13 {
        let needed = fit.processes_for(CHAT.at(f64::from(n)));
        assert_eq!(needed.processes, Some(n), "{needed}");
        assert!(!needed.is_extrapolated && !needed.is_lower_bound);
    }
    let most = fit.most().unwrap();
    // √(0.95 / 0.005) = 13.78
    assert_eq!(most.processes, Some(14));
    assert!(!most.is_extrapolated);
    let too_much = fit.processes_for(most.carry.unwrap() * 1.01);
    assert_eq!(too_much.processes, None);
    assert!(too_much.to_string().starts_with("No number of processes"));
}

#[test]
fn beyond_twice_what_was_measured_it_says_that_it_guesses() {
    let flat = Law {
        kappa: 0.0001,
        ..CHAT
    };
    let fit = fit(measured(flat, &[1, 2, 4])).unwrap();
    assert!(!fit.processes_for(flat.at(8.0)).is_extrapolated);
    let far = fit.processes_for(flat.at(9.0));
    assert_eq!(far.processes, Some(9));
    assert!(far.to_string().contains("more a guess"), "{far}");
    assert!(fit.most().unwrap().is_extrapolated);
}

#[test]
fn without_coherency_there_is_a_ceiling_and_no_peak() {
    let amdahl = Law { kappa: 0.0, ..CHAT };
    let fit = fit(measured(amdahl, &[1, 2, 4, 8])).unwrap();
    let most = fit.most().unwrap();
    // To rounding, κ is 0 or nearly so: then the peak is far beyond anything.
    assert!(most.processes.is_none_or(|n| n > 10_000), "{most}");
    assert!(near(most.carry.unwrap(), 20_000.0, 0.01), "{most}");
}

#[test]
fn three_points_fit_without_errors_and_say_so() {
    let fit = fit(measured(CHAT, &[1, 2, 4])).unwrap();
    let (law, errors, ..) = law_of(&fit);
    assert!(near(law.kappa, CHAT.kappa, 1e-6));
    assert_eq!(errors, None);
    assert!(fit.remarks[0].contains("no error to estimate"), "{fit}");
}

#[test]
fn two_sizes_are_a_line_and_an_upper_bound_only() {
    let fit = fit(points([(1, 900.0), (1, 1100.0), (3, 2500.0)])).unwrap();
    assert_eq!(
        fit.model,
        Model::Line {
            one: 1000.0,
            each: 750.0
        }
    );
    assert_eq!(fit.most(), None);
    let between = fit.processes_for(1700.0);
    assert_eq!(
        (between.processes, between.is_lower_bound),
        (Some(2), false)
    );
    let beyond = fit.processes_for(3000.0);
    assert_eq!((beyond.processes, beyond.is_lower_bound), (Some(4), true));
    assert!(beyond.to_string().contains("at least 4"), "{beyond}");
    assert!(fit.to_string().contains("no law"), "{fit}");
}

#[test]
fn what_is_no_scaling_is_refused() {
    let refused = |points| fit(points).unwrap_err();
    assert_eq!(refused(points([])), FitError::Nothing(Vec::new()));
    assert_eq!(
        refused(points([(2, 10.0), (2, 11.0)])),
        FitError::OneSize(2)
    );
    let zero = refused(points([(0, 10.0), (1, 10.0)])).to_string();
    assert!(
        zero.starts_with("0.json: 10 messages a second with 0"),
        "{zero}"
    );
    for bad in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
        let points = points([(1, bad), (2, 10.0)]);
        assert!(matches!(refused(points), FitError::Point { .. }));
    }
}

fn finding(change: fn(&mut Finding)) -> Finding {
    let limits = Limits {
        lowest: 100.0,
        start: 100.0,
        highest: 100.0,
        ..Limits::default()
    };
    let Step::Done(finding) = done(Search::new(limits)) else {
        panic!("not done");
    };
    let mut finding = *finding;
    finding.load = Some(load(4));
    finding.answer = Answer::Found;
    change(&mut finding);
    finding
}

fn done(mut search: Search) -> Step {
    while let Step::Probe(asked) = search.next() {
        let observation = Observation {
            achieved: asked.load,
            deliveries: asked.load,
            p50_us: None,
            p99_us: None,
            lost: 0,
            servers: Vec::new(),
            outcome: Outcome::Met,
            took: Duration::from_secs(20),
        };
        search.saw(asked.load, observation);
    }
    search.next()
}

fn load(processes: u32) -> Load {
    Load {
        scenario: "live".to_owned(),
        rooms: 1,
        members: 10,
        senders: 10,
        payload: 64,
        pace: Pace::InFlight { per_room: 16 },
        seed: 1,
        processes,
        label: None,
    }
}

#[test]
fn only_capacities_of_the_deployment_become_points() {
    let taken = |finding: &Finding| {
        let points = Points::of(&[searched("a.json", finding.clone())]).unwrap();
        let of: Vec<_> = points
            .points
            .iter()
            .map(|p| (p.processes, p.capacity))
            .collect();
        (of, points.remarks.join(" "))
    };
    assert_eq!(taken(&finding(|_| {})).0, [(4, 100.0)]);
    let (of, why) = taken(&finding(|f| f.answer = Answer::DeviceBrokeFirst));
    assert!(
        of.is_empty() && why.contains("no capacity of the deployment"),
        "{why}"
    );
    let (of, why) = taken(&finding(|f| f.load = None));
    assert!(of.is_empty() && why.contains("how many processes"), "{why}");
    let (of, why) = taken(&finding(|f| {
        f.answer = Answer::OutOfTime;
        f.broke = Some(Broke::Latency);
    }));
    assert!(of.len() == 1 && why.contains("lower end"), "{why}");

    let (of, _) = taken(&finding(|f| f.answer = Answer::OutOfTime));
    assert_eq!(of, [], "nothing of the server had broken");

    let nothing = searched("a.json", finding(|f| f.capacity = None));
    let error = fit(Points::of(&[nothing]).unwrap())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("a.json is left out: no load held"),
        "{error}"
    );
}

#[test]
fn searches_of_different_questions_are_no_scaling() {
    let one = || finding(|f| f.load = Some(load(1)));
    let refused = |change: fn(&mut Searched)| {
        let mut other = searched("4.json", finding(|_| {}));
        change(&mut other.1);
        let error = Points::of(&[searched("1.json", one()), other]).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        refused(|it| of(it).members = 20),
        "1.json and 4.json are no searches of the same question: the number of members is 10 there and 20 here"
    );
    for (change, what) in [
        (
            (|it| of(it).scenario = "broadcast".to_owned()) as fn(&mut Searched),
            "the scenario is \"live\" there and \"broadcast\" here",
        ),
        (|it| of(it).rooms = 2, "the number of rooms"),
        (|it| of(it).senders = 1, "the number of speakers"),
        (|it| of(it).payload = 65, "the payload"),
        (
            |it| of(it).pace = Pace::Poisson { per_second: 1.0 },
            "the pace",
        ),
        (
            |it| it.slo.push("lost == 0".parse().unwrap()),
            r#"the set of limits is ["delivery p99 < 250ms"] there and ["delivery p99 < 250ms", "lost == 0"] here"#,
        ),
    ] {
        let error = refused(change);
        assert!(error.contains(what), "{error}");
    }
    let twice = Points::of(&[searched("a.json", one()), searched("b.json", one())]);
    assert_eq!(
        twice,
        Err(FitError::Twice("a.json".into(), "b.json".into()))
    );
}

fn of(search: &mut Searched) -> &mut Load {
    search.finding.load.as_mut().unwrap()
}

fn searched(name: &str, finding: Finding) -> (String, Searched) {
    let slo = vec!["delivery p99 < 250ms".parse().unwrap()];
    (name.to_owned(), Searched { finding, slo })
}

#[test]
fn a_fit_can_be_written_and_read() {
    let fit = fit(measured(CHAT, &[1, 2, 4, 8])).unwrap();
    let read: Fit = serde_json::from_str(&serde_json::to_string(&fit).unwrap()).unwrap();
    assert_eq!(read.points.len(), 4);
    assert_eq!(read.to_string(), fit.to_string());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Whatever the law: its parameters come back, and its answers are the fewest that carry the load.
    #[test]
    fn every_law_comes_back(lambda in 1_f64..1e5, sigma in 0.001_f64..0.5, kappa in 0.0001_f64..0.05, load in 0.01_f64..30.0) {
        let law = Law { lambda, sigma, kappa };
        let fit = fit(measured(law, &[1, 2, 3, 4, 6, 8])).unwrap();
        let (found, ..) = law_of(&fit);
        prop_assert!(near(found.lambda, lambda, 1e-4), "{:?}", found);
        prop_assert!(near(found.sigma, sigma, 1e-3), "{:?}", found);
        prop_assert!(near(found.kappa, kappa, 1e-3), "{:?}", found);
        let needed = fit.processes_for(load * lambda);
        if let Some(n) = needed.processes {
            prop_assert!(fit.capacity_of(n) >= load * lambda * 0.999_999);
            prop_assert!(n == 1 || fit.capacity_of(n - 1) < load * lambda);
        } else if let Some(most) = fit.most() {
            prop_assert!(most.carry.unwrap() < load * lambda * 1.000_001);
        }
    }

    /// Whatever the points: no panic, no negative parameter, a text.
    #[test]
    fn any_points_are_taken(of in prop::collection::vec((1_u32..100, 0.001_f64..1e6), 1..12)) {
        if let Ok(fit) = fit(points(of)) {
            if let Model::Law { law, .. } = fit.model {
                prop_assert!(law.lambda > 0.0 && law.sigma >= 0.0 && law.kappa >= 0.0, "{:?}", law);
            }
            prop_assert!(!fit.to_string().is_empty());
            let _ = (fit.most(), fit.processes_for(1e9));
        }
    }
}
