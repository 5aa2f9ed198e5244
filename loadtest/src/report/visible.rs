//! A foreign text made fit for a reader: nothing in it moves a cursor, hides, or goes on for pages.

use chat_fixtures::visible;

/// The text on one line, with everything written out that is not seen, or not where it stands: control
/// characters, marks that turn the direction of writing, what XML has no form for.
pub(super) fn visible(text: &str) -> String {
    visible::visible(text, &[])
}

/// At most so many characters of it.
pub(super) fn shortened(text: &str, at_most: usize) -> String {
    let text = visible(text);
    if text.chars().count() <= at_most {
        return text;
    }
    let start: String = text.chars().take(at_most.saturating_sub(1)).collect();
    format!("{start}…")
}

/// A time of RFC 3339 without the parts of a second, which nobody reads.
pub(super) fn moment(rfc_3339: &str) -> String {
    let text = visible(rfc_3339);
    match text.split_once('.') {
        Some((seconds, rest)) => {
            let zone = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{seconds}{zone}")
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_line_of_so_many_characters() {
        assert_eq!(visible("a\nb"), "a\\u{a}b");
        assert_eq!(shortened("äöüß", 3), "äö…");
    }

    #[test]
    fn a_moment_has_whole_seconds() {
        assert_eq!(
            moment("2026-11-23T05:14:00.380993349Z"),
            "2026-11-23T05:14:00Z"
        );
        assert_eq!(
            moment("2026-11-23T05:14:00.5+02:00"),
            "2026-11-23T05:14:00+02:00"
        );
        assert_eq!(moment("2026-11-23T05:14:00Z"), "2026-11-23T05:14:00Z");
    }
}
