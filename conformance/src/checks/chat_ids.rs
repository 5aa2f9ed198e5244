//! Which ids name the participants of a new chat, which name a chat in a path, and what others are told.

use chat_fixtures::client::Ask;
use serde_json::{Value, json};

use super::{
    chat_names::{creation, expect_refusal},
    chats::expect_participants,
};
use crate::{
    accepted::{accepted, accepted_list},
    check::Verdict,
    checks,
    context::Context,
    essence,
    expect::{expect, expect_answer},
    paths,
    shape::expect_keys,
};

checks! {
    CHAT_5 => takes_ids_of_every_spelling,
    CHAT_5 => refuses_bad_ids_in_the_words,
    CHAT_5 => refuses_all_bad_fields_at_once,
    CHAT_5 => makes_nothing_of_what_it_refuses,
    CHAT_5 => answers_with_nothing_but_the_chat,
    CHAT_5 => answers_404_to_unknown_foreign_and_odd_ids,
}

async fn takes_ids_of_every_spelling(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    cx.chat_of(&[&alice, &bob]).await?;
    for spelling in IDS {
        let ids = spelling.replace("<id>", &bob.id.to_string());
        let body = format!(
            "{{\"name\": \"{}\", \"participant_ids\": {ids}}}",
            cx.name("ids")
        );
        let what = format!("creating a chat with {body}");
        let answer = alice.client.ask(creation(body)).await?;
        let chat = accepted(&answer, &what)?;
        expect_participants(
            &chat,
            &[&alice, &bob],
            &format!("participants after {what}"),
        )?;
    }
    Ok(())
}

async fn refuses_bad_ids_in_the_words(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    for (ids, words) in BAD_IDS {
        let words: Value = serde_json::from_str(words).unwrap_or_default();
        let ids = ids.replace("<id>", &alice.id.to_string());
        let body = format!("{{\"name\": \"n\", \"participant_ids\": {ids}}}");
        expect_refusal(cx, body, &json!({"participant_ids": words})).await?;
    }
    let long = format!("[\"{}\"]", "1".repeat(1001));
    let body = format!("{{\"name\": \"n\", \"participant_ids\": {long}}}");
    let words = json!({"participant_ids": {"0": ["String value too large."]}});
    expect_refusal(cx, body, &words).await
}

async fn refuses_all_bad_fields_at_once(cx: &Context) -> Verdict {
    let long = format!(
        "{{\"name\": \"{}\", \"participant_ids\": 5}}",
        "n".repeat(256)
    );
    for (body, words) in [
        (
            "{\"participant_ids\": [\"x\"]}".to_owned(),
            json!({
                "name": ["This field is required."],
                "participant_ids": {"0": ["A valid integer is required."]},
            }),
        ),
        (
            long,
            json!({
                "name": ["Ensure this field has no more than 255 characters."],
                "participant_ids": ["Expected a list of items but got type \"int\"."],
            }),
        ),
    ] {
        expect_refusal(cx, body, &words).await?;
    }
    Ok(())
}

async fn makes_nothing_of_what_it_refuses(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let name = cx.username("never");
    for ids in [
        json!(null),
        json!("x"),
        json!([alice.id, "x"]),
        json!([1.5]),
    ] {
        let body = json!({"name": name, "participant_ids": ids});
        alice.client.post("/api/chats/", &body).await?;
    }
    let chats = cx.given("list the chats", async {
        accepted_list(&alice.client.get("/api/chats/").await?, "GET /api/chats/")
    });
    let made = chats
        .await?
        .into_iter()
        .find(|chat| chat["name"] == name.as_str());
    expect(
        made.is_none(),
        "the list of chats after refusals",
        "none of the name that was refused",
        made.unwrap_or_default(),
    )
}

async fn answers_with_nothing_but_the_chat(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let body = json!({"name": cx.name("bare"), "participant_ids": [bob.id]});
    let answer = alice.client.post("/api/chats/", &body).await?;
    let chat = accepted(&answer, "creating a chat")?;
    expect_keys(&chat, &essence::CHAT, "the new chat")?;
    for user in chat["participants"].as_array().into_iter().flatten() {
        expect_keys(user, &essence::USER, "a participant of the new chat")?;
    }
    let path = paths::chat(chat["id"].as_u64().unwrap_or_default());
    let read = cx.given("read the chat", async {
        accepted(&alice.client.get(&path).await?, "reading the chat")
    });
    let read = read.await?;
    expect_keys(&read, &essence::CHAT, "the chat")
}

async fn answers_404_to_unknown_foreign_and_odd_ids(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let foreign = cx.chat_of(&[&bob, &carol]).await?.id.to_string();
    let unknown = paths::unknown_id(cx).to_string();
    let no_chat = "No Chat matches the given query.";
    let cases = [(&*foreign, no_chat), (&*unknown, no_chat)];
    for (id, words) in cases.into_iter().chain(ODD_IDS) {
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let path = format!("/api/chats/{id}/");
            let ask = Ask::new(method, &path);
            let ask = match method {
                "PUT" | "PATCH" => ask.json(&json!({"name": "x"})),
                _ => ask,
            };
            let what = format!("{method} {path}");
            let answer = alice.client.ask(ask).await?;
            // A stranger's change that succeeds breaks another promise than that of the words.
            if id != foreign || !(200..300).contains(&answer.status) {
                expect_answer(&answer, 404, &json!({"detail": words}), &what)?;
            }
        }
    }
    Ok(())
}

/// Lists of one id, spelt so that it is a whole number.
const IDS: [&str; 14] = [
    "[<id>]",
    "[\"<id>\"]",
    "[\" <id> \"]",
    "[\"\\n<id>\\t\"]",
    "[\"\\u00a0<id>\"]",
    "[<id>.0]",
    "[<id>e0]",
    "[\"<id>.0\"]",
    "[\"<id>.000\"]",
    "[\"+<id>\"]",
    "[\"00<id>\"]",
    "[<id>, <id>]",
    "[<id>, \"<id>\", <id>.0]",
    "[\"<id>.0 \"]",
];

const BAD_IDS: [(&str, &str); 19] = [
    ("null", "[\"This field may not be null.\"]"),
    (
        "{}",
        "[\"Expected a list of items but got type \\\"dict\\\".\"]",
    ),
    (
        "\"\"",
        "[\"Expected a list of items but got type \\\"str\\\".\"]",
    ),
    (
        "\"1,2\"",
        "[\"Expected a list of items but got type \\\"str\\\".\"]",
    ),
    (
        "1",
        "[\"Expected a list of items but got type \\\"int\\\".\"]",
    ),
    (
        "1.5",
        "[\"Expected a list of items but got type \\\"float\\\".\"]",
    ),
    (
        "true",
        "[\"Expected a list of items but got type \\\"bool\\\".\"]",
    ),
    ("[null]", "{\"0\": [\"This field may not be null.\"]}"),
    ("[true]", "{\"0\": [\"A valid integer is required.\"]}"),
    ("[1.5]", "{\"0\": [\"A valid integer is required.\"]}"),
    ("[\"1.5\"]", "{\"0\": [\"A valid integer is required.\"]}"),
    ("[\"\"]", "{\"0\": [\"A valid integer is required.\"]}"),
    ("[\"1 2\"]", "{\"0\": [\"A valid integer is required.\"]}"),
    (
        "[\"<id>e0\"]",
        "{\"0\": [\"A valid integer is required.\"]}",
    ),
    ("[[1]]", "{\"0\": [\"A valid integer is required.\"]}"),
    ("[{}]", "{\"0\": [\"A valid integer is required.\"]}"),
    ("[1e999]", "{\"0\": [\"A valid integer is required.\"]}"),
    (
        "[\"\\ud800\"]",
        "{\"0\": [\"A valid integer is required.\"]}",
    ),
    (
        "[<id>, \"x\", null, \"<id>\", false, 0.5]",
        "{\"1\": [\"A valid integer is required.\"], \"2\": [\"This field may not be null.\"],
          \"4\": [\"A valid integer is required.\"], \"5\": [\"A valid integer is required.\"]}",
    ),
];

/// Ids in a path that are none of a chat, and the words: other ones where they are no number at all.
const ODD_IDS: [(&str, &str); 10] = [
    ("0", "No Chat matches the given query."),
    ("-1", "No Chat matches the given query."),
    (
        "99999999999999999999999",
        "No Chat matches the given query.",
    ),
    ("9223372036854775808", "No Chat matches the given query."),
    ("abc", "Not found."),
    ("1e0", "Not found."),
    ("0x1", "Not found."),
    ("1,0", "Not found."),
    ("a%20b", "Not found."),
    ("%F0%9F%9A%80", "Not found."),
];
