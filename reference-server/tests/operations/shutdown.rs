//! SIGTERM: what was said is stored and heard, everybody is told, nothing is left behind.

use std::collections::HashSet;
use std::time::Duration;

use chat_fixtures::launch::Redis;
use chat_fixtures::people::{Chat, Connection, People, Person};
use chat_fixtures::socket::Heard;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::run::{Folder, Running, at};

/// PROC-7, WS-4: in the midst of much traffic. Every message that is in the history was heard by its sender and
/// by the other process before the sockets were closed with 1001, and nobody heard any other.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_was_said_is_stored_and_heard_before_the_end() {
    let (folder, redis) = (Folder::new(), Redis::start().await.unwrap());
    let mut ending = folder.starts(&["--redis", &redis.url()]).await;
    let staying = folder.starts(&["--redis", &redis.url()]).await;
    let people = People::new(&[ending.url(), staying.url()]).unwrap();
    let (alice, bob, chat) = two_people(&people).await;
    let mut speaker = alice.connects(&chat).await.unwrap();
    let mut listener = bob.on_process(1).connects(&chat).await.unwrap();

    says(&mut speaker, 0..1_000).await;
    let mut heard = vec![speaker.hears().await.unwrap()["message"].clone()];
    ending.server.terminate().unwrap();
    let end = hears_until_closed(&mut speaker, &mut heard).await;

    assert_eq!(end, 1001);
    let history = bob.on_process(1).reads(&chat).await.unwrap();
    assert_eq!(heard, history);
    for message in history {
        assert_eq!(listener.hears().await.unwrap()["message"], message);
    }
    ending.ends().await;
    assert!(listener.says("I am still here").await.is_ok());
    // What the one process had in Redis is gone; the other's is all there is.
    let members = members_of(&redis, &chat).await;
    assert_eq!(members.len(), 1, "{members:?}");
}

/// WS-10, SEND-1: what the server has read when it is asked to end is in the history after the restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn messages_already_sent_are_stored() {
    let folder = Folder::new();
    let mut running = folder.starts(&[]).await;
    let people = People::new(&[running.url()]).unwrap();
    let (alice, bob, chat) = two_people(&people).await;
    let mut speaker = alice.connects(&chat).await.unwrap();

    // One write of the client and one read of the server: who hears the first was read to the last.
    says(&mut speaker, 0..50).await;
    let mut heard = vec![speaker.hears().await.unwrap()["message"].clone()];
    running.server.terminate().unwrap();
    assert_eq!(hears_until_closed(&mut speaker, &mut heard).await, 1001);
    assert_eq!(heard.len(), 50);
    speaker.socket.close().await;

    let took = running.ends().await;
    assert!(
        took < Duration::from_secs(2),
        "{took:?} although nobody was slow"
    );
    let again = folder.starts(&[]).await;
    let bob = at(&bob, again.url());
    assert_eq!(bob.reads(&chat).await.unwrap(), heard);
}

/// Clients that do not answer delay the end, but by no more than ten seconds in all; the exit code is 0, and
/// Redis is left as if nobody had been there.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn unresponsive_clients_do_not_prevent_the_end() {
    let (folder, redis) = (Folder::new(), Redis::start().await.unwrap());
    let mut running = folder.starts(&["--redis", &redis.url()]).await;
    let people = People::new(&[running.url()]).unwrap();
    let (alice, bob, chat) = two_people(&people).await;
    let mut polite = alice.connects(&chat).await.unwrap();
    // Neither reads nor answers.
    let _deaf = bob.connects(&chat).await.unwrap();
    let _mute = half_a_request(&running).await;
    polite.says("good night").await.unwrap();

    running.server.terminate().unwrap();
    assert_eq!(hears_until_closed(&mut polite, &mut Vec::new()).await, 1001);
    let took = running.ends().await;

    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(keys_of(&redis).await, HashSet::new());
}

/// People who come while the server goes are let in and told to go, or not let in; nobody is forgotten.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_comes_at_the_end_is_told_as_well() {
    let folder = Folder::new();
    let mut running = folder.starts(&[]).await;
    let people = People::new(&[running.url()]).unwrap();
    let (alice, _, chat) = two_people(&people).await;
    let (came, mut coming) = tokio::sync::mpsc::channel(1);
    let visitors: Vec<_> = (0..8)
        .map(|_| {
            let (alice, chat, came) = (alice.clone(), chat.clone(), came.clone());
            tokio::spawn(async move {
                let mut codes = Vec::new();
                let mut open = Vec::new();
                while let Ok(connection) = alice.connects(&chat).await {
                    open.push(connection);
                    let _ = came.try_send(());
                }
                for mut connection in open {
                    codes.push(hears_until_closed(&mut connection, &mut Vec::new()).await);
                }
                codes
            })
        })
        .collect();
    for _ in 0..3 {
        coming.recv().await.unwrap();
    }

    let took = running.ends().await;

    assert!(took < Duration::from_secs(3), "{took:?}");
    for visitor in visitors {
        let codes = visitor.await.unwrap();
        assert!(codes.iter().all(|code| *code == 1001), "{codes:?}");
    }
}

/// Connections that are kept alive without a request under way hold nothing up.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn idle_connections_do_not_delay_the_end() {
    let (folder, redis) = (Folder::new(), Redis::start().await.unwrap());
    for args in [&[][..], &["--redis", &redis.url()]] {
        let mut running = folder.starts(args).await;
        let people = People::new(&[running.url()]).unwrap();
        people.stranger().get("/api/me/").await.unwrap();
        running.admin().await.get("/healthz").await.unwrap();
        let _silent = TcpStream::connect(running.url().strip_prefix("http://").unwrap())
            .await
            .unwrap();

        let took = running.ends().await;

        assert!(took < Duration::from_secs(2), "{took:?} with {args:?}");
        assert_eq!(keys_of(&redis).await, HashSet::new());
    }
}

/// PROC-6: a Redis that hangs does not hold the end up either.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_hanging_redis_does_not_prevent_the_end() {
    let (folder, redis) = (Folder::new(), Redis::start().await.unwrap());
    let mut running = folder.starts(&["--redis", &redis.url()]).await;
    let people = People::new(&[running.url()]).unwrap();
    let (alice, _, chat) = two_people(&people).await;
    let mut connection = alice.connects(&chat).await.unwrap();

    redis.pause().unwrap();
    says(&mut connection, 0..10).await;
    running.server.terminate().unwrap();
    let mut heard = Vec::new();
    assert_eq!(hears_until_closed(&mut connection, &mut heard).await, 1001);
    let took = running.ends().await;
    redis.resume().unwrap();

    assert!(took < Duration::from_secs(10), "{took:?}");
    let again = folder.starts(&[]).await;
    let alice = at(&alice, again.url());
    assert_eq!(alice.reads(&chat).await.unwrap(), heard);
}

async fn two_people(people: &People) -> (Person, Person, Chat) {
    let alice = people.person("alice").await.unwrap();
    let bob = people.person("bob").await.unwrap();
    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    (alice, bob, chat)
}

async fn says(connection: &mut Connection, numbers: std::ops::Range<usize>) {
    let frames = numbers.map(|number| json!({"content": number.to_string()}).to_string().into());
    connection.socket.send_all(frames.collect()).await.unwrap();
}

/// Adds the messages that come to `heard`, and gives the code of the close behind them.
async fn hears_until_closed(connection: &mut Connection, heard: &mut Vec<Value>) -> u16 {
    loop {
        match connection.socket.next_within(Duration::from_secs(10)).await {
            Heard::Text(text) => {
                let event: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(event["type"], "message", "{event}");
                heard.push(event["message"].clone());
            }
            Heard::Closed(code, _) => return code,
            other => panic!("{other}"),
        }
    }
}

async fn half_a_request(running: &Running) -> TcpStream {
    let address = running.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"POST /api/login/ HTTP/1.1\r\nHost: chat\r\nContent-Le")
        .await
        .unwrap();
    stream
}

async fn keys_of(redis: &Redis) -> HashSet<String> {
    let mut hand = hand(redis).await;
    redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut hand)
        .await
        .unwrap()
}

async fn members_of(redis: &Redis, chat: &Chat) -> Vec<String> {
    let mut hand = hand(redis).await;
    let group = format!("asgi:group:chat_{}", chat.id);
    redis::AsyncCommands::zrange(&mut hand, group, 0, -1)
        .await
        .unwrap()
}

async fn hand(redis: &Redis) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(redis.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}
