//! What a body may be called: the names of JSON and of forms, however they are written, and no others.

use chat_fixtures::client::Ask;
use serde_json::json;

use super::{http::take_bodies, messages::sends};
use crate::{
    accepted::accepted, check::Verdict, checks, context::Context, expect::expect_answer, paths,
};

checks! {
    HTTP_1 => knows_media_types_however_they_are_written,
    HTTP_1 => refuses_other_media_types_in_the_words,
}

/// Browsers' libraries name the charset beside the type. What forms mean is SEND-7's.
async fn knows_media_types_however_they_are_written(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let body = json!({"content": "the same to all of them"});
    cx.given("send a message", sends(&alice, &chat, &body))
        .await?;
    for media in [
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json; charset=\"utf-8\"",
        "Application/JSON",
    ] {
        let ask = Ask::new("POST", &paths::sending(chat.id)).body(media, body.to_string());
        accepted(&alice.client.ask(ask).await?, &format!("a body of {media}"))?;
    }
    Ok(())
}

async fn refuses_other_media_types_in_the_words(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let (one, sending) = (paths::chat(chat.id), paths::sending(chat.id));
    let stranger = cx.stranger();
    for media in ["text/plain", "application/xml", "application/octet-stream"] {
        for (client, method, path) in take_bodies(&stranger, &alice.client, &one, &sending) {
            let ask = Ask::new(method, path).body(media, "{\"name\": \"x\", \"content\": \"x\"}");
            let words = format!("Unsupported media type \"{media}\" in request.");
            let what = format!("{method} {path} with {media}");
            let answer = client.ask(ask).await?;
            expect_answer(&answer, 415, &json!({"detail": words}), &what)?;
        }
    }
    Ok(())
}
