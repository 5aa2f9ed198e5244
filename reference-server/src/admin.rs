//! The operator's listener: health, readiness, metrics. It is never part of the contract's port.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};

use crate::app::App;
use crate::channel_layer::ChannelLayer;

/// `/healthz`, `/readyz`, `/metrics`.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(app)
}

/// Ready to be sent traffic: the store answers, and Redis where it is used.
async fn ready(State(app): State<Arc<App>>) -> Response {
    if let Err(error) = app.store.session("").await {
        tracing::warn!(%error, "not ready");
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store does not answer\n",
        )
            .into_response();
    }
    if matches!(app.layer, ChannelLayer::Redis(_)) && app.metrics.redis_up.get() == 0 {
        return (StatusCode::SERVICE_UNAVAILABLE, "Redis does not answer\n").into_response();
    }
    "ready\n".into_response()
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match app.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
