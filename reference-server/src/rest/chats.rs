//! Chats, and speaking in them (CHAT-*, SEND-*, HIST-1).

use http::StatusCode;

use crate::rest::Call;
use crate::rest::refusal::Refusal;
use crate::rest::reply::Reply;
use crate::rest::shapes::{ChatShape, MessageShape, in_background};
use crate::store::UnknownParticipant;
use crate::validate::{self, FieldErrors};

/// `GET /api/chats/`.
pub(super) async fn list(call: &Call<'_>) -> Result<Reply, Refusal> {
    let chats = call.app.store.chats_of(call.user()?.id).await?;
    let messages = chats.iter().map(|chat| chat.messages.len()).sum();
    in_background(messages, move || {
        let shapes: Vec<_> = chats.iter().map(ChatShape::from).collect();
        Reply::json(StatusCode::OK, &shapes)
    })
    .await
}

/// `POST /api/chats/`. All of it or nothing (CHAT-8).
pub(super) async fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let creator = call.user()?.id;
    let new = validate::new_chat(call.data().await?)?;
    let ids = new
        .participant_ids
        .iter()
        .map(|id| id.as_i64().unwrap_or(NOBODY))
        .collect();
    match call.app.store.create_chat(new.name, creator, ids).await? {
        Ok(chat) => Ok(Reply::json(StatusCode::CREATED, &ChatShape::from(&chat))),
        Err(UnknownParticipant(unknown)) => {
            let mut sent = new.participant_ids.into_iter();
            let unknown = sent.find(|id| id.as_i64().unwrap_or(NOBODY) == unknown);
            Err(unknown
                .map(FieldErrors::unknown_participant)
                .unwrap_or_default()
                .into())
        }
    }
}

/// `GET /api/chats/{id}/`.
pub(super) async fn retrieve(call: &Call<'_>) -> Result<Reply, Refusal> {
    let chat = call
        .app
        .store
        .chat(call.id(CHAT)?, call.user()?.id)
        .await?
        .ok_or(UNKNOWN)?;
    in_background(chat.messages.len(), move || {
        Reply::json(StatusCode::OK, &ChatShape::from(&chat))
    })
    .await
}

/// `PUT` and (`partial`) `PATCH /api/chats/{id}/`: the name alone changes (CHAT-6).
pub(super) async fn update(call: &mut Call<'_>, partial: bool) -> Result<Reply, Refusal> {
    let (id, user) = participation(call).await?;
    let Some(name) = validate::renamed_chat(call.data().await?, partial)? else {
        return retrieve(call).await;
    };
    let chat = call
        .app
        .store
        .rename_chat(id, user, name)
        .await?
        .ok_or(UNKNOWN)?;
    in_background(chat.messages.len(), move || {
        Reply::json(StatusCode::OK, &ChatShape::from(&chat))
    })
    .await
}

/// `DELETE /api/chats/{id}/`.
pub(super) async fn destroy(call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = call.id(CHAT)?;
    if !call.app.delete_chat(id, call.user()?.id).await? {
        return Err(UNKNOWN);
    }
    Ok(Reply::no_content())
}

/// `GET /api/chats/{id}/messages/`.
pub(super) async fn messages(call: &Call<'_>) -> Result<Reply, Refusal> {
    let store = &call.app.store;
    let messages = store
        .messages_of_chat(call.id(CHAT)?, call.user()?.id)
        .await?
        .ok_or(UNKNOWN)?;
    in_background(messages.len(), move || {
        let shapes: Vec<_> = messages.iter().map(MessageShape::from).collect();
        Reply::json(StatusCode::OK, &shapes)
    })
    .await
}

/// `POST /api/chats/{id}/send_message/`. Stored, and not sent to anyone (SEND-8).
pub(super) async fn send(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (id, _) = participation(call).await?;
    let content = validate::message(call.data().await?)?;
    let sender = call.user()?.clone();
    let message = call
        .app
        .store
        .append(id, sender, content)
        .await?
        .map_err(|_| UNKNOWN)?;
    call.app.metrics.messages_stored.inc();
    Ok(Reply::json(
        StatusCode::CREATED,
        &MessageShape::from(&message),
    ))
}

/// The chat's id and the caller's, if the caller takes part: DRF seeks the chat before it looks at the body.
async fn participation(call: &Call<'_>) -> Result<(i64, i64), Refusal> {
    let (id, user) = (call.id(CHAT)?, call.user()?.id);
    let takes_part = call.app.store.is_participant(id, user).await?;
    takes_part.then_some((id, user)).ok_or(UNKNOWN)
}

const CHAT: &str = "Chat";
const UNKNOWN: Refusal = Refusal::NoMatch(CHAT);
/// Stands for ids beyond 64 bits: no user has it.
const NOBODY: i64 = i64::MIN;
