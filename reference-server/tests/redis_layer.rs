//! The Redis layer against a real Redis: order, capacity, Django's side of the wire, outages.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(
    unreachable_pub,
    missing_docs,
    reason = "nobody else reads a test's items"
)]

#[path = "redis_layer/bench.rs"]
mod bench;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bench::{Process, Recorder, Redis, Told};
use chat_reference_server::channel_layer::redis::{Options, RedisLayer};
use chat_reference_server::channel_layer::{Notice, Permit, Window};
use chat_reference_server::metrics::Metrics;
use redis::AsyncCommands;

// --- between processes of this server

#[tokio::test]
async fn two_processes_that_speak_at_once_hear_one_order() {
    let redis = Redis::start();
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    tokio::join!(ana.layer.join(1), bob.layer.join(1));

    for round in 0..100 {
        ana.says(1, [round * 10, round * 10 + 1]);
        bob.says(1, [round * 10 + 5]);
        tokio::task::yield_now().await;
    }

    for process in [&ana, &bob] {
        process
            .comes_to("300 messages", |told| told.len() >= 300)
            .await;
    }
    assert_eq!(ana.heard(1), bob.heard(1));
    assert_eq!(ana.heard(1).iter().collect::<HashSet<_>>().len(), 300);
    let of_ana: Vec<i64> = bob.heard(1).into_iter().filter(|id| id % 10 < 5).collect();
    assert!(of_ana.is_sorted());
    assert_eq!(ana.metrics.redis_up.get(), 1);
}

#[tokio::test]
async fn a_chat_is_heard_by_those_who_joined_it_only() {
    let redis = Redis::start();
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    bob.layer.join(1).await;
    bob.layer.join(2).await;
    // The last connection goes and another one comes in the next moment.
    bob.layer.leave(1);
    bob.layer.join(1).await;
    bob.layer.leave(2);
    bob.layer.join(3).await;

    ana.says(2, [20]);
    ana.says(1, [10]);

    bob.hears(1, 10).await;
    ana.hears(1, 10).await;
    assert_eq!(bob.heard(2), [0; 0]);
    // Own messages come back to their process whether it joined or not: its rooms know who listens.
    assert_eq!((ana.heard(1), ana.heard(2)), (vec![10], vec![20]));
}

#[tokio::test]
async fn a_permit_is_held_until_the_message_is_delivered() {
    #[derive(Debug, Default)]
    struct Counting(std::sync::atomic::AtomicUsize);
    impl Window for Counting {
        fn release(&self) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    }
    let redis = Redis::start();
    let ana = Process::start(&redis).await;
    let window = Arc::new(Counting::default());
    let mut outgoing = bench::outgoing(bench::message(1, 1));
    outgoing.permit = Some(Permit(Arc::clone(&window) as Arc<dyn Window>));

    redis.freeze();
    ana.layer.group_send(vec![outgoing]);
    assert_eq!(window.0.load(std::sync::atomic::Ordering::SeqCst), 0);
    redis.thaw();
    ana.hears(1, 1).await;
    ana.says(1, [2]);
    ana.hears(1, 2).await;

    assert_eq!(window.0.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_notice_reaches_the_other_processes_and_no_django() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    join_as_django(&mut hand, 1, &["specific.aaaa!x"]).await;
    bob.layer.join(1).await;
    let ended = Notice::SessionEnded {
        session: "5e55".to_owned(),
    };

    ana.layer.announce(ended.clone());
    ana.says(1, [1]);

    bob.is_told(Told::Notice(ended)).await;
    bob.hears(1, 1).await;
    assert_eq!(ana.told(), [Told::Message { chat: 1, id: 1 }]);
    assert_eq!(hand.zcard::<_, i64>("asgispecific.aaaa!").await.unwrap(), 1);
}

#[tokio::test]
async fn a_full_queue_holds_back_its_chat_and_a_process_that_does_not_read_is_given_up() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let ana = Process::start_with(
        &redis.url(),
        Options {
            own_capacity: 5,
            ..Options::default()
        },
    )
    .await;
    // A process of ours that says it reads, but takes its time.
    let slow = "0123456789abcdef0123456789abcdef";
    let queue = format!("asgispecific.{slow}!");
    let member = format!("specific.{slow}!rs.1");
    let _: () = hand
        .zadd("chat-reference:asgi:processes", slow, now() + 100.0)
        .await
        .unwrap();
    let _: () = hand
        .zadd("asgi:group:chat_1", &member, now())
        .await
        .unwrap();

    ana.says(1, 1..=8);
    ana.hears(1, 5).await;
    ana.says(2, [100]);
    ana.hears(2, 100).await;
    assert_eq!(ana.heard(1), [1, 2, 3, 4, 5]);
    assert_eq!(hand.zcard::<_, i64>(&queue).await.unwrap(), 5);

    let _: redis::Value = hand.zpopmin(&queue, 5).await.unwrap();
    ana.hears(1, 8).await;

    // It says so no more: the others go on.
    let _: () = hand
        .zadd("chat-reference:asgi:processes", slow, now() - 10.0)
        .await
        .unwrap();
    ana.says(1, 9..=20);
    ana.hears(1, 20).await;
    assert_eq!(ana.heard(1), (1..=20).collect::<Vec<_>>());
    ana.says(1, [21]);
    ana.hears(1, 21).await;
    assert_eq!(
        hand.zscore::<_, _, Option<f64>>("asgi:group:chat_1", &member)
            .await
            .unwrap(),
        None
    );
    assert!(!hand.exists::<_, bool>(&queue).await.unwrap());
    assert_eq!(ana.dropped("process_given_up"), 1);
}

#[tokio::test]
async fn a_process_that_was_given_up_starts_anew() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    bob.layer.join(1).await;

    let _: () = hand.del("chat-reference:asgi:processes").await.unwrap();

    bob.is_told(Told::Resync(None)).await;
    ana.is_told(Told::Resync(None)).await;
    ana.says(1, [1]);
    bob.hears(1, 1).await;
}

#[tokio::test]
async fn shutdown_sends_what_is_under_way_and_leaves_nothing_in_redis() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    ana.layer.join(1).await;
    bob.layer.join(1).await;

    ana.says(1, 1..=500);
    ana.layer.shutdown().await;
    assert_eq!(ana.heard(1).len(), 500);
    bob.hears(1, 500).await;
    bob.layer.shutdown().await;

    assert_eq!(hand.keys::<_, Vec<String>>("*").await.unwrap(), [""; 0]);
}

// --- with Django

#[tokio::test]
async fn django_gets_the_entry_that_channels_would_write() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let ana = Process::start(&redis).await;
    let django = "specific.0123456789abcdef0123456789abcdef!";
    let members = [
        format!("{django}{}", "a".repeat(32)),
        format!("{django}{}", "b".repeat(32)),
    ];
    join_as_django(&mut hand, 1, &members).await;

    ana.says(1, [7]);
    ana.hears(1, 7).await;

    let queue = format!("asgi{django}");
    let entries: Vec<(Vec<u8>, f64)> = hand.zrange_withscores(&queue, 0, -1).await.unwrap();
    let expected = vector("group_send, two local members of one process");
    assert_eq!(entries.len(), 1);
    assert_eq!(
        hex(&entries[0].0[12..]),
        expected["msgpack_hex"].as_str().unwrap()
    );
    assert!((entries[0].1 - now()).abs() < 5.0);
    assert!((1..=60).contains(&hand.ttl::<_, i64>(&queue).await.unwrap()));
}

#[tokio::test]
async fn a_general_channel_and_a_dead_membership_are_treated_as_channels_does() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let ana = Process::start(&redis).await;
    join_as_django(&mut hand, 1, &["worker"]).await;
    let _: () = hand
        .zadd("asgi:group:chat_1", "specific.dead!x", now() - 86_401.0)
        .await
        .unwrap();

    ana.says(1, [7]);
    ana.hears(1, 7).await;

    assert_eq!(hand.zcard::<_, i64>("asgiworker").await.unwrap(), 1);
    assert!(!hand.exists::<_, bool>("asgispecific.dead!").await.unwrap());
    assert_eq!(hand.zcard::<_, i64>("asgi:group:chat_1").await.unwrap(), 1);
}

#[tokio::test]
async fn a_full_django_queue_drops_and_counts_and_delays_nobody_for_long() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    bob.layer.join(1).await;
    join_as_django(&mut hand, 1, &["specific.aaaa!x"]).await;
    // Older entries than a minute do not count.
    for n in 0..100 {
        let _: () = hand
            .zadd("asgispecific.aaaa!", n, now() - 61.0)
            .await
            .unwrap();
    }

    ana.says(1, 1..=130);

    bob.hears(1, 130).await;
    ana.hears(1, 130).await;
    assert_eq!(bob.heard(1), (1..=130).collect::<Vec<_>>());
    assert_eq!(
        hand.zcard::<_, i64>("asgispecific.aaaa!").await.unwrap(),
        100
    );
    assert_eq!(ana.dropped("django_queue_full"), 30);
}

#[tokio::test]
async fn a_burst_goes_at_the_pace_of_a_django_that_reads() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let ana = Process::start(&redis).await;
    join_as_django(&mut hand, 1, &["specific.aaaa!x"]).await;

    ana.says(1, 1..=400);
    let mut read = 0;
    let deadline = Instant::now() + Duration::from_secs(10);
    while read < 400 && Instant::now() < deadline {
        let popped: redis::Value = redis::cmd("BZPOPMIN")
            .arg("asgispecific.aaaa!")
            .arg(1)
            .query_async(&mut hand)
            .await
            .unwrap();
        read += usize::from(popped != redis::Value::Nil);
    }

    assert_eq!(read, 400);
    assert_eq!(ana.dropped("django_queue_full"), 0);
}

#[tokio::test]
async fn what_django_sends_is_heard_in_either_form() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let ana = Process::start(&redis).await;
    ana.layer.join(1).await;
    let (queue, member) = member_of(&mut hand, 1).await;

    for (score, name) in [
        (0.0, "group_send, one local member"),
        (0.1, "send() to one specific channel: string form"),
    ] {
        let mut event = vector(name)["message"].clone();
        let channel = &mut event["__asgi_channel__"];
        *channel = if channel.is_array() {
            serde_json::json!([member])
        } else {
            serde_json::json!(member)
        };
        push(&mut hand, &queue, now() + score, &stored(&event)).await;
    }

    ana.comes_to("two messages", |told| told.len() == 2).await;
    let expected = vector("group_send, one local member")["message"]["message"].clone();
    assert_eq!(ana.foreign(), [expected.clone(), expected]);
    assert_eq!(ana.heard(1), [7, 7]);
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_and_harms_nobody() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let ana = Process::start(&redis).await;
    ana.layer.join(1).await;
    let (queue, member) = member_of(&mut hand, 1).await;
    let undecodable = vectors()["channel_layer"]["undecodable"]
        .as_array()
        .unwrap()
        .clone();

    for bad in &undecodable {
        push(
            &mut hand,
            &queue,
            now(),
            &unhex(bad["stored_hex"].as_str().unwrap()),
        )
        .await;
    }
    let event = |kind: &str, id: i64| serde_json::json!({"type": kind, "message": {"id": id}, "__asgi_channel__": [member]});
    push(
        &mut hand,
        &queue,
        now(),
        &stored(&event("websocket.close", 1)),
    )
    .await;
    push(
        &mut hand,
        &queue,
        now() - 61.0,
        &stored(&event("chat.message", 2)),
    )
    .await;
    push(
        &mut hand,
        &queue,
        now(),
        &stored(&serde_json::json!({"type": "chat_message", "message": {"id": 3}})),
    )
    .await;
    push(
        &mut hand,
        &queue,
        now() + 1.0,
        &stored(&event("chat.message", 4)),
    )
    .await;

    ana.hears(1, 4).await;
    assert_eq!(ana.heard(1), [4]);
    assert_eq!(ana.dropped("undecodable"), undecodable.len() as u64);
    assert_eq!(ana.dropped("unknown_event"), 1);
    assert_eq!(ana.dropped("unrouted"), 1);
    // An old entry is not delivered; whoever is connected missed it.
    assert_eq!(ana.dropped("expired"), 1);
    assert!(ana.told().contains(&Told::Resync(Some(1))));
}

#[tokio::test]
async fn a_membership_lasts_a_day_and_ends_by_itself_within_a_minute() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let ana = Process::start(&redis).await;
    ana.layer.join(1).await;

    let (_, member) = member_of(&mut hand, 1).await;
    let score: f64 = hand.zscore("asgi:group:chat_1", &member).await.unwrap();
    let lease = score + 86_400.0 - now();
    assert!((50.0..=60.5).contains(&lease), "{lease}");
    assert!((86_390..=86_400).contains(&hand.ttl::<_, i64>("asgi:group:chat_1").await.unwrap()));
}

// --- outages

#[tokio::test]
async fn without_a_redis_it_does_not_start_and_says_why() {
    let mut redis = Redis::start();
    redis.kill();
    let url = format!("redis://:s3cret@127.0.0.1:{}/", redis.port);

    let refused = start(&url).await.unwrap_err().to_string();
    assert!(
        refused.starts_with(&format!(
            "Redis at 127.0.0.1:{} does not answer: ",
            redis.port
        )),
        "{refused}"
    );
    let unreadable = start("http://:s3cret@127.0.0.1/")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        !refused.contains("s3cret") && !unreadable.contains("s3cret"),
        "{unreadable}"
    );

    redis.restart();
    redis.freeze();
    let hanging = start(&redis.url()).await.unwrap_err().to_string();
    assert!(hanging.ends_with("no reply within 500 ms"), "{hanging}");
}

#[tokio::test]
async fn a_redis_that_hangs_is_done_without_and_found_again() {
    let redis = Redis::start();
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    ana.layer.join(1).await;
    bob.layer.join(1).await;

    redis.freeze();
    speaks_without_redis(&ana).await;
    redis.thaw();
    hear_each_other_again(&ana, &bob).await;
}

#[tokio::test]
async fn a_redis_that_dies_is_done_without_and_found_again() {
    let mut redis = Redis::start();
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    ana.layer.join(1).await;
    bob.layer.join(1).await;

    redis.kill();
    speaks_without_redis(&ana).await;
    redis.restart();
    hear_each_other_again(&ana, &bob).await;
}

#[tokio::test]
async fn an_outage_under_load_loses_and_repeats_nothing_within_a_process() {
    let redis = Redis::start();
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    ana.layer.join(1).await;
    bob.layer.join(1).await;

    for id in 1..=2_000 {
        ana.says(1, [id]);
        if id == 1_000 {
            ana.hears(1, 500).await;
            redis.freeze();
        }
        tokio::task::yield_now().await;
    }
    ana.hears(1, 2_000).await;
    redis.thaw();

    hear_each_other_again(&ana, &bob).await;
    let heard: Vec<i64> = ana.heard(1).into_iter().filter(|id| *id <= 2_000).collect();
    assert_eq!(heard, (1..=2_000).collect::<Vec<_>>());
    let late = bob.heard(1);
    assert_eq!(late.iter().collect::<HashSet<_>>().len(), late.len());
}

#[tokio::test]
async fn a_redis_that_was_emptied_is_noticed() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    ana.layer.join(1).await;
    bob.layer.join(1).await;

    let _: () = redis::cmd("FLUSHALL").query_async(&mut hand).await.unwrap();

    hear_each_other_again(&ana, &bob).await;
}

#[tokio::test]
async fn a_lost_membership_is_renewed_and_its_chat_told() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let ana = Process::start(&redis).await;
    ana.layer.join(1).await;
    ana.layer.join(2).await;

    let _: () = hand.del("asgi:group:chat_1").await.unwrap();
    ana.layer.join(1).await;

    assert_eq!(ana.told(), [Told::Resync(Some(1))]);
    member_of(&mut hand, 1).await;
}

#[tokio::test]
async fn others_learn_what_they_missed_of_a_process_that_was_cut_off() {
    let redis = Redis::start();
    let cable = Cable::to(redis.port).await;
    let ana = Process::start_with(
        &format!("redis://127.0.0.1:{}/", cable.port),
        Options::default(),
    )
    .await;
    let bob = Process::start(&redis).await;
    ana.layer.join(1).await;
    bob.layer.join(1).await;
    bob.layer.join(2).await;

    cable.cut();
    ana.says(1, [1]);
    ana.hears(1, 1).await;
    cable.mend();

    ana.is_told(Told::Resync(None)).await;
    bob.is_told(Told::Resync(Some(1))).await;
    ana.says(1, [2]);
    bob.hears(1, 2).await;
    assert_eq!(
        bob.told(),
        [Told::Resync(Some(1)), Told::Message { chat: 1, id: 2 }]
    );
}

/// Each message comes back within a second, and a join does not hang.
async fn speaks_without_redis(ana: &Process) {
    for id in 1..=3 {
        let said = Instant::now();
        ana.says(1, [id]);
        ana.hears(1, id).await;
        assert!(
            said.elapsed() < Duration::from_secs(1),
            "{:?}",
            said.elapsed()
        );
    }
    let asked = Instant::now();
    ana.layer.join(5).await;
    assert!(
        asked.elapsed() < Duration::from_millis(500),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!(ana.heard(1), [1, 2, 3]);
    assert_eq!(ana.metrics.redis_up.get(), 0);
}

/// Who spoke meanwhile resynchronises, and so does who listened: of itself if it noticed, else because it is
/// told. Then they hear what the other says, once.
async fn hear_each_other_again(ana: &Process, bob: &Process) {
    ana.is_told(Told::Resync(None)).await;
    bob.comes_to("a resync of chat 1", |told| {
        told.contains(&Told::Resync(None)) || told.contains(&Told::Resync(Some(1)))
    })
    .await;
    ana.says(1, [10_001]);
    bob.says(1, [10_002]);
    for process in [ana, bob] {
        process.hears(1, 10_001).await;
        process.hears(1, 10_002).await;
        let late = process
            .heard(1)
            .into_iter()
            .filter(|id| *id > 10_000)
            .count();
        assert_eq!(late, 2);
    }
    let own = ana.heard(1);
    assert_eq!(own.iter().collect::<HashSet<_>>().len(), own.len());
    assert_eq!(ana.metrics.redis_up.get(), 1);
}

async fn start(url: &str) -> Result<RedisLayer, impl std::error::Error> {
    let delivery = Arc::new(Recorder::default());
    RedisLayer::connect(url, Options::default(), delivery, Arc::new(Metrics::new())).await
}

// --- Django's hand, and a cable to cut

use redis::aio::MultiplexedConnection;

/// As `group_add` does (INTEROP §1.5).
async fn join_as_django(hand: &mut MultiplexedConnection, chat: i64, channels: &[impl AsRef<str>]) {
    for channel in channels {
        let _: () = hand
            .zadd(format!("asgi:group:chat_{chat}"), channel.as_ref(), now())
            .await
            .unwrap();
    }
}

/// The queue and the member of the one process that joined `chat`.
async fn member_of(hand: &mut MultiplexedConnection, chat: i64) -> (String, String) {
    let members: Vec<String> = hand
        .zrange(format!("asgi:group:chat_{chat}"), 0, -1)
        .await
        .unwrap();
    let [member] = members.as_slice() else {
        panic!("one member, not {members:?}")
    };
    (
        format!("asgi{}!", member.split('!').next().unwrap()),
        member.clone(),
    )
}

async fn push(hand: &mut MultiplexedConnection, queue: &str, score: f64, entry: &[u8]) {
    let _: () = hand.zadd(queue, entry, score).await.unwrap();
}

fn stored(event: &serde_json::Value) -> Vec<u8> {
    let mut entry = rand::random::<[u8; 12]>().to_vec();
    entry.extend(rmp_serde::to_vec_named(event).unwrap());
    entry
}

fn vectors() -> serde_json::Value {
    serde_json::from_str(include_str!("../../fixtures/recordings/vectors.json")).unwrap()
}

fn vector(name: &str) -> serde_json::Value {
    let vectors = vectors();
    let messages = vectors["channel_layer"]["messages"].as_array().unwrap();
    messages
        .iter()
        .find(|message| message["name"] == name)
        .expect("a vector of this name")
        .clone()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn now() -> f64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64()
}

/// A way to Redis that can be cut.
struct Cable {
    port: u16,
    whole: tokio::sync::watch::Sender<bool>,
}

impl Cable {
    async fn to(redis: u16) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (whole, watched) = tokio::sync::watch::channel(true);
        tokio::spawn(async move {
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let mut watched = watched.clone();
                tokio::spawn(async move {
                    if !*watched.borrow() {
                        return;
                    }
                    let mut far = tokio::net::TcpStream::connect(("127.0.0.1", redis))
                        .await
                        .unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = watched.wait_for(|whole| !whole) => {}
                    }
                });
            }
        });
        Self { port, whole }
    }

    fn cut(&self) {
        self.whole.send_replace(false);
    }

    fn mend(&self) {
        self.whole.send_replace(true);
    }
}
