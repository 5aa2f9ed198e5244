//! What holds for every request: methods, media types, slashes, headers, limits.

use crate::checks;

checks! {}
