//! The test page (FLOW-5): one self-contained HTML file that talks to the server it came from.

use std::sync::LazyLock;

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use sha2::{Digest as _, Sha256};

/// Where the page is served: the name its users know from the original.
pub const PATH: &str = "/websocket_test.html";

/// Answers `GET` and `HEAD` with the page, every other method with 405.
///
/// A handler for [`axum::routing::any`].
pub async fn serve(method: Method) -> Response {
    let mut response = Response::new(Body::empty());
    if method != Method::GET && method != Method::HEAD {
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    response.headers_mut().clone_from(&PAGE.headers);
    if method == Method::GET {
        *response.body_mut() = Body::from(PAGE.html.as_str());
    }
    response
}

/// The page as it is sent, put together once.
struct Page {
    html: String,
    headers: HeaderMap,
}

static PAGE: LazyLock<Page> = LazyLock::new(|| {
    let html = MARKUP
        .replacen("{{style}}", STYLE, 1)
        .replacen("{{script}}", SCRIPT, 1);
    let mut headers = HeaderMap::new();
    for (name, value) in HEADERS {
        headers.insert(name.clone(), HeaderValue::from_static(value));
    }
    // Both are plain ASCII; a policy that could not be sent would leave a page that does nothing.
    let policy = HeaderValue::from_str(&policy(STYLE, SCRIPT))
        .unwrap_or(HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(html.len()));
    Page { html, headers }
});

/// The Content-Security-Policy that lets this style and this script run and nothing else, talk to
/// this server alone (`'self'` covers its WebSockets: CSP 3 §6.7.2.8), and make no text into markup.
fn policy(style: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        source_hash(style),
        source_hash(script),
    )
}

/// `sha256-…`, as CSP names an inline element with exactly this text.
fn source_hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

const MARKUP: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = concat!(
    include_str!("page/page.js"),
    include_str!("page/api.js"),
    include_str!("page/accounts.js"),
    include_str!("page/chats.js"),
    include_str!("page/connection.js"),
    include_str!("page/messages.js"),
);

/// What is sent beside the policy. `Referrer-Policy` and the two after it as with the API (HTTP-3).
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use axum::body::to_bytes;

    use super::*;

    /// The text of the one element of this name.
    fn inline<'page>(html: &'page str, name: &str) -> &'page str {
        let (_, rest) = html.split_once(&format!("<{name}>")).unwrap();
        rest.split_once(&format!("</{name}>")).unwrap().0
    }

    async fn body(response: Response) -> String {
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn source_hash_is_the_one_of_the_specification() {
        // CSP 3 §8.3, the example of a hash source.
        assert_eq!(
            source_hash("alert('Hello, world.');"),
            "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
        );
    }

    #[tokio::test]
    async fn policy_names_the_inline_elements_as_a_browser_reads_them() {
        let response = serve(Method::GET).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .to_owned();
        let html = body(response).await;
        assert!(policy.contains(&format!(
            "style-src '{}';",
            source_hash(inline(&html, "style"))
        )));
        assert!(policy.contains(&format!(
            "script-src '{}';",
            source_hash(inline(&html, "script"))
        )));
        assert!(!policy.contains("unsafe"));
        // A browser turns CRLF into LF before it hashes.
        assert!(!html.contains('\r'));
    }

    #[tokio::test]
    async fn page_is_small_and_whole() {
        let html = body(serve(Method::GET).await).await;
        assert!(html.len() < 25 * 1024, "{} bytes", html.len());
        for outside in [
            "src=",
            "href=",
            "url(",
            "@import",
            "{{",
            " style=",
            " onclick=",
        ] {
            assert!(!html.contains(outside), "the page contains {outside}");
        }
        for markup in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
        ] {
            assert!(!html.contains(markup), "the page contains {markup}");
        }
    }

    #[tokio::test]
    async fn head_promises_the_page_and_others_are_not_allowed() {
        let (get, head) = (serve(Method::GET).await, serve(Method::HEAD).await);
        assert_eq!(head.headers(), get.headers());
        assert_eq!(
            head.headers()[header::CONTENT_LENGTH],
            body(get).await.len().to_string()
        );
        assert_eq!(body(head).await, "");

        let post = serve(Method::POST).await;
        assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(post.headers()[header::ALLOW], "GET, HEAD");
    }
}
