//! A property is tried with inputs drawn at random; one that breaks it is made as small as it will go.

pub mod any;
pub mod bodies;
mod draw;
pub mod fields;
pub mod frames;
pub mod requests;
pub(crate) mod talk;

use std::{any::Any, fmt, time::Duration};

use futures_util::{StreamExt, stream};
use proptest::strategy::BoxedStrategy;
use serde_json::Value;
use tokio::time::Instant;

pub(crate) use self::draw::Draw;
use crate::{
    check::{Failure, Mismatch, Verdict},
    context::Context,
};

/// Why some inputs, tried together, do not hold: which of them, counted from 0, and what came.
pub type Broken = (usize, Failure);

/// Tries `holds` with a third as many inputs as [`Context::cases`] says (there are many properties), `batch` of them
/// together.
///
/// `holds` is given the inputs in order and says which of them breaks it first. One that breaks it alone, too,
/// is simplified for as long as it still does.
///
/// # Errors
/// A violation that shows the smallest such input and the seed; any other failure as it came.
pub async fn holds_for_any<T, F>(
    cx: &Context,
    drawn: fn() -> BoxedStrategy<T>,
    batch: usize,
    holds: impl Fn(Vec<T>) -> F,
) -> Verdict
where
    T: Clone + fmt::Debug + 'static,
    F: Future<Output = Result<(), Broken>>,
{
    let cases = cx.cases().div_ceil(3) as usize;
    match search(cx.seed(), cases, drawn, batch, holds).await {
        Ok(()) => Ok(()),
        Err(found) => Err(found.told(cx)),
    }
}

/// Tries the inputs a few at a time: the first, in their order, that does not hold.
pub(crate) async fn side_by_side<T, F: Future<Output = Verdict>>(
    inputs: Vec<T>,
    holds: impl Fn(T) -> F,
) -> Result<(), Broken> {
    let verdicts = stream::iter(inputs)
        .map(holds)
        .buffered(AT_ONCE)
        .collect::<Vec<_>>();
    for (n, verdict) in verdicts.await.into_iter().enumerate() {
        verdict.map_err(|failure: Failure| (n, failure))?;
    }
    Ok(())
}

/// As a [`Broken`] of the `n`-th input.
pub(crate) fn at(n: usize) -> impl Fn(Failure) -> Broken {
    move |failure| (n, failure)
}

/// An input that breaks a property.
#[derive(Debug)]
struct Found<T> {
    /// As it was drawn, and as small as it got.
    input: Option<(T, T)>,
    steps: usize,
    failure: Failure,
}

async fn search<T, F>(
    seed: u64,
    cases: usize,
    drawn: fn() -> BoxedStrategy<T>,
    batch: usize,
    holds: impl Fn(Vec<T>) -> F,
) -> Result<(), Found<T>>
where
    T: Clone + fmt::Debug + 'static,
    F: Future<Output = Result<(), Broken>>,
{
    let mut first = 0;
    while first < cases {
        let last = cases.min(first + batch.max(1));
        let (draws, inputs): (Vec<_>, Vec<T>) = (first..last)
            .map(|n| Draw::new(drawn, seed, n))
            .filter_map(|draw| draw.current().map(|input| (draw, input)))
            .unzip();
        if let Err((n, failure)) = holds(inputs.clone()).await {
            let Some(draw) = draws.into_iter().nth(n) else {
                return Err(Found::untold(failure));
            };
            let found = match failure {
                failure @ Failure::Violation(_) => simplified(draw, failure, &holds).await,
                other => Found::untold(other),
            };
            let is_alone = found.steps > 0 || !matches!(found.failure, Failure::Violation(_));
            // An input that holds alone, and in the same company once more, was not what broke it: a message
            // that is lost or comes twice by chance is for the checks of histories to find.
            if is_alone || holds(inputs).await.is_err() {
                return Err(found);
            }
        }
        first = last;
    }
    Ok(())
}

/// The smallest input on the way down from `draw` that still breaks the property when it is tried alone.
async fn simplified<T, F>(
    mut draw: Draw<T>,
    failure: Failure,
    holds: &impl Fn(Vec<T>) -> F,
) -> Found<T>
where
    T: Clone + fmt::Debug + 'static,
    F: Future<Output = Result<(), Broken>>,
{
    let Some(original) = draw.current() else {
        return Found::untold(failure);
    };
    let mut found = Found {
        input: Some((original.clone(), original.clone())),
        steps: 0,
        failure,
    };
    let deadline = Instant::now() + SIMPLIFYING;
    let mut candidate = Some(original);
    while let Some(input) = candidate {
        if found.steps >= STEPS || Instant::now() >= deadline {
            break;
        }
        let fails = match holds(vec![input.clone()]).await {
            Err((_, failure @ Failure::Violation(_))) => {
                if let Some((_, smallest)) = &mut found.input {
                    *smallest = input;
                }
                found.failure = failure;
                true
            }
            _ => false,
        };
        if found.steps == 0 && !fails {
            // It takes those that were tried before it; they are in the transcript.
            break;
        }
        found.steps += 1;
        candidate = draw.next(fails);
    }
    found
}

impl<T: fmt::Debug + 'static> Found<T> {
    /// A failure that no input is to be shown for.
    fn untold(failure: Failure) -> Self {
        Self {
            input: None,
            steps: 0,
            failure,
        }
    }

    fn told(self, cx: &Context) -> Failure {
        let (Failure::Violation(mismatch), Some((original, smallest))) =
            (&self.failure, &self.input)
        else {
            return self.failure;
        };
        if self.steps > 0 {
            cx.notes(format!(
                "drawn as {}; made smaller in {} steps",
                cut(&written(original)),
                self.steps
            ));
        } else {
            cx.notes("it breaks only in the company of the inputs that were tried before it");
        }
        Failure::Violation(Mismatch {
            what: format!(
                "{}, with {} (seed {})",
                mismatch.what,
                cut(&written(smallest)),
                cx.seed()
            ),
            ..mismatch.clone()
        })
    }
}

/// JSON as it is sent, and all else as Rust writes it.
fn written<T: fmt::Debug + 'static>(input: &T) -> String {
    match (input as &dyn Any).downcast_ref::<Value>() {
        Some(json) => json.to_string(),
        None => format!("{input:?}"),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain("…".chars()).collect()
}

/// How many requests are under way at a time.
pub(crate) const AT_ONCE: usize = 4;
/// How many smaller inputs are tried.
const STEPS: usize = 300;
/// How long that may take.
const SIMPLIFYING: Duration = Duration::from_secs(2);
/// How many characters of an input are shown.
const SHOWN: usize = 400;

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test fails by panicking"
    )]

    use proptest::prelude::*;

    use super::*;

    fn numbers() -> BoxedStrategy<u32> {
        (0..1000_u32).boxed()
    }

    async fn below_17(inputs: Vec<u32>) -> Result<(), Broken> {
        inputs.iter().position(|n| *n >= 17).map_or(Ok(()), |n| {
            Err((n, Failure::violation("it", "below 17", inputs[n])))
        })
    }

    #[tokio::test]
    async fn the_smallest_input_is_found() {
        let found = search(7, 100, numbers, 10, below_17).await.unwrap_err();
        assert_eq!(found.input.unwrap().1, 17);
    }

    #[tokio::test]
    async fn the_same_seed_finds_the_same() {
        let first = search(3, 100, numbers, 10, below_17).await.unwrap_err();
        let again = search(3, 100, numbers, 10, below_17).await.unwrap_err();
        assert_eq!(first.input, again.input);
    }

    #[tokio::test]
    async fn what_breaks_in_company_only_is_told_as_it_was_drawn() {
        let holds = |inputs: Vec<u32>| async move {
            match inputs.len() {
                1 => Ok(()),
                _ => Err((1, Failure::violation("it", "one", "many"))),
            }
        };
        let found = search(3, 100, numbers, 10, holds).await.unwrap_err();
        let (original, smallest) = found.input.unwrap();
        assert_eq!((original, found.steps), (smallest, 0));
    }

    #[tokio::test]
    async fn what_could_not_be_tried_is_not_made_smaller() {
        let holds = |_| async { Err((0, Failure::Untestable("nobody there".to_owned()))) };
        let found = search(3, 100, numbers, 10, holds).await.unwrap_err();
        assert!(matches!(found.failure, Failure::Untestable(_)));
        assert!(found.input.is_none());
    }
}
