//! What a registration makes of the text it is given before it stores it; a login takes it as it is.

use serde_json::json;

use crate::{
    cast::PASSWORD,
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_answer, expect_eq, expect_refused, shown},
    registration::{expect_accepted, given_account, good, logs_in, registers, with},
    shape::expect_keys,
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
    expect_keys(
        &user,
        &["id", "username", "email", "user_type"],
        "the new user",
    )?;
    expect_eq(&user["username"], &json!(name), "the trimmed username")?;
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
    let form = json!({
        "username": " \t", "password": "   ", "password_confirm": "\u{3000}", "email": "  ",
    });
    let answer = registers(&cx.stranger(), &form).await?;
    let blank = "This field may not be blank.";
    let says = json!({"username": [blank], "password": [blank], "password_confirm": [blank]});
    expect_answer(&answer, 400, &says, "a registration of white space")?;

    // What is said of a taken name and of a bad e-mail is said of both with white space around them.
    let asks = async |name: String, email: &str| {
        registers(&cx.stranger(), &with(good(&name), &json!({"email": email}))).await
    };
    let bare = asks(alice.username.clone(), "bad").await?;
    let padded = asks(format!(" {} ", alice.username), " bad ").await?;
    expect(
        bare.status == padded.status && bare.text() == padded.text(),
        "a taken username and a bad e-mail with white space around them",
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
        format!("\u{ff21}\u{fb01}\u{2461}{rest}"),
        format!("Afi2{rest}"),
    );

    let answer = registers(&cx.stranger(), &good(&asked)).await?;

    let user = expect_accepted(&answer, "a registration with a username that NFKC changes")?;
    expect_eq(&user["username"], &json!(stored), "the normalised username")?;
    let answer = logs_in(&cx.stranger(), &stored, PASSWORD).await?;
    expect_accepted(&answer, "a login with the normalised username").map(drop)
}

async fn takes_a_normalised_username_for_taken(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let [alice] = cx.people().await?;
    let wide: String = alice.username.chars().map(wide).collect();
    if wide == alice.username {
        return Err(Failure::NotApplicable(
            "needs somebody with a letter of a–z in the username".to_owned(),
        ));
    }
    let answer = registers(&cx.stranger(), &good(&wide)).await?;
    let says = json!({"username": ["A user with that username already exists."]});
    expect_answer(&answer, 400, &says, &format!("a registration as {wide}"))
}

/// The wide form of a letter, which NFKC takes back.
fn wide(letter: char) -> char {
    match letter {
        'a'..='z' | 'A'..='Z' => char::from_u32(u32::from(letter) + 0xfee0).unwrap_or(letter),
        _ => letter,
    }
}
