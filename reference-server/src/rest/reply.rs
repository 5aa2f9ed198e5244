//! Answers with the headers the original sends (HTTP-3).

use axum::body::Body;
use axum::response::Response;
use http::header::{
    ALLOW, CONNECTION, CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY, SET_COOKIE, VARY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use memchr::memmem;
use serde::Serialize;

/// An answer on its way out: what a handler made, and what was done to it since.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    content_type: Option<&'static str>,
    body: Vec<u8>,
    headers: HeaderMap,
    varies: Varies,
    framed: bool,
    bare: bool,
}

/// What the answer depends on besides the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Varies {
    accept: bool,
    cookie: bool,
}

impl Reply {
    /// JSON as DRF renders it: compact, U+2028 and U+2029 escaped.
    pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        // Strings, numbers and maps with string keys always have a JSON form.
        let body = serde_json::to_vec(value).unwrap_or_default();
        Self {
            content_type: Some("application/json"),
            ..Self::new(status, without_separators(body))
        }
    }

    /// 204, with nothing in it.
    pub(crate) fn no_content() -> Self {
        Self::new(StatusCode::NO_CONTENT, Vec::new())
    }

    /// 301 to the path with a slash. It leaves before X-Frame-Options is set.
    pub(crate) fn redirect(location: &str) -> Self {
        let mut reply = Self {
            framed: false,
            content_type: Some(HTML),
            ..Self::new(StatusCode::MOVED_PERMANENTLY, Vec::new())
        };
        reply.header(LOCATION, location);
        reply
    }

    /// Django's page for a path that does not exist.
    pub(crate) fn not_found_page() -> Self {
        let body = page(
            "Not Found",
            "The requested resource was not found on this server.",
        );
        Self {
            content_type: Some(HTML),
            ..Self::new(StatusCode::NOT_FOUND, body)
        }
    }

    /// Django's page for what it finds suspicious.
    pub(crate) fn bad_request_page() -> Self {
        Self {
            content_type: Some(HTML),
            ..Self::new(StatusCode::BAD_REQUEST, page("Bad Request (400)", ""))
        }
    }

    /// The same for a host that is not served; as the redirect, without X-Frame-Options.
    pub(crate) fn bad_host_page() -> Self {
        Self {
            framed: false,
            ..Self::bad_request_page()
        }
    }

    /// The answer of the HTTP layer below Django: a status and nothing else, and the end of the connection.
    pub(crate) fn bare_bad_request() -> Self {
        Self {
            bare: true,
            ..Self::new(StatusCode::BAD_REQUEST, Vec::new())
        }
    }

    /// Whether it is DRF's answer, not one of Django's pages.
    pub(crate) fn is_page(&self) -> bool {
        self.content_type == Some(HTML)
    }

    /// Whether it sends the client to the path with a slash.
    pub(crate) fn is_redirect(&self) -> bool {
        self.status == StatusCode::MOVED_PERMANENTLY
    }

    /// Says what the resource allows, as all of DRF's answers do.
    pub(crate) fn allowing(mut self, methods: &'static str) -> Self {
        self.headers
            .insert(ALLOW, HeaderValue::from_static(methods));
        self.varies.accept = true;
        self
    }

    /// The session was looked at on the way.
    pub(crate) fn varies_by_cookie(&mut self) {
        self.varies.cookie = true;
    }

    /// Adds a whole `Set-Cookie` line.
    pub(crate) fn set_cookie(&mut self, line: &str) {
        self.header(SET_COOKIE, line);
        self.varies.cookie = true;
    }

    /// The connection ends with this answer.
    pub(crate) fn closing(mut self) -> Self {
        self.headers
            .insert(CONNECTION, HeaderValue::from_static("close"));
        self
    }

    /// The finished answer.
    pub(crate) fn into_response(self) -> Response {
        if self.bare {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = self.status;
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
            return response;
        }
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        let headers = response.headers_mut();
        let mut set = |name: HeaderName, value: &'static str| {
            headers.insert(name, HeaderValue::from_static(value))
        };
        if let Some(content_type) = self.content_type {
            set(CONTENT_TYPE, content_type);
        }
        match (self.varies.accept, self.varies.cookie) {
            (true, true) => set(VARY, "Accept, Cookie"),
            (true, false) => set(VARY, "Accept"),
            (false, true) => set(VARY, "Cookie"),
            (false, false) => None,
        };
        if self.framed {
            set(X_FRAME_OPTIONS, "DENY");
        }
        set(X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(REFERRER_POLICY, "same-origin");
        set(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        );
        response
    }

    fn new(status: StatusCode, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type: None,
            body,
            headers: HeaderMap::new(),
            varies: Varies::default(),
            framed: true,
            bare: false,
        }
    }

    /// The values are all made of visible ASCII: quoted URLs, keys of our own making.
    fn header(&mut self, name: HeaderName, value: &str) {
        match HeaderValue::from_str(value) {
            Ok(value) => drop(self.headers.append(name, value)),
            Err(_) => tracing::error!(%name, "a header value is not fit to be sent"),
        }
    }
}

fn page(title: &str, details: &str) -> Vec<u8> {
    format!(
        "\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>{title}</title>\n</head>\n<body>\n  \
         <h1>{title}</h1><p>{details}</p>\n</body>\n</html>\n"
    )
    .into_bytes()
}

/// JSON allows U+2028 and U+2029 in strings, JavaScript of old did not; DRF escapes them.
fn without_separators(json: Vec<u8>) -> Vec<u8> {
    const PREFIX: &[u8] = b"\xe2\x80";
    let escape = |byte: Option<&u8>| match byte {
        Some(0xa8) => Some(&b"\\u2028"[..]),
        Some(0xa9) => Some(&b"\\u2029"[..]),
        _ => None,
    };
    if !memmem::find_iter(&json, PREFIX).any(|at| escape(json.get(at + 2)).is_some()) {
        return json;
    }
    let mut out = Vec::with_capacity(json.len() + 16);
    let mut copied = 0;
    for at in memmem::find_iter(&json, PREFIX) {
        if let Some(escaped) = escape(json.get(at + 2)) {
            out.extend_from_slice(json.get(copied..at).unwrap_or_default());
            out.extend_from_slice(escaped);
            copied = at + 3;
        }
    }
    out.extend_from_slice(json.get(copied..).unwrap_or_default());
    out
}

const HTML: &str = "text/html; charset=utf-8";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_separators_are_escaped_and_nothing_else() {
        let reply = Reply::json(StatusCode::OK, &"é\u{2028}x\u{2029}\u{2027}");
        assert_eq!(reply.body, "\"é\\u2028x\\u2029\u{2027}\"".as_bytes());
    }

    #[test]
    fn what_an_answer_depends_on_is_told() {
        let vary = |reply: Reply| reply.into_response().headers().get(VARY).cloned();
        assert_eq!(vary(Reply::not_found_page()), None);
        assert_eq!(
            vary(Reply::no_content().allowing("GET")),
            Some(HeaderValue::from_static("Accept"))
        );
        let mut reply = Reply::no_content().allowing("GET");
        reply.set_cookie("a=b");
        assert_eq!(
            vary(reply),
            Some(HeaderValue::from_static("Accept, Cookie"))
        );
    }
}
