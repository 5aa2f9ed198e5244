//! A chat as a participant sees it, before and after somebody tried what they may not.

use chat_fixtures::{
    client::ClientError,
    people::{Chat, Person},
};
use serde_json::Value;

use crate::{
    check::{Failure, Verdict},
    context::Context,
    expect::{expect, shown},
    registration::accepted,
};

/// Who looks, at what, and what there was.
#[derive(Debug)]
pub(crate) struct Untouched<'a> {
    witness: &'a Person,
    paths: [String; 2],
    before: [Value; 2],
}

impl<'a> Untouched<'a> {
    /// Looks at the chat and its history as `witness` sees them.
    ///
    /// # Errors
    /// [`Failure::Untestable`] when that is refused.
    pub(crate) async fn begin(
        cx: &Context,
        witness: &'a Person,
        chat: &Chat,
    ) -> Result<Self, Failure> {
        let paths = [
            format!("/api/chats/{}/", chat.id),
            format!("/api/chats/{}/messages/", chat.id),
        ];
        let mut before = [Value::Null, Value::Null];
        for (path, seen) in paths.iter().zip(&mut before) {
            *seen = cx.given("look at the chat", read(witness, path)).await?;
        }
        Ok(Self {
            witness,
            paths,
            before,
        })
    }

    /// That both are as they were: name, participants, messages.
    ///
    /// # Errors
    /// A violation that shows what there is now.
    pub(crate) async fn is_so_still(&self, after: &str) -> Verdict {
        for (path, before) in self.paths.iter().zip(&self.before) {
            let answer = self.witness.client.get(path).await?;
            let same = accepted(&answer) && answer.json().is_ok_and(|now| now == *before);
            expect(
                same,
                format!("{path} after {after}"),
                format!("as before: {before}"),
                shown(&answer),
            )?;
        }
        Ok(())
    }

    /// That the witness sees no chat of that name.
    ///
    /// # Errors
    /// A violation that shows it.
    pub(crate) async fn no_chat_is_called(&self, name: &str, after: &str) -> Verdict {
        let answer = self.witness.client.get("/api/chats/").await?;
        let chats = answer.json()?;
        let made = chats
            .as_array()
            .into_iter()
            .flatten()
            .find(|chat| chat.get("name").and_then(Value::as_str) == Some(name));
        expect(
            made.is_none(),
            format!("the chats after {after}"),
            "no new one",
            made.unwrap_or(&Value::Null),
        )
    }
}

async fn read(witness: &Person, path: &str) -> Result<Value, Failure> {
    let answer = witness.client.get(path).await?;
    if accepted(&answer) {
        return Ok(answer.json()?);
    }
    Err(ClientError::Unexpected {
        step: format!("{} reads {path}", witness.username),
        status: answer.status,
        body: answer.text().chars().take(300).collect(),
    }
    .into())
}
