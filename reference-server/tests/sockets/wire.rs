//! A bare TCP connection: requests and frames byte for byte, read only when the story says so.

use std::sync::Arc;
use std::time::Duration;

use chat_fixtures::people::{Chat, Person};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::stage::{PATIENCE, Stage};

pub(crate) struct Wire {
    reader: OwnedReadHalf,
    writer: Arc<Mutex<OwnedWriteHalf>>,
}

/// The head of an answer, and its body as far as `Content-Length` says.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Wire {
    pub(crate) async fn to(stage: &Stage) -> Self {
        Self::over(TcpSocket::new_v4().unwrap(), stage).await
    }

    /// Its system keeps next to nothing of what is not read.
    pub(crate) async fn narrow_to(stage: &Stage) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        Self::over(socket, stage).await
    }

    /// Into the chat: a handshake that is answered 101.
    pub(crate) async fn enters(mut self, person: &Person, chat: &Chat) -> Self {
        self.writes(handshake(person, chat).as_bytes()).await;
        let reply = self.reads_reply().await;
        assert_eq!(reply.status(), 101, "{reply:?}");
        self
    }

    pub(crate) async fn writes(&mut self, bytes: &[u8]) {
        let mut writer = self.writer.lock().await;
        let writing = timeout(PATIENCE, writer.write_all(bytes)).await;
        writing.expect("the server takes nothing more").unwrap();
    }

    /// Writes while the story goes on, however long the server takes to read it.
    pub(crate) fn writes_meanwhile(&self, bytes: Vec<u8>) -> JoinHandle<std::io::Result<()>> {
        let writer = Arc::clone(&self.writer);
        tokio::spawn(async move { writer.lock().await.write_all(&bytes).await })
    }

    pub(crate) async fn reads_reply(&mut self) -> Reply {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(self.reads(1).await);
        }
        let mut reply = Reply {
            head: String::from_utf8(head).unwrap(),
            body: String::new(),
        };
        let length = reply.header("content-length").map(|text| text.parse());
        let body = self.reads(length.map_or(0, Result::unwrap)).await;
        reply.body = String::from_utf8(body).unwrap();
        reply
    }

    /// The next unfragmented frame: its first byte and its payload. `None`: the stream ended in good order.
    pub(crate) async fn reads_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        self.reads_frame_within(PATIENCE).await
    }

    pub(crate) async fn reads_frame_within(&mut self, patience: Duration) -> Option<(u8, Vec<u8>)> {
        let mut first = [0];
        let read = timeout(patience, self.reader.read(&mut first)).await;
        if read.expect("a frame was due").unwrap() == 0 {
            return None;
        }
        let length = match self.reads(1).await[0] {
            126 => usize::from(u16::from_be_bytes(self.reads(2).await.try_into().unwrap())),
            127 => u64::from_be_bytes(self.reads(8).await.try_into().unwrap())
                .try_into()
                .unwrap(),
            short => short.into(),
        };
        Some((first[0], self.reads(length).await))
    }

    /// What comes until the stream ends in good order.
    pub(crate) async fn reads_to_the_end(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let reading = timeout(2 * PATIENCE, self.reader.read_to_end(&mut rest)).await;
        reading.expect("the end was due").unwrap();
        rest
    }

    async fn over(socket: TcpSocket, stage: &Stage) -> Self {
        let address = stage.server.url().strip_prefix("http://").unwrap();
        let stream = socket.connect(address.parse().unwrap()).await.unwrap();
        let (reader, writer) = stream.into_split();
        Self {
            reader,
            writer: Arc::new(Mutex::new(writer)),
        }
    }

    async fn reads(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        let reading = timeout(PATIENCE, self.reader.read_exact(&mut bytes)).await;
        reading.expect("more was due").unwrap();
        bytes
    }
}

impl Reply {
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// The handshake of a person's browser.
pub(crate) fn handshake(person: &Person, chat: &Chat) -> String {
    format!(
        "GET /ws/chat/{}/ HTTP/1.1\r\nHost: test\r\nCookie: sessionid={}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        chat.id,
        person.client.session().unwrap()
    )
}

/// One masked frame; `first` is FIN, the reserved bits and the opcode (RFC 6455 §5.2).
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x5a, 0xa5, 0x0f, 0xf0];
    let mut frame = vec![first];
    match payload.len() {
        short @ ..126 => frame.push(0x80 | u8::try_from(short).unwrap()),
        middle @ ..0x1_0000 => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(middle).unwrap().to_be_bytes());
        }
        long => {
            frame.push(0x80 | 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(
        payload
            .iter()
            .zip(MASK.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    frame
}

pub(crate) const TEXT: u8 = 0x81;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
