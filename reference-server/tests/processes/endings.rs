//! What ends on one process ends on all: sessions, their connections, deleted chats.

use std::time::Duration;

use chat_fixtures::client::Ask;
use chat_fixtures::people::{Chat, Person};
use chat_fixtures::stage::{Deployment, Line, lines};
use tokio::time::Instant;

use crate::deployment;

/// AUTH-4: after the logout on one process its session is nobody's on the others, at the next request.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_session_that_ended_anywhere_is_dead_everywhere() {
    for fleet in [
        deployment::of(2).await,
        deployment::without_redis(2).await,
        deployment::on_postgres(2).await,
    ] {
        let [alice, bob] = fleet.people(["alice", "bob"]).await;
        let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
        let (session, token) = (
            alice.client.session().unwrap(),
            alice.client.csrf_token().unwrap(),
        );
        let elsewhere = alice.on_process(1);
        assert_eq!(elsewhere.client.get("/api/me/").await.unwrap().status, 200);

        alice.logout().await.unwrap();

        elsewhere.client.set_cookie("sessionid", &session);
        elsewhere.client.set_cookie("csrftoken", &token);
        assert_eq!(
            elsewhere.tries_to_connect(&chat).await.unwrap().status(),
            403
        );
        // The dead cookie is taken away with the first answer (AUTH-6), and so planted again.
        for (method, path) in [
            ("GET", "/api/me/".to_owned()),
            ("POST", format!("/api/chats/{}/send_message/", chat.id)),
        ] {
            elsewhere.client.set_cookie("sessionid", &session);
            let ask =
                Ask::new(method, &path).body("application/json", r#"{"content": "still me"}"#);
            let answer = elsewhere.client.ask(ask).await.unwrap();
            assert_eq!(answer.status, 403, "{method} {path}");
        }
        assert!(bob.reads(&chat).await.unwrap().is_empty());
    }
}

/// AUTH-9: behind Redis the logout closes the session's connections on every process at once, and those of
/// other sessions nowhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_logout_closes_the_sessions_connections_everywhere_at_once() {
    let fleet = deployment::of(3).await;
    let [bob] = fleet.people(["bob"]).await;
    let mut took = Vec::new();
    for turn in 0..TURNS {
        let [alice] = fleet.people([format!("alice{turn}").as_str()]).await;
        let chat = bob.creates_chat_with(&[&alice]).await.unwrap();
        let ended = lines(&[&alice], 3, &chat).await;
        let others = lines(&[&bob], 3, &chat).await;

        alice.logout().await.unwrap();

        took.push(closed_after(&ended, 4401).await);
        stay_open(&others).await;
    }
    assert!(median(&mut took) < AT_ONCE, "{took:?}");
}

/// WS-22: behind Redis the deletion closes the chat's connections on every process at once, and no others.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_deleted_chat_closes_its_connections_everywhere_at_once() {
    let fleet = deployment::of(3).await;
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    let other = alice.creates_chat_with(&[&bob]).await.unwrap();
    let others = lines(&[&alice, &bob], 3, &other).await;
    let mut took = Vec::new();
    for _ in 0..TURNS {
        let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
        let ended = lines(&[&alice, &bob], 3, &chat).await;

        deletes(&bob, &chat).await;

        took.push(closed_after(&ended, 4404).await);
        assert_eq!(
            alice
                .on_process(1)
                .tries_to_connect(&chat)
                .await
                .unwrap()
                .status(),
            403
        );
    }
    stay_open(&others).await;
    assert!(median(&mut took) < AT_ONCE, "{took:?}");
}

/// AUTH-9, WS-22: processes that share nothing but the database see it within a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn without_redis_connections_elsewhere_are_closed_within_a_second() {
    closed_within_a_second(deployment::without_redis(2).await).await;
}

/// AUTH-9, WS-22: the same where the database is a Postgres.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn with_postgres_alone_connections_elsewhere_are_closed_within_a_second() {
    closed_within_a_second(deployment::on_postgres_alone(2).await).await;
}

async fn closed_within_a_second(fleet: Deployment) {
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    let chat = bob.creates_chat_with(&[&alice]).await.unwrap();
    let of_alice = Line::open(&alice.on_process(1), &chat).await;
    let of_bob = Line::open(&bob.on_process(1), &chat).await;

    alice.logout().await.unwrap();
    let took = closed_after(&[of_alice], 4401).await;
    assert!(took < SOON, "{took:?}");
    assert!(of_bob.is_echoed("still here").await < SOON);

    deletes(&bob, &chat).await;
    let took = closed_after(&[of_bob], 4404).await;
    assert!(took < SOON, "{took:?}");
}

async fn deletes(person: &Person, chat: &Chat) {
    let ask = Ask::new("DELETE", &format!("/api/chats/{}/", chat.id));
    assert_eq!(person.client.ask(ask).await.unwrap().status, 204);
}

/// How long it takes until all have been closed with this code.
async fn closed_after(lines: &[Line], code: u16) -> Duration {
    let since = Instant::now();
    for line in lines {
        assert_eq!(line.is_closed().await, code);
    }
    since.elapsed()
}

async fn stay_open(lines: &[Line]) {
    for line in lines {
        line.is_echoed("still here").await;
    }
}

fn median(durations: &mut [Duration]) -> Duration {
    durations.sort_unstable();
    durations[durations.len() / 2]
}

const TURNS: usize = 9;
/// Far below what a look at the database twice a second would come to.
const AT_ONCE: Duration = Duration::from_millis(120);
const SOON: Duration = Duration::from_secs(1);
