//! Every route on one screen.
use std::sync::Arc;
use axum::{Router, routing::any};
use crate::{app::App, socket};

/// All routes.
pub fn router(app: Arc<App>) -> Router {
    Router::new().route("/ws/chat/{id}/", any(socket::chat)).route("/ws/echo/", any(socket::echo)).with_state(app)
}
