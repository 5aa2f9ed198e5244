//! Python's character classes, and what rests on them: `str.strip()` and `repr(str)`.
//!
//! Python 3.11 knows Unicode 14; characters assigned since are judged by the newer tables of this build.

use std::fmt::Write as _;

use unicode_normalization::char::is_combining_mark;

/// Python's `str.isspace()` and `\s`: white space of Unicode and the four separators U+001C–U+001F.
pub fn is_space(char: char) -> bool {
    char.is_whitespace() || matches!(char, '\u{1c}'..='\u{1f}')
}

/// Python's `\w`: letters, numbers and the underscore. Unlike Unicode's Alphabetic, which Rust follows,
/// neither combining marks nor the circled letters are letters.
pub fn is_word(char: char) -> bool {
    char == '_' || (char.is_alphanumeric() && !is_combining_mark(char) && !is_circled_letter(char))
}

/// Python's `text.strip()`.
pub fn str_strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Writes Python's `repr(text)`.
pub fn write_str_repr(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for char in text.chars() {
        match char {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            _ if char == quote => out.extend(['\\', quote]),
            _ if is_printable(char) => out.push(char),
            _ => write_escape(char, out),
        }
    }
    out.push(quote);
}

fn write_escape(char: char, out: &mut String) {
    let code = u32::from(char);
    // Writing to a String cannot fail.
    let _ = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

/// Python's `str.isprintable()`. Rust has the same notion, but only to escape for `Debug`, which also
/// escapes what extends the character before it: combining marks and two halfwidth letters.
fn is_printable(char: char) -> bool {
    matches!(char, ' '..='~' | '\u{ff9e}' | '\u{ff9f}')
        || is_combining_mark(char)
        || char.escape_debug().len() == 1
}

/// The symbols (category So) that Unicode calls alphabetic.
fn is_circled_letter(char: char) -> bool {
    matches!(
        char,
        '\u{24b6}'..='\u{24e9}'
            | '\u{1f130}'..='\u{1f149}'
            | '\u{1f150}'..='\u{1f169}'
            | '\u{1f170}'..='\u{1f189}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strip_takes_the_separators_of_ascii_too() {
        assert_eq!(
            str_strip("\u{1c}\u{85}\u{a0}\u{2003} a b \u{1f}\t\r\n"),
            "a b"
        );
        assert_eq!(str_strip("\u{200b}a\u{feff}"), "\u{200b}a\u{feff}");
        assert_eq!(str_strip(" \u{3000} "), "");
    }

    #[test]
    fn word_characters_are_letters_numbers_and_the_underscore() {
        for char in [
            'a', 'Z', '_', '7', 'é', 'ß', '²', '½', 'Ⅷ', '中', '٣', 'ª', 'ʰ', '𝔘', '〇',
        ] {
            assert!(is_word(char), "{char}");
        }
        for char in [
            ' ', '-', '.', '\u{301}', 'ⓐ', '🄰', '€', '🚀', '\u{fffd}', '\u{200d}', '\u{93e}',
        ] {
            assert!(!is_word(char), "{char}");
        }
    }

    #[test]
    fn repr_chooses_its_quotes_and_escapes_what_is_not_printable() {
        for (text, expected) in [
            ("plain é 🚀", "'plain é 🚀'"),
            ("it's", "\"it's\""),
            ("it's \"so\"", "'it\\'s \"so\"'"),
            ("\\\n\r\t\0\u{7f}\u{a0}", "'\\\\\\n\\r\\t\\x00\\x7f\\xa0'"),
            (
                "\u{301}\u{200b}\u{e000}\u{10ffff}",
                "'\u{301}\\u200b\\ue000\\U0010ffff'",
            ),
        ] {
            let mut out = String::new();
            write_str_repr(text, &mut out);
            assert_eq!(out, expected);
        }
    }
}
