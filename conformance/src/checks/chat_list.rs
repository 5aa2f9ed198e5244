//! Everybody finds their own chats in the list, and no others.

use chat_fixtures::people::Person;
use serde_json::{Value, json};

use super::chats::{creates, expect_participants, path_of};
use super::messages::{has_said, has_spoken};
use crate::{
    accepted::{accepted, accepted_list},
    check::{Failure, Verdict},
    checks,
    context::Context,
    essence,
    expect::{expect, expect_eq, expect_json, in_json},
    paths,
    shape::{expect_chat, expect_keys},
};

checks! {
    CHAT_2 => lists_chats_of_the_caller,
    CHAT_2 => lists_no_chats_of_others,
    CHAT_2 => lists_participants_of_each_chat,
    CHAT_2 => lists_messages_of_each_chat,
    CHAT_2p => lists_chats_by_id,
    CHAT_2p => lists_participants_by_id,
    CHAT_2p => lists_nothing_but_chats,
}

async fn lists_chats_of_the_caller(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let alone = cx.chat_of(&[&alice]).await?;
    let own = cx.chat_of(&[&alice, &bob]).await?;
    let joined = cx.chat_of(&[&bob, &alice]).await?;

    let listed = chats_of(&alice).await?;

    for (chat, what) in [
        (&alone, "a chat of the caller alone"),
        (&own, "a chat the caller made with somebody"),
        (&joined, "a chat somebody made with the caller"),
    ] {
        let times = listed.iter().filter(|entry| entry["id"] == chat.id);
        expect_eq(times.count(), 1, &format!("how often {what} is listed"))?;
        let entry = entry(&listed, chat.id);
        expect_chat(entry, &format!("{what}, as listed"))?;
        let name = json!(cx.name("chat"));
        expect_json(
            &entry["name"],
            &name,
            &format!("the name of {what}, as listed"),
        )?;
    }
    Ok(())
}

async fn lists_no_chats_of_others(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let foreign = cx.chat_of(&[&bob, &carol]).await?;
    let lonely = cx.chat_of(&[&bob]).await?;
    has_said(cx, &bob, &foreign, "not for alice").await?;

    let listed = chats_of(&alice).await?;

    for chat in &listed {
        expect(
            chat["id"] != foreign.id && chat["id"] != lonely.id,
            "alice's list of chats",
            "no chat that she does not take part in",
            chat,
        )?;
    }
    // A server that reads chats first and participants afterwards lists a chat without anybody when another
    // check deletes it in between; it is gone when one looks again.
    let strange = |chat: &Value| !essence::participants(chat).contains(&Some(alice.id));
    if listed.iter().any(strange) {
        let again = chats_of(&alice).await?;
        for chat in listed.iter().filter(|chat| strange(chat)) {
            let now = again.iter().find(|now| now["id"] == chat["id"]);
            expect(
                now.is_none_or(|now| !strange(now)),
                "the participants of a chat that alice is shown in her list, twice",
                format!("user {} among them", alice.id),
                &chat["participants"],
            )?;
        }
    }
    Ok(())
}

async fn lists_participants_of_each_chat(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let own = cx.chat_of(&[&alice, &bob]).await?;
    let joined = cx.chat_of(&[&carol, &bob, &alice]).await?;
    let listed = chats_of(&alice).await?;
    for (chat, people) in [
        (&own, &[&alice, &bob][..]),
        (&joined, &[&alice, &bob, &carol]),
    ] {
        let what = "the participants of a chat, as listed";
        expect_participants(entry(&listed, chat.id), people, what)?;
    }
    Ok(())
}

async fn lists_messages_of_each_chat(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let empty = cx.chat_of(&[&alice, &bob]).await?;
    let mut said = Vec::new();
    for (person, content) in [(&alice, "z"), (&bob, "a"), (&alice, "m")] {
        has_said(cx, person, &chat, content).await?;
        said.push(json!([person.id, content]));
    }
    has_spoken(cx, &bob, &chat, "b").await?;
    said.push(json!([bob.id, "b"]));

    let listed = chats_of(&alice).await?;

    let messages = |of| -> Value {
        let messages = entry(&listed, of)["messages"].as_array();
        let messages = messages.into_iter().flatten();
        messages
            .map(|message| json!([message["sender"]["id"], message["content"]]))
            .collect()
    };
    let what = "senders and contents in the chat, as listed";
    expect_json(&messages(chat.id), &Value::Array(said), what)?;
    let what = "the messages of a chat in which nobody spoke, as listed";
    expect_json(&entry(&listed, empty.id)["messages"], &json!([]), what)
}

async fn lists_chats_by_id(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let mut made = Vec::new();
    // By name, by last word or by creator they would come in another order.
    for name in ["zz", "mm", "aa"] {
        let body = json!({"name": cx.name(name), "participant_ids": [bob.id]});
        let chat = cx.given("make a chat", creates(&alice, &body)).await?;
        made.push(chat["id"].clone());
    }
    if let Some(first) = made.first().and_then(Value::as_u64) {
        cx.given("send a message", async {
            let body = json!({"content": "the last word"});
            let answer = alice.client.post(&paths::sending(first), &body).await?;
            accepted(&answer, "sending")
        })
        .await?;
    }

    for person in [&alice, &bob] {
        // Only these: other checks make and delete chats of the same people meanwhile.
        let mut listed = chats_of(person).await?;
        listed.retain(|chat| made.contains(&chat["id"]));
        let listed = essence::ids(&listed);
        expect(
            listed.is_sorted(),
            "the ids in the list of chats",
            "lowest first",
            in_json(&listed),
        )?;
    }
    Ok(())
}

async fn lists_participants_by_id(cx: &Context) -> Verdict {
    let mut people = cx.people::<4>().await?;
    people.sort_by_key(|person| std::cmp::Reverse(person.id));
    let [creator, others @ ..] = &people;
    let named: Vec<_> = others.iter().map(|person| person.id).collect();
    let body = json!({"name": cx.name("order"), "participant_ids": named});
    let chat = cx.given("make a chat", creates(creator, &body)).await?;

    let path = path_of(&chat)?;
    let read = cx.given("read the chat", async {
        accepted(&creator.client.get(&path).await?, "the chat")
    });
    let read = read.await?;
    let listed = chats_of(creator).await?;
    let id = chat["id"].as_u64().unwrap_or_default();
    for (chat, what) in [
        (&chat, "the answer to its creation"),
        (&read, "the chat"),
        (entry(&listed, id), "the list of chats"),
    ] {
        let ids = essence::participants(chat);
        expect(
            ids.is_sorted(),
            format!("the participants' ids in {what}"),
            "lowest first",
            in_json(&ids),
        )?;
    }
    Ok(())
}

async fn lists_nothing_but_chats(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let listed = chats_of(&alice).await?;
    let entry = entry(&listed, chat.id);
    expect_keys(entry, &essence::CHAT, "a chat in the list")?;
    for user in entry["participants"].as_array().into_iter().flatten() {
        expect_keys(user, &essence::USER, "a participant in the list")?;
    }
    Ok(())
}

pub(super) async fn chats_of(person: &Person) -> Result<Vec<Value>, Failure> {
    accepted_list(&person.client.get("/api/chats/").await?, "GET /api/chats/")
}

/// The chat's entry in a list, or null.
fn entry(listed: &[Value], chat: u64) -> &Value {
    let entry = listed.iter().find(|entry| entry["id"] == chat);
    entry.unwrap_or(&Value::Null)
}
