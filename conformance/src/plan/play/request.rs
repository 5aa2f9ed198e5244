//! The request of a step.

use chat_fixtures::client::Ask;
use serde_json::{Value, json};

use super::{Move, Stage, Step};
use crate::check::Failure;

impl Stage<'_> {
    /// The request of a step.
    pub(super) fn ask(&self, step: &Move) -> Result<Ask, Failure> {
        let id = |chat: &u32| self.chats.get(chat).map_or(0, |chat| chat.id);
        let person = self.person(step)?;
        let (method, path, body) = match &step.does {
            Step::Register => {
                let (name, password) = (&person.username, &person.password);
                let body = json!({
                    "username": name,
                    "email": format!("{name}@example.com"),
                    "password": password,
                    "password_confirm": password,
                });
                ("POST", "/api/register/".to_owned(), body)
            }
            Step::Login => {
                let body = json!({"username": person.username, "password": person.password});
                ("POST", "/api/login/".to_owned(), body)
            }
            Step::Logout => ("POST", "/api/logout/".to_owned(), json!({})),
            Step::Me => ("GET", "/api/me/".to_owned(), Value::Null),
            Step::Chats => ("GET", "/api/chats/".to_owned(), Value::Null),
            Step::Messages => ("GET", "/api/messages/".to_owned(), Value::Null),
            Step::Create { name, with, .. } => {
                let ids = with.iter().filter_map(|who| self.people.get(who));
                let ids: Vec<_> = ids.map(|person| person.id).collect();
                let body = json!({"name": name, "participant_ids": ids});
                ("POST", "/api/chats/".to_owned(), body)
            }
            Step::Rename { chat, name } => (
                "PATCH",
                format!("/api/chats/{}/", id(chat)),
                json!({"name": name}),
            ),
            Step::Delete { chat } => ("DELETE", format!("/api/chats/{}/", id(chat)), Value::Null),
            Step::Look { chat } => ("GET", format!("/api/chats/{}/", id(chat)), Value::Null),
            Step::History { chat } => (
                "GET",
                format!("/api/chats/{}/messages/", id(chat)),
                Value::Null,
            ),
            Step::Post { chat, content } => {
                let path = format!("/api/chats/{}/send_message/", id(chat));
                ("POST", path, json!({"content": content}))
            }
            Step::Connect { .. } | Step::Say { .. } | Step::Disconnect { .. } => {
                return Err(Failure::Broken(
                    "a connection's step is no request".to_owned(),
                ));
            }
        };
        let ask = Ask::new(method, &path);
        Ok(if body.is_null() { ask } else { ask.json(&body) })
    }
}
