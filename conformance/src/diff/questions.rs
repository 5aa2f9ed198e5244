//! Which questions both are asked: all, or those that the patterns of the command line choose.

use anyhow::ensure;
use chat_fixtures::replay::Recording;
use wildmatch::WildMatch;

use super::{
    kinds::{KINDS, Kind},
    plans::{PLANS, PlanKind},
    recorded::Recorded,
    search,
};

/// What both are asked.
#[derive(Debug)]
pub(super) struct Questions {
    pub(super) recorded: Vec<Recorded>,
    pub(super) kinds: Vec<&'static Kind>,
    pub(super) plans: Vec<&'static PlanKind>,
}

impl Questions {
    /// Those that one of the patterns takes by name or by clause; all without patterns.
    pub(super) fn chosen(only: &[String]) -> anyhow::Result<Self> {
        let takes = |pattern: &str, id: &str, clauses: &[&str]| {
            let pattern = WildMatch::new(pattern);
            pattern.matches(id) || clauses.iter().any(|clause| pattern.matches(clause))
        };
        let chooses = |id: &str, clauses: &[&str]| {
            only.is_empty() || only.iter().any(|pattern| takes(pattern, id, clauses))
        };
        let recorded = [Recording::observed()?, Recording::extended()?]
            .into_iter()
            .map(|recording| Recorded::new(recording, |id, clause| chooses(id, clause.as_slice())))
            .collect::<Result<Vec<_>, _>>()?;
        let questions = Self {
            recorded,
            kinds: KINDS
                .iter()
                .filter(|kind| chooses(&kind.id(), kind.clauses))
                .collect(),
            plans: PLANS
                .iter()
                .filter(|kind| chooses(&kind.id(), &[kind.clause]))
                .collect(),
        };
        ensure!(
            questions.count(1) > 0,
            "--only {}: there is no such question",
            only.join(" --only ")
        );
        Ok(questions)
    }

    /// How many there are, more or less.
    pub(super) fn count(&self, cases: u32) -> usize {
        let recorded: usize = self.recorded.iter().map(Recorded::judged).sum();
        let drawn: u32 = self
            .kinds
            .iter()
            .map(|kind| cases.div_ceil(kind.every))
            .sum();
        recorded + drawn as usize + self.plans.len() * search::plans_of(cases) as usize
    }
}
