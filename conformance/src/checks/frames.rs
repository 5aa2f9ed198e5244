//! What a frame may hold, and what is said about one that may not.

use crate::checks;

checks! {}
