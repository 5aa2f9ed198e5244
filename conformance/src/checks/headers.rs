//! The headers of each kind of answer: what each says, and what it does not.

use chat_fixtures::{answer::Answer, client::Ask};
use serde_json::json;

use super::messages::has_said;
use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, shown},
    paths,
};

checks! {
    HTTP_3 => successes_have_the_headers,
    HTTP_3 => refusals_have_the_headers,
    HTTP_3 => each_resource_allows_its_methods,
    HTTP_3 => unacceptable_varies_by_accept_alone,
    HTTP_3 => deletion_has_no_content_type,
    HTTP_3 => redirects_have_few_headers,
    HTTP_3 => unknown_paths_are_pages,
}

/// The headers that the clause is about; `None` where an answer has none.
#[derive(Clone, Copy)]
struct Due {
    content_type: Option<&'static str>,
    vary: Option<&'static str>,
    allow: Option<&'static str>,
    x_frame_options: Option<&'static str>,
}

async fn successes_have_the_headers(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?.id;
    let (one, sending) = (paths::chat(chat), paths::sending(chat));
    let history = paths::history(chat);
    let hello = json!({"content": "Hello", "name": cx.name("headers")});
    for (ask, allow) in [
        (Ask::new("GET", "/api/"), ROOT),
        (Ask::new("GET", "/api/me/"), ME),
        (Ask::new("GET", "/api/chats/"), CHATS),
        (Ask::new("POST", "/api/chats/").json(&hello), CHATS),
        (Ask::new("GET", &one), CHAT),
        (Ask::new("HEAD", &one), CHAT),
        (Ask::new("OPTIONS", &one), CHAT),
        (Ask::new("PUT", &one).json(&hello), CHAT),
        (Ask::new("PATCH", &one).json(&hello), CHAT),
        (Ask::new("POST", &sending).json(&hello), POSTED),
        (Ask::new("GET", &history), READ),
        (Ask::new("GET", "/api/messages/"), READ),
    ] {
        let what = what(&ask);
        let answer = alice.client.ask(ask).await?;
        needs(&answer, 200..300, &what)?;
        expect_headers(&answer, api(allow), &what)?;
    }
    Ok(())
}

async fn refusals_have_the_headers(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?.id;
    let stranger = cx.stranger();
    let (one, sending) = (paths::chat(chat), paths::sending(chat));
    let post =
        |path: &str, body: &str| Ask::new("POST", path).body("application/json", body.to_owned());
    let plain = Ask::new("POST", &sending).body("text/plain", "x");
    let nobody = json!({"username": cx.username("nobody"), "password": "x"}).to_string();
    for (client, ask, allow) in [
        (&stranger, Ask::new("GET", "/api/me/"), ME),
        (&stranger, Ask::new("GET", &one), CHAT),
        (&stranger, post(&sending, "{}"), POSTED),
        (&stranger, post("/api/login/", &nobody), POSTED),
        (&stranger, post("/api/login/", "{bad"), POSTED),
        (&stranger, post("/api/register/", "{}"), POSTED),
        (&stranger, Ask::new("GET", "/api/register/"), POSTED),
        (&alice.client, post(&sending, "{}").without_csrf(), POSTED),
        (&alice.client, post(&sending, "{}"), POSTED),
        (&alice.client, post(&sending, "{bad"), POSTED),
        (&alice.client, plain, POSTED),
        (&alice.client, post("/api/chats/", "{}"), CHATS),
        (&alice.client, Ask::new("PUT", "/api/chats/"), CHATS),
        (&alice.client, Ask::new("POST", "/api/messages/"), READ),
        (&bob.client, Ask::new("GET", &one), CHAT),
        (&bob.client, Ask::new("GET", "/api/chats/abc/"), CHAT),
        (&bob.client, Ask::new("DELETE", &one), CHAT),
    ] {
        let what = what(&ask);
        let answer = client.ask(ask).await?;
        needs(&answer, 400..500, &what)?;
        expect_headers(&answer, api(allow), &format!("{what} → {}", answer.status))?;
    }
    Ok(())
}

async fn each_resource_allows_its_methods(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let message = has_said(cx, &alice, &chat, "said").await?;
    let one = paths::message(message["id"].as_u64().unwrap_or_default());
    for (path, allow) in [
        ("/api/", ROOT),
        ("/api/register/", POSTED),
        ("/api/login/", POSTED),
        ("/api/logout/", POSTED),
        ("/api/me/", ME),
        ("/api/chats/", CHATS),
        (&paths::chat(chat.id), CHAT),
        (&paths::sending(chat.id), POSTED),
        (&paths::history(chat.id), READ),
        ("/api/messages/", READ),
        (&one, READ),
    ] {
        let answer = alice.client.ask(Ask::new("OPTIONS", path)).await?;
        let what = format!("the `Allow` of {path}");
        expect_header(listed(&answer, "allow"), Some(sorted(allow)), &what)?;
    }
    Ok(())
}

async fn unacceptable_varies_by_accept_alone(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let stranger = cx.stranger();
    for (client, method, path, allow) in [
        (&alice.client, "GET", "/api/me/", ME),
        (&alice.client, "GET", "/api/chats/", CHATS),
        (&stranger, "GET", "/api/me/", ME),
        (&stranger, "POST", "/api/login/", POSTED),
    ] {
        let ask = Ask::new(method, path).header("Accept", "application/xml");
        let answer = client.ask(ask).await?;
        let what = format!("{method} {path} with `Accept: application/xml`");
        needs(&answer, 406..407, &what)?;
        let due = Due {
            vary: Some("Accept"),
            ..api(allow)
        };
        expect_headers(&answer, due, &what)?;
    }
    Ok(())
}

async fn deletion_has_no_content_type(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let ask = Ask::new("DELETE", &paths::chat(chat.id));
    let answer = alice.client.ask(ask).await?;
    needs(&answer, 204..205, "deleting a chat")?;
    let due = Due {
        content_type: None,
        ..api(CHAT)
    };
    expect_headers(&answer, due, "deleting a chat")
}

async fn redirects_have_few_headers(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    for client in [&alice.client, &cx.stranger()] {
        for (method, path) in [("GET", "/api/me"), ("POST", "/api/chats")] {
            let answer = client.ask(Ask::new(method, path)).await?;
            let what = format!("{method} {path}");
            needs(&answer, 301..302, &what)?;
            let due = Due {
                content_type: Some("text/html; charset=utf-8"),
                vary: None,
                allow: None,
                x_frame_options: None,
            };
            expect_headers(&answer, due, &what)?;
        }
    }
    Ok(())
}

async fn unknown_paths_are_pages(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?.id;
    for client in [&alice.client, &cx.stranger()] {
        for path in ["/", "/api/nope/", &format!("/ws/chat/{chat}/")] {
            let answer = client.get(path).await?;
            let what = format!("GET {path}");
            needs(&answer, 404..405, &what)?;
            let due = Due {
                content_type: Some("text/html; charset=utf-8"),
                vary: None,
                allow: None,
                x_frame_options: Some("DENY"),
            };
            expect_headers(&answer, due, &what)?;
        }
    }
    Ok(())
}

/// An answer of the API.
fn api(allow: &'static str) -> Due {
    Due {
        content_type: Some("application/json"),
        vary: Some("Accept, Cookie"),
        allow: Some(allow),
        x_frame_options: Some("DENY"),
    }
}

/// Headers can be judged of the answer that was meant to come alone; another is another clause's.
fn needs(answer: &Answer, statuses: std::ops::Range<u16>, what: &str) -> Verdict {
    if statuses.contains(&answer.status) {
        return Ok(());
    }
    Err(Failure::Untestable(format!(
        "{what} was not answered as it is elsewhere asked for: {}",
        shown(answer)
    )))
}

fn expect_headers(answer: &Answer, due: Due, what: &str) -> Verdict {
    for (name, due) in [
        ("content-type", due.content_type),
        ("x-frame-options", due.x_frame_options),
        ("x-content-type-options", Some("nosniff")),
        ("referrer-policy", Some("same-origin")),
        ("cross-origin-opener-policy", Some("same-origin")),
    ] {
        let actual = answer.headers_named(name);
        let actual = (!actual.is_empty()).then(|| actual.join(" and "));
        let what = format!("`{name}` of {what}");
        expect_header(actual, due.map(str::to_owned), &what)?;
    }
    for (name, due) in [("vary", due.vary), ("allow", due.allow)] {
        let what = format!("`{name}` of {what}");
        expect_header(listed(answer, name), due.map(sorted), &what)?;
    }
    Ok(())
}

fn expect_header(actual: Option<String>, due: Option<String>, what: &str) -> Verdict {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    expect(actual == due, what, shown(&due), shown(&actual))
}

/// A header that is a set: its words sorted, of however many lines.
fn listed(answer: &Answer, name: &str) -> Option<String> {
    let lines = answer.headers_named(name);
    (!lines.is_empty()).then(|| sorted(&lines.join(", ")))
}

fn sorted(words: &str) -> String {
    let mut words: Vec<_> = words.split(',').map(str::trim).collect();
    words.sort_unstable();
    words.join(", ")
}

fn what(ask: &Ask) -> String {
    format!("{} {}", ask.method(), ask.path())
}

const ROOT: &str = "GET, HEAD, OPTIONS";
const POSTED: &str = "OPTIONS, POST";
const ME: &str = "GET, OPTIONS";
const CHATS: &str = "GET, HEAD, OPTIONS, POST";
const CHAT: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, PUT";
const READ: &str = "GET, HEAD, OPTIONS";
