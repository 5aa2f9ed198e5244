//! Chats: made whole or not at all, and nobody's business but their participants'.

use chat_reference_server::store::UnknownParticipant;

use crate::ground::{Ground, chat, person, says};

crate::stories! {
    a_chat_is_made_with_everyone_or_not_at_all,
    strangers_cannot_tell_that_there_is_a_chat,
    a_deleted_chat_is_gone_with_all_that_was_said,
}

/// CHAT-1, CHAT-8: each participant once, by id; one who does not exist is named, and nothing is made.
async fn a_chat_is_made_with_everyone_or_not_at_all(ground: &Ground) {
    let store = ground.store().await;
    let (ana, bo) = (person(&store, "ana").await, person(&store, "bo").await);
    for (others, unknown) in [
        (vec![ana.id, 4711, 4712], 4711),
        (vec![4712, ana.id, 4711], 4712),
        (vec![i64::MIN], i64::MIN),
        (vec![i64::MAX, i64::MAX], i64::MAX),
    ] {
        let refused = store.create_chat("no".to_owned(), bo.id, others).await;
        assert_eq!(refused.unwrap().unwrap_err(), UnknownParticipant(unknown));
    }
    assert!(store.chats_of(bo.id).await.unwrap().is_empty());
    assert_eq!(ground.sql("SELECT count(*) FROM chat_chat").await, "0");

    let others = vec![ana.id, bo.id, ana.id];
    let made = store.create_chat("yes".to_owned(), bo.id, others).await;
    let made = made.unwrap().unwrap();

    assert_eq!(made.participants, [ana.clone(), bo.clone()]);
    assert!(made.messages.is_empty());
    let found = store.chat(made.id, ana.id).await.unwrap().unwrap();
    assert_eq!(found.name, "yes");
    assert_eq!(found.created_at, made.created_at);
    assert_eq!(found.participants, made.participants);
    let alone = chat(&store, &[&bo]).await;
    let ids: Vec<i64> = store
        .chats_of(bo.id)
        .await
        .unwrap()
        .iter()
        .map(|chat| chat.id)
        .collect();
    assert_eq!(ids, [made.id, alone.id]);
}

/// CHAT-3: whoever is no participant gets the answer of a chat that is not there, and changes nothing.
async fn strangers_cannot_tell_that_there_is_a_chat(ground: &Ground) {
    let store = ground.store().await;
    let (ana, eve) = (person(&store, "ana").await, person(&store, "eve").await);
    let chat = chat(&store, &[&ana]).await;
    let said = store.append(chat.id, ana.clone(), "hush".to_owned()).await;
    let said = said.unwrap().unwrap();
    for asked in [chat.id, chat.id + 1, -1, i64::MAX] {
        assert!(store.chat(asked, eve.id).await.unwrap().is_none());
        assert!(!store.is_participant(asked, eve.id).await.unwrap());
        let renamed = store.rename_chat(asked, eve.id, "mine".to_owned()).await;
        assert!(renamed.unwrap().is_none());
        assert!(!store.delete_chat(asked, eve.id).await.unwrap());
        let read = store.messages_of_chat(asked, eve.id).await.unwrap();
        assert!(read.is_none());
    }
    assert!(store.message(said.id, eve.id).await.unwrap().is_none());
    assert!(store.messages_of(eve.id).await.unwrap().is_empty());

    let found = store.chat(chat.id, ana.id).await.unwrap().unwrap();
    assert_eq!(found.name, "talk");
    assert_eq!(found.messages[0].content, "hush");
    let found = store.message(said.id, ana.id).await.unwrap().unwrap();
    assert_eq!(found.timestamp, said.timestamp);
    let renamed = store.rename_chat(chat.id, ana.id, "ours".to_owned()).await;
    let renamed = renamed.unwrap().unwrap();
    assert_eq!((renamed.name.as_str(), renamed.messages.len()), ("ours", 1));
}

/// CHAT-7: its messages and participations go with it, and no other chat's.
async fn a_deleted_chat_is_gone_with_all_that_was_said(ground: &Ground) {
    let store = ground.store().await;
    let (ana, bo) = (person(&store, "ana").await, person(&store, "bo").await);
    let (gone, kept) = (
        chat(&store, &[&ana, &bo]).await,
        chat(&store, &[&ana, &bo]).await,
    );
    let group = [(&ana, gone.id), (&bo, kept.id), (&bo, gone.id)];
    let group = group.map(|(who, chat)| says(who, chat, "a word"));
    store.append_group(group.into()).await.unwrap();

    assert!(store.delete_chat(gone.id, bo.id).await.unwrap());

    assert!(!store.delete_chat(gone.id, bo.id).await.unwrap());
    assert!(store.chat(gone.id, ana.id).await.unwrap().is_none());
    let late = store
        .append(gone.id, ana.clone(), "too late".to_owned())
        .await;
    assert!(late.unwrap().is_err());
    let left = store.chats_of(ana.id).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].id, left[0].messages.len()), (kept.id, 1));
    for (table, rows) in [
        ("chat_chat", "1"),
        ("chat_chat_participants", "2"),
        ("chat_message", "1"),
    ] {
        assert_eq!(
            ground.sql(&format!("SELECT count(*) FROM {table}")).await,
            rows
        );
    }
}
