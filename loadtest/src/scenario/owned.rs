//! A room that a user of Goose owns: opens it, lets it talk, closes it, and asks for it by REST.

use std::{collections::HashSet, pin::Pin, rc::Rc, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use goose::goose::{
    GooseUser, Scenario, Transaction, TransactionError, TransactionFunction, TransactionResult,
};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::{
    account::Account,
    attack::Attack,
    content::{Key, Stamp},
    event_loop::Here,
    measurement::Pace,
    rest::Ask,
    room::{Farewell, Member, Room, RoomPlan},
};

/// A room that a user of Goose owns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owned {
    pub(super) room: u32,
    pub(super) chat: u64,
    /// When it was opened, in µs since the run's beginning. What was due before was not due in it.
    pub(super) opened: u64,
    is_talking: bool,
}

impl Owned {
    pub(super) const fn new(room: u32, chat: u64, opened: u64) -> Self {
        Self {
            room,
            chat,
            opened,
            is_talking: false,
        }
    }
}

/// What a user does at one point of its life.
pub(super) type Act = for<'r> fn(
    Arc<Attack>,
    &'r mut GooseUser,
) -> Pin<Box<dyn Future<Output = TransactionResult> + Send + 'r>>;

/// What a user does beside the talk of its room, again and again: with the instant until which it has time.
pub(super) type Beside = for<'r> fn(
    &'r Attack,
    &'r mut GooseUser,
    Owned,
)
    -> Pin<Box<dyn Future<Output = TransactionResult> + Send + 'r>>;

/// The life of a user who owns a room: `talk` between opening and closing it.
pub(super) fn scenario(attack: &Arc<Attack>, name: &str, talk: Act) -> Scenario {
    let open: Act = |attack, user| Box::pin(opens(attack, user));
    let close: Act = |attack, user| Box::pin(closes(attack, user));
    Scenario::new(name)
        .register_transaction(
            transaction(attack, open)
                .set_name("open a room")
                .set_on_start(),
        )
        .register_transaction(transaction(attack, talk).set_name("talk"))
        .register_transaction(
            transaction(attack, close)
                .set_name("close the room")
                .set_on_stop(),
        )
}

pub(super) fn transaction(attack: &Arc<Attack>, act: Act) -> Transaction {
    let attack = Arc::clone(attack);
    let function: TransactionFunction = Arc::new(move |user| act(Arc::clone(&attack), user));
    Transaction::new(function)
}

pub(super) async fn opens(attack: Arc<Attack>, user: &mut GooseUser) -> TransactionResult {
    if attack.stop.is_cancelled() {
        attack.is_ready();
        return Ok(());
    }
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
    // From here on there is something to tidy up, whatever becomes of the connections.
    user.set_session_data(Owned::new(number, chat, attack.clock.now()));
    let stop = attack.stop.clone();
    let connected = runs(attack, number, move |here| async move {
        let room = Room::new(plan, &here);
        connects_all(&here, &room, &stop).await
    })
    .await?;
    user.set_session_data(Owned::new(number, chat, attack.clock.now()));
    if connected == 0 && !attack.stop.is_cancelled() {
        return Err("no connection could be opened".into());
    }
    Ok(())
}

/// Connects all members, some at a time, at the device's pace; nobody any more when the run is stopped.
async fn connects_all(here: &Rc<Here>, room: &Rc<Room>, stop: &CancellationToken) -> usize {
    stream::iter(0..room.size())
        .map(|member| async move {
            tokio::select! {
                biased;
                () = stop.cancelled() => return false,
                () = waits_for_turn(here, room.plan().connect_interval) => {}
            }
            room.connects(member).await
        })
        .buffer_unordered(AT_ONCE)
        .filter(|connected| std::future::ready(*connected))
        .count()
        .await
}

/// Waits until this thread may open the next connection.
pub(super) async fn waits_for_turn(here: &Here, interval: u64) {
    let turn = here.next_connect.get().max(here.clock.now());
    here.next_connect.set(turn + interval);
    sleep_until(here.clock.instant(turn).into()).await;
}

/// The room talks until the end of the measured time. Beside it, in each slice of it, the user does something else.
/// Where rooms come and go by a test plan, this is one slice: Goose ends a user only between two transactions.
pub(super) async fn talks(
    attack: &Attack,
    user: &mut GooseUser,
    beside: Beside,
) -> TransactionResult {
    let is_planned = attack.plan.test_plan.is_some();
    let Some(owned) = user.get_session_data::<Owned>().copied() else {
        if is_planned {
            // Without a room there is nothing to do until Goose ends this user.
            sleep(SLICE).await;
        }
        return Ok(());
    };
    let (from, until) = tokio::select! {
        // People of a run that was stopped before they spoke say nothing.
        biased;
        () = attack.stop.cancelled() => {
            if is_planned {
                sleep(SLICE).await;
            }
            return Ok(());
        }
        times = attack.speaking() => times,
    };
    if !owned.is_talking {
        begins(attack, owned.room, from.max(owned.opened), until).await?;
        user.set_session_data(Owned {
            is_talking: true,
            ..owned
        });
    }
    let end = Instant::from_std(attack.clock.instant(until));
    while is_planned || (Instant::now() < end && !attack.stop.is_cancelled()) {
        let slice = Instant::now() + SLICE;
        // What fails beside the talk is counted where it failed; the talk goes on.
        let _ = beside(attack, user, owned).await;
        if is_planned {
            sleep_until(slice).await;
            return counts_echoes(attack, user, owned.room).await;
        }
        tokio::select! {
            () = sleep_until(slice.min(end)) => {}
            () = attack.stop.cancelled() => {}
        }
        counts_echoes(attack, user, owned.room).await?;
    }
    Ok(())
}

/// Nothing beside the talk.
pub(super) fn nothing<'r>(
    _: &'r Attack,
    _: &'r mut GooseUser,
    _: Owned,
) -> Pin<Box<dyn Future<Output = TransactionResult> + Send + 'r>> {
    Box::pin(std::future::ready(Ok(())))
}

async fn begins(attack: &Attack, number: u32, from: u64, until: u64) -> TransactionResult {
    let timetable = attack.timetable(number, from);
    let in_flight = match attack.plan.load.pace {
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
            sleep_until(begin.into()).await;
            room.keeps_in_flight(in_flight, until);
        }
    })
    .await
}

pub(super) async fn closes(attack: Arc<Attack>, user: &mut GooseUser) -> TransactionResult {
    let Some(owned) = user.get_session_data::<Owned>().copied() else {
        return Ok(());
    };
    with_room(&attack, owned.room, |room| async move {
        room.falls_silent();
        room.drains().await;
        // Nobody is owed what comes twice or to the wrong room, so nobody has waited for it.
        sleep(LINGER).await;
        room.settles();
    })
    .await?;
    counts_echoes(&attack, user, owned.room).await?;
    let compared = if owned.room < attack.plan.samples {
        compares_with_history(&attack, user, owned).await
    } else {
        Ok(())
    };
    with_room(&attack, owned.room, |room| async move {
        stream::iter(0..room.size())
            .for_each_concurrent(AT_ONCE, |member| room.leaves(member, Farewell::Closing))
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
    let keys = history(attack, user, owned).await?;
    with_room(attack, owned.room, move |room| async move {
        room.compare_with_history(&|key| keys.contains(&key));
    })
    .await
}

/// This run's messages in the room's history.
pub(super) async fn history(
    attack: &Attack,
    user: &mut GooseUser,
    owned: Owned,
) -> Result<HashSet<Key>, Box<TransactionError>> {
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
    let keys = messages
        .iter()
        .filter_map(|message| Stamp::find(message.get("content")?.as_str()?))
        .filter(|stamp| stamp.run == attack.run && stamp.room == owned.room)
        .map(|stamp| stamp.key);
    Ok(keys.collect())
}

pub(super) async fn creates_chat(
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

pub(super) async fn deletes_chat(
    attack: &Attack,
    user: &mut GooseUser,
    owned: Owned,
) -> TransactionResult {
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

/// A request of the room's owner.
pub(super) async fn asks(
    attack: &Attack,
    user: &mut GooseUser,
    room: u32,
    name: &'static str,
    path: &str,
    body: Option<&Value>,
    expects: StatusCode,
) -> Result<Value, Box<TransactionError>> {
    let plan = &attack.plan;
    let account: &Account = plan.members_of(room).next().ok_or("nobody takes part")?;
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

pub(super) async fn with_room<F, Fut>(attack: &Attack, number: u32, act: F) -> TransactionResult
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

pub(super) async fn runs<T, F, Fut>(
    attack: &Attack,
    room: u32,
    job: F,
) -> Result<T, Box<TransactionError>>
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
const LINGER: Duration = Duration::from_millis(100);
