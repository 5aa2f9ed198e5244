//! A room of the run on its thread: its members' seats, its ledger, and who speaks next.

mod hearing;
mod plan;
mod seat;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

use self::seat::{Seat, State};
pub use self::{
    plan::{Member, RoomPlan},
    seat::Farewell,
};
use crate::{
    connection, content::Key, event_loop::Here, ledger::Ledger, metric::Metric, recorder::Place,
};

/// A room on its thread.
#[derive(Debug)]
pub struct Room {
    plan: RoomPlan,
    here: Rc<Here>,
    ledger: RefCell<Ledger>,
    seats: Vec<Seat>,
    next: Cell<u32>,
    /// In the closed model: until when a message that was heard is followed by the next.
    goes_on_until: Cell<Option<u64>>,
    own_echoes: RefCell<Vec<u64>>,
    changed: Notify,
}

impl Room {
    /// A room on this thread, with nobody connected yet.
    #[must_use]
    pub fn new(plan: RoomPlan, here: &Rc<Here>) -> Rc<Self> {
        let names = plan
            .members
            .iter()
            .map(|member| Arc::clone(&member.name))
            .collect();
        let ledger = Ledger::new(
            plan.run,
            plan.number,
            names,
            plan.payload,
            plan.patience,
            plan.keeps,
        );
        let room = Rc::new(Self {
            ledger: RefCell::new(ledger),
            seats: plan.members.iter().map(|_| Seat::default()).collect(),
            here: Rc::clone(here),
            next: Cell::new(0),
            goes_on_until: Cell::new(None),
            own_echoes: RefCell::default(),
            changed: Notify::new(),
            plan,
        });
        here.rooms
            .borrow_mut()
            .insert(room.plan.number, Rc::clone(&room));
        room
    }

    /// Connects a member. Says whether it is there now.
    pub async fn connects(self: &Rc<Self>, number: u32) -> bool {
        let Some(member) = self.plan.members.get(number as usize) else {
            return false;
        };
        let began = self.here.clock.now();
        match member.door.opens(self.plan.chat, &member.cookies).await {
            Ok(socket) => {
                let now = self.here.clock.now();
                self.joins(number, member.through, now);
                let mut recorder = self.here.recorder.borrow_mut();
                recorder.counts.connected += 1;
                recorder.record(Metric::Connect, now.saturating_sub(began));
                tokio::task::spawn_local(connection::serves(Rc::clone(self), number, socket, now));
                true
            }
            Err(_refusal) => {
                self.here.recorder.borrow_mut().counts.connect_failures += 1;
                false
            }
        }
    }

    /// Nobody can come: the server has no such room. Its members are missed, and what is due in it is unsent.
    pub fn stays_closed(&self) {
        self.here.recorder.borrow_mut().counts.connect_failures += u64::from(self.size());
    }

    /// A message is due: the next of the senders says it.
    pub fn is_due(&self, due: u64) {
        let senders = self.plan.senders.clamp(1, self.size());
        let turn = self.next.get();
        // Whoever is away is passed over; when all are, the message stays unsent.
        let sender = (turn..turn + senders)
            .map(|sender| sender % senders)
            .find(|sender| {
                self.seat(*sender)
                    .is_some_and(|seat| seat.state.get() == State::There)
            })
            .unwrap_or(turn % senders);
        self.next.set(sender + 1);
        self.has_to_say(sender, due);
    }

    /// The closed model: so many members have one message under way each, until this time.
    pub fn keeps_in_flight(&self, messages: u32, until: u64) {
        self.goes_on_until.set(Some(until));
        let now = self.here.clock.now();
        let senders = self.plan.senders.clamp(1, self.size());
        for message in 0..messages {
            self.has_to_say(message % senders, now);
        }
    }

    /// Everybody says what is due by now, and then falls silent.
    pub fn falls_silent(&self) {
        self.goes_on_until.set(None);
        let now = self.here.clock.now();
        let speaker = &self.here.speaker;
        let (overdue, more) = speaker.ends(self.plan.number, now, UNSAID);
        for due in overdue {
            self.is_due(due);
        }
        let counts = &mut self.here.recorder.borrow_mut().counts;
        counts.due += more;
        counts.unsent += more;
    }

    /// Waits until everything due has been said, and heard by everybody or been given up; no longer than the
    /// patience, as a socket may take nothing.
    pub async fn drains(&self) {
        let is_settled = || self.unsaid() == 0 && self.ledger.borrow().under_way() == 0;
        let settled = async {
            while !is_settled() {
                self.changed.notified().await;
            }
        };
        // What is open after that is settled by the books.
        let _ = timeout(Duration::from_micros(self.plan.patience), settled).await;
    }

    /// Settles the books: what has not been said is unsent, what has not come is lost.
    pub fn settles(&self) {
        let mut recorder = self.here.recorder.borrow_mut();
        recorder.counts.unsent += self.unsaid() as u64;
        for seat in &self.seats {
            seat.due.borrow_mut().clear();
        }
        self.ledger.borrow_mut().settles(&mut recorder);
    }

    /// A member closes its connection; it is closed when this returns.
    pub async fn leaves(&self, number: u32, farewell: Farewell) {
        let Some(seat) = self.seats.get(number as usize) else {
            return;
        };
        if seat.state.get() == State::Away {
            return;
        }
        seat.state.set(State::Leaving(farewell));
        seat.wakes();
        while seat.state.get() != State::Away {
            seat.gone.notified().await;
        }
    }

    /// Compares what was heard with the history, which holds these messages.
    pub fn compare_with_history(&self, history: &dyn Fn(Key) -> bool) {
        self.ledger
            .borrow()
            .compare_with_history(history, &mut self.here.recorder.borrow_mut());
    }

    /// What a member missed while it was away and somebody else has heard by now: the history has to hold it.
    #[must_use]
    pub fn missed_by(&self, number: u32) -> Vec<Key> {
        self.ledger.borrow_mut().missed_by(number)
    }

    /// A member who had missed these has read the history.
    pub fn has_caught_up(&self, missed: &[Key], history: &dyn Fn(Key) -> bool) {
        let mut recorder = self.here.recorder.borrow_mut();
        for key in missed {
            if history(*key) {
                recorder.counts.caught_up += 1;
            } else {
                recorder.counts.missing_in_history += 1;
            }
        }
    }

    /// Takes the times of the messages that their senders have heard since the last time, in µs.
    #[must_use]
    pub fn takes_own_echoes(&self) -> Vec<u64> {
        std::mem::take(&mut *self.own_echoes.borrow_mut())
    }

    /// The end: the thread forgets it.
    pub fn is_over(&self) {
        self.here.rooms.borrow_mut().remove(&self.plan.number);
    }

    /// How many members it has.
    #[must_use]
    pub fn size(&self) -> u32 {
        u32::try_from(self.seats.len()).unwrap_or(u32::MAX)
    }

    /// What it was planned as.
    #[must_use]
    pub const fn plan(&self) -> &RoomPlan {
        &self.plan
    }

    pub(crate) fn seat(&self, number: u32) -> Option<&Seat> {
        self.seats.get(number as usize)
    }

    pub(crate) fn here(&self) -> &Here {
        &self.here
    }

    /// Gives up what is too late.
    pub(crate) fn expires(&self, now: u64) {
        let mut ledger = self.ledger.borrow_mut();
        ledger.expires(now, &mut self.here.recorder.borrow_mut());
        if ledger.under_way() == 0 {
            self.changed.notify_waiters();
        }
        for seat in &self.seats {
            if matches!(seat.state.get(), State::Leaving(_)) {
                seat.wakes();
            }
        }
    }

    fn joins(&self, number: u32, through: Place, at: u64) {
        if let Some(seat) = self.seat(number) {
            seat.state.set(State::There);
        }
        self.ledger.borrow_mut().joins(number, through, at);
        self.here.connections.update(|connections| connections + 1);
    }

    fn has_to_say(&self, number: u32, due: u64) {
        let mut recorder = self.here.recorder.borrow_mut();
        recorder.counts.due += 1;
        let Some(seat) = self.seat(number) else {
            return;
        };
        if seat.state.get() != State::There || seat.due.borrow().len() >= UNSAID {
            recorder.counts.unsent += 1;
            return;
        }
        seat.due.borrow_mut().push_back(due);
        seat.wakes();
    }

    fn unsaid(&self) -> usize {
        self.seats.iter().map(|seat| seat.due.borrow().len()).sum()
    }
}

/// How many messages may be due at a connection that takes nothing; more are unsent at once.
const UNSAID: usize = 10_000;
