//! A queue of Django's in the group, full: its entries are dropped and counted, nobody else is harmed.

use chat_fixtures::stage::lines;
use redis::AsyncCommands;

use crate::deployment;

/// PROC-5: towards a Daphne that does not read, entries are dropped past its hundred, and counted; all other
/// connections hear everything once and at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_full_queue_of_django_costs_only_its_own_entries() {
    const SAID: usize = 200;
    let mut fleet = deployment::of(2).await;
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    let lines = lines(&[&alice, &bob], 2, &chat).await;
    let client = redis::Client::open(fleet.redis().url()).unwrap();
    let mut hand = client.get_multiplexed_async_connection().await.unwrap();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64();
    let daphne = "specific.0123456789abcdef0123456789abcdef!";
    let group = format!("asgi:group:chat_{}", chat.id);
    let _: () = hand.zadd(group, format!("{daphne}abc"), now).await.unwrap();
    let queue = format!("asgi{daphne}");
    for entry in 0..100 {
        let _: () = hand
            .zadd(&queue, format!("entry {entry}"), now)
            .await
            .unwrap();
    }

    for (speaker, line) in [(0, &lines[0]), (1, &lines[2])] {
        line.says_all((0..SAID).map(|number| format!("{number} of {speaker}")));
    }
    for line in &lines {
        line.hears_as_many_as(2 * SAID).await;
        assert_eq!(line.heard(), lines[0].heard());
    }

    let depth: usize = hand.zcard(&queue).await.unwrap();
    assert_eq!(depth, 100);
    for process in 0..2 {
        // What was sent before the answer came is counted once the next message is heard.
        lines[2 * process].is_echoed("the end").await;
        let dropped = fleet
            .counted(process, "chat_drops_total{cause=\"django_queue_full\"}")
            .await;
        let all = SAID as f64;
        assert!(
            (all..=all + 1.0).contains(&dropped),
            "process {process} dropped {dropped}"
        );
    }
}
