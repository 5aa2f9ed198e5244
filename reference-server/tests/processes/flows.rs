//! The flows the guide names, with their people spread over three processes (FLOW-4).

use chat_fixtures::stage::{Line, lines};
use serde_json::Value;

use crate::deployment;

/// FLOW-4, FLOW-1: a student, a staff member and an owner share a chat, each speaks once, from a process of
/// their own; the history tells it in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn three_people_on_three_processes_share_a_chat() {
    let fleet = deployment::of(3).await;
    let mut people = Vec::new();
    for (process, (name, user_type)) in [("stud", "student"), ("teach", "staff"), ("own", "owner")]
        .into_iter()
        .enumerate()
    {
        let registered = fleet.people.register(name, user_type).await.unwrap();
        people.push(registered.on_process(process).login().await.unwrap());
    }
    let chat = people[0]
        .creates_chat_with(&[&people[1], &people[2]])
        .await
        .unwrap();
    for person in &people {
        person
            .posts(&chat, &format!("Hello from {}", person.username))
            .await
            .unwrap();
    }

    for person in &people {
        let history = person.reads(&chat).await.unwrap();
        let told: Vec<(&Value, &Value)> = history
            .iter()
            .map(|message| (&message["sender"]["id"], &message["sender"]["user_type"]))
            .collect();
        let expected = ["student", "staff", "owner"].map(Value::from);
        assert_eq!(told.len(), 3);
        for (number, (id, user_type)) in told.into_iter().enumerate() {
            assert_eq!(
                (id, user_type),
                (&Value::from(people[number].id), &expected[number])
            );
        }
    }
}

/// FLOW-4, FLOW-2: logged in on one process, connected to another with that session, heard on the third.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_session_of_one_process_connects_to_another_and_is_heard_on_a_third() {
    let fleet = deployment::of(3).await;
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    let mut connection = alice.on_process(1).connects(&chat).await.unwrap();
    let listener = Line::open(&bob.on_process(2), &chat).await;

    let event = connection.says("Hello!").await.unwrap();

    assert_eq!(event["type"], "message");
    assert_eq!(listener.hears("Hello!").await.body, event["message"]);
    connection.socket.close().await;
    assert_eq!(bob.reads(&chat).await.unwrap(), [event["message"].clone()]);
}

/// FLOW-4, FLOW-3 with SEND-8, HIST-2: a message by REST on one process and one by WebSocket on another are
/// both in the history; only the latter is heard live.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rest_and_sockets_mix_across_processes() {
    let fleet = deployment::of(3).await;
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    let lines = lines(&[&alice, &bob], 3, &chat).await;

    let by_rest = bob.on_process(2).posts(&chat, "by REST").await.unwrap();
    lines[0].says("by WebSocket");

    for line in &lines {
        let by_socket = line.hears("by WebSocket").await;
        assert_eq!(line.heard(), ["by WebSocket"]);
        let history = bob.on_process(1).reads(&chat).await.unwrap();
        assert_eq!(history, [by_rest.clone(), by_socket.body]);
    }
}
