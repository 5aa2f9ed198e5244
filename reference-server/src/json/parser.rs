//! Text to value, without recursion: nesting costs memory of the heap and is bounded.

use super::error::Fault;
use super::{JsonError, Number, Object, Text, Value};

/// How deep arrays and objects may nest. Python gives up at 995 levels, less what its caller's stack
/// already holds, which in a Django request is some dozens.
const MAX_DEPTH: usize = 900;

/// Reads one document as Python's `json.loads` does, but refuses `NaN`, `Infinity` and `-Infinity`, as
/// Django REST framework does. Numbers like 1e999 are read as infinite floats.
///
/// # Errors
/// Whatever Python refuses, and nesting deeper than 900 levels.
pub fn parse(text: &str) -> Result<Value, JsonError> {
    Parser::new(text, false).document()
}

/// Like [`parse`], but refuses infinite numbers too, wherever they stand (WS-14).
///
/// # Errors
/// As [`parse`], and for numbers beyond every float.
pub fn parse_finite(text: &str) -> Result<Value, JsonError> {
    Parser::new(text, true).document()
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    finite: bool,
}

/// An array or object that has been opened and not yet closed.
enum Open {
    Array(Vec<Value>),
    /// With the key whose value comes next.
    Object(Object, Text),
}

/// A fault and the byte where it is.
type Failure = (Fault, usize);

impl<'a> Parser<'a> {
    fn new(text: &'a str, finite: bool) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            finite,
        }
    }

    fn document(mut self) -> Result<Value, JsonError> {
        let read = self.read();
        read.map_err(|(fault, at)| JsonError::new(fault, self.text, at))
    }

    fn read(&mut self) -> Result<Value, Failure> {
        if self.text.starts_with('\u{feff}') {
            return Err((Fault::ByteOrderMark, 0));
        }
        let mut open: Vec<Open> = Vec::new();
        self.skip_space();
        loop {
            // A value begins here; what it opens is finished by a later turn of the loop.
            let mut value = match self.peek() {
                Some(b'[') => {
                    self.enter(open.len())?;
                    if self.take(b']') {
                        Value::Array(Vec::new())
                    } else {
                        open.push(Open::Array(Vec::new()));
                        continue;
                    }
                }
                Some(b'{') => {
                    self.enter(open.len())?;
                    if self.take(b'}') {
                        Value::Object(Object::default())
                    } else {
                        let key = self.key()?;
                        open.push(Open::Object(Object::default(), key));
                        continue;
                    }
                }
                _ => self.scalar()?,
            };
            // A value has ended; it may be the last of the array or object around it, and so on outwards.
            loop {
                self.skip_space();
                match open.pop() {
                    None if self.at == self.bytes.len() => return Ok(value),
                    None => return Err((Fault::ExtraData, self.at)),
                    Some(Open::Array(mut items)) => {
                        items.push(value);
                        if self.take(b']') {
                            value = Value::Array(items);
                            continue;
                        }
                        self.comma()?;
                        open.push(Open::Array(items));
                    }
                    Some(Open::Object(mut object, key)) => {
                        object.insert(key, value);
                        if self.take(b'}') {
                            value = Value::Object(object);
                            continue;
                        }
                        self.comma()?;
                        let key = self.key()?;
                        open.push(Open::Object(object, key));
                    }
                }
                break;
            }
        }
    }

    fn enter(&mut self, depth: usize) -> Result<(), Failure> {
        if depth >= MAX_DEPTH {
            return Err((Fault::TooDeep, self.at));
        }
        self.at += 1;
        self.skip_space();
        Ok(())
    }

    fn comma(&mut self) -> Result<(), Failure> {
        if !self.take(b',') {
            return Err((Fault::ExpectingComma, self.at));
        }
        self.skip_space();
        Ok(())
    }

    /// A key, its colon, and the space up to the value.
    fn key(&mut self) -> Result<Text, Failure> {
        if self.peek() != Some(b'"') {
            return Err((Fault::ExpectingName, self.at));
        }
        let key = self.string()?;
        self.skip_space();
        if !self.take(b':') {
            return Err((Fault::ExpectingColon, self.at));
        }
        self.skip_space();
        Ok(key)
    }

    fn scalar(&mut self) -> Result<Value, Failure> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') if !self.ahead("-Infinity") => {
                self.number().map(Value::Number)
            }
            Some(b'n') if self.skip("null") => Ok(Value::Null),
            Some(b't') if self.skip("true") => Ok(Value::Bool(true)),
            Some(b'f') if self.skip("false") => Ok(Value::Bool(false)),
            _ if ["NaN", "Infinity", "-Infinity"]
                .iter()
                .any(|word| self.ahead(word)) =>
            {
                Err((Fault::NotFinite, self.at))
            }
            _ => Err((Fault::ExpectingValue, self.at)),
        }
    }

    /// What does not belong to the number is left to whoever looks next, as in Python: `01` is a 0 and extra data.
    fn number(&mut self) -> Result<Number, Failure> {
        let start = self.at;
        let digits_from = |mut at: usize| {
            while self.bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let first = start + usize::from(self.bytes.get(start) == Some(&b'-'));
        let int_end = match self.bytes.get(first) {
            Some(b'0') => first + 1,
            _ => digits_from(first),
        };
        if int_end == first {
            return Err((Fault::ExpectingValue, start));
        }
        let mut end = int_end;
        if self.bytes.get(end) == Some(&b'.') {
            let fraction_end = digits_from(end + 1);
            if fraction_end > end + 1 {
                end = fraction_end;
            }
        }
        if let Some(b'e' | b'E') = self.bytes.get(end) {
            let signed = matches!(self.bytes.get(end + 1), Some(b'+' | b'-'));
            let digits = end + 1 + usize::from(signed);
            let exponent_end = digits_from(digits);
            if exponent_end > digits {
                end = exponent_end;
            }
        }
        self.at = end;
        let literal = self.text.get(start..end).unwrap_or_default();
        if end == int_end {
            return Number::int(literal).ok_or((Fault::TooManyDigits, start));
        }
        match Number::float(literal) {
            Some(number) if !(self.finite && number.is_infinite()) => Ok(number),
            _ => Err((Fault::NotFinite, start)),
        }
    }

    fn string(&mut self) -> Result<Text, Failure> {
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

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        self.at += usize::from(taken);
        taken
    }

    fn ahead(&self, word: &str) -> bool {
        self.bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word.as_bytes()))
    }

    fn skip(&mut self, word: &str) -> bool {
        let found = self.ahead(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn faults_are_named_and_placed_as_by_python() {
        for (text, message) in [
            ("", "Expecting value: line 1 column 1 (char 0)"),
            (" \n x", "Expecting value: line 2 column 2 (char 3)"),
            (
                "\u{feff}1",
                "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)",
            ),
            (
                "{bad",
                "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
            ),
            (
                "{\"é\":1,}",
                "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)",
            ),
            (
                "{\"a\" 1}",
                "Expecting ':' delimiter: line 1 column 6 (char 5)",
            ),
            ("[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"),
            ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
            ("[", "Expecting value: line 1 column 2 (char 1)"),
            ("-", "Expecting value: line 1 column 1 (char 0)"),
            ("01", "Extra data: line 1 column 2 (char 1)"),
            ("1.", "Extra data: line 1 column 2 (char 1)"),
            ("1e+", "Extra data: line 1 column 2 (char 1)"),
            ("1\u{a0}", "Extra data: line 1 column 2 (char 1)"),
            (
                "{\"content\": \"x",
                "Unterminated string starting at: line 1 column 13 (char 12)",
            ),
            (
                "\"a\nb\"",
                "Invalid control character at: line 1 column 3 (char 2)",
            ),
            ("\"\\x\"", "Invalid \\escape: line 1 column 2 (char 1)"),
            (
                "\"\\u12g4\"",
                "Invalid \\uXXXX escape: line 1 column 3 (char 2)",
            ),
            (
                "\"\\u+123\"",
                "Invalid \\uXXXX escape: line 1 column 3 (char 2)",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), message, "{text:?}");
        }
    }

    #[test]
    fn what_is_not_finite_is_refused_as_a_word_and_on_request_as_a_number() {
        for text in ["NaN", "[Infinity]", "{\"a\":-Infinity}"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("[1e999]").is_ok());
        assert!(parse_finite("[1e999]").is_err());
        assert!(parse_finite("[-1e999]").is_err());
        assert!(parse_finite("[1e308]").is_ok());
    }

    #[test]
    fn surrogates_pair_up_or_are_remembered() {
        for (text, lossy, lone) in [
            (r#""\ud83d\ude80""#, "🚀", None),
            (r#""\uD83D\uDE80x""#, "🚀x", None),
            (r#""a\ud800""#, "a\u{fffd}", Some(0xd800)),
            (r#""\ude80\ud83d""#, "\u{fffd}\u{fffd}", Some(0xde80)),
            (r#""\ud83d\ud83d\ude80""#, "\u{fffd}🚀", Some(0xd83d)),
            (r#""\ud83d\u0041""#, "\u{fffd}A", Some(0xd83d)),
        ] {
            let Value::String(read) = parse(text).unwrap() else {
                unreachable!("a string was written")
            };
            assert_eq!((read.lossy(), read.surrogate()), (lossy, lone), "{text}");
            assert_eq!(read.as_str(), lone.is_none().then_some(lossy));
        }
    }

    #[test]
    fn nesting_is_bounded_and_costs_no_stack() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        let deepest = parse(&nested(MAX_DEPTH)).unwrap();
        assert_eq!(deepest.python_str(), nested(MAX_DEPTH));
        assert!(parse(&nested(MAX_DEPTH + 1)).is_err());
        assert!(parse(&"[".repeat(1 << 20)).is_err());
        assert!(parse(&"{\"a\":".repeat(1 << 20)).is_err());
    }

    /// What two parsers agree on.
    fn same(ours: &Value, theirs: &serde_json::Value) -> bool {
        use serde_json::Value as Theirs;
        match (ours, theirs) {
            (Value::Null, Theirs::Null) => true,
            (Value::Bool(ours), Theirs::Bool(theirs)) => ours == theirs,
            (Value::Number(ours), Theirs::Number(theirs)) => {
                ours.to_string().parse::<f64>().ok() == theirs.as_f64()
            }
            (Value::String(ours), Theirs::String(theirs)) => ours.as_str() == Some(theirs),
            (Value::Array(ours), Theirs::Array(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| same(a, b))
            }
            (Value::Object(ours), Theirs::Object(theirs)) => {
                ours.len() == theirs.len()
                    && ours
                        .iter()
                        .zip(theirs)
                        .all(|((key, a), (name, b))| key.as_str() == Some(name) && same(a, b))
            }
            _ => false,
        }
    }

    fn documents() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            (-1e300..1e300).prop_map(serde_json::Value::from),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(6, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
                prop::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn documents_are_read_as_by_another_parser(document in documents(), pretty: bool) {
            let text = if pretty { format!("{document:#}") } else { document.to_string() };
            prop_assert!(same(&parse(&text).unwrap(), &document), "{}", text);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = parse(&text);
        }

        #[test]
        fn what_looks_like_json_is_refused_or_accepted_as_by_another_parser(
            text in r#"([\[\]{}:,"\\ \n]|[0-9.eE+-]{1,4}|"a"|"\\u00e9"|"é"|null|true|\\u)*"#
        ) {
            // The other parser refuses what no float holds.
            prop_assert_eq!(parse_finite(&text).is_ok(), serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
}
