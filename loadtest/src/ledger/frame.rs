//! A text frame, read without trusting it.

use serde_json::Value;

use crate::content::Stamp;

/// What a frame says, as far as it is understood.
#[derive(Debug)]
pub(super) struct Frame(Value);

impl Frame {
    /// Reads it; what is no JSON is a frame that says nothing.
    pub(super) fn read(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    /// The stamp of the message it brings.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        Stamp::find(self.content()?)
    }

    /// Whether it is an error frame (WS-5 to WS-7).
    pub(super) fn is_error(&self) -> bool {
        self.0.get("type").is_some_and(|kind| kind == "error")
    }

    /// Whether its content is exactly this.
    pub(super) fn says(&self, content: &str) -> bool {
        self.content() == Some(content)
    }

    /// Whether its sender has this name.
    pub(super) fn is_from(&self, name: &str) -> bool {
        self.0
            .pointer("/message/sender/username")
            .is_some_and(|username| username == name)
    }

    fn content(&self) -> Option<&str> {
        if self.0.get("type")? != "message" {
            return None;
        }
        self.0.pointer("/message/content")?.as_str()
    }
}
