//! A room is opened: its chat by REST, its connections on its thread.

use std::{rc::Rc, sync::Arc};

use futures_util::{StreamExt, stream};
use goose::goose::{GooseUser, TransactionResult};
use tokio_util::sync::CancellationToken;

use super::{AT_ONCE, Owned};
use crate::{
    attack::Attack,
    clock::micros,
    event_loop::Here,
    room::{Member, Room, RoomPlan},
    scenario::{
        requests::creates_chat,
        thread::{runs, waits_for_turn},
    },
};

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
    let (chat, refusal) = match creates_chat(attack, user, number).await {
        Ok(chat) => (Some(chat), None),
        Err(error) => (None, Some(error)),
    };
    // From here on there is something to tidy up, whatever becomes of the connections.
    user.set_session_data(Owned::new(number, chat, attack.clock.now()));
    let plan = room_plan(attack, number, chat.unwrap_or_default());
    let stop = attack.stop.clone();
    let connected = runs(attack, number, move |here| async move {
        let room = Room::new(plan, &here);
        if chat.is_none() {
            room.stays_closed();
            return 0;
        }
        connects_all(&here, &room, &stop).await
    })
    .await?;
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
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
        patience: micros(plan.patience),
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
