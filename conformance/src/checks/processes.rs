//! The same promises between processes.

use crate::checks;

checks! {}
