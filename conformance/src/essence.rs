//! What the contract names of a User, a Message, a Chat, without whatever else an answer holds: for
//! comparisons at level `required`, where extra fields are allowed.

use serde_json::{Map, Value};

/// A User's four fields.
pub(crate) fn of_user(user: &Value) -> Value {
    picked(user, &USER)
}

/// A Message's five fields, the sender's four among them.
pub(crate) fn of_message(message: &Value) -> Value {
    with(picked(message, &MESSAGE), "sender", of_user)
}

/// The Messages of a list.
pub(crate) fn of_messages(messages: &[Value]) -> Vec<Value> {
    messages.iter().map(of_message).collect()
}

/// A Chat's five fields, its participants and messages likewise; the participants by id, for that they come
/// in this order is a clause of its own.
pub(crate) fn of_chat(chat: &Value) -> Value {
    let chat = with(picked(chat, &CHAT), "participants", |users| {
        let mut users = each(users, of_user);
        if let Some(users) = users.as_array_mut() {
            users.sort_by_key(|user| user["id"].as_u64());
        }
        users
    });
    with(chat, "messages", |messages| each(messages, of_message))
}

/// The ids of a list of Users, Messages or Chats, in its order; `None` stands for an entry without one.
pub(crate) fn ids(entries: &[Value]) -> Vec<Option<u64>> {
    entries.iter().map(|entry| entry["id"].as_u64()).collect()
}

/// The participants' ids of a Chat, in its order.
pub(crate) fn participants(chat: &Value) -> Vec<Option<u64>> {
    ids(chat["participants"].as_array().map_or(&[], Vec::as_slice))
}

fn picked(value: &Value, keys: &[&str]) -> Value {
    let Value::Object(fields) = value else {
        return value.clone();
    };
    let kept: Map<_, _> = fields
        .iter()
        .filter(|(key, _)| keys.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    kept.into()
}

fn with(mut value: Value, key: &str, change: impl Fn(&Value) -> Value) -> Value {
    if let Some(field) = value.get_mut(key) {
        *field = change(field);
    }
    value
}

fn each(list: &Value, change: impl Fn(&Value) -> Value) -> Value {
    match list {
        Value::Array(entries) => entries.iter().map(change).collect(),
        other => other.clone(),
    }
}

/// A User's fields.
pub(crate) const USER: [&str; 4] = ["id", "username", "email", "user_type"];
/// A Message's fields.
pub(crate) const MESSAGE: [&str; 5] = ["id", "chat", "sender", "content", "timestamp"];
/// A Chat's fields.
pub(crate) const CHAT: [&str; 5] = ["id", "name", "participants", "messages", "created_at"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn extra_fields_and_the_order_of_participants_are_no_part_of_a_chat() {
        let lean =
            json!({"id": 1, "participants": [{"id": 2}, {"id": 3}], "messages": [{"id": 4}]});
        let rich = json!({
            "id": 1, "extra": 0,
            "participants": [{"id": 3, "extra": 0}, {"id": 2}],
            "messages": [{"id": 4, "extra": 0}],
        });
        assert_eq!(of_chat(&rich), of_chat(&lean));
        assert_eq!(participants(&rich), [Some(3), Some(2)]);
    }
}
