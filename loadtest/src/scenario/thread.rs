//! From a user of Goose to the thread on which its room lives.

use std::rc::Rc;

use goose::goose::{TransactionError, TransactionResult};
use tokio::time::sleep_until;

use crate::{attack::Attack, event_loop::Here, room::Room};

/// Does something with a room; nothing when it is gone.
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

/// Runs a job on the room's thread, and waits for what it says.
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

/// Waits until this thread may open the next connection.
pub(super) async fn waits_for_turn(here: &Here, interval: u64) {
    let turn = here.next_connect.get().max(here.clock.now());
    here.next_connect.set(turn + interval);
    sleep_until(here.clock.instant(turn).into()).await;
}
