//! Postgres hangs or dies under two processes, and comes back.

use chat_fixtures::client::Ask;
use chat_fixtures::launch::Postgres;
use chat_fixtures::stage::lines;

use crate::deployment;

/// PROC-7, WS-4: while Postgres hangs nothing is promised that it does not hold: requests get 503, frames an error,
/// and connections stay. Once it goes on, so does everybody, with the session and the connections of before.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn postgres_hangs_and_goes_on() {
    outage(
        async |postgres| postgres.pause().unwrap(),
        async |postgres| {
            postgres.resume().unwrap();
        },
    )
    .await;
}

/// PROC-7, WS-4: the same when it dies and is started again.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn postgres_dies_and_is_started_again() {
    outage(
        async |postgres| postgres.kill().unwrap(),
        async |postgres| {
            postgres.restart().await.unwrap();
        },
    )
    .await;
}

async fn outage(begins: impl AsyncFn(&mut Postgres), ends: impl AsyncFn(&mut Postgres)) {
    let mut postgres = Postgres::start().await.unwrap();
    let database = postgres.database().await.unwrap();
    let fleet = deployment::on(2, &database).await;
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    let lines = lines(&[&alice, &bob], 2, &chat).await;
    lines[0].is_echoed("before").await;
    lines[3].hears("before").await;

    begins(&mut postgres).await;
    let send = format!("/api/chats/{}/send_message/", chat.id);
    let post = || Ask::new("POST", &send).body("application/json", r#"{"content": "by REST"}"#);
    for process in 0..2 {
        let client = &alice.on_process(process).client;
        let operator = fleet.people.stranger().at(&fleet.operator_of(process));
        assert_eq!(operator.get("/readyz").await.unwrap().status, 503);
        assert_eq!(operator.get("/healthz").await.unwrap().status, 200);
        assert_eq!(client.get("/api/chats/").await.unwrap().status, 503);
        assert_eq!(client.ask(post()).await.unwrap().status, 503);
    }
    lines[0].says("into the void");
    assert_eq!(lines[0].is_told().await, "The message could not be stored");

    ends(&mut postgres).await;
    for process in 0..2 {
        let client = &alice.on_process(process).client;
        while client.ask(post()).await.unwrap().status == 503 {}
        assert_eq!(client.get("/api/chats/").await.unwrap().status, 200);
    }
    lines[0].is_echoed("I am back").await;
    for line in &lines {
        line.hears("I am back").await;
        assert_eq!(line.record().closed, None);
    }
    let history = bob.on_process(1).reads(&chat).await.unwrap();
    for message in lines.iter().flat_map(|line| line.record().messages) {
        assert!(
            history.contains(&message.body),
            "not in the history: {}",
            message.body
        );
    }
}
