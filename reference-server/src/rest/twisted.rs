//! What Twisted, under Daphne, refuses before Django sees it: POSTed multipart bodies without a boundary.
//!
//! It reads them with Python's `email` parser and answers a bare 400 where that finds no first boundary.
//! A form that is closed before it has a part is left to DRF here, as clients do send empty forms, and
//! its words say what is missing.

use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{HeaderValue, Method};

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
            .is_some_and(|boundary| has_boundary(body, boundary))
}

/// Whether there is a line that opens a part, or closes the whole.
fn has_boundary(body: &[u8], boundary: &str) -> bool {
    let boundary = boundary.trim_end().as_bytes();
    body.split(|byte| matches!(byte, b'\r' | b'\n'))
        .filter_map(|line| line.strip_prefix(b"--")?.strip_prefix(boundary))
        .map(|rest| rest.strip_prefix(b"--").unwrap_or(rest))
        .any(|rest| rest.iter().all(|byte| matches!(byte, b' ' | b'\t')))
}

#[cfg(test)]
mod tests {
    use super::has_boundary;

    #[test]
    fn a_boundary_is_a_line_of_its_own() {
        let part = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n";
        for some in [&part[..], b"before\n--x \t\nrest", b"--x--\r\n"] {
            assert!(has_boundary(some, "x"), "{:?}", some.escape_ascii());
        }
        for none in [&b""[..], b"{}", b"--xy\r\n", b" --x\r\n", b"x--x"] {
            assert!(!has_boundary(none, "x"), "{:?}", none.escape_ascii());
        }
    }
}
