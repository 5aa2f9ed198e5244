//! Who may open a WebSocket, by what; and what is heard from then on.

use chat_fixtures::{
    client::Client,
    people::Chat,
    socket::{Handshake, Offer, Socket},
};

use futures_util::future::try_join_all;
use serde_json::json;

use super::refusals::kept_out;
use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_json},
    room::{Room, content_of, hears, hears_until, speaks},
};

checks! {
    WS_1 => every_participant_may_connect,
    WS_1 => the_session_cookie_alone_opens_it,
    WS_1 => other_cookies_do_not_matter,
    WS_1 => no_other_credential_opens_it [Alone],
    WS_1 => browsers_open_it_in_their_ways,
    WS_1 => hears_what_is_said_right_after_the_handshake,
    WS_1 => many_may_connect_at_once,
    WS_1 => lasts_when_other_sessions_of_the_user_begin_and_end,
}

async fn every_participant_may_connect(cx: &Context) -> Verdict {
    let people = cx.people::<3>().await?;
    let chat = cx.chat_of(&people.each_ref()).await?;
    let roles = ["the creator", "a participant", "another participant"];
    for (person, role) in people.iter().zip(roles) {
        let handshake = person.tries_to_connect(&chat).await?;
        opened(handshake, &format!("the handshake of {role}"))?;
    }
    Ok(())
}

/// No CSRF token, no `Origin`, nothing else that a browser would send.
async fn the_session_cookie_alone_opens_it(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    for person in [&alice, &bob] {
        let cookie = format!("sessionid={}", session(&person.client)?);
        let offer = with("Cookie", &cookie);
        let handshake = cx.stranger().connect(&path(&chat), &offer).await?;
        opened(
            handshake,
            "the handshake with a session's cookie and nothing else",
        )?;
    }
    Ok(())
}

async fn other_cookies_do_not_matter(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let session = session(&alice.client)?;
    for cookies in [
        format!("a=b; sessionid={session}; c=d"),
        format!("sessionid={session}; csrftoken=x"),
        format!("csrftoken=; theme=dark; sessionid={session}"),
    ] {
        let offer = with("Cookie", &cookies);
        let handshake = cx.stranger().connect(&path(&chat), &offer).await?;
        opened(
            handshake,
            "the handshake with the session's cookie among others",
        )?;
    }
    Ok(())
}

async fn no_other_credential_opens_it(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let key = session(&alice.client)?;
    let token = alice.client.csrf_token().unwrap_or_default();
    let anonymous = cx
        .stranger()
        .connect(&path(&chat), &Offer::default())
        .await?;
    let refused = kept_out(anonymous, "an anonymous handshake");
    cx.given("be refused without a session", refused).await?;

    let headers = [
        ("Authorization", format!("Bearer {key}")),
        ("Authorization", format!("Session {key}")),
        ("Authorization", format!("Token {key}")),
        ("X-Session-Id", key.clone()),
        ("Sessionid", key.clone()),
        ("X-CSRFToken", token.clone()),
        ("X-User", alice.username.clone()),
        ("Sec-WebSocket-Protocol", key.clone()),
        ("Cookie", format!("csrftoken={token}")),
        ("Cookie", format!("session={key}; token={key}")),
    ];
    for (name, value) in headers {
        let handshake = cx
            .stranger()
            .connect(&path(&chat), &with(name, &value))
            .await?;
        let what = format!("the handshake with {name} and without a session cookie");
        kept_out(handshake, &what).await?;
    }
    for parameter in ["sessionid", "session", "token", "access_token"] {
        let path = format!("{}?{parameter}={key}", path(&chat));
        let handshake = cx.stranger().connect(&path, &Offer::default()).await?;
        let what = format!("the handshake with ?{parameter}= and without a session cookie");
        kept_out(handshake, &what).await?;
    }
    Ok(())
}

/// `Connection` is a list, and neither it nor `Upgrade` minds case (RFC 6455 §4.2.1): Firefox asks to keep the
/// connection alive too.
async fn browsers_open_it_in_their_ways(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let plain = alice.tries_to_connect(&chat).await?;
    cx.given("connect", async { opened(plain, "a handshake") })
        .await?;
    for (name, value) in [
        ("Connection", "keep-alive, Upgrade"),
        ("Connection", "upgrade"),
        ("Upgrade", "WebSocket"),
    ] {
        let handshake = alice
            .client
            .connect(&path(&chat), &with(name, value))
            .await?;
        opened(handshake, &format!("the handshake with {name}: {value}"))?;
    }
    Ok(())
}

/// Alice speaks the moment bob's handshake is answered, and again once she has heard herself: where bob hears
/// neither, it is not the handshake's fault.
async fn hears_what_is_said_right_after_the_handshake(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [_, listener] = &room.people;
    let [mut alice, _] = room.connections;
    for n in 0..ROUNDS {
        let (first, second) = (format!("at once {n}"), format!("later {n}"));
        let mut bob = cx.connected(listener, &room.chat).await?;
        speaks(&mut alice, &first).await?;
        cx.given("hear oneself", hears(&mut alice, &first, "alice"))
            .await?;
        speaks(&mut alice, &second).await?;
        let heard = hears_until(&mut bob, &second, "bob");
        let heard = cx.given("hear a message", heard).await?;
        let at_once = heard.iter().any(|event| content_of(event) == Some(&first));
        expect(
            at_once,
            "the message sent right after bob's handshake",
            "that bob hears it",
            "the next message, without it",
        )?;
    }
    Ok(())
}

/// Everybody once more, all side by side: each hears everybody, as who they are.
async fn many_may_connect_at_once(cx: &Context) -> Verdict {
    let room = Room::<4>::open(cx).await?;
    let opening = room.people.iter().map(|person| person.connects(&room.chat));
    let mut connections = try_join_all(opening).await?;
    for connection in &mut connections {
        connection.patience = room.connections[0].patience;
    }
    for (speaker, person) in room.people.iter().enumerate() {
        let words = format!("from connection {speaker}");
        speaks(&mut connections[speaker], &words).await?;
        for (listener, connection) in connections.iter_mut().enumerate() {
            let who = format!("connection {listener} of those opened at once");
            let event = hears(connection, &words, &who).await?;
            let sender = &event["message"]["sender"]["id"];
            let what = "the sender, whose connection was opened while others were";
            expect_json(sender, &json!(person.id), what)?;
        }
    }
    Ok(())
}

async fn lasts_when_other_sessions_of_the_user_begin_and_end(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [alice, _] = &room.people;
    let [mut listener, mut bob] = room.connections;

    let phone = cx.another_session(alice).await?;
    speaks(&mut bob, "after a login").await?;
    let who = "who has logged in elsewhere meanwhile";
    hears(&mut listener, "after a login", who).await?;

    cx.given("log out", phone.logout()).await?;
    speaks(&mut bob, "after a logout").await?;
    let who = "who has logged out elsewhere meanwhile";
    hears(&mut listener, "after a logout", who).await.map(drop)
}

/// The connection, where the check is about its opening.
pub(super) fn opened(handshake: Handshake, what: &str) -> Result<Socket, Failure> {
    match handshake {
        Handshake::Open(socket) => Ok(*socket),
        Handshake::Refused(answer) => {
            let shown = crate::expect::shown(&answer);
            Err(Failure::violation(what, "101", shown))
        }
    }
}

/// A handshake's offer with one more header.
pub(super) fn with(name: &str, value: &str) -> Offer {
    let headers = vec![(name.to_owned(), value.to_owned())];
    Offer {
        headers,
        ..Offer::default()
    }
}

/// Where a chat's connections are opened.
pub(super) fn path(chat: &Chat) -> String {
    format!("/ws/chat/{}/", chat.id)
}

fn session(client: &Client) -> Result<String, Failure> {
    let missing = || Failure::Untestable("somebody has no session".to_owned());
    client.session().ok_or_else(missing)
}

/// How many handshakes are followed by a message at once.
const ROUNDS: usize = 5;
