//! The test page, in a real browser.

use crate::checks;

checks! {}
