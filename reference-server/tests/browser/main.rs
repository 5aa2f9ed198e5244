//! The test page in a real Chromium (FLOW-5): Alice on a phone, Bob at a keyboard without a mouse.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod acts;
mod line;

use chat_fixtures::browser::{Browser, Window};
use chat_fixtures::client::{Ask, Client};
use chat_fixtures::launch::Program;
use chat_fixtures::people::People;
use serde_json::Value;

use self::acts::{makes_a_chat, registers_by_keyboard, registers_by_touch, says, sees_once};
use self::line::Line;

/// FLOW-5: two people in two windows, played to the end in a real browser.
#[tokio::test]
async fn page_works_in_chromium() {
    let data = tempfile::tempdir().unwrap();
    let database = data.path().join("chat.sqlite3").display().to_string();
    let server = Program::new(env!("CARGO_BIN_EXE_chat-reference-server"))
        .args([
            "-p",
            "0",
            "--database",
            &database,
            "--password-iterations",
            "1000",
        ])
        .start()
        .await
        .unwrap();
    page_works(server.url()).await;
    server.stop().await;
}

/// The whole story, with the server at `base_url`.
async fn page_works(base_url: &str) {
    let browser = Browser::start().await.unwrap();
    let people = People::new(&[base_url]).unwrap();
    let carol = people.person("carol").await.unwrap();
    let line = Line::to(base_url).await;
    let alice = browser.window(320, 640).await.unwrap();
    let bob = browser.window(1280, 800).await.unwrap();

    alice
        .opens(&format!("{}/websocket_test.html", line.url))
        .await
        .unwrap();
    let alice_id = registers_by_touch(&alice, &people.username("alice")).await;
    bob.opens(&format!("{base_url}/websocket_test.html"))
        .await
        .unwrap();
    registers_by_keyboard(&bob, &people.username("alice"), &people.username("bob")).await;
    let chat = makes_a_chat(&bob, "Test Discussion Group", &[alice_id, carol.id]).await;
    alice.clicks("#refresh").await.unwrap();
    alice.clicks("#chats button").await.unwrap();
    for window in [&alice, &bob] {
        window.finds("#state[data-state=open]").await.unwrap();
    }

    each_hears_the_other(&alice, &bob).await;
    markup_stays_text(&alice, &bob).await;
    catches_up_after_a_pause(&alice, &bob).await;
    comes_back_by_itself(&alice, &bob, &line).await;
    assert_eq!(
        ids_shown(&alice).await,
        ids_in(&carol.reads(&chat).await.unwrap()),
        "the history and what Alice saw"
    );
    assert_eq!(
        alice
            .runs("return document.documentElement.scrollWidth", &[])
            .await
            .unwrap(),
        320,
        "nothing sticks out on a phone"
    );

    let session = Client::new(base_url).unwrap();
    for (name, value) in alice.cookies().await.unwrap() {
        session.set_cookie(&name, &value);
    }
    assert_eq!(
        session
            .ask(Ask::new("POST", "/api/logout/"))
            .await
            .unwrap()
            .status,
        200
    );
    alice.finds("[data-view=gate]").await.unwrap();
    assert_eq!(
        alice.reads("#account-error").await.unwrap(),
        "Your session has ended (4401). Log in again."
    );

    let path = format!("/api/chats/{}/", chat.id);
    assert_eq!(
        carol
            .client
            .ask(Ask::new("DELETE", &path))
            .await
            .unwrap()
            .status,
        204
    );
    bob.finds("#state[data-state=ended]").await.unwrap();
    assert_eq!(
        bob.reads("#state").await.unwrap(),
        "The chat was deleted (4404)."
    );
    bob.clicks("#logout").await.unwrap();
    bob.finds("[data-view=gate]").await.unwrap();
    assert!(
        bob.cookies()
            .await
            .unwrap()
            .iter()
            .all(|(name, _)| name != "sessionid"),
        "Bob is logged out"
    );

    for window in [alice, bob] {
        let console = window.console().await.unwrap();
        let faults: Vec<_> = console
            .iter()
            .filter(|line| line.contains("Content Security Policy"))
            .collect();
        assert!(
            faults.is_empty(),
            "the page's own policy forbids what it does: {faults:?}"
        );
        window.closes().await.unwrap();
    }
}

async fn each_hears_the_other(alice: &Window, bob: &Window) {
    says(bob, "Hello Alice").await;
    sees_once(alice, "Hello Alice").await;
    says(alice, "Hello Bob").await;
    sees_once(bob, "Hello Bob").await;
    // One's own words come back from the server, not from the box.
    sees_once(bob, "Hello Alice").await;
    sees_once(alice, "Hello Bob").await;
}

async fn markup_stays_text(alice: &Window, bob: &Window) {
    let markup = "<img src=x onerror=document.title='broken'><b>bold</b>";
    says(bob, markup).await;
    for window in [alice, bob] {
        sees_once(window, markup).await;
        assert_eq!(
            window
                .count("#messages img, #messages p:last-child *")
                .await
                .unwrap(),
            0,
            "a message made an element"
        );
        assert_eq!(
            window.runs("return document.title", &[]).await.unwrap(),
            "Chat test page"
        );
    }
}

async fn catches_up_after_a_pause(alice: &Window, bob: &Window) {
    alice.clicks("#line").await.unwrap();
    alice.finds("#state[data-state=off]").await.unwrap();
    says(bob, "Over the socket, while you are away").await;
    sees_once(bob, "Over the socket, while you are away").await;
    bob.types("[name=via]", "REST").await.unwrap();
    says(bob, "By REST, while you are away").await;
    sees_once(bob, "By REST, while you are away").await;
    bob.types("[name=via]", "WebSocket").await.unwrap();

    alice.clicks("#line").await.unwrap();
    sees_once(alice, "By REST, while you are away").await;
    sees_once(alice, "Over the socket, while you are away").await;
    sees_once(alice, "Hello Alice").await;
    assert_eq!(
        alice.reads("#state").await.unwrap(),
        "Connected. 2 missed, read from the history."
    );
}

async fn comes_back_by_itself(alice: &Window, bob: &Window, line: &Line) {
    line.cut();
    alice.finds("#state[data-state=waiting]").await.unwrap();
    says(bob, "Can you hear me?").await;
    sees_once(bob, "Can you hear me?").await;
    line.mend();
    sees_once(alice, "Can you hear me?").await;
    alice.finds("#state[data-state=open]").await.unwrap();
    says(alice, "I am back").await;
    sees_once(bob, "I am back").await;
}

async fn ids_shown(window: &Window) -> Vec<u64> {
    let ids = window.runs("return [...document.querySelectorAll('#messages li')].map(li => Number(li.dataset.id))", &[]).await.unwrap();
    ids.as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_u64().unwrap())
        .collect()
}

fn ids_in(messages: &[Value]) -> Vec<u64> {
    messages
        .iter()
        .map(|message| message["id"].as_u64().unwrap())
        .collect()
}
