//! How a run ends, and the conversation with it: in order, whoever wants it.

use tokio::time::Instant;

use super::{Action, Left, Order, Phase, Session, Then};
use crate::worker::protocol::ToMaster;

impl Session {
    /// The engine has ended the run.
    #[must_use]
    pub fn stopped(&mut self, now: Instant) -> Vec<Action> {
        self.loading = None;
        self.users.values_mut().for_each(|users| *users = 0);
        let then = match self.phase {
            Phase::Stopping(then) => then,
            _ => Then::Wait,
        };
        let mut actions = vec![Action::LastReport];
        match then {
            Then::Wait => self.phase = Phase::Over,
            Then::BeReady => actions.extend(self.is_ready_again()),
            // Its answer says that the report before it has been read.
            Then::Leave(left) if self.is_connected => {
                actions.push(self.beats());
                let until = now + self.timing.farewell;
                self.phase = Phase::Leaving { until, left };
            }
            Then::Leave(left) => actions.push(Action::Leave(left)),
        }
        actions
    }

    /// The engine's run ends by itself: its time was up.
    #[must_use]
    pub fn ended_by_itself(&mut self) -> Vec<Action> {
        match self.phase {
            Phase::Running | Phase::Ramping { .. } => self.ends(Then::Wait),
            _ => Vec::new(),
        }
    }

    /// The engine cannot go on.
    #[must_use]
    pub fn failed(&mut self, error: &str, now: Instant) -> Vec<Action> {
        let mut actions = vec![Action::Send(ToMaster::Exception(error.to_owned()))];
        self.phase = Phase::Stopping(Then::Leave(Left::Failed));
        actions.extend(self.stopped(now));
        actions
    }

    /// Whoever started this worker wants it to end.
    #[must_use]
    pub fn interrupted(&mut self) -> Vec<Action> {
        self.ends(Then::Leave(Left::Interrupted))
    }

    pub(super) fn is_answered(&mut self) -> Vec<Action> {
        self.unanswered = self.unanswered.saturating_sub(1);
        match self.phase {
            Phase::Leaving { left, .. } if self.unanswered == 0 => self.leaves(left),
            _ => Vec::new(),
        }
    }

    /// Ends the run if there is one, and goes on as told. A later word replaces an earlier one.
    pub(super) fn ends(&mut self, then: Then) -> Vec<Action> {
        match self.phase {
            Phase::Leaving { .. } => Vec::new(),
            Phase::Stopping(before) => {
                if !matches!((before, then), (Then::Leave(_), _) | (_, Then::Wait)) {
                    self.phase = Phase::Stopping(then);
                }
                // A master that says quit listens for half a second more: it gets what there is.
                vec![Action::Report]
            }
            _ if self.loading.is_some() => {
                self.phase = Phase::Stopping(then);
                vec![Action::Report, Action::Order(Order::Stop)]
            }
            phase => match then {
                Then::Wait if matches!(phase, Phase::Over) => Vec::new(),
                Then::Wait => {
                    self.phase = Phase::Over;
                    self.users.values_mut().for_each(|users| *users = 0);
                    vec![Action::LastReport]
                }
                Then::BeReady => {
                    self.users.values_mut().for_each(|users| *users = 0);
                    self.is_ready_again()
                }
                Then::Leave(left) => self.leaves(left),
            },
        }
    }

    fn is_ready_again(&mut self) -> Vec<Action> {
        self.phase = Phase::Ready;
        vec![
            Action::Send(ToMaster::ClientStopped),
            Action::Send(ToMaster::ClientReady),
        ]
    }

    pub(super) fn leaves(&mut self, left: Left) -> Vec<Action> {
        match left {
            Left::MasterGone | Left::NeverCame => vec![Action::Leave(left)],
            Left::ToldToQuit | Left::Interrupted | Left::Failed => {
                vec![Action::Send(ToMaster::Quit), Action::Leave(left)]
            }
        }
    }
}
