//! Little servers, each on a free port until the test ends: what a user may point the suite at by mistake.

#![allow(dead_code, reason = "each test file uses some of them")]

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// What an HTTP server answers to a request's head.
pub type Answers = dyn Fn(&str) -> String + Send + Sync;

/// A server of HTTP, one answer a connection; its base URL.
pub async fn http(answers: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    let answers: Arc<Answers> = Arc::new(answers);
    accepting(move |stream| answer(stream, answers.clone())).await
}

/// A server that says something of its own to whoever connects, and hangs up.
pub async fn saying(bytes: &'static [u8]) -> String {
    accepting(move |mut stream| async move {
        let _ = stream.write_all(bytes).await;
        let mut rest = [0; 1024];
        let _ = stream.read(&mut rest).await;
    })
    .await
}

/// A server that accepts and never answers.
pub async fn silent() -> String {
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

async fn answer(mut stream: TcpStream, answers: Arc<Answers>) {
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
pub fn answered(status: u16, media: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// An answer in JSON.
pub fn json(status: u16, body: &str) -> String {
    answered(status, "application/json", body)
}

/// As every chat server answers somebody without a session and without fields.
pub fn refused() -> String {
    json(
        403,
        r#"{"detail": "Authentication credentials were not provided."}"#,
    )
}

/// A chat server with which nothing goes well but registering, logging in and making a chat: its connections
/// end as soon as they are open.
pub fn hanging_up(request: &str) -> String {
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
    match line.split(' ').collect::<Vec<_>>()[..] {
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

/// The answer that never comes.
pub const HANGS: &str = "";
