//! `multipart/form-data` as Django's own parser takes it: lenient where it is, strict where it is.
//!
//! An own reader rather than a strict crate, since what passes must be what passes there: a boundary
//! counts wherever it stands, the preamble and the epilogue are parts like others, and a body that
//! breaks off is read as far as it goes.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem;

use crate::rest::charset::Charset;
use crate::rest::form::{Input, MOST_FIELDS, TooMany};
use crate::rest::media_type::MediaType;
use crate::validate::FormValue;

/// Why a body is no form.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum MultipartError {
    /// 400 with this text after `Multipart form parse error - `.
    Malformed(String),
    /// See [`TooMany`].
    TooMany,
}

impl From<TooMany> for MultipartError {
    fn from(_: TooMany) -> Self {
        Self::TooMany
    }
}

/// The inputs of a body that came with this `Content-Type`, in the order sent.
pub(crate) fn parse(
    body: &[u8],
    content_type: &str,
    charset: Charset,
) -> Result<Vec<Input>, MultipartError> {
    let separator = separator(content_type)?;
    let (mut inputs, mut files, mut counted) = (Vec::new(), 0, 0);
    for part in parts(body, &separator) {
        let Some((headers, content)) = open(part)? else {
            counted = count(counted)?;
            continue;
        };
        let disposition = headers.get("content-disposition");
        let file = disposition
            .and_then(|value| value.parameter("filename"))
            .filter(|name| !name.is_empty());
        if file.is_none() {
            counted = count(counted)?;
        }
        let Some(name) = disposition.and_then(|value| value.parameter("name")) else {
            continue;
        };
        let name = charset.decode_lossy(name.trim().as_bytes());
        match file {
            Some(_) if files == MOST_FILES => return Err(MultipartError::TooMany),
            Some(file) => {
                files += 1;
                if is_file_name(&charset.decode_lossy(file.as_bytes())) {
                    inputs.push((name, FormValue::File));
                }
            }
            None => {
                let encoded = headers.value("content-transfer-encoding") == Some("base64");
                let content = encoded
                    .then(|| unbase64(content))
                    .flatten()
                    .unwrap_or_else(|| content.to_vec());
                inputs.push((name, FormValue::Text(charset.decode_lossy(&content))));
            }
        }
    }
    Ok(inputs)
}

/// `--` and the boundary.
fn separator(content_type: &str) -> Result<Vec<u8>, MultipartError> {
    if !content_type.starts_with("multipart/") {
        return Err(MultipartError::Malformed(format!(
            "Invalid Content-Type: {content_type}"
        )));
    }
    if !content_type.is_ascii() {
        return Err(MultipartError::Malformed(format!(
            "Invalid non-ASCII Content-Type in multipart: {content_type}"
        )));
    }
    let media_type = MediaType::parse(content_type);
    let boundary = media_type.parameter("boundary");
    match boundary {
        Some(name)
            if (1..=201).contains(&name.len())
                && name.bytes().all(|byte| (b' '..=b'~').contains(&byte))
                && !name.ends_with(' ') =>
        {
            Ok([b"--", name.as_bytes()].concat())
        }
        _ => Err(MultipartError::Malformed(format!(
            "Invalid boundary in multipart: {}",
            boundary.unwrap_or("None")
        ))),
    }
}

/// What lies between the boundaries, without the line break before each; nothing after the last
/// one if the body ends with it.
fn parts<'a>(body: &'a [u8], separator: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = body;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (part, others) = match memmem::find(rest, separator) {
            Some(at) => {
                let part = rest.get(..at).unwrap_or_default();
                let part = part.strip_suffix(b"\n").unwrap_or(part);
                (
                    part.strip_suffix(b"\r").unwrap_or(part),
                    rest.get(at + separator.len()..).unwrap_or_default(),
                )
            }
            None => (rest, &b""[..]),
        };
        rest = others;
        Some(part)
    })
}

/// What lies between pairs of CR and LF.
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(head);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memmem::find(text, b"\r\n");
        rest = end.and_then(|end| text.get(end + 2..));
        Some(text.get(..end.unwrap_or(text.len())).unwrap_or_default())
    })
}

/// The headers and the content of a part; `None` for one that has no `Content-Disposition`.
fn open(part: &[u8]) -> Result<Option<(Headers, &[u8])>, MultipartError> {
    let Some(end) = memmem::find(part.get(..LONGEST_HEAD).unwrap_or(part), b"\r\n\r\n") else {
        return match part.len() {
            ..LONGEST_HEAD => Ok(None),
            _ => Err(MultipartError::Malformed(
                "Request max total header size exceeded.".to_owned(),
            )),
        };
    };
    let headers = Headers::parse(part.get(..end).unwrap_or_default());
    let content = part.get(end + 4..).unwrap_or_default();
    Ok(headers
        .get("content-disposition")
        .is_some()
        .then_some((headers, content)))
}

/// The headers of one part: what Django makes of `Name: value; parameter=…`.
struct Headers(Vec<(String, MediaType)>);

impl Headers {
    fn parse(head: &[u8]) -> Self {
        let lines = lines(head).filter_map(|line| {
            let mut value = MediaType::parse(std::str::from_utf8(line).ok()?);
            let (name, main) = value.full.split_once(':')?;
            let (name, main) = (name.to_owned(), main.trim().to_owned());
            value.full = main;
            Some((name, value))
        });
        Self(lines.collect())
    }

    fn get(&self, name: &str) -> Option<&MediaType> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.get(name).map(|value| value.full.as_str())
    }
}

/// Texts and parts without name count; two more are forgiven for what is before and after.
fn count(so_far: usize) -> Result<usize, TooMany> {
    if so_far >= MOST_FIELDS + 2 {
        Err(TooMany)
    } else {
        Ok(so_far + 1)
    }
}

/// Whether anything is left once directories and what cannot be printed are taken away.
fn is_file_name(sent: &str) -> bool {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last
        .chars()
        .filter(|character| !character.is_control())
        .collect();
    !matches!(name.as_str(), "" | "." | "..")
}

/// As Python's lenient `b64decode`: what is not of the alphabet is skipped; `None` where it raises.
fn unbase64(content: &[u8]) -> Option<Vec<u8>> {
    let known = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let digits: Vec<u8> = content.iter().copied().filter(known).collect();
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&alphabet::STANDARD, config)
        .decode(digits)
        .ok()
}

/// Django's `MAX_TOTAL_HEADER_SIZE`.
const LONGEST_HEAD: usize = 1024;
/// Django's `DATA_UPLOAD_MAX_NUMBER_FILES`.
const MOST_FILES: usize = 100;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use proptest::prelude::*;

    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=xx";

    fn read(body: &str) -> Vec<Input> {
        parse(body.as_bytes(), TYPE, Charset::Utf8).unwrap()
    }

    fn text(name: &str, value: &str) -> Input {
        (name.to_owned(), FormValue::Text(value.to_owned()))
    }

    #[test]
    fn texts_and_files_are_told_apart() {
        let body = "--xx\r\nContent-Disposition: form-data; name=\"a\"; filename=\"C:\\\\dir\\\\f.txt\"\r\n\r\nbytes\r\n\
                    --xx\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nin\r\nparts\r\n\
                    --xx\r\nContent-Disposition: form-data; name=\"b\"\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n--xx--\r\n";
        let file = ("a".to_owned(), FormValue::File);
        assert_eq!(
            read(body),
            [file, text("content", "in\r\nparts"), text("b", "hi")]
        );
    }

    #[test]
    fn a_body_that_breaks_off_is_read_as_far_as_it_goes() {
        assert_eq!(
            read("--xx\r\nContent-Disposition: form-data; name=a\r\n\r\nhal"),
            [text("a", "hal")]
        );
        assert_eq!(
            read("--xx\r\nContent-Disposition: form-data; name=a\r\n"),
            []
        );
        assert_eq!(read("no boundary at all"), []);
        assert_eq!(read(""), []);
    }

    #[test]
    fn what_is_no_form_says_why() {
        for (content_type, why) in [
            ("multipart/form-data", "Invalid boundary in multipart: None"),
            (
                "multipart/form-data; boundary=\"a \"",
                "Invalid boundary in multipart: a ",
            ),
            (
                "Multipart/form-data; boundary=a",
                "Invalid Content-Type: Multipart/form-data; boundary=a",
            ),
        ] {
            let error = parse(b"x", content_type, Charset::Utf8).unwrap_err();
            assert_eq!(error, MultipartError::Malformed(why.to_owned()));
        }
        let error = parse(&[b'x'; 1024], TYPE, Charset::Utf8).unwrap_err();
        assert_eq!(
            error,
            MultipartError::Malformed("Request max total header size exceeded.".to_owned())
        );
    }

    proptest! {
        #[test]
        fn any_bytes_get_an_answer(body: Vec<u8>, boundary in "[ -~]{0,4}") {
            let content_type = format!("multipart/form-data; boundary={boundary}");
            let framed = [b"--", boundary.as_bytes(), b"\r\nContent-Disposition: form-data; name=a\r\n\r\n", &body].concat();
            let _ = parse(&body, &content_type, Charset::Utf8);
            let _ = parse(&framed, &content_type, Charset::Utf8);
        }
    }
}
