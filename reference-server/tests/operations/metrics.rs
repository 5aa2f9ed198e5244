//! `/metrics`: what is promised is there, and moves with what happens.

use std::time::{SystemTime, UNIX_EPOCH};

use chat_fixtures::client::Client;
use chat_fixtures::launch::Redis;
use chat_fixtures::people::People;
use redis::AsyncCommands;
use serde_json::json;

use crate::openmetrics::Exposition;
use crate::run::{Folder, comes};

/// PROC-5, WS-3, WS-21: connections, messages, deliveries, drops by cause, what waits, Redis, and the store's pace.
#[tokio::test]
async fn every_promised_series_moves() {
    let (folder, redis) = (Folder::new(), Redis::start().await.unwrap());
    let running = folder.starts(&["--redis", &redis.url()]).await;
    let admin = running.admin().await;
    let people = People::new(&[running.url()]).unwrap();
    let alice = people.person("alice").await.unwrap();
    let chat = alice.creates_chat_with(&[]).await.unwrap();

    let idle = metrics(&admin).await;
    for (family, kind) in [
        ("chat_connections", "gauge"),
        ("chat_messages_stored", "counter"),
        ("chat_deliveries", "counter"),
        ("chat_drops", "counter"),
        ("chat_queue_depth", "gauge"),
        ("chat_redis_up", "gauge"),
        ("chat_store_latency_seconds", "histogram"),
    ] {
        assert!(idle.has(family, kind), "{family}");
    }
    assert_eq!(idle.value("chat_connections"), 0.0);
    assert_eq!(idle.value("chat_redis_up"), 1.0);

    let mut speaker = alice.connects(&chat).await.unwrap();
    let mut listener = alice.connects(&chat).await.unwrap();
    for number in 0..3 {
        speaker.says(&number.to_string()).await.unwrap();
        listener.hears().await.unwrap();
    }
    let busy = metrics(&admin).await;
    assert_eq!(busy.value("chat_connections"), 2.0);
    assert_eq!(busy.value("chat_messages_stored_total"), 3.0);
    assert_eq!(busy.value("chat_deliveries_total"), 6.0);
    assert_eq!(busy.value("chat_queue_depth"), 0.0);
    assert!(busy.value("chat_store_latency_seconds_count") >= 1.0);
    let spent = busy.value("chat_store_latency_seconds_sum");
    assert!(spent > 0.0);

    // Somebody else writes and writes: one message is being stored, the others wait.
    let database = rusqlite::Connection::open(folder.path("chat.sqlite3")).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut said = 3;
    while metrics(&admin).await.value("chat_queue_depth") < 1.0 {
        assert!(said < 50, "nothing waits");
        let frame = json!({"content": said.to_string()}).to_string();
        speaker.socket.send_text(frame).await.unwrap();
        said += 1;
    }
    database.execute_batch("ROLLBACK").unwrap();
    for _ in 3..said {
        listener.hears().await.unwrap();
    }
    let stored = metrics(&admin).await;
    assert_eq!(stored.value("chat_queue_depth"), 0.0);
    assert_eq!(stored.value("chat_messages_stored_total"), f64::from(said));
    assert!(stored.value("chat_store_latency_seconds_sum") > spent);

    // An entry that nobody can read, in the queue of this process.
    let client = redis::Client::open(redis.url()).unwrap();
    let mut hand = client.get_multiplexed_async_connection().await.unwrap();
    let group = format!("asgi:group:chat_{}", chat.id);
    let [member]: [String; 1] = hand
        .zrange::<_, Vec<String>>(group, 0, -1)
        .await
        .unwrap()
        .try_into()
        .unwrap();
    let queue = format!("asgi{}!", member.split('!').next().unwrap());
    let _: () = hand
        .zadd(queue, b"twelve bytes and no message", 1)
        .await
        .unwrap();
    comes("a drop", async || {
        (metrics(&admin)
            .await
            .value("chat_drops_total{cause=\"undecodable\"}")
            == 1.0)
            .then_some(())
    })
    .await;

    listener.socket.close().await;
    comes("one connection less", async || {
        (metrics(&admin).await.value("chat_connections") == 1.0).then_some(())
    })
    .await;
    redis.pause().unwrap();
    comes("Redis down", async || {
        (metrics(&admin).await.value("chat_redis_up") == 0.0).then_some(())
    })
    .await;
    redis.resume().unwrap();
    comes("Redis up", async || {
        (metrics(&admin).await.value("chat_redis_up") == 1.0).then_some(())
    })
    .await;
}

/// Under the names of Prometheus' client libraries, so that dashboards for any process show this one.
#[tokio::test]
async fn the_process_tells_what_it_uses() {
    let folder = Folder::new();
    let running = folder.starts(&[]).await;
    let admin = running.admin().await;
    let before = metrics(&admin).await;
    for (family, kind) in [
        ("process_cpu_seconds", "counter"),
        ("process_resident_memory_bytes", "gauge"),
        ("process_open_fds", "gauge"),
        ("process_start_time_seconds", "gauge"),
    ] {
        assert!(before.has(family, kind), "{family}");
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let age = now.as_secs_f64() - before.value("process_start_time_seconds");
    // The kernel tells when it started to the second.
    assert!((-2.0..600.0).contains(&age), "{age} s old");
    assert!(before.value("process_resident_memory_bytes") > f64::from(1 << 20));

    let people = People::new(&[running.url()]).unwrap();
    let alice = people.person("alice").await.unwrap();
    let chat = alice.creates_chat_with(&[]).await.unwrap();
    let _connections = [
        alice.connects(&chat).await.unwrap(),
        alice.connects(&chat).await.unwrap(),
    ];
    let after = metrics(&admin).await;
    assert!(after.value("process_open_fds") >= before.value("process_open_fds") + 2.0);
    // Time is counted in ticks of 10 ms.
    let used = before.value("process_cpu_seconds_total");
    comes("a tick of CPU time", async || {
        (metrics(&admin).await.value("process_cpu_seconds_total") > used).then_some(())
    })
    .await;
}

async fn metrics(admin: &Client) -> Exposition {
    let answer = admin.get("/metrics").await.unwrap();
    assert_eq!(answer.status, 200);
    let media_type = answer.header("content-type").unwrap();
    assert_eq!(
        media_type,
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    Exposition::read(&answer.text())
}
