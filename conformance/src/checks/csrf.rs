//! An unsafe request of a session proves that it comes from the page.

use crate::checks;

checks! {}
