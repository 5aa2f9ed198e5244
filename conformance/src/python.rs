//! How Python spells what JSON holds: the contract's "number as text", and what `str.strip` takes off.

/// `text` without the white space at its ends, as Python sees it.
pub(crate) fn stripped(text: &str) -> &str {
    text.trim_matches(is_space)
}

fn is_space(c: char) -> bool {
    matches!(c,
        '\t'..='\r' | '\u{1c}'..='\u{1f}' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}'
        | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// `str(json.loads(number))`; `None` when it is no number, or an infinite one.
pub(crate) fn number(number: &str) -> Option<String> {
    if !number.contains(['.', 'e', 'E']) {
        // Whole numbers have no end in Python, and minus zero is zero.
        return Some(if number == "-0" { "0" } else { number }.to_owned());
    }
    let value: f64 = number
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())?;
    let shortest = closest_of_shortest(value.abs());
    let (mantissa, exponent) = shortest.split_once('e')?;
    let digits = mantissa.replace('.', "");
    let exponent: i32 = exponent.parse().ok()?;
    let sign = if value.is_sign_negative() { "-" } else { "" };
    Some(format!("{sign}{}", spelled(&digits, exponent)))
}

/// As few digits as tell the value from all others, and of those the closest: where two are as close, Python takes the
/// even one (633004115168805.25 is …805.2), and Rust's shortest form the upper. With a precision Rust rounds to even.
fn closest_of_shortest(value: f64) -> String {
    let shortest = format!("{value:e}");
    let digits = shortest.bytes().take_while(|byte| *byte != b'e');
    let places = digits.filter(u8::is_ascii_digit).count().saturating_sub(1);
    let closest = format!("{value:.places$e}");
    let is_the_value = closest.parse() == Ok(value);
    if is_the_value { closest } else { shortest }
}

/// Digits with the point after the first, times ten to the `exponent`, as Python's `repr` writes them.
fn spelled(digits: &str, exponent: i32) -> String {
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
    if !(-4..16).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{first}{point}{rest}e{sign}{places:02}")
    } else if exponent < 0 {
        format!("0.{}{digits}", "0".repeat(places - 1))
    } else if digits.len() <= places + 1 {
        format!("{digits}{}.0", "0".repeat(places + 1 - digits.len()))
    } else {
        let (whole, fraction) = digits.split_at(places + 1);
        format!("{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelled_as_python_spells_them() {
        for (json, python) in [
            ("7", "7"),
            ("-0", "0"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
            ("12.50", "12.5"),
            ("1e3", "1000.0"),
            ("1e16", "1e+16"),
            ("1e15", "1000000000000000.0"),
            ("123456789012345680.0", "1.2345678901234568e+17"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("-1.5E-7", "-1.5e-07"),
            ("1e100", "1e+100"),
            ("0.1", "0.1"),
            ("5e-324", "5e-324"),
            ("-0.0", "-0.0"),
            ("633004115168805.3", "633004115168805.2"),
            ("633004115168805.4", "633004115168805.4"),
            ("9007199254740993.0", "9007199254740992.0"),
            ("2.2250738585072014e-308", "2.2250738585072014e-308"),
            ("9.5367431640625e-07", "9.5367431640625e-07"),
        ] {
            assert_eq!(number(json).as_deref(), Some(python), "{json}");
        }
        assert_eq!(number("1e309"), None);
    }

    #[test]
    fn white_space_is_what_python_takes_for_it() {
        assert_eq!(stripped("\u{1f}\u{3000}a\u{200b}\u{85}"), "a\u{200b}");
    }
}
