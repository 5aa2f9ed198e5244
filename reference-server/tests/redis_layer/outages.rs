//! Redis gone, hanging, emptied; a process cut off (PROC-6).

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chat_fixtures::launch::Redis;
use chat_reference_server::channel_layer::{self, Handle, Options};
use chat_reference_server::metrics::Metrics;
use redis::AsyncCommands;

use crate::bench::{Layer, Process, Recorder, Told};
use crate::cable::Cable;
use crate::hand::{hand_in, member_of};

crate::stories! {
    a_redis_that_hangs_is_done_without_and_found_again,
    a_redis_that_dies_is_done_without_and_found_again,
    an_outage_under_load_loses_and_repeats_nothing_within_a_process,
    others_learn_what_they_missed_of_a_process_that_was_cut_off,
}

async fn a_redis_that_hangs_is_done_without_and_found_again(layer: Layer) {
    let redis = Redis::start().await.unwrap();
    let (ana, bob) = layer.two(&redis).await;
    tokio::join!(ana.layer.join(1), bob.layer.join(1));

    redis.pause().unwrap();
    speaks_without_redis(&ana).await;
    redis.resume().unwrap();
    hear_each_other_again(&ana, &bob).await;
    bob.says(5, [50]);
    ana.hears(5, 50).await;
}

async fn a_redis_that_dies_is_done_without_and_found_again(layer: Layer) {
    let mut redis = Redis::start().await.unwrap();
    let (ana, bob) = layer.two(&redis).await;
    tokio::join!(ana.layer.join(1), bob.layer.join(1));

    redis.kill().await.unwrap();
    speaks_without_redis(&ana).await;
    redis.restart().await.unwrap();
    hear_each_other_again(&ana, &bob).await;
    bob.says(5, [50]);
    ana.hears(5, 50).await;
}

async fn an_outage_under_load_loses_and_repeats_nothing_within_a_process(layer: Layer) {
    let redis = Redis::start().await.unwrap();
    let (ana, bob) = layer.two(&redis).await;
    tokio::join!(ana.layer.join(1), bob.layer.join(1));

    for id in 1..=2_000 {
        ana.says(1, [id]);
        if id == 1_000 {
            ana.hears(1, 500).await;
            redis.pause().unwrap();
        }
        tokio::task::yield_now().await;
    }
    ana.hears(1, 2_000).await;
    redis.resume().unwrap();

    hear_each_other_again(&ana, &bob).await;
    let heard: Vec<i64> = ana.heard(1).into_iter().filter(|id| *id <= 2_000).collect();
    assert_eq!(heard, (1..=2_000).collect::<Vec<_>>());
    let late = bob.heard(1);
    assert_eq!(late.iter().collect::<HashSet<_>>().len(), late.len());
}

async fn others_learn_what_they_missed_of_a_process_that_was_cut_off(layer: Layer) {
    let redis = Redis::start().await.unwrap();
    let cable = Cable::to(redis.port()).await;
    let (ana, bob) = layer.two_by(&cable.url(), &redis.url()).await;
    tokio::join!(ana.layer.join(1), bob.layer.join(1));
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
async fn without_a_redis_it_does_not_start_and_says_why() {
    let mut redis = Redis::start().await.unwrap();
    redis.kill().await.unwrap();
    let url = format!("redis://:s3cret@127.0.0.1:{}/", redis.port());

    let refused = start(&url).await.unwrap_err().to_string();
    assert!(
        refused.starts_with(&format!(
            "Redis at 127.0.0.1:{} does not answer: ",
            redis.port()
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

    redis.restart().await.unwrap();
    redis.pause().unwrap();
    let hanging = start(&redis.url()).await.unwrap_err().to_string();
    assert!(hanging.ends_with("no reply within 500 ms"), "{hanging}");
}

#[tokio::test]
async fn a_redis_that_was_emptied_is_noticed() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    ana.layer.join(1).await;
    bob.layer.join(1).await;

    let _: () = redis::cmd("FLUSHALL").query_async(&mut hand).await.unwrap();

    hear_each_other_again(&ana, &bob).await;
}

#[tokio::test]
async fn a_lost_membership_is_renewed_and_its_chat_told() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let ana = Process::start(&redis).await;
    ana.layer.join(1).await;
    ana.layer.join(2).await;

    let _: () = hand.del("asgi:group:chat_1").await.unwrap();
    ana.layer.join(1).await;

    assert_eq!(ana.told(), [Told::Resync(Some(1))]);
    member_of(&mut hand, 1).await;
}

/// Each message comes back within a second; a join does not hang, and is made good later.
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
    ana.settles().await;
    bob.settles().await;
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

async fn start(url: &str) -> Result<Handle, impl std::error::Error> {
    let delivery = Arc::new(Recorder::default());
    let metrics = Arc::new(Metrics::new());
    channel_layer::redis::connect(url, Options::default(), delivery, metrics).await
}
