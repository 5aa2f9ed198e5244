//! Which values a registration refuses, and in which words: usernames, e-mails, user types.

use chat_fixtures::client::Ask;
use serde_json::json;

use super::registration_words::{BAD_USERNAME, NO_EMAIL, NULL, TAKEN, expect_good, expect_words};
use crate::{check::Verdict, checks, context::Context, expect::expect_answer, registration::with};

checks! {
    REG_5 => says_which_characters_a_username_has,
    REG_5 => says_which_emails_are_none,
    REG_5 => says_what_cannot_be_stored,
    REG_5 => says_that_a_username_is_taken,
    REG_5 => says_which_user_types_are_none,
}

async fn says_which_characters_a_username_has(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    for bad in [
        "a b",
        "a!",
        "a#",
        "a$",
        "a%",
        "a/b",
        "a\\b",
        "a'b",
        "a\"b",
        "a<b>",
        "a:b",
        "a\nb",
        "a\u{1}b",
        "a\u{1F600}",
        "a\u{200B}b",
        "e\u{301}",
        "a\u{A0}b",
        "\u{20AC}",
    ] {
        let says = json!({"username": [BAD_USERNAME]});
        expect_words(cx, &json!({"username": bad}), &says).await?;
    }
    let fresh = cx.username("n");
    for good in [
        ".",
        "@",
        "+",
        "-",
        "_",
        "Z9",
        "é",
        "ß",
        "Жук",
        "日本語",
        "٣",
    ] {
        expect_good(cx, "username", &json!(format!("{good}{fresh}"))).await?;
    }
    Ok(())
}

async fn says_which_emails_are_none(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    for bad in [
        "notmail",
        "@",
        "a@",
        "@b.com",
        "a@b",
        "a@b.c",
        "A@LOCALHOST",
        "a@b.c1",
        "a@b.12",
        "a@-b.com",
        "a@b-.com",
        "a@b_c.com",
        "a@b..com",
        "a@.b.com",
        "a@b.com.",
        "ü@b.com",
        "a b@b.com",
        "\"a b\"@b.com",
        "a@b@c.com",
        ".a@b.com",
        "a.@b.com",
        "a..b@b.com",
        "a(b)@b.com",
        "a,b@b.com",
        "a[b@b.com",
        "a@[256.0.0.1]",
        "a@[IPv6:::1]",
        "a@127.0.0.1",
        "a@b .com",
        "a@b.com/",
        "a@b.com:25",
        "<a@b.com>",
        "mailto:a@b.com",
        "a@b.com,c@d.com",
    ] {
        expect_words(cx, &json!({"email": bad}), &json!({"email": [NO_EMAIL]})).await?;
    }
    for good in [
        "a@b.co",
        "a@localhost",
        "a@1.com",
        "a@b--c.com",
        "a@b.xn--p1ai",
        "a@münchen.de",
        "\"a\"@b.com",
        "a.b.c@b.com",
        "a+b@b.com",
        "!#$%&'*+/=?^_`{}|~-@b.com",
        "a@[127.0.0.1]",
        "a@[::1]",
        "A.B@C.D.EF",
    ] {
        expect_good(cx, "email", &json!(good)).await?;
    }
    Ok(())
}

async fn says_what_cannot_be_stored(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let nul = "Null characters are not allowed.";
    let text = "a\u{0}b";
    expect_words(
        cx,
        &json!({"username": text, "email": text, "password": text, "password_confirm": text}),
        &json!({
            "username": [BAD_USERNAME, nul], "email": [nul, NO_EMAIL],
            "password": [nul], "password_confirm": [nul],
        }),
    )
    .await?;

    let lone = "Surrogate characters are not allowed: U+D800.";
    let body = r#"{"username": "a\ud800", "email": "a\ud800@b.com", "password": "\ud800", "password_confirm": "x"}"#;
    let ask = Ask::new("POST", "/api/register/").body("application/json", body);
    let answer = cx.stranger().ask(ask).await?;
    let says = json!({
        "username": [BAD_USERNAME, lone], "email": [lone, NO_EMAIL], "password": [lone],
    });
    expect_answer(&answer, 400, &says, "a registration with half a character")
}

async fn says_that_a_username_is_taken(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    let [alice] = cx.people().await?;
    let taken = json!({"username": alice.username});
    expect_words(cx, &taken, &json!({"username": [TAKEN]})).await?;
    expect_words(
        cx,
        &with(taken, &json!({"email": "bad"})),
        &json!({"username": [TAKEN], "email": [NO_EMAIL]}),
    )
    .await?;
    // Names are compared letter by letter, capitals and all.
    expect_good(cx, "username", &json!(alice.username.to_uppercase())).await
}

async fn says_which_user_types_are_none(cx: &Context) -> Verdict {
    cx.needs_registration()?;
    for (other, shown) in [
        (json!("admin"), "admin"),
        (json!("Owner"), "Owner"),
        (json!(" owner"), " owner"),
        (json!("owner "), "owner "),
        (json!(""), ""),
        (json!("   "), "   "),
        (json!(3), "3"),
        (json!(1.5), "1.5"),
        (json!(true), "True"),
        (json!([]), "[]"),
        (json!({}), "{}"),
        (json!(["owner"]), "['owner']"),
        (json!("владелец"), "владелец"),
    ] {
        let says = json!({"user_type": [format!("\"{shown}\" is not a valid choice.")]});
        expect_words(cx, &json!({"user_type": other}), &says).await?;
    }
    let null = json!({"user_type": null});
    expect_words(cx, &null, &json!({"user_type": [NULL]})).await?;
    expect_words(
        cx,
        &json!({"user_type": "admin", "username": "a b", "email": "bad"}),
        &json!({
            "user_type": ["\"admin\" is not a valid choice."],
            "username": [BAD_USERNAME], "email": [NO_EMAIL],
        }),
    )
    .await?;
    for good in ["owner", "student", "staff"] {
        expect_good(cx, "user_type", &json!(good)).await?;
    }
    Ok(())
}
