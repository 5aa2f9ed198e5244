//! The layer of queues with `symmetric_encryption_keys` (INTEROP §1.4): both directions, members who come and go, and
//! strangers with other keys.

use chat_fixtures::launch::Redis;
use chat_reference_server::channel_layer::Notice;
use chat_reference_server::channel_layer::envelope::{Codec, Envelope, Keys};
use chat_reference_server::timestamp::Timestamp;
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use serde_json::{Value, json};

use crate::bench::{self, Process, Told};
use crate::hand::{hand_in, join_as_django, member_of, now, push, vector};

#[tokio::test]
async fn django_opens_what_is_sent_and_finds_its_own_channels_in_it() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let ana = with_keys(&redis, &["new", "old"]).await;
    join_as_django(&mut hand, 1, &["specific.aaaa!x", "specific.bbbb!z"]).await;
    join_as_django(&mut hand, 1, &["specific.aaaa!y", "worker"]).await;

    ana.says(1, [7, 8]);
    ana.hears(1, 8).await;

    let expected = vector("group_send, one local member")["message"]["message"].clone();
    for (queue, members) in [
        (
            "asgispecific.aaaa!",
            &["specific.aaaa!x", "specific.aaaa!y"][..],
        ),
        ("asgispecific.bbbb!", &["specific.bbbb!z"]),
        ("asgiworker", &["worker"]),
    ] {
        let entries = opened(&mut hand, queue, "new").await;
        assert_eq!(entries.len(), 2, "{queue}");
        let event = &entries[0];
        assert_eq!(event["type"], "chat_message");
        assert_eq!(event["message"], expected);
        assert_eq!(event["__asgi_channel__"], json!(members));
        assert_eq!(entries[1]["message"]["id"], 8);
    }
}

#[tokio::test]
async fn what_django_sends_is_opened_with_any_of_the_keys() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let ana = with_keys(&redis, &["new", "old"]).await;
    ana.layer.join(1).await;
    let (queue, member) = member_of(&mut hand, 1).await;

    for (secret, id) in [("old", 1), ("new", 2)] {
        let event =
            json!({"type": "chat_message", "message": {"id": id}, "__asgi_channel__": [member]});
        let entry = sealed(secret).encode(&event, Timestamp::now()).unwrap();
        push(&mut hand, &queue, now(), &entry).await;
        ana.hears(1, id).await;
    }
    assert_eq!(ana.foreign().len(), 2);
}

#[tokio::test]
async fn notices_are_encrypted() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let ana = with_keys(&redis, &["new", "old"]).await;
    let bob = with_keys(&redis, &["old", "new"]).await;
    // A process of ours that never reads: its queue shows what travels.
    let idle = "specific.0123456789abcdef0123456789abcdef!";
    let _: () = hand
        .zadd("chat-reference:asgi:processes", idle, now() + 100.0)
        .await
        .unwrap();

    ana.layer.announce(Notice::SessionEnded {
        session: "5e55".to_owned(),
    });

    bob.is_told(Told::Notice(Notice::SessionEnded {
        session: "5e55".to_owned(),
    }))
    .await;
    let told: Vec<Vec<u8>> = hand.zrange(format!("asgi{idle}"), 0, -1).await.unwrap();
    assert_eq!(told.len(), 1);
    let text = String::from_utf8_lossy(&told[0]).into_owned();
    assert!(
        !text.contains("5e55") && !text.contains("session"),
        "{text}"
    );
}

/// Whoever is a member at the moment of the push gets the message and nobody else does, however fast they come and go.
#[tokio::test]
async fn members_who_come_and_go_all_the_while_hold_nothing_up_and_get_what_is_theirs() {
    let redis = Redis::start().await.unwrap();
    let ana = with_keys(&redis, &["key"]).await;
    let bob = with_keys(&redis, &["key"]).await;
    bob.layer.join(1).await;
    ana.layer.join(1).await;
    let mut hand = hand_in(&redis).await;
    join_as_django(&mut hand, 1, &["specific.stays!x"]).await;
    let (going, mut gone) = tokio::sync::oneshot::channel::<()>();
    let coming_and_going = tokio::spawn(async move {
        let mut turns = 0;
        while gone.try_recv().is_err() {
            let channel = format!("specific.{turns:032x}!x");
            join_as_django(&mut hand, 1, &[&channel]).await;
            let _: () = hand.zrem("asgi:group:chat_1", &channel).await.unwrap();
            turns += 1;
        }
        (hand, turns)
    });

    // Fifty at a time, as many as a Django queue takes without a pause.
    for id in 1..=50 {
        ana.says(1, [id]);
        ana.hears(1, id).await;
    }
    bob.hears(1, 50).await;
    going.send(()).unwrap();
    let (mut hand, turns) = coming_and_going.await.unwrap();

    assert!(turns > 0);
    assert_eq!(bob.heard(1), (1..=50).collect::<Vec<_>>());
    assert_eq!(ana.heard(1), bob.heard(1));
    let stayed = opened(&mut hand, "asgispecific.stays!", "key").await;
    assert_eq!(stayed.len(), 50);
    for event in stayed {
        assert_eq!(event["__asgi_channel__"], json!(["specific.stays!x"]));
    }
}

/// Django closes a socket over each entry that it cannot read, so none is sent once somebody with another form has been
/// heard of; the processes of this server hear each other.
#[tokio::test]
async fn a_django_of_another_form_is_kept_from() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    for (keys, stranger) in [
        (&["ours"][..], sealed("theirs")),
        (&["ours"], Envelope::default()),
        (&[], sealed("theirs")),
        (&[], Envelope::new(Codec::Json, None)),
    ] {
        let _: () = redis::cmd("FLUSHALL").query_async(&mut hand).await.unwrap();
        let (ana, bob) = (with_keys(&redis, keys).await, with_keys(&redis, keys).await);
        ana.layer.join(1).await;
        let (queue, member) = member_of(&mut hand, 1).await;
        bob.layer.join(1).await;
        join_as_django(&mut hand, 1, &["specific.aaaa!x"]).await;

        let event =
            json!({"type": "chat_message", "message": {"id": 1}, "__asgi_channel__": [member]});
        let entry = stranger.encode(&event, Timestamp::now()).unwrap();
        push(&mut hand, &queue, now(), &entry).await;
        while ana.dropped("undecryptable") + ana.dropped("undecodable") == 0 {
            tokio::task::yield_now().await;
        }
        ana.says(1, 2..=200);

        bob.hears(1, 200).await;
        ana.hears(1, 200).await;
        ana.settles().await;
        assert_eq!(ana.heard(1), (2..=200).collect::<Vec<_>>());
        assert_eq!(ana.dropped("kept_from_django"), 199);
        let queue: i64 = hand.zcard("asgispecific.aaaa!").await.unwrap();
        assert_eq!(queue, 0);
    }
}

async fn with_keys(redis: &Redis, secrets: &[&str]) -> Process {
    Process::start_with(&redis.url(), bench::with_keys(secrets)).await
}

fn sealed(secret: &str) -> Envelope {
    Envelope::new(Codec::Msgpack, Keys::new(&[secret]))
}

/// The events in a queue, with their routing keys, as a Django with this key reads them.
async fn opened(hand: &mut MultiplexedConnection, queue: &str, secret: &str) -> Vec<Value> {
    let entries: Vec<Vec<u8>> = hand.zrange(queue, 0, -1).await.unwrap();
    let keys = Keys::new(&[secret]).unwrap();
    let open = |entry: &Vec<u8>| {
        let seconds = Timestamp::now().as_seconds();
        let plain = keys.open(&entry[12..], seconds, 70).unwrap();
        rmp_serde::from_slice(&plain).unwrap()
    };
    entries.iter().map(open).collect()
}
