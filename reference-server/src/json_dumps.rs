//! JSON as Python's json.dumps writes it: pure ASCII, compact or with its default blanks.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// As `json.dumps(value, separators=(",", ":"))`, e.g. `{"a":"\u00f1"}`.
///
/// Numbers are written as serde_json does; where Python spells a float otherwise, both read the same.
///
/// # Errors
/// Those of `value`'s own `Serialize`; a [`serde_json::Value`] has none.
pub fn compact(value: &impl Serialize) -> serde_json::Result<String> {
    dumps(
        value,
        Ascii {
            comma: b",",
            colon: b":",
        },
    )
}

/// As `json.dumps(value)`, e.g. `{"a": "\u00f1", "b": [1, 2]}`.
///
/// # Errors
/// Those of `value`'s own `Serialize`; a [`serde_json::Value`] has none.
pub fn spaced(value: &impl Serialize) -> serde_json::Result<String> {
    dumps(
        value,
        Ascii {
            comma: b", ",
            colon: b": ",
        },
    )
}

fn dumps(value: &impl Serialize, form: Ascii) -> serde_json::Result<String> {
    let mut bytes = Vec::with_capacity(256);
    value.serialize(&mut Serializer::with_formatter(&mut bytes, form))?;
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

struct Ascii {
    comma: &'static [u8],
    colon: &'static [u8],
}

impl Ascii {
    fn separate<W: ?Sized + Write>(&self, out: &mut W, first: bool) -> io::Result<()> {
        if first {
            Ok(())
        } else {
            out.write_all(self.comma)
        }
    }
}

impl Formatter for Ascii {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.separate(out, first)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.separate(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(self.colon)
    }

    // Quotes, backslashes and control characters below 0x20 never come here: serde_json has escaped
    // them already, in the same spelling as Python.
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c: char| !matches!(c, ' '..='~')) {
            let (plain, from) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            let mut following = from.chars();
            if let Some(odd) = following.next() {
                for unit in odd.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            rest = following.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn writes_what_python_writes() {
        let value = json!({"k": ["ñ 🎉", 1, {}], "del\u{7f}": "\"\\\n\u{1}/"});
        assert_eq!(
            compact(&value).unwrap(),
            r#"{"k":["\u00f1 \ud83c\udf89",1,{}],"del\u007f":"\"\\\n\u0001/"}"#
        );
        assert_eq!(
            spaced(&value).unwrap(),
            r#"{"k": ["\u00f1 \ud83c\udf89", 1, {}], "del\u007f": "\"\\\n\u0001/"}"#
        );
    }

    proptest! {
        #[test]
        fn any_text_is_ascii_and_reads_back(text: String) {
            let written = compact(&text).unwrap();
            prop_assert!(written.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }
}
