//! Whatever the body is, it is answered without a 5xx, and the server goes on.

use chat_fixtures::{
    answer::Answer,
    client::{Ask, Client},
    people::{Chat, Person},
};
use serde_json::json;

use super::hostile_http::goes_on;
use crate::{
    check::Verdict,
    checks,
    context::Context,
    expect::{expect, shown},
    paths,
};

checks! {
    HTTP_5 => refuses_nesting_beyond_the_parser_as_malformed,
    HTTP_5 => survives_numbers_of_any_size,
    HTTP_5 => survives_lone_surrogates,
    HTTP_5 => survives_bytes_that_are_no_text,
    HTTP_5 => survives_bodies_of_any_kind,
}

async fn refuses_nesting_beyond_the_parser_as_malformed(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let (lists, objects) = ("[".repeat(DEEP), "{\"x\":".repeat(DEEP));
    for (client, method, path) in takers(cx, &alice, &chat) {
        for body in [
            format!("{{\"content\": \"x\", \"name\": \"x\", \"y\": {lists}"),
            format!("{lists}{}", "]".repeat(DEEP)),
            format!("{objects}1{}", "}".repeat(DEEP)),
        ] {
            let start: String = body.chars().take(40).collect();
            let what = format!("{method} {path} with {start}… nested {DEEP} deep");
            let ask = Ask::new(method, &path).body("application/json", body);
            let answer = client.ask(ask).await?;
            let said = answer.json().unwrap_or_default();
            let detail = said["detail"].as_str().unwrap_or_default();
            expect(
                answer.status == 400 && detail.starts_with("JSON parse error"),
                what,
                "400 {\"detail\": \"JSON parse error - …\"}",
                shown(&answer),
            )?;
        }
    }
    goes_on(cx, &alice).await
}

async fn survives_numbers_of_any_size(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    for number in [
        "9".repeat(4301),
        format!("-{}", "9".repeat(100_000)),
        "1e999".to_owned(),
        "-1e99999999999999999999".to_owned(),
        "1e-99999999999999999999".to_owned(),
        format!("0.{}", "1".repeat(100_000)),
    ] {
        let start: String = number.chars().take(30).collect();
        for (client, method, path) in takers(cx, &alice, &chat) {
            let body = format!(
                "{{\"content\": {number}, \"name\": {number}, \"username\": {number}, \"x\": {number}}}"
            );
            let ask = Ask::new(method, &path).body("application/json", body);
            let what = format!("{method} {path} with the number {start}…");
            expect_no_5xx(&client.ask(ask).await?, &what)?;
        }
        // The smallest is 0, and an id that nobody has is CHAT-8's.
        if !number.starts_with("1e-") {
            let body = format!("{{\"name\": \"x\", \"participant_ids\": [{number}]}}");
            let ask = Ask::new("POST", "/api/chats/").body("application/json", body);
            let what = format!("a chat with the participant {start}…");
            expect_no_5xx(&alice.client.ask(ask).await?, &what)?;
        }
    }
    goes_on(cx, &alice).await
}

async fn survives_lone_surrogates(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    for field in [
        "username",
        "email",
        "password",
        "password_confirm",
        "user_type",
    ] {
        let fields = [
            "username",
            "password",
            "password_confirm",
            "user_type",
            "email",
        ];
        let fields = fields.map(|name| {
            let value = if name == field { "\\ud800" } else { "x" };
            format!("\"{name}\": \"{value}\"")
        });
        let body = format!("{{{}}}", fields.join(", "));
        let ask = Ask::new("POST", "/api/register/").body("application/json", body);
        let what = format!("registration with a lone surrogate as {field}");
        expect_no_5xx(&cx.stranger().ask(ask).await?, &what)?;
    }
    for (client, method, path) in takers(cx, &alice, &chat) {
        let body = "{\"content\": \"a\\udfffb\", \"name\": \"\\ud800\", \"\\ud800\": 1}";
        let ask = Ask::new(method, &path).body("application/json", body);
        let what = format!("{method} {path} with lone surrogates");
        expect_no_5xx(&client.ask(ask).await?, &what)?;
    }
    goes_on(cx, &alice).await
}

async fn survives_bytes_that_are_no_text(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let parts =
        b"--B\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\n\xff\0\r\n--B--\r\n";
    for (media, body) in [
        ("application/json", &b"\xff"[..]),
        (
            "application/json",
            b"{\"content\": \"\xff\xfe\", \"name\": \"\xc3\"}",
        ),
        ("application/json", b"\0"),
        ("application/json", b"{\0\"\0c\0"),
        ("application/json; charset=utf-16", b"{\0}\0"),
        ("application/json; charset=nonsense", b"{}"),
        (FORM, b"content=%ff%00&name=%00%zz&\xff=\xfe&=&&%"),
        (
            "application/x-www-form-urlencoded; charset=nonsense",
            b"content=\xff",
        ),
        ("multipart/form-data; boundary=B", parts),
        ("multipart/form-data; boundary=B", b"\xff--B"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data", b"x"),
        ("a/b/c; ;=;\"", b"x"),
    ] {
        for (client, method, path) in takers(cx, &alice, &chat).into_iter().take(3) {
            let ask = Ask::new(method, &path).body(media, body);
            let bytes = String::from_utf8_lossy(body);
            let what = format!("{method} {path} with {media} {bytes:?}");
            expect_no_5xx(&client.ask(ask).await?, &what)?;
        }
    }
    goes_on(cx, &alice).await
}

async fn survives_bodies_of_any_kind(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    for body in [
        json!(null),
        json!(true),
        json!(0),
        json!(1.5),
        json!("content"),
        json!([]),
        json!([["content", "x"]]),
        json!({"": {}}),
        json!({"content": {"content": [null]}, "name": {"name": []}, "username": [[]]}),
        json!({"username": {}, "password": [], "email": 5, "user_type": {}}),
        json!({"username": "x", "password": {}, "password_confirm": {}, "user_type": []}),
        json!({"name": "x", "participant_ids": {"0": [{}]}}),
        json!({"name": "x", "participant_ids": [[], {}, null, "", true, 0.5, [[[]]]]}),
        json!({"name": [null], "participant_ids": "x".repeat(2000)}),
    ] {
        for (client, method, path) in takers(cx, &alice, &chat) {
            let ask = Ask::new(method, &path).json(&body);
            let what = format!("{method} {path} with {body}");
            expect_no_5xx(&client.ask(ask).await?, &what)?;
        }
    }
    goes_on(cx, &alice).await
}

/// Everything that takes a body, but login, whose bodies are AUTH-10's.
fn takers(cx: &Context, alice: &Person, chat: &Chat) -> Vec<(Client, &'static str, String)> {
    let client = &alice.client;
    vec![
        (cx.stranger(), "POST", "/api/register/".to_owned()),
        (client.clone(), "POST", "/api/chats/".to_owned()),
        (client.clone(), "POST", paths::sending(chat.id)),
        (client.clone(), "PUT", paths::chat(chat.id)),
        (client.clone(), "PATCH", paths::chat(chat.id)),
    ]
}

fn expect_no_5xx(answer: &Answer, what: &str) -> Verdict {
    expect(answer.status < 500, what, "no 5xx", shown(answer))
}

/// Beyond any parser that keeps its place on the stack.
const DEEP: usize = 100_000;
const FORM: &str = "application/x-www-form-urlencoded";
