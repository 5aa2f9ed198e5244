//! A session: opened by a login, carried by a cookie, ended by a logout.

use std::time::Duration;

use chat_fixtures::{
    client::Client,
    people::Chat,
    socket::{Handshake, Heard, Offer},
};
use serde_json::json;

use crate::{
    cast::PASSWORD,
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_fields, expect_json, expect_refused, expect_status, in_json, shown},
    registration::{
        accepted, expect_accepted, given_account, given_strangers_are_refused, good, logs_in,
        without,
    },
    shape::expect_user,
    tokens::bearing,
};

checks! {
    AUTH_1 => answers_with_the_user_and_a_session,
    AUTH_2 => leaves_an_open_session_when_it_refuses,
    AUTH_3 => tells_who_one_is,
    AUTH_3 => tells_of_no_email_as_empty_text,
    AUTH_4 => says_goodbye_and_ends_the_session_everywhere,
    AUTH_4 => refuses_handshakes_with_the_old_session,
    AUTH_4 => leaves_other_sessions_alone,
}

async fn answers_with_the_user_and_a_session(cx: &Context) -> Verdict {
    // Not one of the people, for they are there only where a login gives them a session.
    let person = match cx.registered("nora").await {
        Err(Failure::NotApplicable(_)) => {
            let [alice] = cx.people().await?;
            alice
        }
        registered => registered?,
    };
    let browser = cx.stranger();

    let answer = logs_in(&browser, &person.username, &person.password).await?;

    let user = expect_status(&answer, 200, "the answer to a good login")?;
    expect_user(&user, "who logged in")?;
    expect_fields(
        &user,
        &json!({"id": person.id, "username": person.username}),
        "who logged in",
    )?;
    let Some(key) = browser.session() else {
        return Err(Failure::violation(
            "the cookies of a good login",
            "a session cookie",
            in_json(&answer.headers_named("set-cookie")),
        ));
    };
    // Nothing but the cookie, and whichever resource answers: what each says is its own clause's matter.
    let bearer = bearing(&cx.stranger(), &key);
    let mut answers = Vec::new();
    for path in ["/api/me/", "/api/chats/", "/api/messages/"] {
        let answer = bearer.get(path).await?;
        if accepted(&answer) {
            return Ok(());
        }
        answers.push(format!("{path}: {}", shown(&answer)));
    }
    Err(Failure::violation(
        "what the session cookie alone opens",
        "any of these resources",
        answers.join("; "),
    ))
}

async fn tells_who_one_is(cx: &Context) -> Verdict {
    let people: [_; 2] = cx.people().await?;
    for person in &people {
        let answer = person.client.get("/api/me/").await?;
        let user = expect_status(&answer, 200, "who one is")?;
        expect_user(&user, "who one is")?;
        expect_fields(
            &user,
            &json!({"id": person.id, "username": person.username}),
            "who one is",
        )?;
    }
    Ok(())
}

async fn says_goodbye_and_ends_the_session_everywhere(cx: &Context) -> Verdict {
    let nora = cx.newcomer("nora").await?;
    given_strangers_are_refused(cx, &cx.stranger()).await?;
    let key = nora.client.session().unwrap_or_default();
    let bearers = bearers(cx, &key);
    for bearer in &bearers {
        cx.given("use the session on every process", async {
            let answer = bearer.get("/api/me/").await?;
            expect_accepted(&answer, "who nora is")
        })
        .await?;
    }

    let answer = nora.client.post("/api/logout/", &json!({})).await?;

    let body = expect_status(&answer, 200, "the answer to a logout")?;
    let goodbye = json!({"message": "Logged out successfully"});
    expect_fields(&body, &goodbye, "the answer to a logout")?;
    for bearer in bearers {
        // A cookie that the server takes away would leave nothing to try with.
        bearer.set_cookie("sessionid", &key);
        let answer = bearer.get("/api/me/").await?;
        let what = format!("the old session at {} after logout", bearer.base());
        expect_refused(&answer, &what)?;
    }
    Ok(())
}

async fn refuses_handshakes_with_the_old_session(cx: &Context) -> Verdict {
    // The chat is alice's, for nora could not remove it any more.
    let [alice] = cx.people().await?;
    let nora = cx.newcomer("nora").await?;
    let chat = cx.chat_of(&[&alice, &nora]).await?;
    let key = nora.client.session().unwrap_or_default();
    let bearers = bearers(cx, &key);
    for bearer in &bearers {
        cx.given("connect with the session", async {
            handshake(bearer, &chat).await?.opened()?.close().await;
            Ok::<_, Failure>(())
        })
        .await?;
    }

    let answer = nora.client.post("/api/logout/", &json!({})).await?;

    expect_accepted(&answer, "a logout")?;
    for bearer in bearers {
        let what = format!("a handshake at {} after logout", bearer.base());
        if let Handshake::Open(mut socket) = handshake(&bearer, &chat).await? {
            let heard = socket.next_within(AT_ONCE).await;
            expect(
                matches!(heard, Heard::Closed(..)),
                what,
                "no 101, or closed at once",
                format!("101, then {heard}"),
            )?;
        }
    }
    Ok(())
}

async fn leaves_an_open_session_when_it_refuses(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let alice = cx.another_session(&alice).await?;
    let wrong = format!("{}!", alice.password);

    let answer = logs_in(&alice.client, &alice.username, &wrong).await?;

    let refused = async { expect_refused(&answer, "a login with a wrong password") };
    cx.given("be refused", refused).await?;
    let answer = alice.client.get("/api/me/").await?;
    expect_accepted(&answer, "the session over which a login was refused").map(drop)
}

/// Nobody has to have one (REG-1).
async fn tells_of_no_email_as_empty_text(cx: &Context) -> Verdict {
    let [_] = cx.people().await?;
    let (nora, name) = (cx.stranger(), cx.username("nora"));
    let user = given_account(cx, &nora, &without(good(&name), "email")).await?;
    let login = async { expect_accepted(&logs_in(&nora, &name, PASSWORD).await?, "a login") };
    cx.given("log in", login).await?;
    let me = expect_accepted(&nora.get("/api/me/").await?, "who one is")?;
    let same_person = async { expect(me["id"] == user["id"], "who one is", &user, &me) };
    cx.given("be told of oneself", same_person).await?;
    let what = "the e-mail of somebody who gave none";
    expect_json(&me["email"], &json!(""), what)
}

async fn leaves_other_sessions_alone(cx: &Context) -> Verdict {
    let [bob] = cx.people().await?;
    let nora = cx.newcomer("nora").await?;
    let phone = cx.another_session(&nora).await?;
    for person in [&bob, &phone] {
        cx.given("ask who one is", async {
            expect_accepted(&person.client.get("/api/me/").await?, "who one is")
        })
        .await?;
    }

    let answer = nora.client.post("/api/logout/", &json!({})).await?;

    expect_accepted(&answer, "a logout")?;
    for (whose, person) in [
        ("the same user's other session", &phone),
        ("another user's session", &bob),
    ] {
        let answer = person.client.get("/api/me/").await?;
        expect_accepted(&answer, &format!("{whose} after a logout"))?;
    }
    Ok(())
}

/// Clients with that session and nothing else, one for each process; behind a balancer as many as should
/// meet every process.
fn bearers(cx: &Context, key: &str) -> Vec<Client> {
    let times = if cx.behind_balancer() { 3 } else { 1 };
    let stranger = cx.stranger();
    (0..cx.processes() * times)
        .filter_map(|n| cx.bases().get(n % cx.bases().len().max(1)))
        .map(|base| bearing(&stranger.at(base), key))
        .collect()
}

async fn handshake(client: &Client, chat: &Chat) -> Result<Handshake, Failure> {
    let path = format!("/ws/chat/{}/", chat.id);
    Ok(client.connect(&path, &Offer::default()).await?)
}

/// How long a server may take to close what it should not have opened.
const AT_ONCE: Duration = Duration::from_secs(5);
