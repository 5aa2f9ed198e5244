//! Messages by REST, and their history.

use crate::checks;

checks! {}
