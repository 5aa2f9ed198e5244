//! From values to places on an axis, and the round values that are written beside it.

/// How values are spread over an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Evenly, from 0 on.
    Zero,
    /// Evenly, from the smallest on.
    Linear,
    /// By their logarithm: every decade takes the same room.
    Log,
    /// Quantiles from 0 to 1 by how rare what lies beyond is, as HdrHistogram plots them: 90 %, 99 % and 99.9 %
    /// stand equally far apart.
    Tail,
}

/// A scale with the values that it has to show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    scale: Scale,
    low: f64,
    high: f64,
}

impl Range {
    /// A range for all of these; one that has room even for a single value, or for none.
    pub(super) fn of(scale: Scale, values: impl Iterator<Item = f64>) -> Self {
        let values = values.filter(|value| value.is_finite());
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let (low, high) = if low > high { (0.0, 0.0) } else { (low, high) };
        let (low, high) = match scale {
            Scale::Zero => (0.0, ceiling(high.max(f64::MIN_POSITIVE))),
            Scale::Linear if low < high => (low, high),
            Scale::Linear => {
                let around = (low.abs() * 0.1).max(1.0);
                (low - around, high + around)
            }
            Scale::Log => {
                let low = floor(low.max(SMALLEST));
                (low, ceiling(high).max(low * 10.0))
            }
            Scale::Tail => (0.0, high.clamp(0.99, 1.0 - 1e-9)),
        };
        Self { scale, low, high }
    }

    /// The place of a value, from 0 to 1; what lies outside is brought to the edge.
    pub(super) fn place(&self, value: f64) -> f64 {
        let (value, low, high) = match self.scale {
            Scale::Zero | Scale::Linear => (value, self.low, self.high),
            Scale::Log => (
                value.max(SMALLEST).log10(),
                self.low.log10(),
                self.high.log10(),
            ),
            Scale::Tail => (rarity(value), rarity(self.low), rarity(self.high)),
        };
        ((value - low) / (high - low)).clamp(0.0, 1.0)
    }

    /// Round values to write beside the axis, about so many.
    pub(super) fn ticks(&self, about: usize) -> Vec<f64> {
        match self.scale {
            Scale::Zero | Scale::Linear => self.even_ticks(about),
            Scale::Log => self.decades(about),
            Scale::Tail => [0.0, 0.5, 0.9, 0.99, 0.999, 0.999_9, 0.999_99, 0.999_999]
                .into_iter()
                .filter(|tick| rarity(*tick) <= rarity(self.high) + 1e-9)
                .collect(),
        }
    }

    fn even_ticks(&self, about: usize) -> Vec<f64> {
        let step = step((self.high - self.low) / about.max(1) as f64);
        let first = (self.low / step).ceil();
        (0_u32..100)
            .map(|n| (first + f64::from(n)) * step)
            .take_while(|tick| *tick <= self.high + step * 1e-6)
            .collect()
    }

    /// The decades, with 2 and 5 of each where there is room or where there would be one tick at most.
    fn decades(&self, about: usize) -> Vec<f64> {
        let within = |steps: &[f64]| -> Vec<f64> {
            (self.low.log10().floor() as i32..=self.high.log10().ceil() as i32)
                .flat_map(|exponent| steps.iter().map(move |step| step * 10_f64.powi(exponent)))
                .filter(|tick| (self.low * 0.999..=self.high * 1.001).contains(tick))
                .collect()
        };
        let (fine, coarse) = (within(&[1.0, 2.0, 5.0]), within(&[1.0]));
        if fine.len() <= about + 1 || coarse.len() < 2 {
            return fine;
        }
        let every = coarse.len().div_ceil(about.max(1) + 1);
        coarse.into_iter().step_by(every).collect()
    }
}

/// How rare what lies beyond a quantile is: the decimal logarithm of one in how many.
fn rarity(quantile: f64) -> f64 {
    -(1.0 - quantile.clamp(0.0, 1.0 - 1e-12)).log10()
}

/// The round step (1, 2 or 5 of some decade) that is not below this one.
fn step(atleast: f64) -> f64 {
    let decade = 10_f64.powf(atleast.max(1e-12).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade);
    steps
        .into_iter()
        .find(|step| *step >= atleast * 0.999_999)
        .unwrap_or(10.0 * decade)
}

fn ceiling(value: f64) -> f64 {
    step(value)
}

fn floor(value: f64) -> f64 {
    let decade = 10_f64.powf(value.log10().floor());
    let steps = [5.0, 2.0, 1.0].map(|step| step * decade);
    steps
        .into_iter()
        .find(|step| *step <= value * 1.000_001)
        .unwrap_or(decade)
}

/// Below that nothing has a place on a logarithmic axis.
const SMALLEST: f64 = 1e-6;

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: &[f64], b: &[f64]) -> bool {
        a.len() == b.len()
            && a.iter()
                .zip(b)
                .all(|(a, b)| (a - b).abs() <= b.abs() * 1e-9)
    }

    #[test]
    fn ticks_are_round() {
        let range = Range::of(Scale::Zero, [3.0, 97.0].into_iter());
        assert!(near(&range.ticks(5), &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0]));
        let range = Range::of(Scale::Log, [310.0, 95_000.0].into_iter());
        assert!(
            near(&range.ticks(5), &[1e3, 1e4, 1e5]),
            "{:?}",
            range.ticks(5)
        );
        let range = Range::of(Scale::Log, [310.0, 950.0].into_iter());
        assert!(
            near(&range.ticks(6), &[200.0, 500.0, 1000.0, 2000.0]),
            "{:?}",
            range.ticks(6)
        );
    }

    #[test]
    fn on_the_tail_each_nine_takes_the_same_room() {
        let range = Range::of(Scale::Tail, [0.0, 0.9999].into_iter());
        let places = [0.0, 0.9, 0.99, 0.999, 0.9999].map(|quantile| range.place(quantile));
        assert!(near(&places, &[0.0, 0.25, 0.5, 0.75, 1.0]), "{places:?}");
    }

    #[test]
    fn no_values_and_odd_ones_have_a_place_all_the_same() {
        for scale in [Scale::Zero, Scale::Linear, Scale::Log, Scale::Tail] {
            for values in [
                &[][..],
                &[0.0],
                &[5.0],
                &[f64::NAN, f64::INFINITY, 1.0],
                &[1e300],
            ] {
                let range = Range::of(scale, values.iter().copied());
                for value in [0.0, 1.0, -1.0, 1e300] {
                    let place = range.place(value);
                    assert!(
                        (0.0..=1.0).contains(&place),
                        "{scale:?} {values:?} {value}: {place}"
                    );
                }
                assert!(range.ticks(5).len() <= 100);
            }
        }
    }
}
