//! Sessions, chats and histories, the same on every process.

use chat_fixtures::{
    client::Ask,
    people::{Chat, Person},
    socket::Offer,
};
use serde_json::{Value, json};

use super::{
    handshake::{opened, path, with},
    processes::asks,
    refusals::{deleted_chat, kept_out},
};
use crate::{
    check::{Failure, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_fields, expect_json, expect_refused, expect_status, in_json, shown},
    paths,
    room::{contents, hears, history, speaks},
};

checks! {
    PROC_2 => an_account_made_on_one_logs_in_on_another,
    PROC_2 => a_session_is_good_on_every_process,
    PROC_2 => a_session_that_ends_ends_on_every_process [Alone],
    PROC_2 => a_chat_is_the_same_on_every_process,
    PROC_2 => a_new_name_is_known_on_every_process,
    PROC_2 => a_deleted_chat_is_gone_on_every_process [Alone],
    PROC_2 => messages_are_in_the_history_on_every_process,
    PROC_2 => strangers_are_kept_out_on_every_process,
}

async fn an_account_made_on_one_logs_in_on_another(cx: &Context) -> Verdict {
    cx.needs_processes(2)?;
    let newcomer = cx.registered("settler").await?;
    cx.another_session(&newcomer).await?;

    let newcomer = newcomer.on_process(cx.home() + 1);
    let body = json!({"username": newcomer.username, "password": newcomer.password});
    let answer = newcomer.client.post("/api/login/", &body).await?;
    let opened = (200..300).contains(&answer.status) && newcomer.client.session().is_some();
    expect(
        opened,
        "the login on another process than the registration's",
        "a session",
        shown(&answer),
    )
}

async fn a_session_is_good_on_every_process(cx: &Context) -> Verdict {
    cx.needs_processes(2)?;
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let alice = cx.another_session(&alice).await?;
    cx.given("use the session where it was opened", is_known(&alice))
        .await?;
    cx.connected(&alice, &chat).await?;
    for process in 0..asks(cx) {
        let alice = alice.on_process(process);
        is_known(&alice).await?;
        opened(
            alice.tries_to_connect(&chat).await?,
            "the handshake on another process",
        )?;
    }
    Ok(())
}

/// It has been in use on every process before it ends.
async fn a_session_that_ends_ends_on_every_process(cx: &Context) -> Verdict {
    cx.needs_processes(2)?;
    let [alice] = cx.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    let leaver = cx.another_session(&alice).await?;
    for process in 0..asks(cx) {
        let known = leaver.on_process(process);
        cx.given("use the session on every process", is_known(&known))
            .await?;
    }
    let cookie = format!("sessionid={}", leaver.client.session().unwrap_or_default());
    cx.given("log out", leaver.logout()).await?;
    cx.given("end the session", is_dead(&leaver, &cookie))
        .await?;
    let offer = with("Cookie", &cookie);
    let here = async { kept_out(leaver.client.connect(&path(&chat), &offer).await?, "it").await };
    cx.given("end it for handshakes too", here).await?;

    for process in 0..asks(cx) {
        let leaver = leaver.on_process(process);
        is_dead(&leaver, &cookie).await?;
        let handshake = leaver
            .client
            .connect(&path(&chat), &with("Cookie", &cookie))
            .await?;
        kept_out(
            handshake,
            "the handshake on another process, after the logout",
        )
        .await?;
    }
    Ok(())
}

async fn a_chat_is_the_same_on_every_process(cx: &Context) -> Verdict {
    let [alice, bob] = cx.apart()?.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    cx.given("send by REST", alice.posts(&chat, "a word"))
        .await?;
    let told = cx.given("read the chat", chat_at(&alice, &chat)).await?;
    for person in [&alice, &bob] {
        let person = person.on_process(0);
        cx.given("read the chat", chat_at(&person, &chat)).await?;
        cx.connected(&person, &chat).await?;
    }
    for process in 0..asks(cx) {
        for person in [&alice, &bob] {
            let person = person.on_process(process);
            let there = chat_at(&person, &chat).await?;
            expect_json(
                &there,
                &told,
                &format!("the chat, as {} tells it", person.client.base()),
            )?;
            opened(
                person.tries_to_connect(&chat).await?,
                "the handshake on another process",
            )?;
        }
    }
    Ok(())
}

async fn a_new_name_is_known_on_every_process(cx: &Context) -> Verdict {
    let [alice] = cx.apart()?.people().await?;
    let chat = cx.chat_of(&[&alice]).await?;
    for process in 0..asks(cx) {
        let renamer = alice.on_process(process);
        let name = cx.name(&format!("renamed on {process}"));
        let ask =
            Ask::new("PATCH", &format!("/api/chats/{}/", chat.id)).json(&json!({"name": name}));
        let here = async {
            renamer.client.ask(ask).await?;
            expect_fields(
                &chat_at(&renamer, &chat).await?,
                &json!({"name": name}),
                "the chat",
            )
        };
        cx.given("rename a chat", here).await?;
        for process in 0..asks(cx) {
            let reader = alice.on_process(process);
            let what = format!("the chat, as {} tells it", reader.client.base());
            expect_fields(
                &chat_at(&reader, &chat).await?,
                &json!({"name": name}),
                &what,
            )?;
        }
    }
    Ok(())
}

async fn a_deleted_chat_is_gone_on_every_process(cx: &Context) -> Verdict {
    let [alice, bob] = cx.apart()?.people().await?;
    let chat = deleted_chat(cx, &alice, &bob).await?;
    let here = async { kept_out(alice.tries_to_connect(&chat).await?, "a deleted chat").await };
    cx.given("be refused where it was deleted", here).await?;
    for process in 0..asks(cx) {
        for person in [&alice, &bob] {
            let person = person.on_process(process);
            let at = path(&chat);
            let path = format!("/api/chats/{}/", chat.id);
            expect_refused(
                &person.client.get(&path).await?,
                "a deleted chat on another process",
            )?;
            let handshake = person.client.connect(&at, &Offer::default()).await?;
            kept_out(
                handshake,
                "the handshake for a deleted chat on another process",
            )
            .await?;
        }
    }
    Ok(())
}

/// Who takes no part, and who has no session.
async fn strangers_are_kept_out_on_every_process(cx: &Context) -> Verdict {
    cx.needs_processes(2)?;
    let [alice, bob, carol] = cx.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    cx.given("send by REST", alice.posts(&chat, "not for carol"))
        .await?;
    let mut let_in = Vec::new();
    for process in 0..asks(cx) {
        let kept_out = are_kept_out(cx, &carol.on_process(process), &chat).await;
        let_in.extend(kept_out.err());
    }
    // Where no process keeps them out, it is not about processes.
    let nowhere = let_in.len() == asks(cx);
    match let_in.into_iter().next() {
        Some(failure) if nowhere => Err(failure.in_preparation("be refused on one process")),
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

async fn are_kept_out(cx: &Context, carol: &Person, chat: &Chat) -> Verdict {
    let anonymous = carol.client.stranger();
    for (client, who) in [
        (&carol.client, "somebody who takes no part in the chat"),
        (&anonymous, "somebody without a session"),
    ] {
        let at = client.base();
        for path in [paths::chat(chat.id), paths::history(chat.id)] {
            let answer = client.get(&path).await?;
            expect_refused(&answer, &format!("{path} for {who} at {at}"))?;
        }
        let handshake = client.connect(&path(chat), &Offer::default()).await?;
        kept_out(handshake, &format!("the handshake of {who} at {at}")).await?;
    }
    let body = json!({"content": cx.name("by carol")});
    let answer = carol.client.post(&paths::sending(chat.id), &body).await?;
    expect_refused(&answer, "sending by somebody who takes no part in the chat")
}

/// Sent in every way on every process, read at once on every process.
async fn messages_are_in_the_history_on_every_process(cx: &Context) -> Verdict {
    let [alice, bob] = cx.apart()?.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut said: Vec<String> = Vec::new();
    for process in 0..asks(cx) {
        let alice = alice.on_process(process);
        let mut connection = cx.connected(&alice, &chat).await?;
        said.push(format!("live on {process}"));
        speaks(&mut connection, &said[said.len() - 1]).await?;
        let heard = hears(&mut connection, &said[said.len() - 1], "alice");
        cx.given("hear oneself", heard).await?;
        said.push(format!("by REST on {process}"));
        cx.given("send by REST", alice.posts(&chat, &said[said.len() - 1]))
            .await?;
        let here = history(cx, &alice, &chat).await?;
        let complete = async { expect_all_told(&here, &said, "where it was sent") };
        cx.given("read the history where it was sent", complete)
            .await?;

        for process in 0..asks(cx) {
            let reader = bob.on_process(process);
            let there = reader.reads(&chat).await?;
            expect_all_told(&there, &said, reader.client.base())?;
            expect_json(
                &json!(there),
                &json!(here),
                "the histories on two processes",
            )?;
        }
    }
    Ok(())
}

fn expect_all_told(told: &[Value], said: &[String], place: &str) -> Verdict {
    let missing = said
        .iter()
        .find(|words| !contents(told).contains(&words.as_str()));
    expect(
        missing.is_none(),
        format!("the history, {place}"),
        format!("{} in it", in_json(&missing)),
        in_json(&contents(told)),
    )
}

async fn is_known(person: &Person) -> Verdict {
    let answer = person.client.get("/api/me/").await?;
    let me = answer.json().unwrap_or_default();
    let known = answer.status == 200 && me["id"] == person.id;
    let what = format!("/api/me/ at {}", person.client.base());
    expect(
        known,
        what,
        format!("the user {}", person.id),
        shown(&answer),
    )
}

async fn is_dead(person: &Person, cookie: &str) -> Verdict {
    let ask = Ask::new("GET", "/api/me/").header("Cookie", cookie);
    let what = format!("/api/me/ at {} after the logout", person.client.base());
    expect_refused(&person.client.ask(ask).await?, &what)
}

async fn chat_at(person: &Person, chat: &Chat) -> Result<Value, Failure> {
    let answer = person
        .client
        .get(&format!("/api/chats/{}/", chat.id))
        .await?;
    let what = format!("the chat at {}", person.client.base());
    expect_status(&answer, 200, &what)
}
