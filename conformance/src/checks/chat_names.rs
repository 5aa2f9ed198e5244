//! What the name of a chat may be, when it is made and when it is changed; others are refused in words.

use chat_fixtures::client::Ask;
use serde_json::{Value, json};

use super::chat_changes::{changes, expect_name};
use crate::{
    accepted::accepted,
    check::Verdict,
    checks,
    context::Context,
    expect::{expect_answer, expect_json},
    paths,
};

checks! {
    CHAT_5 => takes_names_of_every_kind,
    CHAT_5 => takes_names_of_255_characters,
    CHAT_5 => trims_names,
    CHAT_5 => refuses_bad_names_in_the_words,
    CHAT_5 => refuses_bodies_that_are_no_object_in_the_words,
    CHAT_5 => changes_take_the_same_names,
    CHAT_5 => changes_refuse_the_same_names,
}

async fn takes_names_of_every_kind(cx: &Context) -> Verdict {
    makes_chats_named(cx, &NAMES).await
}

async fn trims_names(cx: &Context) -> Verdict {
    makes_chats_named(cx, &TRIMMED).await
}

async fn takes_names_of_255_characters(cx: &Context) -> Verdict {
    let (letters, rockets) = ("n".repeat(255), "\u{1f680}".repeat(255));
    let padded = format!("\"  {letters}  \"");
    let cases = [
        (format!("\"{letters}\""), letters.clone()),
        (format!("\"{rockets}\""), rockets),
        (padded, letters),
    ];
    let cases = cases.each_ref().map(|(raw, name)| (&**raw, &**name));
    makes_chats_named(cx, &cases).await
}

/// Each of the names, as JSON, makes a chat of the name beside it.
async fn makes_chats_named(cx: &Context, cases: &[(&str, &str)]) -> Verdict {
    let [alice] = cx.people().await?;
    cx.chat_of(&[&alice]).await?;
    for (raw, name) in cases {
        let body = format!("{{\"name\": {raw}}}");
        let what = format!("creating a chat with {body}");
        let answer = alice.client.ask(creation(body)).await?;
        let chat = accepted(&answer, &what)?;
        expect_json(
            &chat["name"],
            &json!(name),
            &format!("the name after {what}"),
        )?;
    }
    Ok(())
}

async fn refuses_bad_names_in_the_words(cx: &Context) -> Verdict {
    let (long, rockets) = ("n".repeat(256), "\u{1f680}".repeat(256));
    let nuls = "\\u0000".repeat(300);
    let long_words = json!(["Ensure this field has no more than 255 characters."]);
    let mut cases: Vec<(String, Value)> = BAD_NAMES
        .iter()
        .map(|(raw, words)| (format!("{{\"name\": {raw}}}"), json!([words])))
        .collect();
    cases.extend([
        ("{}".to_owned(), json!(["This field is required."])),
        (
            "{\"names\": \"x\"}".to_owned(),
            json!(["This field is required."]),
        ),
        (format!("{{\"name\": \"{long}\"}}"), long_words.clone()),
        (format!("{{\"name\": \"{rockets}\"}}"), long_words.clone()),
        (
            format!("{{\"name\": \"{nuls}\"}}"),
            json!([long_words[0], "Null characters are not allowed."]),
        ),
    ]);
    for (body, words) in cases {
        expect_refusal(cx, body, &json!({"name": words})).await?;
    }
    Ok(())
}

async fn refuses_bodies_that_are_no_object_in_the_words(cx: &Context) -> Verdict {
    for (body, words) in NO_OBJECTS {
        let words = json!({"non_field_errors": [words]});
        expect_refusal(cx, body.to_owned(), &words).await?;
    }
    let words = json!({"name": ["This field is required."]});
    expect_refusal(cx, String::new(), &words).await
}

async fn changes_take_the_same_names(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let longest = format!("\"{}\"", "\u{1f680}".repeat(255));
    for method in ["PUT", "PATCH"] {
        for (raw, name) in [
            ("\"  R1 \\u00a0\"", "R1"),
            ("12.50", "12.5"),
            ("1e16", "1e+16"),
            ("100000000000000000000", "100000000000000000000"),
            (&longest, longest.trim_matches('"')),
        ] {
            let body = format!("{{\"name\": {raw}}}");
            let what = format!("{method} with {body}");
            let ask = Ask::new(method, &paths::chat(chat.id)).body("application/json", body);
            let changed = accepted(&alice.client.ask(ask).await?, &what)?;
            expect_json(
                &changed["name"],
                &json!(name),
                &format!("the name after {what}"),
            )?;
            expect_name(&alice, chat.id, name, &what).await?;
        }
    }
    Ok(())
}

async fn changes_refuse_the_same_names(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    for method in ["PUT", "PATCH"] {
        for (name, words) in [
            (json!(null), "This field may not be null."),
            (json!(""), "This field may not be blank."),
            (json!("  "), "This field may not be blank."),
            (json!(true), "Not a valid string."),
            (json!(["x"]), "Not a valid string."),
            (json!("\0"), "Null characters are not allowed."),
            (
                json!("n".repeat(256)),
                "Ensure this field has no more than 255 characters.",
            ),
        ] {
            let body = json!({"name": name});
            let what = format!("{method} with {body}");
            let answer = changes(&alice, method, chat.id, &body).await?;
            expect_answer(&answer, 400, &json!({"name": [words]}), &what)?;
            expect_name(&alice, chat.id, &cx.name("chat"), &what).await?;
        }
    }
    Ok(())
}

/// Creating a chat with this body is refused with 400 and these words.
pub(super) async fn expect_refusal(cx: &Context, body: String, words: &Value) -> Verdict {
    let [alice] = cx.people().await?;
    let start: String = body.chars().take(80).collect();
    let answer = alice.client.ask(creation(body)).await?;
    expect_answer(
        &answer,
        400,
        words,
        &format!("creating a chat with {start}"),
    )
}

/// The request that creates a chat with this body.
pub(super) fn creation(body: String) -> Ask {
    Ask::new("POST", "/api/chats/").body("application/json", body)
}

/// Names as JSON, and what is made of them: a number is its text as Python writes it.
const NAMES: [(&str, &str); 20] = [
    ("\"x\"", "x"),
    ("\"007\"", "007"),
    ("\"a\\nb\"", "a\nb"),
    ("\"<i>&amp;</i>\"", "<i>&amp;</i>"),
    ("\"e\\u0301 \\ud83d\\ude80\"", "e\u{301} \u{1f680}"),
    ("\"\\u200b\"", "\u{200b}"),
    ("0", "0"),
    ("-0", "0"),
    ("-1", "-1"),
    ("5.0", "5.0"),
    ("-0.0", "-0.0"),
    ("12.50", "12.5"),
    ("1e3", "1000.0"),
    ("1e15", "1000000000000000.0"),
    ("1e16", "1e+16"),
    ("1E-5", "1e-05"),
    ("0.0001", "0.0001"),
    ("9007199254740993", "9007199254740993"),
    (
        "1000000000000000000000000000001",
        "1000000000000000000000000000001",
    ),
    (
        "-123456789012345678901234567890",
        "-123456789012345678901234567890",
    ),
];

/// Names as JSON, with white space of every kind around, and without.
const TRIMMED: [(&str, &str); 7] = [
    ("\"  t  \"", "t"),
    ("\"\\n\\tt\\r\\n\"", "t"),
    ("\"\\u000bt\\u000c\"", "t"),
    ("\"\\u00a0t\\u2003\"", "t"),
    ("\"\\u001ct\\u0085\"", "t"),
    ("\"\\u3000t t\\u2029\"", "t t"),
    ("\"\\ufefft\"", "\u{feff}t"),
];

const BAD_NAMES: [(&str, &str); 14] = [
    ("null", "This field may not be null."),
    ("\"\"", "This field may not be blank."),
    ("\"   \"", "This field may not be blank."),
    ("\"\\u00a0\\u3000\"", "This field may not be blank."),
    ("\"\\u001c\\u0085\"", "This field may not be blank."),
    ("true", "Not a valid string."),
    ("false", "Not a valid string."),
    ("[]", "Not a valid string."),
    ("[\"a\"]", "Not a valid string."),
    ("{}", "Not a valid string."),
    ("{\"a\": 1}", "Not a valid string."),
    ("\"a\\u0000b\"", "Null characters are not allowed."),
    (
        "\"\\ud800\"",
        "Surrogate characters are not allowed: U+D800.",
    ),
    (
        "\"a\\udfffb\"",
        "Surrogate characters are not allowed: U+DFFF.",
    ),
];

const NO_OBJECTS: [(&str, &str); 6] = [
    ("null", "No data provided"),
    ("[]", "Invalid data. Expected a dictionary, but got list."),
    ("\"x\"", "Invalid data. Expected a dictionary, but got str."),
    ("1", "Invalid data. Expected a dictionary, but got int."),
    ("1.5", "Invalid data. Expected a dictionary, but got float."),
    ("true", "Invalid data. Expected a dictionary, but got bool."),
];
