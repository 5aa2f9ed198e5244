//! Rooms of people talking by WebSocket: each user of Goose owns a room and all its connections.

use std::{collections::HashSet, rc::Rc, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use goose::{
    goose::{
        GooseUser, Scenario, Transaction, TransactionError, TransactionFunction, TransactionResult,
    },
    metrics::GooseCoordinatedOmissionMitigation,
};
use http::StatusCode;
use serde_json::{Value, json};

use super::Kind;
use crate::{
    attack::Attack,
    content::{Key, Stamp},
    event_loop::Here,
    measurement::Pace,
    pace::Timetable,
    rest::Ask,
    room::{Member, Room, RoomPlan},
};

/// Rooms of people talking by WebSocket.
pub const LIVE: Kind = Kind {
    name: "live",
    about: "rooms of people talking by WebSocket",
    users: |load| load.rooms,
    scenario,
};

/// A room that a user of Goose owns.
#[derive(Debug, Clone, Copy)]
struct Owned {
    room: u32,
    chat: u64,
}

fn scenario(attack: &Arc<Attack>) -> Result<Scenario, goose::GooseError> {
    let _ = GooseCoordinatedOmissionMitigation::Disabled;
    Ok(Scenario::new("live")
        .register_transaction(
            transaction(attack, |attack, user| Box::pin(opens(attack, user)))
                .set_name("open a room")
                .set_on_start(),
        )
        .register_transaction(
            transaction(attack, |attack, user| Box::pin(talks(attack, user))).set_name("talk"),
        )
        .register_transaction(
            transaction(attack, |attack, user| Box::pin(closes(attack, user)))
                .set_name("close the room")
                .set_on_stop(),
        ))
}

type Act = for<'r> fn(
    Arc<Attack>,
    &'r mut GooseUser,
) -> std::pin::Pin<Box<dyn Future<Output = TransactionResult> + Send + 'r>>;

fn transaction(attack: &Arc<Attack>, act: Act) -> Transaction {
    let attack = Arc::clone(attack);
    let function: TransactionFunction = Arc::new(move |user| act(Arc::clone(&attack), user));
    Transaction::new(function)
}

async fn opens(attack: Arc<Attack>, user: &mut GooseUser) -> TransactionResult {
    let opened = opens_room(&attack, user).await;
    if let Err(error) = &opened {
        attack.complains(error.to_string());
    }
    attack.is_ready();
    opened
}

async fn opens_room(attack: &Attack, user: &mut GooseUser) -> TransactionResult {
    let number = attack.next_room();
    let chat = creates_chat(attack, user, number).await?;
    let plan = room_plan(attack, number, chat);
    user.set_session_data(Owned { room: number, chat });
    let connected = runs(attack, number, move |here| async move {
        let room = Room::new(plan, &here);
        connects_all(&here, &room).await
    })
    .await?;
    if connected == 0 {
        return Err("no connection could be opened".into());
    }
    Ok(())
}

/// Connects all members, some at a time, at the device's pace.
async fn connects_all(here: &Rc<Here>, room: &Rc<Room>) -> usize {
    stream::iter(0..room.size())
        .map(|member| async move {
            waits_for_turn(here, room.plan().connect_interval).await;
            room.connects(member).await
        })
        .buffer_unordered(AT_ONCE)
        .filter(|connected| std::future::ready(*connected))
        .count()
        .await
}

async fn waits_for_turn(here: &Here, interval: u64) {
    let turn = here.next_connect.get().max(here.clock.now());
    here.next_connect.set(turn + interval);
    tokio::time::sleep_until(here.clock.instant(turn).into()).await;
}

async fn talks(attack: Arc<Attack>, user: &mut GooseUser) -> TransactionResult {
    let Some(owned) = user.get_session_data::<Owned>().copied() else {
        return Ok(());
    };
    let (from, until) = tokio::select! {
        times = attack.speaking() => times,
        () = attack.stop.cancelled() => return Ok(()),
    };
    begins(&attack, owned.room, from, until).await?;
    let end = tokio::time::Instant::from_std(attack.clock.instant(until));
    loop {
        let slice = tokio::time::Instant::now() + SLICE;
        tokio::select! {
            () = tokio::time::sleep_until(slice.min(end)) => {}
            () = attack.stop.cancelled() => {}
        }
        counts_echoes(&attack, user, owned.room).await?;
        if tokio::time::Instant::now() >= end || attack.stop.is_cancelled() {
            break;
        }
    }
    with_room(&attack, owned.room, |room| async move {
        room.falls_silent();
        room.drains().await;
        room.settles();
    })
    .await?;
    counts_echoes(&attack, user, owned.room).await
}

async fn begins(attack: &Attack, number: u32, from: u64, until: u64) -> TransactionResult {
    let load = &attack.plan.load;
    let rooms = f64::from(load.rooms.max(1));
    let timetable = match load.pace {
        Pace::Fixed { per_second } if per_second > 0.0 => Some(Timetable::fixed(
            per_second / rooms,
            from,
            f64::from(number) / rooms,
        )),
        Pace::Poisson { per_second } if per_second > 0.0 => Some(Timetable::poisson(
            per_second / rooms,
            from,
            load.seed ^ u64::from(number),
        )),
        _ => None,
    };
    let in_flight = match load.pace {
        Pace::InFlight { per_room } => per_room,
        _ => 0,
    };
    let begin = attack.clock.instant(from);
    with_room(attack, number, move |room| async move {
        if let Some(timetable) = timetable {
            room.here()
                .speaker
                .begins(room.plan().number, timetable, until);
        }
        if in_flight > 0 {
            tokio::time::sleep_until(begin.into()).await;
            room.keeps_in_flight(in_flight, until);
        }
    })
    .await
}

async fn closes(attack: Arc<Attack>, user: &mut GooseUser) -> TransactionResult {
    let Some(owned) = user.get_session_data::<Owned>().copied() else {
        return Ok(());
    };
    let compared = if owned.room < attack.plan.samples {
        compares_with_history(&attack, user, owned).await
    } else {
        Ok(())
    };
    with_room(&attack, owned.room, |room| async move {
        stream::iter(0..room.size())
            .for_each_concurrent(AT_ONCE, |member| room.leaves(member))
            .await;
        room.is_over();
    })
    .await?;
    deletes_chat(&attack, user, owned).await?;
    compared
}

async fn compares_with_history(
    attack: &Attack,
    user: &mut GooseUser,
    owned: Owned,
) -> TransactionResult {
    let path = format!("/api/chats/{}/messages/", owned.chat);
    let history = asks(
        attack,
        user,
        owned.room,
        "GET /api/chats/{id}/messages/",
        &path,
        None,
        StatusCode::OK,
    )
    .await?;
    let messages = history.as_array().ok_or("the history is no list")?;
    let run = attack.run;
    let keys: HashSet<Key> = messages
        .iter()
        .filter_map(|message| Stamp::find(message.get("content")?.as_str()?))
        .filter(|stamp| stamp.run == run && stamp.room == owned.room)
        .map(|stamp| stamp.key)
        .collect();
    with_room(attack, owned.room, move |room| async move {
        room.compare_with_history(&|key| keys.contains(&key));
    })
    .await
}

async fn creates_chat(
    attack: &Attack,
    user: &mut GooseUser,
    number: u32,
) -> Result<u64, Box<TransactionError>> {
    let ids: Vec<u64> = attack
        .plan
        .members_of(number)
        .skip(1)
        .map(|account| account.id)
        .collect();
    let body = json!({
        "name": format!("load {:08x} room {number}", attack.run.0),
        "participant_ids": ids,
    });
    let chat = asks(
        attack,
        user,
        number,
        "POST /api/chats/",
        "/api/chats/",
        Some(&body),
        StatusCode::CREATED,
    )
    .await?;
    chat.get("id")
        .and_then(Value::as_u64)
        .ok_or_else(|| "POST /api/chats/ was answered without an id".into())
}

async fn deletes_chat(attack: &Attack, user: &mut GooseUser, owned: Owned) -> TransactionResult {
    let path = format!("/api/chats/{}/", owned.chat);
    asks(
        attack,
        user,
        owned.room,
        "DELETE /api/chats/{id}/",
        &path,
        None,
        StatusCode::NO_CONTENT,
    )
    .await
    .map(drop)
}

async fn asks(
    attack: &Attack,
    user: &mut GooseUser,
    room: u32,
    name: &'static str,
    path: &str,
    body: Option<&Value>,
    expects: StatusCode,
) -> Result<Value, Box<TransactionError>> {
    let plan = &attack.plan;
    let account = plan.members_of(room).next().ok_or("nobody takes part")?;
    let target = plan
        .targets
        .get(plan.target_of(room, 0))
        .ok_or("no target")?;
    let ask = Ask {
        name,
        path,
        account,
        body,
        expects,
        due: None,
    };
    attack.books.asks(user, target, attack.clock, &ask).await
}

fn room_plan(attack: &Attack, number: u32, chat: u64) -> RoomPlan {
    let plan = &attack.plan;
    let members = (0..)
        .zip(plan.members_of(number))
        .filter_map(|(member, account)| {
            let target = plan.target_of(number, member);
            Some(Member {
                name: account.username.as_str().into(),
                cookies: account.cookies.as_str().into(),
                door: Arc::clone(attack.doors.get(target)?),
                through: if plan.is_balanced {
                    None
                } else {
                    u16::try_from(target).ok()
                },
            })
        });
    RoomPlan {
        number,
        chat,
        run: attack.run,
        members: members.collect(),
        senders: plan.load.senders,
        payload: plan.load.payload as usize,
        patience: crate::clock::micros(plan.patience),
        keeps: number < plan.samples,
        connect_interval: interval(plan.connect_rate, attack.loops.len()),
    }
}

/// Each thread opens its share of the connections.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "microseconds between two connections, and a handful of threads"
)]
fn interval(rate: f64, threads: usize) -> u64 {
    (1_000_000.0 * threads as f64 / rate.max(0.001)) as u64
}

/// Tells Goose of the messages that their senders have heard.
async fn counts_echoes(attack: &Attack, user: &mut GooseUser, room: u32) -> TransactionResult {
    let echoes = runs(attack, room, move |here| async move {
        let room = here.rooms.borrow().get(&room).cloned();
        room.map(|room| room.takes_own_echoes()).unwrap_or_default()
    })
    .await?;
    for micros in echoes {
        user.record_custom_request_duration(
            "WEBSOCKET",
            "message",
            Duration::from_micros(micros),
            true,
            None,
            None,
        )
        .await?;
    }
    Ok(())
}

async fn with_room<F, Fut>(attack: &Attack, number: u32, act: F) -> TransactionResult
where
    F: FnOnce(Rc<Room>) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + 'static,
{
    runs(attack, number, move |here| async move {
        let room = here.rooms.borrow().get(&number).cloned();
        if let Some(room) = room {
            act(room).await;
        }
    })
    .await
}

async fn runs<T, F, Fut>(attack: &Attack, room: u32, job: F) -> Result<T, Box<TransactionError>>
where
    T: Send + 'static,
    F: FnOnce(Rc<Here>) -> Fut + Send + 'static,
    Fut: Future<Output = T> + 'static,
{
    let event_loop = attack.event_loop(room).ok_or("no thread for connections")?;
    event_loop
        .run(job)
        .await
        .map_err(|error| error.to_string().into())
}

const AT_ONCE: usize = 64;
const SLICE: Duration = Duration::from_millis(250);
