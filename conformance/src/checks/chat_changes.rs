//! A chat is renamed by whoever takes part in it, and nothing else about it changes.

use chat_fixtures::{answer::Answer, client::Ask, people::Person};
use serde_json::{Value, json};

use super::chats::expect_participants;
use super::messages::has_said;
use crate::{
    accepted::accepted,
    check::{Failure, Verdict},
    checks,
    context::Context,
    essence,
    expect::{expect_answer, expect_json, expect_refused, expect_status},
    outsiders::closed_chats,
    paths,
    shape::expect_keys,
};

checks! {
    CHAT_6 => any_participant_renames,
    CHAT_6 => answers_with_the_chat_and_changes_the_name_alone,
    CHAT_6 => adds_and_removes_nobody,
    CHAT_6 => checks_the_types_of_ids,
    CHAT_6 => puts_nothing_without_a_name,
    CHAT_6 => patches_nothing_without_a_name,
    CHAT_6 => no_stranger_renames,
}

async fn any_participant_renames(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    for (method, person, name) in [
        ("PUT", &bob, "by put"),
        ("PATCH", &bob, "by patch"),
        ("PUT", &alice, "put back"),
        ("PATCH", &alice, "patched back"),
    ] {
        let name = cx.name(name);
        let answer = changes(person, method, chat.id, &json!({"name": name})).await?;
        expect_status(&answer, 200, &format!("{method} of a name"))?;
        for person in [&alice, &bob] {
            let read = read(person, chat.id).await?;
            expect_json(
                &read["name"],
                &json!(name),
                &format!("the name after {method}"),
            )?;
        }
    }
    Ok(())
}

async fn answers_with_the_chat_and_changes_the_name_alone(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    has_said(cx, &alice, &chat, "stays").await?;
    for method in ["PUT", "PATCH"] {
        let mut expected = cx.given("read the chat", read(&alice, chat.id)).await?;
        let name = cx.name(method);
        expected["name"] = json!(name);
        let answer = changes(&bob, method, chat.id, &json!({"name": name})).await?;
        expect_chat_is(&answer, &expected, &format!("{method} of a name"))?;
        let after = read(&alice, chat.id).await?;
        expect_json(
            &essence::of_chat(&after),
            &essence::of_chat(&expected),
            &format!("the chat after {method}"),
        )?;
    }
    Ok(())
}

async fn adds_and_removes_nobody(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let unknown = paths::unknown_id(cx);
    for method in ["PUT", "PATCH"] {
        for ids in [
            json!([carol.id]),
            json!([alice.id, bob.id, carol.id.to_string()]),
            json!([]),
            json!([alice.id]),
            json!([unknown]),
        ] {
            let body = json!({"name": cx.name("same"), "participant_ids": ids});
            let what = format!("{method} with {body}");
            let answer = changes(&bob, method, chat.id, &body).await?;
            let changed = expect_status(&answer, 200, &what)?;
            expect_participants(
                &changed,
                &[&alice, &bob],
                &format!("participants after {what}"),
            )?;
            let after = read(&alice, chat.id).await?;
            expect_participants(
                &after,
                &[&alice, &bob],
                &format!("those stored after {what}"),
            )?;
        }
    }
    Ok(())
}

async fn checks_the_types_of_ids(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    for method in ["PUT", "PATCH"] {
        for (ids, words) in [
            (json!(null), json!(["This field may not be null."])),
            (
                json!("x"),
                json!(["Expected a list of items but got type \"str\"."]),
            ),
            (
                json!([bob.id, "x", null]),
                json!({"1": ["A valid integer is required."], "2": ["This field may not be null."]}),
            ),
        ] {
            let body = json!({"name": cx.name("never"), "participant_ids": ids});
            let what = format!("{method} with {body}");
            let answer = changes(&alice, method, chat.id, &body).await?;
            expect_answer(&answer, 400, &json!({"participant_ids": words}), &what)?;
            expect_name(&alice, chat.id, &cx.name("chat"), &what).await?;
        }
    }
    Ok(())
}

async fn puts_nothing_without_a_name(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let required = json!({"name": ["This field is required."]});
    for body in [
        json!({}),
        json!({"id": 5}),
        json!({"participant_ids": [bob.id]}),
    ] {
        let answer = changes(&alice, "PUT", chat.id, &body).await?;
        expect_answer(&answer, 400, &required, &format!("PUT with {body}"))?;
    }
    expect_name(&alice, chat.id, &cx.name("chat"), "changes without a name").await
}

async fn patches_nothing_without_a_name(cx: &Context) -> Verdict {
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let before = cx.given("read the chat", read(&alice, chat.id)).await?;
    for body in [
        json!({}),
        json!({"names": "x"}),
        json!({"participant_ids": [alice.id]}),
        json!({"participant_ids": [alice.id, bob.id, carol.id]}),
    ] {
        let answer = changes(&bob, "PATCH", chat.id, &body).await?;
        expect_chat_is(&answer, &before, &format!("PATCH with {body}"))?;
    }
    let after = read(&alice, chat.id).await?;
    expect_json(
        &essence::of_chat(&after),
        &essence::of_chat(&before),
        "the chat after changes without a name",
    )
}

async fn no_stranger_renames(cx: &Context) -> Verdict {
    for closed in closed_chats(cx).await? {
        let id = closed.chat.id;
        for outsider in &closed.outsiders {
            for method in ["PUT", "PATCH"] {
                let body = json!({"name": cx.name("theirs"), "participant_ids": [outsider.id]});
                let what = format!("{method} by somebody who takes no part in the chat");
                let answer = changes(outsider, method, id, &body).await?;
                expect_refused(&answer, &what)?;
                expect_name(&closed.insider, id, &cx.name("chat"), &what).await?;
            }
        }
    }
    Ok(())
}

/// The answer is this chat, its participants in whatever order, and nothing else.
fn expect_chat_is(answer: &Answer, expected: &Value, what: &str) -> Verdict {
    let chat = expect_status(answer, 200, what)?;
    expect_json(&essence::of_chat(&chat), &essence::of_chat(expected), what)?;
    expect_keys(&chat, &essence::CHAT, what)
}

/// The chat, as it is read.
pub(super) async fn read(person: &Person, chat: u64) -> Result<Value, Failure> {
    let answer = person.client.get(&paths::chat(chat)).await?;
    accepted(&answer, "reading the chat")
}

/// Asks for a change of the chat, with `PUT` or `PATCH`.
pub(super) async fn changes(
    person: &Person,
    method: &str,
    chat: u64,
    body: &Value,
) -> Result<Answer, Failure> {
    let ask = Ask::new(method, &paths::chat(chat)).json(body);
    Ok(person.client.ask(ask).await?)
}

/// The chat is stored under this name.
pub(super) async fn expect_name(person: &Person, chat: u64, name: &str, after: &str) -> Verdict {
    let read = read(person, chat).await?;
    expect_json(
        &read["name"],
        &json!(name),
        &format!("the name stored after {after}"),
    )
}
