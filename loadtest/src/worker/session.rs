//! The conversation with a master as a state machine: what is heard and the time go in, what is to be done comes out.

mod action;
mod ending;
mod timing;

use tokio::time::Instant;

pub use self::{
    action::{Action, Left, Order},
    timing::Timing,
};
use super::protocol::{FromMaster, Spawn, State, ToMaster, Users};

/// The conversation of one worker with its master.
#[derive(Debug)]
pub struct Session {
    timing: Timing,
    phase: Phase,
    users: Users,
    host: Option<String>,
    newest_spawn: f64,
    /// How many users the engine was ordered to have; none while it rests.
    loading: Option<u64>,
    heard: Instant,
    next_heartbeat: Instant,
    next_report: Instant,
    unanswered: u32,
    is_connected: bool,
    /// The workers that the master has lost in the run that is being ended.
    lost: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// Not answered yet.
    Greeting { until: Instant },
    /// Known to the master, without users.
    Ready,
    /// Being told how many users; the last word is to come.
    Ramping { until: Instant },
    /// Has the users it was told.
    Running,
    /// The engine is ending the run.
    Stopping(Then),
    /// The run is over, and the master has not said how to go on.
    Over,
    /// The last words are said and not answered yet.
    Leaving { until: Instant, left: Left },
}

/// How to go on after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Wait,
    BeReady,
    Leave(Left),
}

impl Session {
    /// One that begins at `now`, before the first connection.
    #[must_use]
    pub const fn new(timing: Timing, now: Instant, greeting_until: Instant) -> Self {
        Self {
            timing,
            phase: Phase::Greeting {
                until: greeting_until,
            },
            users: Users::new(),
            host: None,
            newest_spawn: f64::NEG_INFINITY,
            loading: None,
            heard: now,
            next_heartbeat: now,
            next_report: now,
            unanswered: 0,
            is_connected: false,
            lost: Vec::new(),
        }
    }

    /// Users of each class, as the master told them last.
    #[must_use]
    pub const fn users(&self) -> &Users {
        &self.users
    }

    /// Why the run that is being ended is the last.
    #[must_use]
    pub const fn is_leaving(&self) -> Option<Left> {
        match self.phase {
            Phase::Stopping(Then::Leave(left)) | Phase::Leaving { left, .. } => Some(left),
            _ => None,
        }
    }

    /// The workers that the master has lost in the run that is being ended; told once.
    #[must_use]
    pub fn takes_lost(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lost)
    }

    /// What the master is told this worker does.
    #[must_use]
    pub const fn state(&self) -> State {
        match self.phase {
            Phase::Greeting { .. } | Phase::Ready => State::Ready,
            Phase::Ramping { .. } => State::Spawning,
            Phase::Running | Phase::Stopping(_) | Phase::Over | Phase::Leaving { .. } => {
                State::Running
            }
        }
    }

    /// When [`ticks`](Self::ticks) is due at the latest.
    #[must_use]
    pub fn next(&self) -> Instant {
        let due = match self.phase {
            Phase::Greeting { until } if self.is_connected => {
                return until.min(self.next_heartbeat);
            }
            Phase::Greeting { until } => return until,
            Phase::Ramping { until } | Phase::Leaving { until, .. } => {
                until.min(self.next_heartbeat)
            }
            _ => self.next_heartbeat,
        };
        let due = due.min(self.heard + self.timing.silence);
        if self.loading.is_some() {
            due.min(self.next_report)
        } else {
            due
        }
    }

    /// There is a connection, the first or another.
    #[must_use]
    pub fn connected(&mut self, now: Instant) -> Vec<Action> {
        self.is_connected = true;
        self.unanswered = 0;
        self.next_heartbeat = now + self.timing.greeting;
        match self.phase {
            // In a run the master knows this worker still, and would take the greeting for that of another run.
            Phase::Greeting { .. } | Phase::Ready => vec![Action::Send(ToMaster::ClientReady)],
            _ => Vec::new(),
        }
    }

    /// The master has said something.
    #[must_use]
    pub fn hears(&mut self, message: FromMaster, now: Instant) -> Vec<Action> {
        self.heard = now;
        match message {
            FromMaster::Ack { index } => self.is_known(index, now),
            FromMaster::Spawn(spawn) => self.is_told(spawn, now),
            FromMaster::SpawningComplete => match self.phase {
                Phase::Ramping { .. } => self.has_users(now),
                _ => Vec::new(),
            },
            FromMaster::Heartbeat => self.is_answered(),
            FromMaster::Stop => self.ends(Then::BeReady),
            FromMaster::Finish { lost } => {
                self.lost = lost;
                self.ends(Then::Wait)
            }
            FromMaster::Quit => self.ends(Then::Leave(Left::ToldToQuit)),
            FromMaster::Reconnect => vec![Action::Reconnect],
            FromMaster::UpdateUserClass => {
                say("settings of a user class have no meaning here; ignored")
            }
            FromMaster::Unknown(kind) => say(&format!(
                "the master said {kind:?}, which is not known here; ignored"
            )),
        }
    }

    /// Time has passed.
    #[must_use]
    pub fn ticks(&mut self, now: Instant) -> Vec<Action> {
        match self.phase {
            Phase::Greeting { until } if now >= until => {
                return vec![Action::Leave(Left::NeverCame)];
            }
            Phase::Greeting { .. } if self.is_connected && now >= self.next_heartbeat => {
                self.next_heartbeat = now + self.timing.greeting;
                return vec![Action::Send(ToMaster::ClientReady)];
            }
            Phase::Greeting { .. } => return Vec::new(),
            Phase::Leaving { until, left } if now >= until => return self.leaves(left),
            _ => {}
        }
        if now >= self.heard + self.timing.silence {
            // Not to be found gone again while the run is ending.
            self.heard = now;
            return self.ends(Then::Leave(Left::MasterGone));
        }
        let mut actions = Vec::new();
        if let Phase::Ramping { until } = self.phase
            && now >= until
        {
            actions.extend(self.has_users(now));
        }
        if now >= self.next_heartbeat {
            self.next_heartbeat = now + self.timing.heartbeat;
            actions.push(self.beats());
        }
        if self.loading.is_some() && now >= self.next_report {
            self.next_report = now + self.timing.report;
            actions.push(Action::Report);
        }
        actions
    }

    /// The engine keeps the users it has, whatever it was told.
    #[must_use]
    pub fn kept(&mut self) -> Vec<Action> {
        say("the run goes on with the users it has; the new number holds for the next run")
    }

    /// The connection is gone, and with it any hope of an answer to the last words.
    #[must_use]
    pub fn disconnected(&mut self) -> Vec<Action> {
        self.is_connected = false;
        match self.phase {
            Phase::Leaving { left, .. } => vec![Action::Leave(left)],
            _ => Vec::new(),
        }
    }

    fn is_known(&mut self, index: Option<u64>, now: Instant) -> Vec<Action> {
        if !matches!(self.phase, Phase::Greeting { .. }) {
            return Vec::new();
        }
        self.phase = Phase::Ready;
        self.next_heartbeat = now;
        match index {
            Some(index) => say(&format!("led by the master as its worker {index}")),
            None => say("led by the master"),
        }
    }

    fn is_told(&mut self, spawn: Spawn, now: Instant) -> Vec<Action> {
        if matches!(self.phase, Phase::Stopping(_) | Phase::Leaving { .. }) {
            return say("users came while the run was ending; ignored");
        }
        // As Locust's own workers do: messages may overtake one another where a connection was made anew.
        if spawn.timestamp <= self.newest_spawn {
            return say("an order that was older than the last; ignored");
        }
        self.newest_spawn = spawn.timestamp;
        self.users = spawn.users;
        self.host = spawn.host;
        self.phase = Phase::Ramping {
            until: now + self.timing.ramp,
        };
        vec![
            Action::Send(ToMaster::Spawning),
            Action::Send(ToMaster::SpawningComplete(self.users.clone())),
        ]
    }

    /// The ramp is over. A room with half of its members is no load to measure: the engine begins now, not before.
    fn has_users(&mut self, now: Instant) -> Vec<Action> {
        let users: u64 = self.users.values().sum();
        self.phase = Phase::Running;
        match self.loading {
            None if users == 0 => say("no users for this worker"),
            Some(_) if users == 0 => self.ends(Then::Wait),
            Some(loading) if loading == users => Vec::new(),
            loading => {
                if loading.is_none() {
                    self.next_report = now + self.timing.report;
                }
                self.loading = Some(users);
                vec![
                    Action::Say(format!("{users} users")),
                    Action::Order(Order::Spawn {
                        users,
                        host: self.host.clone(),
                    }),
                ]
            }
        }
    }

    fn beats(&mut self) -> Action {
        self.unanswered += 1;
        Action::Heartbeat
    }
}

fn say(words: &str) -> Vec<Action> {
    vec![Action::Say(words.to_owned())]
}

#[cfg(test)]
mod tests;
