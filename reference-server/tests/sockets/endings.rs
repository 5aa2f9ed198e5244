//! A session, a chat or a participant goes, and the open connections with it.

use std::time::{Duration, Instant};

use chat_fixtures::client::Ask;
use chat_fixtures::people::Connection;
use rusqlite::params;

use crate::stage::{Stage, close_code, history, row};

/// AUTH-9: alice logs out on her phone. The connections of that session are closed, and what they say
/// after the answer counts no more; those of her other session and everybody else's go on.
#[tokio::test]
async fn a_logout_closes_the_connections_of_its_session() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let other = alice.creates_chat_with(&[&bob]).await.unwrap();
    let mut desk = alice.clone();
    desk.client = stage.people.stranger();
    let desk = desk.login().await.unwrap();
    let mut bobs = bob.connects(&chat).await.unwrap();
    let mut at_desk = desk.connects(&chat).await.unwrap();
    let mut on_phone = [
        alice.connects(&chat).await.unwrap(),
        alice.connects(&chat).await.unwrap(),
        alice.connects(&other).await.unwrap(),
    ];

    alice.logout().await.unwrap();
    for connection in &mut on_phone {
        speaks_late(connection).await;
        assert_eq!(close_code(&mut connection.socket).await, 4401);
    }

    let said = at_desk.says("I am still here").await.unwrap();
    assert_eq!(bobs.hears().await.unwrap(), said);
    assert_eq!(history(&bob, &chat).await, ["I am still here"]);
    assert_eq!(history(&bob, &other).await, [""; 0]);
}

/// AUTH-9, AUTH-7: a login as somebody else ends the session that the browser had.
#[tokio::test]
async fn a_session_that_is_replaced_takes_its_connections_along() {
    let stage = Stage::open().await;
    let (alice, mut bob, chat) = stage.two_in_a_chat().await;
    let mut connection = alice.connects(&chat).await.unwrap();
    bob.client = alice.client.clone();
    bob.login().await.unwrap();
    speaks_late(&mut connection).await;
    assert_eq!(close_code(&mut connection.socket).await, 4401);
}

/// WS-2, AUTH-7: a session that ends by itself takes its connections along; one that its user has renewed
/// by logging in again does not, though it is the same.
#[tokio::test]
async fn an_expired_session_ends_and_a_renewed_one_goes_on() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let soon = "UPDATE django_session SET expire_date = strftime('%Y-%m-%d %H:%M:%f', 'now', '+2 seconds')";
    assert_eq!(stage.somebody_else().execute(soon, []), Ok(2));
    let mut alices = alice.connects(&chat).await.unwrap();
    let mut bobs = bob.connects(&chat).await.unwrap();
    let key = alice.client.session();
    let alice = alice.login().await.unwrap();
    assert_eq!(alice.client.session(), key);

    assert_eq!(close_code(&mut bobs.socket).await, 4401);
    // Both ended at the same moment, so alice's would have been closed by now.
    alices.says("still here").await.unwrap();
    assert_eq!(history(&alice, &chat).await, ["still here"]);
}

/// WS-22: bob deletes the chat. Its connections are closed, and only they.
#[tokio::test]
async fn a_deleted_chat_closes_its_connections() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let other = alice.creates_chat_with(&[&bob]).await.unwrap();
    let mut connections = [
        alice.connects(&chat).await.unwrap(),
        alice.connects(&chat).await.unwrap(),
        bob.connects(&chat).await.unwrap(),
    ];
    let mut elsewhere = alice.connects(&other).await.unwrap();
    connections[0].says("one").await.unwrap();
    connections[1].hears().await.unwrap();
    connections[2].hears().await.unwrap();

    let ask = Ask::new("DELETE", &format!("/api/chats/{}/", chat.id));
    assert_eq!(bob.client.ask(ask).await.unwrap().status, 204);
    for connection in &mut connections {
        speaks_late(connection).await;
        assert_eq!(close_code(&mut connection.socket).await, 4404);
    }

    elsewhere.says("and here?").await.unwrap();
    let messages: i64 = stage
        .somebody_else()
        .query_row("SELECT count(*) FROM chat_message", [], |row| row.get(0))
        .unwrap();
    assert_eq!(messages, 1, "the deleted ones are gone, none came after");
}

/// AUTH-9: somebody else, such as Django, deletes the session.
#[tokio::test]
async fn a_session_deleted_by_somebody_else() {
    somebody_else_does(4401, |database, ids| {
        let session = "DELETE FROM django_session WHERE session_key = ?1";
        assert_eq!(database.execute(session, [ids.session]), Ok(1));
    })
    .await;
}

/// AUTH-9: the user may no longer log in.
#[tokio::test]
async fn a_user_deactivated_by_somebody_else() {
    somebody_else_does(4401, |database, ids| {
        let user = "UPDATE chat_user SET is_active = 0 WHERE id = ?1";
        assert_eq!(database.execute(user, [ids.user]), Ok(1));
    })
    .await;
}

/// WS-22: somebody else deletes the chat.
#[tokio::test]
async fn a_chat_deleted_by_somebody_else() {
    somebody_else_does(4404, |database, ids| {
        for statement in [
            "DELETE FROM chat_message WHERE chat_id = ?1",
            "DELETE FROM chat_chat_participants WHERE chat_id = ?1",
            "DELETE FROM chat_chat WHERE id = ?1",
        ] {
            database.execute(statement, [ids.chat]).unwrap();
        }
    })
    .await;
}

/// WS-22: somebody else takes a participant out of the chat.
#[tokio::test]
async fn a_participant_removed_by_somebody_else() {
    somebody_else_does(4403, |database, ids| {
        let place = "DELETE FROM chat_chat_participants WHERE chat_id = ?1 AND user_id = ?2";
        assert_eq!(database.execute(place, params![ids.chat, ids.user]), Ok(1));
    })
    .await;
}

/// WS-2, AUTH-9: a session that ends by itself while its connection is open.
#[tokio::test]
async fn a_session_that_expires() {
    let stage = Stage::open().await;
    let (alice, bob, chat) = stage.two_in_a_chat().await;
    let mut listener = alice.connects(&chat).await.unwrap();
    let changed = stage.somebody_else().execute(
        "UPDATE django_session SET expire_date = datetime('now', '+5 seconds') WHERE session_key = ?1",
        [bob.client.session().unwrap()],
    );
    assert_eq!(changed, Ok(1));
    let mut connection = bob.connects(&chat).await.unwrap();
    connection.says("not for long").await.unwrap();
    listener.hears().await.unwrap();

    assert_eq!(close_code(&mut connection.socket).await, 4401);
    listener.says("gone").await.unwrap();
}

struct Ids<'a> {
    session: &'a str,
    user: i64,
    chat: i64,
}

/// Several times over, for the server looks around at its own pace: what is done to bob through the
/// database is seen within a second, and everybody whom it does not concern goes on. The median is
/// compared, because a busy machine may hold up one or the other.
async fn somebody_else_does(code: u16, change: impl Fn(&rusqlite::Connection, &Ids<'_>)) {
    let stage = Stage::open().await;
    let alice = stage.people.person("alice").await.unwrap();
    let database = stage.somebody_else();
    let mut delays = Vec::new();
    for n in 0..5 {
        let bob = stage.people.person(&format!("bob-{n}")).await.unwrap();
        let chat = alice.creates_chat_with(&[&bob]).await.unwrap();
        let elsewhere = alice.creates_chat_with(&[]).await.unwrap();
        let mut bobs = bob.connects(&chat).await.unwrap();
        let mut alices = alice.connects(&elsewhere).await.unwrap();
        bobs.says("hello").await.unwrap();
        let session = bob.client.session().unwrap();
        let ids = Ids {
            session: &session,
            user: row(bob.id),
            chat: row(chat.id),
        };

        change(&database, &ids);
        let changed = Instant::now();
        assert_eq!(close_code(&mut bobs.socket).await, code);
        delays.push(changed.elapsed());

        alices.says("what happened?").await.unwrap();
        let again = bob.tries_to_connect(&chat).await.unwrap();
        assert_eq!(again.status(), 403);
    }
    delays.sort_unstable();
    assert!(delays[2] <= Duration::from_secs(1), "{delays:?}");
}

/// Says something on a connection that has ended already, though its client may not know it yet.
async fn speaks_late(connection: &mut Connection) {
    // A connection that is gone altogether refuses the words, which is as good.
    let _ = connection
        .socket
        .send_text(r#"{"content":"too late"}"#)
        .await;
}
