//! Every route, on one screen.

mod resolve;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::routing::any;
use tower::ServiceExt as _;

use crate::app::App;
use crate::socket::{self, is_handshake};
use crate::{page, rest};

pub(crate) use self::resolve::{Found, resolve};

/// All paths of the server. Handshakes find sockets alone, and plain requests everything else. Sockets
/// and REST match decoded paths, as Django does, so they take what axum's own routes do not.
pub fn router(app: Arc<App>) -> Router {
    let sockets = Router::new()
        .fallback(socket::serve)
        .with_state(Arc::clone(&app));
    let mut pages = Router::new().fallback(rest::serve);
    if app.settings.test_page {
        pages = pages.route(page::PATH, any(page::serve));
    }
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

/// WebSockets: what comes before the chat id, and after it; `--enable-echo` adds the other.
pub(crate) const CHAT_SOCKET: (&str, &str) = ("/ws/chat/", "/");
pub(crate) const ECHO_SOCKET: &str = "/ws/echo/";

/// REST: a path, what is there, and the methods it takes. Only a session opens what is not for everybody.
#[rustfmt::skip]
const API: &[Endpoint] = &[
    view("/api/register/", Resource::Register, "OPTIONS, POST").for_everybody(),
    view("/api/login/", Resource::Login, "OPTIONS, POST").for_everybody(),
    view("/api/logout/", Resource::Logout, "OPTIONS, POST"),
    view("/api/me/", Resource::Me, "GET, OPTIONS"),
    routed("/api/", Resource::Root, "GET, HEAD, OPTIONS"),
    routed("/api/chats/", Resource::Chats, "GET, HEAD, OPTIONS, POST"),
    routed("/api/chats/{id}/", Resource::Chat, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
    routed("/api/chats/{id}/messages/", Resource::ChatMessages, "GET, HEAD, OPTIONS"),
    routed("/api/chats/{id}/send_message/", Resource::SendMessage, "OPTIONS, POST"),
    routed("/api/messages/", Resource::Messages, "GET, HEAD, OPTIONS"),
    routed("/api/messages/{id}/", Resource::Message, "GET, HEAD, OPTIONS"),
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

impl Endpoint {
    /// Whether the method, in upper case, is one that it takes.
    pub(crate) fn allows(&self, method: &str) -> bool {
        self.allow.split(", ").any(|allowed| allowed == method)
    }

    /// What `OPTIONS` calls it.
    pub(crate) fn name(&self) -> String {
        format!("{:?}", self.resource)
    }

    const fn for_everybody(self) -> Self {
        Self {
            anonymous: true,
            ..self
        }
    }
}

/// Made by `@api_view`: it knows no HEAD.
const fn view(path: &'static str, resource: Resource, allow: &'static str) -> Endpoint {
    Endpoint {
        path,
        resource,
        allow,
        anonymous: false,
        suffixed: false,
    }
}

/// Made by DRF's router.
const fn routed(path: &'static str, resource: Resource, allow: &'static str) -> Endpoint {
    Endpoint {
        suffixed: true,
        ..view(path, resource, allow)
    }
}
