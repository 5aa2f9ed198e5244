//! Whole bodies of requests, their fields drawn at random.

use proptest::{
    prelude::{Just, Strategy},
    prop_oneof,
    strategy::BoxedStrategy,
};
use serde_json::Value;

use super::{
    any as anything,
    fields::{self, Field},
};

/// A registration's fields, in the order of the contract.
#[derive(Debug, Clone)]
pub struct Form(pub Vec<(&'static str, Field)>);

/// A registration that is refused: a good one takes a password's hash, and is in every story.
pub fn registration() -> BoxedStrategy<Form> {
    let fields = (
        fields::username(),
        fields::email(),
        fields::password(),
        fields::password(),
        fields::user_type(),
    );
    fields
        .prop_map(|(username, email, password, confirm, user_type)| {
            let mut form = vec![
                ("username", username),
                ("email", email),
                ("password", password),
                ("password_confirm", confirm),
                ("user_type", user_type),
            ];
            if form.iter().all(|(_, field)| field.is_good) {
                form.pop();
                form.push(("user_type", Field::bad("queen".into())));
            }
            Form(form)
        })
        .boxed()
}

/// What may be sent where a chat is made or changed; [`fields::SOMEBODY`] stands for somebody's id.
pub fn chat() -> BoxedStrategy<Value> {
    let name = prop_oneof![
        4 => anything::text().prop_map(Value::from),
        3 => anything::json(),
    ];
    let name = prop_oneof![8 => name.prop_map(Some), 1 => Just(None)];
    let fields = (anything::object(), name, fields::participants());
    let object = fields.prop_map(|(mut object, name, ids)| {
        for (key, value) in [("name", name), ("participant_ids", ids)] {
            object.remove(key);
            if let Some(value) = value {
                object.insert(key.to_owned(), value);
            }
        }
        Value::Object(object)
    });
    let other = anything::json().prop_filter("no object", |json| !json.is_object());
    prop_oneof![10 => object, 1 => other].boxed()
}

/// What may be sent as a message.
pub fn message() -> BoxedStrategy<Value> {
    let object = (anything::object(), anything::json()).prop_map(|(mut object, content)| {
        object.insert("content".to_owned(), content);
        Value::Object(object)
    });
    prop_oneof![
        5 => object,
        1 => anything::object().prop_map(Value::Object),
        1 => anything::json(),
    ]
    .boxed()
}
