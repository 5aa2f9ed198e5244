//! How large a body may be: four mebibytes always pass, more than 32 never do, and are not read to their end.

use std::time::Duration;

use chat_fixtures::{
    answer::Answer,
    client::Ask,
    people::{Chat, Person},
};
use serde_json::{Value, json};

use crate::{
    accepted::accepted,
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_eq},
    paths,
    wire::{Place, Reply},
};

checks! {
    HTTP_5 => takes_four_mebibytes_of_json,
    HTTP_5 => takes_a_form_of_four_mebibytes,
    HTTP_5 => takes_four_mebibytes_in_parts,
    HTTP_5 => refuses_a_length_over_32_mebibytes_unread,
    HTTP_5 => refuses_chunks_over_32_mebibytes_unread,
}

async fn takes_four_mebibytes_of_json(cx: &Context) -> Verdict {
    takes(cx, |path| {
        let content = "x".repeat(SURE - r#"{"content":""}"#.len());
        let ask = Ask::new("POST", path).json(&json!({"content": content}));
        (ask, content)
    })
    .await
}

async fn takes_a_form_of_four_mebibytes(cx: &Context) -> Verdict {
    takes(cx, |path| {
        let content = "x".repeat(SURE - "content=".len());
        let body = format!("content={content}");
        let media = "application/x-www-form-urlencoded";
        (Ask::new("POST", path).body(media, body), content)
    })
    .await
}

async fn takes_four_mebibytes_in_parts(cx: &Context) -> Verdict {
    takes(cx, |path| {
        let start = "--B\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\n";
        let end = "\r\n--B--\r\n";
        let content = "x".repeat(SURE - start.len() - end.len());
        let body = format!("{start}{content}{end}");
        let media = "multipart/form-data; boundary=B";
        (Ask::new("POST", path).body(media, body), content)
    })
    .await
}

async fn refuses_a_length_over_32_mebibytes_unread(cx: &Context) -> Verdict {
    let length = format!("Content-Length: {}\r\n\r\n", TOO_MUCH);
    refuses(cx, &length, || vec![b'x'; PIECE]).await
}

async fn refuses_chunks_over_32_mebibytes_unread(cx: &Context) -> Verdict {
    refuses(cx, "Transfer-Encoding: chunked\r\n\r\n", || {
        let mut chunk = format!("{PIECE:x}\r\n").into_bytes();
        chunk.resize(chunk.len() + PIECE, b'x');
        chunk.extend(b"\r\n");
        chunk
    })
    .await
}

/// Sends a message with a body of 4 MiB: it is answered with and stored.
async fn takes(cx: &Context, message: impl Fn(&str) -> (Ask, String)) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let (ask, content) = message(&paths::sending(chat.id));
    let verdict = async {
        let answer = alice.client.ask(ask).await?;
        let message = accepted(&answer, "sending a message with a body of 4 MiB")?;
        expect_content(&message, content.len(), "the answer")?;
        let answer = alice.client.get(&paths::history(chat.id)).await?;
        let stored = accepted(&answer, "the history")?;
        expect_content(&stored[0], content.len(), "the history")
    };
    let verdict = verdict.await;
    // So much in a list of chats would burden every other story.
    deletes(&alice, &chat).await?;
    verdict
}

fn expect_content(message: &Value, length: usize, what: &str) -> Verdict {
    let content = message["content"].as_str().unwrap_or_default();
    let what = format!("how many times x the content is in {what}");
    let others = content.bytes().filter(|byte| *byte != b'x').count();
    expect_eq((content.len(), others), (length, 0), &what)
}

async fn deletes(person: &Person, chat: &Chat) -> Result<Answer, Failure> {
    let ask = Ask::new("DELETE", &paths::chat(chat.id));
    Ok(person.client.ask(ask).await?)
}

/// A body of 33 MiB is answered with 413 before its last byte is sent, to somebody known and to anybody.
async fn refuses(cx: &Context, length: &str, piece: impl Fn() -> Vec<u8>) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let place = Place::of(alice.client.base())?;
    for (client, path) in [
        (&alice.client, paths::sending(chat.id)),
        (&cx.stranger(), "/api/register/".to_owned()),
    ] {
        let head = place.head(client, "POST", &path);
        let head = format!("{head}Content-Type: application/json\r\n{length}").into_bytes();
        // All but one piece: the end is never sent, so who answers has not waited for it.
        let pieces = (0..TOO_MUCH / PIECE - 1).map(|_| piece());
        let wire = place.connects().await?;
        let reply = wire
            .sends_while_listening(std::iter::once(head).chain(pieces), PATIENCE)
            .await;
        cx.notes(format!(
            "sent {path} a body of 33 MiB, but for its end; got {reply}"
        ));
        let refused = matches!(reply, Reply::Answered(413, _));
        let what = format!("POST {path} with a body of 33 MiB, before its end");
        expect(refused, what, "413", reply)?;
    }
    let answer = alice.client.get("/api/me/").await?;
    expect_eq(answer.status, 200, "the status of GET /api/me/ afterwards")
}

/// What always passes.
const SURE: usize = 4 << 20;
/// What never does; the pieces before the last one are more than 32 MiB as well.
const TOO_MUCH: usize = 33 << 20;
const PIECE: usize = 64 << 10;
const PATIENCE: Duration = Duration::from_secs(5);
