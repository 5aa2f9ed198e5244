//! What RFC 6455 asks of a handshake, before anybody asks who is there.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tungstenite::handshake::derive_accept_key;

/// Whether a request asks for a WebSocket (RFC 6455 §4.1), whatever else may be wrong with it.
pub(crate) fn is_handshake(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::GET
        && lists(headers, header::CONNECTION, "upgrade")
        && lists(headers, header::UPGRADE, "websocket")
}

/// What is wrong with a handshake before anybody is asked who they are (RFC 6455 §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Malformed {
    /// Another version than 13, or none.
    Version,
    /// No key, or one that is not 16 bytes in base64.
    Key,
}

/// The answer to the client's key.
///
/// # Errors
/// The version is looked at first.
pub(super) fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, Malformed> {
    let version = headers.get(header::SEC_WEBSOCKET_VERSION);
    if version.is_none_or(|version| version != "13") {
        return Err(Malformed::Version);
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .filter(|key| is_key(key.as_bytes()))
        .ok_or(Malformed::Key)?;
    derive_accept_key(key.as_bytes())
        .parse()
        .map_err(|_| Malformed::Key)
}

impl Malformed {
    /// 426 with the version we speak, or 400.
    pub(super) fn into_response(self) -> Response {
        let (status, words) = match self {
            Self::Version => (
                StatusCode::UPGRADE_REQUIRED,
                "only version 13 of the WebSocket protocol (RFC 6455) is spoken here",
            ),
            Self::Key => (
                StatusCode::BAD_REQUEST,
                "Sec-WebSocket-Key is missing or is not 16 bytes in base64",
            ),
        };
        let mut response = Response::new(Body::from(words));
        *response.status_mut() = status;
        if self == Self::Version {
            response.headers_mut().insert(
                header::SEC_WEBSOCKET_VERSION,
                HeaderValue::from_static("13"),
            );
        }
        response
    }
}

/// Sixteen bytes in base64; the last digit holds two bits, which clients do not always leave at zero.
fn is_key(key: &[u8]) -> bool {
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    key.strip_suffix(b"==")
        .is_some_and(|digits| digits.len() == 22 && digits.iter().all(digit))
}

fn lists(headers: &HeaderMap, name: header::HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(token))
}
