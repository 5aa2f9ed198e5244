//! Load between processes of this server, and one of them that stands still under it.

use chat_fixtures::stage::{Deployment, Line, lines};

use crate::deployment;

/// PROC-5: six senders on three processes speak as fast as they can. Every connection that was open all
/// along hears every message once, and each is in the history.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn nothing_is_lost_and_nothing_comes_twice_under_load() {
    const EACH: usize = 400;
    let fleet = deployment::of(3).await;
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    let lines = lines(&[&alice, &bob], 3, &chat).await;

    for (speaker, line) in lines.iter().enumerate() {
        line.says_all((0..EACH).map(|number| format!("{number} of {speaker}")));
    }
    for line in &lines {
        line.hears_as_many_as(EACH * lines.len()).await;
    }

    let mut history: Vec<String> = alice
        .reads(&chat)
        .await
        .unwrap()
        .iter()
        .map(content)
        .collect();
    history.sort_unstable();
    for line in &lines {
        line.is_echoed("the end").await;
        let mut heard: Vec<String> = line.heard();
        heard.retain(|content| content != "the end");
        heard.sort_unstable();
        assert_eq!(heard, history);
    }
    for process in 0..3 {
        assert_eq!(fleet.counted(process, "chat_drops_total").await, 0.0);
    }
}

/// PROC-5: a process that stands still for a while under load and goes on hears everything once.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_process_that_paused_hears_everything_once() {
    let story = Pause::under_load(1_500).await;
    story.fleet.servers[1].resume().unwrap();
    story.speaker.hears_as_many_as(story.said).await;
    for line in [&story.other_speaker, &story.listener] {
        line.hears_or_ends(&story.last).await;
        assert_eq!(line.record().closed, None);
        assert_eq!(line.heard(), story.speaker.heard());
    }
}

/// PROC-5: one that stands still until its queue is full holds the senders back, and is given up after
/// three seconds; its connections are closed with 1012, the others hear everything once.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_process_that_paused_for_too_long_reads_the_history() {
    let story = Pause::under_load(6_000).await;
    story.speaker.hears_as_many_as(story.said).await;
    assert_eq!(
        story
            .fleet
            .counted(0, "chat_drops_total{cause=\"process_given_up\"}")
            .await,
        1.0
    );
    story.fleet.servers[1].resume().unwrap();

    for line in [&story.other_speaker, &story.listener] {
        assert_eq!(line.is_closed().await, 1012);
        let heard = line.heard();
        assert!(story.speaker.heard().starts_with(&heard));
    }
    let [again] = story.fleet.people(["carol"]).await;
    let chat = again.creates_chat_with(&[]).await.unwrap();
    let there = Line::open(&again.on_process(1), &chat).await;
    Line::open(&again, &chat).await.says("welcome back");
    there.hears("welcome back").await;
    assert_eq!(story.speaker.heard().len(), story.said);
}

/// Two processes, of which the second one stands still while somebody speaks on the first.
struct Pause {
    fleet: Deployment,
    /// On the first process.
    speaker: Line,
    /// On the second.
    other_speaker: Line,
    listener: Line,
    said: usize,
    last: String,
}

impl Pause {
    /// Comes back while the second process stands still and the first has a part of it behind it.
    async fn under_load(said: usize) -> Self {
        let fleet = deployment::of(2).await;
        let [alice, bob] = fleet.people(["alice", "bob"]).await;
        let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
        let speaker = Line::open(&alice, &chat).await;
        let other_speaker = Line::open(&alice.on_process(1), &chat).await;
        let listener = Line::open(&bob.on_process(1), &chat).await;

        speaker.says_all((0..said).map(|number| number.to_string()));
        listener.hears("100").await;
        fleet.servers[1].pause().unwrap();
        speaker.hears_as_many_as(said * 2 / 3).await;
        Self {
            fleet,
            speaker,
            other_speaker,
            listener,
            said,
            last: (said - 1).to_string(),
        }
    }
}

fn content(message: &serde_json::Value) -> String {
    message["content"].as_str().unwrap().to_owned()
}
