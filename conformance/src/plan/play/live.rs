//! The steps of a plan that are about connections.

use std::time::Duration;

use chat_fixtures::{
    people::Connection,
    socket::{Handshake, Heard},
};
use serde_json::{Value, json};

use super::{Move, Stage};
use crate::{
    check::Failure,
    expect::expect,
    model::{Expected, Model},
    shape::core_of,
};

impl Stage<'_> {
    pub(super) async fn connects(
        &mut self,
        step: &Move,
        chat: u32,
        number: u32,
        expected: &Expected,
    ) -> Result<(), Failure> {
        let Some(chat) = self.chats.get(&chat) else {
            return Err(Failure::Broken("a chat that was never made".to_owned()));
        };
        let handshake = self.person(step)?.tries_to_connect(chat).await?;
        let status = handshake.status();
        if *expected == Expected::Refused {
            let Handshake::Open(mut socket) = handshake else {
                return Ok(());
            };
            // It may also be opened and closed at once.
            let heard = socket.next_within(CLOSED_AT_ONCE).await;
            let refused = matches!(heard, Heard::Closed(..));
            return expect(
                refused,
                "the handshake",
                "a refusal",
                format!("101, then {heard}"),
            );
        }
        expect(status == 101, "the handshake", 101, status)?;
        let opened = Connection::new(handshake.opened()?, chat.id, &step.who.to_string());
        self.connections.insert(number, opened);
        Ok(())
    }

    /// Somebody speaks, and every connection of the chat hears it next.
    pub(super) async fn says(
        &mut self,
        speaks: u32,
        content: &str,
        expected: &Expected,
        model: &Model,
    ) -> Result<(), Failure> {
        let Expected::Said(number, hear) = expected else {
            return Err(Failure::Broken("saying is never refused".to_owned()));
        };
        if let Some(connection) = self.connections.get_mut(&speaks) {
            let frame = json!({"content": content}).to_string();
            connection.socket.send_text(frame).await?;
        }
        // The speaker's own first: it tells the message's id.
        let others = hear.iter().filter(|one| **one != speaks);
        for one in std::iter::once(&speaks).chain(others) {
            let Some(connection) = self.connections.get_mut(one) else {
                continue;
            };
            let patience = self.patience.unwrap_or(PATIENCE);
            let heard = connection.socket.next_within(patience).await;
            let what = format!("the next frame of connection {one}");
            let event: Value = match &heard {
                Heard::Text(text) => serde_json::from_str(text).unwrap_or_default(),
                _ => Value::Null,
            };
            expect(
                event["type"] == "message",
                &what,
                format!("{content:?}"),
                &heard,
            )?;
            if self.messages.len() <= *number {
                self.learns(*number, &event["message"], model)?;
            }
            let expected = self.messages.get(*number).cloned().unwrap_or_default();
            self.same(core_of(&event["message"]), expected, &what)?;
        }
        Ok(())
    }
}

/// How long a frame may take while the suite itself keeps the deployment busy.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a connection that should not have opened may stay open.
const CLOSED_AT_ONCE: Duration = Duration::from_secs(5);
