//! Processes of this server among themselves: one order, full queues, leaving.

use std::collections::HashSet;
use std::sync::Arc;

use chat_reference_server::channel_layer::Options;
use chat_reference_server::channel_layer::{Notice, Permit, Window};
use redis::AsyncCommands;

use crate::bench::{self, Process, Redis, Told};
use crate::hand::{join_as_django, now};

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
        fn release(&self, _units: usize) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    }
    let redis = Redis::start();
    let ana = Process::start(&redis).await;
    let window = Arc::new(Counting::default());
    let mut outgoing = bench::outgoing(bench::message(1, 1));
    outgoing.permit = Some(Permit {
        window: Arc::clone(&window) as Arc<dyn Window>,
        units: 1,
    });

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

#[tokio::test]
async fn what_shutdown_could_not_send_is_told_as_missed() {
    let redis = Redis::start();
    let mut hand = redis.connection().await;
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
async fn large_messages_are_drained_in_portions() {
    let redis = Redis::start();
    let (ana, bob) = (Process::start(&redis).await, Process::start(&redis).await);
    bob.layer.join(1).await;
    let content = "x".repeat(1 << 20);
    let large = |id| {
        let mut message = bench::message(1, id);
        message.content.clone_from(&content);
        bench::outgoing(message)
    };

    ana.layer.group_send((1..=32).map(large).collect());

    bob.hears(1, 32).await;
    assert_eq!(bob.heard(1), (1..=32).collect::<Vec<_>>());
    assert_eq!(bob.foreign()[31]["content"], content);
}

#[tokio::test]
async fn a_process_that_was_killed_holds_the_others_up_for_seconds_at_most() {
    let redis = Redis::start();
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
