//! `application/x-www-form-urlencoded` as Django reads it.

use percent_encoding::percent_decode_str;

use crate::rest::charset::Charset;
use crate::validate::FormValue;

/// A name and what was put there. Names may repeat.
pub(crate) type Input = (String, FormValue);

/// More fields than Django's `DATA_UPLOAD_MAX_NUMBER_FIELDS`, or files than its
/// `DATA_UPLOAD_MAX_NUMBER_FILES`: an HTML page with status 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany;

/// Django's `DATA_UPLOAD_MAX_NUMBER_FIELDS`.
pub(crate) const MOST_FIELDS: usize = 1000;

/// The inputs of a body in the order sent. What has no `=` has an empty value; empty pieces do not count.
pub(crate) fn parse(body: &[u8], charset: Charset) -> Result<Vec<Input>, TooMany> {
    let text = charset
        .decode(body)
        .unwrap_or_else(|| Charset::Latin1.decode_lossy(body));
    if text.split('&').count() > MOST_FIELDS {
        return Err(TooMany);
    }
    let inputs = text
        .split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            (
                unquote(name, charset),
                FormValue::Text(unquote(value, charset)),
            )
        });
    Ok(inputs.collect())
}

/// Undoes `+` and `%41`. Runs of ASCII are decoded in the form's charset, other characters stay.
fn unquote(text: &str, charset: Charset) -> String {
    let text = text.replace('+', " ");
    if !text.contains('%') {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let end = rest
            .find(|character: char| character.is_ascii() != first.is_ascii())
            .unwrap_or(rest.len());
        let (run, others) = rest.split_at(end);
        if first.is_ascii() {
            plain.push_str(&charset.decode_lossy(&percent_decode_str(run).collect::<Vec<_>>()));
        } else {
            plain.push_str(run);
        }
        rest = others;
    }
    plain
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn fields(body: &[u8], charset: Charset) -> Vec<(String, String)> {
        let text = |value| match value {
            FormValue::Text(text) => text,
            FormValue::File => String::new(),
        };
        parse(body, charset)
            .unwrap()
            .into_iter()
            .map(|(name, value)| (name, text(value)))
            .collect()
    }

    #[test]
    fn fields_are_read_as_python_reads_them() {
        for (body, expected) in [
            (&b"a=1&b=x+y%21"[..], &[("a", "1"), ("b", "x y!")][..]),
            (b"a&&=&b==", &[("a", ""), ("", ""), ("b", "=")]),
            (b"a=%zz%4", &[("a", "%zz%4")]),
            (b"a=%c3%a9\xc3\xa9", &[("a", "éé")]),
            (b"a=%e9", &[("a", "\u{fffd}")]),
            (b"a=\xe9%41", &[("a", "éA")]),
            (b"", &[]),
        ] {
            let expected: Vec<_> = expected
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect();
            assert_eq!(fields(body, Charset::Utf8), expected);
        }
        assert_eq!(
            fields(b"a=%e9", Charset::Latin1),
            [("a".to_owned(), "é".to_owned())]
        );
    }

    #[test]
    fn a_thousand_fields_pass_and_one_more_does_not() {
        assert!(parse("a&".repeat(999).as_bytes(), Charset::Utf8).is_ok());
        assert_eq!(
            parse("a&".repeat(1000).as_bytes(), Charset::Utf8),
            Err(TooMany)
        );
    }
}
