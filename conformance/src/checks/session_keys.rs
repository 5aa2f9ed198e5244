//! To be written.

use crate::checks;

checks! {}
