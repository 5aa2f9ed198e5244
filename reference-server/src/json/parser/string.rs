//! Strings of a JSON document: plain runs, escapes, surrogates.

use super::{Failure, Fault, Parser, Text};

impl Parser<'_> {
    /// A string from its opening quote to past the closing one; what has no escapes is copied in one piece.
    pub(super) fn string(&mut self) -> Result<Text, Failure> {
        let quote = self.at;
        let unterminated = (Fault::Unterminated, quote);
        self.at += 1;
        let mut lossy = String::new();
        let mut surrogate = None;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let plain = rest
                .iter()
                .position(|&byte| byte == b'"' || byte == b'\\' || byte < b' ')
                .ok_or(unterminated)?;
            let end = self.at + plain;
            lossy.push_str(self.text.get(self.at..end).unwrap_or_default());
            self.at = end;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Text { lossy, surrogate });
                }
                Some(b'\\') => match self.escape(unterminated)? {
                    Ok(char) => lossy.push(char),
                    Err(lone) => {
                        lossy.push(char::REPLACEMENT_CHARACTER);
                        surrogate = surrogate.or(Some(lone));
                    }
                },
                _ => return Err((Fault::ControlCharacter, self.at)),
            }
        }
    }

    /// One escape, or the two of a surrogate pair; the inner `Err` is a lone surrogate.
    fn escape(&mut self, unterminated: Failure) -> Result<Result<char, u16>, Failure> {
        let backslash = self.at;
        let letter = *self.bytes.get(backslash + 1).ok_or(unterminated)?;
        self.at += 2;
        let char = match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(backslash),
            _ => return Err((Fault::Escape, backslash)),
        };
        Ok(Ok(char))
    }

    fn unicode_escape(&mut self, backslash: usize) -> Result<Result<char, u16>, Failure> {
        // Where the text ends with the digits, Python blames them and not the missing quote.
        let more = self.at + 4 < self.bytes.len();
        let first = self
            .four_hex(self.at)
            .filter(|_| more)
            .ok_or((Fault::UnicodeEscape, backslash + 1))?;
        self.at += 4;
        if (0xD800..0xDC00).contains(&first) && self.ahead("\\u") {
            // A broken second escape is no fault of this one: the next turn reports it.
            if let Some(second @ 0xDC00..0xE000) = self.four_hex(self.at + 2) {
                self.at += 6;
                let pair = char::decode_utf16([first, second]).next();
                return Ok(pair
                    .unwrap_or(Ok(char::REPLACEMENT_CHARACTER))
                    .map_err(|lone| lone.unpaired_surrogate()));
            }
        }
        Ok(char::from_u32(u32::from(first)).ok_or(first))
    }

    fn four_hex(&self, at: usize) -> Option<u16> {
        let digits = self.text.get(at..at + 4)?;
        // `from_str_radix` would take a sign.
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u16::from_str_radix(digits, 16).ok()
    }
}
