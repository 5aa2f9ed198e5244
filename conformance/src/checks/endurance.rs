//! Connections that stop reading, die, lose their session or their chat.

use crate::checks;

checks! {}
