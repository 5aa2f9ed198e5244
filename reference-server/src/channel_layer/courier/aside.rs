//! What processes of this server tell each other besides messages.

use serde::{Deserialize, Serialize};

use crate::channel_layer::Notice;

/// It travels where no Django process reads: an unknown type would close its sockets (INTEROP §4).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::channel_layer) enum Aside {
    Notice(Notice),
    /// While the teller was without Redis, messages of these chats reached its own connections only:
    /// connections on other processes have missed them.
    Missed(Vec<i64>),
}
