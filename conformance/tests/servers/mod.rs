//! Little servers, each on a free port until the test ends: what a user may point the suite at by mistake.

#![allow(dead_code, reason = "each test file uses some of them")]

pub(crate) mod reference;

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_util::sync::CancellationToken;

/// What an HTTP server answers to a request's head.
pub(crate) type Answers = dyn Fn(&str) -> String + Send + Sync;

/// A server of HTTP, one answer a connection; its base URL.
pub(crate) async fn http(answers: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    let answers: Arc<Answers> = Arc::new(answers);
    accepting(move |stream| answer(stream, answers.clone())).await
}

/// A server of HTTP that ends without an answer as soon as it is asked what `kills` it.
pub(crate) async fn mortal(
    answers: impl Fn(&str) -> String + Send + Sync + 'static,
    kills: impl Fn(&str) -> bool + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let dead = CancellationToken::new();
    let answers: Arc<Answers> = Arc::new({
        let dead = dead.clone();
        move |request: &str| {
            if kills(request) {
                dead.cancel();
                // Who dies of a question does not answer it, however busy the machine is.
                return String::new();
            }
            answers(request)
        }
    });
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                biased;
                () = dead.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else { return };
            let (dead, answers) = (dead.clone(), answers.clone());
            tokio::spawn(async move {
                tokio::select! {
                    biased;
                    () = dead.cancelled() => {}
                    () = answer(stream, answers) => {}
                }
            });
        }
    });
    url
}

/// The same behind TLS, with a certificate that nobody vouches for.
pub(crate) async fn tls(answers: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    certified(answers).await.0
}

/// The same, and the certificate (PEM) that vouches for itself.
pub(crate) async fn certified(
    answers: impl Fn(&str) -> String + Send + Sync + 'static,
) -> (String, String) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = own.signing_key.serialize_der();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.try_into().unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let answers: Arc<Answers> = Arc::new(answers);
    let url = accepting(move |stream| {
        let (acceptor, answers) = (acceptor.clone(), answers.clone());
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer(stream, answers).await;
            }
        }
    });
    let url = url.await.replace("http://127.0.0.1", "https://localhost");
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        BASE64_STANDARD.encode(own.cert.der())
    );
    (url, pem)
}

/// A server that says something of its own to whoever connects, and hangs up.
pub(crate) async fn saying(bytes: &'static [u8]) -> String {
    accepting(move |mut stream| async move {
        let _ = stream.write_all(bytes).await;
        let mut rest = [0; 1024];
        let _ = stream.read(&mut rest).await;
    })
    .await
}

/// A server that accepts and never answers.
pub(crate) async fn silent() -> String {
    accepting(|mut stream| async move {
        let mut rest = [0; 1024];
        while let Ok(1..) = stream.read(&mut rest).await {}
    })
    .await
}

async fn accepting<F, Task>(serve: F) -> String
where
    F: Fn(TcpStream) -> Task + Send + 'static,
    Task: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    url
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, answers: Arc<Answers>) {
    let mut request = Vec::new();
    while !is_whole(&request) {
        let mut bytes = [0; 4096];
        match stream.read(&mut bytes).await {
            Ok(n @ 1..) => request.extend_from_slice(&bytes[..n]),
            _ => return,
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let answer = answers(&request);
    if answer == HANGS {
        let mut rest = [0; 1024];
        while let Ok(1..) = stream.read(&mut rest).await {}
        return;
    }
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.parse().unwrap())
    });
    body.len() >= length.unwrap_or(0)
}

/// An answer with a body of that media type.
pub(crate) fn answered(status: u16, media: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// An answer in JSON.
pub(crate) fn json(status: u16, body: &str) -> String {
    answered(status, "application/json", body)
}

/// As every chat server answers somebody without a session and without fields.
pub(crate) fn refused() -> String {
    json(
        403,
        r#"{"detail": "Authentication credentials were not provided."}"#,
    )
}

/// A chat server with which nothing goes well but registering, logging in and making a chat: its connections
/// end as soon as they are open.
pub(crate) fn hanging_up(request: &str) -> String {
    let line = request.lines().next().unwrap_or_default();
    let key = request.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("sec-websocket-key")
            .then_some(value)
    });
    if let Some(key) = key {
        return format!(
            "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
            derive_accept_key(key.as_bytes())
        );
    }
    let has_fields = request.contains("\"username\"");
    // Through a proxy the whole URL is asked for.
    let line = line.replacen("http://127.0.0.1", "", 1);
    let line = line.split(' ').map(|word| word.trim_start_matches(PORT));
    match line.collect::<Vec<_>>()[..] {
        ["POST", "/api/register/", ..] if has_fields => json(201, r#"{"id": 1}"#),
        ["POST", "/api/login/", ..] if has_fields => {
            let answer = json(200, r#"{"id": 1}"#);
            answer.replacen("\r\n", "\r\nSet-Cookie: sessionid=abc; Path=/\r\n", 1)
        }
        ["GET", "/api/me/", ..] if request.contains("sessionid=") => json(200, r#"{"id": 1}"#),
        ["GET", "/api/chats/", ..] => json(200, "[]"),
        ["POST", "/api/chats/", ..] => json(201, r#"{"id": 7}"#),
        ["DELETE", ..] => json(404, "{}"),
        _ => refused(),
    }
}

/// What stands before the path in a whole URL.
const PORT: fn(char) -> bool = |c| c == ':' || c.is_ascii_digit();

/// The answer that never comes.
pub(crate) const HANGS: &str = "";
