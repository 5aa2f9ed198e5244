//! Servers to gather people from and to look at: the real one, and one that answers as a test likes.

#![allow(dead_code, reason = "each test file uses some of them")]

use std::{path::Path, sync::Arc};

use chat_fixtures::launch::{Program, Server, built_beside_tests};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// The reference server with its database in that folder.
pub(crate) async fn reference_server(folder: &Path, more: &[&str]) -> Server {
    let database = folder.join("chat.sqlite3").display().to_string();
    Program::new(built_beside_tests("chat-reference-server").unwrap())
        .args(["-p", "{port}", "--database", &database])
        .args(["--password-iterations", "1", "--log", "warn"])
        .args(more.iter().copied())
        .start()
        .await
        .unwrap()
}

/// A request as a fake server sees it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// As `POST /api/login/`.
    pub(crate) line: String,
    /// The body.
    pub(crate) body: String,
}

/// A server whose answers are what `answers` makes of each request, one for each connection; its base URL.
pub(crate) async fn fake<F, Answer>(answers: F) -> String
where
    F: Fn(Request) -> Answer + Send + Sync + 'static,
    Answer: Future<Output = String> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answers = Arc::new(answers);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answers = Arc::clone(&answers);
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                if let Some(request) = request(&mut stream).await {
                    let answer = answers(request).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                }
            });
        }
    });
    url
}

/// An answer, with more headers if need be (each ends in `\r\n`).
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
}

async fn request(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_ascii_lowercase()),
        }
    }
    let length = head
        .iter()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    let line = head.first()?.replace(" http/1.1", "");
    let (method, path) = line.split_once(' ')?;
    Some(Request {
        line: format!("{} {path}", method.to_uppercase()),
        body: String::from_utf8(body).ok()?,
    })
}
