//! The history: every message of a chat, once, in order, the same to everybody; and nothing of others.

use chat_fixtures::people::{Chat, Person};
use serde_json::{Value, json};

use super::messages::{contents, expect_contents, has_said, has_spoken, history, sends, settled};
use crate::{
    accepted::{accepted, accepted_list},
    check::{Failure, Verdict},
    checks,
    context::Context,
    essence,
    expect::{expect, expect_eq, expect_json, expect_refused},
    outsiders::closed_chats,
    paths,
    shape::expect_message,
};

checks! {
    HIST_1 => is_oldest_first,
    HIST_1 => holds_no_messages_of_other_chats,
    HIST_1 => refuses_who_takes_no_part,
    HIST_2 => holds_both_ways_of_sending_once,
    HIST_2 => is_what_the_sender_was_answered,
    HIST_2 => is_what_the_listeners_heard,
    HIST_3 => lists_messages_of_all_chats_of_the_caller,
    HIST_3 => lists_no_messages_of_others,
    HIST_3 => shows_one_message,
    HIST_3 => answers_others_as_for_an_unknown_message,
}

async fn is_oldest_first(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    // Neither by content nor by sender would they come in this order, nor turned round.
    let words = ["m", "z", "a", "9", "10", "b", "y", "c"];
    for (content, person) in words
        .iter()
        .zip([&alice, &bob, &bob, &alice].iter().cycle())
    {
        cx.given("send a message", says(person, &chat, content))
            .await?;
    }
    for person in [&alice, &bob] {
        let stored = settled(person, &chat, |stored| stored.len() == words.len()).await?;
        let what = "the contents of the history";
        expect_json(&contents(&stored), &json!(words), what)?;
    }
    Ok(())
}

async fn holds_no_messages_of_other_chats(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let one = cx.chat_of(&[&alice, &bob]).await?;
    let two = cx.chat_of(&[&alice, &bob]).await?;
    for (chat, content) in [(&one, "one"), (&two, "two"), (&one, "one again")] {
        has_said(cx, &alice, chat, content).await?;
    }
    for (chat, said) in [(&one, &["one", "one again"][..]), (&two, &["two"])] {
        let stored = history(&bob, chat).await?;
        expect_contents(&stored, said, "the contents of a history")?;
        for message in &stored {
            expect_json(&message["chat"], &json!(chat.id), "a message's chat")?;
        }
    }
    Ok(())
}

async fn refuses_who_takes_no_part(cx: &Context) -> Verdict {
    for closed in closed_chats(cx).await? {
        has_said(cx, &closed.insider, &closed.chat, "not for others").await?;
        for outsider in &closed.outsiders {
            let path = paths::history(closed.chat.id);
            let answer = outsider.client.get(&path).await?;
            let what = "the history, asked for by somebody who takes no part";
            expect_refused(&answer, what)?;
            let said = answer.text().contains("not for others");
            expect(!said, what, "nothing that was said", answer.text())?;
        }
    }
    Ok(())
}

async fn holds_both_ways_of_sending_once(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut socket = cx.connected(&bob, &chat).await?;
    let mut said = Vec::new();
    for n in 0..4 {
        let (posted, spoken) = (format!("posted {n}"), format!("spoken {n}"));
        cx.given("send a message", alice.posts(&chat, &posted))
            .await?;
        cx.given("say something", socket.says(&spoken)).await?;
        said.extend([posted, spoken]);
    }
    for person in [&alice, &bob] {
        let stored = settled(person, &chat, |stored| stored.len() == said.len()).await?;
        let words: Vec<_> = said.iter().map(String::as_str).collect();
        expect_contents(&stored, &words, "the contents of the history")?;
        let mut ids = essence::ids(&stored);
        ids.sort_unstable();
        ids.dedup();
        expect_eq(ids.len(), said.len(), "how many ids the messages have")?;
    }
    Ok(())
}

async fn is_what_the_sender_was_answered(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut answered = Vec::new();
    for (person, content) in [
        (&alice, "  first "),
        (&bob, "second"),
        (&alice, "ñ\u{1f680}"),
    ] {
        let message = cx.given("send a message", says(person, &chat, content));
        answered.push(message.await?);
    }
    let stored = settled(&bob, &chat, |stored| stored.len() == answered.len()).await?;
    expect_same(
        &stored,
        &answered,
        "the history against the senders' answers",
    )
}

async fn is_what_the_listeners_heard(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut speaker = cx.connected(&alice, &chat).await?;
    let mut listener = cx.connected(&bob, &chat).await?;
    let mut heard = Vec::new();
    for content in ["  first ", "second", "ñ\u{1f680}"] {
        let own = cx.given("say something", speaker.says(content)).await?;
        let event = cx.given("hear what is said", listener.hears()).await?;
        for event in [own, event] {
            heard.push(event["message"].clone());
        }
    }
    let stored = history(&bob, &chat).await?;
    // Each message was heard twice, by who said it and by who listened.
    let twice: Vec<_> = stored.iter().flat_map(|m| [m.clone(), m.clone()]).collect();
    expect_same(&twice, &heard, "the history against the frames heard")
}

async fn lists_messages_of_all_chats_of_the_caller(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let alone = cx.chat_of(&[&alice]).await?;
    let shared = cx.chat_of(&[&bob, &alice]).await?;
    let mut said = Vec::new();
    for (person, chat) in [(&alice, &alone), (&bob, &shared), (&alice, &shared)] {
        let content = format!("by {} in {}", person.id, chat.id);
        has_said(cx, person, chat, &content).await?;
        said.push(content);
    }
    let spoken = format!("spoken in {}", shared.id);
    has_spoken(cx, &bob, &shared, &spoken).await?;
    said.push(spoken);
    let listed = messages_of(&alice).await?;
    for content in &said {
        let times = listed.iter().filter(|m| m["content"] == content.as_str());
        expect_eq(
            times.count(),
            1,
            &format!("how often the message {content:?} is listed"),
        )?;
    }
    for chat in [&alone, &shared] {
        let listed = listed.iter().filter(|message| message["chat"] == chat.id);
        let stored = cx.given("read the history", history(&alice, chat)).await?;
        let listed: Vec<_> = listed.cloned().collect();
        expect_same(&listed, &stored, "the list of messages against a history")?;
    }
    Ok(())
}

async fn lists_no_messages_of_others(cx: &Context) -> Verdict {
    let [alice, bob, others @ ..] = cx.people::<4>().await?;
    let foreign = cx.chat_of(&[&alice, &bob]).await?;
    let lonely = cx.chat_of(&[&alice]).await?;
    let secret = cx.username("not for others");
    for chat in [&foreign, &lonely] {
        has_said(cx, &alice, chat, &secret).await?;
    }
    for (other, hidden) in [
        (&bob, &[&lonely][..]),
        (&others[0], &[&foreign, &lonely]),
        (&others[1], &[&foreign, &lonely]),
    ] {
        for message in messages_of(other).await? {
            let is_hidden = hidden.iter().any(|chat| message["chat"] == chat.id);
            expect(
                !is_hidden,
                "the list of messages of somebody who takes no part in a chat",
                "none of it",
                &message,
            )?;
        }
    }
    Ok(())
}

async fn shows_one_message(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    has_said(cx, &alice, &chat, "sent").await?;
    has_spoken(cx, &alice, &chat, "spoken").await?;
    let stored = cx.given("read the history", history(&bob, &chat)).await?;
    for message in stored {
        for person in [&alice, &bob] {
            let path = paths::message(message["id"].as_u64().unwrap_or_default());
            let shown = accepted(&person.client.get(&path).await?, "one message")?;
            expect_message(&shown, "one message")?;
            expect_same(&[shown], std::slice::from_ref(&message), "one message")?;
        }
    }
    Ok(())
}

async fn answers_others_as_for_an_unknown_message(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let message = has_said(cx, &alice, &chat, "not for carol").await?;
    let foreign = message["id"].as_u64().unwrap_or_default();
    let unknown = paths::unknown_id(cx);
    let mut answers = Vec::new();
    for id in [foreign, unknown] {
        let answer = carol.client.get(&paths::message(id)).await?;
        expect_refused(&answer, "a message of a chat that one takes no part in")?;
        let told = answer.text().replace(&id.to_string(), "<id>");
        answers.push(format!("{} {told}", answer.status));
    }
    let what = "a message of others, against an unknown one";
    expect_json(&json!(answers.first()), &json!(answers.last()), what)
}

/// Sends it by REST: the answer, a success.
pub(super) async fn says(person: &Person, chat: &Chat, content: &str) -> Result<Value, Failure> {
    sends(person, chat, &json!({"content": content})).await
}

/// The same messages, in whatever order: id, chat, sender, content and timestamp.
fn expect_same(actual: &[Value], expected: &[Value], what: &str) -> Verdict {
    let [actual, expected] = [actual, expected].map(|messages| {
        let mut messages = essence::of_messages(messages);
        messages.sort_by_key(|message| message["id"].as_u64());
        Value::Array(messages)
    });
    expect_json(&actual, &expected, what)
}

pub(super) async fn messages_of(person: &Person) -> Result<Vec<Value>, Failure> {
    let answer = person.client.get("/api/messages/").await?;
    accepted_list(&answer, "GET /api/messages/")
}
