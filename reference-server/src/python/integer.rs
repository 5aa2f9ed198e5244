//! Whole numbers of any size, and `int(text)`.

use std::fmt;

/// As many digits as Python converts from text.
const MAX_DIGITS: usize = 4300;

/// A whole number that keeps its digits where it is beyond 64 bits. `Display` prints it in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integer {
    /// Within 64 bits
    Small(i64),
    /// Beyond them: digits without leading zeros, perhaps after a `-`
    Large(Box<str>),
}

impl Integer {
    /// The number, if 64 bits hold it, as they hold every primary key.
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Small(number) => Some(number),
            Self::Large(_) => None,
        }
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(number) => number.fmt(f),
            Self::Large(digits) => f.write_str(digits),
        }
    }
}

/// Python's `int(text)`: white space around, a sign, decimal digits of any script, single underscores
/// between them, at most 4300 digits. `None` where Python raises `ValueError`.
pub fn parse_int(text: &str) -> Option<Integer> {
    // `int` strips white space as Unicode has it, without the separators that `str.strip` takes.
    let text = text.trim();
    if let Some(number) = plain(text) {
        return Some(Integer::Small(number));
    }
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut digits = String::from(if negative { "-" } else { "" });
    let sign = digits.len();
    for group in text.split('_') {
        if group.is_empty() {
            return None;
        }
        for char in group.chars() {
            digits.push(decimal_digit(char)?);
            if digits.len() - sign > MAX_DIGITS {
                return None;
            }
        }
    }
    if let Ok(number) = digits.parse() {
        return Some(Integer::Small(number));
    }
    let leading_zeros = digits.bytes().skip(sign).take_while(|&byte| byte == b'0');
    let leading_zeros = leading_zeros.count();
    digits.replace_range(sign..sign + leading_zeros, "");
    Some(Integer::Large(digits.into()))
}

/// The ordinary case, without an allocation.
fn plain(text: &str) -> Option<i64> {
    let ordinary = text.len() < 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    ordinary.then(|| text.parse().ok()).flatten()
}

/// The digit `0`–`9` that `char` stands for.
fn decimal_digit(char: char) -> Option<char> {
    if char.is_ascii() {
        return char.is_ascii_digit().then_some(char);
    }
    let code = u32::from(char);
    let zero = *ZEROS.get(ZEROS.partition_point(|&zero| zero <= code).checked_sub(1)?)?;
    char::from_digit(code - zero, 10)
}

/// The zeros of all scripts but ASCII's, in order; the other nine digits follow each (category Nd, Unicode 14).
#[rustfmt::skip]
const ZEROS: [u32; 65] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66,
    0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810,
    0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0,
    0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x11066, 0x110F0,
    0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950,
    0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC,
    0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_as_by_python() {
        for (text, number) in [
            ("0", Some("0")),
            ("-0", Some("0")),
            ("007", Some("7")),
            (" \u{a0}+7\n", Some("7")),
            ("1_000", Some("1000")),
            ("٣", Some("3")),
            ("１２", Some("12")),
            ("-9223372036854775808", Some("-9223372036854775808")),
            ("-9223372036854775809", Some("-9223372036854775809")),
            ("0009223372036854775808", Some("9223372036854775808")),
            ("", None),
            ("-", None),
            ("+-1", None),
            ("- 1", None),
            ("_1", None),
            ("1_", None),
            ("1__0", None),
            ("-_1", None),
            ("1.0", None),
            ("1e3", None),
            ("0x1", None),
            ("²", None),
            ("\u{1c}1", None),
            ("1\0", None),
        ] {
            let read = parse_int(text).map(|number| number.to_string());
            assert_eq!(read.as_deref(), number, "{text:?}");
        }
    }

    #[test]
    fn digits_are_counted_as_python_counts_them() {
        assert!(parse_int(&"9".repeat(4300)).is_some());
        assert!(parse_int(&format!("-{}", "9".repeat(4300))).is_some());
        assert!(parse_int(&"9".repeat(4301)).is_none());
        assert!(parse_int(&"0".repeat(4301)).is_none());
    }
}
