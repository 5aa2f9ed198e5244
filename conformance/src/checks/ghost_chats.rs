//! A chat with somebody who is not there is not made.

use chat_fixtures::people::Person;
use serde_json::json;

use super::chat_deletion::deletes;
use crate::{
    accepted::accepted_list,
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect_answer, expect_eq},
    paths,
};

checks! {
    CHAT_8 => refuses_unknown_participants_in_the_words,
    CHAT_8 => makes_no_chat_with_unknown_participants,
}

async fn refuses_unknown_participants_in_the_words(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let id = paths::unknown_id(cx);
    let (first, text) = (id.to_string(), json!(id.to_string()));
    for (ids, named) in [
        (json!([id]), &*first),
        (json!([bob.id, id, id - 1]), &first),
        (json!([id, id - 1, bob.id]), &first),
        (json!([text]), &first),
        (json!([alice.id, id, id]), &first),
        (json!([0]), "0"),
        (json!([-1]), "-1"),
        (json!([u64::MAX]), "18446744073709551615"),
    ] {
        let name = cx.username("ghost");
        let body = json!({"name": name, "participant_ids": ids});
        let words = format!("Invalid pk \"{named}\" - object does not exist.");
        let answer = alice.client.post("/api/chats/", &body).await?;
        let verdict = expect_answer(
            &answer,
            400,
            &json!({"participant_ids": [words]}),
            &format!("creating a chat with {body}"),
        );
        ghosts(&alice, &name).await?;
        verdict?;
    }
    Ok(())
}

async fn makes_no_chat_with_unknown_participants(cx: &Context) -> Verdict {
    let [alice, bob] = cx.people().await?;
    let name = cx.username("ghost");
    let id = paths::unknown_id(cx);
    for ids in [json!([id]), json!([bob.id, id])] {
        let body = json!({"name": name, "participant_ids": ids});
        alice.client.post("/api/chats/", &body).await?;
    }
    for person in [&alice, &bob] {
        let found = ghosts(person, &name).await?;
        expect_eq(
            found,
            0,
            "how many chats there are after creations that name nobody",
        )?;
    }
    Ok(())
}

/// How many chats of that name the person is in. They are deleted at once: no answer has told of them, so
/// nobody would tidy them up.
async fn ghosts(person: &Person, name: &str) -> Result<usize, Failure> {
    let answer = person.client.get("/api/chats/").await?;
    let listed = accepted_list(&answer, "GET /api/chats/")?;
    let mut found = 0;
    for chat in listed.iter().filter(|chat| chat["name"] == name) {
        found += 1;
        if let Some(id) = chat["id"].as_u64() {
            deletes(person, id).await?;
        }
    }
    Ok(found)
}
