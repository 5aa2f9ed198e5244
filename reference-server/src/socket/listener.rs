//! What becomes of the frames of a connection: they are said in a chat, or go back.

use std::sync::Arc;

use bytes::Bytes;
use tungstenite::Utf8Bytes;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use super::close_code::CloseCode;
use super::connection::Connection;
use super::pump::Listener;
use crate::group_commit::{GroupCommit, Said};
use crate::rooms::{error_frame, frame};
use crate::store::NewMessage;
use crate::validate::frame_content;

/// What the frames of a chat connection do.
pub(super) struct Speaker {
    pub(super) commits: Arc<GroupCommit>,
}

impl Listener for Speaker {
    fn text(&mut self, connection: &Arc<Connection>, text: Utf8Bytes) {
        match frame_content(&text) {
            Ok(content) => {
                let permit = connection.admit(content.len());
                let message = NewMessage {
                    chat: connection.admission.chat,
                    sender: connection.user(),
                    content,
                };
                self.commits.say(Said {
                    message,
                    connection: Arc::clone(connection),
                    permit,
                });
            }
            Err(error) => {
                connection.send(&error_frame(&error.to_string()));
            }
        }
    }

    fn binary(&mut self, connection: &Arc<Connection>, _bytes: Bytes) {
        connection.close(CloseCode::Unsupported);
    }

    fn holds_back(&self, connection: &Arc<Connection>) -> bool {
        self.commits.holds_back(connection)
    }
}

/// What the frames of an echo connection do.
pub(super) struct Echo;

impl Listener for Echo {
    fn text(&mut self, connection: &Arc<Connection>, text: Utf8Bytes) {
        connection.send(&frame(OpCode::Data(Data::Text), text.as_bytes()));
    }

    fn binary(&mut self, connection: &Arc<Connection>, bytes: Bytes) {
        connection.send(&frame(OpCode::Data(Data::Binary), &bytes));
    }

    fn holds_back(&self, _connection: &Arc<Connection>) -> bool {
        false
    }
}
