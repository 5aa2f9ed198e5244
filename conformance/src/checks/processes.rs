//! The promises of the WebSockets for connections on different processes.

use super::{claims, delivery, frames, routing, stored};
use crate::{
    check::{Story, Verdict},
    checks,
    context::Context,
    room::{Room, hears, speaks},
};

checks! {
    PROC_1 => everybody_hears_everybody,
    PROC_1 => each_hears_it_exactly_once,
    PROC_1 => none_of_many_is_lost,
    PROC_1 => it_is_heard_however_long,
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
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            connections
                .iter_mut()
                .enumerate()
                .partition(|(listener, _)| {
                    *listener == speaker || (is_on(cx, *listener, speaker) && !cx.behind_balancer())
                });
        let who = |listener| format!("connection {listener}, of what connection {speaker} says,");
        for (listener, connection) in here {
            let who = who(listener);
            let heard = hears(connection, &words, &who);
            cx.given("hear within one process", heard).await?;
        }
        for (listener, connection) in elsewhere {
            hears(connection, &words, &who(listener)).await?;
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

/// What processes tell each other by may have limits of its own: the notices of a database end at 8,000 bytes.
async fn it_is_heard_however_long(cx: &Context) -> Verdict {
    across(cx, |cx| Box::pin(reaches_others_however_long(cx))).await
}

async fn reaches_others_however_long(cx: &Context) -> Verdict {
    let room = Room::<2>::open(cx).await?;
    let [mut alice, mut bob] = room.connections;
    for letters in [2_000, 16_000, 64_000] {
        let content = "🚀".repeat(letters);
        speaks(&mut alice, &content).await?;
        hears(&mut bob, &content, "bob").await?;
    }
    Ok(())
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

/// How often to ask so that every process is asked: behind a balancer, which takes turns, twice as often.
pub(super) fn asks(cx: &Context) -> usize {
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
