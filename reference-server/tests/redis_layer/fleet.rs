//! Processes of this server among themselves, on queues: full ones, and those of a process that is gone.

use chat_fixtures::launch::Redis;
use chat_reference_server::channel_layer::{Notice, Options};
use redis::AsyncCommands;

use crate::alike::large_messages_arrive;
use crate::bench::{Layer, Process, Told};
use crate::hand::{hand_in, join_as_django, now};

#[tokio::test]
async fn a_notice_reaches_no_django() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let ana = Process::start(&redis).await;
    join_as_django(&mut hand, 1, &["specific.aaaa!x"]).await;

    ana.layer.announce(Notice::SessionEnded {
        session: "5e55".to_owned(),
    });
    ana.says(1, [1]);

    ana.hears(1, 1).await;
    assert_eq!(hand.zcard::<_, i64>("asgispecific.aaaa!").await.unwrap(), 1);
}

#[tokio::test]
async fn large_messages_are_drained_in_portions() {
    large_messages_arrive(Layer::Queues, 32).await;
}

#[tokio::test]
async fn a_full_queue_holds_back_its_chat_and_a_process_that_does_not_read_is_given_up() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let ana = Process::start_with(
        &redis.url(),
        Options {
            own_capacity: 5,
            ..Options::default()
        },
    )
    .await;
    // A process of ours that says it reads, but takes its time.
    let slow = "specific.0123456789abcdef0123456789abcdef!";
    let queue = format!("asgi{slow}");
    let member = format!("{slow}rs.1");
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
    ana.settles().await;
    assert_eq!(ana.dropped("process_given_up"), 1);
}

#[tokio::test]
async fn a_process_that_was_given_up_starts_anew() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    bob.layer.join(1).await;

    let _: () = hand.del("chat-reference:asgi:processes").await.unwrap();

    bob.is_told(Told::Resync(None)).await;
    ana.is_told(Told::Resync(None)).await;
    ana.says(1, [1]);
    bob.hears(1, 1).await;
}

#[tokio::test]
async fn what_shutdown_could_not_send_is_told_as_missed() {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let options = Options {
        own_capacity: 1,
        ..Options::default()
    };
    let ana = Process::start_with(&redis.url(), options).await;
    let bob = Process::start(&redis).await;
    bob.layer.join(1).await;
    let slow = "specific.0123456789abcdef0123456789abcdef!";
    let _: () = hand
        .zadd("chat-reference:asgi:processes", slow, now() + 100.0)
        .await
        .unwrap();
    let _: () = hand
        .zadd("asgi:group:chat_1", format!("{slow}rs.1"), now())
        .await
        .unwrap();

    ana.says(1, [1, 2]);
    ana.layer.shutdown().await;

    assert_eq!(ana.heard(1), [1, 2]);
    bob.is_told(Told::Resync(Some(1))).await;
    assert_eq!(bob.heard(1), [1]);
}

#[tokio::test]
async fn a_process_that_was_killed_holds_the_others_up_for_seconds_at_most() {
    let redis = Redis::start().await.unwrap();
    let options = || Options {
        own_capacity: 10,
        ..Options::default()
    };
    let (url, options_of_bob) = (redis.url(), options());
    let killed = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let bob = Process::start_with(&url, options_of_bob).await;
            bob.layer.join(1).await;
            // Its tasks end where they are: no farewell.
            std::mem::forget(bob);
        });
        runtime.shutdown_background();
    });
    killed.join().unwrap();
    let ana = Process::start_with(&redis.url(), options()).await;

    ana.says(1, 1..=30);

    ana.hears(1, 30).await;
    ana.settles().await;
    assert_eq!(ana.dropped("process_given_up"), 1);
    assert_eq!(ana.metrics.redis_up.get(), 1);
    assert!(!ana.told().contains(&Told::Resync(None)));
}
