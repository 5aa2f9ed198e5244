//! Any id, any cookie, any token, any header: what holds whatever is asked.

use chat_fixtures::client::{Ask, Client};
use proptest::{prelude::Strategy, sample::select};
use serde_json::{Value, json};

use crate::{
    check::Verdict,
    checks,
    context::Context,
    expect::{expect, expect_eq, expect_refused, shown},
    property::{
        fields, holds_for_any,
        requests::{self, OfAChat},
        side_by_side,
        talk::BATCH,
    },
};

checks! {
    AUTH_5 => any_cookie_that_is_no_session_is_nobody [Generated],
    CSRF_2 => any_token_but_the_own_is_refused [Generated],
    CHAT_5 => any_odd_id_is_unknown [Generated],
    HTTP_5 => anything_gets_an_answer [Generated],
}

async fn any_cookie_that_is_no_session_is_nobody(cx: &Context) -> Verdict {
    let stranger = &cx.stranger();
    holds_for_any(cx, requests::cookie, BATCH, |cookies| {
        side_by_side(cookies, |cookie: String| async move {
            let ask = Ask::new("GET", "/api/me/").header("Cookie", &cookie);
            expect_refused(&stranger.ask(ask).await?, "the answer")
        })
    })
    .await
}

async fn any_token_but_the_own_is_refused(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    let chat = &cx.chat_of(&[alice]).await?;
    let path = &format!("/api/chats/{}/send_message/", chat.id);
    holds_for_any(cx, requests::token, BATCH, |tokens| async move {
        side_by_side(tokens, |token: String| async move {
            let ask = Ask::new("POST", path)
                .header("X-CSRFToken", &token)
                .json(&json!({"content": "forged"}));
            let answer = alice.client.ask(ask).await?;
            expect_eq(
                answer.status,
                403,
                "the status of a request with that token",
            )
        })
        .await?;
        let stored = alice.reads(chat).await.map_err(|error| (0, error.into()))?;
        expect(
            stored.is_empty(),
            "the history",
            "no message",
            Value::from(stored),
        )
        .map_err(|failure| (0, failure))
    })
    .await
}

async fn any_odd_id_is_unknown(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    let id = || (requests::odd_id(), requests::of_a_chat()).boxed();
    holds_for_any(cx, id, BATCH, |ids| {
        side_by_side(
            ids,
            |(id, OfAChat { method, ending }): (String, OfAChat)| async move {
                let path = format!("/api/chats/{id}/{ending}");
                let mut ask = Ask::new(method, &path);
                if method == "POST" {
                    ask = ask.json(&json!({"content": "hello"}));
                }
                let answer = alice.client.ask(ask).await?;
                expect(
                    answer.status == 404,
                    format!("{method} {path}"),
                    404,
                    shown(&answer),
                )
            },
        )
    })
    .await
}

async fn anything_gets_an_answer(cx: &Context) -> Verdict {
    let [alice] = &cx.people().await?;
    let chat = &cx.chat_of(&[alice]).await?;
    let stranger = &cx.stranger();
    let request = || (select(ADDRESSES), fields::raw_body(), fields::header()).boxed();
    holds_for_any(cx, request, BATCH, |requests| {
        side_by_side(
            requests,
            |(to, body, header): (Address, fields::Body, fields::Header)| async move {
                let Address(method, path) = to;
                let path = path.replace("CHAT", &chat.id.to_string());
                let mut ask = Ask::new(method, &path).header(header.name, &header.value);
                if method != "GET" {
                    ask = ask.body(body.media, body.bytes);
                }
                // Nobody's session ends by chance.
                let asks: &Client = if path.contains("logout") {
                    stranger
                } else {
                    &alice.client
                };
                let answer = asks.ask(ask).await?;
                expect(
                    answer.status < 500,
                    format!("{method} {path}"),
                    "no 5xx",
                    shown(&answer),
                )
            },
        )
    })
    .await
}

/// A method and a path.
#[derive(Debug, Clone, Copy)]
struct Address(&'static str, &'static str);

/// Where anything is sent. Nothing here ends a session or removes what others need.
const ADDRESSES: &[Address] = &[
    Address("POST", "/api/register/"),
    Address("POST", "/api/login/"),
    Address("POST", "/api/logout/"),
    Address("GET", "/api/me/"),
    Address("POST", "/api/chats/"),
    Address("GET", "/api/chats/CHAT/"),
    Address("PUT", "/api/chats/CHAT/"),
    Address("PATCH", "/api/chats/CHAT/"),
    Address("DELETE", "/api/chats/0/"),
    Address("POST", "/api/chats/CHAT/send_message/"),
    Address("GET", "/api/chats/CHAT/messages/"),
    Address("POST", "/api/messages/"),
    Address("DELETE", "/api/messages/0/"),
    Address("BREW", "/api/chats/"),
    Address("POST", "/api/nowhere/"),
    Address("POST", "/ws/chat/CHAT/"),
];
