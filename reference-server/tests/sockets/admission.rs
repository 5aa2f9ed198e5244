//! Who may enter which chat, and that nobody else learns anything.

use chat_fixtures::answer::Answer;
use chat_fixtures::client::{Ask, Client};
use chat_fixtures::socket::{Handshake, Offer};

use crate::stage::{Stage, content, row};

/// What somebody sees of a refusal.
async fn refusal(client: &Client, path: &str) -> (u16, Vec<(String, String)>, String) {
    let handshake = client.connect(path, &Offer::default()).await.unwrap();
    let Handshake::Refused(answer) = handshake else {
        panic!("{path} was opened");
    };
    let Answer {
        status, headers, ..
    } = &answer;
    let shown = headers.iter().filter(|(name, _)| *name != "date");
    let shown = shown.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (*status, shown.collect(), answer.text())
}

/// WS-2, WS-2p, WS-18: whoever may not enter sees one and the same 403, whatever the reason.
#[tokio::test]
async fn all_refusals_are_alike() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mallory = stage.people.person("mallory").await.unwrap();
    let path = format!("/ws/chat/{}/", chat.id);
    let mut listener = alice.connects(&chat).await.unwrap();

    let expected = refusal(&mallory.client, "/ws/chat/999999/").await;
    assert_eq!(expected.0, 403);
    assert_eq!(refusal(&mallory.client, &path).await, expected);
    assert_eq!(refusal(&stage.people.stranger(), &path).await, expected);
    for key in [
        "abcdefghijklmnopqrstuvwxyz012345",
        "short",
        "\"",
        "' OR 1=1 --",
    ] {
        let liar = stage.people.stranger();
        liar.set_cookie("sessionid", key);
        assert_eq!(refusal(&liar, &path).await, expected, "{key}");
    }
    for id in [
        "-1",
        "+1",
        "%201",
        "1%20",
        "1%0A",
        "1.0",
        "1e0",
        "0x1",
        "1_0",
        "%D9%A1",
        "%EF%BC%91",
        "%FF",
        "a",
        "0",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999999999999",
    ] {
        let path = format!("/ws/chat/{id}/");
        assert_eq!(refusal(&alice.client, &path).await, expected, "{id}");
    }

    let database = stage.somebody_else();
    let session = bob.client.session().unwrap();
    let changes = database.execute(
        "UPDATE django_session SET expire_date = '2020-01-01 00:00:00' WHERE session_key = ?1",
        [&session],
    );
    assert_eq!(changes, Ok(1));
    assert_eq!(refusal(&bob.client, &path).await, expected, "expired");
    let bob = bob.login().await.unwrap();
    bob.connects(&chat).await.unwrap();
    let changes = database.execute(
        "UPDATE chat_user SET is_active = 0 WHERE id = ?1",
        [row(bob.id)],
    );
    assert_eq!(changes, Ok(1));
    assert_eq!(refusal(&bob.client, &path).await, expected, "inactive");
    let changes = database.execute(
        "UPDATE chat_user SET is_active = 1, password = '!' WHERE id = ?1",
        [row(bob.id)],
    );
    assert_eq!(changes, Ok(1));
    assert_eq!(
        refusal(&bob.client, &path).await,
        expected,
        "password changed"
    );

    let again = stage.people.stranger();
    again.set_cookie("sessionid", &alice.client.session().unwrap());
    alice
        .connects(&chat)
        .await
        .unwrap()
        .says("still here")
        .await
        .unwrap();
    assert_eq!(content(&listener.hears().await.unwrap()), "still here");
    alice.logout().await.unwrap();
    assert_eq!(refusal(&again, &path).await, expected, "logged out");
}

/// WS-18: leading zeros mean the same chat, and who enters so hears what the others say.
#[tokio::test]
async fn leading_zeros_mean_the_same_chat() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut plain = alice.connects(&chat).await.unwrap();
    for zeros in ["0", "000000000000000000000000000000"] {
        let path = format!("/ws/chat/{zeros}{}/", chat.id);
        let handshake = bob.client.connect(&path, &Offer::default()).await.unwrap();
        let mut socket = handshake.opened().unwrap();
        let said = plain.says(zeros).await.unwrap();
        assert_eq!(crate::stage::event(&mut socket).await, said);
        socket.send_text(r#"{"content":"likewise"}"#).await.unwrap();
        assert_eq!(content(&plain.hears().await.unwrap()), "likewise");
    }
}

/// WS-18, HTTP-2: any other path is not there, with and without an upgrade.
#[tokio::test]
async fn other_paths_are_not_there() {
    let stage = Stage::open().await;
    let (alice, _, chat) = stage.two_in_a_chat().await;
    let id = chat.id;
    for path in [
        "/".to_owned(),
        "/ws/".to_owned(),
        "/ws/chat/".to_owned(),
        "/ws/echo/".to_owned(),
        format!("/ws/chat/{id}"),
        format!("/ws/chat/{id}/more/"),
        format!("/ws/chats/{id}/"),
        format!("/ws/chat/{id}%2F2/"),
        format!("//ws/chat/{id}/"),
        format!("/WS/chat/{id}/"),
    ] {
        let handshake = alice
            .client
            .connect(&path, &Offer::default())
            .await
            .unwrap();
        assert_eq!(handshake.status(), 404, "{path}");
        let plain = alice.client.ask(Ask::new("GET", &path)).await.unwrap();
        assert_eq!(plain.status, 404, "{path}");
    }
}
