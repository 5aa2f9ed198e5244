//! Chats and messages as the contract shows them, however many.

use serde::{Serialize, Serializer};

use crate::rest::refusal::Refusal;
use crate::rest::reply::Reply;
use crate::store::{Chat, Message, User};
use crate::timestamp::Timestamp;

/// The contract's `Message`.
#[derive(Serialize)]
pub(crate) struct MessageShape<'a> {
    id: i64,
    chat: i64,
    sender: &'a User,
    content: &'a str,
    #[serde(serialize_with = "in_text")]
    timestamp: Timestamp,
}

/// The contract's `Chat`.
#[derive(Serialize)]
pub(crate) struct ChatShape<'a> {
    id: i64,
    name: &'a str,
    participants: Vec<&'a User>,
    messages: Vec<MessageShape<'a>>,
    #[serde(serialize_with = "in_text")]
    created_at: Timestamp,
}

impl<'a> From<&'a Message> for MessageShape<'a> {
    fn from(message: &'a Message) -> Self {
        let Message {
            id,
            chat,
            ref sender,
            ref content,
            timestamp,
        } = *message;
        Self {
            id,
            chat,
            sender,
            content,
            timestamp,
        }
    }
}

impl<'a> From<&'a Chat> for ChatShape<'a> {
    fn from(chat: &'a Chat) -> Self {
        Self {
            id: chat.id,
            name: &chat.name,
            participants: chat.participants.iter().map(AsRef::as_ref).collect(),
            messages: chat.messages.iter().map(MessageShape::from).collect(),
            created_at: chat.created_at,
        }
    }
}

fn in_text<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(moment)
}

/// Makes an answer that shows so many messages: long ones off the async threads.
pub(crate) async fn in_background(
    messages: usize,
    render: impl FnOnce() -> Reply + Send + 'static,
) -> Result<Reply, Refusal> {
    if messages <= MANY {
        return Ok(render());
    }
    tokio::task::spawn_blocking(render)
        .await
        .map_err(|_| Refusal::Unavailable)
}

/// From here on, writing the messages takes longer than an async thread should be held.
const MANY: usize = 500;
