//! Every route on one screen.
use crate::{app::App, socket};
use axum::{Router, routing::any};
use std::sync::Arc;

/// All routes.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/ws/chat/{id}/", any(socket::chat))
        .route("/ws/echo/", any(socket::echo))
        .with_state(app)
}
