//! An unsafe request of a session proves that it comes from the page.

use chat_fixtures::{
    base::origin,
    client::{Ask, Client},
    people::Person,
};
use serde_json::{Value, json};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_refused, shown},
    registration::{accepted, expect_accepted, good, registers},
    tokens::Tokens,
    untouched::Untouched,
};

checks! {
    CSRF_1 => refuses_unsafe_requests_without_a_token,
    CSRF_1 => refuses_a_logout_without_a_token,
    CSRF_1 => refuses_a_login_over_a_session_without_a_token,
    CSRF_1 => refuses_a_registration_over_a_session_without_a_token,
    CSRF_2 => asks_no_token_without_a_session,
    CSRF_2 => asks_no_token_of_safe_methods,
}

async fn refuses_unsafe_requests_without_a_token(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let before = Untouched::begin(cx, &bob, &chat).await?;
    let marker = cx.username("marker");
    let body = json!({"name": marker, "content": marker, "participant_ids": [bob.id]});
    let one = format!("/api/chats/{}/", chat.id);
    let send = format!("/api/chats/{}/send_message/", chat.id);
    let form = format!("name={marker}&content={marker}");
    for (method, path) in [
        ("POST", "/api/chats/"),
        ("POST", &send),
        ("PUT", &one),
        ("PATCH", &one),
        ("DELETE", &one),
    ] {
        let json = || Ask::new(method, path).json(&body);
        let form = Ask::new(method, path).body("application/x-www-form-urlencoded", form.clone());
        let multipart =
            Ask::new(method, path).multipart(&[("name", &marker), ("content", &marker)]);
        let by_script = json().header("X-Requested-With", "XMLHttpRequest");
        for (what, ask) in [
            ("with JSON", json()),
            ("with a form", form),
            ("with a multipart form", multipart),
            ("by a script, as X-Requested-With says", by_script),
            (
                "from the page itself, by its origin",
                json().header("Origin", origin(alice.client.base())),
            ),
        ] {
            let answer = alice.client.ask(ask.without_csrf()).await?;
            expect_refused(&answer, &format!("{method} {path} {what}, without a token"))?;
        }
        let answer = bare(&alice)?.ask(json()).await?;
        expect_refused(
            &answer,
            &format!("{method} {path} with the session cookie alone"),
        )?;
    }
    before.is_so_still("refusals for want of a token").await?;
    before
        .no_chat_is_called(&marker, "refusals for want of a token")
        .await
}

async fn refuses_a_logout_without_a_token(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let alice = cx.another_session(&alice).await?;
    who(cx, &alice).await?;
    let session = alice.client.session().unwrap_or_default();
    for client in [alice.client.clone(), bare(&alice)?] {
        let ask = Ask::new("POST", "/api/logout/").without_csrf();
        let answer = client.ask(ask).await?;
        expect_refused(&answer, "a logout without a token")?;
    }
    alice.client.set_cookie("sessionid", &session);
    let answer = alice.client.get("/api/me/").await?;
    expect_accepted(&answer, "the session after a refused logout").map(drop)
}

async fn refuses_a_login_over_a_session_without_a_token(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let bob = cx.another_session(&bob).await?;
    let before = who(cx, &bob).await?;
    for client in [bob.client.clone(), bare(&bob)?] {
        let body = json!({"username": alice.username, "password": alice.password});
        let ask = Ask::new("POST", "/api/login/").json(&body).without_csrf();
        let answer = client.ask(ask).await?;
        expect_refused(&answer, "a login over a live session without a token")?;
        let answer = client.get("/api/me/").await?;
        let now = answer.json().unwrap_or_default();
        expect(
            accepted(&answer) && now == before,
            "who one is after that refused login",
            &before,
            shown(&answer),
        )?;
    }
    Ok(())
}

async fn refuses_a_registration_over_a_session_without_a_token(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let [alice] = cx.people().await?;
    let form = good(&cx.username("nora"));
    for client in [alice.client.clone(), bare(&alice)?] {
        let ask = Ask::new("POST", "/api/register/")
            .json(&form)
            .without_csrf();
        let answer = client.ask(ask).await?;
        expect_refused(
            &answer,
            "a registration over a live session without a token",
        )?;
    }
    let answer = registers(&cx.stranger(), &form).await?;
    expect_accepted(
        &answer,
        "a registration with the name of the refused one, which made no account",
    )
    .map(drop)
}

async fn asks_no_token_without_a_session(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    // A token cookie from an earlier visit, and a session that is over, are no session.
    let stranger = cx.stranger();
    stranger.set_cookie("csrftoken", &"a".repeat(32));
    stranger.set_cookie("sessionid", "overoveroveroveroveroveroverover");
    let body = json!({"username": alice.username, "password": alice.password});
    let ask = Ask::new("POST", "/api/login/").json(&body).without_csrf();
    let answer = stranger.ask(ask).await?;
    expect_accepted(
        &answer,
        "a login without a live session and without a token",
    )
    .map(drop)
}

async fn asks_no_token_of_safe_methods(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    for method in ["GET", "HEAD", "OPTIONS"] {
        for path in [
            "/api/chats/".to_owned(),
            format!("/api/chats/{}/messages/", chat.id),
        ] {
            let tokens = Tokens::of(&alice)?;
            let plain = alice.client.ask(Ask::new(method, &path)).await?;
            for cookies in [
                format!("sessionid={}", tokens.session),
                tokens.cookies(&"b".repeat(32)),
            ] {
                let ask = Ask::new(method, &path).header("Cookie", &cookies);
                let answer = cx.stranger().ask(ask.without_csrf()).await?;
                expect(
                    answer.status == plain.status,
                    format!("{method} {path} without a token"),
                    format!("{} as with one", plain.status),
                    shown(&answer),
                )?;
            }
        }
    }
    Ok(())
}

/// The same session without a token cookie.
fn bare(person: &Person) -> Result<Client, Failure> {
    let tokens = Tokens::of(person)?;
    let client = person.client.stranger();
    client.set_cookie("sessionid", &tokens.session);
    Ok(client)
}

async fn who(cx: &Context, person: &Person) -> Result<Value, Failure> {
    cx.given("ask who one is", async {
        let answer = person.client.get("/api/me/").await?;
        expect_accepted(&answer, "who one is")
    })
    .await
}
