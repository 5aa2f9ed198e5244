//! What a handshake offers beside the cookie (subprotocols, a query, an origin), and what every WebSocket owes.

use bytes::Bytes;
use chat_fixtures::{
    people::Connection,
    socket::{Handshake, Heard, Offer},
};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

use super::handshake::{opened, path};
use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_eq, shown},
    room::{Room, hears, speaks},
};

checks! {
    WS_12 => no_subprotocol_is_chosen,
    WS_12 => query_strings_are_ignored,
    WS_12 => each_ping_gets_its_pong,
    WS_12 => a_ping_between_fragments_gets_its_pong,
    WS_12 => a_close_is_answered [Alone],
    WS_20 => its_own_origin_and_none_pass,
    WS_20 => any_other_origin_is_refused [Alone],
}

async fn no_subprotocol_is_chosen(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    for offered in [
        &["chat"][..],
        &["chat", "x"],
        &["v1.chat.example", "json", "graphql-ws"],
    ] {
        let offer = Offer {
            subprotocols: offered.iter().map(|&one| one.to_owned()).collect(),
            ..Offer::default()
        };
        let what = format!("the handshake that offers {offered:?}");
        let socket = opened(alice.client.connect(&path(&chat), &offer).await?, &what)?;
        let what = format!("the subprotocol chosen of {offered:?}");
        expect_eq(socket.subprotocol.as_deref(), None, &what)?;
    }
    Ok(())
}

/// Ignored: it opens all the same, and it is this chat's messages that are heard there.
async fn query_strings_are_ignored(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let other = cx.chat_of(&[&alice, &bob]).await?.id;
    for query in [
        "x=1",
        "",
        "/x/",
        "%ZZ&%FF",
        "sessionid=x",
        &format!("chat_id={other}&chat={other}"),
    ] {
        // A chat for each: how many tabs hear one chat is WS-1's.
        let chat = cx.chat_of(&[&alice, &bob]).await?;
        let mut speaker = cx.connected(&alice, &chat).await?;
        let path = format!("{}?{query}", path(&chat));
        let handshake = bob.client.connect(&path, &Offer::default()).await?;
        let mut there = cx.connected(&bob, &chat).await?;
        there.socket = opened(handshake, &format!("the handshake at {path}"))?;

        let words = format!("whatever follows ?{query}");
        speaks(&mut speaker, &words).await?;
        cx.given("hear oneself", hears(&mut speaker, &words, "alice"))
            .await?;
        hears(&mut there, &words, &format!("bob at {path}")).await?;
    }
    Ok(())
}

async fn each_ping_gets_its_pong(cx: &Context) -> Verdict {
    let [mut alice] = Room::<1>::open(cx).await?.connections;
    for payload in [&b""[..], b"are you there", &[0xff; 125]] {
        let payload = Bytes::copy_from_slice(payload);
        let what = format!("the answer to a ping of {} bytes", payload.len());
        gets_its_pong(&mut alice, payload, &what).await?;
    }
    Ok(())
}

async fn gets_its_pong(connection: &mut Connection, ping: Bytes, what: &str) -> Verdict {
    connection.socket.send(Message::Ping(ping.clone())).await?;
    let heard = connection.socket.next_within(connection.patience).await;
    expect(
        heard == Heard::Pong(ping),
        what,
        "a pong of the same bytes",
        heard,
    )
}

/// Control frames may come between the fragments of a message (RFC 6455 §5.4).
async fn a_ping_between_fragments_gets_its_pong(cx: &Context) -> Verdict {
    let [mut alice] = Room::<1>::open(cx).await?.connections;
    let fragment = |text: &'static str, code, last| {
        Message::Frame(Frame::message(
            Bytes::from_static(text.as_bytes()),
            OpCode::Data(code),
            last,
        ))
    };
    let payload = Bytes::from_static(b"in between");
    let first = fragment(r#"{"content": "in two "#, Data::Text, false);
    alice.socket.send(first).await?;
    let what = "the answer to a ping between two fragments";
    gets_its_pong(&mut alice, payload, what).await?;
    let last = fragment(r#"pieces"}"#, Data::Continue, true);
    alice.socket.send(last).await?;
    hears(
        &mut alice,
        "in two pieces",
        "the sender of fragments around a ping",
    )
    .await
    .map(drop)
}

/// Answered, with a close frame of its own; which code the answer carries is left to the server.
async fn a_close_is_answered(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let goodbye = |code| CloseFrame {
        code,
        reason: "bye".into(),
    };
    for close in [
        None,
        Some(goodbye(CloseCode::Normal)),
        Some(goodbye(CloseCode::Away)),
        Some(goodbye(CloseCode::Library(4000))),
    ] {
        let mut connection = cx.connected(&alice, &chat).await?;
        let code = close.as_ref().map(|close| u16::from(close.code));
        connection.socket.send(Message::Close(close)).await?;
        let heard = connection.socket.next_within(connection.patience).await;
        let answered = matches!(heard, Heard::Closed(code, _) if code != WITHOUT_A_WORD);
        expect(
            answered,
            format!("the answer to a close frame with the code {code:?}"),
            "a close frame",
            heard,
        )?;
    }
    Ok(())
}

/// Both schemes: the clause compares host and port, so that a server behind TLS passes too.
async fn its_own_origin_and_none_pass(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let host = host(alice.client.base());
    let own = [
        None,
        Some(format!("http://{host}")),
        Some(format!("https://{host}")),
    ];
    for origin in own {
        let what = format!("the handshake with the Origin {origin:?}");
        let offer = Offer {
            origin,
            ..Offer::default()
        };
        opened(alice.client.connect(&path(&chat), &offer).await?, &what)?;
    }
    Ok(())
}

async fn any_other_origin_is_refused(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    cx.connected(&alice, &chat).await?;
    let host = host(alice.client.base());
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let others = [
        "null".to_owned(),
        "http://evil.example".to_owned(),
        format!("http://{host}.evil.example"),
        format!("http://evil.example/{host}"),
        format!("http://evil.example#{host}"),
        format!("http://{host}@evil.example"),
        format!("http://evil.{host}"),
        format!("http://{name}:1"),
        "file://".to_owned(),
        host.to_owned(),
        "*".to_owned(),
        format!("http://evil.example, http://{host}"),
    ];
    for origin in others {
        let what = format!("the handshake with the Origin {origin}");
        let offer = Offer {
            origin: Some(origin),
            ..Offer::default()
        };
        match alice.client.connect(&path(&chat), &offer).await? {
            Handshake::Refused(answer) => expect(answer.status == 403, what, 403, shown(&answer))?,
            Handshake::Open(_) => return Err(Failure::violation(what, 403, 101)),
        }
    }
    Ok(())
}

fn host(base: &str) -> &str {
    let authority = base.split_once("://").map_or(base, |(_, rest)| rest);
    authority
        .split_once('/')
        .map_or(authority, |(host, _)| host)
}

/// The end of a connection without a close frame (RFC 6455 §7.1.5).
const WITHOUT_A_WORD: u16 = 1006;
