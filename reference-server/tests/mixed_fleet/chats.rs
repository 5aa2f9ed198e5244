//! Chats made, renamed and deleted at one process, seen from all.

use chat_fixtures::client::Ask;
use chat_fixtures::people::{Chat, Person};
use chat_fixtures::stage::lines;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::endings::SOON;
use crate::ground::{ALL, DJANGO, Ground, OURS};

/// CHAT-1 to CHAT-3, CHAT-6, CHAT-7, WS-2, WS-22, PROC-2: whoever makes a chat, whoever renames and whoever deletes it,
/// all see it at the next request. A deletion closes the connections at ours within a second, whoever did it. Django
/// closes none of its own: there is nothing to be said there any more.
pub(crate) async fn a_chat_is_the_same_at_all(ground: Ground) {
    let fleet = ground.fleet().await;
    let [alice, bob] = fleet.people(["alice", "bob"]).await;
    for home in ALL {
        let [there, elsewhere] = [1, 2].map(|step| (home + step) % ALL.len());
        let chat = alice.on_process(home).creates_chat_with(&[&bob]).await;
        let chat = chat.unwrap();
        for process in ALL {
            let bob = bob.on_process(process);
            assert_eq!(
                bob.client.get(&path(&chat)).await.unwrap().json().unwrap(),
                chat.body
            );
            assert!(
                listed(&bob).await.contains(&chat.body),
                "{home} to {process}"
            );
        }

        let name = json!({"name": format!("renamed at {there}")});
        let ask = Ask::new("PATCH", &path(&chat)).json(&name);
        let answer = bob.on_process(there).client.ask(ask).await.unwrap();
        assert_eq!(answer.status, 200);
        for process in ALL {
            let seen = alice.on_process(process).client.get(&path(&chat)).await;
            assert_eq!(seen.unwrap().json().unwrap()["name"], name["name"]);
        }

        let lines = lines(&[&bob], ALL.len(), &chat).await;
        let ask = Ask::new("DELETE", &path(&chat));
        let answer = alice.on_process(elsewhere).client.ask(ask).await.unwrap();
        assert_eq!(answer.status, 204);
        let since = Instant::now();
        for process in OURS {
            assert_eq!(
                lines[process].is_closed().await,
                4404,
                "deleted at {elsewhere}"
            );
        }
        assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
        for process in ALL {
            let bob = bob.on_process(process);
            assert_eq!(bob.client.get(&path(&chat)).await.unwrap().status, 404);
            assert_eq!(bob.tries_to_connect(&chat).await.unwrap().status(), 403);
            assert!(
                !listed(&bob)
                    .await
                    .iter()
                    .any(|other| other["id"] == chat.id)
            );
        }
        lines[DJANGO].says("is anybody here?");
        assert_eq!(
            lines[DJANGO].errors(1).await,
            ["Chat matching query does not exist."]
        );
    }
}

async fn listed(person: &Person) -> Vec<Value> {
    let answer = person.client.get("/api/chats/").await.unwrap();
    answer.json().unwrap().as_array().unwrap().clone()
}

fn path(chat: &Chat) -> String {
    format!("/api/chats/{}/", chat.id)
}
