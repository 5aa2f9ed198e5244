//! Registration: who gets an account, and who does not.

use serde_json::{Value, json};

use crate::{
    cast::{PASSWORD, USER_TYPES},
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_eq, expect_fields, expect_refused, expect_status, shown},
    registration::{
        accepted, expect_accepted, given_account, given_strangers_are_refused,
        given_wrong_passwords_are_refused, good, logs_in, registers, with, without,
    },
    shape::expect_user,
};

checks! {
    REG_1 => makes_an_account_to_log_in_with,
    REG_1 => opens_no_session,
    REG_1 => leaves_an_open_session_as_it_is,
    REG_1 => needs_no_email,
    REG_1 => lets_two_share_an_email,
    REG_2 => knows_three_user_types,
    REG_2 => makes_a_student_unless_told,
    REG_2 => refuses_another_user_type,
    REG_3 => refuses_a_taken_username_and_changes_nothing,
    REG_4 => refuses_passwords_that_differ,
}

async fn makes_an_account_to_log_in_with(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let name = cx.username("nora");
    let form = good(&name);

    let answer = registers(&cx.stranger(), &form).await?;

    let user = expect_status(&answer, 201, "the answer to a good registration")?;
    expect_user(&user, "the new user")?;
    expect_fields(
        &user,
        &json!({"username": name, "email": form["email"]}),
        "the new user",
    )?;
    // A login that fails otherwise than by a refusal is no matter of registration.
    let answer = logs_in(&cx.stranger(), &name, PASSWORD).await?;
    expect(
        !(400..500).contains(&answer.status),
        "the new user's login",
        "that it is not refused",
        shown(&answer),
    )?;
    let [alice] = cx.people().await?;
    expect(
        user["id"] != alice.id,
        "the new user's id",
        "one of their own",
        &user,
    )
}

async fn opens_no_session(cx: &Context) -> Verdict {
    let nora = cx.stranger();
    given_strangers_are_refused(cx, &nora).await?;

    for user_type in USER_TYPES {
        let form = with(good(&cx.username("nora")), &json!({"user_type": user_type}));
        given_account(cx, &nora, &form).await?;

        let session = nora.session();
        expect(
            session.is_none(),
            "the session cookie after a registration",
            "none",
            session.as_deref().unwrap_or_default(),
        )?;
        let answer = nora.get("/api/me/").await?;
        expect_refused(&answer, "who one is after a registration, before any login")?;
    }
    Ok(())
}

async fn leaves_an_open_session_as_it_is(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let [alice] = cx.people().await?;
    let alice = cx.another_session(&alice).await?;
    let me = cx
        .given("ask who one is", async {
            let answer = alice.client.get("/api/me/").await?;
            expect_accepted(&answer, "who alice is")
        })
        .await?;

    given_account(cx, &alice.client, &good(&cx.username("nora"))).await?;

    let answer = alice.client.get("/api/me/").await?;
    let now = answer.json().unwrap_or_default();
    expect(
        accepted(&answer) && now == me,
        "who one is after registering somebody else",
        me,
        shown(&answer),
    )
}

async fn needs_no_email(cx: &Context) -> Verdict {
    // Where nobody can register, that is no matter of the e-mail.
    let [_] = cx.people().await?;
    cx.needs_registration()?;

    let form = without(good(&cx.username("nora")), "email");
    let answer = registers(&cx.stranger(), &form).await?;

    let user = expect_accepted(&answer, "a registration without an e-mail")?;
    expect_eq(
        &user["email"],
        &json!(""),
        "the e-mail of somebody who gave none",
    )
}

async fn lets_two_share_an_email(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let [alice] = cx.people().await?;
    let me = cx.given("ask who one is", async {
        expect_accepted(&alice.client.get("/api/me/").await?, "who alice is")
    });
    let me = me.await?;
    let Some(email) = me["email"].as_str() else {
        return Err(Failure::Untestable(
            "GET /api/me/ tells no e-mail to share".to_owned(),
        ));
    };
    let form = with(good(&cx.username("nora")), &json!({"email": email}));
    let answer = registers(&cx.stranger(), &form).await?;
    let user = expect_accepted(&answer, "a registration with the e-mail of somebody else")?;
    expect_eq(&user["email"], &json!(email), "the new user's e-mail")
}

async fn knows_three_user_types(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    cx.needs_registration()?;
    let mut ids = Vec::new();
    for user_type in USER_TYPES {
        let form = with(
            good(&cx.username(user_type)),
            &json!({"user_type": user_type}),
        );
        let answer = registers(&cx.stranger(), &form).await?;
        let user = expect_accepted(&answer, &format!("a registration as {user_type}"))?;
        expect_user_type(&user, user_type, "the answer to the registration")?;
        ids.push(user["id"].clone());
    }

    // What others are told of them is what was stored.
    let chat = cx
        .given("make a chat of the three", async {
            let body = json!({"name": cx.name("types"), "participant_ids": ids});
            let answer = alice.client.post("/api/chats/", &body).await?;
            expect_accepted(&answer, "the new chat")
        })
        .await?;
    for (user_type, id) in USER_TYPES.into_iter().zip(ids) {
        let seen = chat["participants"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|user| user["id"] == id);
        let Some(user) = seen else {
            return Err(Failure::Untestable(format!(
                "the chat does not show its participant {id}"
            )));
        };
        expect_user_type(user, user_type, "a participant as others see them")?;
    }
    Ok(())
}

async fn makes_a_student_unless_told(cx: &Context) -> Verdict {
    // Where nobody can register, that is no matter of the user type.
    let [_] = cx.people().await?;
    cx.needs_registration()?;

    let form = without(good(&cx.username("nora")), "user_type");
    let answer = registers(&cx.stranger(), &form).await?;

    let user = expect_accepted(&answer, "a registration without a user type")?;
    expect_user_type(&user, "student", "somebody who did not say what they are")
}

async fn refuses_another_user_type(cx: &Context) -> Verdict {
    // Where nobody can register, that is no matter of the user type.
    let [_] = cx.people().await?;
    cx.needs_registration()?;
    let name = cx.username("nora");
    for user_type in ["admin", "teacher", "OWNER", "superuser"] {
        let form = with(good(&name), &json!({"user_type": user_type}));
        let answer = registers(&cx.stranger(), &form).await?;
        expect_refused(&answer, &format!("a registration as {user_type:?}"))?;
    }
    expect_no_account(cx, &name).await
}

async fn refuses_a_taken_username_and_changes_nothing(cx: &Context) -> Verdict {
    // Where nobody can log in, that is no matter of names.
    let [_] = cx.people().await?;
    let name = cx.username("nora");
    let form = good(&name);
    given_account(cx, &cx.stranger(), &form).await?;

    let other = json!({
        "username": name, "password": "another-pony-7", "password_confirm": "another-pony-7",
        "email": "other@example.com", "user_type": "owner",
    });
    let answer = registers(&cx.stranger(), &other).await?;

    expect_refused(&answer, "a registration with a taken username")?;
    let taken_over = logs_in(&cx.stranger(), &name, "another-pony-7").await?;
    if accepted(&taken_over) {
        given_wrong_passwords_are_refused(cx, &name).await?;
    }
    expect_refused(
        &taken_over,
        "a login with the password of the refused registration",
    )?;
    let nora = cx.stranger();
    let answer = logs_in(&nora, &name, PASSWORD).await?;
    expect(
        accepted(&answer),
        "the login of who had the username first",
        "that it succeeds",
        shown(&answer),
    )?;
    let me = cx
        .given("ask who one is", async {
            let me = expect_accepted(&nora.get("/api/me/").await?, "who one is")?;
            expect_eq(&me["username"], &json!(name), "who one is")?;
            Ok::<_, Failure>(me)
        })
        .await?;
    for field in ["email", "user_type"] {
        let what = format!("the {field} of who had the username first");
        if me.get(field).is_some() {
            expect_eq(&me[field], &form[field], &what)?;
        }
    }
    Ok(())
}

async fn refuses_passwords_that_differ(cx: &Context) -> Verdict {
    // Where nobody can register, that is no matter of the passwords.
    let [_] = cx.people().await?;
    cx.needs_registration()?;
    let name = cx.username("nora");
    let longer = format!("{PASSWORD}!");
    let others = ["another-pony-7", &PASSWORD.to_uppercase(), &longer, "c"];
    for other in others {
        let form = with(good(&name), &json!({"password_confirm": other}));
        let answer = registers(&cx.stranger(), &form).await?;
        expect_refused(
            &answer,
            &format!("a registration with the passwords {PASSWORD:?} and {other:?}"),
        )?;
    }
    expect_no_account(cx, &name).await
}

/// That the name is free still: it can be had.
async fn expect_no_account(cx: &Context, name: &str) -> Verdict {
    let answer = registers(&cx.stranger(), &good(name)).await?;
    expect_accepted(
        &answer,
        "a good registration with the name of the refused ones, which made no account",
    )
    .map(drop)
}

fn expect_user_type(user: &Value, user_type: &str, whose: &str) -> Verdict {
    let Some(actual) = user.get("user_type").and_then(Value::as_str) else {
        return Err(Failure::Untestable(format!(
            "{whose} shows no user_type: {user}"
        )));
    };
    expect_eq(actual, user_type, &format!("the user_type of {whose}"))
}
