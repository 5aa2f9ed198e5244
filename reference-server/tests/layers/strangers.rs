//! A Daphne beside us that does not fit: nothing wrong is heard, the log says once what is wrong, and nobody's sockets
//! are closed over it.

use chat_fixtures::client::Ask;

use crate::fleet::{DAPHNE, Env, Fleet, OURS, next, say};

/// Another key: what Daphne says is heard there alone; once it has been heard of, nothing is sent to it that would
/// close its sockets.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_daphne_with_other_keys() {
    let said = "symmetric_encryption_keys differ";
    is_kept_apart(
        &[("CHAT_REDIS_KEY", "ours")],
        &[("CHAT_REDIS_KEYS", "theirs")],
        said,
    )
    .await;
}

/// Keys there and none here.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_daphne_that_encrypts_beside_us_who_do_not() {
    let said = "no --redis-key is given here";
    is_kept_apart(&[], &[("CHAT_REDIS_KEYS", "theirs")], said).await;
}

/// The same on the pub/sub layer, where one payload that cannot be read closes every socket of the chat.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_daphne_with_other_keys_on_the_pubsub_layer() {
    let said = "symmetric_encryption_keys differ";
    is_kept_apart(
        &[("CHAT_REDIS_LAYER", "pubsub"), ("CHAT_REDIS_KEY", "ours")],
        &[
            ("CHAT_REDIS_LAYER", "pubsub"),
            ("CHAT_REDIS_KEYS", "theirs"),
        ],
        said,
    )
    .await;
}

/// Another layer: neither hears the other, and the log says so as soon as somebody of theirs is seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_daphne_on_the_pubsub_layer_beside_our_queues() {
    let said = "uses channels_redis.pubsub for the same chats";
    is_kept_apart(&[], &[("CHAT_REDIS_LAYER", "pubsub")], said).await;
}

/// The other way round.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_daphne_with_queues_beside_our_pubsub_layer() {
    let said = "uses channels_redis.core for the same chats";
    is_kept_apart(&[("CHAT_REDIS_LAYER", "pubsub")], &[], said).await;
}

async fn is_kept_apart(here: Env<'_>, there: Env<'_>, said: &str) {
    let fleet = Fleet::of(2, here, there).await;
    let (alice, bob, chat) = fleet.chat().await;
    let mut at_daphne = alice.on_process(DAPHNE).connects(&chat).await.unwrap();
    // Heard through Redis: Daphne is subscribed, or a member, by now.
    at_daphne.says("the first word").await.unwrap();
    let mut at_first = alice.on_process(OURS).connects(&chat).await.unwrap();
    let mut at_second = bob.on_process(OURS + 1).connects(&chat).await.unwrap();

    for number in 0..3 {
        at_daphne.says(&format!("there {number}")).await.unwrap();
    }
    fleet.ours_says(said).await;
    for number in 0..3 {
        // Each hears itself, and ours each other: it is the very next frame, so nothing of theirs came before.
        let content = format!("here {number}");
        say(&mut at_first, &content).await;
        assert_eq!(next(&mut at_first).await, content);
        assert_eq!(next(&mut at_second).await, content);
        at_daphne.says(&format!("still {number}")).await.unwrap();
    }

    assert_eq!(fleet.times_said(said), 1, "{}", fleet.ours[0].stderr());
    assert_eq!(fleet.times_said(" ERROR "), 1, "{}", fleet.ours[0].stderr());
}

/// A foreign SECRET_KEY: sessions of the one are nobody's at the other, by REST and WebSocket, and the log says so
/// once, however many there are.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_daphne_with_another_secret_key() {
    let said = "not signed with our secret key";
    let fleet = Fleet::of(1, &[("CHAT_SECRET_KEY", "another key")], &[]).await;
    let (alice, bob, chat) = fleet.chat().await;
    for person in [&alice, &bob] {
        let here = person.on_process(OURS);
        let me = here.client.ask(Ask::new("GET", "/api/me/")).await.unwrap();
        assert_eq!(me.status, 403);
        assert_eq!(here.tries_to_connect(&chat).await.unwrap().status(), 403);
    }
    assert_eq!(fleet.times_said(said), 1, "{}", fleet.ours[0].stderr());

    // The session there is untouched.
    let me = alice.on_process(DAPHNE).client.get("/api/me/").await;
    assert_eq!(me.unwrap().status, 200);
}
