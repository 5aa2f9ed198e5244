//! A way to Redis that can be cut, or keep some of the answers.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Forwards a port of its own to Redis, as long as it is whole.
pub struct Cable {
    port: u16,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Whole,
    /// Answers with this word in them stay on the way, and what comes behind them on the same connection.
    Holds(&'static str),
    Cut,
}

impl State {
    fn passes(self, answer: &[u8]) -> bool {
        match self {
            Self::Holds(word) => !String::from_utf8_lossy(answer).contains(word),
            Self::Whole | Self::Cut => true,
        }
    }
}

impl Cable {
    pub async fn to(redis: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (state, watched) = watch::channel(State::Whole);
        tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                if *watched.borrow() != State::Cut {
                    tokio::spawn(forwards(near, redis, watched.clone()));
                }
            }
        });
        Self { port, state }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends every connection, and each new one at once.
    pub fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// What is said reaches Redis, and an answer with this word in it comes when the cable is mended.
    pub fn holds(&self, word: &'static str) {
        self.state.send_replace(State::Holds(word));
    }

    pub fn mend(&self) {
        self.state.send_replace(State::Whole);
    }
}

async fn forwards(near: TcpStream, redis: u16, mut state: watch::Receiver<State>) {
    let far = TcpStream::connect(("127.0.0.1", redis)).await.unwrap();
    let ((mut said, hears), (answered, mut asked)) = (near.into_split(), far.into_split());
    tokio::select! {
        _ = tokio::io::copy(&mut said, &mut asked) => {}
        _ = answers(answered, hears, state.clone()) => {}
        _ = state.wait_for(|state| *state == State::Cut) => {}
    }
}

async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut state: watch::Receiver<State>,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut buffer).await?;
        // Its sender lives as long as the test.
        let _ = state.wait_for(|state| state.passes(&buffer[..read])).await;
        match read {
            0 => return Ok(()),
            _ => to.write_all(&buffer[..read]).await?,
        }
    }
}
