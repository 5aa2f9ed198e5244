//! How much more or less something is, with the interval that the noise leaves open.

use statrs::distribution::{Beta, ContinuousCDF, StudentsT};

use super::{Change, figure::Count, real, sample::Sample};

/// The ratio of two means, by its logarithm: a normal one's variance is the sum of the relative variances (the
/// delta method), with Welch's degrees of freedom (Welch, "The generalization of 'Student's' problem when several
/// different population variances are involved", Biometrika 34, 1947). `None` when both are nothing.
pub(super) fn of_means(before: &Sample, after: &Sample, error: f64) -> Option<Change> {
    let (was, is) = (before.mean(), after.mean());
    if was <= 0.0 {
        // From nothing to something has no ratio, but a direction.
        return (is > 0.0).then_some(Change {
            by: None,
            low: f64::MIN_POSITIVE,
            high: None,
        });
    }
    if is <= 0.0 {
        return Some(Change::sure(-1.0));
    }
    let ratio = is / was;
    let (a, b) = (
        before.variance() / was.powi(2),
        after.variance() / is.powi(2),
    );
    let spread = a + b;
    if spread <= 0.0 {
        return Some(Change::sure(ratio - 1.0));
    }
    let freedom = spread.powi(2) / (a.powi(2) / before.freedom() + b.powi(2) / after.freedom());
    let student = StudentsT::new(0.0, 1.0, freedom).ok()?;
    let width = student.inverse_cdf(1.0 - error / 2.0) * spread.sqrt();
    Some(Change {
        by: Some(ratio - 1.0),
        low: ratio * (-width).exp() - 1.0,
        high: finite(ratio * width.exp() - 1.0),
    })
}

/// The ratio of two rates of events. Given their sum, how many fell on one side is binomial (Przyborowski and
/// Wilenski, "Homogeneity of results in testing samples from Poisson series", Biometrika 31, 1940), and its
/// interval Clopper's and Pearson's (Biometrika 26, 1934). Events come in crowds, as a broken connection loses
/// many messages: with several runs a side, the counts are divided by how much more they vary than independent
/// ones would (McCullagh and Nelder, "Generalized Linear Models", 2nd edition 1989, section 6.2.3). `None` when
/// nothing happened, or nothing could have.
pub(super) fn of_counts(before: &[Count], after: &[Count], error: f64) -> Option<Change> {
    let (was, is) = (total(before), total(after));
    if was.events + is.events <= 0.0 || was.of <= 0.0 || is.of <= 0.0 {
        return None;
    }
    let crowd = crowd(before, after);
    let (x, y) = (was.events / crowd, is.events / crowd);
    let quantile = |a: f64, b: f64, p: f64| Beta::new(a, b).ok().map(|beta| beta.inverse_cdf(p));
    let low = if y > 0.0 {
        quantile(y, x + 1.0, error / 2.0)?
    } else {
        0.0
    };
    let high = if x > 0.0 {
        quantile(y + 1.0, x, 1.0 - error / 2.0)?
    } else {
        1.0
    };
    // From the share that fell on the second side to the ratio of the rates.
    let as_change = |share: f64| share / (1.0 - share) * (was.of / is.of) - 1.0;
    Some(Change {
        by: (x > 0.0).then(|| (is.events / is.of) / (was.events / was.of) - 1.0),
        low: as_change(low),
        high: finite(as_change(high)),
    })
}

impl Change {
    const fn sure(by: f64) -> Self {
        Self {
            by: Some(by),
            low: by,
            high: Some(by),
        }
    }
}

fn total(counts: &[Count]) -> Count {
    Count {
        events: counts.iter().map(|count| count.events).sum(),
        of: counts.iter().map(|count| count.of).sum(),
    }
}

/// Pearson's statistic over its degrees of freedom, within the sides; 1 at least, and for single runs.
fn crowd(before: &[Count], after: &[Count]) -> f64 {
    let (mut pearson, mut freedom) = (0.0, 0);
    for side in [before, after] {
        let whole = total(side);
        for count in side {
            let expected = whole.events * count.of / whole.of;
            if expected > 0.0 {
                pearson += (count.events - expected).powi(2) / expected;
            }
        }
        // A side where nothing happened says nothing about crowds.
        if whole.events > 0.0 {
            freedom += side.len() - 1;
        }
    }
    if freedom == 0 {
        1.0
    } else {
        (pearson / real(freedom)).max(1.0)
    }
}

/// JSON has no infinity.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
