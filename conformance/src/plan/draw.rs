//! Draws steps at random, each of which makes sense after those before it.

mod kinds;

use rand::{Rng, RngExt, rngs::StdRng, seq::IndexedRandom};

use self::kinds::{READS, TALKS, WRITES};
use super::{Move, Step, Who};
use crate::model::{Model, View};

/// What a plan is about.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// Whether people connect and speak.
    pub sockets: bool,
    /// Whether somebody registers, logs in and out: three password hashes, in the first plan of a run only.
    pub accounts: bool,
    /// On how many processes.
    pub processes: usize,
}

/// A plan in the making.
struct Draft<'a> {
    rng: &'a mut StdRng,
    scope: Scope,
    model: Model,
    steps: Vec<Move>,
    /// The last number given to a chat, a connection, a message.
    number: u32,
}

/// The steps of one plan.
pub(super) fn steps(rng: &mut StdRng, scope: Scope, is_first: bool) -> Vec<Move> {
    let mut draft = Draft {
        rng,
        scope,
        model: Model::new(),
        steps: Vec::new(),
        number: 0,
    };
    let accounts = scope.accounts && is_first;
    draft.creates(Who::Alice);
    for n in 0..LENGTH {
        if accounts {
            // Somebody new comes early, leaves in the middle, and is back for the rest.
            match n {
                1 => draft.takes(Who::Nina, Step::Me),
                2 => draft.takes(Who::Nina, Step::Register),
                3 => draft.takes(Who::Nina, Step::Login),
                10 => draft.logs_out(Who::Nina),
                13 => draft.takes(Who::Nina, Step::Login),
                _ => {}
            }
        }
        draft.goes_on();
    }
    draft.ends();
    draft.steps
}

impl Draft<'_> {
    fn goes_on(&mut self) {
        // Without a chat there is little to do.
        if self.model.chats().next().is_none() {
            let who = self.somebody();
            return self.creates(who);
        }
        let all: Vec<_> = if self.scope.sockets {
            WRITES.iter().chain(TALKS).collect()
        } else {
            WRITES.iter().chain(READS).collect()
        };
        if let Ok((_, draws)) = all.choose_weighted(self.rng, |(weight, _)| *weight) {
            draws(self);
        }
    }

    /// Somebody who is not of the chat tries to get at it.
    fn comes_too_near(&mut self, who: Who, chat: u32) {
        let connection = self.new_number();
        let content = self.words();
        if self.scope.sockets {
            self.takes(who, Step::Connect { chat, connection });
        } else {
            self.takes(who, Step::History { chat });
            self.takes(who, Step::Post { chat, content });
        }
    }

    /// Everybody who listens hears one last message of each chat: what was heard too much shows now. Or else every
    /// history is read.
    fn ends(&mut self) {
        let chats: Vec<View> = self.model.chats().cloned().collect();
        for view in chats {
            let speaks = self
                .model
                .connections()
                .find(|(_, _, chat)| *chat == view.chat);
            if let Some((connection, who, _)) = speaks {
                let content = self.words();
                self.takes(
                    who,
                    Step::Say {
                        connection,
                        content,
                    },
                );
            }
            if let Some(who) = view.participants.first().filter(|_| !self.scope.sockets) {
                self.takes(*who, Step::History { chat: view.chat });
            }
            let is_stranger = |who: &Who| !view.participants.contains(who);
            let stranger = self.model.accounts().find(is_stranger);
            if let Some(who) = stranger {
                self.comes_too_near(who, view.chat);
            }
        }
    }

    fn creates(&mut self, who: Who) {
        let people: Vec<_> = self.model.accounts().collect();
        let count = self.rng.random_range(0..4);
        let with = (0..count)
            .filter_map(|_| people.choose(self.rng).copied())
            .collect();
        let step = Step::Create {
            chat: self.new_number(),
            name: self.words(),
            with,
        };
        self.takes(who, step);
    }

    /// Something with a chat: mostly by one of its people, now and then by another, or with one that is gone.
    fn in_chat(&mut self, step: impl FnOnce(&mut Self, u32) -> Step) {
        let labels: Vec<_> = self.model.labels().collect();
        let Some(chat) = labels.choose(self.rng).copied() else {
            return;
        };
        let view = self.model.chats().find(|view| view.chat == chat);
        let participants: Vec<_> = view
            .into_iter()
            .flat_map(|view| &view.participants)
            .copied()
            .collect();
        let who = match participants.choose(self.rng) {
            Some(who) if self.rng.random_ratio(4, 5) => *who,
            _ => self.somebody(),
        };
        let step = step(self, chat);
        self.takes(who, step);
    }

    fn says(&mut self) {
        let connections: Vec<_> = self.model.connections().collect();
        let Some((connection, who, _)) = connections.choose(self.rng).copied() else {
            return;
        };
        let content = self.words();
        self.takes(
            who,
            Step::Say {
                connection,
                content,
            },
        );
    }

    fn disconnects(&mut self) {
        let connections: Vec<_> = self.model.connections().collect();
        if let Some((connection, who, _)) = connections.choose(self.rng).copied() {
            self.takes(who, Step::Disconnect { connection });
        }
    }

    /// What a connection to a deleted chat hears is not for a plan to say: they are closed first.
    fn deletes(&mut self) {
        let chats: Vec<_> = self.model.chats().map(|view| view.chat).collect();
        let Some(chat) = chats.choose(self.rng).copied() else {
            return;
        };
        self.closes(|(_, _, of)| of == chat);
        self.in_chat_of(chat, |chat| Step::Delete { chat });
    }

    fn in_chat_of(&mut self, chat: u32, step: impl FnOnce(u32) -> Step) {
        let view = self.model.chats().find(|view| view.chat == chat);
        let participants: Vec<_> = view
            .into_iter()
            .flat_map(|view| &view.participants)
            .copied()
            .collect();
        if let Some(who) = participants.choose(self.rng) {
            self.takes(*who, step(chat));
        }
    }

    /// Nor what a connection hears whose session has ended.
    fn logs_out(&mut self, who: Who) {
        self.closes(|(_, of, _)| of == who);
        self.takes(who, Step::Logout);
        self.takes(who, Step::Me);
    }

    fn closes(&mut self, which: impl Fn((u32, Who, u32)) -> bool) {
        let connections: Vec<_> = self.model.connections().filter(|one| which(*one)).collect();
        for (connection, who, _) in connections {
            self.takes(who, Step::Disconnect { connection });
        }
    }

    fn takes(&mut self, who: Who, does: Step) {
        let on = match &does {
            Step::Say { .. } | Step::Disconnect { .. } => 0,
            _ => self.rng.random_range(0..self.scope.processes.max(1)),
        };
        let step = Move { who, on, does };
        if self.model.apply(&step).is_some() {
            self.steps.push(step);
        }
    }

    fn somebody(&mut self) -> Who {
        let people: Vec<_> = self.model.accounts().collect();
        people.choose(self.rng).copied().unwrap_or(Who::Alice)
    }

    fn new_number(&mut self) -> u32 {
        self.number += 1;
        self.number
    }

    /// A name or a text of which there is no other in the plan. White space at its ends is for other checks.
    fn words(&mut self) -> String {
        let number = self.new_number();
        let word = WORDS[usize::try_from(self.rng.next_u32()).unwrap_or(0) % WORDS.len()];
        format!("{word} {number}")
    }
}

/// How many steps are drawn; some come with others, some make no sense.
const LENGTH: usize = 18;
const WORDS: [&str; 6] = [
    "hello",
    "good morning",
    "¿qué tal?",
    "привет",
    "🚀",
    "<b>no</b>",
];
