//! A room talks, and its owner does something else beside it.

use std::{sync::Arc, time::Duration};

use goose::goose::{GooseUser, TransactionResult};
use tokio::time::{Instant, sleep, sleep_until};

use super::{Beside, Owned};
use crate::{
    attack::Attack,
    measurement::Pace,
    scenario::thread::{runs, with_room},
};

/// The room talks until the end of the measured time. Beside it, in each slice of it, the user does something else.
/// Where rooms come and go by a test plan, this is one slice: Goose ends a user only between two transactions.
pub(super) async fn talks(
    attack: Arc<Attack>,
    user: &mut GooseUser,
    beside: Beside,
) -> TransactionResult {
    let attack = attack.as_ref();
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

/// Tells Goose of the messages that their senders have heard.
pub(super) async fn counts_echoes(
    attack: &Attack,
    user: &mut GooseUser,
    room: u32,
) -> TransactionResult {
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

const SLICE: Duration = Duration::from_millis(250);
