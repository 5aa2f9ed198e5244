//! Who may not open a WebSocket.

use std::collections::BTreeMap;

use chat_fixtures::{
    client::Ask,
    people::{Chat, Connection, Person},
    socket::{Handshake, Heard, Offer, Socket},
};
use rand::RngExt;

use super::{
    handshake::{path, with},
    processes::asks,
};
use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::expect_refused,
    outsiders::closed_chats,
    paths,
    room::{Room, hears, speaks},
};

checks! {
    WS_2 => refuses_who_is_anonymous [Alone],
    WS_2 => refuses_a_session_nobody_has [Alone],
    WS_2 => refuses_a_session_that_has_ended [Alone],
    WS_2 => refuses_who_is_not_a_participant [Alone],
    WS_2 => refuses_an_unknown_chat [Alone],
    WS_2 => refuses_a_deleted_chat [Alone],
}

async fn refuses_who_is_anonymous(cx: &Context) -> Verdict {
    let mut room = Room::<1>::open(cx).await?;
    let handshake = cx
        .stranger()
        .connect(&path(&room.chat), &Offer::default())
        .await?;
    hears_nothing(
        cx,
        handshake,
        &mut room.connections[0],
        "an anonymous handshake",
    )
    .await
}

async fn refuses_a_session_nobody_has(cx: &Context) -> Verdict {
    let mut room = Room::<1>::open(cx).await?;
    let cookies = [
        format!("sessionid={}", unknown_session(cx)),
        "sessionid=".to_owned(),
        "sessionid=abc".to_owned(),
        format!("sessionid={}", room.people[0].id),
        format!("sessionid={}", room.people[0].username),
    ];
    for cookie in cookies {
        let offer = with("Cookie", &cookie);
        let handshake = cx.stranger().connect(&path(&room.chat), &offer).await?;
        let what = "a handshake with a session that nobody has";
        hears_nothing(cx, handshake, &mut room.connections[0], what).await?;
    }
    Ok(())
}

/// The session has been good for a handshake before it ended, and is dead for REST afterwards.
async fn refuses_a_session_that_has_ended(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let leaver = cx.newcomer("leaver").await?;
    let chat = cx.chat_of(&[&alice, &leaver]).await?;
    let mut alice = cx.connected(&alice, &chat).await?;
    let key = leaver.client.session().unwrap_or_default();
    cx.connected(&leaver, &chat).await?.socket.close().await;

    cx.given("log out", leaver.logout()).await?;
    let cookie = format!("sessionid={key}");
    let dead = async {
        let me = Ask::new("GET", "/api/me/").header("Cookie", &cookie);
        expect_refused(&leaver.client.ask(me).await?, "the old session")
    };
    cx.given("end the session", dead).await?;

    let offer = with("Cookie", &cookie);
    let handshake = cx.stranger().connect(&path(&chat), &offer).await?;
    hears_nothing(
        cx,
        handshake,
        &mut alice,
        "a handshake with a session that has ended",
    )
    .await
}

async fn refuses_who_is_not_a_participant(cx: &Context) -> Verdict {
    for closed in closed_chats(cx).await? {
        let mut alice = cx.connected(&closed.insider, &closed.chat).await?;
        for outsider in &closed.outsiders {
            let handshake = outsider.tries_to_connect(&closed.chat).await?;
            let what = "the handshake of who is not a participant";
            hears_nothing(cx, handshake, &mut alice, what).await?;
        }
    }
    Ok(())
}

async fn refuses_an_unknown_chat(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    for id in UNKNOWN {
        let path = format!("/ws/chat/{id}/");
        let handshake = alice.client.connect(&path, &Offer::default()).await?;
        kept_out(
            handshake,
            &format!("the handshake at {path}, which is no chat"),
        )
        .await?;
    }
    Ok(())
}

/// On each process one of them has been in the chat, and the other has not.
async fn refuses_a_deleted_chat(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    for n in 0..asks(cx) {
        let connection = cx.connected(&bob.on_process(n), &chat).await?;
        connection.socket.close().await;
    }
    is_deleted(cx, &alice, &chat).await?;
    for person in [&alice, &bob] {
        for n in 0..asks(cx) {
            let handshake = person.on_process(n).tries_to_connect(&chat).await?;
            kept_out(handshake, "the handshake for a chat that was deleted").await?;
        }
    }
    Ok(())
}

/// How a server refuses a handshake: all that the one who tried gets to see of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// 101 where the connection was opened, and closed at once.
    pub(super) status: u16,
    /// The answer's headers; each name with its values.
    pub(super) headers: BTreeMap<String, Vec<String>>,
    body: String,
    closed: Option<(u16, String)>,
}

impl Refusal {
    /// What it says, its headers aside.
    pub(super) fn words(&self) -> (u16, &str, Option<&(u16, String)>) {
        (self.status, &self.body, self.closed.as_ref())
    }
}

/// Nobody gets in: no 101, or closed at once with nothing delivered.
pub(super) async fn kept_out(handshake: Handshake, what: &str) -> Result<Refusal, Failure> {
    let socket = match handshake {
        Handshake::Open(socket) => *socket,
        Handshake::Refused(answer) => {
            let names = answer.headers.keys().map(|name| name.as_str().to_owned());
            return Ok(Refusal {
                status: answer.status,
                headers: names
                    .map(|name| (name.clone(), answer.headers_named(&name)))
                    .collect(),
                body: answer.text(),
                closed: None,
            });
        }
    };
    let (code, reason) = closed_at_once(socket, what).await?;
    Ok(Refusal {
        status: 101,
        headers: BTreeMap::new(),
        body: String::new(),
        closed: Some((code, reason)),
    })
}

/// The same while somebody speaks in the chat, which must not be heard by who is kept out.
async fn hears_nothing(
    cx: &Context,
    handshake: Handshake,
    inside: &mut Connection,
    what: &str,
) -> Verdict {
    if matches!(handshake, Handshake::Open(_)) {
        speaks(inside, "among ourselves").await?;
        cx.given(
            "hear oneself",
            hears(inside, "among ourselves", "a participant"),
        )
        .await?;
    }
    kept_out(handshake, what).await.map(drop)
}

async fn closed_at_once(mut socket: Socket, what: &str) -> Result<(u16, String), Failure> {
    match socket.next_within(PATIENCE).await {
        Heard::Closed(code, reason) => Ok((code, reason)),
        heard => {
            let actual = format!("101, and then {heard}");
            Err(Failure::violation(
                what,
                "no 101, or closed at once with nothing delivered",
                actual,
            ))
        }
    }
}

pub(super) async fn deleted_chat(
    cx: &Context,
    creator: &Person,
    other: &Person,
) -> Result<Chat, Failure> {
    let chat = cx.chat_of(&[creator, other]).await?;
    is_deleted(cx, creator, &chat).await?;
    Ok(chat)
}

async fn is_deleted(cx: &Context, by: &Person, chat: &Chat) -> Verdict {
    let path = paths::chat(chat.id);
    let gone = async {
        by.client.ask(Ask::new("DELETE", &path)).await?;
        expect_refused(&by.client.get(&path).await?, "the deleted chat")
    };
    cx.given("delete a chat", gone).await
}

/// A key in the form of Django's, which no session has.
pub(super) fn unknown_session(cx: &Context) -> String {
    let mut rng = cx.rng();
    (0..32)
        .map(|_| char::from(rng.random_range(b'a'..=b'z')))
        .collect()
}

/// Ids that no chat has come to, or can.
pub(super) const UNKNOWN: [&str; 4] = [
    "99999999",
    "0",
    "9223372036854775808",
    "99999999999999999999",
];
/// How long "at once" may last for a connection that opened after all: somebody has been heard in the chat by
/// then. With which code it closes the clause does not say, and WS-2p wants no such opening.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);
