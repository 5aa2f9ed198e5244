//! Why a text is not JSON, in Python's words.

use std::fmt;

/// The first fault of a document. `Display` is Python's message, e.g.
/// `Expecting value: line 1 column 2 (char 1)`; lines and columns count from 1, characters from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    fault: Fault,
    line: usize,
    column: usize,
    char: usize,
}

impl std::error::Error for JsonError {}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: line {} column {} (char {})",
            self.fault, self.line, self.column, self.char
        )
    }
}

impl JsonError {
    /// `at` is a byte offset into `text`, at a character's beginning or at the end.
    pub(super) fn new(fault: Fault, text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            fault,
            line: before.bytes().filter(|&byte| byte == b'\n').count() + 1,
            column: before
                .get(line_start..)
                .map_or(0, |line| line.chars().count())
                + 1,
            char: before.chars().count(),
        }
    }
}

/// What Python's parser finds wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("Unexpected UTF-8 BOM (decode using utf-8-sig)")]
    ByteOrderMark,
    #[error("Expecting value")]
    ExpectingValue,
    #[error("Expecting property name enclosed in double quotes")]
    ExpectingName,
    #[error("Expecting ':' delimiter")]
    ExpectingColon,
    #[error("Expecting ',' delimiter")]
    ExpectingComma,
    #[error("Extra data")]
    ExtraData,
    #[error("Unterminated string starting at")]
    Unterminated,
    #[error("Invalid control character at")]
    ControlCharacter,
    #[error("Invalid \\escape")]
    Escape,
    #[error("Invalid \\uXXXX escape")]
    UnicodeEscape,
    #[error("Exceeds the limit (4300 digits) for integer string conversion")]
    TooManyDigits,
    #[error("Out of range float values are not JSON compliant")]
    NotFinite,
    #[error("Nested too deeply")]
    TooDeep,
    #[error("Too many values")]
    TooMany,
}
