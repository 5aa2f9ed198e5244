//! The stories that the guide tells.

use crate::checks;

checks! {}
