//! The tape of a room: its messages in the order in which anybody heard them first.

use std::collections::{HashMap, VecDeque};

use super::Waiting;
use crate::{content::Key, recorder::Place};

/// The messages that not everybody has heard yet, and what lies between them.
#[derive(Debug, Default)]
pub(super) struct Tape {
    entries: VecDeque<Entry>,
    positions: HashMap<Key, u64>,
    /// The position of the first entry: how many have been forgotten.
    first: u64,
    /// The highest number heard of each sender, to notice who speaks out of order.
    highest: HashMap<u32, u32>,
}

/// A message that somebody has heard.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Key,
    /// Its place among all that was said in the room.
    pub(super) turn: u64,
    pub(super) due: u64,
    pub(super) sent: u64,
    /// The process that it was said through.
    pub(super) through: Place,
    /// How many connections it is owed to that have not heard it yet.
    pub(super) owed: u32,
    /// Whether a later message of its sender was heard first, by anybody.
    inverted: bool,
    /// Its frame as it should be, byte for byte; implementations side by side write it in several ways. What is
    /// altered is not kept: whoever hears it has to be counted.
    frames: Vec<Box<str>>,
}

impl Entry {
    pub(super) fn new(key: Key, waiting: Waiting, frame: Option<&str>) -> Self {
        Self {
            key,
            turn: waiting.turn,
            due: waiting.due,
            sent: waiting.sent,
            through: waiting.through,
            owed: waiting.owed,
            inverted: false,
            frames: frame.into_iter().map(Into::into).collect(),
        }
    }

    /// Whether this frame is the message, byte for byte as somebody else heard it.
    pub(super) fn is(&self, frame: &str) -> bool {
        self.frames.iter().any(|known| **known == *frame)
    }

    /// Takes a frame that says what was sent. Says whether all else in it is the same as in the first one heard.
    pub(super) fn takes(&mut self, frame: &str) -> bool {
        if self.is(frame) {
            return true;
        }
        let read = |text| serde_json::from_str::<serde_json::Value>(text).ok();
        let is_same = self
            .frames
            .first()
            .is_none_or(|first| read(first).is_some_and(|first| Some(first) == read(frame)));
        if is_same && self.frames.len() < WRITINGS {
            self.frames.push(frame.into());
        }
        is_same
    }
}

impl Tape {
    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    pub(super) fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, position: u64) -> Option<&Entry> {
        self.entries.get(self.index(position)?)
    }

    pub(super) fn get_mut(&mut self, position: u64) -> Option<&mut Entry> {
        let index = self.index(position)?;
        self.entries.get_mut(index)
    }

    pub(super) fn position(&self, key: Key) -> Option<u64> {
        self.positions.get(&key).copied()
    }

    /// The entries from this position on, with their positions.
    pub(super) fn from(&mut self, position: u64) -> impl Iterator<Item = (u64, &mut Entry)> {
        let begin = position.max(self.first);
        let skip = usize::try_from(begin - self.first).unwrap_or(usize::MAX);
        (begin..).zip(self.entries.iter_mut().skip(skip))
    }

    /// Adds what was just heard for the first time; says its position.
    pub(super) fn push(&mut self, mut entry: Entry) -> u64 {
        let position = self.end();
        let highest = self
            .highest
            .entry(entry.key.sender)
            .or_insert(entry.key.seq);
        entry.inverted = entry.key.seq < *highest;
        *highest = (*highest).max(entry.key.seq);
        self.positions.insert(entry.key, position);
        self.entries.push_back(entry);
        position
    }

    pub(super) fn is_inverted(&self, position: u64) -> bool {
        self.get(position).is_some_and(|entry| entry.inverted)
    }

    /// The highest number of this sender that anybody has heard.
    pub(super) fn highest(&self, sender: u32) -> u32 {
        self.highest.get(&sender).copied().unwrap_or_default()
    }

    /// Forgets the entries at the front that nobody is owed any more.
    pub(super) fn forget_what_all_heard(&mut self) {
        while self.entries.front().is_some_and(|entry| entry.owed == 0) {
            self.forget_front();
        }
    }

    /// Forgets the entries at the front that were sent before the horizon.
    pub(super) fn forget_before(&mut self, horizon: u64) {
        while self
            .entries
            .front()
            .is_some_and(|entry| entry.owed == 0 || entry.sent < horizon)
        {
            self.forget_front();
        }
    }

    fn forget_front(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.positions.remove(&entry.key);
            self.first += 1;
        }
    }

    fn index(&self, position: u64) -> Option<usize> {
        usize::try_from(position.checked_sub(self.first)?).ok()
    }
}

/// How many ways of writing one frame are remembered.
const WRITINGS: usize = 4;
