//! One step of a plan: who does what, and where.

use serde::{Deserialize, Serialize};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Who does it.
    pub who: Who,
    /// On which process, counted from the check's own, round.
    #[serde(default)]
    pub on: usize,
    /// What.
    #[serde(flatten)]
    pub does: Step,
}

/// Who plays. The first four are of the run's cast and have sessions; the others come without an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "names")]
pub enum Who {
    Alice,
    Bob,
    Carol,
    Dave,
    Nina,
    Omar,
}

/// What may be done. Chats and connections have numbers, given where they are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the API")]
pub enum Step {
    Register,
    Login,
    Logout,
    Me,
    Chats,
    Messages,
    Create {
        chat: u32,
        name: String,
        with: Vec<Who>,
    },
    Rename {
        chat: u32,
        name: String,
    },
    Delete {
        chat: u32,
    },
    Look {
        chat: u32,
    },
    History {
        chat: u32,
    },
    Post {
        chat: u32,
        content: String,
    },
    Connect {
        chat: u32,
        connection: u32,
    },
    Say {
        connection: u32,
        content: String,
    },
    Disconnect {
        connection: u32,
    },
}

impl Who {
    /// Everybody.
    pub const ALL: [Self; 6] = [
        Self::Alice,
        Self::Bob,
        Self::Carol,
        Self::Dave,
        Self::Nina,
        Self::Omar,
    ];

    /// Whether they come without an account.
    pub fn is_new(self) -> bool {
        matches!(self, Self::Nina | Self::Omar)
    }

    /// As they are called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alice => "alice",
            Self::Bob => "bob",
            Self::Carol => "carol",
            Self::Dave => "dave",
            Self::Nina => "nina",
            Self::Omar => "omar",
        }
    }
}

impl Step {
    /// The clause that says most of what it brings.
    pub fn clause(&self) -> &'static str {
        match self {
            Self::Register => "REG-1",
            Self::Login => "AUTH-1",
            Self::Logout => "AUTH-4",
            Self::Me => "AUTH-3",
            Self::Chats => "CHAT-2",
            Self::Messages => "HIST-3",
            Self::Create { .. } => "CHAT-1",
            Self::Rename { .. } => "CHAT-6",
            Self::Delete { .. } => "CHAT-7",
            Self::Look { .. } => "CHAT-3",
            Self::History { .. } => "HIST-1",
            Self::Post { .. } => "SEND-1, SEND-4",
            Self::Connect { .. } => "WS-1, WS-2",
            Self::Say { .. } | Self::Disconnect { .. } => "WS-3",
        }
    }

    /// Whether it is about a connection.
    pub fn is_live(&self) -> bool {
        matches!(
            self,
            Self::Connect { .. } | Self::Say { .. } | Self::Disconnect { .. }
        )
    }
}
