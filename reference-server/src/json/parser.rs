//! Text to value, without recursion: nesting costs memory of the heap and is bounded.

mod string;

use super::error::Fault;
use super::{JsonError, Number, Object, Text, Value};

/// How deep arrays and objects may nest. Python gives up at 995 levels, less what its caller's stack
/// already holds, which in a Django request is some dozens.
const MAX_DEPTH: usize = 900;

/// How many values a document may hold: each takes some ten times its text in memory, so that without a
/// bound a small body would take the memory of many.
const MAX_VALUES: usize = 500_000;

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
    /// Values that may still come.
    values_left: usize,
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
            values_left: MAX_VALUES,
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
            self.values_left = self
                .values_left
                .checked_sub(1)
                .ok_or((Fault::TooMany, self.at))?;
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
mod tests;
