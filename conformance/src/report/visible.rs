//! A server's text made fit for a reader: nothing in it moves a cursor, hides, or goes on for pages.

use chat_fixtures::visible;

/// The text with everything written out that is not seen, or not where it stands: control characters (but
/// line feeds and tabs), marks that turn the direction of writing, what XML has no form for.
pub(crate) fn visible(text: &str) -> String {
    visible::visible(text, &['\n', '\t'])
}

/// The same on one line, at most so many characters of it.
pub(crate) fn on_one_line(text: &str, at_most: usize) -> String {
    shortened(&visible(text), at_most)
        .replace('\n', "\\n")
        .replace('\t', "\\t")
}

/// At most so many characters, and how many there were if that is fewer than all.
pub(crate) fn shortened(text: &str, at_most: usize) -> String {
    let all = text.chars().count();
    if all <= at_most {
        return text.to_owned();
    }
    let start: String = text.chars().take(at_most).collect();
    format!("{start}… ({} in all)", amount(all, "character"))
}

/// `1 byte`, `1,048,576 bytes`.
pub(crate) fn amount(n: usize, of: &str) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {of}{}", if n == 1 { "" } else { "s" })
}

/// Milliseconds as people say them: `850 ms`, `4.2 s`, `1 min 35 s`.
pub(crate) fn duration(milliseconds: u128) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!(
            "{} min {} s",
            milliseconds / 60_000,
            milliseconds % 60_000 / 1_000
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines_unless_one_is_wanted() {
        assert_eq!(visible("a\nb\tc\r"), "a\nb\tc\\u{d}");
        assert_eq!(on_one_line("a\nb", 10), "a\\nb");
    }

    #[test]
    fn amounts_and_times_are_said_as_people_say_them() {
        assert_eq!(amount(1, "byte"), "1 byte");
        assert_eq!(amount(1_048_576, "byte"), "1,048,576 bytes");
        assert_eq!(shortened("äöü", 2), "äö… (3 characters in all)");
        assert_eq!(
            [850, 4_250, 95_000].map(duration),
            ["850 ms", "4.2 s", "1 min 35 s"]
        );
    }
}
