//! Accounts that were there before.

use chat_fixtures::{
    client::Client,
    launch::Server,
    people::{People, Person},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{asks, ends_with, servers::reference::reference_server};

/// Two people who were there before, and the file that tells the suite of them.
pub(crate) async fn accounts(server: &Server, folder: &TempDir) -> (Person, String) {
    let people = People::new(&[server.url()]).unwrap();
    let alice = people.person("alice").await.unwrap();
    let bob = people.person("bob").await.unwrap();
    let carol = people.person("carol").await.unwrap();
    let file = folder.path().join("accounts");
    let lines =
        [&alice, &bob, &carol].map(|person| format!("{}:{}\n", person.username, person.password));
    std::fs::write(&file, lines.concat()).unwrap();
    (alice, file.display().to_string())
}

pub(crate) async fn chats_of(client: &Client) -> Vec<Value> {
    match client.get("/api/chats/").await.unwrap().json().unwrap() {
        Value::Array(chats) => chats,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn given_accounts_play_and_keep_what_is_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let server = reference_server(&folder).await;
    let (alice, file) = accounts(&server, &folder).await;
    let own = json!({"name": "hers", "participant_ids": []});
    alice.client.post("/api/chats/", &own).await.unwrap();

    let result = asks(0, &[server.url(), "--accounts", &file]).await;
    assert_eq!(result["outcome"], "pass");
    let chats = chats_of(&alice.client).await;
    assert_eq!(chats.len(), 1, "{chats:?}");
    assert_eq!(chats[0]["name"], "hers");

    std::fs::write(&file, "# nobody\nnobody:nothing\n").unwrap();
    let said = format!("account nobody (line 2 of {file}): cannot log in: 401");
    ends_with(2, &said, &[server.url(), "--accounts", &file]).await;
}
