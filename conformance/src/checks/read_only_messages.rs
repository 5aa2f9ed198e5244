//! Messages are read, oldest first, and nothing else: what has been said stays.

use chat_fixtures::client::Ask;
use serde_json::json;

use super::messages::{contents, has_said, history};
use crate::{
    accepted::{accepted, accepted_list},
    check::Verdict,
    checks,
    context::Context,
    essence,
    expect::{expect, expect_answer, expect_json},
    paths,
    shape::expect_keys,
};

checks! {
    HIST_4 => lists_all_messages_oldest_first,
    HIST_4 => refuses_to_change_messages_in_the_words,
    HIST_4 => changes_nothing_that_was_said,
    HIST_4 => answers_404_to_unknown_foreign_and_odd_ids,
    HIST_4 => holds_nothing_but_messages,
}

async fn lists_all_messages_oldest_first(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let later = cx.chat_of(&[&alice, &bob]).await?;
    let sooner = cx.chat_of(&[&alice, &bob]).await?;
    // Neither by chat, content nor sender would they come in this order, nor turned round.
    let said = [
        (&sooner, &alice, "m"),
        (&later, &bob, "z"),
        (&sooner, &bob, "a"),
        (&later, &alice, "y"),
        (&sooner, &alice, "b"),
    ];
    for (chat, person, content) in said {
        has_said(cx, person, chat, content).await?;
    }
    let expected = said.map(|(_, _, content)| content);
    for person in [&alice, &bob] {
        let answer = person.client.get("/api/messages/").await?;
        let mut listed = accepted_list(&answer, "GET /api/messages/")?;
        listed.retain(|m| m["chat"] == sooner.id || m["chat"] == later.id);
        let what = "the contents of two chats in the list of messages";
        expect_json(&contents(&listed), &json!(expected), what)?;
    }
    Ok(())
}

async fn refuses_to_change_messages_in_the_words(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let message = has_said(cx, &alice, &chat, "said").await?;
    let one = paths::message(message["id"].as_u64().unwrap_or_default());
    for path in ["/api/messages/", &one, &paths::history(chat.id)] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let ask = Ask::new(method, path);
            let ask = match method {
                "DELETE" => ask,
                _ => ask.json(&json!({"content": "changed", "chat": chat.id})),
            };
            let answer = alice.client.ask(ask).await?;
            let words = json!({"detail": format!("Method \"{method}\" not allowed.")});
            expect_answer(&answer, 405, &words, &format!("{method} {path}"))?;
        }
    }
    Ok(())
}

async fn changes_nothing_that_was_said(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let message = has_said(cx, &alice, &chat, "said").await?;
    let one = paths::message(message["id"].as_u64().unwrap_or_default());
    for path in ["/api/messages/", &one, &paths::history(chat.id)] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let body = json!({"content": "changed", "chat": chat.id});
            let ask = Ask::new(method, path).json(&body);
            alice.client.ask(ask).await?;
            let stored = contents(&history(&bob, &chat).await?);
            let what = format!("the contents after {method} {path}");
            expect_json(&stored, &json!(["said"]), &what)?;
        }
    }
    Ok(())
}

async fn answers_404_to_unknown_foreign_and_odd_ids(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let message = has_said(cx, &alice, &chat, "said").await?;
    let foreign = paths::message(message["id"].as_u64().unwrap_or_default());
    let unknown = paths::unknown_id(cx);
    let (no_message, no_chat, not_found) = (
        "No Message matches the given query.",
        "No Chat matches the given query.",
        "Not found.",
    );
    for (path, words) in [
        (foreign.clone(), no_message),
        (paths::message(unknown), no_message),
        ("/api/messages/0/".to_owned(), no_message),
        ("/api/messages/-1/".to_owned(), no_message),
        (
            "/api/messages/99999999999999999999999/".to_owned(),
            no_message,
        ),
        ("/api/messages/abc/".to_owned(), not_found),
        ("/api/messages/1e0/".to_owned(), not_found),
        (paths::history(chat.id), no_chat),
        (paths::history(unknown), no_chat),
        ("/api/chats/-1/messages/".to_owned(), no_chat),
        (
            "/api/chats/99999999999999999999999/messages/".to_owned(),
            no_chat,
        ),
        ("/api/chats/abc/messages/".to_owned(), not_found),
    ] {
        let answer = carol.client.get(&path).await?;
        let what = format!("GET {path}");
        // What a stranger is shown breaks HIST-1 or HIST-3, not the words.
        if (200..300).contains(&answer.status) {
            let others = path == foreign || path == paths::history(chat.id);
            expect(others, what, "404", answer.status)?;
        } else {
            expect_answer(&answer, 404, &json!({"detail": words}), &what)?;
        }
    }
    Ok(())
}

async fn holds_nothing_but_messages(cx: &Context) -> Verdict {
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let message = has_said(cx, &alice, &chat, "said").await?;
    let one = paths::message(message["id"].as_u64().unwrap_or_default());
    let one = accepted(&alice.client.get(&one).await?, "one message")?;
    let all = alice.client.get("/api/messages/").await?;
    let mut all = accepted_list(&all, "GET /api/messages/")?;
    all.retain(|message| message["chat"] == chat.id);
    let stored = history(&alice, &chat).await?;
    for (messages, what) in [
        (&[one][..], "one message"),
        (&all, "the list of messages"),
        (&stored, "the history"),
    ] {
        for message in messages {
            expect_keys(message, &essence::MESSAGE, &format!("a message of {what}"))?;
            let sender = format!("a sender of {what}");
            expect_keys(&message["sender"], &essence::USER, &sender)?;
        }
    }
    Ok(())
}
