//! A process killed outright, in the midst of what it does.

use std::{collections::BTreeMap, time::Duration};

use chat_fixtures::{
    people::{Chat, Connection, Person},
    socket::Heard,
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, in_json},
    fleet::Fleet,
    listening::{expect_heard, message_in},
};

checks! {
    PROC_7 => what_anyone_heard_is_in_the_history [Waits],
    PROC_7 => the_others_go_on [Waits],
}

/// Killed while it speaks to listeners on both processes; what it stores late, it stores never.
async fn what_anyone_heard_is_in_the_history(cx: &Context) -> Verdict {
    let (mut fleet, alice, bob, chat) = set(cx).await?;
    for round in 0..ROUNDS {
        let mut speaker = fleet.cx.connected(&alice.on_process(0), &chat).await?;
        let mut beside = fleet.cx.connected(&bob.on_process(0), &chat).await?;
        let mut afar = fleet.cx.connected(&bob.on_process(1), &chat).await?;
        let frames = (0..MANY)
            .map(|n| Message::text(json!({"content": format!("{n} of round {round}")}).to_string()))
            .collect();
        let speaking = speaker.socket.send_all(frames);
        fleet.cx.given("say something", speaking).await?;
        let mut heard = BTreeMap::new();
        listens(&mut beside, &mut heard, MANY / 4).await;
        kills_the_first(&mut fleet).await?;
        for connection in [&mut speaker, &mut beside, &mut afar] {
            listens(connection, &mut heard, usize::MAX).await;
        }
        let again = match fleet.servers.first_mut() {
            Some(server) => server.restart().await,
            None => Ok(()),
        };
        again.map_err(|error| {
            let expected = "that it starts again";
            Failure::violation("a process that was killed", expected, error)
        })?;

        let alice = alice.on_process(0);
        let reading = alice.reads(&chat);
        let history = fleet.cx.given("read the history", reading).await?;
        let stored: BTreeMap<_, _> = history.iter().filter_map(id_and_content).collect();
        let missing = heard
            .iter()
            .find(|(id, content)| stored.get(id) != Some(content));
        expect(
            missing.is_none(),
            "the history after a process was killed",
            format!("each of the {} messages that anybody heard", heard.len()),
            format!("not the message {}", in_json(&missing)),
        )?;
    }
    Ok(())
}

async fn the_others_go_on(cx: &Context) -> Verdict {
    let (mut fleet, alice, bob, chat) = set(cx).await?;
    let _with_the_first = fleet.cx.connected(&alice.on_process(0), &chat).await?;
    let mut speaker = fleet.cx.connected(&alice.on_process(1), &chat).await?;
    let mut listener = fleet.cx.connected(&bob.on_process(1), &chat).await?;

    kills_the_first(&mut fleet).await?;

    let what = "a connection of another process after one was killed";
    for n in 0..5 {
        let said = format!("{n} without the other");
        let frame = json!({"content": said}).to_string();
        speaker.socket.send_text(frame).await?;
        for connection in [&mut speaker, &mut listener] {
            expect_heard(connection, &said, PATIENCE, what).await?;
        }
    }
    let posted = alice.on_process(1).posts(&chat, "by REST").await?;
    let history = bob.on_process(1).reads(&chat).await?;
    expect(
        history.iter().any(|message| message["id"] == posted["id"]),
        "the history, as another process tells it after one was killed",
        format!("the message {posted}"),
        Value::from(history.clone()),
    )?;
    let is_up = fleet
        .servers
        .get_mut(1)
        .is_some_and(|server| server.is_running());
    expect(is_up, "the other process", "that it runs", "it has ended")
}

async fn set(cx: &Context) -> Result<(Fleet, Person, Person, Chat), Failure> {
    let fleet = cx.fleet(2).await?;
    let [alice, bob] = fleet.cx.people().await?;
    let chat = fleet.cx.chat_of(&[&alice, &bob]).await?;
    Ok((fleet, alice, bob, chat))
}

async fn kills_the_first(fleet: &mut Fleet) -> Verdict {
    fleet.cx.notes("the first process is killed");
    match fleet.servers.first_mut() {
        Some(server) => server
            .kill()
            .await
            .map_err(|error| Failure::Untestable(error.to_string())),
        None => Err(Failure::Broken("a deployment of no process".to_owned())),
    }
}

/// Reads so many messages, or until nothing more comes.
async fn listens(connection: &mut Connection, heard: &mut BTreeMap<u64, String>, messages: usize) {
    for _ in 0..messages {
        match connection.socket.next_within(QUIET).await {
            Heard::Text(text) => {
                heard.extend(message_in(&text).as_ref().and_then(id_and_content));
            }
            Heard::Closed(..) | Heard::Nothing => return,
            Heard::Binary(_) | Heard::Pong(_) => {}
        }
    }
}

fn id_and_content(message: &Value) -> Option<(u64, String)> {
    Some((
        message["id"].as_u64()?,
        message["content"].as_str()?.to_owned(),
    ))
}

/// How often a process is killed.
const ROUNDS: usize = 3;
/// How many messages are said at once; a quarter is heard before the process is killed.
const MANY: usize = 100;
/// After a kill, what was under way to another process is there at once; what comes later only adds to what has
/// to be in the history.
const QUIET: Duration = Duration::from_millis(500);
/// How long a frame may take on a machine that is busy with the suite itself.
const PATIENCE: Duration = Duration::from_secs(10);
