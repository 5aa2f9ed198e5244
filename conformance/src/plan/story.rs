//! A plan as a story, a line a step.

use std::fmt;

use super::{Move, Plan, Step, Who};

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.steps.iter().enumerate() {
            writeln!(f, "{:3}. {step}", n + 1)?;
        }
        Ok(())
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.who, self.does)?;
        if self.on > 0 {
            write!(f, ", on another process ({})", self.on)?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register => write!(f, "registers"),
            Self::Login => write!(f, "logs in"),
            Self::Logout => write!(f, "logs out"),
            Self::Me => write!(f, "asks who they are"),
            Self::Chats => write!(f, "lists the chats"),
            Self::Messages => write!(f, "lists all messages"),
            Self::Create { chat, name, with } => {
                write!(f, "makes chat {chat}, {name:?}")?;
                for (n, who) in with.iter().enumerate() {
                    write!(f, "{} {who}", if n == 0 { " with" } else { " and" })?;
                }
                Ok(())
            }
            Self::Rename { chat, name } => write!(f, "calls chat {chat} {name:?}"),
            Self::Delete { chat } => write!(f, "deletes chat {chat}"),
            Self::Look { chat } => write!(f, "looks at chat {chat}"),
            Self::History { chat } => write!(f, "reads the history of chat {chat}"),
            Self::Post { chat, content } => write!(f, "sends {content:?} to chat {chat} by REST"),
            Self::Connect { chat, connection } => {
                write!(f, "connects to chat {chat} (connection {connection})")
            }
            Self::Say {
                connection,
                content,
            } => write!(f, "says {content:?} on connection {connection}"),
            Self::Disconnect { connection } => write!(f, "closes connection {connection}"),
        }
    }
}
