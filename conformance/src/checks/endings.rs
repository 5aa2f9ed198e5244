//! Connections that lose their session or their chat are closed, and nobody else's.
//!
//! That a session or a chat which somebody else deleted, straight in the database, ends its connections within
//! a second is not asked: no request of the contract's does it.

use chat_fixtures::{
    client::Ask,
    people::{Chat, LIVE_FRAME, Person},
};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, shown},
    listening::{ends, expect_end, expect_heard},
};

checks! {
    AUTH_9 => a_logout_ends_the_connections_of_its_session_alone,
    AUTH_9 => nothing_is_said_after_a_logout,
    AUTH_9 => a_logout_reaches_every_process,
    WS_22 => a_deletion_ends_the_connections_of_its_chat_alone,
    WS_22 => a_deletion_reaches_every_process,
}

async fn a_logout_ends_the_connections_of_its_session_alone(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let dave = cx.newcomer("dave").await?;
    let elsewhere = cx.another_session(&dave).await?;
    let chat = cx.chat_of(&[&alice, &dave]).await?;
    let other_chat = cx.chat_of(&[&alice, &dave]).await?;
    let mut lost = [
        cx.connected(&dave, &chat).await?,
        cx.connected(&dave, &chat).await?,
        cx.connected(&dave, &other_chat).await?,
    ];
    let mut kept = cx.connected(&elsewhere, &chat).await?;
    let mut of_alice = cx.connected(&alice, &chat).await?;
    kept.socket.send_text(r#"{"content":"before"}"#).await?;
    let before = expect_heard(&mut of_alice, "before", LIVE_FRAME, "another user");
    cx.given("hear a message", before).await?;

    cx.given("log out", dave.logout()).await?;

    for connection in &mut lost {
        let what = "a connection opened with the session that was logged out";
        expect_end(connection, CLOSED_BY_LOGOUT, LIVE_FRAME, what).await?;
    }
    kept.socket.send_text(r#"{"content":"still here"}"#).await?;
    let what = "a connection of the same user's other session";
    expect_heard(&mut kept, "still here", LIVE_FRAME, what).await?;
    let what = "another user's connection";
    expect_heard(&mut of_alice, "still here", LIVE_FRAME, what)
        .await
        .map(drop)
}

async fn nothing_is_said_after_a_logout(cx: &Context) -> Verdict {
    if cx.behind_balancer() {
        // A logout on another process has its way to go, and "at once" is this one's alone.
        return Err(Failure::NotApplicable(
            "needs the URL of a single process: the logout has to be where the connection is"
                .to_owned(),
        ));
    }
    let [alice] = cx.people().await?;
    let dave = cx.newcomer("dave").await?;
    let chat = cx.chat_of(&[&alice, &dave]).await?;
    let mut connection = cx.connected(&dave, &chat).await?;

    cx.given("log out", dave.logout()).await?;
    // It may be closed already; then it cannot be sent.
    let _ = connection
        .socket
        .send_text(r#"{"content":"after the logout"}"#)
        .await;

    // Behind its end nothing of it can be stored any more, and without one the echo comes first.
    let _ = ends(&mut connection, LIVE_FRAME).await;
    let history = cx.given("read the history", alice.reads(&chat)).await?;
    expect(
        history.is_empty(),
        "the history after a frame that was sent behind the logout's answer",
        "nothing",
        serde_json::Value::from(history.clone()),
    )
}

async fn a_logout_reaches_every_process(cx: &Context) -> Verdict {
    cx.needs_processes(2)?;
    let [alice] = cx.people().await?;
    let dave = cx.newcomer("dave").await?;
    let chat = cx.chat_of(&[&alice, &dave]).await?;
    let mut connections = Vec::new();
    for process in 0..cx.processes() {
        connections.push(cx.connected(&dave.on_process(process), &chat).await?);
    }

    cx.given("log out", dave.logout()).await?;

    for (process, connection) in connections.iter_mut().enumerate() {
        let what = format!("the connection {process} of the session, each on another process");
        expect_end(connection, CLOSED_BY_LOGOUT, LIVE_FRAME, &what).await?;
    }
    Ok(())
}

async fn a_deletion_ends_the_connections_of_its_chat_alone(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let other_chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut lost = [
        cx.connected(&alice, &chat).await?,
        cx.connected(&bob, &chat).await?,
        cx.connected(&bob, &chat).await?,
    ];
    let mut kept = cx.connected(&bob, &other_chat).await?;

    deletes(cx, &alice, &chat).await?;

    for connection in &mut lost {
        let what = "a connection of the chat that was deleted";
        expect_end(connection, CLOSED_BY_DELETION, LIVE_FRAME, what).await?;
    }
    kept.socket.send_text(r#"{"content":"still here"}"#).await?;
    let what = "a connection of another chat of the same people";
    expect_heard(&mut kept, "still here", LIVE_FRAME, what)
        .await
        .map(drop)
}

async fn a_deletion_reaches_every_process(cx: &Context) -> Verdict {
    cx.needs_processes(2)?;
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut connections = Vec::new();
    for process in 0..cx.processes() {
        connections.push(cx.connected(&bob.on_process(process), &chat).await?);
    }

    deletes(cx, &alice, &chat).await?;

    for (process, connection) in connections.iter_mut().enumerate() {
        let what = format!("the connection {process} of the chat, each on another process");
        expect_end(connection, CLOSED_BY_DELETION, LIVE_FRAME, &what).await?;
    }
    Ok(())
}

async fn deletes(cx: &Context, person: &Person, chat: &Chat) -> Verdict {
    let path = format!("/api/chats/{}/", chat.id);
    let answer = cx
        .given(
            "delete a chat",
            person.client.ask(Ask::new("DELETE", &path)),
        )
        .await?;
    expect(
        (200..300).contains(&answer.status),
        "deleting a chat",
        204,
        shown(&answer),
    )
    .map_err(|failure| failure.in_preparation("delete a chat"))
}

const CLOSED_BY_LOGOUT: u16 = 4401;
const CLOSED_BY_DELETION: u16 = 4404;
