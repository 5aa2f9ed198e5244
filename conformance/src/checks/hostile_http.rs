//! Whatever comes over the wire in place of a request, it gets no 5xx, and the server goes on.

use std::time::Duration;

use chat_fixtures::people::Person;
use futures_util::future::try_join_all;

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    everywhere::everywhere,
    expect::{expect, expect_eq},
    wire::{Place, Reply},
};

checks! {
    HTTP_5 => survives_odd_paths,
    HTTP_5 => survives_odd_headers,
    HTTP_5 => survives_what_is_no_request,
    HTTP_5 => survives_lengths_that_lie,
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
        cx.notes(format!("sent {start}, got {reply}"));
        let failed = matches!(reply, Reply::Answered(500.., _));
        expect(!failed, start, "no 5xx", reply)?;
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

/// Every process answers still.
pub(super) async fn goes_on(cx: &Context, alice: &Person) -> Verdict {
    for place in everywhere(cx, alice) {
        let answer = place.client.get("/api/me/").await?;
        expect_eq(answer.status, 200, "the status of GET /api/me/ afterwards")?;
    }
    Ok(())
}

/// How long an answer is waited for that need not come: silence is no 5xx.
const PATIENCE: Duration = Duration::from_secs(2);

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
