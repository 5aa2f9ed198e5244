//! What a browser keeps of a login at one process, shown to the others.

use chat_fixtures::client::Ask;
use chat_fixtures::people::Person;
use serde_json::json;

use crate::ground::{ALL, Ground};

/// AUTH-1, AUTH-3, WS-1, PROC-2: a session that was opened at any process is the same person's at every other, by
/// REST and by WebSocket.
pub(crate) async fn a_session_of_any_process_is_good_at_every_other(ground: Ground) {
    let fleet = ground.fleet().await;
    // A connection to Daphne that ends may take with it what others are about to be given (channels_redis #366).
    let mut open = Vec::new();
    for home in ALL {
        let people = fleet.people.on_process(home);
        let alice = people.person(&format!("alice{home}")).await.unwrap();
        let chat = alice.creates_chat_with(&[]).await.unwrap();
        for there in ALL {
            let alice = alice.on_process(there);
            let me = alice.client.get("/api/me/").await.unwrap();
            assert_eq!(me.status, 200, "from {home} at {there}");
            assert_eq!(me.json().unwrap()["username"], alice.username);
            let mut connection = alice.connects(&chat).await.unwrap();
            let event = connection.says("it is me").await.unwrap();
            assert_eq!(event["message"]["sender"]["id"], alice.id);
            open.push(connection);
        }
    }
}

/// CSRF-1, CSRF-2, AUTH-7, PROC-2: the token that came with a login at any process is good at every other, any other
/// token is not, and a login at any process draws a new one, after which the former is good nowhere.
pub(crate) async fn a_csrf_token_of_any_process_is_good_at_every_other(ground: Ground) {
    let fleet = ground.fleet().await;
    for home in ALL {
        let people = fleet.people.on_process(home);
        let alice = people.person(&format!("alice{home}")).await.unwrap();
        let token = alice.client.csrf_token().unwrap();
        for there in ALL {
            let alice = alice.on_process(there);
            assert_eq!(with_token(&alice, &token).await, 201, "{home} to {there}");
            assert_eq!(with_token(&alice, &"x".repeat(32)).await, 403);
        }
        for there in ALL {
            let (session, former) = (alice.client.session(), alice.client.csrf_token());
            let again = alice.on_process(there).login().await.unwrap();
            assert_eq!(again.client.session(), session, "{home} to {there}");
            let former = former.unwrap();
            let drawn = again.client.csrf_token().unwrap();
            assert_ne!(drawn, former, "{home} to {there}");
            for process in ALL {
                let alice = alice.on_process(process);
                assert_eq!(with_token(&alice, &drawn).await, 201);
                assert_eq!(with_token(&alice, &former).await, 403);
            }
        }
    }
}

/// The status of an unsafe request with this token in its header.
async fn with_token(person: &Person, token: &str) -> u16 {
    let ask = Ask::new("POST", "/api/chats/")
        .json(&json!({"name": "a chat"}))
        .header("X-CSRFToken", token);
    person.client.ask(ask).await.unwrap().status
}
