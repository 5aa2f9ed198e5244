//! Media types as Django and DRF read them from `Accept`, `Content-Type` and the headers of form parts.

/// A header value such as `multipart/form-data; boundary=x`, taken apart as by Django's
/// `parse_header_parameters`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MediaType {
    /// What comes before the first `;`, in lower case.
    pub(crate) full: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads any text; there is no malformed one.
    pub(crate) fn parse(value: &str) -> Self {
        let mut pieces = pieces(value);
        let full = pieces.next().unwrap_or_default().to_lowercase();
        Self {
            full,
            parameters: pieces.filter_map(parameter).collect(),
        }
    }

    /// The value of a parameter (its name in lower case); of equal names the last counts.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether this media range covers `offered`, e.g. `application/*` covers `application/json`.
    /// Parameters, `q` too, do not matter: what DRF offers has none.
    pub(crate) fn covers(&self, offered: &str) -> bool {
        let (main, sub) = self.full.split_once('/').unwrap_or((&self.full, ""));
        let (offered_main, offered_sub) = offered.split_once('/').unwrap_or((offered, ""));
        (sub == "*" || sub == offered_sub) && (main == "*" || main == offered_main)
    }
}

/// Whether DRF would find a renderer for this `Accept` header, its JSON or its HTML one.
/// No header means anything.
pub(crate) fn acceptable(accept: Option<&str>) -> bool {
    accept
        .unwrap_or("*/*")
        .split(',')
        .map(|range| MediaType::parse(range.trim()))
        .any(|range| range.covers("application/json") || range.covers("text/html"))
}

/// Splits at `;` outside of quotes.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = end_of_piece(text);
        rest = text.get(end + 1..);
        Some(text.get(..end).unwrap_or_default().trim())
    })
}

fn end_of_piece(text: &str) -> usize {
    let (mut quoted, mut previous) = (false, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if previous != b'\\' => quoted = !quoted,
            b';' if !quoted => return at,
            _ => {}
        }
        previous = byte;
    }
    text.len()
}

fn parameter(piece: &str) -> Option<(String, String)> {
    let (name, value) = piece.split_once('=')?;
    let mut name = name.trim().to_lowercase();
    let mut value = value.trim().to_owned();
    if let Some(inner) = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        value = inner.replace("\\\\", "\\").replace("\\\"", "\"");
    }
    if let Some(plain) = name.strip_suffix('*') {
        name = plain.to_owned();
        // RFC 2231: charset'language'percent-encoded.
        if let [_charset, _language, text] = value.split('\'').collect::<Vec<_>>()[..] {
            value = percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned();
        }
    }
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drf_finds_a_renderer_by_type_alone() {
        for accept in [
            "*/*",
            "application/json",
            "Application/JSON; indent=4",
            "application/*",
            "text/html,application/xml;q=0.9",
            "text/*",
            "application/xml, */*;q=0.1",
            "application/json;q=0",
            "*/json",
            "image/png , application/json ; a=\"x;y\"",
        ] {
            assert!(acceptable(Some(accept)), "{accept}");
        }
        assert!(acceptable(None));
    }

    #[test]
    fn drf_finds_no_renderer_for_the_rest() {
        for accept in [
            "application/xml",
            "",
            "*",
            "json",
            "text/plain",
            "application/json-patch+json",
            "a/*",
        ] {
            assert!(!acceptable(Some(accept)), "{accept}");
        }
    }

    #[test]
    fn parameters_may_be_quoted_repeated_and_encoded() {
        let value = MediaType::parse(
            "Multipart/Form-Data; a=1; BOUNDARY=\"x;\\\"y\"; a = 2 ;f*=utf-8''%C3%A9; bare",
        );
        assert_eq!(value.full, "multipart/form-data");
        assert_eq!(value.parameter("boundary"), Some("x;\"y"));
        assert_eq!(value.parameter("a"), Some("2"));
        assert_eq!(value.parameter("f"), Some("é"));
        assert_eq!(value.parameter("bare"), None);
    }
}
