//! What a sound server does, as a pure model: people, sessions, chats, messages, connections.
//!
//! It holds what clauses of level `required` and `parity` say, and of those only what every implementation does
//! alike: where the original is known to differ (a connection after logout, or in a deleted chat), no step leads.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Move, Step, Who};

/// The state of things.
#[derive(Debug, Clone, Default)]
pub struct Model {
    accounts: BTreeSet<Who>,
    sessions: BTreeSet<Who>,
    chats: BTreeMap<u32, View>,
    /// Every chat there ever was.
    labels: BTreeSet<u32>,
    connections: BTreeMap<u32, (Who, u32)>,
    messages: Vec<Said>,
}

/// A chat as its participants see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its number in the plan.
    pub chat: u32,
    /// Its name.
    pub name: String,
    /// Who is in it.
    pub participants: BTreeSet<Who>,
    /// Its messages, oldest first, by their numbers.
    pub messages: Vec<usize>,
}

/// A message, whichever way it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Where.
    pub chat: u32,
    /// By whom.
    pub sender: Who,
    /// What.
    pub content: String,
}

/// What a server does about a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// It refuses, and nothing changes.
    Refused,
    /// It does so.
    Done,
    /// It answers with this user.
    User(Who),
    /// It answers with this chat.
    Chat(View),
    /// It answers with these chats.
    Chats(Vec<View>),
    /// It answers with these messages, oldest first.
    Messages(Vec<usize>),
    /// It stores the message, of this number, and these connections hear it next; nobody, when it came by REST.
    Said(usize, Vec<u32>),
}

impl Model {
    /// Before anything happened: the shared people have accounts and sessions, newcomers have neither.
    pub fn new() -> Self {
        let shared: BTreeSet<_> = Who::ALL.into_iter().filter(|who| !who.is_new()).collect();
        Self {
            accounts: shared.clone(),
            sessions: shared,
            ..Self::default()
        }
    }

    /// Takes the step: what a server has to do about it. `None`, and no change, where the step makes no sense (it
    /// speaks of what is not there) or leads where implementations differ.
    pub fn apply(&mut self, step: &Move) -> Option<Expected> {
        let who = step.who;
        let is_known = self.sessions.contains(&who);
        match &step.does {
            Step::Register => Some(if self.accounts.insert(who) {
                Expected::User(who)
            } else {
                Expected::Refused
            }),
            Step::Login => self.accounts.contains(&who).then(|| {
                self.sessions.insert(who);
                Expected::User(who)
            }),
            Step::Logout => {
                let speaks = self.connections.values().any(|(one, _)| *one == who);
                if speaks || !who.is_new() {
                    return None;
                }
                Some(if self.sessions.remove(&who) {
                    Expected::Done
                } else {
                    Expected::Refused
                })
            }
            Step::Me if is_known => Some(Expected::User(who)),
            Step::Chats if is_known => Some(Expected::Chats(self.chats_of(who).cloned().collect())),
            Step::Messages if is_known => {
                let mut messages: Vec<_> = self
                    .chats_of(who)
                    .flat_map(|chat| chat.messages.iter().copied())
                    .collect();
                messages.sort_unstable();
                Some(Expected::Messages(messages))
            }
            Step::Me | Step::Chats | Step::Messages => Some(Expected::Refused),
            Step::Create { chat, name, with } => self.creates(who, *chat, name, with),
            Step::Rename { chat, name } => self.in_chat(who, *chat, |_, view| {
                view.name.clone_from(name);
                Expected::Chat(view.clone())
            }),
            Step::Delete { chat } => {
                if self.connections.values().any(|(_, of)| of == chat) {
                    return None;
                }
                let done = self.in_chat(who, *chat, |_, _| Expected::Done)?;
                if done == Expected::Done {
                    self.chats.remove(chat);
                }
                Some(done)
            }
            Step::Look { chat } => self.in_chat(who, *chat, |_, view| Expected::Chat(view.clone())),
            Step::History { chat } => self.in_chat(who, *chat, |_, view| {
                Expected::Messages(view.messages.clone())
            }),
            Step::Post { chat, content } => self.in_chat(who, *chat, |messages, view| {
                Expected::Said(said(messages, view, who, content), Vec::new())
            }),
            Step::Connect { chat, connection } => {
                if self.connections.contains_key(connection) {
                    return None;
                }
                let done = self.in_chat(who, *chat, |_, _| Expected::Done)?;
                if done == Expected::Done {
                    self.connections.insert(*connection, (who, *chat));
                }
                Some(done)
            }
            Step::Say {
                connection,
                content,
            } => {
                let (_, chat) = self.own(who, *connection)?;
                let view = self.chats.get_mut(&chat)?;
                let message = said(&mut self.messages, view, who, content);
                let hear = self.connections.iter().filter(|(_, (_, of))| *of == chat);
                Some(Expected::Said(message, hear.map(|(one, _)| *one).collect()))
            }
            Step::Disconnect { connection } => {
                self.own(who, *connection)?;
                self.connections.remove(connection);
                Some(Expected::Done)
            }
        }
    }

    /// The chats there are, by number.
    pub fn chats(&self) -> impl Iterator<Item = &View> {
        self.chats.values()
    }

    /// The numbers of all chats there ever were.
    pub fn labels(&self) -> impl Iterator<Item = u32> + '_ {
        self.labels.iter().copied()
    }

    /// The open connections: number, whose, to which chat.
    pub fn connections(&self) -> impl Iterator<Item = (u32, Who, u32)> + '_ {
        self.connections
            .iter()
            .map(|(connection, (who, chat))| (*connection, *who, *chat))
    }

    /// Who has an account.
    pub fn accounts(&self) -> impl Iterator<Item = Who> + '_ {
        self.accounts.iter().copied()
    }

    /// A message, by its number.
    pub fn message(&self, number: usize) -> Option<&Said> {
        self.messages.get(number)
    }

    fn chats_of(&self, who: Who) -> impl Iterator<Item = &View> {
        self.chats
            .values()
            .filter(move |chat| chat.participants.contains(&who))
    }

    fn creates(&mut self, who: Who, chat: u32, name: &str, with: &[Who]) -> Option<Expected> {
        let all_exist = with.iter().all(|one| self.accounts.contains(one));
        if self.labels.contains(&chat) || !all_exist {
            return None;
        }
        if !self.sessions.contains(&who) {
            return Some(Expected::Refused);
        }
        let view = View {
            chat,
            name: name.to_owned(),
            participants: with.iter().copied().chain([who]).collect(),
            messages: Vec::new(),
        };
        self.labels.insert(chat);
        self.chats.insert(chat, view.clone());
        Some(Expected::Chat(view))
    }

    /// What a participant gets; anybody else is refused, with or without a chat.
    fn in_chat(
        &mut self,
        who: Who,
        chat: u32,
        gets: impl FnOnce(&mut Vec<Said>, &mut View) -> Expected,
    ) -> Option<Expected> {
        if !self.labels.contains(&chat) {
            return None;
        }
        let is_known = self.sessions.contains(&who);
        let view = self.chats.get_mut(&chat);
        Some(match view {
            Some(view) if is_known && view.participants.contains(&who) => {
                gets(&mut self.messages, view)
            }
            _ => Expected::Refused,
        })
    }

    fn own(&self, who: Who, connection: u32) -> Option<(Who, u32)> {
        let own = self.connections.get(&connection).copied();
        own.filter(|(one, _)| *one == who)
    }
}

fn said(messages: &mut Vec<Said>, view: &mut View, sender: Who, content: &str) -> usize {
    let message = messages.len();
    messages.push(Said {
        chat: view.chat,
        sender,
        content: content.to_owned(),
    });
    view.messages.push(message);
    message
}
