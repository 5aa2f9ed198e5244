//! What is no chat server is told from what is one with a broken promise: a sentence each, within the timeout.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod servers;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chat_conformance::{
    probe::{Found, NoChat, answers_a_participant, is_one_deployment, probe},
    run::Run,
    target::Target,
};
use servers::{HANGS, answered, hanging_up, http, json, refused, saying, silent, tls};

const PATIENCE: Duration = Duration::from_secs(2);

async fn probed(bases: &[&str]) -> Result<Found, NoChat> {
    let bases = bases.iter().map(|base| (*base).to_owned()).collect();
    let target = Target::new(bases, 1, None).unwrap();
    let began = Instant::now();
    let found = probe(&target, PATIENCE).await;
    assert!(
        began.elapsed() < PATIENCE + Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    found
}

/// That it is no chat, and the sentence says so.
async fn is_none(base: &str, said: &str) {
    let sentence = probed(&[base]).await.unwrap_err().to_string();
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    assert!(sentence.starts_with(base), "{sentence}");
    assert!(sentence.contains(said), "{sentence}");
}

#[tokio::test]
async fn nothing_is_there() {
    let url = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    is_none(&url, "nothing listens there").await;
    is_none("http://no-such-host.invalid", "does not resolve").await;
}

#[tokio::test]
async fn a_scheme_is_taken_for_the_other() {
    let plain = http(|_| answered(200, "text/html", "<p>hello")).await;
    is_none(&plain.replace("http:", "https:"), "try http://").await;
    let chat = http(|_| refused()).await;
    is_none(&chat.replace("http:", "https:"), "try http://").await;
    let secret = tls(|_| refused()).await;
    is_none(&secret.replace("https:", "http:"), "try https://").await;
    is_none(&secret, "its certificate is not trusted").await;
}

#[tokio::test]
async fn it_is_a_static_site() {
    let site = http(|request| match request.starts_with("GET") {
        true => answered(200, "text/html", "<p>hello"),
        false => answered(405, "text/html", "<p>not allowed"),
    });
    is_none(&site.await, "is no chat server").await;
    let api = http(|_| json(404, r#"{"error": "not found"}"#)).await;
    is_none(&api, "POST /api/login/ gets 404").await;
    let list = http(|_| json(400, "[]")).await;
    is_none(&list, "is no chat server").await;
    let twice = format!("{api}/api");
    is_none(&twice, &format!("perhaps {api}")).await;
}

#[tokio::test]
async fn it_answers_nothing() {
    is_none(&silent().await, "answers nothing within").await;
    is_none(&http(|_| HANGS.to_owned()).await, "answers nothing within").await;
}

#[tokio::test]
async fn it_answers_500_to_everything() {
    let failing = http(|_| json(500, r#"{"detail": "oops"}"#)).await;
    is_none(&failing, "answers 500 to everything").await;
}

#[tokio::test]
async fn it_does_not_speak_http() {
    is_none(
        &saying(b"220 mail.example ESMTP\r\n").await,
        "does not speak HTTP",
    )
    .await;
    is_none(&saying(b"").await, "does not speak HTTP").await;
}

#[tokio::test]
async fn each_url_gets_its_sentence() {
    let chat = http(|_| refused()).await;
    let failing = http(|_| json(502, "")).await;
    let site = http(|_| answered(404, "text/html", "")).await;
    let said = probed(&[&chat, &failing, &site]).await.unwrap_err();
    let said = said.to_string();
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.lines().all(|line| !line.starts_with(&chat)), "{said}");
}

#[tokio::test]
async fn one_broken_promise_is_not_turned_away() {
    let calm = Found {
        hangs_in_handshake: false,
    };
    for broken in ["/api/me/", "/api/register/", "/api/login/", "/api/chats/"] {
        for (status, body) in [(404, "{}"), (200, "{}"), (500, "oops"), (403, "<p>no JSON")] {
            let chat = http(move |request| match request.contains(broken) {
                true => json(status, body),
                false => refused(),
            });
            assert_eq!(probed(&[&chat.await]).await, Ok(calm), "{broken} {status}");
        }
    }
}

#[tokio::test]
async fn it_hangs_in_the_handshake() {
    let hangs = http(|request| match request.contains("websocket") {
        true => HANGS.to_owned(),
        false => hanging_up(request),
    });
    let url = hangs.await;
    assert!(probed(&[&url]).await.unwrap().hangs_in_handshake);
    let run = run_on(&url).await;
    let said = answers_a_participant(&run, PATIENCE).await.unwrap_err();
    assert!(
        said.to_string()
            .contains("hangs in the WebSocket handshake")
    );
}

#[tokio::test]
async fn hanging_for_strangers_alone_breaks_a_promise() {
    let hangs = http(|request| {
        let stranger = !request.contains("sessionid=") && request.contains("websocket");
        match stranger {
            true => HANGS.to_owned(),
            false => hanging_up(request),
        }
    });
    let url = hangs.await;
    assert!(probed(&[&url]).await.unwrap().hangs_in_handshake);
    let run = run_on(&url).await;
    assert_eq!(answers_a_participant(&run, PATIENCE).await, Ok(()));
}

/// A server that knows its own people alone, or everybody whom `people` holds, and its own sessions.
async fn knowing(people: &Arc<Mutex<BTreeSet<String>>>, session: &'static str) -> String {
    let people = people.clone();
    http(move |request| {
        let name = request.split("\"username\":\"").nth(1);
        let name = name.and_then(|rest| rest.split('"').next());
        let mut people = people.lock().unwrap();
        match (request.split(' ').nth(1).unwrap(), name) {
            ("/api/register/", Some(name)) => {
                people.insert(name.to_owned());
                json(201, r#"{"id": 1}"#)
            }
            ("/api/login/", Some(name)) if people.contains(name) => json(200, "{}").replacen(
                "\r\n",
                &format!("\r\nSet-Cookie: sessionid{session}; Path=/\r\n"),
                1,
            ),
            ("/api/me/", _) if request.contains(&format!("sessionid{session}")) => {
                json(200, r#"{"id": 1}"#)
            }
            _ => refused(),
        }
    })
    .await
}

#[tokio::test]
async fn two_deployments_are_not_one() {
    let (some, others) = (Arc::default(), Arc::default());
    let here = knowing(&some, "=one").await;
    let there = knowing(&others, "=two").await;
    let beside = knowing(&some, "=three").await;

    let run = run_on_all(&[&here, &there]).await;
    let said = is_one_deployment(&run).await;
    let said = said.unwrap_err().to_string();
    assert!(said.contains(&format!("is not known at {there}")), "{said}");
    // Whose sessions alone are broken is one, and for the checks.
    let run = run_on_all(&[&here, &beside]).await;
    assert_eq!(is_one_deployment(&run).await, Ok(()));
}

async fn run_on_all(urls: &[&str]) -> Arc<Run> {
    let urls = urls.iter().map(|url| (*url).to_owned()).collect();
    Run::begin(Target::new(urls, 1, None).unwrap(), 1, 1).await
}

async fn run_on(url: &str) -> Arc<Run> {
    let target = Target::new(vec![url.to_owned()], 1, None).unwrap();
    Run::begin(target, 1, 1).await
}
