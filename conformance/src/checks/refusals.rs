//! Who may not open a WebSocket, and that nobody learns from it which chats exist.

use std::collections::BTreeMap;

use chat_fixtures::{
    client::{Ask, Client},
    people::{Chat, Connection, Person},
    socket::{Handshake, Heard, Offer, Socket},
};
use rand::RngExt;

use super::handshake::{path, with};
use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_refused},
    room::{Room, content_of, hears, hears_until, speaks},
};

checks! {
    WS_2 => refuses_who_is_anonymous,
    WS_2 => refuses_a_session_nobody_has,
    WS_2 => refuses_a_session_that_has_ended,
    WS_2 => refuses_who_is_not_a_participant,
    WS_2 => refuses_an_unknown_chat,
    WS_2 => refuses_a_deleted_chat,
    WS_2 => nobody_learns_which_chats_exist,
    WS_2p => refuses_with_403,
    WS_2p => is_silent_until_somebody_speaks,
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
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut alice = cx.connected(&alice, &chat).await?;
    let handshake = carol.tries_to_connect(&chat).await?;
    hears_nothing(
        cx,
        handshake,
        &mut alice,
        "the handshake of who is not a participant",
    )
    .await
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

async fn refuses_a_deleted_chat(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = deleted_chat(cx, &alice, &bob).await?;
    for person in [&alice, &bob] {
        let handshake = person.tries_to_connect(&chat).await?;
        kept_out(handshake, "the handshake for a chat that was deleted").await?;
    }
    Ok(())
}

/// Each is asked twice, for what differs between two answers to the same question (`Date`) tells nothing.
async fn nobody_learns_which_chats_exist(cx: &Context) -> Verdict {
    let mut refusals = Vec::new();
    for outsider in outsiders(cx).await? {
        let mut twice = Vec::new();
        for _ in 0..2 {
            let refusal = kept_out(outsider.tries().await?, outsider.who);
            twice.push(cx.given("be refused", refusal).await?);
        }
        refusals.push((outsider.who, twice));
    }

    let mut changing = vec!["date".to_owned()];
    for (_, twice) in &refusals {
        for (name, value) in &twice[0].headers {
            if twice[1].headers.get(name) != Some(value) {
                changing.push(name.clone());
            }
        }
    }
    for (_, twice) in &mut refusals {
        twice[0].headers.retain(|name, _| !changing.contains(name));
    }
    let (first, first_refusal) = (refusals[0].0, &refusals[0].1[0]);
    for (who, twice) in &refusals {
        let what = format!("how {who} is refused, beside {first}");
        expect(
            twice[0] == *first_refusal,
            what,
            format!("{first_refusal:?}"),
            format!("{:?}", twice[0]),
        )?;
    }
    Ok(())
}

async fn refuses_with_403(cx: &Context) -> Verdict {
    for outsider in outsiders(cx).await? {
        let who = outsider.who;
        let refusal = kept_out(outsider.tries().await?, who);
        let refusal = cx.given("be refused", refusal).await?;
        let what = format!("the status of the handshake: {who}");
        expect(refusal.status == 403, what, 403, refusal.status)?;
    }
    Ok(())
}

/// Neither a greeting, nor what was said before, nor who comes and goes.
async fn is_silent_until_somebody_speaks(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob, &carol]).await?;
    cx.given("send by REST", alice.posts(&chat, "earlier, by REST"))
        .await?;
    let mut here = cx.connected(&alice, &chat).await?;
    speaks(&mut here, "earlier").await?;
    cx.given("hear oneself", hears(&mut here, "earlier", "alice"))
        .await?;

    let mut newcomer = cx.connected(&bob, &chat).await?;
    cx.connected(&carol, &chat).await?.socket.close().await;
    speaks(&mut here, "and now").await?;

    let listeners = [
        (&mut newcomer, "who has just come"),
        (&mut here, "who was there before"),
    ];
    for (listener, who) in listeners {
        let heard = hears_until(listener, "and now", who);
        let mut heard = cx.given("hear a message", heard).await?;
        heard.pop();
        // That nothing is repeated to those who have heard it is WS-3's.
        heard.retain(|event| who.starts_with("who has") || content_of(event) != Some("earlier"));
        expect(
            heard.is_empty(),
            format!("what is heard before somebody speaks, by {who}"),
            "nothing",
            format!("{heard:?}"),
        )?;
    }
    Ok(())
}

/// How a server refuses a handshake: all that the one who tried gets to see of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// 101 where the connection was opened, and closed at once.
    status: u16,
    headers: BTreeMap<String, Vec<String>>,
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

/// Somebody who is to be kept out, and where they try.
struct Outsider {
    who: &'static str,
    client: Client,
    path: String,
}

impl Outsider {
    async fn tries(&self) -> Result<Handshake, Failure> {
        Ok(self.client.connect(&self.path, &Offer::default()).await?)
    }
}

async fn outsiders(cx: &Context) -> Result<Vec<Outsider>, Failure> {
    let [alice, bob, carol] = cx.people().await?;
    let chat = path(&cx.chat_of(&[&alice, &bob]).await?);
    let deleted = path(&deleted_chat(cx, &alice, &bob).await?);
    let unknown = format!("/ws/chat/{}/", UNKNOWN[0]);
    let stale = cx.stranger();
    stale.set_cookie("sessionid", &unknown_session(cx));
    let outsiders = [
        (
            "a user at a chat that does not exist",
            &alice.client,
            &unknown,
        ),
        ("a user at a chat of others", &carol.client, &chat),
        ("a user at a chat that was deleted", &alice.client, &deleted),
        ("an anonymous caller at a chat", &cx.stranger(), &chat),
        (
            "an anonymous caller at a chat that does not exist",
            &cx.stranger(),
            &unknown,
        ),
        ("a session nobody has at a chat", &stale, &chat),
        (
            "a session nobody has at a chat that does not exist",
            &stale,
            &unknown,
        ),
    ];
    let outsider = |(who, client, path): (_, &Client, &String)| Outsider {
        who,
        client: client.clone(),
        path: path.clone(),
    };
    Ok(outsiders.into_iter().map(outsider).collect())
}

async fn deleted_chat(cx: &Context, creator: &Person, other: &Person) -> Result<Chat, Failure> {
    let chat = cx.chat_of(&[creator, other]).await?;
    let path = format!("/api/chats/{}/", chat.id);
    let gone = async {
        creator.client.ask(Ask::new("DELETE", &path)).await?;
        expect_refused(&creator.client.get(&path).await?, "the deleted chat")
    };
    cx.given("delete a chat", gone).await?;
    Ok(chat)
}

/// A key in the form of Django's, which no session has.
fn unknown_session(cx: &Context) -> String {
    let mut rng = cx.rng();
    (0..32)
        .map(|_| char::from(rng.random_range(b'a'..=b'z')))
        .collect()
}

/// Ids that no chat has come to, or can.
const UNKNOWN: [&str; 4] = [
    "99999999",
    "0",
    "9223372036854775808",
    "99999999999999999999",
];
/// How long a connection that opened after all may take to close; for giving up only.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);
