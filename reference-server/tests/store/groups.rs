//! Groups of messages: one transaction, one order, whoever else writes.

use std::collections::HashSet;
use std::sync::Arc;

use chat_reference_server::store::{Message, NotAParticipant, Store, User};
use chat_reference_server::timestamp::Timestamp;
use futures_util::future::{join, join_all};

use crate::ground::{Ground, chat, person, says};

crate::stories! {
    a_group_is_stored_in_its_order_less_what_strangers_said,
    any_text_comes_back_as_it_was_said,
    two_processes_write_one_history,
    a_message_is_later_than_what_another_clock_has_stored,
    a_chat_that_is_deleted_while_all_speak_leaves_nothing,
}

/// WS-4, WS-10: each message's fate in its place; ids and times rise with the places.
async fn a_group_is_stored_in_its_order_less_what_strangers_said(ground: &Ground) {
    let store = ground.store().await;
    let (ana, bo, eve) = (
        person(&store, "ana").await,
        person(&store, "bo").await,
        person(&store, "eve").await,
    );
    let nobody = Arc::new(User {
        id: eve.id + 1,
        ..(*eve).clone()
    });
    let (one, other) = (
        chat(&store, &[&ana, &bo]).await.id,
        chat(&store, &[&bo]).await.id,
    );
    let asked = [
        (&ana, one),
        (&eve, one),
        (&bo, other),
        (&ana, other),
        (&bo, one),
        (&nobody, one),
        (&ana, one),
        (&ana, i64::MAX),
        (&bo, other),
    ];
    let group = asked.iter().enumerate();
    let group = group.map(|(place, (who, chat))| says(who, *chat, &format!("{place}")));
    let fates = store.append_group(group.collect()).await.unwrap();

    let stored: Vec<&Message> = fates.iter().filter_map(|fate| fate.as_ref().ok()).collect();
    let places: Vec<&str> = stored
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    assert_eq!(places, ["0", "2", "4", "6", "8"]);
    for (fate, (who, chat)) in fates.iter().zip(asked) {
        if let Ok(message) = fate {
            assert_eq!((message.chat, message.sender.id), (chat, who.id));
        }
    }
    for pair in stored.windows(2) {
        assert!(pair[0].id < pair[1].id && pair[0].timestamp < pair[1].timestamp);
    }
    let read = store.messages_of_chat(one, bo.id).await.unwrap().unwrap();
    assert_eq!(
        seen(&read),
        [seen_of(stored[0]), seen_of(stored[2]), seen_of(stored[3])]
    );
    assert_eq!(store.messages_of(bo.id).await.unwrap().len(), stored.len());
    assert!(store.append_group(Vec::new()).await.unwrap().is_empty());
}

/// SEND-6, WS-11: what Python's `str` holds and the doors let through, to the character.
async fn any_text_comes_back_as_it_was_said(ground: &Ground) {
    let store = ground.store().await;
    let ana = person(&store, "ana").await;
    let chat = chat(&store, &[&ana]).await.id;
    let long = "🙂 ".repeat(300_000);
    let texts = [
        "'; DROP TABLE chat_message; --",
        "\\x \\ \" $1 {} %s",
        "\u{1}\u{7f}\u{2028}\u{feff}",
        "ﬃ e\u{301} é",
        &long,
    ];
    let group = texts.iter().map(|text| says(&ana, chat, text));
    store.append_group(group.collect()).await.unwrap();

    let read = store.messages_of(ana.id).await.unwrap();
    let read: Vec<&str> = read
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    assert_eq!(read, texts);
}

/// WS-10, HIST-2: the order of the history by time is the order of its ids, whichever process stored what,
/// and no two messages have one time.
async fn two_processes_write_one_history(ground: &Ground) {
    let stores = [ground.store().await, ground.store().await];
    let ana = person(&stores[0], "ana").await;
    let chats = [
        chat(&stores[0], &[&ana]).await.id,
        chat(&stores[1], &[&ana]).await.id,
    ];
    let speaking = stores.iter().enumerate().map(|(process, store)| {
        let ana = &ana;
        async move {
            for turn in 0..20 {
                // Each names the chats in an order of its own: they must not wait for each other in a circle.
                let group = (0..10).map(|place| {
                    let chat = chats[(process + place) % 2];
                    says(ana, chat, &format!("{process} {:03}", turn * 10 + place))
                });
                let fates = store.append_group(group.collect()).await.unwrap();
                assert!(fates.iter().all(Result::is_ok));
            }
        }
    });
    join_all(speaking).await;

    for chat in chats {
        let history = stores[0]
            .messages_of_chat(chat, ana.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(history.len(), 200);
        for pair in history.windows(2) {
            assert!(pair[0].id < pair[1].id, "{pair:?}");
            assert!(pair[0].timestamp < pair[1].timestamp, "{pair:?}");
        }
        for process in ["0", "1"] {
            let of_process: Vec<&str> = history
                .iter()
                .map(|message| message.content.as_str())
                .filter(|content| content.starts_with(process))
                .collect();
            assert!(of_process.is_sorted(), "{of_process:?}");
        }
    }
}

/// HIST-2: what another's faster clock has stored last is followed, unless it is a mistake.
async fn a_message_is_later_than_what_another_clock_has_stored(ground: &Ground) {
    let store = ground.store().await;
    let ana = person(&store, "ana").await;
    let chat = chat(&store, &[&ana]).await.id;
    let store_at = async |ahead: i64| {
        let time = Timestamp::now().plus_seconds(ahead);
        let sql = format!(
            "INSERT INTO chat_message (content, timestamp, chat_id, sender_id) \
             VALUES ('from elsewhere', '{}', {chat}, {})",
            match ground {
                Ground::Sqlite(_) => time.to_sqlite(),
                Ground::Postgres(_) => time.to_string(),
            },
            ana.id
        );
        ground.sql(&sql).await;
        time
    };

    let ahead = store_at(20).await;
    let said = says_one(&store, &ana, chat).await;
    assert!(said.timestamp > ahead);
    let wrong = store_at(7200).await;
    let said = says_one(&store, &ana, chat).await;
    assert!(said.timestamp < wrong);
}

/// CHAT-7: every message is stored or refused, none fails; and once the chat is gone, nothing of it is left.
async fn a_chat_that_is_deleted_while_all_speak_leaves_nothing(ground: &Ground) {
    let stores = [ground.store().await, ground.store().await];
    let (ana, bo) = (
        person(&stores[0], "ana").await,
        person(&stores[0], "bo").await,
    );
    for _ in 0..10 {
        let ended = chat(&stores[0], &[&ana, &bo]).await.id;
        let other = chat(&stores[0], &[&ana, &bo]).await.id;
        let speaking = stores.iter().map(|store| async {
            let mut stored = HashSet::new();
            loop {
                let group = vec![
                    says(&ana, other, "I go on"),
                    says(&bo, ended, "as long as I may"),
                ];
                let fates = store.append_group(group).await.unwrap();
                assert!(fates[0].is_ok());
                match &fates[1] {
                    Ok(message) => assert!(stored.insert(message.id)),
                    Err(NotAParticipant) => return,
                }
            }
        });
        let deleting = async {
            says_one(&stores[0], &ana, ended).await;
            assert!(stores[1].delete_chat(ended, bo.id).await.unwrap());
        };
        join(join_all(speaking), deleting).await;
        let orphans = format!("SELECT count(*) FROM chat_message WHERE chat_id = {ended}");
        assert_eq!(ground.sql(&orphans).await, "0");
    }
}

async fn says_one(store: &Store, who: &Arc<User>, chat: i64) -> Message {
    let stored = store.append(chat, Arc::clone(who), "a word".to_owned());
    stored.await.unwrap().unwrap()
}

fn seen(messages: &[Message]) -> Vec<(i64, &str, Timestamp, i64)> {
    messages.iter().map(seen_of).collect()
}

fn seen_of(message: &Message) -> (i64, &str, Timestamp, i64) {
    (
        message.id,
        &message.content,
        message.timestamp,
        message.sender.id,
    )
}
