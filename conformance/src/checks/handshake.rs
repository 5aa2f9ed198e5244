//! Who may open a WebSocket.

use crate::checks;

checks! {}
