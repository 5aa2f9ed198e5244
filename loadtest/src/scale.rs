//! How a deployment scales: capacities at several numbers of processes, and what follows for others.
//!
//! The model is the Universal Scalability Law (Gunther, "Guerrilla Capacity Planning", Springer 2007, chapters
//! 4 to 6): N processes carry X(N) = λN / (1 + σ(N − 1) + κN(N − 1)), where λ is what one carries, σ the share
//! of the work that waits for others (contention), and κ what it costs each to agree with every other
//! (coherency), which makes more processes carry less in the end.

mod answer;
mod law;
mod least_squares;
mod points;
mod render;

use serde::{Deserialize, Serialize};

use crate::difference::Difference;

pub use answer::{Most, Processes};
pub use law::Law;
pub use points::{Point, Points};

/// How capacity depends on the number of processes, with what the points say about the error of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// The points it is made from, by number of processes.
    pub points: Vec<Point>,
    /// What was made of them.
    pub model: Model,
    /// What a reader has to know to read the figures rightly.
    pub remarks: Vec<String>,
}

/// What can be made of the points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Model {
    /// Two numbers of processes: a line between them, and an upper bound beyond.
    Line {
        /// Messages a second with one process, on the line.
        one: f64,
        /// Messages a second that each more brings, on the line.
        each: f64,
    },
    /// Three or more: the Universal Scalability Law.
    Law {
        /// Its parameters.
        #[serde(flatten)]
        law: Law,
        /// Their standard errors; not there when the points are no more than the parameters.
        errors: Option<Errors>,
        /// The share of the points' variance that it explains; `None` when they do not vary.
        r_squared: Option<f64>,
        /// The root mean square of what it misses the points by, each as a share of itself.
        residual: f64,
    },
}

/// Standard errors of the law's parameters; one that is held at its bound of 0 has none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Errors {
    /// Of λ, in messages a second.
    pub lambda: f64,
    /// Of σ.
    pub sigma: Option<f64>,
    /// Of κ.
    pub kappa: Option<f64>,
}

/// Why points say nothing about scaling.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FitError {
    /// There are none.
    #[error(
        "no capacities to fit{}: search for the capacity of 1, 2 and 4 processes, with a URL for each or --behind-balancer N",
        .0.iter().map(|remark| format!(" ({remark})")).collect::<String>()
    )]
    Nothing(Vec<String>),
    /// One is there twice.
    #[error("{0} and {1} are the same search: each counts once")]
    Twice(String, String),
    /// They asked different questions.
    #[error("{a} and {b} are no searches of the same question: {difference}")]
    Different {
        /// The first.
        a: String,
        /// The one that does not fit it.
        b: String,
        /// In what.
        difference: Difference,
    },
    /// All have the same number of processes.
    #[error(
        "all of them are of {0} process(es): scaling needs at least two numbers of processes, a fit three"
    )]
    OneSize(u32),
    /// A point that is none.
    #[error("{name}: {capacity} messages a second with {processes} process(es) is no capacity")]
    Point {
        /// Where it is from.
        name: String,
        /// Its processes.
        processes: u32,
        /// Its capacity.
        capacity: f64,
    },
}

/// Fits the law to these points; with two numbers of processes, only a line.
///
/// # Errors
/// When there is nothing to fit, or a point is none.
pub fn fit(points: Points) -> Result<Fit, FitError> {
    let Points {
        mut points,
        mut remarks,
    } = points;
    points.sort_by(|a, b| {
        a.processes
            .cmp(&b.processes)
            .then(a.capacity.total_cmp(&b.capacity))
    });
    for point in &points {
        if point.processes == 0 || !point.capacity.is_finite() || point.capacity <= 0.0 {
            return Err(FitError::Point {
                name: point.name.clone(),
                processes: point.processes,
                capacity: point.capacity,
            });
        }
    }
    let mut sizes: Vec<u32> = points.iter().map(|point| point.processes).collect();
    sizes.dedup();
    let model = match sizes.as_slice() {
        [] => return Err(FitError::Nothing(remarks)),
        [size] => return Err(FitError::OneSize(*size)),
        [few, many] => {
            remarks.push(TWO_SIZES.to_owned());
            line(&points, f64::from(*few), f64::from(*many))
        }
        _ => {
            let model = least_squares::fit(&points);
            if let Model::Law { errors: None, .. } = model {
                remarks.push(NO_ERRORS.to_owned());
            }
            model
        }
    };
    Ok(Fit {
        points,
        model,
        remarks,
    })
}

fn line(points: &[Point], few: f64, many: f64) -> Model {
    let mean = |size: f64| {
        let of_size = |point: &&Point| f64::from(point.processes) == size;
        let capacities: Vec<f64> = points.iter().filter(of_size).map(|p| p.capacity).collect();
        capacities.iter().sum::<f64>() / f64::from(u32::try_from(capacities.len()).unwrap_or(1))
    };
    let each = (mean(many) - mean(few)) / (many - few);
    Model::Line {
        one: mean(few) - each * (few - 1.0),
        each,
    }
}

const TWO_SIZES: &str = "Two numbers of processes make a line, no law: between them it interpolates, beyond them it is \
                         an upper bound, as deployments scale less than linearly. Measure a third.";

const NO_ERRORS: &str = "Three points and three parameters leave no error to estimate: the curve goes through the points \
                         whatever their noise. Measure more, or some of them again.";
