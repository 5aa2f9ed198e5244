//! Whatever is sent, it is answered without a 5xx, and the server goes on.

use std::{fmt::Debug, time::Duration};

use chat_fixtures::{
    answer::Answer,
    client::{Ask, Client},
    people::{Chat, Person},
};
use futures_util::future::try_join_all;
use serde_json::json;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    everywhere::everywhere,
    expect::{expect, expect_eq, shown},
    paths,
    wire::{Place, Reply},
};

checks! {
    HTTP_5 => refuses_nesting_beyond_the_parser_as_malformed,
    HTTP_5 => survives_numbers_of_any_size,
    HTTP_5 => survives_lone_surrogates,
    HTTP_5 => survives_bytes_that_are_no_text,
    HTTP_5 => survives_bodies_of_any_kind,
    HTTP_5 => survives_odd_paths,
    HTTP_5 => survives_odd_headers,
    HTTP_5 => survives_what_is_no_request,
    HTTP_5 => survives_lengths_that_lie,
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

async fn survives_odd_paths(cx: &Context) -> Verdict {
    let lines: Vec<Vec<u8>> = ODD_TARGETS
        .iter()
        .map(|target| [b"GET <prefix>", *target, b" HTTP/1.1\r\nHost: <host>\r\n"].concat())
        .chain([
            format!(
                "GET <prefix>/{} HTTP/1.1\r\nHost: <host>\r\n",
                "a".repeat(60_000)
            )
            .into(),
            format!(
                "GET <prefix>/api/chats/{}/ HTTP/1.1\r\nHost: <host>\r\n",
                "9".repeat(4301)
            )
            .into(),
        ])
        .collect();
    survives(cx, &lines).await
}

async fn survives_odd_headers(cx: &Context) -> Verdict {
    let many: String = (0..400).map(|n| format!("X-Header-{n}: x\r\n")).collect();
    let long = |name: &str| format!("{name}: {}\r\n", "x".repeat(60_000)).into_bytes();
    let cookies = format!("Cookie: {}\r\n", "a=b; ".repeat(1500)).into_bytes();
    let lines: Vec<Vec<u8>> = ODD_HEADERS
        .iter()
        .map(|header| header.to_vec())
        .chain([many.into_bytes(), cookies, long("X-Long"), long("Cookie")])
        .map(|headers| {
            [
                b"GET <prefix>/api/me/ HTTP/1.1\r\nHost: <host>\r\n",
                &*headers,
            ]
            .concat()
        })
        .collect();
    survives(cx, &lines).await
}

async fn survives_what_is_no_request(cx: &Context) -> Verdict {
    let lines: Vec<Vec<u8>> = NO_REQUESTS.iter().map(|lines| lines.to_vec()).collect();
    survives(cx, &lines).await
}

async fn survives_lengths_that_lie(cx: &Context) -> Verdict {
    let lines: Vec<Vec<u8>> = LYING
        .iter()
        .map(|(headers, body)| {
            let start = b"POST <prefix>/api/register/ HTTP/1.1\r\nHost: <host>\r\n";
            let media = b"Content-Type: application/json\r\n";
            [
                start,
                &media[..],
                headers.as_bytes(),
                b"\r\n",
                body.as_bytes(),
            ]
            .concat()
        })
        .collect();
    survives(cx, &lines).await
}

/// Puts each of these requests, an empty line after it, on a connection of its own: none gets a 5xx, and
/// the server goes on. `<host>` and `<prefix>` stand for those of the deployment.
async fn survives(cx: &Context, requests: &[Vec<u8>]) -> Verdict {
    let [alice] = cx.people().await?;
    let place = Place::of(alice.client.base())?;
    let exchanges = requests.iter().map(|request| {
        let bytes = filled(request, &place);
        let place = &place;
        async move {
            let wire = place.connects().await?;
            let reply = wire.exchange(&bytes, PATIENCE).await;
            Ok::<_, Failure>((bytes, reply))
        }
    });
    for (bytes, reply) in try_join_all(exchanges).await? {
        let start: Vec<u8> = bytes.iter().copied().take(120).collect();
        let start = start.escape_ascii().to_string();
        cx.notes(format!("sent {start}, got {reply:?}"));
        let failed = matches!(reply, Reply::Answered(500.., _));
        expect(!failed, start, "no 5xx", shown_reply(&reply))?;
    }
    goes_on(cx, &alice).await
}

fn filled(request: &[u8], place: &Place) -> Vec<u8> {
    let mut filled = Vec::with_capacity(request.len() + 64);
    let mut rest = request;
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(b"<host>") {
            filled.extend(place.host.as_bytes());
            rest = after;
        } else if let Some(after) = rest.strip_prefix(b"<prefix>") {
            filled.extend(place.prefix.as_bytes());
            rest = after;
        } else {
            filled.push(*first);
            rest = after;
        }
    }
    filled.extend(b"\r\n");
    filled
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

fn shown_reply(reply: &impl Debug) -> String {
    format!("{reply:?}").chars().take(300).collect()
}

/// Every process answers still.
async fn goes_on(cx: &Context, alice: &Person) -> Verdict {
    for place in everywhere(cx, alice) {
        let answer = place.client.get("/api/me/").await?;
        expect_eq(answer.status, 200, "the status of GET /api/me/ afterwards")?;
    }
    Ok(())
}

/// Beyond any parser that keeps its place on the stack.
const DEEP: usize = 100_000;
/// How long an answer is waited for that need not come: silence is no 5xx.
const PATIENCE: Duration = Duration::from_secs(2);
const FORM: &str = "application/x-www-form-urlencoded";

const ODD_TARGETS: [&[u8]; 20] = [
    b"/api/%zz/",
    b"/api/%",
    b"/api/%f/",
    b"/api/chats/%00/",
    b"/api/chats/%FF%FE/",
    b"/api/chats/%C0%AF/",
    b"/api/chats/%F0%9F%9A%80/",
    b"/api/chats/\xff\xfe/",
    b"/api/chats/\xf0\x9f\x9a\x80",
    b"/api/../../../../etc/passwd",
    b"/api/chats/%2e%2e/%2e%2e/",
    b"/api/chats/..%2f..%2f/",
    b"//evil.example/api/me",
    b"/\\evil.example/api/me",
    b"/api/me/?%zz=%&&&=",
    b"/api/me?\xff",
    b"/api/me?%0d%0aSet-Cookie:x=y",
    b"/api/me%0d%0aSet-Cookie:x=y",
    b"/api/me/#fragment",
    b"/api/chats/1;x=y/",
];

const ODD_HEADERS: [&[u8]; 17] = [
    b"no colon here\r\n",
    b": no name\r\n",
    b"bad name: x\r\n",
    b"X-Bytes: \xff\xfe\x80\r\n",
    b"X-Control: a\x01b\x7f\r\n",
    b"X-Folded: a\r\n b\r\n",
    b"Cookie: sessionid=\xff\xff; csrftoken=\xff\r\n",
    b"Cookie: ===;;;\"\\\r\n",
    b"Cookie: sessionid=\"\\377\\000\"\r\n",
    b"Cookie: sessionid=' OR 1=1 --; csrftoken=%00\r\n",
    b"Accept: \xff/;q=x,,;\r\n",
    b"Accept: */*;q=99999999999999999999\r\n",
    b"Accept-Language: \xff\r\nAccept-Charset: x\r\n",
    b"Content-Type: \xff\r\n",
    b"Origin: http://[::1\r\n",
    b"Referer: http://[\r\nRange: bytes=9-1\r\nIf-Modified-Since: never\r\n",
    b"Host: another.example\r\n",
];

const NO_REQUESTS: [&[u8]; 15] = [
    b"GARBAGE\r\n",
    b"\r\n\r\n\r\nGARBAGE\r\n",
    b"GET\r\n",
    b"GET <prefix>/api/me/\r\n",
    b"GET <prefix>/api/me/ HTTP/1.1\r\n",
    b"GET <prefix>/api/me/ HTTP/1.1\r\nHost:\r\n",
    b"GET <prefix>/api/me/ HTTP/1.1\r\nHost: a_b\xff/@:x\r\n",
    b"GET <prefix>/api/me/ HTTP/x.y\r\nHost: <host>\r\n",
    b"GET  <prefix>/api/me/  HTTP/1.1\r\nHost: <host>\r\n",
    b"GET api/me/ HTTP/1.1\r\nHost: <host>\r\n",
    b"GET http://[::1/api/me/ HTTP/1.1\r\nHost: <host>\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: <host>\r\n",
    b"G\0T <prefix>/api/me/ HTTP/1.1\r\nHost: <host>\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
    b"\xff\xfe\xfd\r\n",
];

/// Headers about the body's length, and a body.
const LYING: [(&str, &str); 13] = [
    ("Content-Length: -1\r\n", "{}"),
    ("Content-Length: abc\r\n", "{}"),
    ("Content-Length: +2\r\n", "{}"),
    ("Content-Length: 1\r\nContent-Length: 2\r\n", "{}"),
    ("Content-Length: 99999999999999999999999999\r\n", "{}"),
    ("Content-Length: 1\r\n", "{}{}{}"),
    (
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "0\r\n\r\n",
    ),
    ("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n"),
    (
        "Transfer-Encoding: chunked\r\n",
        "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
    ),
    (
        "Transfer-Encoding: chunked\r\n",
        "2;ext=\"\r\n{}\r\n0\r\nTrailer: x\r\n\r\n",
    ),
    ("Transfer-Encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
];
