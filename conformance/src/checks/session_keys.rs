//! What a login draws anew: the CSRF secret always, the session's key unless it is the same user's.

use chat_fixtures::{client::Client, people::Person};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_refused, shown},
    registration::{expect_accepted, logs_in},
    tokens::{Tokens, bearing, empty_message},
};

checks! {
    AUTH_7 => the_same_user_keeps_the_key_and_gets_a_new_secret,
    AUTH_7 => another_user_gets_another_key,
    AUTH_7 => planted_keys_and_secrets_are_not_adopted,
}

async fn the_same_user_keeps_the_key_and_gets_a_new_secret(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let phone = cx.another_session(&alice).await?;
    let before = Tokens::of(&phone)?;
    let says = async |token: &str| {
        let ask = empty_message(chat.id).header("X-CSRFToken", token);
        phone.client.ask(ask).await
    };
    cx.given("be refused with a wrong token", async {
        let answer = says(&"b".repeat(32)).await?;
        expect(answer.status == 403, "a wrong token", 403, shown(&answer))
    })
    .await?;

    let now = login(cx, phone.client.clone(), &alice).await?;

    expect(
        now.session == before.session,
        "the session key after a login of the same user over a live session",
        "the one before",
        "another",
    )?;
    expect_new("CSRF secret", &before.secret, &now.secret)?;
    let answer = says(&before.secret).await?;
    expect(
        answer.status == 403,
        "the token of before, after another login",
        "403",
        shown(&answer),
    )?;
    let answer = says(&now.secret).await?;
    expect(
        answer.status != 403,
        "the token of the last login",
        "that it passes",
        shown(&answer),
    )
}

async fn another_user_gets_another_key(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let bob = cx.another_session(&bob).await?;
    let before = Tokens::of(&bob)?;

    let now = login(cx, bob.client.clone(), &alice).await?;

    expect_new("session key", &before.session, &now.session)?;
    expect_new("CSRF secret", &before.secret, &now.secret)?;
    let answer = bob.client.get("/api/me/").await?;
    let me = expect_accepted(&answer, "who one is after a login as another user")?;
    expect(
        me["id"] == alice.id,
        "who one is after a login as another user",
        &alice.username,
        &me,
    )?;
    let old = bearing(&bob.client, &before.session);
    let answer = old.get("/api/me/").await?;
    expect_refused(
        &answer,
        "the key that was there before the login of another user",
    )
}

async fn planted_keys_and_secrets_are_not_adopted(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let planted = Tokens {
        session: "plantedplantedplantedplanted1234".to_owned(),
        secret: "b".repeat(32),
    };
    let browser = bearing(&cx.stranger(), &planted.session);
    browser.set_cookie("csrftoken", &planted.secret);

    let now = login(cx, browser, &alice).await?;

    for before in [&planted, &Tokens::of(&alice)?] {
        expect_new("session key", &before.session, &now.session)?;
        expect_new("CSRF secret", &before.secret, &now.secret)?;
    }
    let answer = bearing(&cx.stranger(), &planted.session)
        .get("/api/me/")
        .await?;
    expect_refused(&answer, "the planted key after the login")
}

/// Logs in as `person` with whatever cookies `client` has: what it has then.
async fn login(cx: &Context, client: Client, person: &Person) -> Result<Tokens, Failure> {
    let answer = logs_in(&client, &person.username, &person.password).await?;
    cx.given("log in", async { expect_accepted(&answer, "a good login") })
        .await?;
    Tokens::of(&person.with(client))
}

fn expect_new(what: &str, before: &str, now: &str) -> Verdict {
    expect(
        before != now,
        format!("the {what} after a login"),
        "a new one",
        "the one before",
    )
}
