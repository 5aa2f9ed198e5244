//! The stories that the guide tells.

use chat_fixtures::people::{Chat, Person};
use serde_json::{Value, json};

use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_eq, expect_fields, shown},
    room::{content_of, contents, hears, hears_until, next_frame, speaks},
    shape::{expect_chat, expect_message},
};

checks! {
    FLOW_1 => three_kinds_of_users_share_a_group,
    FLOW_2 => the_front_end_logs_in_connects_and_speaks [Alone],
    FLOW_3 => both_ways_of_sending_are_kept_and_one_is_live,
    FLOW_4 => three_users_share_a_group_across_processes,
    FLOW_4 => the_front_end_speaks_across_processes [Alone],
    FLOW_4 => both_ways_of_sending_meet_across_processes,
}

async fn three_kinds_of_users_share_a_group(cx: &Context) -> Verdict {
    let student = joins(cx, "student").await?;
    let staff = joins(cx, "staff").await?;
    let owner = joins(cx, "owner").await?;
    share_a_group(cx, [student, staff, owner]).await
}

async fn the_front_end_logs_in_connects_and_speaks(cx: &Context) -> Verdict {
    front_end(cx, cx.people().await?).await
}

async fn both_ways_of_sending_are_kept_and_one_is_live(cx: &Context) -> Verdict {
    both_ways(cx, cx.people().await?).await
}

async fn three_users_share_a_group_across_processes(cx: &Context) -> Verdict {
    share_a_group(cx, cx.apart()?.people().await?).await
}

async fn the_front_end_speaks_across_processes(cx: &Context) -> Verdict {
    front_end(cx, cx.apart()?.people().await?).await
}

async fn both_ways_of_sending_meet_across_processes(cx: &Context) -> Verdict {
    both_ways(cx, cx.apart()?.people().await?).await
}

/// Registers, is who was registered, and logs in.
async fn joins(cx: &Context, user_type: &str) -> Result<Person, Failure> {
    let (username, client) = (cx.username(user_type), cx.stranger());
    let body = json!({
        "username": username, "email": format!("{username}@example.com"),
        "password": PASSWORD, "password_confirm": PASSWORD, "user_type": user_type,
    });
    let answer = client.post("/api/register/", &body).await?;
    let user = answer.json()?;
    let what = format!("the {user_type} who registers");
    expect(
        answer.status == 201,
        &what,
        "201 and a User",
        shown(&answer),
    )?;
    expect_fields(
        &user,
        &json!({"username": username, "user_type": user_type}),
        &what,
    )?;
    let id = user["id"]
        .as_u64()
        .ok_or_else(|| Failure::violation(what, "an id", &user))?;
    Ok(Person::known(client, cx.bases(), id, &username, PASSWORD)
        .login()
        .await?)
}

/// The first makes the group with the two others, each speaks once, and each reads the same.
async fn share_a_group(cx: &Context, people: [Person; 3]) -> Verdict {
    let [creator, others @ ..] = &people;
    let name = cx.name("Test Discussion Group");
    let ids: Vec<_> = others.iter().map(|other| other.id).collect();
    let body = json!({"name": name, "participant_ids": ids});
    let answer = creator.client.post("/api/chats/", &body).await?;
    expect(
        answer.status == 201,
        "the new group",
        "201 and a Chat",
        shown(&answer),
    )?;
    let body = answer.json()?;
    let id = body["id"].as_u64().unwrap_or_default();
    let chat = Chat { id, body };
    expect_fields(&chat.body, &json!({"name": name}), "the new group")?;

    for (n, person) in people.iter().enumerate() {
        let message = person.posts(&chat, WORDS[n]).await?;
        expect_message(&message, "a message to the group")?;
        expect_fields(
            &message,
            &json!({"content": WORDS[n], "chat": id, "sender": {"id": person.id}}),
            "a message to the group",
        )?;
    }

    for reader in &people {
        let who = &reader.username;
        let told = reader.reads(&chat).await?;
        expect_eq(
            contents(&told),
            WORDS.to_vec(),
            &format!("the history that {who} reads"),
        )?;
        let senders = ids_of(told.iter().map(|message| &message["sender"]));
        let due: Vec<_> = people.iter().map(|person| person.id).collect();
        expect_eq(
            &senders,
            &due,
            &format!("the senders in the history that {who} reads"),
        )?;

        let answer = reader.client.get(&format!("/api/chats/{id}/")).await?;
        let what = format!("the group that {who} reads");
        expect(
            answer.status == 200,
            &what,
            "200 and a Chat",
            shown(&answer),
        )?;
        let group = answer.json()?;
        expect_chat(&group, &what)?;
        expect_fields(&group, &json!({"id": id, "name": name}), &what)?;
        let participants = ids_of(group["participants"].as_array().into_iter().flatten());
        expect_eq(
            sorted(participants),
            sorted(due),
            &format!("the participants of {what}"),
        )?;
        let messages = group["messages"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        expect_eq(
            contents(messages),
            WORDS.to_vec(),
            &format!("the messages of {what}"),
        )?;
    }
    Ok(())
}

/// Login by REST, connect with the cookie that it gave, say hello, hear it, leave; a listener hears it too.
async fn front_end(cx: &Context, [alice, bob]: [Person; 2]) -> Verdict {
    let chat = cx.chat_of(&[&bob, &alice]).await?;
    let mut listener = cx.connected(&bob, &chat).await?;

    let browser = alice.with(alice.client.stranger()).login().await?;
    expect(
        browser.client.session().is_some(),
        "the cookies after the login",
        "a sessionid",
        "none",
    )?;
    let mut connection = browser.connects(&chat).await?;
    connection.patience = listener.patience;
    speaks(&mut connection, "Hello!").await?;
    let due =
        json!({"type": "message", "message": {"content": "Hello!", "sender": {"id": alice.id}}});
    let heard = next_frame(&mut connection, "what the front end hears").await?;
    expect_fields(&heard, &due, "what the front end hears")?;
    let heard = hears(&mut listener, "Hello!", "the other participant").await?;
    expect_fields(&heard, &due, "what the other participant hears")?;
    connection.socket.close().await;

    let told = browser.reads(&chat).await?;
    expect_eq(
        contents(&told),
        vec!["Hello!"],
        "the history after the visit",
    )
}

/// One message by REST, one by WebSocket: who is connected hears the second alone, the history tells both.
async fn both_ways(cx: &Context, [alice, bob]: [Person; 2]) -> Verdict {
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut speaker = cx.connected(&alice, &chat).await?;
    let mut listener = cx.connected(&bob, &chat).await?;

    alice.posts(&chat, "by REST").await?;
    speaks(&mut speaker, "by WebSocket").await?;

    for (connection, who) in [
        (&mut listener, "the listener"),
        (&mut speaker, "the sender"),
    ] {
        let heard = hears_until(connection, "by WebSocket", who).await?;
        let heard: Vec<_> = heard.iter().filter_map(content_of).collect();
        expect_eq(heard, vec!["by WebSocket"], &format!("what {who} hears"))?;
    }
    for reader in [&alice, &bob] {
        let told = reader.reads(&chat).await?;
        expect_eq(
            contents(&told),
            vec!["by REST", "by WebSocket"],
            "the history",
        )?;
    }
    Ok(())
}

fn ids_of<'a>(users: impl Iterator<Item = &'a Value>) -> Vec<u64> {
    users.filter_map(|user| user["id"].as_u64()).collect()
}

fn sorted(mut ids: Vec<u64>) -> Vec<u64> {
    ids.sort_unstable();
    ids
}

const WORDS: [&str; 3] = ["Hello everyone!", "Welcome.", "Good to see you all."];
const PASSWORD: &str = "correct-horse-9";
