//! Load and order: one order for all, nothing lost, nothing repeated.

use crate::checks;

checks! {}
