//! The same promises between processes: what is heard, and what is known.

use chat_fixtures::{
    client::Ask,
    people::{Chat, Person},
    socket::Offer,
};
use serde_json::{Value, json};

use super::{
    claims, delivery, frames,
    handshake::{opened, path, with},
    refusals::{deleted_chat, kept_out},
    routing, stored,
};
use crate::{
    check::{Failure, Story, Verdict},
    checks,
    context::Context,
    expect::{expect, expect_fields, expect_json, expect_refused, shown},
    room::{contents, hears, history, speaks},
};

checks! {
    PROC_1 => everybody_hears_everybody,
    PROC_1 => each_hears_it_exactly_once,
    PROC_1 => none_of_many_is_lost,
    PROC_1 => it_is_in_the_history_when_heard,
    PROC_1 => it_is_what_the_history_tells,
    PROC_1 => nobody_else_hears_of_an_empty_message,
    PROC_1 => nobody_else_hears_of_what_is_no_json,
    PROC_1 => the_connection_goes_on_after_errors,
    PROC_1 => nobody_speaks_for_another_user,
    PROC_1 => nobody_speaks_into_another_chat,
    PROC_1 => frames_stay_in_their_chat,
    PROC_1 => one_user_hears_on_every_process,
    PROC_1 => many_sent_at_once_arrive_in_order,
    PROC_2 => an_account_made_on_one_logs_in_on_another,
    PROC_2 => a_session_is_good_on_every_process,
    PROC_2 => a_session_that_ends_ends_on_every_process [Alone],
    PROC_2 => a_chat_is_the_same_on_every_process,
    PROC_2 => a_new_name_is_known_on_every_process,
    PROC_2 => a_deleted_chat_is_gone_on_every_process [Alone],
    PROC_2 => messages_are_in_the_history_on_every_process,
}

/// Two connections at least on each process; each of them speaks, and all others hear it. That those on the
/// speaker's own process do is WS-3's.
async fn everybody_hears_everybody(cx: &Context) -> Verdict {
    let people = cx.apart()?.people::<4>().await?;
    let chat = cx.chat_of(&people.each_ref()).await?;
    let mut connections = Vec::new();
    for seat in 0..2 * cx.processes() {
        let person = people[seat % people.len()].on_process(seat);
        connections.push(cx.connected(&person, &chat).await?);
    }

    for speaker in 0..connections.len() {
        let words = format!("from connection {speaker}");
        speaks(&mut connections[speaker], &words).await?;
        for (listener, connection) in connections.iter_mut().enumerate() {
            let who = format!("connection {listener}, of what connection {speaker} says,");
            let heard = hears(connection, &words, &who);
            if listener == speaker || (is_on(cx, listener, speaker) && !cx.behind_balancer()) {
                cx.given("hear within one process", heard).await?;
            } else {
                heard.await?;
            }
        }
    }
    Ok(())
}

async fn each_hears_it_exactly_once(cx: &Context) -> Verdict {
    across(cx, |cx| Box::pin(delivery::reaches_each_exactly_once(cx))).await
}

async fn none_of_many_is_lost(cx: &Context) -> Verdict {
    across(cx, |cx| Box::pin(delivery::loses_none_of_many(cx))).await
}

async fn it_is_in_the_history_when_heard(cx: &Context) -> Verdict {
    across(cx, |cx| Box::pin(stored::is_in_the_history_when_heard(cx))).await
}

async fn it_is_what_the_history_tells(cx: &Context) -> Verdict {
    across(cx, |cx| Box::pin(stored::is_what_the_history_tells(cx))).await
}

async fn nobody_else_hears_of_an_empty_message(cx: &Context) -> Verdict {
    across(cx, |cx| {
        Box::pin(frames::nobody_else_hears_of_an_empty_message(cx))
    })
    .await
}

async fn nobody_else_hears_of_what_is_no_json(cx: &Context) -> Verdict {
    across(cx, |cx| {
        Box::pin(frames::nobody_else_hears_of_what_is_no_json(cx))
    })
    .await
}

async fn the_connection_goes_on_after_errors(cx: &Context) -> Verdict {
    across(cx, |cx| {
        Box::pin(frames::the_connection_goes_on_after_an_empty_message(cx))
    })
    .await?;
    across(cx, |cx| {
        Box::pin(frames::the_connection_goes_on_after_what_is_no_json(cx))
    })
    .await
}

async fn nobody_speaks_for_another_user(cx: &Context) -> Verdict {
    across(cx, |cx| {
        Box::pin(claims::nobody_speaks_for_another_user(cx))
    })
    .await
}

async fn nobody_speaks_into_another_chat(cx: &Context) -> Verdict {
    across(cx, |cx| {
        Box::pin(claims::nobody_speaks_into_another_chat(cx))
    })
    .await
}

async fn frames_stay_in_their_chat(cx: &Context) -> Verdict {
    across(cx, |cx| Box::pin(routing::frames_stay_in_their_chat(cx))).await
}

/// The user's own connections on the other processes hear the user as well as others do.
async fn one_user_hears_on_every_process(cx: &Context) -> Verdict {
    let [alice, bob] = cx.apart()?.people().await?;
    let chat = cx.chat_of(&[&alice, &bob]).await?;
    let mut speaker = cx.connected(&alice, &chat).await?;
    let mut listener = cx.connected(&bob.on_process(0), &chat).await?;
    let mut others = Vec::new();
    for seat in 1..asks(cx) {
        others.push(cx.connected(&alice.on_process(seat), &chat).await?);
    }

    speaks(&mut speaker, "to myself, everywhere").await?;

    let heard = hears(&mut listener, "to myself, everywhere", "bob");
    cx.given("hear a message", heard).await?;
    for other in &mut others {
        hears(
            other,
            "to myself, everywhere",
            "the user's connection to another process",
        )
        .await?;
    }
    Ok(())
}

async fn many_sent_at_once_arrive_in_order(cx: &Context) -> Verdict {
    across(cx, |cx| {
        Box::pin(routing::many_sent_at_once_arrive_in_order(cx))
    })
    .await
}

/// A story that is told within one process first, as a preparation: what fails there already is the blame of
/// its own clause. Behind a balancer nobody knows where people sit, so there it is told once.
async fn across(cx: &Context, story: Story) -> Verdict {
    let apart = cx.apart()?;
    if !cx.behind_balancer() {
        cx.given("have the same within one process", story(cx))
            .await?;
    }
    story(&apart).await
}

async fn an_account_made_on_one_logs_in_on_another(cx: &Context) -> Verdict {
    cx.needs_processes(2)?;
    let newcomer = cx.registered("settler").await?.on_process(cx.home() + 1);
    let body = json!({"username": newcomer.username, "password": newcomer.password});
    let answer = newcomer.client.post("/api/login/", &body).await?;
    let opened = answer.status == 200 && newcomer.client.session().is_some();
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
        format!("{missing:?} in it"),
        format!("{:?}", contents(told)),
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
    crate::expect::expect_status(&answer, 200, &what)
}

/// How often to ask so that every process is asked: behind a balancer, which takes turns, twice as often.
fn asks(cx: &Context) -> usize {
    if cx.behind_balancer() {
        2 * cx.processes()
    } else {
        cx.processes()
    }
}

/// Whether two seats are on one process, where one can choose.
fn is_on(cx: &Context, seat: usize, other: usize) -> bool {
    seat % cx.processes() == other % cx.processes()
}
