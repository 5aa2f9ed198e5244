//! A server without listener, and people with cookies who ask it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use chat_reference_server::app::App;
use chat_reference_server::channel_layer::memory::MemoryLayer;
use chat_reference_server::channel_layer::{ChannelLayer, Delivery};
use chat_reference_server::config::Config;
use chat_reference_server::group_commit::GroupCommit;
use chat_reference_server::metrics::Metrics;
use chat_reference_server::password::Hasher;
use chat_reference_server::rooms::{Limits, Rooms};
use chat_reference_server::router::router;
use chat_reference_server::store::Store;
use clap::Parser as _;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// Everything but sockets; its database goes with it.
pub(crate) struct Server {
    router: Router,
    _directory: TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A request in short.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

/// Somebody's cookies.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) key: String,
    pub(crate) csrf: String,
}

impl Server {
    /// Bodies may have 100,000 bytes, and hashes cost nothing.
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("chat.sqlite3");
        let arguments = [
            "test",
            "--password-iterations",
            "1",
            "--secret-key",
            "a key that is only for the tests of this file, and long",
        ];
        let config = Config::parse_from(
            arguments
                .into_iter()
                .map(Into::into)
                .chain(["--database".into(), database.into_os_string()]),
        );
        let mut settings = config.settings().unwrap();
        settings.max_body = 100_000;

        let metrics = Arc::new(Metrics::new());
        let limits = Limits {
            connections: 1,
            per_user: 1,
            queue: 1,
        };
        let rooms = Arc::new(Rooms::new(limits, Arc::clone(&metrics)));
        let delivery: Arc<dyn Delivery> = Arc::<Rooms>::clone(&rooms);
        let layer = ChannelLayer::Memory(MemoryLayer::new(delivery));
        let store = Store::open(&config.database).await.unwrap();
        let commits = Arc::new(GroupCommit::new(
            store.clone(),
            layer.clone(),
            Arc::clone(&metrics),
        ));
        let hasher = Hasher::new(1);
        let app = Arc::new(App {
            settings,
            store,
            hasher,
            rooms,
            commits,
            layer,
            metrics,
        });
        Self {
            router: router(app),
            _directory: directory,
        }
    }

    pub(crate) async fn ask(&self, ask: &Ask) -> Answer {
        let mut request = Request::builder()
            .method(ask.method.as_str())
            .uri(&ask.path);
        for (name, value) in &ask.headers {
            request = request.header(name, value.as_slice());
        }
        if !ask.body.is_empty() {
            request = request.header("content-length", ask.body.len());
        }
        let response: Response = self
            .router
            .clone()
            .oneshot(request.body(Body::from(ask.body.clone())).unwrap())
            .await
            .unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: head.status,
            headers: head.headers,
            body,
        }
    }

    /// Registers and logs in.
    pub(crate) async fn welcome(&self, name: &str) -> Session {
        let body =
            format!(r#"{{"username":"{name}","password":"open","password_confirm":"open"}}"#);
        let registered = self
            .ask(&Ask::new("POST", "/api/register/").json(&body))
            .await;
        assert_eq!(registered.status, 201, "{registered:?}");
        let login = self.ask(&Ask::new("POST", "/api/login/").json(&body)).await;
        assert_eq!(login.status, 200, "{login:?}");
        Session {
            key: login.cookie("sessionid").unwrap(),
            csrf: login.cookie("csrftoken").unwrap(),
        }
    }
}

impl Ask {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        let host = ("host".to_owned(), b"localhost:8000".to_vec());
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: vec![host],
            body: Vec::new(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    pub(crate) fn json(self, body: &str) -> Self {
        self.typed("application/json", body)
    }

    pub(crate) fn typed(mut self, content_type: &str, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self.header("content-type", content_type)
    }

    /// With cookies, and without a token.
    pub(crate) fn by(self, session: &Session) -> Self {
        let cookies = format!("sessionid={}; csrftoken={}", session.key, session.csrf);
        self.header("cookie", &cookies)
    }

    pub(crate) fn with_token(self, session: &Session) -> Self {
        self.header("x-csrftoken", &session.csrf)
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// A cookie that is set to something.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let lines = self
            .headers
            .get_all("set-cookie")
            .iter()
            .map(|line| line.to_str().unwrap());
        let mut values = lines.filter_map(|line| {
            line.split(';')
                .next()?
                .strip_prefix(name)?
                .strip_prefix('=')
        });
        values.next().map(str::to_owned)
    }
}
