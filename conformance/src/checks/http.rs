//! What holds for every request: methods, bodies, slashes, unknown paths, and the root of the API.

use chat_fixtures::{
    base,
    client::{Ask, Client},
};
use serde_json::json;

use crate::{
    base::as_told,
    check::Verdict,
    checks,
    context::Context,
    expect::{expect, expect_answer, expect_eq, shown},
    paths,
};

checks! {
    HTTP_1 => refuses_other_methods_in_the_words,
    HTTP_1 => refuses_what_it_cannot_write_in_the_words,
    HTTP_1 => refuses_malformed_json_in_the_words,
    HTTP_2 => redirects_to_the_path_with_a_slash,
    HTTP_2 => knows_no_other_paths,
    HTTP_2 => knows_no_chat_socket_without_an_upgrade,
    HTTP_4 => lists_the_urls_of_chats_and_messages,
}

async fn refuses_other_methods_in_the_words(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let one = paths::chat(chat.id);
    let sending = paths::sending(chat.id);
    for (path, methods) in [
        ("/api/", &["POST", "PUT", "PATCH", "DELETE"][..]),
        ("/api/register/", &["GET", "PUT", "PATCH", "DELETE"]),
        ("/api/login/", &["GET", "PUT", "PATCH", "DELETE"]),
        ("/api/logout/", &["GET", "PUT", "PATCH", "DELETE"]),
        ("/api/me/", &["POST", "PUT", "PATCH", "DELETE", "PROPFIND"]),
        ("/api/chats/", &["PUT", "PATCH", "DELETE"]),
        (&one, &["POST"]),
        (&sending, &["GET", "PUT", "PATCH", "DELETE"]),
    ] {
        for method in methods {
            let answer = alice.client.ask(Ask::new(method, path)).await?;
            let words = json!({"detail": format!("Method \"{method}\" not allowed.")});
            expect_answer(&answer, 405, &words, &format!("{method} {path}"))?;
        }
    }
    for path in ["/api/register/", "/api/login/"] {
        let answer = cx.stranger().get(path).await?;
        let words = json!({"detail": "Method \"GET\" not allowed."});
        expect_answer(&answer, 405, &words, &format!("GET {path} by a stranger"))?;
    }
    Ok(())
}

async fn refuses_what_it_cannot_write_in_the_words(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let history = paths::history(chat.id);
    let words = json!({"detail": "Could not satisfy the request Accept header."});
    let stranger = cx.stranger();
    for accept in ["application/xml", "text/csv", "image/png, image/*;q=0.8"] {
        for (client, method, path) in [
            (&alice.client, "GET", "/api/me/"),
            (&alice.client, "GET", "/api/chats/"),
            (&alice.client, "GET", &*history),
            (&alice.client, "POST", "/api/chats/"),
            (&stranger, "POST", "/api/login/"),
        ] {
            let ask = Ask::new(method, path).header("Accept", accept);
            let what = format!("{method} {path} with `Accept: {accept}`");
            expect_answer(&client.ask(ask).await?, 406, &words, &what)?;
        }
    }
    for accept in [
        "application/json",
        "*/*",
        "application/*",
        "text/csv, */*;q=0.1",
    ] {
        let ask = Ask::new("GET", "/api/me/").header("Accept", accept);
        let answer = alice.client.ask(ask).await?;
        let what = format!("the status with `Accept: {accept}`");
        expect_eq(answer.status, 200, &what)?;
    }
    Ok(())
}

async fn refuses_malformed_json_in_the_words(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let (one, sending) = (paths::chat(chat.id), paths::sending(chat.id));
    let stranger = cx.stranger();
    for (client, method, path) in take_bodies(&stranger, &alice.client, &one, &sending) {
        // One parser reads them all: every case at one resource, the first few at the others.
        let cases = if path == sending { MALFORMED.len() } else { 3 };
        for body in MALFORMED.into_iter().take(cases) {
            let ask = Ask::new(method, path).body("application/json", body);
            let answer = client.ask(ask).await?;
            let said = answer.json().unwrap_or_default();
            let detail = said["detail"].as_str().unwrap_or_default();
            let alone = said.as_object().is_some_and(|fields| fields.len() == 1);
            expect(
                answer.status == 400 && alone && detail.starts_with("JSON parse error - "),
                format!("{method} {path} with the body {body:?}"),
                "400 {\"detail\": \"JSON parse error - …\"}",
                shown(&answer),
            )?;
        }
    }
    Ok(())
}

/// Who asks what that reads a body: of the chat `one`, whose messages are sent to `sending`, somebody in it.
pub(super) fn take_bodies<'a>(
    stranger: &'a Client,
    participant: &'a Client,
    one: &'a str,
    sending: &'a str,
) -> [(&'a Client, &'static str, &'a str); 6] {
    [
        (stranger, "POST", "/api/register/"),
        (stranger, "POST", "/api/login/"),
        (participant, "POST", "/api/chats/"),
        (participant, "POST", sending),
        (participant, "PUT", one),
        (participant, "PATCH", one),
    ]
}

async fn redirects_to_the_path_with_a_slash(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?.id;
    let stranger = cx.stranger();
    let unknown = paths::unknown_id(cx);
    let id = |path: &str| path.replace("<chat>", &chat.to_string());
    for (method, path) in [
        ("GET", "/api"),
        ("GET", "/api/me"),
        ("HEAD", "/api/me"),
        ("POST", "/api/register"),
        ("POST", "/api/login"),
        ("POST", "/api/logout"),
        ("GET", "/api/chats"),
        ("POST", "/api/chats"),
        ("GET", "/api/chats/<chat>"),
        ("PUT", "/api/chats/<chat>"),
        ("PATCH", "/api/chats/<chat>"),
        ("DELETE", "/api/chats/<chat>"),
        ("GET", "/api/chats/<chat>/messages"),
        ("POST", "/api/chats/<chat>/send_message"),
        ("GET", "/api/messages"),
        ("GET", "/api/messages/<chat>"),
        ("GET", "/api/chats/abc"),
    ] {
        for (client, query, kept) in [
            (&alice.client, "", ""),
            (&alice.client, "?x=1&y=%20z", "?x=1&y=%20z"),
            (&stranger, "?", ""),
        ] {
            let asked = format!("{}{query}", id(path));
            let expected = format!("301 to {}/{kept}", id(path));
            let answer = client.ask(Ask::new(method, &asked)).await?;
            let to = answer.header("location").unwrap_or("nowhere");
            // One that knows of the path before /api/ says it, one behind a proxy that takes it off cannot.
            let to = to.strip_prefix(base::path(client.base())).unwrap_or(to);
            let actual = format!("{} to {to}", answer.status);
            let what = format!("{method} {asked}");
            expect(actual == expected, what, &expected, actual)?;
        }
    }
    let path = format!("/api/chats/{unknown}");
    let answer = stranger.get(&path).await?;
    expect_eq(answer.status, 301, &format!("the status of GET {path}"))
}

async fn knows_no_other_paths(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?.id;
    let stranger = cx.stranger();
    for path in [
        "/",
        "/api/nope/",
        "/api/nope",
        "/API/me/",
        "/api/me/x",
        "/nope/api/me/",
        "/api/chats/<chat>/nope/",
        "/api/chats/<chat>/messages/1/",
        "/api/messages/1/2/",
        "/ws/",
        "/ws/chat/",
        "/ws/chat/<chat>",
    ] {
        let path = path.replace("<chat>", &chat.to_string());
        expect_unknown([&alice.client, &stranger], &path, "").await?;
    }
    Ok(())
}

async fn knows_no_chat_socket_without_an_upgrade(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?.id;
    let stranger = cx.stranger();
    for id in [chat, paths::unknown_id(cx)] {
        let path = format!("/ws/chat/{id}/");
        expect_unknown([&alice.client, &stranger], &path, " without an upgrade").await?;
    }
    Ok(())
}

/// Whoever asks, and however: nobody knows the path.
async fn expect_unknown(clients: [&Client; 2], path: &str, how: &str) -> Verdict {
    for client in clients {
        for method in ["GET", "POST"] {
            let answer = client.ask(Ask::new(method, path)).await?;
            let what = format!("the status of {method} {path}{how}");
            expect_eq(answer.status, 404, &what)?;
        }
    }
    Ok(())
}

async fn lists_the_urls_of_chats_and_messages(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let answer = alice.client.get("/api/").await?;
    let said = answer.json().unwrap_or_default();
    let ways = as_told(alice.client.base());
    let mut told = ways.iter().map(|base| {
        json!({
            "chats": format!("{base}/api/chats/"),
            "messages": format!("{base}/api/messages/"),
        })
    });
    let urls = told
        .clone()
        .find(|urls| *urls == said)
        .or_else(|| told.next());
    let urls = urls.unwrap_or_default();
    expect_answer(&answer, 200, &urls, "GET /api/")
}

/// What is no JSON, for a parser as Python's without its `NaN` and `Infinity`.
const MALFORMED: [&str; 14] = [
    "{bad",
    "{",
    "{\"content\": \"x",
    "{\"content\": \"x\",}",
    "{'content': 'x'}",
    "{\"content\": \"x\"}{}",
    "{\"content\": NaN}",
    "{\"content\": -Infinity}",
    "{\"content\": 05}",
    "{\"content\": 1.}",
    "{\"content\": TRUE}",
    "{\"content\": \"a\tb\"}",
    "\u{feff}{\"content\": \"x\"}",
    "  ",
];
