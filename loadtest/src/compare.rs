//! What changed between two deployments, or two versions of one, beyond the noise of the runs, and by how much.
//!
//! Each figure is compared as a ratio with a confidence interval; the interval's level is Bonferroni's, so that
//! the stated confidence is that of the whole comparison: when nothing has changed, at most one in twenty finds
//! a change anywhere. A change counts if its interval excludes "none" and it is large enough to matter.
//!
//! With several runs a side, runs are the sample. With one, its seconds are, in batches long enough to be nearly
//! independent of each other; what differs from run to run is then unknown, and the comparison says so.
//!
//! What has to be 0 (lost, repeated, …) needs no sample: it is judged however short a run is, and in an invalid run
//! too, where a late device spoils the times and what it did not get to send, but not the rest.

mod figure;
mod gauge;
mod interval;
mod loads;
mod rare;
mod render;
mod sample;
mod sides;

use serde::{Deserialize, Serialize};

pub use figure::Unit;
pub use sample::Basis;
pub use sides::{CompareError, Place};

use crate::measurement::Measurement;
use figure::{Better, Evidence, Figure};

/// What counts as a change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The confidence of the whole comparison: 0.95 is an error in one of twenty.
    pub confidence: f64,
    /// The least change that matters: 0.05 is 5 %.
    pub relevant: f64,
    /// Judge times and rates even of runs whose device was not fit to measure.
    pub force: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            confidence: 0.95,
            relevant: 0.05,
            force: false,
        }
    }
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// What the noise was taken from.
    pub basis: Basis,
    /// The confidence of the whole comparison.
    pub confidence: f64,
    /// The least change that matters, as a share.
    pub relevant: f64,
    /// Figure by figure.
    pub rows: Vec<Row>,
    /// What makes the sides less comparable, or the result less sure.
    pub warnings: Vec<String>,
}

/// One figure on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its name, as `delivery p99`.
    pub figure: String,
    /// What its values are in.
    pub unit: Unit,
    /// Before, on average; `None` when it was not measured.
    pub before: Option<f64>,
    /// After, on average.
    pub after: Option<f64>,
    /// By how much it changed; not there when that cannot be said.
    pub change: Option<Change>,
    /// What that means.
    pub verdict: Verdict,
    /// Why it was not judged.
    #[serde(default)]
    pub because: Option<String>,
}

/// A change, as the share that came to what was before: 0.2 is a fifth more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The estimate; `None` is from nothing to something, which has no share.
    pub by: Option<f64>,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end; `None` is without end.
    pub high: Option<f64>,
}

/// What a change means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing beyond the noise, or nothing that matters.
    Same,
    /// Better, beyond the noise.
    Better,
    /// A regression.
    Worse,
    /// It could not be told.
    Unjudged,
}

/// Compares the runs of two sides.
///
/// # Errors
/// When a side is empty, an option is none, or a run is there twice. When no time and no rate could be judged, as in
/// short runs and in invalid ones that are not forced, and nothing that has to be 0 got worse.
pub fn compare(
    before: &[Measurement],
    after: &[Measurement],
    options: &Options,
) -> Result<Comparison, CompareError> {
    sides::check(before, after, options)?;
    let basis = Basis::of(before, after);
    let mut figures = figure::all(before, after, basis);
    let unfit = if options.force {
        None
    } else {
        sides::invalid(before, after)
    };
    if unfit.is_some() {
        figures.iter_mut().for_each(Figure::is_spoilt_by_the_device);
    }
    let has_means = figures.iter().any(Figure::is_judged_by_means);
    let judged = figures
        .iter()
        .filter(|figure| figure.can_be_judged())
        .count();
    let error = (1.0 - options.confidence) / real(judged.max(1));
    let rows = figures
        .into_iter()
        .map(|figure| Row::of(figure, error, options.relevant))
        .collect();
    let comparison = Comparison {
        basis,
        confidence: options.confidence,
        relevant: options.relevant,
        rows,
        warnings: loads::warnings(before, after, basis, options.force),
    };
    if !has_means && comparison.with(Verdict::Worse).next().is_none() {
        return Err(unfit.unwrap_or(CompareError::TooLittle));
    }
    Ok(comparison)
}

impl Comparison {
    /// The program's exit code: 1 with a regression, otherwise 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(self.with(Verdict::Worse).next().is_some())
    }

    /// The figures of one verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.verdict == verdict)
    }
}

impl Row {
    fn of(figure: Figure, error: f64, relevant: f64) -> Self {
        let (change, because) = match &figure.evidence {
            Evidence::Means(before, after) => (interval::of_means(before, after, error), None),
            Evidence::Counts(before, after) => (interval::of_counts(before, after, error), None),
            Evidence::None(because) => (None, Some((*because).to_owned())),
        };
        let verdict = match change {
            _ if because.is_some() => Verdict::Unjudged,
            None => Verdict::Same,
            Some(change) => change.means(figure.better, relevant),
        };
        Self {
            figure: figure.name,
            unit: figure.unit,
            before: figure.before,
            after: figure.after,
            change,
            verdict,
            because,
        }
    }
}

impl Change {
    fn means(&self, better: Better, relevant: f64) -> Verdict {
        let is_more = self.low > 0.0 && self.by.is_none_or(|by| by >= relevant);
        let is_less =
            self.high.is_some_and(|high| high < 0.0) && self.by.is_some_and(|by| by <= -relevant);
        match (is_more, is_less, better) {
            (true, _, Better::Lower) | (_, true, Better::Higher) => Verdict::Worse,
            (true, _, Better::Higher) | (_, true, Better::Lower) => Verdict::Better,
            _ => Verdict::Same,
        }
    }
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
