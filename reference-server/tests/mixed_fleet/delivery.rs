//! What is said at one process, heard at all.

use chat_fixtures::stage::{Line, lines};
use serde_json::Value;

use crate::ground::{ALL, Ground};

/// PROC-1 with WS-3, WS-4, WS-9, WS-10 and SEND-8, HIST-2: three people with a connection to each process take turns at
/// all of them. Every connection hears every message once, in the order of each sender, as the history tells it;
/// what is sent by REST is in the history alone.
pub(crate) async fn everybody_hears_everybody_once_and_in_order(ground: Ground) {
    let fleet = ground.fleet().await;
    let [alice, bob, carol] = fleet.people(["alice", "bob", "carol"]).await;
    let chat = alice.creates_chat_with(&[&bob, &carol]).await.unwrap();
    let lines = lines(&[&alice, &bob, &carol], ALL.len(), &chat).await;
    let mut posted = Vec::new();

    for turn in 0..TURNS {
        for (speaker, line) in lines.iter().enumerate() {
            line.says(&said(turn, speaker));
        }
        for process in ALL {
            let content = format!("by REST: {turn} at {process}");
            let bob = bob.on_process(process);
            posted.push(bob.posts(&chat, &content).await.unwrap());
        }
        // Daphne takes a hundred entries and drops what comes on top: nobody hurries here.
        for line in &lines {
            line.hears_as_many_as((turn + 1) * lines.len()).await;
        }
    }

    let history = alice.reads(&chat).await.unwrap();
    for process in ALL {
        assert_eq!(
            carol.on_process(process).reads(&chat).await.unwrap(),
            history
        );
    }
    let (by_rest, live): (Vec<Value>, Vec<Value>) = history
        .into_iter()
        .partition(|message| posted.contains(message));
    assert_eq!(by_rest.len(), posted.len());
    for line in &lines {
        for speaker in 0..lines.len() {
            let mut heard = line.heard();
            heard.retain(|content| content.ends_with(&of(speaker)));
            let all: Vec<_> = (0..TURNS).map(|turn| said(turn, speaker)).collect();
            assert_eq!(heard, all);
        }
        assert_eq!(by_id(bodies(line)), by_id(live.clone()));
        assert_eq!(line.record().errors, [""; 0]);
    }
}

fn said(turn: usize, speaker: usize) -> String {
    format!("{turn}{}", of(speaker))
}

fn of(speaker: usize) -> String {
    format!(" of line {speaker}")
}

fn bodies(line: &Line) -> Vec<Value> {
    let messages = line.record().messages.into_iter();
    messages.map(|message| message.body).collect()
}

/// Messages of several senders come in one order at ours and in that of the senders' clocks at Django.
fn by_id(mut messages: Vec<Value>) -> Vec<Value> {
    messages.sort_by_key(|message| message["id"].as_u64());
    messages
}

const TURNS: usize = 20;
