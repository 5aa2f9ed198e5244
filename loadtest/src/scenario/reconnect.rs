//! Waves of people dropping and coming back, catching up by the history.

use std::time::Duration;

use futures_util::FutureExt;
use goose::goose::{GooseUser, TransactionResult};

use super::{
    Defaults, Kind,
    owned::{self, Owned},
    requests::history,
    thread::{runs, waits_for_turn, with_room},
};
use crate::{attack::Attack, clock::micros, metric::Metric, room::Farewell};

/// Waves of people dropping and coming back.
pub(super) const RECONNECT: Kind = Kind {
    name: "reconnect",
    defaults: Defaults::TALK,
    has_sockets: true,
    scenario: |attack| {
        owned::scenario(attack, "reconnect", |attack, user, room| {
            a_wave(attack, user, room).boxed()
        })
    },
};

/// Every fifth member drops, half of them without a word, and comes back: connects, then reads what it missed.
async fn a_wave(attack: &Attack, user: &mut GooseUser, owned: Owned) -> TransactionResult {
    let members = owned.chat.map_or(0, |_| attack.plan.load.members);
    // Others in each wave.
    let wave = u32::try_from(attack.clock.now() / micros(PAUSE)).unwrap_or_default();
    let leaving: Vec<u32> = (0..members)
        .filter(|member| member % SHARE == wave % SHARE)
        .collect();
    for member in leaving {
        let farewell = if member.is_multiple_of(2) {
            Farewell::Closing
        } else {
            Farewell::Dropping
        };
        let began = runs(attack, owned.room, move |here| async move {
            let room = here.rooms.borrow().get(&owned.room).cloned()?;
            room.leaves(member, farewell).await;
            let began = here.clock.now();
            waits_for_turn(&here, room.plan().connect_interval).await;
            room.connects(member)
                .await
                .then(|| (began, room.missed_by(member)))
        })
        .await?;
        let Some((began, missed)) = began else {
            continue;
        };
        let keys = history(attack, user, owned).await?;
        with_room(attack, owned.room, move |room| async move {
            room.has_caught_up(&missed, &|key| keys.contains(&key));
            let took = room.here().clock.now().saturating_sub(began);
            room.here()
                .recorder
                .borrow_mut()
                .record(Metric::CatchUp, took);
        })
        .await?;
    }
    tokio::select! {
        () = tokio::time::sleep(PAUSE) => {}
        () = attack.is_over() => {}
    }
    Ok(())
}

const SHARE: u32 = 5;
const PAUSE: Duration = Duration::from_secs(2);
