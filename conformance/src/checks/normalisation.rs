//! What a registration makes of the text it is given before it stores it; a login takes it as it is.

use std::collections::BTreeSet;

use serde_json::json;

use crate::{
    cast::PASSWORD,
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_answer, expect_eq, expect_refused, shown},
    registration::{
        accepted, expect_accepted, given_account, given_wrong_passwords_are_refused, good, logs_in,
        registers, wide, with,
    },
};

checks! {
    REG_6 => trims_what_it_stores,
    REG_6 => takes_white_space_alone_for_blank,
    REG_6 => trims_nothing_at_login,
    REG_6 => lower_cases_the_domain_of_the_email,
    REG_6 => normalises_the_username,
    REG_7 => takes_a_normalised_username_for_taken,
}

async fn trims_what_it_stores(cx: &Context) -> Verdict {
    // Where nobody can log in, that is no matter of white space.
    let [_] = cx.people().await?;
    cx.needs_registration()?;
    let name = cx.username("nora");
    let spaced = json!({
        "username": format!("  {name}\t"), "email": "\n nora@example.com ",
        "password": "  open sesame  ", "password_confirm": " open sesame\u{a0}",
    });
    let form = with(good(&name), &spaced);

    let answer = registers(&cx.stranger(), &form).await?;

    let user = expect_accepted(&answer, "a registration with white space around all text")?;
    // That it is somebody else's name is worse, and another clause's matter.
    let told = user["username"].as_str().unwrap_or_default();
    expect(
        told.trim() != name || told == name,
        "the username of the new user",
        format!("{name:?}, without the white space around it"),
        format!("{told:?}"),
    )?;
    // A password among them is worse, and another clause's matter.
    let fields: BTreeSet<_> = user
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .filter(|name| !name.contains("password"))
        .collect();
    expect_eq(
        fields,
        BTreeSet::from(["id", "username", "email", "user_type"]),
        "the fields of the new user",
    )?;
    expect_eq(
        &user["email"],
        &json!("nora@example.com"),
        "the trimmed e-mail",
    )?;
    let answer = logs_in(&cx.stranger(), &name, "open sesame").await?;
    expect_accepted(&answer, "a login with the trimmed password").map(drop)
}

async fn takes_white_space_alone_for_blank(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let [alice] = cx.people().await?;
    for field in ["username", "password", "password_confirm"] {
        // What is said of a blank besides is REG-5's.
        let blank = with(good(&cx.username("nora")), &json!({field: ""}));
        let due = registers(&cx.stranger(), &blank).await?;
        let refused = async { expect_refused(&due, "a blank field") };
        cx.given("be refused a blank field", refused).await?;
        for blank in ["   ", "\t\n", "\u{3000}"] {
            let form = with(good(&cx.username("nora")), &json!({field: blank}));
            let answer = registers(&cx.stranger(), &form).await?;
            expect(
                (400..500).contains(&answer.status) && answer.text() == due.text(),
                format!("a registration with {}", json!({field: blank})),
                format!("as without any: {}", shown(&due)),
                shown(&answer),
            )?;
        }
    }
    // What is said of a taken name is said of it with white space around it.
    let asks = async |name: String| {
        let form = with(good(&name), &json!({"password_confirm": "other"}));
        registers(&cx.stranger(), &form).await
    };
    let bare = asks(alice.username.clone()).await?;
    let refused = async { expect_refused(&bare, "a taken username") };
    cx.given("be refused a taken username", refused).await?;
    let padded = asks(format!(" {} ", alice.username)).await?;
    expect(
        bare.status == padded.status && bare.text() == padded.text(),
        "a taken username with white space around it",
        format!("as without: {}", shown(&bare)),
        shown(&padded),
    )
}

async fn trims_nothing_at_login(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let (name, password) = (&alice.username, &alice.password);
    for (name, password) in [
        (format!(" {name} "), password.clone()),
        (name.clone(), format!(" {password} ")),
    ] {
        let answer = logs_in(&cx.stranger(), &name, &password).await?;
        if accepted(&answer) {
            given_wrong_passwords_are_refused(cx, &alice.username).await?;
        }
        expect_refused(&answer, &format!("a login as {name:?} with {password:?}"))?;
    }
    Ok(())
}

async fn lower_cases_the_domain_of_the_email(cx: &Context) -> Verdict {
    let form = with(
        good(&cx.username("nora")),
        &json!({"email": "A.B+c@EXAMPLE.Com"}),
    );
    let user = given_account(cx, &cx.stranger(), &form).await?;
    expect_eq(
        &user["email"],
        &json!("A.B+c@example.com"),
        "the e-mail of A.B+c@EXAMPLE.Com",
    )
}

async fn normalises_the_username(cx: &Context) -> Verdict {
    // Where nobody can log in, that is no matter of names.
    let [_] = cx.people().await?;
    cx.needs_registration()?;
    let rest = cx.username("nora");
    let (asked, stored) = (
        format!("\u{ff21}\u{fb01}\u{2461}É{rest}"),
        format!("Afi2É{rest}"),
    );

    let answer = registers(&cx.stranger(), &good(&asked)).await?;

    let user = expect_accepted(&answer, "a registration with a username that NFKC changes")?;
    // That it is somebody else's name altogether is another clause's matter.
    expect(
        user["username"] != asked,
        "the username of the new user",
        &stored,
        &user["username"],
    )?;
    let answer = logs_in(&cx.stranger(), &stored, PASSWORD).await?;
    expect_accepted(&answer, "a login with the normalised username").map(drop)
}

async fn takes_a_normalised_username_for_taken(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let [alice] = cx.people().await?;
    let wide = wide(&alice.username);
    if wide == alice.username {
        return Err(Failure::NotApplicable(
            "needs somebody with a letter of a–z in the username".to_owned(),
        ));
    }
    let answer = registers(&cx.stranger(), &good(&wide)).await?;
    let says = json!({"username": ["A user with that username already exists."]});
    expect_answer(&answer, 400, &says, &format!("a registration as {wide}"))
}
