//! What a server shows, and what the model would, in the same words.

use serde_json::{Value, json};

use super::Stage;
use crate::{check::Failure, expect::expect, model::View, shape::core_of};

impl Stage<'_> {
    /// Those of a list that belong to the plan: the shared people have other chats besides.
    pub(super) fn of_the_plan(&self, list: &Value, field: &str) -> Vec<Value> {
        let is_own = |item: &&Value| self.chats.values().any(|chat| item[field] == chat.id);
        list.as_array()
            .into_iter()
            .flatten()
            .filter(is_own)
            .cloned()
            .collect()
    }

    pub(super) fn views(&self, chats: &[Value]) -> Value {
        let mut views: Vec<_> = chats
            .iter()
            .map(|chat| {
                let list = |field: &str| chat[field].as_array().into_iter().flatten();
                let mut people: Vec<_> = list("participants")
                    .map(|user| user["id"].as_u64())
                    .collect();
                people.sort_unstable();
                let messages: Vec<_> = list("messages").map(core_of).collect();
                json!([chat["id"], chat["name"], people, messages])
            })
            .collect();
        views.sort_unstable_by_key(|view| view[0].as_u64());
        views.into()
    }

    pub(super) fn expected_views(&self, views: &[View]) -> Value {
        let mut views: Vec<_> = views
            .iter()
            .map(|view| {
                let id = self.chats.get(&view.chat).map(|chat| chat.id);
                let people = view
                    .participants
                    .iter()
                    .filter_map(|who| self.people.get(who));
                let mut people: Vec<_> = people.map(|person| person.id).collect();
                people.sort_unstable();
                json!([
                    id,
                    view.name,
                    people,
                    self.expected_messages(&view.messages)
                ])
            })
            .collect();
        views.sort_unstable_by_key(|view| view[0].as_u64());
        views.into()
    }

    /// Oldest first, which is in the order of their times: between processes clocks may differ.
    pub(super) fn expected_messages(&self, numbers: &[usize]) -> Value {
        let known = numbers
            .iter()
            .filter_map(|number| self.messages.get(*number));
        let mut messages: Vec<_> = known.cloned().collect();
        messages.sort_by_key(|message| {
            let time = message[4].as_str().unwrap_or_default();
            time.trim_end_matches('Z').to_owned()
        });
        messages.into()
    }

    #[expect(clippy::needless_pass_by_value, reason = "both are made for this")]
    pub(super) fn same(&self, actual: Value, expected: Value, what: &str) -> Result<(), Failure> {
        expect(actual == expected, what, &expected, &actual)
    }
}
