//! A room is closed: what is under way is waited for, the history is asked, everybody leaves.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use goose::goose::{GooseUser, TransactionResult};
use tokio::time::sleep;

use super::{AT_ONCE, Owned, talk::counts_echoes};
use crate::{
    attack::Attack,
    room::Farewell,
    scenario::{
        requests::{deletes_chat, history},
        thread::with_room,
    },
};

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
    let compared = if owned.room < attack.plan.samples && owned.chat.is_some() {
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

const LINGER: Duration = Duration::from_millis(100);
