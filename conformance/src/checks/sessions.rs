//! Login, logout, cookies, and who is nobody.

use crate::checks;

checks! {}
