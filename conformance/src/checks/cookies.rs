//! The cookies: when they come, what they say, and when they are taken away.

use chat_fixtures::{answer::Answer, client::Ask};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_eq, in_json},
    registration::{accepted, expect_accepted, good, logs_in, registers, with},
    set_cookie::{SetCookie, instant},
    tokens::{bearing, empty_message},
};

checks! {
    AUTH_6 => login_sets_both_cookies_as_observed,
    AUTH_6 => logout_empties_the_session_cookie,
    AUTH_6 => unknown_sessions_are_emptied,
    AUTH_6 => malformed_token_cookies_are_replaced,
    AUTH_6 => other_answers_set_no_cookie,
}

async fn login_sets_both_cookies_as_observed(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let answer = logs_in(&cx.stranger(), &alice.username, &alice.password).await?;
    cx.given("log in", async { expect_accepted(&answer, "a good login") })
        .await?;

    let session = named(&answer, "sessionid")?;
    let good = session.value.len() == 32
        && session
            .value
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    expect(
        good,
        "the value of `sessionid`",
        "32 characters of a–z and 0–9",
        &session.value,
    )?;
    expect_eq(
        terms(cx, &session).as_str(),
        "httponly; max-age=1209600; path=/; samesite=Lax",
        "the attributes of `sessionid`",
    )?;
    expect_expiry(&answer, &session, 1_209_600)?;
    expect_token_cookie(cx, &answer)?;
    expect_eq(
        SetCookie::all(&answer).len(),
        2,
        "how many cookies a login sets",
    )
}

async fn logout_empties_the_session_cookie(cx: &Context) -> Verdict {
    let nora = cx.newcomer("nora").await?;
    let key = nora.client.session().unwrap_or_default();
    let answer = nora.client.post("/api/logout/", &json!({})).await?;
    cx.given("log out", async { expect_accepted(&answer, "a logout") })
        .await?;
    let old = bearing(&cx.stranger(), &key).get("/api/me/").await?;
    if accepted(&old) {
        return Err(Failure::Untestable(
            "the session lives on after logout".to_owned(),
        ));
    }
    expect_emptied(cx, &answer, "a logout")
}

async fn unknown_sessions_are_emptied(cx: &Context) -> Verdict {
    for (key, ask) in [
        (
            "abcdefghabcdefghabcdefghabcdefgh",
            Ask::new("GET", "/api/me/"),
        ),
        ("short", Ask::new("GET", "/api/me/")),
        (
            "abcdefgh",
            Ask::new("POST", "/api/chats/").json(&json!({"name": "x"})),
        ),
    ] {
        let what = format!("{} {} with the session {key:?}", ask.method(), ask.path());
        let ask = ask.header("Cookie", &format!("sessionid={key}"));
        let answer = cx.stranger().ask(ask).await?;
        if accepted(&answer) {
            return Err(Failure::Untestable(format!("{what} is not refused")));
        }
        expect_emptied(cx, &answer, &what)?;
    }
    Ok(())
}

async fn malformed_token_cookies_are_replaced(cx: &Context) -> Verdict {
    for token in ["x", "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-"] {
        let ask = Ask::new("GET", "/api/me/").header("Cookie", &format!("csrftoken={token}"));
        let answer = cx.stranger().ask(ask).await?;
        expect_token_cookie(cx, &answer)?;
    }
    Ok(())
}

async fn other_answers_set_no_cookie(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let stranger = cx.stranger();
    let mut answers = Vec::new();
    for path in ["/api/me/", "/api/chats/", "/api/"] {
        answers.push((path, alice.client.get(path).await?));
    }
    let sent = alice.client.ask(empty_message(chat.id)).await?;
    answers.push(("a message", sent));
    let anonymous = stranger.get("/api/me/").await?;
    answers.push(("an anonymous request", anonymous));
    let body = json!({"username": alice.username});
    let refused = stranger.post("/api/login/", &body).await?;
    // A session that a refused login opens is another clause's matter.
    let token = SetCookie::of(&refused, "csrftoken");
    expect(
        token.is_none() || accepted(&refused),
        "the cookies set by a refused login",
        "no `csrftoken`",
        in_json(&refused.headers_named("set-cookie")),
    )?;
    if cx.needs_registration().is_ok() {
        let differing = with(good(&cx.username("nobody")), &json!({"password": "other"}));
        let refused = registers(&stranger, &differing).await?;
        answers.push(("a refused registration", refused));
    }
    for (what, answer) in answers {
        let cookies = answer.headers_named("set-cookie");
        expect_eq(&cookies, &Vec::new(), &format!("the cookies set by {what}"))?;
    }
    Ok(())
}

fn named(answer: &Answer, name: &str) -> Result<SetCookie, Failure> {
    SetCookie::of(answer, name).ok_or_else(|| {
        Failure::violation(
            "the cookies set",
            format!("one `{name}`"),
            in_json(&answer.headers_named("set-cookie")),
        )
    })
}

fn expect_token_cookie(cx: &Context, answer: &Answer) -> Verdict {
    let cookie = named(answer, "csrftoken")?;
    let good = cookie.value.len() == 32
        && cookie
            .value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric());
    expect(
        good,
        "the value of `csrftoken`",
        "32 letters and digits",
        &cookie.value,
    )?;
    expect_eq(
        terms(cx, &cookie).as_str(),
        "max-age=31449600; path=/; samesite=Lax",
        "the attributes of `csrftoken`",
    )?;
    expect_expiry(answer, &cookie, 31_449_600)
}

/// That the cookie expires when it is `age` seconds old.
fn expect_expiry(answer: &Answer, cookie: &SetCookie, age: i64) -> Verdict {
    // By the server's own clock, where it tells the time; ours may be another.
    let (now, tolerance) = match answer.header("date").and_then(instant) {
        Some(date) => (date, Duration::seconds(10)),
        None => (OffsetDateTime::now_utc(), Duration::hours(1)),
    };
    let due = now + Duration::seconds(age);
    let near = cookie
        .expires()
        .is_some_and(|at| (at - due).abs() <= tolerance);
    expect(
        near,
        format!("when `{}` expires", cookie.name),
        format!("{due}, give or take {tolerance}"),
        in_json(&cookie.attributes.get("expires")),
    )
}

/// That the answer takes `sessionid` away and touches no other cookie.
fn expect_emptied(cx: &Context, answer: &Answer, what: &str) -> Verdict {
    let cookie = named(answer, "sessionid")?;
    let over = cookie.expires().is_some_and(|at| at.unix_timestamp() == 0);
    expect(
        cookie.value.trim_matches('"').is_empty() && over,
        format!("`sessionid` after {what}"),
        "an empty value that expired on Thu, 01 Jan 1970 00:00:00 GMT",
        in_json(&answer.headers_named("set-cookie")),
    )?;
    expect_eq(
        terms(cx, &cookie).as_str(),
        "max-age=0; path=/; samesite=Lax",
        &format!("the attributes of `sessionid` after {what}"),
    )?;
    expect_eq(
        SetCookie::all(answer).len(),
        1,
        &format!("how many cookies are set after {what}"),
    )
}

/// The attributes but `expires`; and but `Secure` over TLS, where a deployment does well to set it.
fn terms(cx: &Context, cookie: &SetCookie) -> String {
    let mut cookie = cookie.clone();
    if cx.stranger().base().starts_with("https:") {
        cookie.attributes.remove("secure");
    }
    cookie.terms()
}
