//! What the content of a message sent by REST may be, and in which words others are refused.

use chat_fixtures::{
    answer::Answer,
    client::Ask,
    people::{Chat, Person},
};
use serde_json::{Value, json};

use super::messages::{expect_contents, has_said, settled};
use crate::{
    accepted::{accepted, accepted_list},
    check::{Failure, Verdict},
    checks,
    context::Context,
    essence,
    expect::{expect_answer, expect_json},
    paths,
    shape::expect_keys,
};

checks! {
    SEND_6 => takes_content_of_every_kind,
    SEND_6 => trims_content,
    SEND_6 => refuses_bad_content_in_the_words,
    SEND_6 => refuses_bodies_that_are_no_object_in_the_words,
    SEND_6 => answers_strangers_in_the_words_for_an_unknown_chat,
    SEND_6 => answers_with_nothing_but_the_message,
}

async fn takes_content_of_every_kind(cx: &Context) -> Verdict {
    stores(cx, &CONTENTS).await
}

async fn trims_content(cx: &Context) -> Verdict {
    stores(cx, &TRIMMED).await
}

/// Each of the contents, as JSON, is answered with and stored as the text beside it.
async fn stores(cx: &Context, cases: &[(&str, &str)]) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    has_said(cx, &alice, &chat, "first").await?;
    let mut said = vec!["first"];
    for (raw, content) in cases {
        let body = format!("{{\"content\": {raw}}}");
        let what = format!("sending {body}");
        let message = accepted(&sends(&alice, &chat, body).await?, &what)?;
        let what = format!("the content after {what}");
        expect_json(&message["content"], &json!(content), &what)?;
        said.push(content);
    }
    let stored = settled(&alice, &chat, |stored| stored.len() == said.len()).await?;
    expect_contents(&stored, &said, "the contents stored")
}

async fn refuses_bad_content_in_the_words(cx: &Context) -> Verdict {
    let cases = BAD_CONTENTS.iter().map(|(raw, words)| {
        let words: Value = serde_json::from_str(words).unwrap_or_default();
        (format!("{{\"content\": {raw}}}"), json!({"content": words}))
    });
    let required = json!({"content": ["This field is required."]});
    let missing = ["{}", "{\"Content\": \"x\"}", ""].map(|raw| (raw.to_owned(), required.clone()));
    refuses(cx, cases.chain(missing)).await
}

async fn refuses_bodies_that_are_no_object_in_the_words(cx: &Context) -> Verdict {
    let cases = NO_OBJECTS.iter().map(|(raw, words)| {
        let words = json!({"non_field_errors": [words]});
        ((*raw).to_owned(), words)
    });
    refuses(cx, cases).await
}

/// Each of the bodies is answered with 400 and these words, and nothing of it is stored.
async fn refuses(cx: &Context, cases: impl Iterator<Item = (String, Value)>) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    has_said(cx, &alice, &chat, "first").await?;
    for (body, words) in cases {
        let what = format!("sending {body:?}");
        let answer = sends(&alice, &chat, body).await?;
        expect_answer(&answer, 400, &words, &what)?;
    }
    let stored = contents(&alice, &chat).await?;
    expect_json(&stored, &json!(["first"]), "the contents after refusals")
}

async fn answers_strangers_in_the_words_for_an_unknown_chat(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let foreign = cx.chat_of(&[&alice, &bob]).await?.id.to_string();
    let unknown = paths::unknown_id(cx).to_string();
    let no_chat = "No Chat matches the given query.";
    for (id, words) in [
        (&*foreign, no_chat),
        (&*unknown, no_chat),
        ("0", no_chat),
        ("-1", no_chat),
        ("99999999999999999999999", no_chat),
        ("abc", "Not found."),
    ] {
        for body in [json!({"content": "x"}), json!({"content": ""}), json!({})] {
            let path = format!("/api/chats/{id}/send_message/");
            let answer = carol.client.post(&path, &body).await?;
            // That a stranger's message is stored breaks SEND-4, not the words.
            if id == foreign && (200..300).contains(&answer.status) {
                break;
            }
            let what = format!("sending {body} to {path}");
            expect_answer(&answer, 404, &json!({"detail": words}), &what)?;
        }
    }
    Ok(())
}

async fn answers_with_nothing_but_the_message(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    has_said(cx, &alice, &chat, "first").await?;
    let body = json!({"content": "bare", "chat": chat.id}).to_string();
    let message = accepted(&sends(&alice, &chat, body).await?, "sending")?;
    expect_keys(&message, &essence::MESSAGE, "the message")?;
    expect_keys(&message["sender"], &essence::USER, "its sender")
}

async fn sends(person: &Person, chat: &Chat, body: String) -> Result<Answer, Failure> {
    let ask = Ask::new("POST", &paths::sending(chat.id)).body("application/json", body);
    Ok(person.client.ask(ask).await?)
}

async fn contents(person: &Person, chat: &Chat) -> Result<Value, Failure> {
    let answer = person.client.get(&paths::history(chat.id)).await?;
    let messages = accepted_list(&answer, "the chat's history")?;
    Ok(messages
        .iter()
        .map(|message| message["content"].clone())
        .collect())
}

/// Contents as JSON, and what is made of them: a number is its text as Python writes it.
const CONTENTS: [(&str, &str); 20] = [
    ("\"12.50\"", "12.50"),
    ("\"a\\nb\\r\\nc\\td\"", "a\nb\r\nc\td"),
    ("\"<b>&amp;</b><script>\"", "<b>&amp;</b><script>"),
    ("\"\\\"\\\\\\/\"", "\"\\/"),
    (
        "\"\\ud83d\\ude80 e\\u0301 \\u00e9\"",
        "\u{1f680} e\u{301} \u{e9}",
    ),
    ("\"a\\u2028b\\u202ec\"", "a\u{2028}b\u{202e}c"),
    ("\"\\u0001\\u007f\\u0080\"", "\u{1}\u{7f}\u{80}"),
    ("\"\\u200b\\ufffe\"", "\u{200b}\u{fffe}"),
    ("0", "0"),
    ("-0", "0"),
    ("0.0", "0.0"),
    ("12.50", "12.5"),
    ("1e3", "1000.0"),
    ("1e15", "1000000000000000.0"),
    ("1e16", "1e+16"),
    ("0.00001", "1e-05"),
    ("2.5e-8", "2.5e-08"),
    ("9007199254740993.0", "9007199254740992.0"),
    ("123456789012345678", "123456789012345678"),
    ("-100000000000000000000", "-100000000000000000000"),
];

/// Contents as JSON, with white space of every kind around, and without.
const TRIMMED: [(&str, &str); 8] = [
    ("\"  pad  \"", "pad"),
    ("\"\\n x \\r\\n\\t\"", "x"),
    ("\"\\u000bx\\u000c\"", "x"),
    ("\"\\u001c\\u001fx\\u001e\"", "x"),
    ("\"\\u0085x\\u00a0\"", "x"),
    ("\"\\u2000\\u2003x\\u3000\"", "x"),
    ("\"two  words\"", "two  words"),
    ("\"\\ufeffx\\u180e\"", "\u{feff}x\u{180e}"),
];

/// Contents as JSON that are refused, and the words.
const BAD_CONTENTS: [(&str, &str); 19] = [
    ("null", "[\"This field may not be null.\"]"),
    ("\"\"", "[\"This field may not be blank.\"]"),
    ("\"  \"", "[\"This field may not be blank.\"]"),
    ("\"\\t\\n\\r\"", "[\"This field may not be blank.\"]"),
    (
        "\"\\u000b\\u000c\\u001c\\u0085\"",
        "[\"This field may not be blank.\"]",
    ),
    (
        "\"\\u00a0\\u1680\\u2028\\u3000\"",
        "[\"This field may not be blank.\"]",
    ),
    ("true", "[\"Not a valid string.\"]"),
    ("false", "[\"Not a valid string.\"]"),
    ("[]", "[\"Not a valid string.\"]"),
    ("[\"a\"]", "[\"Not a valid string.\"]"),
    ("{}", "[\"Not a valid string.\"]"),
    ("{\"a\": 1}", "[\"Not a valid string.\"]"),
    ("\"a\\u0000b\"", "[\"Null characters are not allowed.\"]"),
    ("\" \\u0000 \"", "[\"Null characters are not allowed.\"]"),
    (
        "\"a\\ud800b\"",
        "[\"Surrogate characters are not allowed: U+D800.\"]",
    ),
    (
        "\"\\udfff\"",
        "[\"Surrogate characters are not allowed: U+DFFF.\"]",
    ),
    (
        "\"\\udc00\\ud800\"",
        "[\"Surrogate characters are not allowed: U+DC00.\"]",
    ),
    (
        "\"\\ud83d\\ude80\\ud83d\"",
        "[\"Surrogate characters are not allowed: U+D83D.\"]",
    ),
    (
        "\"\\u0000\\ud800\"",
        "[\"Null characters are not allowed.\", \"Surrogate characters are not allowed: U+D800.\"]",
    ),
];

const NO_OBJECTS: [(&str, &str); 7] = [
    ("null", "No data provided"),
    ("[]", "Invalid data. Expected a dictionary, but got list."),
    (
        "[{\"content\": \"x\"}]",
        "Invalid data. Expected a dictionary, but got list.",
    ),
    (
        "\"content\"",
        "Invalid data. Expected a dictionary, but got str.",
    ),
    ("1", "Invalid data. Expected a dictionary, but got int."),
    ("1.5", "Invalid data. Expected a dictionary, but got float."),
    ("true", "Invalid data. Expected a dictionary, but got bool."),
];
