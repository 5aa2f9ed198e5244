//! Msgpack read as strictly as Python's reader does, into JSON values.

use rmp::Marker;
use rmp::decode;
use serde_json::{Map, Number, Value};

/// Why bytes are not one msgpack event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MsgpackError {
    /// It ends in the middle of a value.
    #[error("it ends too early")]
    Truncated,
    /// Something follows the value.
    #[error("something follows it")]
    Trailing,
    /// It is not a map.
    #[error("it is not a map")]
    NotAMap,
    /// A map key is not text.
    #[error("a map key is not text")]
    Key,
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    Utf8,
    /// A value that JSON does not have: an extension, an infinite number, the reserved byte `c1`.
    #[error("a value is of no JSON type")]
    Type,
    /// Nested deeper than 128.
    #[error("it is nested too deeply")]
    Depth,
}

/// Reads one map and nothing after it. Of repeated keys the last counts; bytes become
/// `{"__bytes_hex__": "00ff"}`.
pub(super) fn read_map(mut body: &[u8]) -> Result<Map<String, Value>, MsgpackError> {
    let value = read_value(&mut body, 0)?;
    match value {
        _ if !body.is_empty() => Err(MsgpackError::Trailing),
        Value::Object(map) => Ok(map),
        _ => Err(MsgpackError::NotAMap),
    }
}

fn read_value(rest: &mut &[u8], depth: usize) -> Result<Value, MsgpackError> {
    let marker = read_marker(rest)?;
    Ok(match marker {
        Marker::Null => Value::Null,
        Marker::False => Value::Bool(false),
        Marker::True => Value::Bool(true),
        Marker::FixPos(number) => number.into(),
        Marker::FixNeg(number) => number.into(),
        Marker::U8 => u8::from_be_bytes(take(rest)?).into(),
        Marker::U16 => u16::from_be_bytes(take(rest)?).into(),
        Marker::U32 => u32::from_be_bytes(take(rest)?).into(),
        Marker::U64 => u64::from_be_bytes(take(rest)?).into(),
        Marker::I8 => i8::from_be_bytes(take(rest)?).into(),
        Marker::I16 => i16::from_be_bytes(take(rest)?).into(),
        Marker::I32 => i32::from_be_bytes(take(rest)?).into(),
        Marker::I64 => i64::from_be_bytes(take(rest)?).into(),
        Marker::F32 => float(f32::from_be_bytes(take(rest)?).into())?,
        Marker::F64 => float(f64::from_be_bytes(take(rest)?))?,
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            text(rest, marker)?.into()
        }
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => bytes(rest, marker)?,
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => array(rest, marker, depth)?,
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => map(rest, marker, depth)?,
        _ => return Err(MsgpackError::Type),
    })
}

// Nothing is reserved by the announced length: it may lie.
fn array(rest: &mut &[u8], marker: Marker, depth: usize) -> Result<Value, MsgpackError> {
    let depth = deeper(depth)?;
    (0..length(rest, marker)?)
        .map(|_| read_value(rest, depth))
        .collect()
}

fn map(rest: &mut &[u8], marker: Marker, depth: usize) -> Result<Value, MsgpackError> {
    let depth = deeper(depth)?;
    let mut map = Map::new();
    for _ in 0..length(rest, marker)? {
        let key = match read_marker(rest)? {
            marker @ (Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32) => {
                text(rest, marker)?
            }
            _ => return Err(MsgpackError::Key),
        };
        map.insert(key, read_value(rest, depth)?);
    }
    Ok(Value::Object(map))
}

fn text(rest: &mut &[u8], marker: Marker) -> Result<String, MsgpackError> {
    let length = length(rest, marker)?;
    let bytes = slice(rest, length)?;
    std::str::from_utf8(bytes)
        .map(str::to_owned)
        .map_err(|_| MsgpackError::Utf8)
}

fn bytes(rest: &mut &[u8], marker: Marker) -> Result<Value, MsgpackError> {
    let length = length(rest, marker)?;
    let hex: String = slice(rest, length)?
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(serde_json::json!({ "__bytes_hex__": hex }))
}

fn float(number: f64) -> Result<Value, MsgpackError> {
    Number::from_f64(number)
        .map(Value::Number)
        .ok_or(MsgpackError::Type)
}

fn read_marker(rest: &mut &[u8]) -> Result<Marker, MsgpackError> {
    decode::read_marker(rest).map_err(|_| MsgpackError::Truncated)
}

/// How many bytes, items or pairs follow `marker`.
fn length(rest: &mut &[u8], marker: Marker) -> Result<usize, MsgpackError> {
    Ok(match marker {
        Marker::FixStr(length) | Marker::FixArray(length) | Marker::FixMap(length) => length.into(),
        Marker::Str8 | Marker::Bin8 => u8::from_be_bytes(take(rest)?).into(),
        Marker::Str16 | Marker::Bin16 | Marker::Array16 | Marker::Map16 => {
            u16::from_be_bytes(take(rest)?).into()
        }
        _ => {
            usize::try_from(u32::from_be_bytes(take(rest)?)).map_err(|_| MsgpackError::Truncated)?
        }
    })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], MsgpackError> {
    let (bytes, tail) = rest.split_first_chunk().ok_or(MsgpackError::Truncated)?;
    *rest = tail;
    Ok(*bytes)
}

fn slice<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], MsgpackError> {
    let (bytes, tail) = rest
        .split_at_checked(length)
        .ok_or(MsgpackError::Truncated)?;
    *rest = tail;
    Ok(bytes)
}

fn deeper(depth: usize) -> Result<usize, MsgpackError> {
    if depth < MAX_DEPTH {
        Ok(depth + 1)
    } else {
        Err(MsgpackError::Depth)
    }
}

/// As deep as serde_json reads; it keeps recursion off the end of the stack.
const MAX_DEPTH: usize = 128;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_python_would_not_take_is_refused() {
        for (body, error) in [
            (&b""[..], MsgpackError::Truncated),
            (b"\x90", MsgpackError::NotAMap),
            (b"\x81\xa1a", MsgpackError::Truncated),
            (b"\x81\xa1\xff\x01", MsgpackError::Utf8),
            (b"\x81\xa1a\xa1\xff", MsgpackError::Utf8),
            (b"\x81\xc4\x01a\x01", MsgpackError::Key),
            (b"\x81\xa1a\xc1", MsgpackError::Type),
            (b"\x81\xa1a\xd4\x01\x00", MsgpackError::Type),
            (
                b"\x81\xa1a\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00",
                MsgpackError::Type,
            ),
            (b"\x81\xa1a\xdd\xff\xff\xff\xff", MsgpackError::Truncated),
            (b"\xdf\xff\xff\xff\xff", MsgpackError::Truncated),
        ] {
            assert_eq!(read_map(body), Err(error), "{body:x?}");
        }
        assert_eq!(read_map(&b"\x91".repeat(100_000)), Err(MsgpackError::Depth));
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let read = read_map(b"\x82\xa1a\x01\xa1a\x02").map(Value::from);
        assert_eq!(read, Ok(json!({"a": 2})));
    }

    proptest! {
        #[test]
        fn any_bytes_get_an_answer(bytes: Vec<u8>, first in 0x80u8..=0x8f) {
            let _ = read_map(&bytes);
            let _ = read_map(&[&[first, 0xa0], &*bytes].concat());
        }
    }
}
