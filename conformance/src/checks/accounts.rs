//! Registration: who gets an account, and in which words others are refused.

use crate::checks;

checks! {}
