//! The wire as Django knows it, in both directions, and what it must not do to us.

use std::time::{Duration, Instant};

use chat_fixtures::launch::Redis;
use chat_reference_server::channel_layer::Options;
use chat_reference_server::channel_layer::envelope::Codec;
use redis::AsyncCommands;

use crate::bench::{Process, Told};
use crate::hand::{
    hand_in, hex, join_as_django, member_of, now, push, stored, unhex, vector, vectors,
};

/// The recorded walk: two processes of Django, the first with two connections, one `group_send`. Ours leaves in
/// their queues what Django's left there, but for the twelve bytes and the moment.
#[tokio::test]
async fn django_gets_the_entries_that_channels_would_write() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let ana = Process::start(&redis).await;
    let vectors = vectors();
    let walk = vectors["channel_layer"]["redis_walkthrough"]
        .as_array()
        .unwrap();
    let step = walk
        .iter()
        .find(|step| step["op"] == "group_send chat_1 (CHAT event)")
        .unwrap();
    let state = step["state"].as_object().unwrap();
    let members = state["asgi:group:chat_1"]["members"].as_array().unwrap();
    for member in members {
        join_as_django(&mut hand, 1, &[member["member_utf8"].as_str().unwrap()]).await;
    }

    ana.says(1, [7]);
    ana.hears(1, 7).await;

    let queues: Vec<&String> = state.keys().filter(|key| key.ends_with('!')).collect();
    assert_eq!(queues.len(), 2);
    for queue in queues {
        let entries: Vec<(Vec<u8>, f64)> = hand.zrange_withscores(queue, 0, -1).await.unwrap();
        let expected = state[queue]["members"][0]["member_hex"].as_str().unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(hex(&entries[0].0[12..]), expected[24..]);
        assert!((entries[0].1 - now()).abs() < 5.0);
        assert!((55..=60).contains(&hand.ttl::<_, i64>(queue).await.unwrap()));
    }
    assert_eq!(
        hand.zcard::<_, usize>("asgi:group:chat_1").await.unwrap(),
        members.len()
    );
}

#[tokio::test]
async fn a_fleet_that_writes_json_understands_each_other() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let json = || Options {
        codec: Codec::Json,
        ..Options::default()
    };
    let (ana, bob) = (
        Process::start_with(&redis.url(), json()).await,
        Process::start_with(&redis.url(), json()).await,
    );
    bob.layer.join(1).await;
    join_as_django(&mut hand, 1, &["specific.aaaa!x", "specific.aaaa!y"]).await;

    ana.says(1, [7]);
    bob.hears(1, 7).await;

    let entries: Vec<Vec<u8>> = hand.zrange("asgispecific.aaaa!", 0, -1).await.unwrap();
    let event: serde_json::Value = serde_json::from_slice(&entries[0][12..]).unwrap();
    let mut expected = vector("group_send, one local member")["message"].clone();
    expected["__asgi_channel__"] = serde_json::json!(["specific.aaaa!x", "specific.aaaa!y"]);
    assert_eq!(event, expected);
    assert_eq!(bob.foreign(), [expected["message"].clone()]);
}

#[tokio::test]
async fn a_general_channel_and_a_dead_membership_are_treated_as_channels_does() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
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
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
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
    ana.settles().await;
    assert_eq!(ana.dropped("django_queue_full"), 30);
}

#[tokio::test]
async fn a_burst_goes_at_the_pace_of_a_django_that_reads() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
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
    ana.settles().await;
    assert_eq!(ana.dropped("django_queue_full"), 0);
}

#[tokio::test]
async fn what_django_sends_is_heard_in_either_form() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
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
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
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
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let ana = Process::start(&redis).await;
    ana.layer.join(1).await;

    let (_, member) = member_of(&mut hand, 1).await;
    let score: f64 = hand.zscore("asgi:group:chat_1", &member).await.unwrap();
    let lease = score + 86_400.0 - now();
    assert!((50.0..=60.5).contains(&lease), "{lease}");
    assert!((86_390..=86_400).contains(&hand.ttl::<_, i64>("asgi:group:chat_1").await.unwrap()));
}

#[tokio::test]
async fn keys_of_another_type_harm_no_other_chat() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    // As old major versions of channels_redis left them.
    let _: () = hand.rpush("asgi:group:chat_1", "x").await.unwrap();
    let _: () = hand.rpush("asgispecific.old!", "x").await.unwrap();
    join_as_django(&mut hand, 2, &["specific.old!x"]).await;
    bob.layer.join(1).await;
    bob.layer.join(2).await;

    ana.says(1, [1]);
    ana.says(2, [2]);

    bob.hears(2, 2).await;
    ana.hears(1, 1).await;
    ana.settles().await;
    // Nor does it come to an end by us.
    assert_eq!(hand.ttl::<_, i64>("asgi:group:chat_1").await.unwrap(), -1);
    assert_eq!(ana.dropped("django_queue_full"), 1);
    assert_eq!(bob.told().len(), 1);
}
