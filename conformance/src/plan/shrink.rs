//! Makes a plan shorter for as long as playing it still differs from the model.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Plan,
    play::{self, Difference, Subject},
};
use crate::context::Context;

/// The shortest plan found, and how it differs. It need not differ as the whole one did.
pub(super) async fn shortest(
    cx: &Context,
    plan: Plan,
    subject: Subject,
    difference: Difference,
) -> (Plan, Difference) {
    let deadline = Instant::now() + SHRINKING;
    let mut best = (cut_after(plan, &difference), difference);
    let mut size = best.0.steps.len() / 2;
    while size > 0 {
        let mut first = 0;
        while first < best.0.steps.len() && Instant::now() < deadline {
            let candidate = best.0.without(first, size);
            let shorter = candidate.steps.len() < best.0.steps.len();
            match play::play(cx, &candidate, subject, Some(PATIENCE)).await {
                Ok(Err(difference)) if shorter => {
                    best = (cut_after(candidate, &difference), difference);
                }
                _ => first += size,
            }
        }
        size /= 2;
    }
    best
}

fn cut_after(mut plan: Plan, difference: &Difference) -> Plan {
    plan.steps.truncate(difference.step + 1);
    plan
}

/// How long a shorter plan is looked for.
const SHRINKING: Duration = Duration::from_secs(20);
/// How long a frame is waited for meanwhile: the server has been caught already.
const PATIENCE: Duration = Duration::from_secs(1);
