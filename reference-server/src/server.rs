//! Listeners, the parts put together, and an orderly end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::App;
use crate::channel_layer::envelope::Keys;
use crate::channel_layer::memory::MemoryLayer;
use crate::channel_layer::{self, ChannelLayer, Delivery, pubsub, redis};
use crate::config::{Config, RedisLayer};
use crate::group_commit::GroupCommit;
use crate::metrics::Metrics;
use crate::password::Hasher;
use crate::rooms::{Limits, Rooms};
use crate::store::Store;
use crate::{admin, router};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4096;

/// How long a client may take to send a request's head, and a kept-alive connection stay silent.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the farewells may take in all: a little longer than a connection may take for its own, and with
/// the two seconds and a half of the channel layer less than the ten that supervisors usually wait.
const SHUTDOWN: Duration = Duration::from_secs(7);

/// A server that listens.
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    admin: Option<TcpListener>,
}

impl Server {
    /// Puts the parts together in an order in which nothing is half-made if one of them cannot be:
    /// first the ports, then Redis, last the key and the database.
    ///
    /// # Errors
    /// One sentence for the person who started the server.
    pub async fn bind(config: &Config) -> anyhow::Result<Self> {
        let listener = listen(config.address())
            .with_context(|| format!("cannot listen on {}", config.address()))?;
        let admin = config
            .admin
            .map(|address| {
                listen(address).with_context(|| format!("cannot listen on {address} for --admin"))
            })
            .transpose()?;

        let metrics = Arc::new(Metrics::new());
        let limits = Limits {
            connections: config.max_connections,
            per_user: config
                .max_connections_per_user
                .unwrap_or(config.max_connections),
            queue: config.max_queue,
        };
        let rooms = Arc::new(Rooms::new(limits, Arc::clone(&metrics)));
        let delivery: Arc<dyn Delivery> = Arc::<Rooms>::clone(&rooms);
        let layer = join_fleet(config, delivery, Arc::clone(&metrics)).await?;
        rooms.attach(layer.clone());

        config.check_kept_key()?;
        let store = Store::open(&config.database).await?;
        let settings = config.settings()?;
        let commits = Arc::new(GroupCommit::new(
            store.clone(),
            layer.clone(),
            Arc::clone(&metrics),
        ));
        tokio::spawn(Arc::clone(&commits).run());
        tokio::spawn(Arc::clone(&rooms).sweep(store.clone()));
        let hasher = Hasher::new(settings.password_iterations);
        let app = Arc::new(App {
            settings,
            store,
            hasher,
            rooms,
            commits,
            layer,
            metrics,
        });
        Ok(Self {
            app,
            listener,
            admin,
        })
    }

    /// Where clients connect to.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Where the operator connects to, if anywhere.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn admin_address(&self) -> io::Result<Option<SocketAddr>> {
        self.admin.as_ref().map(TcpListener::local_addr).transpose()
    }

    /// Serves until `shutdown` is done, then says farewell: nobody is listened to any more, what was said
    /// is stored, sent and heard, the groups are left, the sockets are closed with 1001.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self {
            app,
            listener,
            admin,
        } = self;
        let (going, gone) = watch::channel(());
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(
            listener,
            router::router(Arc::clone(&app)),
            gone.clone(),
        ));
        if let Some(admin) = admin {
            accepting.spawn(accept(admin, admin::router(Arc::clone(&app)), gone.clone()));
        }
        // From here on only connections hold it: when it is gone everywhere, all have been closed.
        drop(gone);
        shutdown.await;
        tracing::info!("shutting down");
        accepting.shutdown().await;
        // Requests under way are answered, idle connections closed.
        going.send_replace(());
        let farewell = async {
            app.rooms.stop_listening();
            app.commits.settle().await;
            app.layer.shutdown().await;
            app.rooms.close_all();
            app.rooms.emptied().await;
            going.closed().await;
        };
        if tokio::time::timeout(SHUTDOWN, farewell).await.is_err() {
            tracing::warn!("some connections did not take their leave in time");
            app.layer.shutdown().await;
        }
    }
}

/// The channel layer that the configuration asks for.
async fn join_fleet(
    config: &Config,
    delivery: Arc<dyn Delivery>,
    metrics: Arc<Metrics>,
) -> anyhow::Result<ChannelLayer> {
    let Some(url) = &config.redis else {
        return Ok(ChannelLayer::Memory(MemoryLayer::new(delivery)));
    };
    let options = channel_layer::Options {
        keys: Keys::new(&config.redis_key),
        ..channel_layer::Options::default()
    };
    Ok(match config.redis_layer {
        RedisLayer::Core => {
            ChannelLayer::Redis(redis::connect(url, options, delivery, metrics).await?)
        }
        RedisLayer::PubSub => {
            ChannelLayer::PubSub(pubsub::connect(url, options, delivery, metrics).await?)
        }
    })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts for as long as it is not aborted.
async fn accept(listener: TcpListener, service: Router, gone: watch::Receiver<()>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, service.clone(), gone.clone()));
            }
            // A connection that went again is nothing; without file descriptors there is nothing to do
            // but to let some be closed.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// One HTTP connection; a WebSocket leaves it with the handshake.
async fn serve(stream: TcpStream, service: Router, mut gone: watch::Receiver<()>) {
    // A frame must not wait for the acknowledgement of the one before.
    drop(stream.set_nodelay(true));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    let connection = http
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    tokio::pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        _ = gone.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}
