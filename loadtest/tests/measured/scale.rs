//! The fit of the Universal Scalability Law gives back what it was made from, and says where it ends.

mod answers;
mod law;
mod searches;

use std::time::Duration;

use chat_loadtest::{
    capacity::{Answer, Broke, Finding, Limits, Observation, Outcome, Search, Step},
    measurement::{Load, Pace},
    record::Search as Searched,
    scale::{Errors, Fit, FitError, Law, Model, Point, Points, fit},
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use crate::example;

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
fn a_fit_can_be_written_and_read() {
    let fit = fit(measured(CHAT, &[1, 2, 4, 8])).unwrap();
    let read: Fit = serde_json::from_str(&serde_json::to_string(&fit).unwrap()).unwrap();
    assert_eq!(read.points.len(), 4);
    assert_eq!(read.to_string(), fit.to_string());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

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
