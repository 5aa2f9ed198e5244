//! What people do, one after the other: drawn at random, told as a story, kept as a file, played again.

mod draw;
mod play;
mod script;
mod shrink;
mod step;
mod story;

use std::{sync::Arc, time::Instant};

use rand::{SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};

use self::play::Subject;
pub(crate) use self::script::ANY_BASE;
pub use self::{
    draw::Scope,
    play::Difference,
    script::script,
    step::{Move, Step, Who},
};
use crate::{
    check::{Check, Failure, Verdict},
    checks,
    context::Context,
    model::Model,
    report::CheckResult,
    run::Run,
    runner,
    transcript::Transcript,
};

/// What people do. As a file it is JSON, and meant to be edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The check it is for: `WS-3/any_sequence_…`.
    pub check: String,
    /// What it was drawn from.
    pub seed: u64,
    /// The steps.
    pub steps: Vec<Move>,
}

impl Plan {
    /// The `n`-th plan of a seed.
    pub fn drawn(check: &str, seed: u64, n: u32, scope: Scope) -> Self {
        let mut rng = StdRng::seed_from_u64(seed.wrapping_add(n.into()));
        Self {
            check: check.to_owned(),
            seed,
            steps: draw::steps(&mut rng, scope, n == 0),
        }
    }

    /// Without the steps that make no sense where they are: what remains can be played.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        let mut model = Model::new();
        self.steps.retain(|step| model.apply(step).is_some());
        self
    }

    /// Without `size` steps from the `first` on, nor those that made sense only after them.
    #[must_use]
    pub fn without(&self, first: usize, size: usize) -> Self {
        let mut shorter = self.clone();
        let last = shorter.steps.len().min(first.saturating_add(size));
        shorter.steps.drain(first.min(last)..last);
        shorter.tidied()
    }

    /// Reads a plan file; what makes no sense in it is left out.
    ///
    /// # Errors
    /// What is wrong with the JSON, and where.
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json).map(Self::tidied)
    }

    /// As it is written to a file, a step a line.
    pub fn file(&self) -> String {
        let steps: Vec<_> = self
            .steps
            .iter()
            .map(|step| serde_json::to_string(step).unwrap_or_default())
            .collect();
        format!(
            "{{\"check\": {:?}, \"seed\": {}, \"steps\": [\n  {}\n]}}\n",
            self.check,
            self.seed,
            steps.join(",\n  ")
        )
    }
}

/// Draws plans and plays them, as many as [`Context::cases`] asks for; the first that differs from the model is
/// made as short as it goes.
///
/// # Errors
/// A violation that tells the story; its plan and a script are in the transcript, and the plan in a file if the
/// run keeps them.
pub(crate) async fn agree_with_the_model(cx: &Context, scope: Scope) -> Verdict {
    for n in 0..cx.cases().div_ceil(STEPS_A_CASE) {
        let plan = Plan::drawn(&cx.check_id(), cx.seed(), n, scope);
        let subject = if scope.sockets {
            Subject::Frames
        } else {
            Subject::All
        };
        let Err(difference) = play::play(cx, &plan, subject, None).await? else {
            continue;
        };
        let (plan, difference) = shrink::shortest(cx, plan, subject, difference).await;
        if scope.processes > 1 {
            differs_between_processes_only(cx, &plan, subject).await?;
        }
        return Err(told(cx, &plan, &difference));
    }
    Ok(())
}

/// What differs on one process, too, has nothing to do with there being several.
async fn differs_between_processes_only(cx: &Context, plan: &Plan, subject: Subject) -> Verdict {
    let mut plan = plan.clone();
    for step in &mut plan.steps {
        step.on = 0;
    }
    match play::play(cx, &plan, subject, None).await? {
        Ok(()) => Ok(()),
        Err(difference) => {
            let failure = told(cx, &plan, &difference);
            Err(failure.in_preparation("do the same on one process"))
        }
    }
}

/// Plays a plan on a run's target, as `--plan FILE` does.
pub async fn replay(run: &Arc<Run>, plan: Plan) -> CheckResult {
    let plan = plan.tidied();
    let check: &'static Check = checks::all()
        .find(|check| check.id() == plan.check)
        .unwrap_or(&REPLAY);
    let transcript = Transcript::of_run(run);
    let cx = Context::new(run.clone(), check, transcript.clone());
    let began = Instant::now();
    let verdict = match play::play(&cx, &plan, Subject::All, None).await {
        Ok(played) => played.map_err(|difference| told(&cx, &plan, &difference)),
        Err(failure) => Err(failure),
    };
    runner::told(check, verdict, began.elapsed(), &transcript)
}

/// The violation, with the story; plan and script go into the transcript.
fn told(cx: &Context, plan: &Plan, difference: &Difference) -> Failure {
    cx.notes(format!(
        "the plan, to be played again with --plan:\n{}",
        plan.file()
    ));
    cx.notes(format!("{SCRIPT}{}", script(plan)));
    if let Some(path) = cx.keeps_plan(&plan.file()) {
        cx.notes(format!("the plan is in {}", path.display()));
    }
    let step = plan.steps.get(difference.step);
    let story = plan.to_string();
    let clause = step.map_or("", |step| step.does.clause());
    Failure::violation(
        format!(
            "{}, at step {} of the story (see {clause}):\n{}",
            difference.what,
            difference.step + 1,
            story.trim_end()
        ),
        &difference.expected,
        &difference.actual,
    )
}

/// Stands in for the check of a plan that names none that there is.
static REPLAY: Check = Check {
    spelling: "HIST_2",
    name: "replayed_plan",
    marks: &[],
    run: |_| Box::pin(async { Ok(()) }),
};

/// What the note begins with that holds a plan's script.
pub(crate) const SCRIPT: &str = "the script:\n";
/// A plan of some two dozen steps counts for as many cases.
const STEPS_A_CASE: u32 = 34;
