//! A process killed outright under traffic, and started again.

use chat_fixtures::stage::{Deployment, Line, lines};

use crate::deployment;

/// PROC-7: whatever anyone heard before the kill is in the history after the restart; the other process goes
/// on throughout, and both hear each other again.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_anyone_heard_survives_a_kill_and_the_others_go_on() {
    survives_a_kill(deployment::of(2).await).await;
}

/// PROC-7: the same where the database is a Postgres.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_anyone_heard_survives_a_kill_on_postgres() {
    survives_a_kill(deployment::on_postgres(2).await).await;
}

async fn survives_a_kill(mut fleet: Deployment) {
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    let lines = lines(&[&alice, &bob], 2, &chat).await;
    let [here, here_too, there, there_too] = lines.as_slice() else {
        panic!("two people at two processes")
    };
    for (speaker, line) in lines.iter().enumerate() {
        line.says_all((0..1_000).map(|number| format!("{number} of {speaker}")));
    }
    there.hears_as_many_as(500).await;

    fleet.servers[0].kill().await.unwrap();

    for line in [here, here_too] {
        assert_eq!(line.is_closed().await, 1006);
    }
    there.hears_or_ends("999 of 2").await;
    there.hears_or_ends("999 of 3").await;
    assert!(there.is_echoed("I go on").await < ECHO);
    there_too.hears("I go on").await;
    assert_eq!(there.heard(), there_too.heard());
    fleet.servers[0].restart().await.unwrap();

    let history = alice.reads(&chat).await.unwrap();
    for line in &lines {
        line.heard();
        for message in line.record().messages {
            assert!(
                history.contains(&message.body),
                "not in the history: {}",
                message.body
            );
        }
    }
    let again = Line::open(&bob, &chat).await;
    assert!(again.is_echoed("I am back").await < ECHO);
    there.hears("I am back").await;
    there.says("welcome");
    again.hears("welcome").await;
}

/// A message's way there and back on a busy machine.
const ECHO: std::time::Duration = std::time::Duration::from_secs(1);
