//! A JSON number, printed as Python prints it.

use std::fmt;

use crate::python::{self, Integer};

/// A whole number with all its digits, or a float. `Display` is Python's `str()`:
/// `12.50` → `12.5`, `1e3` → `1000.0`, `1e16` → `1e+16`, `-0` → `0`, `1e999` → `inf`.
#[derive(Debug, Clone, PartialEq)]
pub struct Number(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Int(Integer),
    Float(f64),
}

impl Number {
    /// Whether Python reads it as a `float`: it has a fraction or an exponent.
    pub fn is_float(&self) -> bool {
        matches!(self.0, Kind::Float(_))
    }

    /// Whether it is beyond every float, like `1e999`. Whole numbers never are.
    pub fn is_infinite(&self) -> bool {
        matches!(self.0, Kind::Float(float) if float.is_infinite())
    }

    /// Whether it is 0, -0, 0.0 or too small for a float.
    pub fn is_zero(&self) -> bool {
        match self.0 {
            Kind::Int(ref int) => int.as_i64() == Some(0),
            Kind::Float(float) => float == 0.0,
        }
    }

    /// `None`: more digits than Python converts.
    pub(super) fn int(digits: &str) -> Option<Self> {
        python::parse_int(digits).map(|int| Self(Kind::Int(int)))
    }

    /// `literal` follows JSON's grammar, which is a part of Rust's.
    pub(super) fn float(literal: &str) -> Option<Self> {
        literal.parse().ok().map(|float| Self(Kind::Float(float)))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Int(ref int) => int.fmt(f),
            Kind::Float(float) => f.write_str(&python::float_repr(float)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::super::parse;

    #[test]
    fn numbers_print_as_in_python() {
        let digits = "9".repeat(4300);
        for (text, printed) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "-0.0"),
            ("12.50", "12.5"),
            ("1e3", "1000.0"),
            ("1E+2", "100.0"),
            ("1e16", "1e+16"),
            ("1e999", "inf"),
            ("-1e999", "-inf"),
            ("9223372036854775808", "9223372036854775808"),
            ("-9223372036854775809", "-9223372036854775809"),
            (&*digits, &*digits),
        ] {
            assert_eq!(parse(text).unwrap().python_str(), printed);
        }
        assert!(parse(&format!("{digits}9")).is_err());
        assert!(parse(&format!("-{digits}")).is_ok());
    }
}
