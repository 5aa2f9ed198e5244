//! The knee of a curve: where the time of delivery leaves its floor.
//!
//! By Kneedle (Satopää, Albrecht, Irwin, Raghavan: "Finding a 'Kneedle' in a Haystack", ICDCS Workshops 2011):
//! both axes are brought to 0 … 1, and the knee of a rising curve that bends upwards is where it is farthest
//! below the diagonal. In place of its smoothing spline, for which a search has too few loads, each load counts
//! with the median of its probes, and a time that a higher load did better than is noise. Both axes are logarithmic:
//! loads are asked by doubling, so that on a linear axis all but the last few would stand at its beginning, and near
//! saturation times grow by orders of magnitude, beside which every earlier bend would be flat.

use serde::{Deserialize, Serialize};

use super::{Outcome, Point};

/// Where the time of delivery leaves its floor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Knee {
    /// The last load before it does, in messages a second.
    pub load: f64,
    /// 99 of 100 deliveries took no longer there, in microseconds.
    pub p99_us: u64,
    /// The floor: the same at the load where it was lowest.
    pub floor_us: u64,
}

/// The knee of these probes, up to the lowest load that did `missed`: what is far beyond it would hide all bends
/// below. `None` with fewer than four loads, or where the time never leaves its floor.
#[must_use]
pub fn knee(curve: &[Point], missed: Option<f64>) -> Option<Knee> {
    let loads = ascending(curve, missed);
    let (first, last) = (*loads.first()?, *loads.last()?);
    if loads.len() < FEWEST_LOADS || last.1 < first.1.saturating_mul(LEFT_FLOOR) {
        return None;
    }
    let (width, height) = (
        last.0.ln() - first.0.ln(),
        logarithm(last.1) - logarithm(first.1),
    );
    let rise = |p99: u64| (logarithm(p99) - logarithm(first.1)) / height;
    let below_diagonal = |(load, p99): (f64, u64)| (load.ln() - first.0.ln()) / width - rise(p99);
    let (load, p99_us) = loads
        .iter()
        .copied()
        // Where most of the rise is behind, the floor was left before.
        .filter(|(_, p99)| rise(*p99) <= HALF)
        .max_by(|a, b| below_diagonal(*a).total_cmp(&below_diagonal(*b)))?;
    Some(Knee {
        load,
        p99_us,
        floor_us: first.1,
    })
}

/// Each load with its median, none above that of a higher load.
fn ascending(curve: &[Point], missed: Option<f64>) -> Vec<(f64, u64)> {
    let mut points: Vec<(f64, u64)> = curve
        .iter()
        .filter(|point| !matches!(point.outcome, Outcome::Invalid { .. }))
        .filter(|point| missed.is_none_or(|missed| point.load <= missed))
        .filter_map(|point| Some((point.load, point.p99_us?)))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut loads: Vec<_> = points
        .chunk_by(|a, b| a.0 == b.0)
        .map(|probes| probes[(probes.len() - 1) / 2])
        .collect();
    let mut lowest = u64::MAX;
    for (_, p99) in loads.iter_mut().rev() {
        lowest = lowest.min(*p99);
        *p99 = lowest;
    }
    loads
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of an hour are far below 2^53"
)]
fn logarithm(micros: u64) -> f64 {
    (micros.max(1) as f64).ln()
}

const FEWEST_LOADS: usize = 4;

const HALF: f64 = 0.5;

/// A time below so many times the floor is still the floor.
const LEFT_FLOOR: u64 = 2;
