//! What was found among other questions, played by itself and made as small as it goes: by proptest what was drawn,
//! step by step what was planned; what was recorded is one question already.

use std::time::Duration;

use chat_fixtures::replay::Case;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    finding::{Finding, Group, Source},
    plans,
    play::{Cause, Divergence, Stage, causes},
};
use crate::{plan::Plan, property::Draw};

/// The two servers with nobody else asking them.
pub(super) struct Quiet<'a> {
    /// Where generated stories play, with the people they need.
    pub(super) peopled: &'a Stage,
    /// Where stories of recordings play, which register people themselves.
    pub(super) empty: &'a Stage,
    /// Ends it before its time.
    pub(super) stop: &'a CancellationToken,
}

impl Quiet<'_> {
    /// Looks for the least story of each of these groups, for as long as there is time.
    pub(super) async fn shrinks<'g>(&self, groups: impl Iterator<Item = &'g mut Group>) {
        let end = Instant::now() + ALL;
        for group in groups {
            let deadline = end.min(Instant::now() + EACH);
            let mut smaller: Vec<Finding> = Vec::new();
            for example in &group.examples {
                if !self.is_over(deadline) {
                    smaller.extend(self.smaller(example, &group.cause, deadline).await);
                }
            }
            if let Some(least) = smaller.into_iter().min_by_key(Finding::size) {
                group.least = least;
            }
        }
    }

    /// The least story found on the way down from a finding; none, if it does not show the same by itself.
    async fn smaller(
        &self,
        finding: &Finding,
        cause: &Cause,
        deadline: Instant,
    ) -> Option<Finding> {
        let (story, divergence) = match &finding.source {
            Source::Recorded => {
                let divergence = shows(self.empty, &finding.story, cause).await?;
                (finding.story.clone(), divergence)
            }
            Source::Drawn(draw) => self.simplified(draw.clone(), cause, deadline).await?,
            Source::Planned(plan) => self.shortened(plan.clone(), cause, deadline).await?,
        };
        let mut least = Finding {
            story,
            exchange: divergence.exchange,
            is_whole: true,
            ..finding.clone()
        };
        least.story.truncate(divergence.step + 1);
        Some(least)
    }

    async fn simplified(
        &self,
        mut draw: Draw<Vec<Case>>,
        cause: &Cause,
        deadline: Instant,
    ) -> Option<(Vec<Case>, Divergence)> {
        let story = draw.current()?;
        let divergence = shows(self.peopled, &story, cause).await?;
        let mut smallest = (story, divergence);
        let mut candidate = draw.next(true);
        while let Some(story) = candidate.filter(|_| !self.is_over(deadline)) {
            let divergence = shows(self.peopled, &story, cause).await;
            let shows_the_same = divergence.is_some();
            if let Some(divergence) = divergence {
                smallest = (story, divergence);
            }
            candidate = draw.next(shows_the_same);
        }
        Some(smallest)
    }

    async fn shortened(
        &self,
        plan: Plan,
        cause: &Cause,
        deadline: Instant,
    ) -> Option<(Vec<Case>, Divergence)> {
        let story = plans::steps(&plan);
        let divergence = shows(self.peopled, &story, cause).await?;
        let mut plan = plans::cut_after(&plan, divergence.step);
        let mut least = (story, divergence);
        let mut size = plan.steps.len() / 2;
        while size > 0 {
            let mut at = 0;
            while at < plan.steps.len() && !self.is_over(deadline) {
                let candidate = plan.without(at, size);
                let shorter = candidate.steps.len() < plan.steps.len();
                let story = plans::steps(&candidate);
                match shows(self.peopled, &story, cause).await {
                    Some(divergence) if shorter => {
                        plan = plans::cut_after(&candidate, divergence.step);
                        least = (story, divergence);
                    }
                    _ => at += size,
                }
            }
            size /= 2;
        }
        Some(least)
    }

    fn is_over(&self, deadline: Instant) -> bool {
        self.stop.is_cancelled() || Instant::now() >= deadline
    }
}

/// Where the story shows a difference of this cause.
async fn shows(stage: &Stage, story: &[Case], cause: &Cause) -> Option<Divergence> {
    let divergences = stage.play(story, Some(PATIENCE)).await.ok()?;
    divergences.into_iter().find(|divergence| {
        let step = story.get(divergence.step);
        let found = step.map(|step| causes(step, &divergence.exchange.places));
        found.is_some_and(|found| found.iter().any(|one| one.is_like(cause)))
    })
}

/// How long smaller stories of one cause are looked for.
const EACH: Duration = Duration::from_secs(10);
/// How long those of all are.
const ALL: Duration = Duration::from_secs(60);
/// How long a frame is waited for meanwhile: the difference has been seen already.
const PATIENCE: Duration = Duration::from_secs(1);
