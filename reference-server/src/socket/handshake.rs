//! The handshake: who may enter which chat, and how everyone else is refused (WS-1, WS-2, WS-18, WS-20).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tokio::net::TcpStream;

use super::listener::{Echo, Speaker};
use super::pump::{Listener, Pump};
use super::request::accept_key;
use crate::app::App;
use crate::authentication::{Caller, authenticate};
use crate::cookie::{Cookies, SESSION_COOKIE};
use crate::csrf::TrustedOrigins;
use crate::rest::{self, Site};
use crate::rooms::{Full, Membership, NOWHERE};
use crate::router::{CHAT_SOCKET, ECHO_SOCKET};
use crate::store::{Admission, Standing, StoreError, User};
use crate::timestamp::Timestamp;

/// Answers any handshake: `/ws/chat/{id}/`, `/ws/echo/` where it is enabled, 404 elsewhere (WS-18).
pub(crate) async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    let path = percent_decode_str(request.uri().path())
        .decode_utf8_lossy()
        .into_owned();
    let (before, after) = CHAT_SOCKET;
    let id = path
        .strip_prefix(before)
        .and_then(|rest| rest.strip_suffix(after));
    match id {
        Some(id) if !id.is_empty() && !id.contains('/') => chat(app, id, request).await,
        None if path == ECHO_SOCKET && app.settings.enable_echo => echo(app, request).await,
        _ => rest::not_found().await,
    }
}

async fn chat(app: Arc<App>, id: &str, mut request: Request) -> Response {
    let accept = match accept_key(request.headers()) {
        Ok(accept) => accept,
        Err(malformed) => return malformed.into_response(),
    };
    let membership = match admit(&app, id, request.headers()).await {
        Ok(membership) => membership,
        Err(refusal) => return refusal.into_response(),
    };
    let listener = Speaker {
        commits: Arc::clone(&app.commits),
    };
    upgrade(
        &mut request,
        accept,
        membership,
        app.settings.max_frame,
        listener,
    )
}

/// What comes goes back, for anyone: the stack of the chat without its rules.
async fn echo(app: Arc<App>, mut request: Request) -> Response {
    let accept = match accept_key(request.headers()) {
        Ok(accept) => accept,
        Err(malformed) => return malformed.into_response(),
    };
    let nobody = User {
        id: 0,
        username: String::new(),
        email: String::new(),
        user_type: String::new(),
    };
    let admission = Admission {
        session: "".into(),
        user: 0,
        chat: NOWHERE,
        expires: Timestamp::from_micros(i64::MAX),
    };
    match app.rooms.enter(admission, Arc::new(nobody)).await {
        Ok(membership) => upgrade(
            &mut request,
            accept,
            membership,
            app.settings.max_frame,
            Echo,
        ),
        Err(full) => Refusal::from(full).into_response(),
    }
}

/// Why there is no 101.
enum Refusal {
    /// All reasons alike, so that nobody learns which chats exist.
    Forbidden,
    Full(Full),
    Store(StoreError),
}

async fn admit(app: &App, id: &str, headers: &HeaderMap) -> Result<Membership, Refusal> {
    // The original asks no socket for its host; whoever names hosts wants all doors to ask.
    let names_hosts = !app.settings.allowed_hosts.is_empty();
    if (names_hosts && Site::of(headers, &app.settings).is_none())
        || !origin_is_ours(headers, &app.settings.trusted_origins)
    {
        return Err(Refusal::Forbidden);
    }
    let cookies = Cookies::from_headers(headers);
    let Ok(Caller {
        account,
        key,
        expires,
        ..
    }) = authenticate(app, cookies.get(SESSION_COOKIE)).await?
    else {
        return Err(Refusal::Forbidden);
    };
    let chat = chat_id(id).ok_or(Refusal::Forbidden)?;
    if !app.store.is_participant(chat, account.user.id).await? {
        return Err(Refusal::Forbidden);
    }
    let admission = Admission {
        session: key,
        user: account.user.id,
        chat,
        expires,
    };
    let membership = app.rooms.enter(admission.clone(), account.user).await?;
    // From here on a logout or deletion closes the connection; one that came just before is seen now.
    match app.store.standings(vec![admission]).await?.pop() {
        Some(Standing::Holds { user, expires }) => membership.connection.confirm(user, expires),
        _ => return Err(Refusal::Forbidden),
    }
    Ok(membership)
}

/// Chat ids are the digits 0–9; leading zeros mean the same chat (WS-18).
fn chat_id(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// No `Origin` (no browser), one whose host and port equal `Host`, or a trusted one (WS-20).
fn origin_is_ours(headers: &HeaderMap, trusted: &TrustedOrigins) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    if trusted.contains(origin) {
        return true;
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let (Ok(origin), Some(host)) = (origin.parse::<Uri>(), host) else {
        return false;
    };
    let (Some(scheme), Some(theirs)) = (origin.scheme_str(), origin.authority()) else {
        return false;
    };
    let Ok(ours) = host.parse::<http::uri::Authority>() else {
        return false;
    };
    let usual = if scheme == "https" { 443 } else { 80 };
    theirs.host().eq_ignore_ascii_case(ours.host())
        && theirs.port_u16().unwrap_or(usual) == ours.port_u16().unwrap_or(usual)
}

/// Answers 101 and lets the connection run once hyper has handed its socket over.
fn upgrade(
    request: &mut Request,
    accept: HeaderValue,
    membership: Membership,
    max_frame: usize,
    listener: impl Listener,
) -> Response {
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
            tracing::error!("the connection is not a TCP stream");
            return;
        };
        let first = parts.read_buf;
        let pump = Pump::new(
            membership,
            parts.io.into_inner(),
            &first,
            max_frame,
            listener,
        );
        // Hyper's buffer is done with: an idle connection would pin its 16 KiB.
        drop(first);
        // The pump runs as a task of its own: what this one needed is given back.
        tokio::spawn(pump);
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

impl Refusal {
    fn into_response(self) -> Response {
        let (status, words) = match self {
            Self::Forbidden => (StatusCode::FORBIDDEN, "Access denied"),
            Self::Full(Full::Process) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the server holds as many connections as it may",
            ),
            Self::Full(Full::User) => (
                StatusCode::TOO_MANY_REQUESTS,
                "this user holds as many connections as one may",
            ),
            Self::Store(error) => {
                tracing::error!(%error, "a handshake could not be checked");
                (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer")
            }
        };
        let mut response = Response::new(Body::from(words));
        *response.status_mut() = status;
        response
    }
}

impl From<Full> for Refusal {
    fn from(full: Full) -> Self {
        Self::Full(full)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
