//! Only searches of one question become points, and only points that are capacities are fitted.

use super::*;

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
        pace: Pace::InFlight { per_room: 16 },
        processes,
        ..example::load()
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
