//! No request, however malformed, gets a 5xx or stops the server (HTTP-5).

use proptest::prelude::*;
use proptest::sample::select;
use tokio::runtime::Runtime;

use crate::people::{Ask, Server, Session};

/// There are so many to begin with; some get deleted.
const CHATS: u32 = 30;

fn paths() -> impl Strategy<Value = String> {
    let known = select(vec![
        "/api/",
        "/api/register/",
        "/api/login/",
        "/api/logout/",
        "/api/me/",
        "/api/chats/",
        "/api/chats/1/",
        "/api/chats/1/messages/",
        "/api/chats/1/send_message/",
        "/api/messages/",
        "/api/messages/1/",
        "/ws/chat/1/",
    ]);
    prop_oneof![
        8 => (known, 1..=CHATS).prop_map(|(path, id)| path.replace("/1/", &format!("/{id}/"))),
        1 => "/api/(chats|messages)/[!-;=@-Z_a-z~]{0,12}/?",
        1 => "/[!-;=@-Z_a-z~]{0,20}",
    ]
}

fn bodies() -> impl Strategy<Value = (String, Vec<u8>)> {
    let types = select(vec![
        "application/json",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "text/plain",
        "",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "multipart/form-data",
    ]);
    let field = || {
        select(vec![
            "username",
            "email",
            "password",
            "password_confirm",
            "user_type",
            "name",
            "participant_ids",
            "content",
        ])
    };
    let value = select(vec![
        "null",
        "true",
        "0",
        "-1.5e400",
        "1e999",
        "99999999999999999999",
        "\"\"",
        "\"x\"",
        "\"hello\"",
        "\" y \"",
        "12.50",
        "\"\\ud800\"",
        "\"\\u0000\"",
        "\"\\u2028\"",
        "[]",
        "[1,\"2\",null]",
        "{}",
        "NaN",
        "\"a@b.c\"",
        "\"alice\"",
        "\"open\"",
    ]);
    let json = prop::collection::vec((field(), value), 0..6).prop_map(|fields| {
        let fields: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", fields.join(",")).into_bytes()
    });
    let form = prop::collection::vec((field(), "[ -~]{0,8}"), 0..6).prop_map(|fields| {
        let fields: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        fields.join("&").into_bytes()
    });
    let parts = (field(), prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(name, content)| {
        let head = format!("--b\r\nContent-Disposition: form-data; name={name}\r\n\r\n");
        [head.as_bytes(), &content, b"\r\n--b--\r\n"].concat()
    });
    let deep = (1usize..50_000).prop_map(|depth| "[".repeat(depth).into_bytes());
    let raw = prop::collection::vec(any::<u8>(), 0..80);
    let typed = |content_type: &'static str| move |body| (content_type.to_owned(), body);
    prop_oneof![
        6 => json.prop_map(typed("application/json")),
        2 => form.prop_map(typed("application/x-www-form-urlencoded")),
        2 => parts.prop_map(typed("multipart/form-data; boundary=b")),
        1 => deep.prop_map(typed("application/json")),
        3 => (types.prop_map(str::to_owned), raw),
    ]
}

fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let name = select(vec![
        "accept",
        "origin",
        "referer",
        "x-csrftoken",
        "cookie",
        "host",
        "x-forwarded-proto",
        "expect",
    ]);
    let value = prop_oneof![
        "[ -~]{0,20}".prop_map(String::into_bytes),
        prop::collection::vec(prop_oneof![0x20u8..0x7f, 0x80u8..=0xff], 0..20),
        Just(b"application/json".to_vec()),
        Just(b"sessionid=abcdefgh; csrftoken=\"\\001\"".to_vec()),
    ];
    prop::collection::vec((name.prop_map(str::to_owned), value), 0..2)
}

/// HTTP-5: no request, however malformed, gets a 5xx or stops the server.
#[test]
fn any_request_gets_an_answer_below_500() {
    let runtime = Runtime::new().unwrap();
    let _guard = runtime.enter();
    let server = runtime.block_on(Server::start());
    let alice: Session = runtime.block_on(server.welcome("alice"));
    for id in 1..=CHATS {
        for (path, body) in [
            ("/api/chats/".to_owned(), r#"{"name":"a"}"#),
            (
                format!("/api/chats/{id}/send_message/"),
                r#"{"content":"a"}"#,
            ),
        ] {
            let ask = Ask::new("POST", &path)
                .json(body)
                .by(&alice)
                .with_token(&alice);
            assert_eq!(runtime.block_on(server.ask(&ask)).status, 201);
        }
    }
    let methods = prop_oneof![8 => select(vec!["GET", "POST", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]).prop_map(str::to_owned), 1 => "[A-Za-z]{1,8}"];
    let requests = (methods, paths(), headers(), bodies(), 0u8..8);

    proptest!(ProptestConfig::with_cases(4096), |((method, path, headers, (content_type, body), who) in requests)| {
        let mut ask = Ask::new(&method, &path);
        ask.headers.extend(headers);
        ask.headers.push(("content-type".to_owned(), content_type.into_bytes()));
        ask.body = body;
        // Logging alice out would leave only strangers.
        if who > 0 && !path.starts_with("/api/log") {
            ask = ask.by(&alice);
        }
        if who > 1 {
            ask = ask.with_token(&alice);
        }
        let answer = runtime.block_on(server.ask(&ask));
        prop_assert!(answer.status.as_u16() < 500, "{:?} {:?}", ask, answer);
        // Twisted's own 400, below Django, has no headers.
        let is_bare = answer.status.as_u16() == 400 && answer.body.is_empty();
        prop_assert!(is_bare || answer.headers.contains_key("x-content-type-options"));
    });

    let still = runtime.block_on(server.ask(&Ask::new("GET", "/api/me/").by(&alice)));
    assert_eq!(still.status, 200, "alice has been with us all along");
}
