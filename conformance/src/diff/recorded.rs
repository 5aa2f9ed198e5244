//! The recorded questions, put to both; what the original answers now takes the place of what it answered then.

use chat_fixtures::replay::{Allowed, AllowedError, Case, Recording, Twins};

use super::{
    allow::at_home,
    clauses::clause_of,
    finding::{Finding, Source},
    findings::Found,
    restage::restaged,
};

/// Recorded questions, and what hardened clauses ask for instead of the answers recorded.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) recording: Recording,
    meant: Vec<Option<(String, serde_json::Value)>>,
    /// For each question, whether it is one that is judged.
    chosen: Vec<bool>,
}

impl Recorded {
    /// All questions of a recording.
    ///
    /// # Errors
    /// [`AllowedError`] when the hardened differences do not fit the recording.
    pub(super) fn new(recording: Recording) -> Result<Self, AllowedError> {
        let allowed = Allowed::hardened()?;
        let meant = recording
            .cases()
            .iter()
            .map(|case| allowed.answer(case, &recording))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            chosen: vec![true; meant.len()],
            recording,
            meant,
        })
    }

    /// Judges those alone that `takes` takes by name and clause.
    pub(super) fn keeps(&mut self, takes: impl Fn(&str, Option<&str>) -> bool) {
        self.chosen = self
            .names()
            .map(|(id, clause)| takes(&id, clause))
            .collect();
    }

    /// The name and the clause of each question.
    pub(super) fn names(&self) -> impl Iterator<Item = (String, Option<&str>)> {
        let cases = self.recording.cases().iter().zip(&self.meant);
        cases.map(|(case, meant)| {
            let hardened = meant.as_ref().map(|(clause, _)| clause.as_str());
            (id(case), hardened.or(case.hardened.as_deref()))
        })
    }

    /// How many are judged.
    pub(super) fn judged(&self) -> usize {
        self.chosen.iter().filter(|chosen| **chosen).count()
    }

    /// Asks them in their order, up to the last that is judged, for each builds on those before it.
    pub(super) async fn asks(
        &self,
        mut twins: Twins,
        servers: [&str; 2],
        found: &Found<'_>,
    ) -> Twins {
        let end = self.chosen.iter().rposition(|chosen| *chosen);
        let end = end.map_or(0, |last| last + 1);
        let cases = self.recording.cases().iter().zip(&self.meant);
        for ((case, meant), chosen) in cases.zip(&self.chosen).take(end) {
            if found.is_over() {
                break;
            }
            let answer = meant.as_ref().map(|(_, answer)| answer);
            let exchange = twins.ask(case, answer).await;
            if !chosen {
                continue;
            }
            found.recorded(1);
            if let Some(reason) = &exchange.unasked {
                found.unasked(&id(case), reason);
            }
            if exchange.places.is_empty() {
                continue;
            }
            let hardened = meant.as_ref().map(|(clause, _)| clause.as_str());
            let permit = found.allow.recorded(case, hardened, &exchange);
            let permit = permit.or_else(|| at_home(case, servers));
            let clause = hardened.or(case.hardened.as_deref()).map(str::to_owned);
            found.found(Finding {
                source: Source::Recorded,
                question: id(case),
                clause: clause.or_else(|| clause_of(case, &exchange).map(str::to_owned)),
                story: restaged(&self.recording, case),
                exchange,
                is_whole: false,
                permit,
            });
        }
        twins
    }

    /// The hardened differences among the questions that were judged that have not shown.
    pub(super) fn stale(&self, found: &Found<'_>) -> Vec<String> {
        let cases = self.recording.cases().iter().zip(&self.meant);
        cases
            .zip(&self.chosen)
            .filter(|((case, meant), chosen)| {
                **chosen && meant.is_some() && found.allow.is_stale(&case.case)
            })
            .map(|((case, meant), _)| {
                let clause = meant.as_ref().map_or("", |(clause, _)| clause.as_str());
                format!("{} (hardened: {clause})", id(case))
            })
            .collect()
    }
}

/// `recorded/login list body`.
pub(super) fn id(case: &Case) -> String {
    format!("recorded/{}", case.case)
}
