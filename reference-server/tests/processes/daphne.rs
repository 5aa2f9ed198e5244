//! A real Daphne of the Django original beside a process of ours: one database, one Redis, one fleet.

use std::path::Path;
use std::time::Duration;

use chat_fixtures::client::Ask;
use chat_fixtures::launch::{Postgres, Program, Redis};
use chat_fixtures::people::People;

use crate::deployment::program;
use crate::line::Line;

/// PROC-1, PROC-2, WS-10, AUTH-4, AUTH-9, WS-22 with a Daphne (INTEROP §1–§9): people move between both with one
/// session, hear each other in the order of each sender, and what Daphne ends ends here within a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_daphne_and_a_process_of_ours_are_one_deployment() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("chat.sqlite3").display().to_string();
    are_one_deployment(&database).await;
}

/// PROC-1, PROC-2, AUTH-4, AUTH-9, WS-22: the same with a Postgres between them, which tells nobody of a change.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_daphne_and_a_process_of_ours_are_one_deployment_on_postgres() {
    let postgres = Postgres::shared().await.unwrap();
    are_one_deployment(&postgres.database().await.unwrap()).await;
}

async fn are_one_deployment(database: &str) {
    let redis = Redis::start().await.unwrap();
    let serve = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/django/serve");
    // Daphne cannot take any free port by itself; its first start installs what it needs.
    let daphne = Program::new(serve)
        .args([
            "-p",
            "{port}",
            "--database",
            database,
            "--redis",
            &redis.url(),
        ])
        .env("CHAT_SECRET_KEY", SECRET_KEY)
        .env("CHAT_PASSWORD_ITERATIONS", "1000")
        .ready_when_answering("/api/me/")
        .within(Duration::from_secs(300))
        .start()
        .await
        .unwrap();
    let ours = program()
        .args(["-p", "0", "--database", database, "--redis", &redis.url()])
        .args(["--secret-key", SECRET_KEY, "--password-iterations", "1000"])
        .start()
        .await
        .unwrap();
    let people = People::new(&[ours.url(), daphne.url()]).unwrap();

    // Each registers on one and logs in on the other.
    let alice = people.register("alice", "student").await.unwrap();
    let alice = alice.on_process(1).login().await.unwrap();
    let bob = people
        .register("bob", "owner")
        .await
        .unwrap()
        .login()
        .await
        .unwrap();
    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    let mut lines = Vec::new();
    for person in [&alice, &bob] {
        for process in [0, 1] {
            lines.push(Line::open(&person.on_process(process), &chat).await);
        }
    }

    for number in 0..EACH {
        for (speaker, line) in lines.iter().enumerate() {
            line.says(&format!("{number} of {speaker}"));
        }
        // Daphne takes a hundred entries and drops what comes on top: nobody hurries here.
        for line in &lines {
            line.hears_as_many_as((number + 1) * lines.len()).await;
        }
    }
    for speaker in 0..lines.len() {
        let sent: Vec<String> = (0..EACH)
            .map(|number| format!("{number} of {speaker}"))
            .collect();
        for line in &lines {
            let mut heard = line.heard();
            heard.retain(|content| content.ends_with(&format!(" of {speaker}")));
            assert_eq!(heard, sent);
        }
    }
    let history = alice.reads(&chat).await.unwrap();
    assert_eq!(bob.reads(&chat).await.unwrap(), history);
    for message in lines.iter().flat_map(|line| line.record().messages) {
        assert!(
            history.contains(&message.body),
            "not in the history: {}",
            message.body
        );
    }

    // Alice logs out at Daphne: her connection here ends, and her session with it.
    let session = alice.client.session().unwrap();
    alice.on_process(1).logout().await.unwrap();
    let since = tokio::time::Instant::now();
    assert_eq!(lines[0].is_closed().await, 4401);
    assert!(
        since.elapsed() < Duration::from_secs(1),
        "{:?}",
        since.elapsed()
    );
    alice.client.set_cookie("sessionid", &session);
    assert_eq!(
        alice
            .on_process(0)
            .client
            .get("/api/me/")
            .await
            .unwrap()
            .status,
        403
    );

    // Bob deletes the chat at Daphne.
    let ask = Ask::new("DELETE", &format!("/api/chats/{}/", chat.id));
    let answer = bob.on_process(1).client.ask(ask).await.unwrap();
    assert_eq!(answer.status, 204);
    let since = tokio::time::Instant::now();
    assert_eq!(lines[2].is_closed().await, 4404);
    assert!(
        since.elapsed() < Duration::from_secs(1),
        "{:?}",
        since.elapsed()
    );
}

const EACH: usize = 25;
const SECRET_KEY: &str = "the fleet's own key";
