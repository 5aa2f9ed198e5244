//! One order for everybody, whoever speaks at the same time and wherever.

use chat_fixtures::stage::{Deployment, Line, lines};

use crate::deployment;

const EACH: usize = 60;

/// PROC-4, PROC-1 with WS-10: two processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn two_processes_agree_on_one_order() {
    agree_on_one_order(deployment::of(2).await).await;
}

/// PROC-4, PROC-1 with WS-10: three processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn three_processes_agree_on_one_order() {
    agree_on_one_order(deployment::of(3).await).await;
}

/// PROC-4: one process by itself speaks in the order of the history.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn one_process_keeps_the_order_of_the_history() {
    agree_on_one_order(deployment::without_redis(1).await).await;
}

/// Two people at each process speak at once. All hear the same in the same order; it keeps what each sender
/// sent in its order, and what each process stored in the order of the history.
async fn agree_on_one_order(fleet: Deployment) {
    let processes = fleet.servers.len();
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    let lines = lines(&[&alice, &bob], processes, &chat).await;

    for number in 0..EACH {
        for (speaker, line) in lines.iter().enumerate() {
            line.says(&said(speaker, number));
        }
    }
    for line in &lines {
        line.hears_as_many_as(EACH * lines.len()).await;
    }

    let order = lines[0].heard();
    for line in &lines {
        assert_eq!(line.heard(), order);
    }
    for speaker in 0..lines.len() {
        let sent: Vec<String> = (0..EACH).map(|number| said(speaker, number)).collect();
        assert_eq!(by(&order, &[speaker]), sent);
    }
    let history: Vec<String> = alice
        .reads(&chat)
        .await
        .unwrap()
        .iter()
        .map(|message| message["content"].as_str().unwrap().to_owned())
        .collect();
    for process in 0..processes {
        let speakers = [2 * process, 2 * process + 1];
        assert_eq!(by(&order, &speakers), by(&history, &speakers));
    }
}

/// PROC-4: an order is kept across people who come and go: whoever enters in the middle hears the rest of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_enters_in_the_middle_hears_the_rest_of_the_same_order() {
    let fleet = deployment::of(2).await;
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    let speakers = lines(&[&alice], 2, &chat).await;
    let mut late = Vec::new();
    for number in 0..EACH {
        for (speaker, line) in speakers.iter().enumerate() {
            line.says(&said(speaker, number));
        }
        if number % 10 == 5 {
            late.push(Line::open(&bob.on_process(number / 10), &chat).await);
        }
    }
    for (speaker, line) in speakers.iter().enumerate() {
        line.hears_as_many_as(2 * EACH).await;
        line.says(&format!("the end of {speaker}"));
    }
    for line in speakers.iter().chain(&late) {
        line.hears("the end of 0").await;
        line.hears("the end of 1").await;
    }

    let order = speakers[0].heard();
    assert_eq!(speakers[1].heard(), order);
    for line in late {
        assert!(
            order.ends_with(&line.heard()),
            "{:?} is no end of {order:?}",
            line.heard()
        );
    }
}

fn said(speaker: usize, number: usize) -> String {
    format!("{number} of {speaker}")
}

fn by(order: &[String], speakers: &[usize]) -> Vec<String> {
    let theirs = order.iter().filter(|content| {
        let speaker = content
            .rsplit(' ')
            .next()
            .and_then(|text| text.parse().ok());
        speaker.is_some_and(|speaker| speakers.contains(&speaker))
    });
    theirs.cloned().collect()
}
