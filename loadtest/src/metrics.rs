//! The running figures for Prometheus, while a run goes on.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use axum::{Router, http::header, routing::get};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{measurement::Interval, report::prometheus::exposition, tally::Tally};

/// Serves `/metrics` as long as it lives.
#[derive(Debug)]
pub struct Exporter {
    running: Arc<Mutex<Running>>,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct Running {
    tally: Tally,
    connections: u64,
    targets: Vec<String>,
}

impl Exporter {
    /// Listens at this address.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn starts(address: SocketAddr, targets: Vec<String>) -> anyhow::Result<Self> {
        let running = Arc::new(Mutex::new(Running {
            tally: Tally::of(targets.len()),
            connections: 0,
            targets,
        }));
        let shown = Arc::clone(&running);
        let metrics = move || {
            let running = shown.lock().unwrap_or_else(PoisonError::into_inner);
            let text = exposition(&running.tally, running.connections, &running.targets);
            std::future::ready(([(header::CONTENT_TYPE, FORMAT)], text))
        };
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("--metrics: cannot listen at {address}"))?;
        let router = Router::new().route("/metrics", get(metrics));
        let serving = tokio::spawn(async move {
            // It ends with the program.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { running, serving })
    }

    /// A second is over.
    pub fn tells(&self, interval: &Interval) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.tally.absorb(&interval.tally);
        running.connections = interval.second.connections;
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// <https://prometheus.io/docs/instrumenting/exposition_formats/>
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";
