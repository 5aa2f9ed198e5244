//! The load device: as little as can be between the server and the figure.
//!
//! One thread; every frame is counted, and the first `in_flight` members of a room each keep one
//! message under way: said again when it has been heard, so that the window can neither grow nor shrink.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::subject::Subject;

/// Bytes of each message's content.
pub(crate) const CONTENT: usize = 64;

/// Handshakes under way at once.
const HANDSHAKES: usize = 64;

pub(crate) struct Load {
    pub(crate) rooms: usize,
    pub(crate) members: usize,
    pub(crate) in_flight: usize,
    pub(crate) measured: Duration,
}

pub(crate) struct Measured {
    pub(crate) messages: u64,
    pub(crate) deliveries: u64,
    pub(crate) elapsed: Duration,
    pub(crate) server_cpu: Duration,
    postgres_cpu: Duration,
    round_trips: Vec<Duration>,
}

#[derive(Default)]
struct Counted {
    frames: u64,
    own: u64,
    round_trips: Vec<Duration>,
    on: bool,
}

/// Loads the subjects: a room's members are spread over them, its speakers are on the first.
pub(crate) async fn load(subjects: &[&Subject], load: &Load) -> anyhow::Result<Measured> {
    let counted = Rc::new(RefCell::new(Counted::default()));
    let tasks = tokio::task::LocalSet::new();
    let first = subjects.first().context("there is a subject")?;
    for _ in 0..load.rooms {
        let chat = first.chat().await?;
        for member in 0..load.members {
            let speaks = member < load.in_flight;
            let subject = if speaks {
                first
            } else {
                subjects[member % subjects.len()]
            };
            let stream = connect(subject, chat, None).await?;
            // With two processes the round trip ends when a listener on the other has heard it: the
            // speaker's own frame is then the first of two.
            let listens = subjects.len() > 1 && member == 1;
            let counted = Rc::clone(&counted);
            if subjects.len() > 1 {
                tasks.spawn_local(relayed(stream, speaks, listens, counted));
            } else {
                tasks.spawn_local(converse(stream, speaks, counted));
            }
        }
    }
    let measured = tasks.run_until(async {
        tokio::time::sleep(load.measured).await;
        *counted.borrow_mut() = Counted {
            on: true,
            ..Counted::default()
        };
        let (cpu, started) = (cpu(subjects)?, Instant::now());
        let postgres_cpu = first.postgres_cpu().await?;
        tokio::time::sleep(load.measured).await;
        let (server_cpu, elapsed) = (crate::device::cpu(subjects)? - cpu, started.elapsed());
        let postgres_cpu = first.postgres_cpu().await?.saturating_sub(postgres_cpu);
        let found = std::mem::take(&mut *counted.borrow_mut());
        anyhow::Ok(Measured {
            messages: found.own,
            deliveries: found.frames,
            elapsed,
            server_cpu,
            postgres_cpu,
            round_trips: found.round_trips,
        })
    });
    let mut measured = measured.await?;
    if measured.messages == 0 {
        bail!("no message came back");
    }
    measured.round_trips.sort_unstable();
    Ok(measured)
}

/// Connections that only exist, from several addresses of the loopback network.
pub(crate) async fn hold(subject: &Subject, count: usize) -> anyhow::Result<Vec<TcpStream>> {
    let chat = subject.chat().await?;
    let mut held = Vec::with_capacity(count);
    while held.len() < count {
        let these = (held.len()..count).take(HANDSHAKES).map(|place| {
            let host = 2 + u8::try_from(place / 5000).unwrap_or(u8::MAX);
            connect(subject, chat, Some([127, 0, 0, host].into()))
        });
        for stream in futures_util::future::join_all(these).await {
            held.push(stream?);
        }
    }
    Ok(held)
}

async fn connect(
    subject: &Subject,
    chat: i64,
    from: Option<std::net::IpAddr>,
) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(from) = from {
        socket.bind((from, 0).into())?;
    }
    let mut stream = socket.connect(subject.address).await?;
    stream.set_nodelay(true)?;
    let Subject {
        address, session, ..
    } = subject;
    let request = format!(
        "GET /ws/chat/{chat}/ HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: sessionid={session}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut answer).await? == 0 {
            bail!("the handshake was cut off");
        }
    }
    if !answer.starts_with(b"HTTP/1.1 101") {
        bail!("no 101: {}", String::from_utf8_lossy(&answer));
    }
    Ok(stream)
}

thread_local! {
    static LAST_SAID: RefCell<Option<Instant>> = const { RefCell::new(None) };
}

/// One member: counts what it hears; if it speaks, says its next word when it has heard the last.
async fn converse(
    mut stream: TcpStream,
    speaks: bool,
    counted: Rc<RefCell<Counted>>,
) -> anyhow::Result<()> {
    let tag = format!("{:016x}", rand::random::<u64>());
    let saying = frame(&tag);
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut said = Instant::now();
    if speaks {
        stream.write_all(&saying).await?;
    }
    loop {
        if stream.read_buf(&mut buffer).await? == 0 {
            bail!("the server closed a connection");
        }
        let mut heard_own = false;
        let mut frames = 0;
        let used = each_frame(&buffer, |payload| {
            frames += 1;
            heard_own |= speaks && memchr::memmem::find(payload, tag.as_bytes()).is_some();
        });
        buffer.drain(..used);
        {
            let mut counted = counted.borrow_mut();
            counted.frames += frames;
            if heard_own {
                counted.own += 1;
                if counted.on {
                    counted.round_trips.push(said.elapsed());
                }
            }
        }
        if heard_own {
            said = Instant::now();
            stream.write_all(&saying).await?;
        }
    }
}

/// The same across processes: the round trip is over when the listener on the other process has heard.
async fn relayed(
    mut stream: TcpStream,
    speaks: bool,
    listens: bool,
    counted: Rc<RefCell<Counted>>,
) -> anyhow::Result<()> {
    let saying = frame("across processes");
    let mut buffer = Vec::with_capacity(64 * 1024);
    if speaks {
        LAST_SAID.set(Some(Instant::now()));
        stream.write_all(&saying).await?;
    }
    loop {
        if stream.read_buf(&mut buffer).await? == 0 {
            bail!("the server closed a connection");
        }
        let mut frames = 0;
        let used = each_frame(&buffer, |_| frames += 1);
        buffer.drain(..used);
        counted.borrow_mut().frames += frames;
        if listens && frames > 0 {
            let took = LAST_SAID
                .take()
                .map(|said| said.elapsed())
                .unwrap_or_default();
            let mut counted = counted.borrow_mut();
            counted.own += 1;
            if counted.on {
                counted.round_trips.push(took);
            }
        }
        if speaks && frames > 0 {
            // The speaker's own frame and the listener's come at about the same time: speak on when both have.
            while LAST_SAID.with_borrow(Option::is_some) {
                tokio::task::yield_now().await;
            }
            LAST_SAID.set(Some(Instant::now()));
            stream.write_all(&saying).await?;
        }
    }
}

/// A masked text frame (RFC 6455 §5.3) whose mask is zero.
fn frame(tag: &str) -> Vec<u8> {
    let payload = format!("{{\"content\":\"{tag:x<CONTENT$}\"}}");
    let mut frame = vec![0x81, 0x80 | u8::try_from(payload.len()).unwrap_or(125)];
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload.as_bytes());
    frame
}

/// Calls `heard` with the payload of each whole frame; returns how many bytes they were.
fn each_frame(buffer: &[u8], mut heard: impl FnMut(&[u8])) -> usize {
    let mut used = 0;
    loop {
        let rest = &buffer[used..];
        let (head, length) = match rest {
            [_, length, ..] if *length < 126 => (2, usize::from(*length)),
            [_, 126, high, low, ..] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
            _ => return used,
        };
        let Some(payload) = rest.get(head..head + length) else {
            return used;
        };
        if rest[0] == 0x81 {
            heard(payload);
        }
        used += head + length;
    }
}

fn cpu(subjects: &[&Subject]) -> anyhow::Result<Duration> {
    subjects.iter().map(|subject| subject.cpu()).sum()
}

impl Measured {
    pub(crate) fn p50(&self) -> f64 {
        self.percentile(50)
    }

    /// In milliseconds.
    fn percentile(&self, percent: usize) -> f64 {
        let place =
            (self.round_trips.len() * percent / 100).min(self.round_trips.len().saturating_sub(1));
        self.round_trips
            .get(place)
            .map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0)
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.elapsed.as_secs_f64();
        write!(
            f,
            "{:.0} messages/s, {:.0} deliveries/s, server CPU {:.0} %, round trip p50 {:.3} p99 {:.3} ms",
            self.messages as f64 / seconds,
            self.deliveries as f64 / seconds,
            100.0 * self.server_cpu.as_secs_f64() / seconds,
            self.percentile(50),
            self.percentile(99),
        )?;
        if self.postgres_cpu > Duration::ZERO {
            let share = 100.0 * self.postgres_cpu.as_secs_f64() / seconds;
            write!(f, ", Postgres CPU {share:.0} %")?;
        }
        Ok(())
    }
}
