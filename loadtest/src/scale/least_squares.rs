//! The law that misses the points the least, with its parameters not below 0.
//!
//! A search knows a capacity to a share of it (its precision), so that a point counts by its relative error:
//! ln X, and not X, is what the squares are of. N/X = (1 + σ(N − 1) + κN(N − 1)) / λ is linear in 1/λ, σ/λ and κ/λ:
//! that gives the start (Gunther 2007, section 5.5), and Gauss–Newton with Levenberg's damping the minimum. With
//! two parameters that may not be negative there are four cases of which of them are held at 0; the best one that
//! keeps to the bounds is the constrained minimum.

use super::{Errors, Law, Model, Point};

/// Fits three or more sizes.
pub(super) fn fit(points: &[Point]) -> Model {
    let data: Vec<(f64, f64)> = points
        .iter()
        .map(|point| (f64::from(point.processes), point.capacity))
        .collect();
    let mut best: Option<(Law, &[usize])> = None;
    for free in CASES {
        let Some(law) = linearised(&data, free).map(|law| refined(&data, law, free)) else {
            continue;
        };
        let keeps_bounds = law.lambda > 0.0 && law.sigma >= 0.0 && law.kappa >= 0.0;
        if keeps_bounds && best.is_none_or(|(other, _)| missed(&data, &law) < missed(&data, &other))
        {
            best = Some((law, free));
        }
    }
    let (law, free) = best.unwrap_or((mean_rate(&data), CASES[3]));
    let count = real(data.len());
    let mean = data.iter().map(|(_, x)| x).sum::<f64>() / count;
    let off: f64 = data.iter().map(|(n, x)| (x - law.at(*n)).powi(2)).sum();
    let varies: f64 = data.iter().map(|(_, x)| (x - mean).powi(2)).sum();
    Model::Law {
        law,
        errors: errors(&data, &law, free),
        r_squared: (varies > 0.0).then(|| 1.0 - off / varies),
        residual: (missed(&data, &law) / count).sqrt(),
    }
}

/// The parameters that are free in each case, λ first; the others are 0.
const CASES: [&[usize]; 4] = [&[0, 1, 2], &[0, 1], &[0, 2], &[0]];

/// The sum of squares of what the law misses the data by, relatively.
fn missed(data: &[(f64, f64)], law: &Law) -> f64 {
    data.iter()
        .map(|(n, x)| (x / law.at(*n)).ln().powi(2))
        .sum()
}

/// The terms of one point: by how much the parameters change the logarithm of the law.
fn terms(law: &Law, n: f64) -> [f64; 3] {
    law.gradient(n).map(|by| by / law.at(n))
}

fn linearised(data: &[(f64, f64)], free: &[usize]) -> Option<Law> {
    let rows = data.iter().map(|(n, x)| {
        // The relative error of N/X is that of X.
        let weight = x / n;
        let terms = [1.0, n - 1.0, n * (n - 1.0)].map(|term| term * weight);
        (terms, n / x * weight)
    });
    let solved = solve(rows, free, 0.0)?;
    let lambda = 1.0 / solved[0];
    Some(Law {
        lambda,
        sigma: solved[1] * lambda,
        kappa: solved[2] * lambda,
    })
}

fn refined(data: &[(f64, f64)], start: Law, free: &[usize]) -> Law {
    let mut law = start;
    let mut damping = 1e-3;
    for _ in 0..MOST_STEPS {
        let rows = data
            .iter()
            .map(|(n, x)| (terms(&law, *n), (x / law.at(*n)).ln()));
        let Some(step) = solve(rows, free, damping) else {
            break;
        };
        let next = Law {
            lambda: law.lambda + step[0],
            sigma: law.sigma + step[1],
            kappa: law.kappa + step[2],
        };
        if missed(data, &next) < missed(data, &law) {
            law = next;
            damping *= 0.1;
        } else {
            damping *= 10.0;
            if damping > MOST_DAMPING {
                break;
            }
        }
    }
    law
}

/// One over what a process costs on average: for data that no case fits, which nothing physical gives.
fn mean_rate(data: &[(f64, f64)]) -> Law {
    Law {
        lambda: data.iter().map(|(n, x)| x / n).sum::<f64>() / real(data.len()),
        sigma: 0.0,
        kappa: 0.0,
    }
}

/// s² (JᵀJ)⁻¹, as in every book on regression; `None` when nothing is left over for s².
fn errors(data: &[(f64, f64)], law: &Law, free: &[usize]) -> Option<Errors> {
    let left = data
        .len()
        .checked_sub(free.len())
        .filter(|left| *left > 0)?;
    let variance = missed(data, law) / real(left);
    let mut deviations = [None; 3];
    for (place, deviation) in deviations.iter_mut().enumerate() {
        if free.contains(&place) {
            let rows = data.iter().map(|(n, _)| (terms(law, *n), 0.0));
            let (matrix, _) = normal(rows, free, 0.0);
            let mut unit = [0.0; 3];
            unit[place] = 1.0;
            *deviation = Some((eliminated(matrix, unit)?[place].max(0.0) * variance).sqrt());
        }
    }
    Some(Errors {
        lambda: deviations[0]?,
        sigma: deviations[1],
        kappa: deviations[2],
    })
}

/// The least squares solution of rows of terms and their wanted sums, with the parameters that are not free at 0.
fn solve(
    rows: impl Iterator<Item = ([f64; 3], f64)>,
    free: &[usize],
    damping: f64,
) -> Option<[f64; 3]> {
    let (matrix, wanted) = normal(rows, free, damping);
    eliminated(matrix, wanted)
}

type Matrix = [[f64; 3]; 3];

/// The normal equations.
fn normal(
    rows: impl Iterator<Item = ([f64; 3], f64)>,
    free: &[usize],
    damping: f64,
) -> (Matrix, [f64; 3]) {
    let (mut matrix, mut wanted) = ([[0.0; 3]; 3], [0.0; 3]);
    for (terms, sum) in rows {
        for &i in free {
            wanted[i] += terms[i] * sum;
            for &j in free {
                matrix[i][j] += terms[i] * terms[j];
            }
        }
    }
    for (i, row) in matrix.iter_mut().enumerate() {
        if free.contains(&i) {
            row[i] *= 1.0 + damping;
        } else {
            row[i] = 1.0;
        }
    }
    (matrix, wanted)
}

/// Gauss–Jordan elimination, of rows and columns scaled to a diagonal of 1: λ is thousands, κ a thousandth.
fn eliminated(mut matrix: Matrix, mut wanted: [f64; 3]) -> Option<[f64; 3]> {
    let scale = [0, 1, 2].map(|i| matrix[i][i].sqrt());
    for i in 0..3 {
        wanted[i] /= scale[i];
        for j in 0..3 {
            matrix[i][j] /= scale[i] * scale[j];
        }
    }
    for pivot in 0..3 {
        // What was scaled by 0 is no number.
        let is_singular = matrix[pivot][pivot].is_nan() || matrix[pivot][pivot] < SINGULAR;
        if is_singular {
            return None;
        }
        let above = matrix[pivot];
        for row in (0..3).filter(|row| *row != pivot) {
            let factor = matrix[row][pivot] / above[pivot];
            for (value, above) in matrix[row].iter_mut().zip(above) {
                *value -= factor * above;
            }
            wanted[row] -= factor * wanted[pivot];
        }
    }
    let solved = [0, 1, 2].map(|i| wanted[i] / matrix[i][i] / scale[i]);
    solved
        .iter()
        .all(|value| value.is_finite())
        .then_some(solved)
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

const MOST_STEPS: u32 = 200;

const MOST_DAMPING: f64 = 1e12;

const SINGULAR: f64 = 1e-13;
