//! How long a request body may be, and how one that is longer is refused.

use chat_fixtures::client::Ask;
use chat_fixtures::people::{Chat, Person};

use crate::sized::{MIB, content_of, json_of};
use crate::stage::{PATIENCE, Stage};
use crate::wire::Wire;

/// HTTP-5: 4 MiB pass, and come back in the history.
#[tokio::test]
async fn four_mebibytes_pass() {
    let stage = Stage::with(&["--max-body", "4MiB"]).await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let body = json_of(4 * MIB);
    let ask = Ask::new("POST", &path(&chat)).body("application/json", body.clone());
    let answer = alice.client.ask(ask.within(PATIENCE)).await.unwrap();
    assert_eq!(answer.status, 201, "{:.200}", answer.text());
    let history = bob.reads(&chat).await.unwrap();
    let content = history[0]["content"].as_str().unwrap();
    assert!(content == content_of(&body));

    let longer = Ask::new("POST", &path(&chat)).body("application/json", json_of(4 * MIB + 1));
    assert_eq!(alice.client.ask(longer).await.unwrap().status, 413);
    assert_eq!(bob.reads(&chat).await.unwrap().len(), 1);
}

/// HTTP-5: a client that knows nothing of limits sends 33 MiB and gets to see its 413.
#[tokio::test]
async fn more_than_thirty_two_mebibytes_get_413() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let body = json_of(33 * MIB);
    let before = stage.peak_memory();
    for _ in 0..3 {
        let ask = Ask::new("POST", &path(&chat)).body("application/json", body.clone());
        assert_eq!(alice.client.ask(ask).await.unwrap().status, 413);
    }
    let grown = stage.peak_memory() - before;
    assert!(grown < 16 * MIB as u64, "{grown} bytes");
    assert_eq!(bob.reads(&chat).await.unwrap().len(), 0);
}

/// HTTP-5: a length over the limit is refused before any of the body has come; the connection, kept
/// alive until then, is closed in good order behind the answer.
#[tokio::test]
async fn an_announced_length_is_refused_unread() {
    let stage = Stage::open().await;
    let (alice, _, chat) = stage.two_in_a_chat().await;
    for length in ["33554433", "1000000000000000000"] {
        let mut wire = Wire::to(&stage).await;
        wire.writes(head(&alice, &chat, "Content-Length: 13").as_bytes())
            .await;
        wire.writes(br#"{"content":1}"#).await;
        let reply = wire.reads_reply().await;
        assert_eq!(reply.status(), 201, "{reply:?}");

        let long = format!("Content-Length: {length}");
        wire.writes(head(&alice, &chat, &long).as_bytes()).await;
        let reply = wire.reads_reply().await;
        assert_eq!(reply.status(), 413, "{reply:?}");
        assert_eq!(reply.header("connection"), Some("close"), "{reply:?}");
        assert_eq!(wire.reads_to_the_end().await, b"");
    }
}

/// HTTP-5: without a length the refusal comes as soon as too much has come, long before the end.
#[tokio::test]
async fn a_chunked_body_is_refused_before_its_end() {
    let stage = Stage::open().await;
    let (alice, _, chat) = stage.two_in_a_chat().await;
    let mut wire = Wire::to(&stage).await;
    wire.writes(head(&alice, &chat, "Transfer-Encoding: chunked").as_bytes())
        .await;
    let mut chunk = format!("{MIB:x}\r\n").into_bytes();
    chunk.resize(chunk.len() + MIB, b'x');
    chunk.extend(b"\r\n");
    // 33 MiB, and no last chunk.
    let writing = wire.writes_meanwhile(chunk.repeat(33));
    let reply = wire.reads_reply().await;
    assert_eq!(reply.status(), 413, "{reply:?}");
    assert_eq!(reply.header("connection"), Some("close"), "{reply:?}");
    writing.await.unwrap().unwrap();
    assert_eq!(wire.reads_to_the_end().await, b"");
}

/// A request that is refused for anything else leaves its connection as it was.
#[tokio::test]
async fn other_refusals_keep_the_connection_alive() {
    let stage = Stage::open().await;
    let (alice, _, chat) = stage.two_in_a_chat().await;
    let mut wire = Wire::to(&stage).await;
    for (body, status) in [("{bad", 400), ("{}", 400), (r#"{"content":"x"}"#, 201)] {
        let length = format!("Content-Length: {}", body.len());
        let request = format!("{}{body}", head(&alice, &chat, &length));
        wire.writes(request.as_bytes()).await;
        assert_eq!(wire.reads_reply().await.status(), status, "{body}");
    }
}

fn path(chat: &Chat) -> String {
    format!("/api/chats/{}/send_message/", chat.id)
}

/// The head of a person's request to say something, with one header more.
fn head(person: &Person, chat: &Chat, header: &str) -> String {
    let token = person.client.csrf_token().unwrap();
    let session = person.client.session().unwrap();
    format!(
        "POST {} HTTP/1.1\r\nHost: test\r\nCookie: sessionid={session}; csrftoken={token}\r\n\
         X-CSRFToken: {token}\r\nContent-Type: application/json\r\n{header}\r\n\r\n",
        path(chat)
    )
}
