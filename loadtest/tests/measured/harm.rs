//! What a hostile server's words may not do in a report.

use chat_loadtest::report::Format;

/// In a page nothing of it is markup; where people read it as it is, it moves no cursor and turns no line around.
pub(crate) fn none_comes_of(format: Format, name: &str, text: &str, is_for_people: bool) {
    if matches!(format, Format::Html | Format::Junit) {
        let is_markup = text.contains("<script") || text.contains("<b>");
        assert!(!is_markup, "{name}");
    }
    for c in ['\u{1b}', '\0', '\u{202e}'] {
        assert!(!is_for_people || !text.contains(c), "{name} has {c:?}");
    }
}
