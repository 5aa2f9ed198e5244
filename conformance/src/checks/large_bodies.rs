//! x.

use crate::checks;

checks! {}
