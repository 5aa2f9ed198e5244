//! A chat is deleted by whoever takes part in it, its messages with it, and by nobody else.

use chat_fixtures::{answer::Answer, client::Ask, people::Person};
use serde_json::{Value, json};

use super::chat_changes::read;
use super::messages::has_said;
use crate::{
    accepted::{accepted, accepted_list},
    check::{Failure, Verdict},
    checks,
    context::Context,
    essence,
    everywhere::everywhere,
    expect::{expect, expect_eq, expect_json, expect_refused, expect_status},
    outsiders::closed_chats,
    paths,
};

checks! {
    CHAT_7 => any_participant_deletes,
    CHAT_7 => is_gone_for_all,
    CHAT_7 => takes_its_messages_along,
    CHAT_7 => leaves_other_chats_alone,
    CHAT_7 => refuses_to_delete_again,
    CHAT_7 => no_stranger_deletes,
}

async fn any_participant_deletes(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    for (person, who) in [(&alice, "its creator"), (&bob, "another participant")] {
        let chat = cx.chat_of(&[&alice, &bob]).await?;
        let answer = deletes(person, chat.id).await?;
        let what = format!("deleting a chat by {who}");
        expect_status(&answer, 204, &what)?;
        expect_eq(&*answer.text(), "", &format!("the body of {what}"))?;
    }
    Ok(())
}

async fn is_gone_for_all(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob, &carol]).await?;
    accepted(&deletes(&bob, chat.id).await?, "deleting a chat")?;
    for person in [&alice, &bob, &carol] {
        for place in everywhere(cx, person) {
            for path in [paths::chat(chat.id), paths::history(chat.id)] {
                let what = format!("{path} after the chat was deleted");
                expect_refused(&place.client.get(&path).await?, &what)?;
            }
            let answer = place.client.get("/api/chats/").await?;
            let listed = accepted_list(&answer, "GET /api/chats/")?;
            expect(
                !essence::ids(&listed).contains(&Some(chat.id)),
                "the list of chats after one was deleted",
                format!("no chat {}", chat.id),
                "it is listed",
            )?;
        }
    }
    let path = paths::sending(chat.id);
    let answer = alice.client.post(&path, &json!({"content": "x"})).await?;
    expect_refused(&answer, "sending to a deleted chat")
}

async fn takes_its_messages_along(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut said = Vec::new();
    for person in [&alice, &bob] {
        let message = has_said(cx, person, &chat, "doomed");
        said.push(message.await?["id"].as_u64().unwrap_or_default());
    }
    accepted(&deletes(&alice, chat.id).await?, "deleting a chat")?;
    for person in [&alice, &bob] {
        for id in &said {
            let answer = person.client.get(&paths::message(*id)).await?;
            expect_refused(&answer, "a message of a deleted chat")?;
        }
        let answer = person.client.get("/api/messages/").await?;
        let listed = accepted_list(&answer, "GET /api/messages/")?;
        let left = listed.iter().find(|message| message["chat"] == chat.id);
        expect(
            left.is_none(),
            "the list of messages after their chat was deleted",
            "none of it",
            left.unwrap_or(&Value::Null),
        )?;
    }
    Ok(())
}

async fn leaves_other_chats_alone(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let doomed = cx.chat_of(&[&alice, &bob]).await?;
    let other = cx.chat_of(&[&alice, &bob]).await?;
    for chat in [&doomed, &other] {
        has_said(cx, &alice, chat, "said").await?;
    }
    let before = cx.given("read the chat", read(&bob, other.id)).await?;
    accepted(&deletes(&bob, doomed.id).await?, "deleting a chat")?;
    let after = read(&bob, other.id).await?;
    expect_json(&after, &before, "another chat of the same people")
}

async fn refuses_to_delete_again(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    accepted(&deletes(&alice, chat.id).await?, "deleting a chat")?;
    for person in [&alice, &bob] {
        let answer = deletes(person, chat.id).await?;
        expect_refused(&answer, "deleting a chat again")?;
    }
    Ok(())
}

async fn no_stranger_deletes(cx: &Context) -> Verdict {
    for closed in closed_chats(cx).await? {
        let (alice, id) = (&closed.insider, closed.chat.id);
        has_said(cx, alice, &closed.chat, "stays").await?;
        let before = cx.given("read the chat", read(alice, id)).await?;
        for outsider in &closed.outsiders {
            let answer = deletes(outsider, id).await?;
            let what = "deleting by somebody who takes no part in the chat";
            expect_refused(&answer, what)?;
        }
        let after = read(alice, id).await?;
        expect_json(&after, &before, "the chat after a stranger's attempt")?;
    }
    Ok(())
}

pub(super) async fn deletes(person: &Person, chat: u64) -> Result<Answer, Failure> {
    let ask = Ask::new("DELETE", &paths::chat(chat));
    Ok(person.client.ask(ask).await?)
}
