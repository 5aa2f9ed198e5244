//! The REST half: one request's way, in the order of Django's middlewares and DRF's `initial()`.

mod accounts;
mod body;
mod charset;
mod chats;
mod form;
mod headers;
mod host;
mod media_type;
mod messages;
mod multipart;
mod refusal;
mod reply;
mod shapes;
mod twisted;
mod visitor;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use http::header::ACCEPT;
use http::request::Parts;
use serde_json::json;

use crate::app::App;
use crate::python::parse_int;
use crate::rest::body::{Read, Received, receive};
use crate::rest::headers::joined;
pub(crate) use crate::rest::host::{Site, is_host_pattern};
use crate::rest::refusal::Refusal;
use crate::rest::reply::Reply;
use crate::rest::visitor::Visitor;
use crate::router::{Endpoint, Found, Resource, resolve};
use crate::store::User;
use crate::validate;

/// Answers any HTTP request that no other route takes.
pub(crate) async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let mut visitor = Visitor::new(&head, &app);
    let mut reply = answer(&app, &head, body, &mut visitor).await;
    visitor.mark(&mut reply);
    reply.into_response()
}

/// Django's page for paths that do not exist.
pub(crate) async fn not_found() -> Response {
    Reply::not_found_page().into_response()
}

/// What is common to all paths: the body must fit, the host be ours, the path exist.
async fn answer(app: &App, head: &Parts, body: Body, visitor: &mut Visitor) -> Reply {
    let received = match receive(head, body, app.settings.max_body).await {
        Ok(received) => received,
        Err(refusal) => return refusal.into_reply().closing(),
    };
    if twisted::refuses(head, received.content_type(), received.bytes()) {
        return Reply::bare_bad_request();
    }
    let Some(site) = Site::of(&head.headers, &app.settings) else {
        return Reply::bad_host_page();
    };
    match resolve(&head.uri) {
        Found::Endpoint {
            endpoint,
            id,
            format,
        } => {
            let method = head.method.as_str().to_ascii_uppercase();
            let call = Call {
                app,
                head,
                method,
                site,
                endpoint,
                id,
                visitor,
                received,
                read: None,
            };
            let reply = call.run(format).await.unwrap_or_else(Refusal::into_reply);
            if reply.is_page() {
                reply
            } else {
                reply.allowing(endpoint.allow)
            }
        }
        Found::Redirect(location) => Reply::redirect(&location),
        Found::Nothing => Reply::not_found_page(),
        Found::Malformed => Reply::bad_request_page(),
    }
}

/// One request to an endpoint.
struct Call<'a> {
    app: &'a App,
    head: &'a Parts,
    /// In upper case, as Django has it.
    method: String,
    site: Site,
    endpoint: &'static Endpoint,
    id: Option<String>,
    visitor: &'a mut Visitor,
    received: Received,
    read: Option<Read>,
}

impl Call<'_> {
    /// DRF's `dispatch`: negotiation, authentication with CSRF, permission, method, handler (AUTH-8).
    async fn run(mut self, format: Option<String>) -> Result<Reply, Refusal> {
        if format.is_some_and(|format| !matches!(format.as_str(), "json" | "api")) {
            return Err(Refusal::NotFound);
        }
        if !media_type::acceptable(joined(&self.head.headers, &ACCEPT).as_deref()) {
            return Err(Refusal::NotAcceptable);
        }
        self.authenticate().await?;
        if !self.endpoint.anonymous && self.visitor.caller.is_none() {
            return Err(Refusal::NotAuthenticated);
        }
        if !self.endpoint.allows(&self.method) {
            return Err(Refusal::MethodNotAllowed(self.method));
        }
        self.handle().await
    }

    async fn authenticate(&mut self) -> Result<(), Refusal> {
        self.visitor.identify(self.app).await?;
        let safe = matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
        if self.visitor.caller.is_some() && !safe {
            self.read = self
                .visitor
                .check_csrf(
                    self.head,
                    &self.method,
                    &self.site,
                    &self.received,
                    self.app,
                )
                .await?;
        }
        Ok(())
    }

    async fn handle(&mut self) -> Result<Reply, Refusal> {
        match (self.endpoint.resource, self.method.as_str()) {
            (_, "OPTIONS") => Ok(self.options()),
            (Resource::Register, _) => accounts::register(self).await,
            (Resource::Login, _) => accounts::login(self).await,
            (Resource::Logout, _) => accounts::logout(self).await,
            (Resource::Me, _) => accounts::me(self),
            (Resource::Chats, "POST") => chats::create(self).await,
            (Resource::Chats, _) => chats::list(self).await,
            (Resource::Chat, "PUT") => chats::update(self, false).await,
            (Resource::Chat, "PATCH") => chats::update(self, true).await,
            (Resource::Chat, "DELETE") => chats::destroy(self).await,
            (Resource::Chat, _) => chats::retrieve(self).await,
            (Resource::ChatMessages, _) => chats::messages(self).await,
            (Resource::SendMessage, _) => chats::send(self).await,
            (Resource::Messages, _) => messages::list(self).await,
            (Resource::Message, _) => messages::retrieve(self).await,
            (Resource::Root, _) => Ok(self.root()),
        }
    }

    /// `GET /api/` (HTTP-4).
    fn root(&self) -> Reply {
        let urls = json!({"chats": self.site.url("/api/chats/"), "messages": self.site.url("/api/messages/")});
        Reply::json(StatusCode::OK, &urls)
    }

    /// The contract says nothing about what is in it.
    fn options(&self) -> Reply {
        let media_types = [
            "application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
        ];
        let about = json!({"name": self.endpoint.name(), "renders": ["application/json"], "parses": media_types});
        Reply::json(StatusCode::OK, &about)
    }

    /// What the body says, read when first asked for.
    async fn data(&mut self) -> Result<&validate::Body, Refusal> {
        let read = match self.read.take() {
            Some(read) => read,
            None => self.received.read().await?,
        };
        Ok(&self.read.insert(read).data)
    }

    /// The caller; endpoints for everybody must not ask.
    fn user(&self) -> Result<&Arc<User>, Refusal> {
        let caller = self.visitor.caller.as_ref();
        caller
            .map(|caller| &caller.account.user)
            .ok_or(Refusal::NotAuthenticated)
    }

    /// The id in the path, as Python's `int` takes it. `kind` is what nothing will match if it is
    /// beyond what the store can hold.
    fn id(&self, kind: &'static str) -> Result<i64, Refusal> {
        let id = self
            .id
            .as_deref()
            .and_then(parse_int)
            .ok_or(Refusal::NotFound)?;
        id.as_i64().ok_or(Refusal::NoMatch(kind))
    }
}
