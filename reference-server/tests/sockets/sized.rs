//! JSON with a content that makes it exactly so many bytes long.

pub(crate) const MIB: usize = 1024 * 1024;

/// `{"content":"x…x"}` of `size` bytes.
pub(crate) fn json_of(size: usize) -> String {
    let content = "x".repeat(size - START.len() - END.len());
    format!("{START}{content}{END}")
}

/// What such JSON says.
pub(crate) fn content_of(json: &str) -> &str {
    &json[START.len()..json.len() - END.len()]
}

const START: &str = "{\"content\":\"";
const END: &str = "\"}";
