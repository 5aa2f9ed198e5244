//! Chats are made, their creator among the participants, and whatever else a body says of them is ignored.

use chat_fixtures::{client::Ask, people::Person};
use serde_json::{Value, json};

use super::messages::has_said;
use crate::{
    accepted::accepted,
    check::{Failure, Verdict},
    checks,
    context::Context,
    essence,
    expect::{expect, expect_eq, expect_json, expect_status},
    paths,
    shape::{expect_chat, timestamp},
};

checks! {
    CHAT_1 => answers_201_and_a_chat,
    CHAT_1 => makes_a_chat_of_the_creator_alone,
    CHAT_1 => adds_the_creator_to_those_named,
    CHAT_1 => holds_the_creator_once_when_named_too,
    CHAT_1 => lets_everybody_in_who_was_named,
    CHAT_1 => shows_participants_as_they_are,
    CHAT_4 => ignores_read_only_fields_of_a_new_chat,
    CHAT_4 => ignores_read_only_fields_of_a_change,
}

async fn answers_201_and_a_chat(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let name = cx.username("study group");

    let body = json!({"name": name, "participant_ids": [bob.id]});
    let answer = alice.client.post("/api/chats/", &body).await?;

    let chat = expect_status(&answer, 201, "creating a chat")?;
    expect_chat(&chat, "the new chat")?;
    expect_json(&chat["name"], &json!(name), "the new chat's name")?;
    expect_json(&chat["messages"], &json!([]), "the new chat's messages")?;
    timestamp(&chat["created_at"], "the new chat's created_at")?;
    let again = alice.client.post("/api/chats/", &body).await?;
    let another = accepted(&again, "creating a chat of the same name")?;
    expect(
        another["id"] != chat["id"],
        "a second chat of the same name and people",
        "an id of its own",
        &another["id"],
    )
}

async fn makes_a_chat_of_the_creator_alone(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    for body in [
        json!({"name": cx.name("alone")}),
        json!({"name": cx.name("alone"), "participant_ids": []}),
    ] {
        let chat = creates(&alice, &body).await?;
        expect_participants(&chat, &[&alice], &format!("the participants after {body}"))?;
    }
    Ok(())
}

async fn adds_the_creator_to_those_named(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let body = json!({"name": cx.name("three"), "participant_ids": [bob.id, carol.id]});
    let chat = creates(&alice, &body).await?;
    expect_participants(&chat, &[&alice, &bob, &carol], "the participants")?;

    let read = alice.client.get(&path_of(&chat)?).await?;
    let read = accepted(&read, "the new chat, read by its creator")?;
    expect_json(
        &essence::of_chat(&read),
        &essence::of_chat(&chat),
        "the new chat, read by its creator, against the answer to its creation",
    )
}

async fn holds_the_creator_once_when_named_too(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    for named in [
        vec![alice.id],
        vec![alice.id, bob.id],
        vec![bob.id, alice.id, bob.id, alice.id],
    ] {
        let body = json!({"name": cx.name("named"), "participant_ids": named});
        let chat = creates(&alice, &body).await?;
        let everybody: &[&Person] = if named.contains(&bob.id) {
            &[&alice, &bob]
        } else {
            &[&alice]
        };
        expect_participants(&chat, everybody, &format!("the participants after {body}"))?;
        let read = alice.client.get(&path_of(&chat)?).await?;
        let read = accepted(&read, "the new chat, read by its creator")?;
        expect_participants(&read, everybody, &format!("those stored after {body}"))?;
    }
    Ok(())
}

async fn lets_everybody_in_who_was_named(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let body = json!({"name": cx.name("open"), "participant_ids": [bob.id, carol.id]});
    let chat = creates(&alice, &body).await?;
    for (person, who) in [
        (&alice, "the creator"),
        (&bob, "the first named"),
        (&carol, "the second named"),
    ] {
        let what = format!("the chat, read by {who}");
        let read = accepted(&person.client.get(&path_of(&chat)?).await?, &what)?;
        expect_json(&read["id"], &chat["id"], &what)?;
        expect_participants(&read, &[&alice, &bob, &carol], &what)?;
    }
    Ok(())
}

async fn shows_participants_as_they_are(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let body = json!({"name": cx.name("known"), "participant_ids": [bob.id]});
    let chat = creates(&alice, &body).await?;
    for person in [&alice, &bob] {
        let me = cx
            .given("read who somebody is", async {
                accepted(&person.client.get("/api/me/").await?, "GET /api/me/")
            })
            .await?;
        let users = chat["participants"].as_array();
        let shown = users.and_then(|users| users.iter().find(|user| user["id"] == me["id"]));
        let shown = shown.map_or(Value::Null, essence::of_user);
        expect_json(&shown, &essence::of_user(&me), "a participant")?;
    }
    Ok(())
}

async fn ignores_read_only_fields_of_a_new_chat(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let own = cx.chat_of(&[&alice]).await?;
    let message = has_said(cx, &alice, &own, "already here").await?;
    for (field, value) in [
        ("id", json!(own.id)),
        ("id", json!(paths::unknown_id(cx))),
        ("created_at", json!("2001-02-03T04:05:06.789012Z")),
        ("messages", json!([message["id"]])),
        ("messages", json!([{"content": "planted"}])),
        ("participants", json!([bob.id])),
        ("participants", json!([{"id": bob.id}])),
    ] {
        let mut body = json!({"name": cx.name("fields")});
        body[field] = value;
        let chat = creates(&alice, &body).await?;
        let read = accepted(&alice.client.get(&path_of(&chat)?).await?, "the new chat")?;
        for chat in [chat, read] {
            let untouched = match field {
                "messages" => chat[field].as_array().is_none_or(Vec::is_empty),
                "participants" => !essence::participants(&chat).contains(&Some(bob.id)),
                _ => chat[field] != body[field],
            };
            expect(
                untouched,
                format!("a chat made with {body}"),
                format!("`{field}` ignored"),
                &chat,
            )?;
        }
    }
    Ok(())
}

async fn ignores_read_only_fields_of_a_change(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    has_said(cx, &alice, &chat, "stays").await?;
    let path = paths::chat(chat.id);
    let before = cx
        .given("read the chat", async {
            accepted(&alice.client.get(&path).await?, "the chat")
        })
        .await?;
    for method in ["PUT", "PATCH"] {
        for (field, value) in [
            ("id", json!(paths::unknown_id(cx))),
            ("created_at", json!("2001-02-03T04:05:06.789012Z")),
            ("messages", json!([])),
            ("participants", json!([carol.id])),
        ] {
            let mut body = json!({"name": before["name"]});
            body[field] = value;
            // Whether it is accepted at all is for CHAT-6.
            let ask = Ask::new(method, &path).json(&body);
            alice.client.ask(ask).await?;
            let after = alice.client.get(&path).await?;
            let after = accepted(&after, &format!("the chat after {method} with {body}"))?;
            let (after, before) = (essence::of_chat(&after), essence::of_chat(&before));
            // That a change touches it for another reason is CHAT-6's.
            if field != "created_at" || after[field] == body[field] {
                let what = format!("`{field}` after {method} with {body}");
                expect_json(&after[field], &before[field], &what)?;
            }
        }
    }
    Ok(())
}

/// Creates a chat: the answer, a success.
pub(super) async fn creates(person: &Person, body: &Value) -> Result<Value, Failure> {
    let answer = person.client.post("/api/chats/", body).await?;
    accepted(&answer, &format!("creating a chat with {body}"))
}

/// Where a chat is, as it was answered.
pub(super) fn path_of(chat: &Value) -> Result<String, Failure> {
    let id = chat["id"].as_u64();
    let id = id.ok_or_else(|| Failure::violation("a chat's id", "an integer", chat))?;
    Ok(paths::chat(id))
}

/// The chat has exactly these participants, each once, in whatever order.
pub(super) fn expect_participants(chat: &Value, people: &[&Person], what: &str) -> Verdict {
    let mut expected: Vec<_> = people.iter().map(|person| Some(person.id)).collect();
    let mut actual = essence::participants(chat);
    expected.sort_unstable();
    actual.sort_unstable();
    expect_eq(actual, expected, what)
}
