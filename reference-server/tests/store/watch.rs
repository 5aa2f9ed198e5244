//! What others change in the tables is seen, and what it means for those who are connected.

use std::sync::Arc;

use chat_reference_server::store::{Admission, Standing, Store, User};
use chat_reference_server::timestamp::Timestamp;

use crate::ground::{Ground, chat, person};
use crate::people::session;

crate::stories! {
    what_another_process_ends_is_seen,
    everyone_is_told_apart,
}

/// AUTH-9, WS-22: each of these changes shows at the next look, and only to those whom it concerns.
async fn what_another_process_ends_is_seen(ground: &Ground) {
    for (change, expected) in [
        (
            "DELETE FROM django_session WHERE session_key = 'key-of-ana'",
            "session",
        ),
        (
            "UPDATE django_session SET expire_date = '2001-01-01 00:00:00' WHERE session_key = 'key-of-ana'",
            "session",
        ),
        (
            "UPDATE chat_user SET is_active = false WHERE username = 'ana'",
            "session",
        ),
        (
            "DELETE FROM chat_chat_participants WHERE user_id = (SELECT id FROM chat_user WHERE username = 'ana')",
            "participant",
        ),
    ] {
        let story = Story::begins(ground).await;
        story.store.changed_by_others().await.unwrap();
        assert_eq!(
            story.standings().await,
            ["holds", "holds"],
            "before {change}"
        );

        ground.sql(change).await;

        assert!(story.store.changed_by_others().await.unwrap(), "{change}");
        assert_eq!(story.standings().await, [expected, "holds"], "{change}");
        story.ends(ground).await;
    }
    let story = Story::begins(ground).await;
    story.store.changed_by_others().await.unwrap();
    let there = ground.store().await;
    assert!(
        there
            .delete_chat(story.chat, story.people[0].id)
            .await
            .unwrap()
    );
    assert!(story.store.changed_by_others().await.unwrap());
    assert_eq!(story.standings().await, ["chat", "chat"]);
}

/// AUTH-9: of many connections each gets its own answer, in its place, with the user and the end as they are now.
async fn everyone_is_told_apart(ground: &Ground) {
    let story = Story::begins(ground).await;
    let mut admissions = Vec::new();
    for turn in 0..2_000 {
        let mut admission = story.admissions[turn % 2].clone();
        match turn % 5 {
            1 => admission.session = "no-such-key".into(),
            2 => admission.chat += 1,
            3 => admission.user += 100,
            _ => {}
        }
        admissions.push(admission);
    }
    ground
        .sql("UPDATE chat_user SET email = 'new@example.org'")
        .await;
    let standings = story.store.standings(admissions).await.unwrap();

    assert_eq!(standings.len(), 2_000);
    for (turn, standing) in standings.iter().enumerate() {
        match (turn % 5, standing) {
            (1 | 3, Standing::SessionEnded) | (2, Standing::ChatDeleted) => {}
            (_, Standing::Holds { user, expires }) => {
                assert_eq!(user.id, story.people[turn % 2].id);
                assert_eq!(user.email, "new@example.org");
                assert_eq!(*expires, story.admissions[turn % 2].expires);
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(story.store.standings(Vec::new()).await.unwrap().is_empty());
}

/// Ana and Bo in one chat, each with a session.
struct Story {
    store: Store,
    people: [Arc<User>; 2],
    chat: i64,
    admissions: Vec<Admission>,
}

impl Story {
    async fn begins(ground: &Ground) -> Self {
        let store = ground.store().await;
        let people = [person(&store, "ana").await, person(&store, "bo").await];
        let chat = chat(&store, &[&people[0], &people[1]]).await.id;
        let mut admissions = Vec::new();
        for user in &people {
            let key = format!("key-of-{}", user.username);
            let stored = session("anything", 3600);
            let expires: Timestamp = stored.expires;
            store.insert_session(&key, stored, None).await.unwrap();
            admissions.push(Admission {
                session: key.into(),
                user: user.id,
                chat,
                expires,
            });
        }
        Self {
            store,
            people,
            chat,
            admissions,
        }
    }

    async fn standings(&self) -> Vec<&'static str> {
        let standings = self.store.standings(self.admissions.clone()).await.unwrap();
        let word = |standing: &Standing| match standing {
            Standing::Holds { .. } => "holds",
            Standing::SessionEnded => "session",
            Standing::ChatDeleted => "chat",
            Standing::NotAParticipant => "participant",
        };
        standings.iter().map(word).collect()
    }

    /// Nothing is left for the next.
    async fn ends(self, ground: &Ground) {
        for table in [
            "django_session",
            "chat_chat_participants",
            "chat_chat",
            "chat_user",
        ] {
            ground.sql(&format!("DELETE FROM {table}")).await;
        }
    }
}
