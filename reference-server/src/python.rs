//! `str()`, `int()`, `str.strip()` and the character classes as Python has them.

mod character;
mod float;
mod integer;

pub use character::{is_space, is_word, str_strip, write_str_repr};
pub use float::float_repr;
pub use integer::{Integer, parse_int};
