//! The same layer on both sides: both directions, the order of each sender, outages.

use std::time::Duration;

use chat_fixtures::people::Connection;
use chat_fixtures::socket::Heard;

use crate::fleet::{DAPHNE, Env, Fleet, OURS, content_of, next, say};

/// PROC-1, WS-10, PROC-4 on the pub/sub layer.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_fleet_on_the_pubsub_layer_hears_each_other() {
    let layer = &[("CHAT_REDIS_LAYER", "pubsub")];
    hears_each_other(layer, layer).await;
}

/// The same, encrypted, in the middle of a change of keys.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_fleet_on_the_encrypted_pubsub_layer_hears_each_other() {
    hears_each_other(
        &[
            ("CHAT_REDIS_LAYER", "pubsub"),
            ("CHAT_REDIS_KEY", "new,old"),
        ],
        &[
            ("CHAT_REDIS_LAYER", "pubsub"),
            ("CHAT_REDIS_KEYS", "old,new"),
        ],
    )
    .await;
}

/// PROC-1, WS-10, PROC-4 on the encrypted layer of queues, in the middle of a change of keys: the new one encrypts
/// here already, there the old one does.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_fleet_on_encrypted_queues_hears_each_other() {
    hears_each_other(
        &[("CHAT_REDIS_KEY", "new,old")],
        &[("CHAT_REDIS_KEYS", "old,new")],
    )
    .await;
}

/// Two people with a connection to each of a Daphne and two processes of ours take turns at all of them: every
/// connection hears everything once, in the order of each sender, and those of ours in one order.
async fn hears_each_other(here: Env<'_>, there: Env<'_>) {
    let fleet = Fleet::of(2, here, there).await;
    let (alice, bob, chat) = fleet.chat().await;
    let mut connections = Vec::new();
    for process in [DAPHNE, OURS, OURS + 1] {
        for person in [&alice, &bob] {
            let there = person.on_process(process);
            connections.push(there.connects(&chat).await.unwrap());
        }
    }
    // Daphne does not wait until Redis has confirmed a subscription: one word from each side, until it is heard.
    let mut first = 0;
    while heard_by_all(&mut connections, &format!("first {first}"))
        .await
        .is_none()
    {
        first += 1;
    }

    let speakers = connections.len();
    let mut heard = vec![Vec::new(); speakers];
    for turn in 0..TURNS {
        for (speaker, connection) in connections.iter_mut().enumerate() {
            say(connection, &format!("{turn} of {speaker}")).await;
        }
        // Daphne's queues take a hundred entries and drop what comes on top: nobody hurries here.
        for (heard, connection) in heard.iter_mut().zip(&mut connections) {
            for _ in 0..speakers {
                heard.push(next(connection).await);
            }
        }
    }

    for heard in &heard {
        for speaker in 0..speakers {
            let suffix = format!(" of {speaker}");
            let theirs = heard.iter().filter(|content| content.ends_with(&suffix));
            let sent: Vec<String> = (0..TURNS).map(|turn| format!("{turn}{suffix}")).collect();
            assert_eq!(theirs.cloned().collect::<Vec<_>>(), sent);
        }
    }
    for other in &heard[3..] {
        assert_eq!(*other, heard[2]);
    }
    let history = alice.reads(&chat).await.unwrap();
    assert_eq!(history.len(), first + 1 + TURNS * speakers);
    for server in &fleet.ours {
        let log = server.stderr();
        assert!(!log.contains("ERROR") && !log.contains("WARN"), "{log}");
    }
}

/// The last of all says `content`: `None` if one of them does not hear it.
async fn heard_by_all(connections: &mut [Connection], content: &str) -> Option<()> {
    say(connections.last_mut()?, content).await;
    let mut all = Some(());
    for connection in connections {
        match connection.socket.next_within(Duration::from_secs(1)).await {
            Heard::Text(text) => assert_eq!(content_of(&text.parse().unwrap()), content),
            Heard::Nothing => all = None,
            other => panic!("{other}"),
        }
    }
    all
}

/// PROC-6 on the pub/sub layer: Redis killed under a fleet. Ours hears itself throughout; when Redis is back, whoever was
/// connected to ours is told to read the history, and both sides hear each other again.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_fleet_on_the_pubsub_layer_survives_its_redis() {
    let layer = &[("CHAT_REDIS_LAYER", "pubsub")];
    let mut fleet = Fleet::of(1, layer, layer).await;
    let (alice, bob, chat) = fleet.chat().await;
    let mut there = bob.on_process(DAPHNE).connects(&chat).await.unwrap();
    let mut here = alice.on_process(OURS).connects(&chat).await.unwrap();
    let mut beside = bob.on_process(OURS).connects(&chat).await.unwrap();

    fleet.redis.kill().await.unwrap();
    here.says("without Redis").await.unwrap();
    assert_eq!(next(&mut beside).await, "without Redis");
    fleet.redis.restart().await.unwrap();

    for connection in [&mut here, &mut beside] {
        match connection.socket.next_within(Duration::from_secs(5)).await {
            Heard::Closed(1012, _) => {}
            other => panic!("{other}"),
        }
    }
    let mut here = alice.on_process(OURS).connects(&chat).await.unwrap();
    // Daphne subscribes again when it notices, about a second later.
    let mut again = 0;
    let heard = loop {
        assert!(again < 30, "Daphne hears nothing any more");
        here.says(&format!("again {again}")).await.unwrap();
        again += 1;
        if let Heard::Text(text) = there.socket.next_within(Duration::from_millis(500)).await {
            break content_of(&text.parse().unwrap());
        }
    };
    assert!(heard.starts_with("again"), "{heard}");
    let mut there = bob.on_process(DAPHNE).connects(&chat).await.unwrap();
    say(&mut there, "from there").await;
    assert_eq!(next(&mut here).await, "from there");
}

const TURNS: usize = 15;
