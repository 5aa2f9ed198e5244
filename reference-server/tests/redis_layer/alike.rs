//! What every layer promises alike: one order, joins and leaves, permits, notices, a farewell.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chat_fixtures::launch::Redis;
use chat_reference_server::channel_layer::{Notice, Permit, Window};
use redis::AsyncCommands;

use crate::bench::{self, Layer, Told};
use crate::hand::hand_in;

crate::stories! {
    processes_that_speak_at_once_hear_one_order,
    a_join_hears_all_that_is_said_after_it_and_a_leave_nothing,
    a_permit_is_held_until_the_message_is_delivered,
    a_notice_reaches_the_other_processes_and_not_its_own,
    shutdown_sends_what_is_under_way_and_leaves_nothing_in_redis,
}

/// PROC-4.
async fn processes_that_speak_at_once_hear_one_order(layer: Layer) {
    let redis = Redis::start().await.unwrap();
    let (ana, bob) = layer.two(&redis).await;
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
    assert_eq!(ana.metrics.redis_up.get(), 1);
}

async fn a_join_hears_all_that_is_said_after_it_and_a_leave_nothing(layer: Layer) {
    let redis = Redis::start().await.unwrap();
    let (ana, bob) = layer.two(&redis).await;
    for chat in 1..=100 {
        // It may be composed before the join and sent after it.
        ana.says(chat, [chat]);
        bob.layer.join(chat).await;
        ana.says(chat, [1_000 + chat]);
        bob.hears(chat, 1_000 + chat).await;
        bob.layer.leave(chat);
        bob.settles().await;
        ana.says(chat, [2_000 + chat]);
    }
    // The last connection goes and another one comes in the next moment.
    bob.layer.join(1).await;
    bob.layer.leave(1);
    bob.layer.join(1).await;

    ana.says(1, [3_001]);
    bob.hears(1, 3_001).await;
    ana.hears(1, 3_001).await;

    for chat in 1..=100 {
        assert!(!bob.heard(chat).contains(&(2_000 + chat)), "{chat}");
        // Own messages are for their process to deliver whether it has joined or not: its rooms know who listens.
        assert_eq!(ana.heard(chat)[..3], [chat, 1_000 + chat, 2_000 + chat]);
    }
    assert!(!bob.told().contains(&Told::Resync(None)));
}

/// A slow layer holds the senders back: one that is not answered gives nothing back, joined or not.
async fn a_permit_is_held_until_the_message_is_delivered(layer: Layer) {
    let redis = Redis::start().await.unwrap();
    let (ana, _bob) = layer.two(&redis).await;
    let window = Arc::new(Counting::default());
    for turn in 0..2 {
        if turn == 1 {
            ana.layer.join(1).await;
        }
        let mut outgoing = bench::outgoing(bench::message(1, turn));
        outgoing.permit = Some(Permit {
            window: Arc::clone(&window) as Arc<dyn Window>,
            units: 1,
        });

        redis.pause().unwrap();
        ana.layer.group_send(vec![outgoing]);
        // The task that sends has its turns, and no answer.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(window.released(), turn);
        redis.resume().unwrap();
        ana.hears(1, turn).await;
        ana.says(1, [10 + turn]);
        ana.hears(1, 10 + turn).await;

        assert_eq!(window.released(), turn + 1);
    }
}

/// Who told it knows already.
async fn a_notice_reaches_the_other_processes_and_not_its_own(layer: Layer) {
    let redis = Redis::start().await.unwrap();
    let (ana, bob) = layer.two(&redis).await;
    tokio::join!(ana.layer.join(1), bob.layer.join(1));
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

async fn shutdown_sends_what_is_under_way_and_leaves_nothing_in_redis(layer: Layer) {
    let redis = Redis::start().await.unwrap();
    let mut hand = hand_in(&redis).await;
    let (ana, bob) = layer.two(&redis).await;
    tokio::join!(ana.layer.join(1), bob.layer.join(1));

    ana.says(1, 1..=500);
    ana.layer.shutdown().await;
    assert_eq!(ana.heard(1).len(), 500);
    bob.hears(1, 500).await;
    bob.layer.shutdown().await;

    assert_eq!(hand.keys::<_, Vec<String>>("*").await.unwrap(), [""; 0]);
}

/// Messages of a MiB each go in portions that nothing on the way minds, as many as there are.
pub async fn large_messages_arrive(layer: Layer, messages: i64) {
    let redis = Redis::start().await.unwrap();
    let (ana, bob) = layer.two(&redis).await;
    tokio::join!(ana.layer.join(1), bob.layer.join(1));
    let content = "x".repeat(1 << 20);
    let large = |id| {
        let mut message = bench::message(1, id);
        message.content.clone_from(&content);
        bench::outgoing(message)
    };

    ana.layer.group_send((1..=messages).map(large).collect());

    bob.hears(1, messages).await;
    assert_eq!(bob.heard(1), (1..=messages).collect::<Vec<_>>());
    assert_eq!(bob.foreign().last().unwrap()["content"], content);
    assert_eq!(ana.metrics.redis_up.get(), 1);
    assert!(!bob.told().contains(&Told::Resync(None)));
}

/// Counts what is given back to a sender.
#[derive(Debug, Default)]
struct Counting(AtomicUsize);

impl Counting {
    fn released(&self) -> i64 {
        self.0.load(Ordering::SeqCst).try_into().unwrap()
    }
}

impl Window for Counting {
    fn release(&self, units: usize) {
        self.0.fetch_add(units, Ordering::SeqCst);
    }
}
