//! What processes of ours tell each other, and a Daphne on the same Redis never hears.

use chat_fixtures::client::Ask;
use chat_fixtures::stage::{Line, lines};

use crate::ground::{ALL, DJANGO, Ground, OURS};

/// WS-8, PROC-1 (INTEROP §4): an event of a type that its consumer does not know closes a connection of Django with
/// 1011. Logins, logouts, deletions, connections that come and go, processes of ours that end and start: after
/// each of them the same connection to Django is open, and hears the next message.
pub(crate) async fn what_ours_tell_each_other_closes_no_connection_of_django(ground: Ground) {
    let mut fleet = ground.fleet().await;
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
    let django = Line::open(&bob.on_process(DJANGO), &chat).await;
    let mut speakers = lines(&[&alice], ALL.len(), &chat).await;
    // A connection to Daphne that ends may take with it what others are about to be given (channels_redis #366).
    let mut open = Vec::new();

    for process in OURS {
        let name = format!("carol{process}");
        let carol = fleet.people.on_process(process).person(&name).await;
        let carol = carol.unwrap();
        let theirs = carol.creates_chat_with(&[&bob]).await.unwrap();
        open.extend(lines(&[&carol, &bob], ALL.len(), &theirs).await);
        still_hears(&django, &speakers, "a chat was made and entered").await;

        let ask = Ask::new("DELETE", &format!("/api/chats/{}/", theirs.id));
        assert_eq!(carol.client.ask(ask).await.unwrap().status, 204);
        still_hears(&django, &speakers, "a chat was deleted").await;

        let hers = alice.creates_chat_with(&[&carol]).await.unwrap();
        let line = Line::open(&carol, &hers).await;
        carol.logout().await.unwrap();
        assert_eq!(line.is_closed().await, 4401);
        still_hears(&django, &speakers, "somebody logged out").await;

        fleet.replace(process, ground.ours()).await;
        assert_eq!(speakers[process].is_closed().await, 1001);
        speakers[process] = Line::open(&alice.on_process(process), &chat).await;
        still_hears(&django, &speakers, "a process ended and another began").await;
    }
    assert!(django.record().errors.is_empty());
}

/// Whether the line is open: each of the speakers says so, and it hears them.
async fn still_hears(line: &Line, speakers: &[Line], after: &str) {
    for (process, speaker) in speakers.iter().enumerate() {
        let content = format!("after {after}, at {process}");
        let turn = line.record().messages.len();
        speaker.says(&format!("{turn}: {content}"));
        line.hears_or_ends(&format!("{turn}: {content}")).await;
        assert_eq!(line.record().closed, None, "{content}");
    }
}
