//! Chats: made, listed, renamed, deleted, and hidden from everybody else.

use crate::checks;

checks! {}
