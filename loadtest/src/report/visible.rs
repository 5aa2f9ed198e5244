//! A foreign text made fit for a reader: nothing in it moves a cursor, hides, or goes on for pages.

/// The text on one line, with everything written out that is not seen, or not where it stands: control
/// characters, marks that turn the direction of writing, what XML has no form for.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
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

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_moves_is_written_out() {
        assert_eq!(
            visible("a\u{1b}[2J\n\u{202e}é😀"),
            "a\\u{1b}[2J\\u{a}\\u{202e}é😀"
        );
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
