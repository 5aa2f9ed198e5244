//! What a room's owner asks by REST.

use std::collections::HashSet;

use goose::goose::{GooseUser, TransactionError, TransactionResult};
use http::StatusCode;
use serde_json::{Value, json};

use super::owned::Owned;
use crate::{
    account::Account,
    attack::Attack,
    content::{Key, Stamp},
    rest::Ask,
};

/// The request that opens a room, as reports name it.
pub(crate) const OPENS_A_ROOM: &str = "POST /api/chats/";

/// This run's messages in the room's history.
pub(super) async fn history(
    attack: &Attack,
    user: &mut GooseUser,
    owned: Owned,
) -> Result<HashSet<Key>, Box<TransactionError>> {
    let path = format!("/api/chats/{}/messages/", of(owned)?);
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
        "name": format!("load {} room {number}", attack.run),
        "participant_ids": ids,
    });
    let chat = asks(
        attack,
        user,
        number,
        OPENS_A_ROOM,
        "/api/chats/",
        Some(&body),
        StatusCode::CREATED,
    )
    .await?;
    let id = chat.get("id").and_then(Value::as_u64);
    let id = id.ok_or_else(|| format!("{OPENS_A_ROOM} was answered without an id"))?;
    attack.is_opened();
    Ok(id)
}

pub(super) async fn deletes_chat(
    attack: &Attack,
    user: &mut GooseUser,
    owned: Owned,
) -> TransactionResult {
    let Some(chat) = owned.chat else {
        return Ok(());
    };
    let path = format!("/api/chats/{chat}/");
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

pub(super) fn of(owned: Owned) -> Result<u64, &'static str> {
    owned.chat.ok_or("the room could not be opened")
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
