//! Figures as people read them: times, amounts, shares, bytes.

/// Microseconds with three digits: `850 µs`, `3.12 ms`, `1.25 s`.
#[must_use]
pub fn time(micros: u64) -> String {
    let (figure, unit) = scaled(as_f64(micros));
    format!("{} {unit}", three_digits(figure))
}

/// Microseconds with four digits, for holding against a limit: `250.4 ms`. No more of them are known
/// ([`Times`](crate::histogram::Times)).
#[must_use]
pub fn fine_time(micros: f64) -> String {
    let (figure, unit) = scaled(micros);
    let decimals = if figure > 0.0 {
        decimals(figure) + 1
    } else {
        0
    };
    format!("{} {unit}", trimmed(format!("{figure:.decimals$}")))
}

/// A whole number, in groups of three digits: `12,000`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// So many of something: `1 message`, `12,000 messages`, `2 processes`.
#[must_use]
pub fn amount(n: u64, of: &str) -> String {
    let ending = match n {
        1 => "",
        _ if of.ends_with('s') => "es",
        _ => "s",
    };
    format!("{} {of}{ending}", count(n))
}

/// So many in each second: `2.5/s`, `12,000/s`.
#[must_use]
pub fn rate(per_second: f64) -> String {
    format!("{}/s", number(per_second))
}

/// A number that need not be whole, with three digits before it is rounded: `0.125`, `12.5`, `12,000`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be a number above 0; the largest are cut off, and nobody reads those"
)]
pub fn number(n: f64) -> String {
    if n >= 100.0 {
        count(n.round() as u64)
    } else {
        trimmed(three_digits(n))
    }
}

/// A part of a whole: `0.01 %`. Neither a little nor nearly all is rounded to nothing or to all.
#[must_use]
pub fn share(part: f64) -> String {
    let percent = part * 100.0;
    let rest = 100.0 - percent;
    let decimals = if percent <= 0.0 || rest == 0.0 {
        0
    } else if rest.abs() < 1.0 {
        decimals(rest) - 1
    } else {
        decimals(percent)
    };
    format!("{} %", trimmed(format!("{percent:.decimals$}")))
}

/// Bytes in binary units: `512 B`, `10.2 KiB`, `1.5 GiB`.
#[must_use]
pub fn bytes(n: u64) -> String {
    let mut figure = as_f64(n);
    let mut units = ["B", "KiB", "MiB", "GiB", "TiB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    for larger in units {
        if figure < 1024.0 {
            break;
        }
        figure /= 1024.0;
        unit = larger;
    }
    format!("{} {unit}", number(figure))
}

/// A count as a number to divide with.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of events are far below 2^53"
)]
pub const fn as_f64(n: u64) -> f64 {
    n as f64
}

fn scaled(micros: f64) -> (f64, &'static str) {
    if micros < 1_000.0 {
        (micros, "µs")
    } else if micros < 1_000_000.0 {
        (micros / 1_000.0, "ms")
    } else {
        (micros / 1_000_000.0, "s")
    }
}

fn three_digits(figure: f64) -> String {
    if figure.fract() == 0.0 && figure < 1_000.0 {
        return format!("{figure:.0}");
    }
    format!("{figure:.*}", decimals(figure))
}

/// How many decimals leave three digits that are not leading zeros.
#[expect(clippy::cast_possible_truncation, reason = "between 0 and 9")]
#[expect(clippy::cast_sign_loss, reason = "between 0 and 9")]
fn decimals(figure: f64) -> usize {
    (2.0 - figure.abs().log10().floor()).clamp(0.0, 9.0) as usize
}

/// Without zeros that say nothing.
fn trimmed(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_the_unit_that_fits() {
        let told = [0, 850, 3_120, 31_250, 312_000, 1_250_000, 95_000_000].map(time);
        assert_eq!(
            told,
            [
                "0 µs", "850 µs", "3.12 ms", "31.2 ms", "312 ms", "1.25 s", "95 s"
            ]
        );
        assert_eq!(fine_time(250_367.0), "250.4 ms");
        assert_eq!(fine_time(12.5), "12.5 µs");
        assert_eq!(fine_time(0.0), "0 µs");
    }

    #[test]
    fn a_little_is_not_nothing_and_nearly_all_is_not_all() {
        assert_eq!(share(0.0), "0 %");
        assert_eq!(share(1.0), "100 %");
        assert_eq!(share(0.000_001), "0.0001 %");
        assert_eq!(share(0.999_999), "99.9999 %");
        assert_eq!(share(0.125), "12.5 %");
    }

    #[test]
    fn amounts_are_grouped() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(amount(1, "message"), "1 message");
        assert_eq!(amount(2, "process"), "2 processes");
        assert_eq!(rate(2.5), "2.5/s");
        assert_eq!(rate(12_000.4), "12,000/s");
        assert_eq!(number(0.0), "0");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(10_444), "10.2 KiB");
    }
}
