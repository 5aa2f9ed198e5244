//! The guide's usage: accounts, lists and history by REST, talk by WebSocket.

use std::time::Duration;

use goose::goose::{GooseUser, TransactionResult};
use http::StatusCode;

use super::{
    Defaults, Kind,
    owned::{self, Owned},
};
use crate::attack::Attack;

/// The guide's usage.
pub(super) const MIXED: Kind = Kind {
    name: "mixed",
    about: "lists and history by REST, talk by WebSocket, as the guide has it",
    defaults: Defaults {
        rooms: 20,
        members: 10,
        senders: None,
        rate: Some(100.0),
    },
    has_sockets: true,
    scenario: |attack| {
        owned::scenario(attack, "mixed", |attack, user| {
            Box::pin(async move {
                owned::talks(&attack, user, |attack, user, room| {
                    Box::pin(looks_around(attack, user, room))
                })
                .await
            })
        })
    },
};

/// The room's owner looks at the list of chats, and into the room's history.
async fn looks_around(attack: &Attack, user: &mut GooseUser, owned: Owned) -> TransactionResult {
    owned::asks(
        attack,
        user,
        owned.room,
        "GET /api/chats/",
        "/api/chats/",
        None,
        StatusCode::OK,
    )
    .await?;
    owned::history(attack, user, owned).await?;
    tokio::select! {
        () = tokio::time::sleep(PAUSE) => {}
        () = attack.is_over() => {}
    }
    Ok(())
}

/// People look around every few seconds.
const PAUSE: Duration = Duration::from_secs(3);
