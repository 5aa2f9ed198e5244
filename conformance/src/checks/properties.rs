//! Any content, any frame, any body: what holds whatever is sent.

use crate::checks;

checks! {}
