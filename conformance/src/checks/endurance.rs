//! Connections that stop reading.

use std::time::Duration;

use chat_fixtures::{
    client::Ask,
    people::{Chat, Connection, LIVE_FRAME, Person},
    socket::Heard,
};
use serde_json::json;
use tokio::time::Instant;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::expect,
    fleet::memory_of,
    listening::{expect_heard, hears},
};

checks! {
    WS_21 => who_stops_reading_delays_nobody [Alone],
    WS_21 => who_stops_reading_is_closed_and_told_so [Alone],
    WS_21 => who_stops_reading_fills_no_memory [Waits],
}

async fn who_stops_reading_delays_nobody(cx: &Context) -> Verdict {
    // A disk that is busy with something else holds everybody up, once; who waits for the stalled does it again.
    let mut longest = Duration::MAX;
    for _ in 0..2 {
        let mut crowd = Crowd::gathers(cx, 2).await?;
        longest = longest.min(crowd.speaks(HALF).await?);
        crowd.parts().await;
        if longest <= LIVE_FRAME {
            break;
        }
    }
    expect(
        longest <= LIVE_FRAME,
        "the longest that a message took to reach those who read",
        format!("at most {LIVE_FRAME:?}"),
        format!("{longest:?}"),
    )
}

/// One of them reads again after 32 MiB, the other after 64 MiB: past any queue that is bounded.
async fn who_stops_reading_is_closed_and_told_so(cx: &Context) -> Verdict {
    let mut crowd = Crowd::gathers(cx, 2).await?;
    while let Some(mut reader) = crowd.stalled.pop() {
        crowd.speaks(HALF).await?;
        let last = crowd.last_said();
        // Where it was given everything, or nothing more, it is open still.
        if let Err(Heard::Closed(code, _)) = hears(&mut reader, &last, READS_UP).await {
            crowd.parts().await;
            return expect(
                code == TOO_SLOW,
                "the end of a connection that had stopped reading",
                format!("closed with {TOO_SLOW}"),
                format!("closed with {code}"),
            );
        }
    }
    crowd.parts().await;
    Err(Failure::violation(
        "a connection that did not read 64 MiB",
        format!("that it is closed with {TOO_SLOW}"),
        "it is open still",
    ))
}

/// What the first half needs is the server's own affair; the second half must not need as much again.
async fn who_stops_reading_fills_no_memory(cx: &Context) -> Verdict {
    let fleet = cx.fleet(1).await?;
    let mut crowd = Crowd::gathers(&fleet.cx, 4).await?;
    let memory = || {
        let server = fleet.servers.first();
        server.and_then(memory_of).ok_or_else(|| {
            Failure::NotApplicable("needs a system that tells a process's memory: Linux".to_owned())
        })
    };
    crowd.speaks(MEMORY_PART).await?;
    let half = memory()?;
    crowd.speaks(MEMORY_PART).await?;
    let grown = memory()?.saturating_sub(half);
    let said = MEMORY_PART * SIZE;
    expect(
        grown < said as u64 / 2,
        format!(
            "what the server's memory grew by while {said} bytes more were said to connections that do not read"
        ),
        format!("less than {}", said / 2),
        grown,
    )
}

/// One who speaks, some who read, and some who have stopped.
struct Crowd {
    owner: Person,
    chat: Chat,
    speaker: Connection,
    readers: Vec<Connection>,
    stalled: Vec<Connection>,
    said: usize,
}

impl Crowd {
    async fn gathers(cx: &Context, stalled: usize) -> Result<Self, Failure> {
        let [alice, bob] = cx.people().await?;
        let chat = cx.chat_of(&[&alice, &bob]).await?;
        let mut crowd = Self {
            speaker: cx.connected(&alice, &chat).await?,
            readers: Vec::new(),
            stalled: Vec::new(),
            owner: alice,
            said: 0,
            chat,
        };
        for _ in 0..stalled {
            crowd.stalled.push(cx.connected(&bob, &crowd.chat).await?);
        }
        // Beside the stalled ones, and on the next process if there is one.
        for process in [cx.home(), cx.home() + 1] {
            let bob = bob.on_process(process);
            crowd.readers.push(cx.connected(&bob, &crowd.chat).await?);
        }
        Ok(crowd)
    }

    /// Says so many messages, each heard by all who read before the next: the longest that took.
    async fn speaks(&mut self, messages: usize) -> Result<Duration, Failure> {
        let mut longest = Duration::ZERO;
        for _ in 0..messages {
            self.said += 1;
            let content = self.last_said();
            let began = Instant::now();
            let frame = json!({"content": content}).to_string();
            self.speaker.socket.send_text(frame).await?;
            for (who, connection) in std::iter::once(&mut self.speaker)
                .chain(&mut self.readers)
                .enumerate()
            {
                let patience = connection.patience;
                let what = if who == 0 {
                    "the speaker, while another connection does not read"
                } else {
                    "a listener, while another connection does not read"
                };
                expect_heard(connection, &content, patience, what).await?;
            }
            longest = longest.max(began.elapsed());
        }
        Ok(longest)
    }

    fn last_said(&self) -> String {
        format!("{} {}", self.said, "x".repeat(SIZE))
    }

    /// Dozens of megabytes are no content to leave behind; what is not possible here is tried again at the end.
    async fn parts(self) {
        let path = format!("/api/chats/{}/", self.chat.id);
        let _ = self.owner.client.ask(Ask::new("DELETE", &path)).await;
    }
}

const TOO_SLOW: u16 = 1013;
/// Bytes of a message: few enough to pass anywhere, enough to fill a queue soon.
const SIZE: usize = 256 * 1024;
/// 32 MiB of messages.
const HALF: usize = 128;
/// 48 MiB of messages: more than the buffers of the system and a queue of 32 MiB swallow.
const MEMORY_PART: usize = 192;
/// How long a connection that reads again may take until it is where the others are.
const READS_UP: Duration = Duration::from_secs(15);
