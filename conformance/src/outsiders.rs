//! Who takes no part in a chat: users of every type for a chat of one, and somebody for a chat of three.

use chat_fixtures::people::{Chat, Person};

use crate::{check::Failure, context::Context};

/// A chat, and some who are not in it.
#[derive(Debug)]
pub(crate) struct Closed {
    /// Who made it.
    pub(crate) insider: Person,
    /// The chat.
    pub(crate) chat: Chat,
    /// Users with a session who take no part in it.
    pub(crate) outsiders: Vec<Person>,
}

/// A chat of one person, for which three are outsiders, one of each type of user; and a chat of three, for which the
/// fourth is one: whether somebody takes part is no matter of type or number.
///
/// # Errors
/// [`Failure::Untestable`] when there are fewer people, or no chat is made.
pub(crate) async fn closed_chats(cx: &Context) -> Result<[Closed; 2], Failure> {
    let [alice, bob, carol, dave] = cx.people().await?;
    let own = cx.chat_of(&[&alice]).await?;
    let shared = cx.chat_of(&[&alice, &bob, &carol]).await?;
    Ok([
        Closed {
            insider: alice.clone(),
            chat: own,
            outsiders: vec![bob, carol, dave.clone()],
        },
        Closed {
            insider: alice,
            chat: shared,
            outsiders: vec![dave],
        },
    ])
}
