//! The names by which one attached period of this process is known in Redis (INTEROP §1.1, §2).

use crate::channel_layer::names;

/// A process, for as long as it is attached: another one is drawn for every new attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// What all its channels begin with: `specific.<32 hex>!`.
    pub(super) process: String,
    /// The key of its queue.
    pub(super) queue: String,
}

impl Identity {
    /// A new one, for keys that begin with `prefix`.
    pub(super) fn drawn(prefix: &str) -> Self {
        let process = names::new_process();
        let queue = names::queue_key(prefix, &process);
        Self { process, queue }
    }

    /// The chat whose group one of this identity's members belongs to, `specific.<32 hex>!rs.42`; `None` if
    /// it is none of them. By `rs` our scripts tell a process of this server from Django's.
    pub(super) fn chat_of(&self, member: &str) -> Option<i64> {
        member
            .strip_prefix(&self.process)?
            .strip_prefix("rs.")?
            .parse()
            .ok()
    }

    /// Four bytes of its own, for the heads of its entries.
    pub(super) fn tag(&self) -> &[u8] {
        self.process.as_bytes().get(9..13).unwrap_or(b"none")
    }
}

/// The zset of all processes of this server, by the time they last said that they read. It does not begin
/// with the prefix, so that Django's `flush` leaves it alone (INTEROP §1.5).
pub(super) fn registry(prefix: &str) -> String {
    format!("chat-reference:{prefix}:processes")
}

/// The last place given to a message, in microseconds since 1970.
pub(super) fn clock(prefix: &str) -> String {
    format!("chat-reference:{prefix}:clock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_tells_its_chat_to_its_own_process_only() {
        let identity = Identity::drawn("asgi");
        let member = format!("{}rs.42", identity.process);

        assert!(names::is_channel(&member));
        assert_eq!(identity.queue, format!("asgi{}", identity.process));
        assert_eq!(identity.chat_of(&member), Some(42));
        assert_eq!(Identity::drawn("asgi").chat_of(&member), None);
        assert_eq!(identity.chat_of(&format!("{}rs.x", identity.process)), None);
        assert_eq!(identity.tag().len(), 4);
    }
}
