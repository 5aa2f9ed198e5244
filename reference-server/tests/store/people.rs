//! Accounts and sessions.

use chat_reference_server::store::{NewUser, StoredSession};
use chat_reference_server::timestamp::Timestamp;

use crate::ground::{Ground, person};

crate::stories! {
    a_name_is_given_once,
    an_account_is_found_as_it_was_made,
    a_session_that_has_gone_is_not_made_again,
    a_new_session_takes_the_place_of_another,
    nothing_is_found_by_a_text_with_nul,
}

/// REG-4: of many who ask for a name at the same time, at two processes, one gets it.
async fn a_name_is_given_once(ground: &Ground) {
    let stores = [ground.store().await, ground.store().await];
    let asked = (0..16).map(|turn| {
        let new = NewUser {
            username: "ana".to_owned(),
            email: format!("{turn}@example.org"),
            user_type: "staff".to_owned(),
            password: "!".to_owned(),
        };
        stores[turn % 2].create_user(new)
    });
    let made: Vec<_> = futures_util::future::join_all(asked).await;
    let made: Vec<_> = made.into_iter().filter_map(Result::unwrap).collect();

    assert_eq!(made.len(), 1);
    let found = stores[1].account_named("ana").await.unwrap().unwrap();
    assert_eq!(*found.user, made[0]);
    // Case and all.
    assert!(stores[0].account_named("Ana").await.unwrap().is_none());
    person(&stores[0], "Ana").await;
}

/// REG-1, AUTH-2: what was given is there, to the character; a login leaves its time and a new hash.
async fn an_account_is_found_as_it_was_made(ground: &Ground) {
    let store = ground.store().await;
    let new = NewUser {
        username: "Ærøskøbing'\"\\🙂".to_owned(),
        email: "o'ne@example.org".to_owned(),
        user_type: "owner".to_owned(),
        password: "pbkdf2$old".to_owned(),
    };
    let made = store.create_user(new.clone()).await.unwrap().unwrap();
    store.record_login(made.id, None).await.unwrap();
    let found = store.account(made.id).await.unwrap().unwrap();
    assert_eq!(found.password, "pbkdf2$old");
    store
        .record_login(made.id, Some("pbkdf2$new".to_owned()))
        .await
        .unwrap();

    let found = store.account_named(&new.username).await.unwrap().unwrap();
    assert_eq!(*found.user, made);
    assert_eq!(found.password, "pbkdf2$new");
    assert!(found.is_active);
    assert!(store.account(made.id + 1).await.unwrap().is_none());
    assert!(store.account(i64::MIN).await.unwrap().is_none());
    let logins = "SELECT count(*) FROM chat_user WHERE last_login IS NOT NULL";
    assert_eq!(ground.sql(logins).await, "1");
}

/// INTEROP §6.6: who logs out elsewhere stays logged out.
async fn a_session_that_has_gone_is_not_made_again(ground: &Ground) {
    let (here, there) = (ground.store().await, ground.store().await);
    here.insert_session(KEY, session("one", 60), None)
        .await
        .unwrap();
    assert!(there.update_session(KEY, session("two", 60)).await.unwrap());
    assert_eq!(here.session(KEY).await.unwrap().unwrap().data, "two");

    there.delete_session(KEY).await.unwrap();

    assert!(
        !here
            .update_session(KEY, session("three", 60))
            .await
            .unwrap()
    );
    assert!(here.session(KEY).await.unwrap().is_none());
    here.delete_session(KEY).await.unwrap();
    // One that has expired is there and is nobody's.
    here.insert_session(KEY, session("late", -1), None)
        .await
        .unwrap();
    assert!(there.session(KEY).await.unwrap().is_none());
    assert!(
        there
            .update_session(KEY, session("renewed", 60))
            .await
            .unwrap()
    );
    assert_eq!(here.session(KEY).await.unwrap().unwrap().data, "renewed");
}

/// INTEROP §6.6: a login changes the key, and the old one ends with it. When it ends is kept to the microsecond.
async fn a_new_session_takes_the_place_of_another(ground: &Ground) {
    let store = ground.store().await;
    store
        .insert_session(KEY, session("anonymous", 60), None)
        .await
        .unwrap();
    let stored = session("somebody's", 60);
    store
        .insert_session("another-key", stored.clone(), Some(KEY))
        .await
        .unwrap();

    assert!(store.session(KEY).await.unwrap().is_none());
    let found = store.session("another-key").await.unwrap().unwrap();
    assert_eq!(found.data, stored.data);
    assert_eq!(found.expires, stored.expires);
}

/// AUTH-6, REG-3: a cookie may hold any character; one that no column can hold finds nothing and breaks nothing.
async fn nothing_is_found_by_a_text_with_nul(ground: &Ground) {
    let store = ground.store().await;
    let nul = "abcdefgh\0";
    assert!(store.account_named(nul).await.unwrap().is_none());
    assert!(store.session(nul).await.unwrap().is_none());
    assert!(!store.update_session(nul, session("", 60)).await.unwrap());
    store.delete_session(nul).await.unwrap();
    store
        .insert_session(KEY, session("mine", 60), Some(nul))
        .await
        .unwrap();
    assert_eq!(store.session(KEY).await.unwrap().unwrap().data, "mine");
    // Nor does one that is longer than any.
    let long = "x".repeat(100_000);
    assert!(store.account_named(&long).await.unwrap().is_none());
    assert!(store.session(&long).await.unwrap().is_none());
}

pub(crate) fn session(data: &str, seconds: i64) -> StoredSession {
    StoredSession {
        data: data.to_owned(),
        expires: Timestamp::now().plus_seconds(seconds),
    }
}

pub(crate) const KEY: &str = "0123456789abcdefghijklmnopqrstuv";
