//! What Twisted, under Daphne, refuses before Django sees it: POSTed multipart bodies without a part.
//!
//! It reads them with Python's `email` parser and answers a bare 400 where that finds no first boundary.

use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{HeaderValue, Method};
use memchr::memchr2_iter;

use crate::rest::media_type::MediaType;

/// Whether the request gets no further than Twisted.
pub(crate) fn refuses(head: &Parts, content_type: &str, body: &[u8]) -> bool {
    let media_type = MediaType::parse(content_type);
    head.method == Method::POST
        && media_type.full == "multipart/form-data"
        && head
            .headers
            .get(CONTENT_LENGTH)
            .is_some_and(|length| length != HeaderValue::from_static(""))
        && !media_type
            .parameter("boundary")
            .is_some_and(|boundary| has_part(body, boundary))
}

/// Whether a line that opens a part comes before one that closes the whole.
fn has_part(body: &[u8], boundary: &str) -> bool {
    let mut start = 0;
    let ends = memchr2_iter(b'\r', b'\n', body).chain(std::iter::once(body.len()));
    for end in ends {
        let line = body.get(start..end).unwrap_or_default();
        start = end + 1;
        let Some(rest) = line
            .strip_prefix(b"--")
            .and_then(|line| line.strip_prefix(boundary.trim_end().as_bytes()))
        else {
            continue;
        };
        let (rest, closes) = rest
            .strip_prefix(b"--")
            .map_or((rest, false), |rest| (rest, true));
        if rest.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return !closes;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_part;

    #[test]
    fn a_part_opens_with_its_boundary_on_a_line_of_its_own() {
        assert!(has_part(
            b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n",
            "x"
        ));
        assert!(has_part(b"before\n--x \t\nrest", "x"));
        for none in [
            &b""[..],
            b"{}",
            b"--x--\r\n",
            b"--xy\r\n",
            b" --x\r\n",
            b"--x--\n--x\n",
        ] {
            assert!(!has_part(none, "x"), "{:?}", String::from_utf8_lossy(none));
        }
    }
}
