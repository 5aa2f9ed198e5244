//! The pub/sub layer: order, notices, Django's side of the wire, outages (INTEROP §3).

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chat_reference_server::channel_layer::envelope::Keys;
use chat_reference_server::channel_layer::{Notice, Options, Permit, Window};
use futures_util::StreamExt as _;
use redis::AsyncCommands;

use crate::bench::{self, Process, Redis, Told};
use crate::cable::Cable;
use crate::hand::{hex, stored, unhex, vector, vectors};

#[tokio::test]
async fn processes_that_speak_at_once_hear_one_order() {
    let redis = Redis::start();
    let (ana, bob) = two(&redis).await;
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
    // Own messages come back as they were given, not as strangers' do.
    assert_eq!(ana.foreign().len(), 100);
}

#[tokio::test]
async fn a_join_hears_all_that_is_said_after_it_and_a_leave_nothing() {
    let redis = Redis::start();
    let (ana, bob) = two(&redis).await;
    for chat in 1..=200 {
        bob.layer.join(chat).await;
        ana.says(chat, [chat]);
        bob.hears(chat, chat).await;
        bob.layer.leave(chat);
        bob.settles().await;
    }
    assert!(!bob.told().contains(&Told::Resync(None)));
    // The last connection goes and another one comes in the next moment.
    bob.layer.leave(1);
    bob.layer.join(1).await;
    bob.layer.join(2).await;
    bob.layer.leave(2);
    bob.layer.join(3).await;

    ana.says(2, [1002]);
    ana.says(1, [1001]);

    bob.hears(1, 1001).await;
    assert_eq!(bob.heard(2), [2]);
    // Nobody here has joined; whoever comes at that moment has not missed it.
    assert_eq!(ana.heard(2), [2, 1002]);
}

/// Byte for byte what Channels publishes, and nothing is kept in Redis.
#[tokio::test]
async fn django_gets_the_payloads_that_channels_would_publish() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let (ana, mut django) = (subscriber(&redis).await, django(&redis, 1).await);
    ana.layer.join(1).await;

    ana.says(1, [7]);

    let payload = django.next().await.unwrap();
    let expected = vectors()["channel_layer"]["encrypted"]["plaintext_msgpack_hex"].clone();
    assert_eq!(hex(payload.get_payload_bytes()), expected.as_str().unwrap());
    ana.hears(1, 7).await;
    assert_eq!(hand.keys::<_, Vec<String>>("*").await.unwrap(), [""; 0]);
}

/// An event of a type that Channels does not know closes every socket of the group: whatever this server does, on the
/// channels of chats there are chat events alone, and Django's consumers have a handler of that name.
#[tokio::test]
async fn nothing_but_chat_events_goes_where_django_listens() {
    let consumers = include_str!("../../../fixtures/django/chat/consumers.py");
    assert!(consumers.contains("    async def chat_message(self, event):"));
    let redis = Redis::start();
    let (ana, bob) = two(&redis).await;
    let mut everything = redis::Client::open(redis.url())
        .unwrap()
        .get_async_pubsub()
        .await
        .unwrap();
    everything.psubscribe("asgi*").await.unwrap();
    let mut everything = everything.into_on_message();

    bob.layer.join(1).await;
    ana.layer.join(1).await;
    ana.layer.announce(Notice::ChatDeleted { chat: 1 });
    ana.layer.announce(Notice::SessionEnded {
        session: "5e55".to_owned(),
    });
    ana.says(1, [1]);
    ana.layer.leave(1);
    ana.says(2, [2]);
    bob.says(1, [3]);
    ana.layer.shutdown().await;
    bob.layer.shutdown().await;

    for _ in 0..3 {
        let message = everything.next().await.unwrap();
        let event: serde_json::Value = rmp_serde::from_slice(message.get_payload_bytes()).unwrap();
        assert_eq!(event["type"], "chat_message", "{event}");
        assert!(message.get_channel_name().starts_with("asgi__group__chat_"));
    }
}

#[tokio::test]
async fn a_notice_reaches_the_other_processes_and_not_its_own() {
    let redis = Redis::start();
    let (ana, bob) = two(&redis).await;
    bob.layer.join(1).await;
    ana.layer.join(1).await;
    let ended = Notice::SessionEnded {
        session: "5e55".to_owned(),
    };

    ana.layer.announce(ended.clone());
    ana.says(1, [1]);

    bob.is_told(Told::Notice(ended)).await;
    bob.hears(1, 1).await;
    ana.hears(1, 1).await;
    assert_eq!(ana.told(), [Told::Message { chat: 1, id: 1 }]);
}

#[tokio::test]
async fn a_permit_is_held_until_the_message_is_heard() {
    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);
    impl Window for Counting {
        fn release(&self, _units: usize) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let redis = Redis::start();
    let ana = subscriber(&redis).await;
    ana.layer.join(1).await;
    let window = Arc::new(Counting::default());
    let mut outgoing = bench::outgoing(bench::message(1, 1));
    outgoing.permit = Some(Permit {
        window: Arc::clone(&window) as Arc<dyn Window>,
        units: 1,
    });

    redis.freeze();
    ana.layer.group_send(vec![outgoing]);
    assert_eq!(window.0.load(Ordering::SeqCst), 0);
    redis.thaw();
    ana.hears(1, 1).await;
    ana.says(1, [2]);
    ana.hears(1, 2).await;

    assert_eq!(window.0.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_and_harms_nobody() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let ana = subscriber(&redis).await;
    ana.layer.join(1).await;
    let undecodable = vectors()["channel_layer"]["undecodable"]
        .as_array()
        .unwrap()
        .clone();
    let event = vector("group_send, one local member")["message"]["message"].clone();
    let of_type = |kind: &str| {
        rmp_serde::to_vec_named(&serde_json::json!({"type": kind, "message": event})).unwrap()
    };

    // What is bad in a queue for the lack of its twelve bytes is good here, and the other way round.
    let bad = undecodable
        .iter()
        .filter(|case| case["why"] != "no prefix at all")
        .map(|case| unhex(case["stored_hex"].as_str().unwrap()))
        .chain([stored(
            &serde_json::json!({"type": "chat_message", "message": {}}),
        )]);
    let bad: Vec<Vec<u8>> = bad.collect();
    for payload in &bad {
        let _: () = hand.publish(GROUP, payload).await.unwrap();
    }
    let _: () = hand
        .publish(GROUP, of_type("websocket.close"))
        .await
        .unwrap();
    let _: () = hand
        .publish("chat-reference:asgi:private", b"{}")
        .await
        .unwrap();
    let _: () = hand.publish(GROUP, of_type("chat.message")).await.unwrap();

    ana.hears(1, 7).await;
    assert_eq!(ana.heard(1), [7]);
    assert_eq!(ana.foreign(), [event]);
    assert_eq!(ana.dropped("undecodable"), bad.len() as u64 + 1);
    assert_eq!(ana.dropped("unknown_event"), 1);
    assert_eq!(ana.metrics.redis_up.get(), 1);
}

#[tokio::test]
async fn encrypted_payloads_are_heard_with_any_of_the_keys_and_are_no_clear_text() {
    let redis = Redis::start();
    let ana = Process::subscribes(&redis.url(), with_keys(&["new", "old"])).await;
    let bob = Process::subscribes(&redis.url(), with_keys(&["old", "new"])).await;
    let mut django = django(&redis, 1).await;
    ana.layer.join(1).await;
    bob.layer.join(1).await;

    ana.says(1, [1]);
    bob.hears(1, 1).await;
    bob.says(1, [2]);
    ana.layer.announce(Notice::ChatDeleted { chat: 9 });

    for process in [&ana, &bob] {
        process.hears(1, 1).await;
        process.hears(1, 2).await;
    }
    bob.is_told(Told::Notice(Notice::ChatDeleted { chat: 9 }))
        .await;
    for secret in ["new", "old"] {
        let payload = django.next().await.unwrap();
        let plain = Keys::new(&[secret])
            .unwrap()
            .open_of_any_age(payload.get_payload_bytes())
            .unwrap();
        let event: serde_json::Value = rmp_serde::from_slice(&plain).unwrap();
        assert_eq!(event["type"], "chat_message");
    }
}

/// A stranger with other keys would lose every socket of the group to what it cannot read: once it has been heard
/// of, the processes of this server hear each other and it hears nothing.
#[tokio::test]
async fn strangers_are_kept_from_and_our_own_hear_each_other_in_order() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let (ana, bob) = two(&redis).await;
    let mut django = django(&redis, 1).await;
    ana.layer.join(1).await;
    bob.layer.join(1).await;
    ana.says(1, [1]);
    bob.hears(1, 1).await;
    assert_eq!(django.next().await.unwrap().get_channel_name(), GROUP);

    let token = Keys::new(&["theirs"])
        .unwrap()
        .seal(b"\x80", 1_760_428_800, [7; 16]);
    let _: () = hand.publish(GROUP, &token).await.unwrap();
    for process in [&ana, &bob] {
        process.settles().await;
        // The next thing heard comes after it.
        let _: () = hand
            .publish("chat-reference:asgi:private", b"{}")
            .await
            .unwrap();
        while process.dropped("undecryptable") == 0 {
            tokio::task::yield_now().await;
        }
    }
    ana.says(1, 2..=20);
    bob.says(1, 21..=40);

    for process in [&ana, &bob] {
        process.hears(1, 20).await;
        process.hears(1, 40).await;
        assert_eq!(process.dropped("undecryptable"), 1);
    }
    assert_eq!(ana.heard(1), bob.heard(1));
    ana.settles().await;
    assert_eq!(ana.dropped("kept_from_django"), 19);
    assert_eq!(
        django.next().await.unwrap().get_payload_bytes(),
        token.as_bytes()
    );
    let _: () = hand.publish(GROUP, "the end").await.unwrap();
    assert_eq!(django.next().await.unwrap().get_payload_bytes(), b"the end");
}

#[tokio::test]
async fn a_redis_that_dies_or_hangs_is_done_without_and_found_again() {
    let mut redis = Redis::start();
    let (ana, bob) = two(&redis).await;
    ana.layer.join(1).await;
    bob.layer.join(1).await;

    for (turn, hangs) in [(0, true), (100, false)] {
        match hangs {
            true => redis.freeze(),
            false => redis.kill(),
        }
        for id in 1..=3 {
            ana.says(1, [turn + id]);
            ana.hears(1, turn + id).await;
        }
        // A join does not hang, and is made good.
        ana.layer.join(5 + turn).await;
        assert_eq!(ana.metrics.redis_up.get(), 0);
        match hangs {
            true => redis.thaw(),
            false => redis.restart(),
        }
        let resyncs = |told: &[Told]| {
            let all = told.iter().filter(|told| **told == Told::Resync(None));
            all.count() > usize::from(turn > 0)
        };
        ana.comes_to("a resync of all", resyncs).await;
        bob.comes_to("a resync", |told| {
            told.contains(&Told::Resync(Some(1))) || resyncs(told)
        })
        .await;
        bob.settles().await;
        ana.settles().await;
        bob.says(5 + turn, [turn + 10]);
        ana.hears(5 + turn, turn + 10).await;
        ana.says(1, [turn + 11]);
        bob.hears(1, turn + 11).await;
    }
    let heard = ana.heard(1);
    assert_eq!(heard.iter().collect::<HashSet<_>>().len(), heard.len());
}

/// Redis closes the connection of a subscriber that takes nothing: an outage like another.
#[tokio::test]
async fn a_subscriber_that_is_cut_off_connects_anew_and_reads_the_history() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
    let (ana, bob) = two(&redis).await;
    bob.layer.join(1).await;

    let _: () = redis::cmd("CLIENT")
        .arg(&["KILL", "TYPE", "pubsub"])
        .query_async(&mut hand)
        .await
        .unwrap();

    bob.is_told(Told::Resync(None)).await;
    ana.is_told(Told::Resync(None)).await;
    ana.says(1, [1]);
    bob.hears(1, 1).await;
}

#[tokio::test]
async fn others_learn_what_they_missed_of_a_process_that_was_cut_off() {
    let redis = Redis::start();
    let cable = Cable::to(redis.port).await;
    let url = format!("redis://127.0.0.1:{}/", cable.port);
    let ana = Process::subscribes(&url, Options::default()).await;
    let bob = subscriber(&redis).await;
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

#[tokio::test]
async fn large_messages_are_published_in_portions_that_no_output_buffer_minds() {
    let redis = Redis::start();
    let (ana, bob) = two(&redis).await;
    bob.layer.join(1).await;
    ana.layer.join(1).await;
    let content = "x".repeat(1 << 20);
    let large = |id| {
        let mut message = bench::message(1, id);
        message.content.clone_from(&content);
        bench::outgoing(message)
    };

    ana.layer.group_send((1..=64).map(large).collect());

    bob.hears(1, 64).await;
    assert_eq!(bob.heard(1), (1..=64).collect::<Vec<_>>());
    assert_eq!(ana.metrics.redis_up.get(), 1);
    assert!(!bob.told().contains(&Told::Resync(None)));
}

#[tokio::test]
async fn shutdown_publishes_what_is_under_way() {
    let redis = Redis::start();
    let (ana, bob) = two(&redis).await;
    ana.layer.join(1).await;
    bob.layer.join(1).await;

    ana.says(1, 1..=500);
    ana.layer.shutdown().await;

    assert_eq!(ana.heard(1).len(), 500);
    bob.hears(1, 500).await;
}

async fn subscriber(redis: &Redis) -> Process {
    Process::subscribes(&redis.url(), Options::default()).await
}

async fn two(redis: &Redis) -> (Process, Process) {
    (subscriber(redis).await, subscriber(redis).await)
}

fn with_keys(secrets: &[&str]) -> Options {
    Options {
        keys: Keys::new(secrets),
        ..Options::default()
    }
}

/// What a Django socket in this chat would get.
async fn django(redis: &Redis, chat: i64) -> redis::aio::PubSubStream {
    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_async_pubsub().await.unwrap();
    let channel = format!("asgi__group__chat_{chat}");
    connection.subscribe(channel).await.unwrap();
    connection.into_on_message()
}

const GROUP: &str = "asgi__group__chat_1";
