//! The pub/sub layer: what Redis confirms, Django's side of the wire, a subscriber that is cut off (INTEROP §3).

use chat_fixtures::launch::Redis;
use chat_reference_server::channel_layer::envelope::Keys;
use chat_reference_server::channel_layer::{Notice, Options};
use futures_util::{FutureExt as _, StreamExt as _};
use redis::AsyncCommands;

use crate::alike::large_messages_arrive;
use crate::bench::{Layer, Process, Told, with_keys};
use crate::cable::Cable;
use crate::hand::{hand_in, hex, stored, unhex, vector, vectors};

/// Between the SUBSCRIBE and its confirmation others may publish what this process does not hear: only who waits for it
/// can say that whoever joins misses nothing.
#[tokio::test]
async fn a_join_is_over_when_redis_has_confirmed_it() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let cable = Cable::to(redis.port()).await;
    let ana = Process::subscribes(&cable.url(), Options::default()).await;

    cable.holds("subscribe");
    let mut join = Box::pin(ana.layer.join(1));
    // Long after Redis has subscribed it, in round trips, it has not been told so.
    let mut trips_since = 0;
    while trips_since < 100 {
        assert_eq!((&mut join).now_or_never(), None);
        let (_, subscribed) = redis::cmd("PUBSUB")
            .arg(&["NUMSUB", GROUP])
            .query_async::<(String, i64)>(&mut hand)
            .await
            .unwrap();
        trips_since += subscribed;
    }
    cable.mend();

    join.await;
    assert_eq!(ana.metrics.redis_up.get(), 1);
}

#[tokio::test]
async fn large_messages_are_published_in_portions_that_no_output_buffer_minds() {
    large_messages_arrive(Layer::PubSub, 64).await;
}

/// Byte for byte what Channels publishes, and nothing is kept in Redis.
#[tokio::test]
async fn django_gets_the_payloads_that_channels_would_publish() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
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
    let redis = Redis::start().await.unwrap();
    let (ana, bob) = Layer::PubSub.two(&redis).await;
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
async fn what_cannot_be_read_is_counted_and_harms_nobody() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
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
    let redis = Redis::start().await.unwrap();
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
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let (ana, bob) = Layer::PubSub.two(&redis).await;
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

/// Redis closes the connection of a subscriber that takes nothing: an outage like another.
#[tokio::test]
async fn a_subscriber_that_is_cut_off_connects_anew_and_reads_the_history() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let (ana, bob) = Layer::PubSub.two(&redis).await;
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

async fn subscriber(redis: &Redis) -> Process {
    Process::subscribes(&redis.url(), Options::default()).await
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
