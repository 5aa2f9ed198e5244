//! Everything by REST: log in, create a chat, then list, send and read, at the timetable's times.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use goose::goose::{GooseUser, Scenario, TransactionError, TransactionResult};
use http::StatusCode;
use serde_json::json;
use tokio::time::{Instant, sleep_until};

use super::{
    Defaults, Kind,
    owned::{Owned, transaction},
    requests::{self, asks, creates_chat, deletes_chat, history},
};
use crate::{
    attack::Attack,
    clock::micros,
    content::{Key, Stamp},
    pace::Timetable,
    rest::Ask,
};

/// Everything by REST.
pub(super) const REST: Kind = Kind {
    name: "rest",
    defaults: Defaults {
        rooms: 20,
        members: 3,
        senders: Some(1),
        rate: Some(20.0),
    },
    has_sockets: false,
    scenario,
};

/// How far a user is.
#[derive(Debug, Clone)]
struct Journeys {
    owned: Owned,
    timetable: Option<Timetable>,
    seq: u32,
}

impl Journeys {
    fn goes_on(&mut self) {
        self.seq += 1;
        if let Some(timetable) = &mut self.timetable {
            timetable.advance();
        }
    }
}

fn scenario(attack: &Arc<Attack>) -> Scenario {
    Scenario::new("rest")
        .register_transaction(
            transaction(attack, |attack, user| begins(attack, user).boxed())
                .set_name("log in and create a chat")
                .set_on_start(),
        )
        .register_transaction(
            transaction(attack, |attack, user| goes_on(attack, user).boxed())
                .set_name("list, send, read"),
        )
        .register_transaction(
            transaction(attack, |attack, user| ends(attack, user).boxed())
                .set_name("delete the chat")
                .set_on_stop(),
        )
}

async fn begins(attack: Arc<Attack>, user: &mut GooseUser) -> TransactionResult {
    let begun = logs_in_and_creates(&attack, user).await;
    if let Err(error) = &begun {
        attack.complains(error.to_string());
    }
    attack.is_ready();
    begun
}

async fn logs_in_and_creates(attack: &Attack, user: &mut GooseUser) -> TransactionResult {
    let room = attack.next_room();
    let begun = chat(attack, user, room).await;
    user.set_session_data(Journeys {
        owned: Owned::new(room, begun.as_ref().ok().copied(), attack.clock.now()),
        timetable: None,
        seq: 0,
    });
    begun.map(drop)
}

async fn chat(
    attack: &Attack,
    user: &mut GooseUser,
    room: u32,
) -> Result<u64, Box<TransactionError>> {
    if let Some(account) = attack.plan.members_of(room).next() {
        let body = json!({"username": account.username, "password": account.password});
        // A second session: the one of the account file stays as it is.
        asks(
            attack,
            user,
            room,
            "POST /api/login/",
            "/api/login/",
            Some(&body),
            StatusCode::OK,
        )
        .await?;
    }
    creates_chat(attack, user, room).await
}

/// A journey whenever one is due: the list, a message, the history, which has to hold the message. Where users come
/// and go by a test plan, this is one journey or a short wait: Goose ends a user only between two transactions.
async fn goes_on(attack: Arc<Attack>, user: &mut GooseUser) -> TransactionResult {
    let is_planned = attack.plan.test_plan.is_some();
    loop {
        let next = next_journey(&attack, user).await;
        let pause = Instant::now() + SLICE;
        match next {
            Some((owned, seq, due)) => {
                let begin = Instant::from_std(attack.clock.instant(due));
                if is_planned && pause < begin {
                    sleep_until(pause).await;
                    return Ok(());
                }
                if Instant::now() < begin {
                    tokio::select! {
                        () = sleep_until(begin) => attack.books.waited_until(due, attack.clock.now()),
                        () = attack.stop.cancelled() => return Ok(()),
                    }
                }
                // What fails is counted where it failed; the next journey is due all the same.
                let said = says(&attack, user, owned, seq, due).await;
                attack.books.was_due(said.is_ok());
                if let Ok(key) = said {
                    let _ = looks_up(&attack, user, owned, key).await;
                }
                if let Some(journeys) = user.get_session_data_mut::<Journeys>() {
                    journeys.goes_on();
                }
            }
            None if is_planned => sleep_until(pause).await,
            None => return Ok(()),
        }
        if is_planned {
            return Ok(());
        }
    }
}

/// The next journey: its owner, its number, and when it is due; `None` when there are no more, or no more time for
/// those that are late.
async fn next_journey(attack: &Attack, user: &mut GooseUser) -> Option<(Owned, u32, u64)> {
    let (from, until) = tokio::select! {
        biased;
        () = attack.stop.cancelled() => return None,
        times = attack.speaking() => times,
    };
    let journeys = user.get_session_data_mut::<Journeys>()?;
    if journeys.timetable.is_none() {
        let owned = journeys.owned;
        journeys.timetable = attack.timetable(owned.room, from.max(owned.opened));
    }
    let due = journeys.timetable.as_ref()?.next();
    let is_over = attack.clock.now() > until.saturating_add(micros(attack.plan.patience));
    let goes_on = due < until && !is_over && !attack.stop.is_cancelled();
    goes_on.then_some((journeys.owned, journeys.seq, due))
}

/// Looks at the list and says something, which has been accepted then.
async fn says(
    attack: &Attack,
    user: &mut GooseUser,
    owned: Owned,
    seq: u32,
    due: u64,
) -> Result<Key, Box<TransactionError>> {
    let chat = requests::of(owned)?;
    let plan = &attack.plan;
    let account = plan
        .members_of(owned.room)
        .next()
        .ok_or("nobody takes part")?;
    let target = plan
        .targets
        .get(plan.target_of(owned.room, 0))
        .ok_or("no target")?;
    let list = Ask {
        name: "GET /api/chats/",
        path: "/api/chats/",
        account,
        body: None,
        expects: StatusCode::OK,
        due: Some(due),
    };
    attack.books.asks(user, target, attack.clock, &list).await?;
    let key = Key { sender: 0, seq };
    let stamp = Stamp {
        run: attack.run,
        room: owned.room,
        key,
        due,
        sent: attack.clock.now(),
    };
    let mut content = String::new();
    stamp.write(plan.load.payload as usize, &mut content);
    let path = format!("/api/chats/{chat}/send_message/");
    let body = json!({ "content": content });
    asks(
        attack,
        user,
        owned.room,
        "POST /api/chats/{id}/send_message/",
        &path,
        Some(&body),
        StatusCode::CREATED,
    )
    .await?;
    Ok(key)
}

/// Looks for what was said in the history.
async fn looks_up(
    attack: &Attack,
    user: &mut GooseUser,
    owned: Owned,
    key: Key,
) -> TransactionResult {
    let keys = history(attack, user, owned).await?;
    attack.books.compares(keys.contains(&key));
    Ok(())
}

async fn ends(attack: Arc<Attack>, user: &mut GooseUser) -> TransactionResult {
    let Some(journeys) = user.get_session_data_mut::<Journeys>() else {
        return Ok(());
    };
    if let (Some(timetable), Some((_, until))) = (&mut journeys.timetable, attack.speaks()) {
        let overdue = timetable.passes(until.min(attack.clock.now()));
        attack.books.gives_up(overdue);
    }
    let owned = journeys.owned;
    deletes_chat(&attack, user, owned).await
}

const SLICE: Duration = Duration::from_millis(250);
