//! The Universal Scalability Law itself.

use serde::{Deserialize, Serialize};

/// X(N) = λN / (1 + σ(N − 1) + κN(N − 1)).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Law {
    /// λ: what one process carries, in messages a second.
    pub lambda: f64,
    /// σ: contention, the share of the work that waits for others.
    pub sigma: f64,
    /// κ: coherency, what agreeing with each other costs.
    pub kappa: f64,
}

impl Law {
    /// What N processes carry, in messages a second.
    #[must_use]
    pub fn at(&self, n: f64) -> f64 {
        self.lambda * n / self.slowdown(n)
    }

    /// The number beyond which more processes carry less: √((1 − σ) / κ). `None` when there is none.
    #[must_use]
    pub fn peak(&self) -> Option<f64> {
        (self.kappa > 0.0).then(|| ((1.0 - self.sigma).max(0.0) / self.kappa).sqrt().max(1.0))
    }

    /// What is never reached however many there are, where there is no peak: λ / σ.
    #[must_use]
    pub fn ceiling(&self) -> Option<f64> {
        (self.kappa <= 0.0 && self.sigma > 0.0).then(|| self.lambda / self.sigma)
    }

    /// The fewest processes, as a fraction, that carry this load: the lower root of
    /// κL·N² + (σL − κL − λ)·N + (1 − σ)L = 0. `None` when no number does.
    #[must_use]
    pub fn processes_for(&self, load: f64) -> Option<f64> {
        let square = self.kappa * load;
        let linear = (self.sigma - self.kappa).mul_add(load, -self.lambda);
        let constant = (1.0 - self.sigma) * load;
        let root = if square > 0.0 {
            let discriminant = linear.mul_add(linear, -4.0 * square * constant);
            if discriminant < 0.0 {
                return None;
            }
            // In the form that does not subtract nearly equal numbers when κ is small.
            2.0 * constant / (-linear + discriminant.sqrt())
        } else {
            -constant / linear
        };
        (linear < 0.0 && root.is_finite()).then(|| root.max(0.0))
    }

    /// The derivatives of [`at`](Self::at) by λ, σ and κ.
    pub(super) fn gradient(&self, n: f64) -> [f64; 3] {
        let slowdown = self.slowdown(n);
        let by_slowdown = -self.lambda * n / (slowdown * slowdown);
        [
            n / slowdown,
            by_slowdown * (n - 1.0),
            by_slowdown * n * (n - 1.0),
        ]
    }

    fn slowdown(&self, n: f64) -> f64 {
        1.0 + self.sigma * (n - 1.0) + self.kappa * n * (n - 1.0)
    }
}
