//! Two processes on a Redis that can be taken away, and two people who talk across.

use std::time::Duration;

use chat_fixtures::{
    client::ClientError,
    launch::LaunchError,
    people::{Chat, Connection, Person},
    socket::Heard,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    check::{Failure, Verdict},
    context::Context,
    expect::expect,
    fleet::Fleet,
    listening::{hears, message_in},
};

/// What may happen to Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outage {
    /// Ended; started again, empty, when the outage is over.
    Gone,
    /// It takes connections and answers nothing; what it held is there when the outage is over.
    Hanging,
    /// Ended and started again at once, empty.
    Restarted,
}

pub(super) struct Stage {
    pub(super) fleet: Fleet,
    pub(super) alice: Person,
    pub(super) bob: Person,
    pub(super) chat: Chat,
}

/// A connection and what it has heard.
pub(super) struct Line {
    pub(super) connection: Connection,
    /// The contents, in the order they came.
    pub(super) heard: Vec<String>,
    /// The close code, once it is closed.
    pub(super) end: Option<u16>,
    who: String,
}

impl Outage {
    /// As in `while Redis is hanging`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Hanging => "hanging",
            Self::Restarted => "restarted",
        }
    }
}

impl Stage {
    /// A deployment of two processes that hear each other.
    pub(super) async fn set(cx: &Context) -> Result<Self, Failure> {
        let fleet = cx.fleet(2).await?;
        let [alice, bob] = fleet.cx.people().await?;
        let chat = fleet.cx.chat_of(&[&alice, &bob]).await?;
        let stage = Self {
            fleet,
            alice,
            bob,
            chat,
        };
        if stage.hear_each_other_within(PREPARATION).await {
            return Ok(stage);
        }
        Err(Failure::Untestable(
            "the two processes that were launched do not hear each other".to_owned(),
        ))
    }

    /// A new connection of this person to a process.
    pub(super) async fn line(&self, person: &Person, process: usize) -> Result<Line, Failure> {
        let person = person.on_process(process);
        Ok(Line {
            connection: self.fleet.cx.connected(&person, &self.chat).await?,
            heard: Vec::new(),
            end: None,
            who: format!("{} at process {process}", person.id),
        })
    }

    pub(super) async fn begins(&mut self, outage: Outage) -> Verdict {
        self.fleet.cx.notes(format!("Redis is {}", outage.word()));
        let redis = self.fleet.redis()?;
        match outage {
            Outage::Gone => redis.kill().await,
            Outage::Hanging => redis.pause(),
            Outage::Restarted => match redis.kill().await {
                Ok(()) => redis.restart().await,
                error => error,
            },
        }
        .map_err(no_redis)
    }

    pub(super) async fn ends(&mut self, outage: Outage) -> Verdict {
        match outage {
            Outage::Gone => self.fleet.redis()?.restart().await.map_err(no_redis)?,
            Outage::Hanging => self.fleet.redis()?.resume().map_err(no_redis)?,
            Outage::Restarted => {}
        }
        self.fleet.cx.notes("Redis is back");
        Ok(())
    }

    /// Ends an outage for a check that is about what happens in it.
    pub(super) async fn is_over(&mut self, outage: Outage) -> Verdict {
        self.ends(outage).await?;
        if self.hear_each_other_within(PREPARATION).await {
            return Ok(());
        }
        Err(Failure::Untestable(
            "delivery between processes did not come back after an outage".to_owned(),
        ))
    }

    /// Whether new connections to the two processes come to hear each other within [`FIVE_SECONDS`].
    pub(super) async fn resumes(&self) -> bool {
        self.hear_each_other_within(FIVE_SECONDS).await
    }

    async fn hear_each_other_within(&self, patience: Duration) -> bool {
        let again_and_again = async {
            while !self.new_ones_hear_each_other().await.unwrap_or(false) {
                sleep(BETWEEN_ATTEMPTS).await;
            }
        };
        timeout(patience, again_and_again).await.is_ok()
    }

    async fn new_ones_hear_each_other(&self) -> Result<bool, ClientError> {
        let mut one = self.alice.on_process(0).connects(&self.chat).await?;
        let mut other = self.bob.on_process(1).connects(&self.chat).await?;
        one.socket.send_text(said("there?")).await?;
        let there = hears(&mut other, "there?", ATTEMPT).await.is_ok();
        other.socket.send_text(said("here!")).await?;
        Ok(there && hears(&mut one, "here!", ATTEMPT).await.is_ok())
    }

    /// The contents of the chat's history.
    pub(super) async fn contents(&self) -> Result<Vec<String>, Failure> {
        let reading = self.alice.reads(&self.chat);
        let history = self.fleet.cx.given("read the history", reading).await?;
        let contents = history.iter().map(|message| message["content"].as_str());
        Ok(contents
            .map(|content| content.unwrap_or_default().to_owned())
            .collect())
    }

    /// The processes have stayed up.
    pub(super) fn is_up(&mut self) -> Verdict {
        for (n, server) in self.fleet.servers.iter_mut().enumerate() {
            let what = format!("process {n} after Redis was away");
            expect(server.is_running(), what, "that it runs", "it has ended")?;
        }
        Ok(())
    }
}

impl Line {
    pub(super) async fn says(&mut self, content: &str) -> Result<(), ClientError> {
        self.connection.socket.send_text(said(content)).await
    }

    /// Says a score of messages at once, the last of which ends with `word`. Whether they arrive is not asked.
    pub(super) async fn says_all(&mut self, word: &str) {
        let who = &self.who;
        let frames = (0..20)
            .map(|n| Message::text(said(&format!("{n} of {who}: {word}"))))
            .collect();
        let _ = self.connection.socket.send_all(frames).await;
    }

    /// Says something: whether it came back, or an error instead.
    pub(super) async fn is_answered(&mut self, content: &str, what: &str) -> Result<bool, Failure> {
        let expected = format!("its own message or an error within {A_SECOND:?}");
        let violation = |instead: String| Failure::violation(what, &expected, instead);
        self.says(content)
            .await
            .map_err(|error| violation(error.to_string()))?;
        let deadline = Instant::now() + A_SECOND;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.connection.socket.next_within(left).await {
                Heard::Text(text) => match message_in(&text) {
                    Some(message) if message["content"] == content => return Ok(true),
                    Some(_) => {}
                    None if is_error(&text) => return Ok(false),
                    None => {}
                },
                end @ (Heard::Closed(..) | Heard::Nothing) => {
                    return Err(violation(end.to_string()));
                }
                Heard::Binary(_) | Heard::Pong(_) => {}
            }
        }
    }

    /// Reads until one comes that is the last, until the connection ends, or until the deadline.
    pub(super) async fn listens(&mut self, deadline: Instant, is_last: impl Fn(&str) -> bool) {
        while self.end.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.connection.socket.next_within(left).await {
                Heard::Text(text) => {
                    let message = message_in(&text).unwrap_or_default();
                    let content = message["content"].as_str().unwrap_or_default();
                    self.heard.push(content.to_owned());
                    if is_last(content) {
                        return;
                    }
                }
                Heard::Closed(code, _) => self.end = Some(code),
                Heard::Nothing => return,
                Heard::Binary(_) | Heard::Pong(_) => {}
            }
        }
    }
}

fn said(content: &str) -> String {
    json!({"content": content}).to_string()
}

fn is_error(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|event| event["type"] == "error")
}

fn no_redis(error: LaunchError) -> Failure {
    Failure::Untestable(error.to_string())
}

/// The second of PROC-6, and two more for a machine that is busy with the suite itself.
pub(super) const A_SECOND: Duration = Duration::from_secs(3);
/// The five seconds of PROC-6, and three more for the same reason.
pub(super) const FIVE_SECONDS: Duration = Duration::from_secs(8);
/// For what is not about the time it takes.
const PREPARATION: Duration = Duration::from_secs(30);
/// How long one attempt to be heard may take before new connections make the next.
const ATTEMPT: Duration = Duration::from_secs(1);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(100);
