//! A story played on both: where it first shows a difference.

use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use chat_fixtures::replay::{Case, Exchange, Parts, Patience, Place, Twins};

use super::{shape::shape, step::asked};

/// The step at which two servers part, and what both said.
#[derive(Debug, Clone)]
pub(super) struct Divergence {
    /// The step, counted from 0.
    pub(super) step: usize,
    /// What both said to it.
    pub(super) exchange: Exchange,
}

/// What two differences have in common that have one cause, as far as one can tell: what was asked, which part of the
/// answer, what kind of difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Cause {
    /// `POST /api/login/`; `any request` for headers that are the same everywhere.
    pub(super) asked: String,
    /// `body/participants/*/email`.
    pub(super) at: String,
    /// The kind.
    pub(super) parts: Parts,
}

impl Cause {
    /// Whether it is the same; a header that is otherwise everywhere is so wherever it is asked.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let asked = self.asked == other.asked || other.asked == EVERYWHERE;
        asked && (&self.at, self.parts) == (&other.at, other.parts)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asked, at, parts } = self;
        match at.as_str() {
            "answer" => write!(f, "{asked}: {parts}"),
            at => write!(f, "{asked}: {at} {parts}"),
        }
    }
}

/// Two servers, and the people who play on both.
#[derive(Debug)]
pub(super) struct Stage {
    twins: Twins,
    stories: AtomicUsize,
    suffix: String,
}

impl Stage {
    /// The people are those of `twins`; who registers in a story is called with `suffix` and the story's number.
    pub(super) fn new(twins: Twins, suffix: &str) -> Self {
        Self {
            twins,
            stories: AtomicUsize::new(0),
            suffix: suffix.to_owned(),
        }
    }

    /// Plays the story, up to a step that is done by one and refused by the other: where both part, in its order.
    ///
    /// # Errors
    /// Why a step cannot be asked of either, when nothing was found before it.
    pub(super) async fn play(
        &self,
        story: &[Case],
        due: Option<Duration>,
    ) -> Result<Vec<Divergence>, String> {
        let n = self.stories.fetch_add(1, Ordering::Relaxed);
        let mut twins = self.twins.in_another_story(&format!("{}-{n}", self.suffix));
        if let Some(due) = due {
            let patience = Patience {
                due,
                ..Patience::default()
            };
            twins = twins.patient(patience);
        }
        let mut found = Vec::new();
        let mut unasked = None;
        for (step, case) in story.iter().enumerate() {
            let exchange = twins.ask(case, None).await;
            unasked = exchange.unasked.clone();
            let derails = exchange
                .places
                .iter()
                .any(|place| place.at == "status" || place.parts == Parts::Unanswered);
            if !exchange.places.is_empty() {
                found.push(Divergence { step, exchange });
            }
            if derails || unasked.is_some() {
                break;
            }
        }
        twins.end().await;
        match unasked {
            Some(reason) if found.is_empty() => Err(reason),
            _ => Ok(found),
        }
    }

    /// Everybody leaves.
    pub(super) async fn ends(self) {
        self.twins.leave().await;
    }
}

/// The causes of what was found at a step: one for each place, but of an answer with another status that alone, for
/// the rest follows from it.
pub(super) fn causes(case: &Case, places: &[Place]) -> Vec<Cause> {
    let status = places.iter().find(|place| place.at == "status");
    let telling = match status {
        Some(status) => std::slice::from_ref(status),
        None => places,
    };
    let mut causes: Vec<_> = telling
        .iter()
        .map(|place| Cause {
            asked: asked(case),
            at: shape(&place.at),
            parts: place.parts,
        })
        .collect();
    causes.sort();
    causes.dedup();
    causes
}

/// What is asked where a header is otherwise in the answers to many kinds of requests.
pub(super) const EVERYWHERE: &str = "any request";
