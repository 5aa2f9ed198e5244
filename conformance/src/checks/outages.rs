//! Redis gone, Redis hanging, a process killed.

use crate::checks;

checks! {}
