//! The guide's usage: accounts, lists and history by REST, talk by WebSocket.

use std::time::Duration;

use futures_util::FutureExt;
use goose::goose::{GooseUser, TransactionResult};
use http::StatusCode;

use super::{
    Defaults, Kind,
    owned::{self, Owned},
    requests::{asks, history},
};
use crate::attack::Attack;

/// The guide's usage.
pub(super) const MIXED: Kind = Kind {
    name: "mixed",
    defaults: Defaults::TALK,
    has_sockets: true,
    scenario: |attack| {
        owned::scenario(attack, "mixed", |attack, user, room| {
            looks_around(attack, user, room).boxed()
        })
    },
};

/// The room's owner looks at the list of chats, and into the room's history.
async fn looks_around(attack: &Attack, user: &mut GooseUser, owned: Owned) -> TransactionResult {
    asks(
        attack,
        user,
        owned.room,
        "GET /api/chats/",
        "/api/chats/",
        None,
        StatusCode::OK,
    )
    .await?;
    if owned.chat.is_some() {
        history(attack, user, owned).await?;
    }
    tokio::select! {
        () = tokio::time::sleep(PAUSE) => {}
        () = attack.is_over() => {}
    }
    Ok(())
}

/// People look around every few seconds.
const PAUSE: Duration = Duration::from_secs(3);
