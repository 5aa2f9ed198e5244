//! A room of the run on its thread: its members' seats, its ledger, and who speaks next.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    sync::Arc,
    task::Waker,
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

use crate::{
    connection,
    content::{Key, Run},
    door::Door,
    event_loop::Here,
    ledger::{Heard, Ledger},
    metric::Metric,
    recorder::{Place, Recorder},
};

/// A room to be.
#[derive(Debug, Clone)]
pub struct RoomPlan {
    /// Its number, unique in the run.
    pub number: u32,
    /// The id of its chat.
    pub chat: u64,
    /// Of which run.
    pub run: Run,
    /// Its members, in the order of their numbers.
    pub members: Vec<Member>,
    /// How many of them speak, the first ones.
    pub senders: u32,
    /// Bytes of a content.
    pub payload: usize,
    /// How long a message may take before it is lost, in µs.
    pub patience: u64,
    /// Whether to remember what is said, for a comparison with the history.
    pub keeps: bool,
    /// The distance between two connections of this thread, in µs.
    pub connect_interval: u64,
}

/// Somebody who takes part.
#[derive(Debug, Clone)]
pub struct Member {
    /// The username.
    pub name: Arc<str>,
    /// The `Cookie` header of the session.
    pub cookies: Arc<str>,
    /// How to connect.
    pub door: Arc<Door>,
    /// Through which process that is, where it is known.
    pub through: Place,
}

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

/// Where a member sits: what it has to say, and whether it is there.
#[derive(Debug, Default)]
pub(crate) struct Seat {
    pub(crate) due: RefCell<VecDeque<u64>>,
    pub(crate) waker: RefCell<Option<Waker>>,
    pub(crate) state: Cell<State>,
    pub(crate) gone: Notify,
}

/// What a member is doing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Not connected.
    #[default]
    Away,
    /// Connected.
    There,
    /// About to close the connection.
    Leaving(Farewell),
}

/// How a member leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// With the closing handshake.
    Closing,
    /// Without a word: the TCP connection is gone.
    Dropping,
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
        for due in self.here.speaker.ends(self.plan.number, now) {
            self.is_due(due);
        }
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

    /// How a member leaves, if it does: when it has said what it has to say and somebody has heard it. A message
    /// that goes down with its sender's connection is nobody's loss, but nobody could tell.
    pub(crate) fn farewell(&self, number: u32) -> Option<Farewell> {
        let seat = self.seat(number)?;
        match seat.state.get() {
            State::Leaving(farewell) => {
                let is_silent =
                    seat.due.borrow().is_empty() && !self.ledger.borrow().is_unheard(number);
                is_silent.then_some(farewell)
            }
            State::Away | State::There => None,
        }
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

    /// Writes what a member says now, which was due then.
    pub(crate) fn says(&self, number: u32, due: u64, content: &mut String) {
        let now = self.here.clock.now();
        self.ledger.borrow_mut().says(number, due, now, content);
        let mut recorder = self.here.recorder.borrow_mut();
        recorder.counts.sent += 1;
        recorder.record(Metric::Lateness, now.saturating_sub(due));
        if let Some(process) = self.through(number, &mut recorder) {
            process.sent += 1;
        }
    }

    /// A member heard a text frame at this time.
    pub(crate) fn hears(&self, number: u32, text: &str, at: u64) {
        let mut ledger = self.ledger.borrow_mut();
        let heard = ledger.hears(number, text, at, &mut self.here.recorder.borrow_mut());
        if let Heard::Own(_) | Heard::Refusal = heard {
            let is_over = ledger.under_way() == 0;
            drop(ledger);
            self.heard_of_its_own(number, heard, at, is_over);
        } else if ledger.under_way() == 0 {
            self.changed.notify_waiters();
        }
    }

    /// A member's connection is open no longer.
    pub(crate) fn has_left(&self, number: u32) {
        let Some(seat) = self.seat(number) else {
            return;
        };
        if seat.state.replace(State::Away) == State::There {
            self.here.recorder.borrow_mut().counts.broken += 1;
        }
        let unsaid = std::mem::take(&mut *seat.due.borrow_mut()).len();
        self.here.recorder.borrow_mut().counts.unsent += unsaid as u64;
        let mut ledger = self.ledger.borrow_mut();
        ledger.leaves(number);
        if ledger.under_way() == 0 {
            self.changed.notify_waiters();
        }
        self.here.connections.update(|connections| connections - 1);
        seat.gone.notify_waiters();
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

    fn heard_of_its_own(&self, number: u32, heard: Heard, at: u64, is_over: bool) {
        if let Heard::Own(took) = heard {
            self.own_echoes.borrow_mut().push(took);
        }
        match self.goes_on_until.get() {
            Some(until) if at < until => self.has_to_say(number, at),
            _ if is_over => self.changed.notify_waiters(),
            _ => {}
        }
    }

    fn unsaid(&self) -> usize {
        self.seats.iter().map(|seat| seat.due.borrow().len()).sum()
    }

    fn through<'r>(
        &self,
        number: u32,
        recorder: &'r mut Recorder,
    ) -> Option<&'r mut crate::tally::Process> {
        recorder.process(self.plan.members.get(number as usize)?.through)
    }
}

impl Seat {
    /// Wakes the member's connection.
    pub(crate) fn wakes(&self) {
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }
}

/// How many messages may be due at a connection that takes nothing; more are unsent at once.
const UNSAID: usize = 10_000;
