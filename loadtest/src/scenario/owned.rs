//! A room that a user of Goose owns: it opens the room, lets it talk, and closes it.

mod closing;
mod opening;
mod talk;

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt, ready};
use goose::goose::{GooseUser, Scenario, Transaction, TransactionFunction, TransactionResult};

use crate::attack::Attack;

/// A room that a user of Goose owns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owned {
    pub(super) room: u32,
    /// `None` of a room that could not be opened: what is due there is due all the same.
    pub(super) chat: Option<u64>,
    /// When it was opened, in µs since the run's beginning. What was due before was not due in it.
    pub(super) opened: u64,
    is_talking: bool,
}

impl Owned {
    pub(super) const fn new(room: u32, chat: Option<u64>, opened: u64) -> Self {
        Self {
            room,
            chat,
            opened,
            is_talking: false,
        }
    }
}

/// What a user does beside the talk of its room, again and again.
pub(super) type Beside =
    for<'r> fn(&'r Attack, &'r mut GooseUser, Owned) -> BoxFuture<'r, TransactionResult>;

/// Nothing beside the talk.
pub(super) fn nothing<'r>(
    _: &'r Attack,
    _: &'r mut GooseUser,
    _: Owned,
) -> BoxFuture<'r, TransactionResult> {
    ready(Ok(())).boxed()
}

/// The life of a user who owns a room, with something beside its talk.
pub(super) fn scenario(attack: &Arc<Attack>, name: &str, beside: Beside) -> Scenario {
    Scenario::new(name)
        .register_transaction(
            transaction(attack, |attack, user| opening::opens(attack, user).boxed())
                .set_name("open a room")
                .set_on_start(),
        )
        .register_transaction(
            transaction(attack, move |attack, user| {
                talk::talks(attack, user, beside).boxed()
            })
            .set_name("talk"),
        )
        .register_transaction(
            transaction(attack, |attack, user| closing::closes(attack, user).boxed())
                .set_name("close the room")
                .set_on_stop(),
        )
}

/// What a user does at one point of its life.
pub(super) fn transaction<F>(attack: &Arc<Attack>, act: F) -> Transaction
where
    F: for<'r> Fn(Arc<Attack>, &'r mut GooseUser) -> BoxFuture<'r, TransactionResult>,
    F: Send + Sync + 'static,
{
    let attack = Arc::clone(attack);
    let function: TransactionFunction = Arc::new(move |user| act(Arc::clone(&attack), user));
    Transaction::new(function)
}

/// So many members connect or leave at a time.
const AT_ONCE: usize = 64;
