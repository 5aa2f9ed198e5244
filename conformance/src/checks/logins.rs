//! A login that is refused: no session, and no word about who has an account.

use chat_fixtures::{answer::Answer, client::Ask, client::Client};
use serde_json::{Value, json};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_answer, expect_refused, shown},
    registration::{accepted, expect_accepted, given_account, good, wide, with},
};

checks! {
    AUTH_2 => refuses_a_wrong_password,
    AUTH_2 => tells_passwords_apart_to_the_letter,
    AUTH_2 => refuses_an_unknown_user,
    AUTH_2 => refuses_a_login_with_fields_missing,
    AUTH_2 => tells_an_unknown_user_from_a_wrong_password_in_nothing,
    AUTH_8 => refuses_a_login_in_its_words,
    AUTH_10 => answers_a_login_that_is_no_object,
    AUTH_10 => answers_a_login_of_other_types,
    AUTH_10 => answers_a_login_with_half_characters,
    AUTH_10 => takes_no_number_for_a_password,
}

async fn refuses_a_wrong_password(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let right = &alice.password;
    for wrong in [format!("{right}!"), swapped(right)] {
        let body = json!({"username": alice.username, "password": wrong});
        expect_no_login(&cx.stranger(), &body).await?;
    }
    Ok(())
}

/// To the last one, though some hashes look at 72 bytes alone; and other letters that look the same are others.
async fn tells_passwords_apart_to_the_letter(cx: &Context) -> Verdict {
    let name = cx.username("nora");
    let password = |accented: &str, last: &str| format!("caf{accented} {} {last}", "x".repeat(80));
    let right = password("\u{e9}", "one");
    let form = with(
        good(&name),
        &json!({"password": right, "password_confirm": right}),
    );
    given_account(cx, &cx.stranger(), &form).await?;
    let body = |password: &str| json!({"username": name, "password": password});
    cx.given("log in with a long password", async {
        let answer = cx.stranger().post("/api/login/", &body(&right)).await?;
        expect_accepted(&answer, "a login with a long password")
    })
    .await?;
    for wrong in [password("\u{e9}", "two"), password("e\u{301}", "one")] {
        expect_no_login(&cx.stranger(), &body(&wrong)).await?;
    }
    Ok(())
}

async fn refuses_an_unknown_user(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let email = cx.given("ask who one is", async {
        let me = expect_accepted(&alice.client.get("/api/me/").await?, "who alice is")?;
        Ok::<_, Failure>(me["email"].as_str().unwrap_or_default().to_owned())
    });
    // Names are told apart to the letter, capitals and all; and nothing else of a user is one.
    for unknown in [
        cx.username("nobody"),
        swapped(&alice.username),
        wide(&alice.username),
        email.await?,
    ] {
        if unknown == alice.username || unknown.is_empty() {
            continue;
        }
        let body = json!({"username": unknown, "password": alice.password});
        expect_no_login(&cx.stranger(), &body).await?;
    }
    Ok(())
}

async fn refuses_a_login_with_fields_missing(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    for body in [
        json!({}),
        json!({"username": alice.username}),
        json!({"password": alice.password}),
        json!({"username": alice.username, "password": null}),
        json!({"username": null, "password": alice.password}),
        json!({"username": alice.username, "passwort": alice.password}),
    ] {
        expect_no_login(&cx.stranger(), &body).await?;
    }
    Ok(())
}

async fn tells_an_unknown_user_from_a_wrong_password_in_nothing(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let nobody = cx.username("nobody");
    let long = "x".repeat(5000);
    for password in [json!("no"), json!(""), json!(long), json!(null)] {
        let login = async |username: &str| {
            let body = json!({"username": username, "password": password});
            cx.stranger().post("/api/login/", &body).await
        };
        let (wrong, unknown) = (login(&alice.username).await?, login(&nobody).await?);
        // A body that names who was asked for is no other body.
        let told = |answer: &Answer, name: &str| answer.text().replace(name, "<name>");
        let same = wrong.status == unknown.status
            && told(&wrong, &alice.username) == told(&unknown, &nobody);
        let mut start = password.to_string();
        start.truncate(20);
        expect(
            same,
            format!("the answer to an unknown user with the password {start}"),
            format!("as to a wrong password: {}", shown(&wrong)),
            shown(&unknown),
        )?;
    }
    Ok(())
}

async fn refuses_a_login_in_its_words(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let name = &alice.username;
    let post = |body: &Value| Ask::new("POST", "/api/login/").json(body);
    let form = Ask::new("POST", "/api/login/").body(
        "application/x-www-form-urlencoded",
        format!("username={name}"),
    );
    for (what, ask) in [
        (
            "a wrong password",
            post(&json!({"username": name, "password": "no"})),
        ),
        ("no password", post(&json!({"username": name}))),
        (
            "null for a password",
            post(&json!({"username": name, "password": null})),
        ),
        ("a form without a password", form),
    ] {
        expect_invalid(&cx.stranger().ask(ask).await?, what)?;
    }
    for (what, ask) in [
        ("no username", post(&json!({"password": "no"}))),
        ("nulls", post(&json!({"username": null, "password": null}))),
        ("nothing", post(&json!({}))),
        ("no body", Ask::new("POST", "/api/login/")),
    ] {
        let answer = cx.stranger().ask(ask).await?;
        if let Err(otherwise) = expect_invalid(&answer, what) {
            // Where an unknown user is told more than a wrong password, so may be who names nobody.
            let unknown = json!({"username": cx.username("nobody"), "password": "no"});
            let unknown = cx.stranger().ask(post(&unknown)).await?;
            cx.given(
                "have an unknown user refused like a wrong password",
                async { expect_invalid(&unknown, "an unknown user") },
            )
            .await?;
            return Err(otherwise);
        }
    }
    Ok(())
}

async fn answers_a_login_that_is_no_object(cx: &Context) -> Verdict {
    let got = |called: &str| format!("Invalid data. Expected a dictionary, but got {called}.");
    for (body, words) in [
        (json!([]), got("list")),
        (json!([{"username": "a"}]), got("list")),
        (json!("x"), got("str")),
        (json!(""), got("str")),
        (json!(5), got("int")),
        (json!(0), got("int")),
        (json!(1.5), got("float")),
        (json!(true), got("bool")),
        (json!(false), got("bool")),
        (Value::Null, "No data provided".to_owned()),
    ] {
        let answer = cx.stranger().post("/api/login/", &body).await?;
        let says = json!({"non_field_errors": [words]});
        expect_answer(
            &answer,
            400,
            &says,
            &format!("a login with the body {body}"),
        )?;
    }
    Ok(())
}

async fn answers_a_login_of_other_types(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let nobody = cx.username("nobody");
    for (username, password) in [
        (json!(nobody), json!(5)),
        (json!(nobody), json!({})),
        (json!(alice.username), json!([alice.password])),
        (json!(5), json!("x")),
        (json!([alice.username]), json!(alice.password)),
        (json!(false), json!(true)),
    ] {
        let body = json!({"username": username, "password": password});
        let answer = cx.stranger().post("/api/login/", &body).await?;
        expect_answer(&answer, 401, &invalid(), &format!("a login with {body}"))?;
    }
    Ok(())
}

async fn answers_a_login_with_half_characters(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let known = json!(alice.username);
    for body in [
        r#"{"username": "\ud800", "password": "x"}"#.to_owned(),
        format!(r#"{{"username": {known}, "password": "\udfff"}}"#),
        r#"{"username": "nobody", "password": "a\ud800"}"#.to_owned(),
    ] {
        let ask = Ask::new("POST", "/api/login/").body("application/json", body.clone());
        let answer = cx.stranger().ask(ask).await?;
        expect_answer(&answer, 401, &invalid(), &format!("a login with {body}"))?;
    }
    Ok(())
}

async fn takes_no_number_for_a_password(cx: &Context) -> Verdict {
    let name = cx.username("nora");
    let form = with(
        good(&name),
        &json!({"password": "271828182", "password_confirm": "271828182"}),
    );
    given_account(cx, &cx.stranger(), &form).await?;

    let body = json!({"username": name, "password": 271_828_182});
    let answer = cx.stranger().post("/api/login/", &body).await?;

    expect_answer(
        &answer,
        401,
        &invalid(),
        "a login with the password as a number",
    )
}

/// That the login is refused, and whoever tried it has no session.
async fn expect_no_login(client: &Client, body: &Value) -> Verdict {
    let answer = client.post("/api/login/", body).await?;
    expect_refused(&answer, &format!("a login with {body}"))?;
    let session = client.session().filter(|key| key.len() > 2);
    expect(
        session.is_none(),
        format!("the session cookie after a refused login with {body}"),
        "none",
        session.as_deref().unwrap_or_default(),
    )
}

/// That a login is refused in the words of the original; whether it is refused is another clause's matter.
fn expect_invalid(answer: &Answer, what: &str) -> Verdict {
    if accepted(answer) {
        return Err(Failure::Untestable(format!(
            "a login with {what} is not refused"
        )));
    }
    expect_answer(answer, 401, &invalid(), &format!("a login with {what}"))
}

/// The same letters with capitals and small letters exchanged.
fn swapped(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            'a'..='z' => letter.to_ascii_uppercase(),
            _ => letter.to_ascii_lowercase(),
        })
        .collect()
}

fn invalid() -> Value {
    json!({"error": "Invalid credentials"})
}

#[cfg(test)]
mod tests {
    use super::swapped;

    #[test]
    fn another_case_is_another_text() {
        assert_eq!(swapped("correct-Horse-9"), "CORRECT-hORSE-9");
    }
}
