//! The messages of all the caller's chats, to be read only (HIST-3, HIST-4).

use http::StatusCode;

use crate::rest::Call;
use crate::rest::refusal::Refusal;
use crate::rest::reply::Reply;
use crate::rest::shapes::{MessageShape, in_background};

/// `GET /api/messages/`.
pub(super) async fn list(call: &Call<'_>) -> Result<Reply, Refusal> {
    let messages = call.app.store.messages_of(call.user()?.id).await?;
    in_background(messages.len(), move || {
        let shapes: Vec<_> = messages.iter().map(MessageShape::from).collect();
        Reply::json(StatusCode::OK, &shapes)
    })
    .await
}

/// `GET /api/messages/{id}/`.
pub(super) async fn retrieve(call: &Call<'_>) -> Result<Reply, Refusal> {
    let found = call
        .app
        .store
        .message(call.id(MESSAGE)?, call.user()?.id)
        .await?;
    let message = found.ok_or(Refusal::NoMatch(MESSAGE))?;
    Ok(Reply::json(StatusCode::OK, &MessageShape::from(&message)))
}

const MESSAGE: &str = "Message";
