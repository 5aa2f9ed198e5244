//! Generated questions: drawn, and asked of both.

use std::hash::{DefaultHasher, Hash, Hasher};

use chat_fixtures::replay::Case;
use futures_util::{StreamExt, stream};

use super::{
    finding::{Finding, Source},
    findings::Found,
    kinds::Kind,
    plans::{self, PlanKind},
    play::{Divergence, Stage},
};
use crate::property::Draw;

/// Draws stories of a kind and plays them, a few at a time.
pub(super) async fn asks(stage: &Stage, kind: &Kind, seed: u64, cases: u32, found: &Found<'_>) {
    let seed = seed_of(seed, &kind.id());
    let draws = (0..cases.div_ceil(kind.every)).filter_map(|n| {
        let draw = Draw::new(kind.draws, seed, n as usize);
        draw.current().map(|story| (draw, story))
    });
    let mut played = stream::iter(draws)
        .map(|(draw, story)| async move {
            let played = stage.play(&story, None).await;
            (draw, story, played)
        })
        .buffered(AT_ONCE);
    while let Some((draw, story, played)) = played.next().await {
        if found.is_over() {
            return;
        }
        found.generated(1);
        judge(
            &kind.id(),
            kind.clauses,
            &Source::Drawn(draw),
            &story,
            played,
            found,
        );
    }
}

/// Draws plans of a kind and plays them, one after the other: they look at lists.
pub(super) async fn plays(
    stage: &Stage,
    kind: &PlanKind,
    seed: u64,
    cases: u32,
    found: &Found<'_>,
) {
    let seed = seed_of(seed, &kind.id());
    for n in 0..plans_of(cases) {
        if found.is_over() {
            return;
        }
        let plan = kind.drawn(seed, n);
        let story = plans::steps(&plan);
        let played = stage.play(&story, None).await;
        found.generated(1);
        let source = Source::Planned(plan);
        judge(&kind.id(), &[kind.clause], &source, &story, played, found);
    }
}

/// How many plans of a kind stand for so many cases.
pub(super) fn plans_of(cases: u32) -> u32 {
    cases.div_ceil(STEPS_A_CASE)
}

fn judge(
    question: &str,
    clauses: &[&str],
    source: &Source,
    story: &[Case],
    played: Result<Vec<Divergence>, String>,
    found: &Found<'_>,
) {
    let divergences = match played {
        Ok(divergences) => divergences,
        Err(reason) => return found.unasked(question, &reason),
    };
    for Divergence { step, exchange } in divergences {
        let permit = found.allow.generated(clauses, &exchange);
        let named = permit.as_ref().and_then(|permit| permit.clause.clone());
        let clause = clauses.first().map(|clause| (*clause).to_owned());
        found.found(Finding {
            source: source.clone(),
            question: question.to_owned(),
            clause: named.or(clause),
            story: story.iter().take(step + 1).cloned().collect(),
            exchange,
            // Others were played beside it.
            is_whole: false,
            permit,
        });
    }
}

/// Each kind's own seed, made of the run's and its id.
fn seed_of(seed: u64, id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (seed, id).hash(&mut hasher);
    hasher.finish()
}

/// How many stories are played at a time.
const AT_ONCE: usize = 4;
/// A plan of some two dozen steps counts for about half as many cases.
const STEPS_A_CASE: u32 = 10;
