//! The `charset` of a request body: Python's codecs, as far as a body may name them.

use encoding_rs::Encoding;

use crate::cookie::latin1;

/// How the bytes of a body become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    /// The default, and what an unknown name means.
    Utf8,
    /// UTF-8 after an optional byte order mark.
    Utf8Sig,
    Ascii,
    Latin1,
    /// Bytes per unit (2 or 4), and the byte order; `None` is told by a mark, else little.
    Wide(usize, Option<Order>),
    /// One of the legacy encodings.
    Legacy(&'static Encoding),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Big,
    Little,
}

impl Charset {
    /// By the name in a `charset` parameter, spelled however Python would take it.
    pub(crate) fn named(name: &str) -> Self {
        let plain: String = name.trim().to_lowercase().replace(['_', ' '], "-");
        match plain.as_str() {
            "utf-8" | "utf8" | "u8" | "utf" => Self::Utf8,
            "utf-8-sig" => Self::Utf8Sig,
            "ascii" | "us-ascii" | "646" => Self::Ascii,
            "latin-1" | "latin1" | "latin" | "l1" | "iso-8859-1" | "iso8859-1" | "8859"
            | "cp819" => Self::Latin1,
            "utf-16" | "utf16" | "u16" => Self::Wide(2, None),
            "utf-16-le" | "utf-16le" => Self::Wide(2, Some(Order::Little)),
            "utf-16-be" | "utf-16be" => Self::Wide(2, Some(Order::Big)),
            "utf-32" | "utf32" | "u32" => Self::Wide(4, None),
            "utf-32-le" | "utf-32le" => Self::Wide(4, Some(Order::Little)),
            "utf-32-be" | "utf-32be" => Self::Wide(4, Some(Order::Big)),
            _ => {
                let windows = plain
                    .strip_prefix("cp")
                    .map(|page| format!("windows-{page}"));
                let label = windows.unwrap_or(plain);
                Encoding::for_label_no_replacement(label.as_bytes())
                    .map_or(Self::Utf8, Self::Legacy)
            }
        }
    }

    /// `None`: the bytes are not text in this charset.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Self::Utf8Sig => {
                Self::Utf8.decode(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
            }
            Self::Ascii => bytes.is_ascii().then(|| latin1(bytes)),
            Self::Latin1 => Some(latin1(bytes)),
            Self::Wide(width, order) => wide(bytes, width, order).collect(),
            Self::Legacy(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(bytes)
                .map(Into::into),
        }
    }

    /// What cannot be read becomes U+FFFD.
    pub(crate) fn decode_lossy(self, bytes: &[u8]) -> String {
        const UNREADABLE: char = char::REPLACEMENT_CHARACTER;
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Utf8Sig => {
                Self::Utf8.decode_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
            }
            Self::Ascii => bytes
                .iter()
                .map(|&byte| {
                    if byte.is_ascii() {
                        byte.into()
                    } else {
                        UNREADABLE
                    }
                })
                .collect(),
            Self::Latin1 => latin1(bytes),
            Self::Wide(width, order) => wide(bytes, width, order)
                .map(|unit| unit.unwrap_or(UNREADABLE))
                .collect(),
            Self::Legacy(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        }
    }
}

/// The characters of UTF-16 or UTF-32, `None` for each that is not one.
fn wide(
    bytes: &[u8],
    width: usize,
    order: Option<Order>,
) -> Box<dyn Iterator<Item = Option<char>> + '_> {
    let mark = |order: Order| -> &[u8] {
        match (order, width) {
            (Order::Big, 2) => b"\xfe\xff",
            (Order::Little, 2) => b"\xff\xfe",
            (Order::Big, _) => b"\0\0\xfe\xff",
            (Order::Little, _) => b"\xff\xfe\0\0",
        }
    };
    let marked = [Order::Big, Order::Little]
        .into_iter()
        .find(|&order| bytes.starts_with(mark(order)));
    let (bytes, order) = match (order, marked) {
        (Some(order), _) => (bytes, order),
        (None, Some(order)) => (bytes.get(width..).unwrap_or_default(), order),
        (None, None) => (bytes, Order::Little),
    };
    let units = bytes.chunks_exact(width);
    let ragged = (!units.remainder().is_empty()).then_some(None);
    let numbers = units.map(move |unit| {
        let add = |number: u32, byte: &u8| (number << 8) | u32::from(*byte);
        match order {
            Order::Big => unit.iter().fold(0, add),
            Order::Little => unit.iter().rev().fold(0, add),
        }
    });
    if width == 4 {
        return Box::new(numbers.map(char::from_u32).chain(ragged));
    }
    let units = numbers.map(|number| u16::try_from(number).unwrap_or_default());
    Box::new(char::decode_utf16(units).map(Result::ok).chain(ragged))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_word_in_several_charsets() {
        for (name, bytes) in [
            ("UTF-8", &b"\xc3\xa9"[..]),
            ("utf8", b"\xc3\xa9"),
            ("utf-8-sig", b"\xef\xbb\xbf\xc3\xa9"),
            ("ISO_8859-1", b"\xe9"),
            ("latin-1", b"\xe9"),
            ("utf-16", b"\xff\xfe\xe9\0"),
            ("utf-16", b"\xe9\0"),
            ("UTF-16BE", b"\0\xe9"),
            ("utf-32-le", b"\xe9\0\0\0"),
            ("cp1252", b"\xe9"),
            ("no-such-charset", b"\xc3\xa9"),
        ] {
            assert_eq!(
                Charset::named(name).decode(bytes).as_deref(),
                Some("é"),
                "{name}"
            );
        }
    }

    #[test]
    fn what_is_not_text_is_refused_or_replaced() {
        for (name, bytes) in [
            ("utf-8", &b"\xe9"[..]),
            ("ascii", b"\xe9"),
            ("utf-16-le", b"\0\xd8"),
            ("utf-16-le", b"a"),
        ] {
            assert_eq!(Charset::named(name).decode(bytes), None, "{name}");
            assert_eq!(
                Charset::named(name).decode_lossy(bytes),
                "\u{fffd}",
                "{name}"
            );
        }
    }
}
