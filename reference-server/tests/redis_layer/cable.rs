//! A way to Redis that can be cut, or carry nothing back.

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
    /// What Redis answers is kept until it is mended.
    OneWay,
    Cut,
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

    /// What is said reaches Redis, and what Redis answers stays on the way.
    pub fn holds_answers(&self) {
        self.state.send_replace(State::OneWay);
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
        let _ = state.wait_for(|state| *state != State::OneWay).await;
        match read {
            0 => return Ok(()),
            _ => to.write_all(&buffer[..read]).await?,
        }
    }
}
