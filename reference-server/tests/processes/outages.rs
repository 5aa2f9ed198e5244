//! Redis hangs, dies, comes back, always under traffic.

use std::time::Duration;

use chat_fixtures::people::{Chat, Person};
use chat_fixtures::stage::{Deployment, Line, lines};
use tokio::time::Instant;

use crate::deployment;

/// PROC-6: a Redis that hangs and goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn redis_hangs_and_goes_on() {
    let mut story = Story::begins().await;
    story.fleet.redis().pause().unwrap();
    story.goes_on_without_redis().await;
    story.fleet.redis().resume().unwrap();
    story.is_whole_again().await;
}

/// PROC-6: a Redis that dies and is started again later, empty.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn redis_dies_and_is_started_again() {
    let mut story = Story::begins().await;
    story.fleet.redis().kill().await.unwrap();
    story.goes_on_without_redis().await;
    story.fleet.redis().restart().await.unwrap();
    story.is_whole_again().await;
}

/// PROC-6: a Redis that dies and is there again before anyone has spoken a word.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn redis_is_restarted_in_the_midst_of_traffic() {
    let mut story = Story::begins().await;
    story.fleet.redis().kill().await.unwrap();
    story.fleet.redis().restart().await.unwrap();
    story.is_whole_again().await;
}

/// PROC-6: a second outage is no worse than the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn redis_hangs_twice() {
    let mut story = Story::begins().await;
    for _ in 0..2 {
        story.fleet.redis().pause().unwrap();
        story.goes_on_without_redis().await;
        story.fleet.redis().resume().unwrap();
        story.is_whole_again().await;
    }
}

/// PROC-6: a Redis that is emptied under the processes forgets who they are; they come back by themselves.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn redis_is_emptied() {
    let mut story = Story::begins().await;
    story.redis_is_told(&["FLUSHALL"]).await;
    story.is_whole_again().await;
}

/// PROC-6: a Redis that cuts every connection and is there at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn redis_cuts_every_connection() {
    let mut story = Story::begins().await;
    story
        .redis_is_told(&["CLIENT", "KILL", "TYPE", "normal"])
        .await;
    story.is_whole_again().await;
}

/// PROC-6: a Redis whose memory is full takes what the processes tell each other all the same, for it is little:
/// those who are connected and those who come hear everybody, and a logout ends its connections alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn redis_is_full() {
    let mut story = Story::begins().await;
    story
        .redis_is_told(&["CONFIG", "SET", "maxmemory", "1"])
        .await;
    let [carol] = story.fleet.people(["carol"]).await;
    let chat = carol.creates_chat_with(&[&story.alice]).await.unwrap();
    let of_carol = Line::open(&carol, &chat).await;
    let of_alice = Line::open(&story.alice.on_process(1), &chat).await;
    of_carol.says("is there room?");
    of_alice.hears("is there room?").await;
    of_alice.says("for us there is");
    of_carol.hears("for us there is").await;

    carol.logout().await.unwrap();
    assert_eq!(of_carol.is_closed().await, 4401);
    for speaker in &story.lines {
        let said = format!("full: {:p}", speaker);
        assert!(speaker.is_echoed(&said).await < Duration::from_secs(1));
        for line in &story.lines {
            line.hears(&said).await;
        }
    }
    for line in story.lines.iter().chain([&of_alice]) {
        assert_eq!(line.record().closed, None);
    }
}

/// Two people, each with a connection to each of two processes, and messages under way all the time.
struct Story {
    fleet: Deployment,
    alice: Person,
    bob: Person,
    chat: Chat,
    /// Alice and Bob at the first process, Alice and Bob at the second.
    lines: Vec<Line>,
    /// What was opened before and has ended.
    former: Vec<Line>,
    said: usize,
}

impl Story {
    async fn begins() -> Self {
        let fleet = deployment::of(2).await;
        let [alice, bob] = fleet.people(["alice", "bob"]).await;
        let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
        let lines = lines(&[&alice, &bob], 2, &chat).await;
        let story = Self {
            fleet,
            alice,
            bob,
            chat,
            lines,
            former: Vec::new(),
            said: 0,
        };
        for (speaker, line) in story.lines.iter().enumerate() {
            line.says_all((0..200).map(|number| format!("before: {number} of {speaker}")));
        }
        story.lines[3].hears_as_many_as(100).await;
        story
    }

    async fn redis_is_told(&mut self, command: &[&str]) {
        let client = redis::Client::open(self.fleet.redis().url()).unwrap();
        let mut hand = client.get_multiplexed_async_connection().await.unwrap();
        let mut call = redis::cmd(command[0]);
        call.arg(&command[1..]);
        call.query_async::<redis::Value>(&mut hand).await.unwrap();
    }

    /// Each sender hears itself within a second, and so does whoever is at the same process; REST goes on.
    async fn goes_on_without_redis(&mut self) {
        for turn in 0..5 {
            for speaker in [0, 2] {
                self.said += 1;
                let said = format!("without Redis: {}", self.said);
                let took = self.lines[speaker].is_echoed(&said).await;
                assert!(
                    took < Duration::from_secs(1),
                    "turn {turn} of {speaker}: {took:?}"
                );
                self.lines[speaker + 1].hears(&said).await;
            }
        }
        for process in 0..2 {
            let alice = self.alice.on_process(process);
            let posted = alice.posts(&self.chat, "by REST").await.unwrap();
            assert!(self.bob.reads(&self.chat).await.unwrap().contains(&posted));
            let name = format!("carol{}at{process}", self.said);
            let carol = self.fleet.people.register(&name, "staff").await.unwrap();
            carol.on_process(process).login().await.unwrap();
            // Who comes now is let in, and heard by those who are here.
            let late = Line::open(&alice, &self.chat).await;
            self.said += 1;
            let said = format!("I came late: {}", self.said);
            assert!(late.is_echoed(&said).await < Duration::from_secs(1));
            self.lines[2 * process].hears(&said).await;
            self.lines.push(late);
        }
    }

    /// Within five seconds everybody who was connected has been told to read the history, and whoever comes
    /// then is heard everywhere. Nobody heard anything twice, or that is not in the history.
    async fn is_whole_again(&mut self) {
        let back = Instant::now();
        for line in self.lines.drain(..) {
            assert_eq!(line.is_closed().await, 1012);
            self.former.push(line);
        }
        // The last process to come back tells the others what they missed: who is quick is told once more.
        while !self.all_hear_each_other().await {
            self.former.append(&mut self.lines);
        }
        assert!(
            back.elapsed() < Duration::from_secs(5),
            "{:?}",
            back.elapsed()
        );

        let history = self.alice.reads(&self.chat).await.unwrap();
        for line in self.former.iter().chain(&self.lines) {
            line.heard();
            for message in line.record().messages {
                assert!(
                    history.contains(&message.body),
                    "not in the history: {}",
                    message.body
                );
            }
        }
    }

    /// Whether everybody, newly connected, hears everybody; or somebody is told to read the history.
    async fn all_hear_each_other(&mut self) -> bool {
        self.lines = lines(&[&self.alice, &self.bob], 2, &self.chat).await;
        for (speaker, line) in self.lines.iter().enumerate() {
            self.said += 1;
            let said = format!("again: {} of {speaker}", self.said);
            line.says(&said);
            for listener in &self.lines {
                if let Some(code) = listener.hears_or_is_closed(&said).await {
                    assert_eq!(code, 1012);
                    return false;
                }
            }
        }
        true
    }
}
