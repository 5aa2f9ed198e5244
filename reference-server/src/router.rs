//! Every route, on one screen.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tower::ServiceExt as _;

use crate::app::App;
use crate::socket::{self, is_handshake};
use crate::{page, rest};

/// All paths of the server. Handshakes find sockets alone, and plain requests everything else.
pub fn router(app: Arc<App>) -> Router {
    let mut sockets = Router::new().route("/ws/chat/{id}/", any(socket::chat));
    if app.settings.enable_echo {
        sockets = sockets.route("/ws/echo/", any(socket::echo));
    }
    // REST matches decoded paths, as Django does, so it takes whatever nothing else takes.
    let mut pages = Router::new().fallback(rest::serve);
    if app.settings.test_page {
        pages = pages.route(page::PATH, any(page::serve));
    }
    let sockets = sockets
        .fallback(rest::not_found)
        .with_state(Arc::clone(&app));
    let pages = pages.with_state(app);
    Router::new().fallback(async move |request: Request| {
        let router = if is_handshake(request.method(), request.headers()) {
            sockets
        } else {
            pages
        };
        router.oneshot(request).await
    })
}

const API: &[Endpoint] = &[
    Endpoint::view("/api/register/", Resource::Register, "OPTIONS, POST").for_everybody(),
    Endpoint::view("/api/login/", Resource::Login, "OPTIONS, POST").for_everybody(),
    Endpoint::view("/api/logout/", Resource::Logout, "OPTIONS, POST"),
    Endpoint::view("/api/me/", Resource::Me, "GET, OPTIONS"),
    Endpoint::routed("/api/", Resource::Root, "GET, HEAD, OPTIONS"),
    Endpoint::routed("/api/chats/", Resource::Chats, "GET, HEAD, OPTIONS, POST"),
    Endpoint::routed(
        "/api/chats/{id}/",
        Resource::Chat,
        "DELETE, GET, HEAD, OPTIONS, PATCH, PUT",
    ),
    Endpoint::routed(
        "/api/chats/{id}/messages/",
        Resource::ChatMessages,
        "GET, HEAD, OPTIONS",
    ),
    Endpoint::routed(
        "/api/chats/{id}/send_message/",
        Resource::SendMessage,
        "OPTIONS, POST",
    ),
    Endpoint::routed("/api/messages/", Resource::Messages, "GET, HEAD, OPTIONS"),
    Endpoint::routed(
        "/api/messages/{id}/",
        Resource::Message,
        "GET, HEAD, OPTIONS",
    ),
];

/// What a REST path stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    Root,
    Register,
    Login,
    Logout,
    Me,
    Chats,
    Chat,
    ChatMessages,
    SendMessage,
    Messages,
    Message,
}

/// A REST path and who may do what there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    path: &'static str,
    pub(crate) resource: Resource,
    /// The `Allow` header: the methods, sorted.
    pub(crate) allow: &'static str,
    /// Whether a caller without session may call it.
    pub(crate) anonymous: bool,
    /// Whether DRF's router made it, which adds a variant with a format suffix (`/api/chats.json`).
    suffixed: bool,
}

/// What a URL leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Endpoint {
        endpoint: &'static Endpoint,
        id: Option<String>,
        format: Option<String>,
    },
    /// The path exists with a slash at its end: where to go.
    Redirect(String),
    Nothing,
    /// Path or query are not ASCII.
    Malformed,
}

impl Endpoint {
    /// Finds the way as Django's resolver and its `APPEND_SLASH` do.
    pub(crate) fn find(uri: &Uri) -> Found {
        if !uri.path().is_ascii() || !uri.query().unwrap_or_default().is_ascii() {
            return Found::Malformed;
        }
        let path = percent_decode_str(uri.path())
            .decode_utf8_lossy()
            .into_owned();
        if let Some((endpoint, id)) = matching(&path) {
            return Found::Endpoint {
                endpoint,
                id,
                format: None,
            };
        }
        if let Some(found) = with_suffix(&path) {
            return found;
        }
        if path.ends_with('/') || matching(&format!("{path}/")).is_none() {
            return Found::Nothing;
        }
        Found::Redirect(location(&path, uri.query().unwrap_or_default()))
    }

    /// Whether the method, in upper case, is one that it takes.
    pub(crate) fn allows(&self, method: &str) -> bool {
        self.allow.split(", ").any(|allowed| allowed == method)
    }

    /// What `OPTIONS` calls it.
    pub(crate) fn name(&self) -> String {
        format!("{:?}", self.resource)
    }

    const fn view(path: &'static str, resource: Resource, allow: &'static str) -> Self {
        Self {
            path,
            resource,
            allow,
            anonymous: false,
            suffixed: false,
        }
    }

    const fn routed(path: &'static str, resource: Resource, allow: &'static str) -> Self {
        Self {
            suffixed: true,
            ..Self::view(path, resource, allow)
        }
    }

    const fn for_everybody(self) -> Self {
        Self {
            anonymous: true,
            ..self
        }
    }

    /// `None`: another path. Else the id, if there is one to be had.
    fn id_in(&self, path: &str) -> Option<Option<String>> {
        let Some((before, after)) = self.path.split_once("{id}") else {
            return (path == self.path).then_some(None);
        };
        let id = path.strip_prefix(before)?.strip_suffix(after)?;
        let valid = !id.is_empty() && !id.contains(['/', '.']);
        valid.then(|| Some(id.to_owned()))
    }
}

fn matching(path: &str) -> Option<(&'static Endpoint, Option<String>)> {
    API.iter()
        .find_map(|endpoint| Some((endpoint, endpoint.id_in(path)?)))
}

/// A path of DRF's router with `.format` and perhaps a slash behind it: so `/api/chats/1.5/` asks for
/// chat 1 in the format `5`.
fn with_suffix(path: &str) -> Option<Found> {
    let (stem, format) = path.strip_suffix('/').unwrap_or(path).rsplit_once('.')?;
    let valid = !format.is_empty()
        && format
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z'));
    // The suffix comes in place of the slash, but for the root's, which comes behind it.
    let plain = match stem {
        "/api/" => stem.to_owned(),
        _ if stem.ends_with('/') => return None,
        _ => format!("{stem}/"),
    };
    let (endpoint, id) = matching(&plain)?;
    (valid && endpoint.suffixed).then(|| Found::Endpoint {
        endpoint,
        id,
        format: Some(format.to_owned()),
    })
}

/// The path with a slash, and the query, as Django's `get_full_path` quotes them.
fn location(path: &str, query: &str) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    format!(
        "{}/{mark}{}",
        utf8_percent_encode(path, PATH),
        utf8_percent_encode(query, QUERY)
    )
}

/// All but letters, digits and `safe`.
const fn all_but(safe: &[u8]) -> AsciiSet {
    let mut set = NON_ALPHANUMERIC.remove(b'-');
    let mut at = 0;
    while at < safe.len() {
        set = set.remove(safe[at]);
        at += 1;
    }
    set
}

/// Quoted in a path, by Django's `escape_uri_path`.
const PATH: &AsciiSet = &all_but(b"/:@&+$,-_.!~*'()");
/// Quoted in a query, by Django's `iri_to_uri`.
const QUERY: &AsciiSet = &all_but(b"/#%[]=:;$&()+,!?*@'~-_.");

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn find(uri: &str) -> Found {
        Endpoint::find(&uri.parse().unwrap())
    }

    fn endpoint(uri: &str) -> Option<(Resource, Option<String>, Option<String>)> {
        match find(uri) {
            Found::Endpoint {
                endpoint,
                id,
                format,
            } => Some((endpoint.resource, id, format)),
            _ => None,
        }
    }

    #[test]
    fn paths_are_decoded_before_they_are_matched() {
        let id = |text: &str| Some(text.to_owned());
        for (uri, resource, expected) in [
            ("/api/", Resource::Root, None),
            ("/api/%6de/?next=x", Resource::Me, None),
            ("/api%2Fme%2F", Resource::Me, None),
            ("/api/chats/%201%0A/", Resource::Chat, id(" 1\n")),
            (
                "/api/chats/%D9%A1/messages/",
                Resource::ChatMessages,
                id("١"),
            ),
            (
                "/api/chats/%FF/send_message/",
                Resource::SendMessage,
                id("\u{fffd}"),
            ),
            ("/api/messages/abc/", Resource::Message, id("abc")),
        ] {
            assert_eq!(endpoint(uri), Some((resource, expected, None)), "{uri}");
        }
        for uri in [
            "/",
            "/api/nope/",
            "//api/me/",
            "/api/chats//",
            "/api/chats/1/2/",
            "/api/me//",
            "*",
            "/api/nope",
            "//api/me",
        ] {
            assert_eq!(find(uri), Found::Nothing, "{uri}");
        }
    }

    #[test]
    fn a_missing_slash_is_added_with_the_query_kept() {
        for (uri, location) in [
            ("/api", "/api/"),
            ("/api/me?a=b%20c&d='", "/api/me/?a=b%20c&d='"),
            (
                "/api/chats/a%20b;=%C3%A9%00",
                "/api/chats/a%20b%3B%3D%C3%A9%00/",
            ),
            ("/api/chats/1/send_message", "/api/chats/1/send_message/"),
        ] {
            assert_eq!(find(uri), Found::Redirect(location.to_owned()), "{uri}");
        }
    }

    #[test]
    fn a_dot_in_an_id_is_a_format_suffix() {
        let five = Some((Resource::Chat, Some("1".to_owned()), Some("5".to_owned())));
        assert_eq!(endpoint("/api/chats/1.5/"), five);
        assert_eq!(endpoint("/api/chats/1.5"), five);
        for uri in [
            "/api/chats/1.A/",
            "/api/chats/1.5.5/",
            "/api/me.json",
            "/api/chats/.5/",
            "/api/chats/1./",
        ] {
            assert_eq!(find(uri), Found::Nothing, "{uri}");
        }
    }
}
